// Package cpuref is the float64 engine: it evaluates a step program as package
// model/ir states it, in double precision and in the stated order, and is what
// the GPU is checked against.
//
// A program that uses gpusim gives New() to package network, in the place of
// gpu.Open's device where there is no OpenGL, or to have the results in float64.
//
// A program is compiled once, by Device.Build, to flat lists of vector
// operations. What is one value for all elements is computed once a slice or
// once a step; what has a value an element is computed in blocks of 256
// elements, statement after statement. Sums are added from the first to the
// last: over synapses in synapse order, over presynaptic neurons by index.
//
// The sources of an event are 0 where no spike arrives, so a block of synapses
// whose presynaptic neurons are all silent is left out of its sum: zeros change no
// bit of it. Delay lines are arrays of rows, of which each step writes one.
//
// Where there are more synapses than neurons, what the states and outputs of
// synapses need of a neuron alone is computed once for the neuron: the same
// operations of the same numbers, so the same bits.
//
// Instances are stepped one after another over a slice, several at a time where
// there are several processors. Nothing is shared between them, so an
// instance's results depend neither on the others nor on the number of threads,
// and a run in pieces equals the whole bit for bit.
//
// # Files
//
//	device.go     the device: Build
//	engine.go     the engine: its arrays, Write, Read, Save, Restore
//	plan.go       the length of slices; what a program takes
//	run.go        slices and threads
//	step.go       the step
//	exec.go       the vector operations
//	functions.go  operators and functions of one number
//	build.go      expressions to operations
//	parts.go      populations and projections to operations
//	sides.go      what synapses need of one neuron
//	arrive.go     which sums nothing arrives at
//	registers.go  unused operations out, registers given
package cpuref
