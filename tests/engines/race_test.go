package engines

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"gpusim/gpu"
	"gpusim/model"
	"gpusim/network"
)

// TestRaces runs the examples and the models of these tests with kernels that
// watch themselves for races (shaders.Checked): none has any, and the results
// are those without. A software renderer, which runs invocations in order,
// would hide them.
func TestRaces(t *testing.T) {
	files := map[string]func(t testing.TB) *model.File{}
	examples, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(examples) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	for _, path := range examples {
		files[strings.TrimSuffix(filepath.Base(path), ".yaml")] = func(t testing.TB) *model.File {
			f, _, err := model.Load(path, model.LoadOptions{Set: []model.Override{{Name: "run.duration", Value: "4"}}})
			if err != nil {
				t.Fatal(err)
			}
			return f
		}
	}
	for name, m := range map[string][]string{
		"both":        {both},
		"five":        {five},
		"integrate":   {integrate},
		"three tiles": {renamed, "foule.size=300"},
		"per synapse": {renamed, "tous.g=uniform(0, 0.012)"},
		"one neuron":  {five, "P.size=1"},
	} {
		files[name] = func(t testing.TB) *model.File {
			return parse(t, m[0], append(m[1:len(m):len(m)], "run.duration=4")...)
		}
	}
	forms := []gpu.Options{
		{Form: gpu.FormFused, Invocations: 8}, {Form: gpu.FormFused, Invocations: 32}, {Form: gpu.FormFused, Invocations: 128},
		{Form: gpu.FormStepped, Invocations: 32},
	}
	two := &network.Options{Instances: 2} // workgroups side by side
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := file(t)
			want := run(t, f, open(t, gpu.Options{Form: gpu.FormFused, Invocations: 8}), 1, two)
			for _, o := range forms {
				o.CheckRaces = true
				got := run(t, f, open(t, o), 2, two)
				for k := range 2 {
					sameBits(t, fmt.Sprintf("%s, %d invocations, instance %d", o.Form, o.Invocations, k), got, want, k, k)
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
