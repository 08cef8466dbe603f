package main

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// drawRun draws spikes of neurons, each with a chance of one in every steps, with the
// seed 1.
func drawRun(neurons, steps, every int) (s []int64, k []int32) {
	r := rand.New(rand.NewPCG(1, 0))
	for step := range steps {
		for i := range neurons {
			if r.IntN(every) == 0 {
				s, k = append(s, int64(step)), append(k, int32(i))
			}
		}
	}
	return s, k
}

// A short run's raster has every spike.
func TestThinnedKeepsAll(t *testing.T) {
	s, k := drawRun(900, 1000, 20)
	r := newThinned(900, 900)
	r.add(s, k)
	if !slices.Equal(r.steps, s) || !slices.Equal(r.neurons, k) || len(s) < 40_000 {
		t.Errorf("%d of %d spikes are kept", len(r.steps), len(s))
	}
}

// A long run's has a bounded number of them, the same in any portions, and none of
// its parts is empty where the run's is not.
func TestThinnedIsBounded(t *testing.T) {
	s, k := drawRun(50, 40_000, 4)
	var before *thinned
	for _, portion := range []int{len(s), 1, 8191} {
		r := newThinned(50, 1000) // of a larger figure: 13,107 spikes at most
		for at := 0; at < len(s); at += portion {
			end := min(len(s), at+portion)
			r.add(s[at:end], k[at:end])
			if len(r.steps) > rasterSpikes/20 {
				t.Fatalf("%d spikes are kept", len(r.steps))
			}
		}
		if before != nil && (!slices.Equal(r.steps, before.steps) || !slices.Equal(r.neurons, before.neurons)) {
			t.Errorf("portions of %d keep other spikes", portion)
		}
		before = r
	}
	if len(before.steps) < rasterSpikes/80 || !slices.IsSorted(before.steps) {
		t.Errorf("%d spikes are kept", len(before.steps))
	}
	cells := map[[2]int64]bool{}
	for i, step := range before.steps {
		cells[[2]int64{step / before.width, int64(before.neurons[i]) * int64(before.rows) / 50}] = true
	}
	for i, step := range s {
		if !cells[[2]int64{step / before.width, int64(k[i]) * int64(before.rows) / 50}] {
			t.Fatalf("the cell of neuron %d at step %d is empty", k[i], step)
		}
	}
}
