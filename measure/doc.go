// Package measure turns the spikes and the voltages of a population into
// numbers: synchrony, rates and the statistics of intervals between spikes.
//
// Spikes are two slices of one length, the step and the neuron of each, sorted
// by step, then by neuron. A population of size n has the neurons 0 to n-1.
// Steps are integers, so that nothing here depends on how time is rounded; the
// length of a step, dt, comes in ms and only where the result has a unit.
//
// The measures are
//
//   - CrossCorrelation, the mean over pairs of the zero-lag kappa(tau) of
//     Wang and Buzsaki (1996), Gamma oscillation by synaptic inhibition in a
//     hippocampal interneuronal network model, J. Neurosci. 16:6402-6413;
//   - VoltageFluctuation, the chi squared of Golomb and Rinzel (1994),
//     Clustering in globally coupled inhibitory neurons, Physica D 72:259-282,
//     as in Golomb (2007), Neuronal synchrony measures, Scholarpedia 2(1):1347;
//   - RateHz, spikes a second a neuron;
//   - ISIMean and ISICV, the mean and the coefficient of variation of the
//     intervals between spikes, the latter as in Softky and Koch (1993), The
//     highly irregular firing of cortical cells, J. Neurosci. 13:334-350.
//
// Functions have the plain definitions. Correlator, Intervals and Fluctuation
// compute the same while spikes and voltages come in, in memory that does not
// grow with the length of a run, and can hand over what they have accumulated
// (MarshalBinary), so that a run goes on elsewhere.
//
// A measure that is undefined for its input says so by a second result, ok,
// which is false then; the first is 0. Arguments that no data can excuse, such
// as slices of different length, panic.
package measure
