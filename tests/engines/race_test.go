package engines

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"gpusim/gpu"
	"gpusim/network"
)

// TestRaces runs the examples and the models of these tests with kernels that
// watch themselves for races (shaders.Checked): none has any, and the results
// are those without. A software renderer, which runs invocations in order,
// would hide them.
func TestRaces(t *testing.T) {
	// 8 invocations have one way of summing, more than 8 have another.
	// Compiling takes long, so that 32 are for the examples.
	few, wide := []int{8, 128}, []int{8, 32, 128}
	type watched struct {
		text   string
		set    []string
		widths []int
	}
	all := map[string]watched{
		"both":        {both, nil, few},
		"five":        {five, nil, few},
		"integrate":   {integrate, nil, few},
		"three tiles": {renamed, []string{"foule.size=300"}, few},
		"per synapse": {renamed, []string{"tous.g=uniform(0, 0.012)"}, few},
	}
	examples, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(examples) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, path := range examples {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(path)] = watched{string(text), nil, wide}
	}
	two := &network.Options{Instances: 2} // workgroups side by side
	for name, w := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := parse(t, w.text, append(w.set, "run.duration=4")...)
			want := run(t, f, open(t, gpu.Options{Form: gpu.FormFused, Invocations: 8}), 1, two)
			forms := []gpu.Options{{Form: gpu.FormStepped, Invocations: 32}}
			for _, n := range w.widths {
				forms = append(forms, gpu.Options{Form: gpu.FormFused, Invocations: n})
			}
			if name == "gamma.yaml" || name == "three tiles" { // the other deals of neurons
				forms = append(forms, gpu.Options{Form: gpu.FormFused, Invocations: 8, Deal: gpu.DealRolled},
					gpu.Options{Form: gpu.FormFused, Invocations: 24, Deal: gpu.DealTiled})
			}
			for _, o := range forms {
				o.CheckRaces = true
				got := run(t, f, open(t, o), 2, two)
				for k := range 2 {
					sameBits(t, fmt.Sprintf("%s, %d invocations %s, instance %d", o.Form, o.Invocations, o.Deal, k), got, want, k, k)
				}
			}
		})
	}
}

// TestRacesInChunks does so where rows of synapses and sums over a population
// are longer than what a dispatch may loop, so that dispatches hand on what they
// have so far.
func TestRacesInChunks(t *testing.T) {
	for name, set := range map[string][]string{
		"rows":   {"tous.g=uniform(0, 0.0005)", "foule.size=300", "run.duration=2"}, // 18 passes through loop ends a tile, 3 tiles
		"totals": {"foule.size=3000", "run.duration=0.4"},                           // 24 tiles, a pass each
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := parse(t, renamed, set...)
			want := run(t, f, open(t, gpu.Options{Form: gpu.FormStepped}), 1, nil)
			dev := open(t, gpu.Options{Form: gpu.FormStepped, Invocations: 32, Iterations: 24, CheckRaces: true})
			sameBits(t, name, run(t, f, dev, 1, nil), want, 0, 0)
		})
	}
}
