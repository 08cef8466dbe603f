package model

import (
	"math"
	"strings"
	"testing"
)

func TestArrays(t *testing.T) {
	arrays := map[string]*Array{
		"three.npy":  {Shape: []int{3}, Data: []float64{0, 1, 2}},
		"one.npy":    {Shape: []int{}, Data: []float64{7}},
		"two.npy":    {Shape: []int{2}, Data: []float64{0, 1}},
		"table.npy":  {Shape: []int{3, 1}, Data: []float64{0, 1, 2}},
		"nan.npy":    {Shape: []int{3}, Data: []float64{0, math.NaN(), 2}},
		"six.npy":    {Shape: []int{6}, Data: make([]float64, 6)},
		"half.npy":   {Shape: []int{2}, Data: []float64{0, 0.5}},
		"large.npy":  {Shape: []int{2}, Data: []float64{0, 3}},
		"empty.npy":  {Shape: []int{0}},
		"wide.npy":   {Shape: []int{3, 2}, Data: make([]float64, 6)},
		"random.npy": {Shape: []int{2, 3}, Data: make([]float64, 6)},
	}
	opts := LoadOptions{ReadArray: func(path string) ([]float64, []int, error) {
		a := arrays[strings.TrimPrefix(path, "d/")]
		return a.Data, a.Shape, nil
	}}
	const file = `gpusim: 1
dt: 0.1
populations:
  p: {model: wang_buzsaki, size: 3, init: {V: INIT}}
projections:
  s: {model: gaba_a, from: p, to: p, connect: CONNECT, parameters: {g_max: WEIGHT}}
inputs: [{to: p.inp, value: INPUT}]
run: {duration: 1}
`
	for _, c := range []struct{ key, value, want string }{
		{"INIT", "file(three.npy)", ""},
		{"INIT", "file( one.npy )", ""},
		{"INIT", "file(two.npy)", "two.npy has 2 elements; p has 3"},
		{"INIT", "file(table.npy)", "table.npy has shape (3, 1); an array for p has one dimension"},
		{"INIT", "file(nan.npy)", "element 1 of nan.npy is NaN"},
		{"INIT", "file()", "file() needs the path of a .npy file"},
		{"WEIGHT", "file(six.npy)", ""},
		{"WEIGHT", "file(three.npy)", "three.npy has 3 elements; s has 6"},
		{"CONNECT", "{pairs: {pre: file(two.npy), post: file(two.npy)}}", ""},
		{"CONNECT", "{pairs: {pre: file(two.npy), post: file(three.npy)}}", "pairs needs as many pre as post; here are 2 and 3"},
		{"CONNECT", "{pairs: {pre: file(half.npy), post: [0, 1]}}", "element 1 of half.npy is 0.5; the neurons of p are 0 to 2"},
		{"CONNECT", "{pairs: {pre: file(large.npy), post: [0, 1]}}", "element 1 of large.npy is 3; the neurons of p are 0 to 2"},
		{"CONNECT", "{pairs: {pre: file(empty.npy), post: [0, 1]}}", "empty.npy is empty"},
		{"CONNECT", "{pairs: {pre: file(table.npy), post: [0, 1]}}", "table.npy has shape (3, 1); it needs one dimension"},
		{"INPUT", "{per_neuron: file(three.npy)}", ""},
		{"INPUT", "{per_neuron: file(two.npy)}", "two.npy has shape (2,); p has 3 neurons"},
		{"INPUT", "{per_time: file(six.npy), every: 0.5}", ""},
		{"INPUT", "{per_time: file(six.npy)}", `per_time needs the key "every"`},
		{"INPUT", "{per_time: file(table.npy), every: 1}", "table.npy has shape (3, 1); per_time needs 1 dimension"},
		{"INPUT", "{per_time: file(empty.npy), every: 1}", "empty.npy is empty"},
		{"INPUT", "{per_time_and_neuron: file(random.npy), every: 1}", ""},
		{"INPUT", "{per_time_and_neuron: file(wide.npy), every: 1}", "wide.npy has shape (3, 2); p has 3 neurons"},
	} {
		text := strings.Replace(file, c.key, c.value, 1)
		for key, value := range map[string]string{"INIT": "0", "CONNECT": "{all_to_all: {self: false}}", "WEIGHT": "1", "INPUT": "1"} {
			text = strings.Replace(text, key, value, 1)
		}
		_, _, err := Parse("f.yaml", []byte(text), "d", opts)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s:\n%v", c.value, err)
		case c.want != "" && err == nil:
			t.Errorf("%s: no error", c.value)
		case c.want != "" && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n\n")):
			t.Errorf("%s: got\n%v\nwant %s", c.value, err, c.want)
		}
	}
}
