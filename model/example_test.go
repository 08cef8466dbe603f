package model_test

import (
	"errors"
	"fmt"
	"log"

	"gpusim/model"
	"gpusim/model/diag"
)

// What the command line gives as --set, --seed and --param is given in
// LoadOptions. It is checked like the file.
func ExampleLoad() {
	seed := uint64(7)
	file, _, err := model.Load("../examples/gamma.yaml", model.LoadOptions{
		Set: []model.Override{
			{Name: "interneurons.size", Value: "200"},
			{Name: "gaba.g_max", Value: "0.2/N_pre"},
			{Name: "run.duration", Value: "100"},
		},
		Seed:   &seed,
		Params: []model.Override{{Name: "inputs.0.value", Value: "1:2:5"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	p := file.Population("interneurons")
	fmt.Println(file.Name, "of", p.Size, p.Model.Name, "neurons")
	fmt.Println(file.Steps(), "steps of", file.Dt, "ms, seed", file.Run.Seed)
	fmt.Println(file.Sweep.Axes[0].Name, file.Sweep.Axes[0].Values)
	// Output:
	// gamma oscillation of 200 wang_buzsaki neurons
	// 2500 steps of 0.04 ms, seed 7
	// inputs.0.value [1 1.25 1.5 1.75 2]
}

// All mistakes of a file are found at once, each with its place.
func ExampleParse() {
	text := `gpusim: 1
dt: 0.1
models:
  leaky:
    kind: neuron
    parameters: {tau: 10}
    state: {V: 0}
    equations: dV/dt = -V/tua
    spike: V
populations:
  cells: {model: leaky, size: 5}
run: {duration: 10}
`
	_, _, err := model.Parse("leaky.yaml", []byte(text), ".", model.LoadOptions{})
	var list *diag.Errors
	if errors.As(err, &list) {
		for _, p := range list.Problems {
			fmt.Println(p.Pos.Line, p.Msg)
		}
		fmt.Println(list.Problems[0])
	}
	// Output:
	// 8 unknown name "tua" in dV/dt
	// 9 the spike condition is a condition, but this is a number
	// leaky.yaml:8:27: unknown name "tua" in dV/dt
	//       equations: dV/dt = -V/tua
	//                             ^
	//   hint: did you mean tau?
}

// Two files, and which changes of structure are between them.
func ExampleChanges() {
	load := func(set ...model.Override) *model.File {
		f, _, err := model.Load("../examples/gamma.yaml", model.LoadOptions{Set: set})
		if err != nil {
			log.Fatal(err)
		}
		return f
	}
	last := load()
	for _, change := range model.Changes(last, load(model.Override{Name: "dt", Value: "0.02"}, model.Override{Name: "gaba.g_max", Value: "1"})) {
		fmt.Println(change)
	}
	fmt.Println(len(model.Changes(last, load(model.Override{Name: "gaba.g_max", Value: "1"}))), "for another value")
	// Output:
	// The current dt 0.02 ms is different from the last dt 0.04 ms.
	// 0 for another value
}
