// Package gamma tests the whole of gpusim on the gamma-oscillation network of
// Wang and Buzsaki (1996), the reference case: mostly through the command line,
// with examples/gamma.yaml and real files, against the golden data, by the
// limits of float32 and of float64; and the two engines against each other
// where there are no golden data.
package gamma
