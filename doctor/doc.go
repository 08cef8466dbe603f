// Package doctor tests a device: whether it computes what gpusim's kernels need,
// each test with a number and its limit, and what to do where one fails.
//
// The functions are tested as the generated kernels call them, through the same
// helpers (shaders.Function), against float64. What drivers may do to a program, and
// gpusim has to know of, is tested by kernels of its own: contracting and
// reordering of sums, flushing of denormals, barriers, loops that end early in
// silence. At last a small gamma network is run: with several numbers of
// invocations and lengths of slices, which must give the same bits, and against
// the spikes that the float64 engine had, which are stored in gamma.txt
// (go test ./doctor -update writes it).
//
// Races is apart: it runs networks with kernels that watch themselves for races
// between their invocations.
package doctor
