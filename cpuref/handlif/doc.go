// Package handlif is a network of leaky integrate-and-fire neurons written by
// hand in float64: with a reset, a refractory time, synapses that add to the
// membrane potential when a spike arrives (delta synapses), synapses whose
// current decays exponentially, and delays.
//
// It shares nothing with the compiler that turns network files into programs, nor
// with the engine that runs them, so that it can bear witness for or against what
// they make of events. Sums are plain loops over the synapses, and what is in
// flight is looked up in a list of all spikes since the start: there is no ring
// buffer, no group and no collapsed state.
//
// Without a clock of its own it counts refractory time in whole steps. With one it
// compares times, as BrainPy 0.3.5 did, and reproduces that program's runs, those
// in pieces included.
package handlif
