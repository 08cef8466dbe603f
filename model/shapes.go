package model

import "gpusim/model/ir"

// Shapes says what the generated code depends on beside the file itself: the
// shape that each parameter and input has now. The network fills it in from
// the values it holds; a change in it is a change of structure.
type Shapes struct {
	// Params has the Dim of each parameter, "object.variable": ir.One,
	// ir.PerNeuron or ir.PerSynapse. A missing entry is ir.One.
	Params map[string]ir.Dim
	// Unequal has the synapse states ("projection.variable") whose values
	// differ, or may differ, among the synapses of one presynaptic neuron.
	Unequal map[string]bool
	// Inputs has the shape of each input of the file: ir.One, ir.PerNeuron,
	// ir.PerSample or ir.PerSampleNeuron, with the number of samples. Values for
	// the neurons of a group stand at their places among all of the population's;
	// the others are 0 and not used.
	Inputs []InputShape
	// PerSynapse asks for the plain form: state a synapse, sums a synapse.
	PerSynapse bool
}

// InputShape is the shape of an input's value.
type InputShape struct {
	Dim     ir.Dim
	Samples int // of ir.PerSample and ir.PerSampleNeuron
	// Equation: the value is an expression that reads t. The kernel evaluates
	// it; there is no variable that holds it.
	Equation bool
}
