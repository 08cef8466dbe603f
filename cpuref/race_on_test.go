//go:build race

package cpuref

// raceDetector is whether the tests run under -race, which leaves out long
// ones.
const raceDetector = true
