// Package compare says how far a device's results are from those of the float64
// engine, and whether that is what float32 explains.
//
// # Windows
//
// The device runs from the start to the end. Every 10 ms all of its state (states,
// inputs, spike conditions, last spikes, delay lines, what synapses keep) is
// copied into the float64 engine, and both do the same 10 ms. So each window has
// one start, and what they differ in at its end has grown in 10 ms. A window is
// within the limits where
//
//   - of every variable the median difference, over all its elements and steps, is
//     at most MedianLimit of its range. The range is that of the variable over the
//     whole run in the float64 engine. A range too small for float32 to show
//     1e-4 of it counts as what float32 can show;
//   - every spike has a partner of the same neuron within one step in the other
//     engine. At the window's end the partner may stand one step beyond it. A spike
//     without one is borne where the neuron was within the limit of its threshold:
//     the engine in which it did not spike had its spike condition, at that step or
//     one beside it, within MedianLimit of the range of being the other way. The
//     distance of V >= V_th from turning is V - V_th, and so for any comparison; that
//     of a and b the smaller, of a or b the larger. From there on the neuron is not
//     judged in that window;
//   - everything is finite.
//
// # The free run
//
// The float64 engine also runs by itself from the same start. There spikes part for
// good where a network is chaotic, so a network file may say compare: {free_run:
// false}; then the free run is reported and not judged. Else every neuron has as
// many spikes in both, 95 % of them within one step, cross-correlations are within
// 0.01, and over the first 100 ms the median difference of states called V is
// at most 1e-3 mV. These are the limits that the gamma network keeps in float32.
//
// # How
//
// The engines are tapped: a device is wrapped so that it builds the step program with
// records of every variable added, which the wrapper keeps to itself. The network
// on top does not know of it.
package compare
