// Package ir is the step program: what one step of a network does, as typed
// assignments over arrays. It holds no GLSL and no Go closures; package
// shaders prints it as GLSL and package cpuref evaluates it in float64.
//
// # Arrays
//
// Everything a step reads or writes is a Var: an array of Len elements for
// each instance of the network. An instance is one independent copy of the
// network with its own state.
//
// # Order of a step
//
// A back end runs one step as
//
//	for each population:  Inputs, Update, spike test, Reset, Spiked, records, inputs = 0
//	for each projection:  Update, then Events one after another
//	for each projection:  Outputs, added to the inputs of the target population
//	records of projections; delay lines take the values of this step
//
// Projections follow each other in file order, and everything reads what was
// last written: a projection sees what the events of one before it have added
// to a state. Where a presynaptic load reads what events or outputs write
// (Program.Feedback), a back end that runs neurons side by side has to wait for
// all of them in between.
//
// Statements run in sequence: a Load reads what the last Store wrote. All
// elements of a domain are independent of each other within one list of
// statements.
package ir
