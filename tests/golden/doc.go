// Package golden reads the reference data in tests/testdata/golden, for tests.
//
// The data are what an early Python simulator, BrainPy 0.3.5, computed in
// float64 for the gamma-oscillation network of Wang and Buzsaki (1996), J.
// Neurosci. 16:6402, and for a network of leaky integrate-and-fire neurons.
// manifest.json beside the data says what every array is: its element type,
// shape, units and the first 16 digits of its SHA-256, all of which are checked
// when an array is read.
//
// Its functions take a testing.TB and end the test where the data are missing
// or are not what the manifest says. Only tests import this package.
package golden
