// Package network runs network files on a device: compile once, then Set, Run,
// Get and Reset as often as wanted.
//
// Compile lowers a file to a step program for the shapes that its parameters
// and inputs have, builds that on a Device and writes the starting values. What
// is set later goes to the device before the next run, and only what differs
// from what the device has; nothing is compiled unless the structure changes (a
// number becomes one a neuron, an input is added, another variable is
// recorded). Then the network says so through Options.Note and is rebuilt with
// its state kept.
//
// # Values
//
// Parameters, starting values and the values of inputs are evaluated on the
// host in float64, whatever the device computes in. An expression may read
// others, and a starting value also the quantities of its model as they are at
// the start; what reads a name that is Set follows it. Draws come from Philox
// 4x32-10: the key is the run's seed, the counter is the element, the step (0
// for starting values) and a hash of "object.variable#ordinal", so that they
// depend neither on the engine nor on the instance. uniform is in [a, b) with
// 53 random bits, normal is Box and Muller's.
//
// # Instances
//
// A network may be compiled as many instances, independent copies with their
// own parameters (SetInstances), state and spikes, that run side by side. Sweep
// runs the points of a file's sweep as instances of one network, or one after
// another on a network of one instance; the results are equal bit for bit.
//
// # Time
//
// Steps are counted from time 0 with integers. Run continues the clock, Reset
// takes it back to the start, and pieces of a run add up to the whole.
package network
