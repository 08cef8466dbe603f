// Package gpu runs step programs on any device that speaks OpenGL 4.3.
//
// A Device is an OpenGL context; an Engine is one built program with the
// buffers of its instances, which live on the device from Build to Close. A
// run is cut into slices, one dispatch each: their length is bounded by the
// loop iterations a driver grants, by the memory of what a slice records, and
// by the time a driver lets a dispatch take.
package gpu
