// Package handgamma is the gamma network of Wang and Buzsaki (1996), Gamma
// oscillation by synaptic inhibition in a hippocampal interneuronal network
// model, J. Neurosci. 16:6402-6413, written by hand in float64.
//
// It shares nothing with the compiler that turns network files into programs,
// so that it can bear witness for or against what the compiler makes of the same
// equations. What a step does, and in which order, is that of BrainPy 0.3.5,
// whose results it reproduces: every spike to the step.
//
// The network has two forms. In the collapsed one, a synapse's state is stored
// once for each presynaptic neuron, as it is the same for all its synapses, and
// the current into neuron i is g (sum_j s_j - s_i)(V_i - E). In the other, every
// ordered pair of neurons has a synapse with a state of its own.
package handgamma
