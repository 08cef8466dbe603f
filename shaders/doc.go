// Package shaders prints step programs as GLSL 4.30 compute kernels.
//
// The fused kernel runs a slice of steps of one instance in one workgroup.
// Its neurons are dealt out to the invocations: element k of invocation w is
// neuron k*W + w. State lives in private arrays for the length of the slice;
// elements past the population's end begin with zeros and are computed and
// never stored, so that the hot loop has no branch.
//
// # Sums
//
// Every sum over neurons or synapses has one order, which depends on the
// number of elements alone: column r of eight is elements r, r+8, r+16, ...;
// each run of 16 of them (with the other columns a tile of 128 elements) is
// summed in sequence, then the runs' sums in sequence; the eight columns are
// added as a balanced tree. With eight invocations a column is what one
// invocation holds, so that the sum over a population costs one exchange.
//
// # What one step looks like
//
// The synaptic phase of step u (outputs of projections, and synapses that have
// state of their own) runs at the top of step u+1, or after the last step of
// the slice: it needs what the other invocations published in step u, and
// there the post neuron's state is at hand. So a step is one loop over the
// neurons and one exchange through shared memory.
package shaders
