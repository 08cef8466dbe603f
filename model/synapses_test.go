package model

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// TestFixedProbability checks the pairs that are drawn against what independent
// pairs of probability p have: the number of synapses, of each presynaptic and
// of each postsynaptic neuron, and of pairs of neighbours, all binomial.
func TestFixedProbability(t *testing.T) {
	const n, m = 400, 300
	for _, p := range []float64{0.001, 0.02, 0.3, 0.9, 0.999} {
		k := drawnKey{name: "exc", p: p, seed: 7, i1: n, j1: m}
		pre, post := k.draw()
		rows, columns, neighbours := make([]int, n), make([]int, m), 0
		for s := range pre {
			if s > 0 && (pre[s] < pre[s-1] || pre[s] == pre[s-1] && post[s] <= post[s-1]) {
				t.Fatalf("p = %v: synapse %d, (%d, %d), follows (%d, %d)", p, s, pre[s], post[s], pre[s-1], post[s-1])
			}
			if s > 0 && pre[s] == pre[s-1] && post[s] == post[s-1]+1 {
				neighbours++
			}
			rows[pre[s]]++
			columns[post[s]]++
		}
		binomial := func(what string, got, trials int, p float64) {
			t.Helper()
			mean, sd := float64(trials)*p, math.Sqrt(float64(trials)*p*(1-p))
			if d := math.Abs(float64(got) - mean); d > 5*sd+1 {
				t.Errorf("p = %v: %d %s, expected %.1f +- %.1f", p, got, what, mean, sd)
			}
		}
		binomial("synapses", len(pre), n*m, p)
		binomial("pairs of neighbours", neighbours, n*(m-1), p*p)
		// Pearson's chi squared of the rows and columns; 1 in 10^6 of fair draws is above.
		for what, c := range map[string]struct {
			counts []int
			trials int
		}{"rows": {rows, m}, "columns": {columns, n}} {
			chi := 0.0
			for _, x := range c.counts {
				d := float64(x) - float64(c.trials)*p
				chi += d * d / (float64(c.trials) * p * (1 - p))
			}
			if q := (distuv.ChiSquared{K: float64(len(c.counts))}).Quantile(1 - 1e-6); p*float64(c.trials) > 2 && (1-p)*float64(c.trials) > 2 && chi > q {
				t.Errorf("p = %v: the %s' chi squared is %.0f, at most %.0f expected", p, what, chi, q)
			}
		}
	}
}

// TestFixedProbabilityEnds checks p of 0 and 1, no synapse to itself, that
// another seed or name gives other pairs, and that a row does not depend on how
// many there are.
func TestFixedProbabilityEnds(t *testing.T) {
	if pre, _ := (drawnKey{p: 0, i1: 50, j1: 50}).draw(); len(pre) != 0 {
		t.Errorf("%d synapses of probability 0", len(pre))
	}
	if pre, _ := (drawnKey{p: 1, i1: 50, j1: 40}).draw(); len(pre) != 2000 {
		t.Errorf("%d synapses of 50 and 40 neurons and probability 1", len(pre))
	}
	// Neurons 10 to 29 to neurons 20 to 49 of the same population.
	pre, post := (drawnKey{p: 1, i0: 10, i1: 30, j0: 20, j1: 50, noSelf: true}).draw()
	if len(pre) != 20*30-10 {
		t.Errorf("%d synapses without those to itself, expected %d", len(pre), 20*30-10)
	}
	for s := range pre {
		if pre[s]+10 == post[s]+20 {
			t.Fatalf("neuron %d has a synapse to itself", pre[s]+10)
		}
	}
	base := drawnKey{name: "a", p: 0.2, seed: 1, i1: 30, j1: 30}
	_, x := base.draw()
	for _, other := range []drawnKey{{name: "b", p: 0.2, seed: 1, i1: 30, j1: 30}, {name: "a", p: 0.2, seed: 2, i1: 30, j1: 30}} {
		if _, y := other.draw(); slices.Equal(x, y) {
			t.Errorf("%+v gives the pairs of %+v", other, base)
		}
	}
	// A larger p keeps all synapses of a smaller one.
	denser := base
	denser.p = 0.3
	pairs := map[[2]int32]bool{}
	pre, post = denser.draw()
	for s := range pre {
		pairs[[2]int32{pre[s], post[s]}] = true
	}
	pre, post = base.draw()
	for s := range pre {
		if !pairs[[2]int32{pre[s], post[s]}] {
			t.Fatalf("synapse (%d, %d) is there with p = 0.2 and not with 0.3", pre[s], post[s])
		}
	}
	longer := base
	longer.i1 = 60
	if _, y := longer.draw(); !slices.Equal(x, y[:len(x)]) {
		t.Error("the first rows depend on how many rows there are")
	}
}
