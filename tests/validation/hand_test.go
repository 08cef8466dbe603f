package validation

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"

	"gpusim/tests/golden"
)

// byHand is a population of neurons of two states written for one model, which
// shares nothing with the compiler and the engines.
type byHand struct {
	size, steps, every int
	start              []float64
	// step advances neuron i by a step and tells whether it spikes.
	step func(i int, y []float64) bool
}

// run gives the spikes, and the first state of all neurons after every so many
// steps.
func (h byHand) run() (spikes []golden.Spike, rows []float64) {
	state := make([][]float64, h.size)
	for i := range state {
		state[i] = slices.Clone(h.start)
	}
	for s := range h.steps {
		for i, y := range state {
			if h.step(i, y) {
				spikes = append(spikes, golden.Spike{Step: int64(s), Neuron: int32(i)})
			}
			if s%h.every == 0 {
				rows = append(rows, y[0])
			}
		}
	}
	return spikes, rows
}

// The coefficients of J. R. Dormand and P. J. Prince (1980), Journal of
// Computational and Applied Mathematics 6:19, table 2; its equations here do
// not read t, so the nodes are not needed.
var (
	dpA = [7][]float64{
		{}, {1.0 / 5}, {3.0 / 40, 9.0 / 40}, {44.0 / 45, -56.0 / 15, 32.0 / 9},
		{19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
		{9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
		{35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84},
	}
	dpFourth = []float64{5179.0 / 57600, 0, 7571.0 / 16695, 393.0 / 640, -92097.0 / 339200, 187.0 / 2100, 1.0 / 40}
)

// dormandPrince integrates y' = f(y) over a time, in steps whose error is at
// most tolerance.
func dormandPrince(f func([]float64) []float64, y []float64, end, tolerance float64) []float64 {
	y = slices.Clone(y)
	for t, h := 0.0, 1e-3; t < end; {
		h = min(h, end-t)
		var k [7][]float64
		var next []float64
		for s := range k {
			next = slices.Clone(y)
			for j, a := range dpA[s] {
				for i := range next {
					next[i] += h * a * k[j][i]
				}
			}
			k[s] = f(next)
		}
		// The last stage stands at the value of order 5.
		worst := 0.0
		for i := range y {
			fourth := y[i]
			for s, b := range dpFourth {
				fourth += h * b * k[s][i]
			}
			worst = max(worst, math.Abs(next[i]-fourth))
		}
		if worst <= tolerance {
			t, y = t+h, next
		}
		h *= min(5, max(0.2, 0.9*math.Pow(tolerance/max(worst, 1e-300), 0.2)))
	}
	return y
}

// TestDormandPrince: a turn on the unit circle comes back.
func TestDormandPrince(t *testing.T) {
	got := dormandPrince(func(y []float64) []float64 { return []float64{-y[1], y[0]} }, []float64{1, 0}, 2*math.Pi, 1e-12)
	if !scalar.EqualWithinAbs(got[0], 1, 1e-9) || !scalar.EqualWithinAbs(got[1], 0, 1e-9) {
		t.Errorf("after a turn: %v", got)
	}
}
