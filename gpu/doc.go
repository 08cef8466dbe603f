// Package gpu runs step programs on any device that speaks OpenGL 4.3.
//
// A program that uses gpusim calls Open and gives the Device to package network.
// No window and no display is needed. Where a machine has no OpenGL 4.3 the error
// is ErrNoContext, and cpuref.New() is the device to take. A Device may be used by
// several networks, on several goroutines: what they ask of it is done one after
// another. Close it after them.
//
// A Device is an OpenGL context; an Engine is one built program with the
// buffers of its instances, which live on the device from Build to Close. A
// run is cut into slices, one dispatch each: their length is bounded by the
// loop iterations a driver grants, by the memory of what a slice records, and
// by the time a driver lets a dispatch take.
package gpu
