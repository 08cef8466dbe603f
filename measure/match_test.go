package measure

import "testing"

// The cases are small enough to count by hand.
func TestMatch(t *testing.T) {
	steps, neurons := []int64{3, 5, 9}, []int32{0, 1, 0}
	for _, c := range []struct {
		what    string
		steps   []int64
		neurons []int32
		want    Matching
	}{
		{"the same", steps, neurons, Matching{Spikes: 3, Same: 3, WithinOne: 3}},
		{"one step late", []int64{3, 6, 9}, neurons, Matching{Spikes: 3, Same: 2, WithinOne: 3, Differs: true, Step: 5, Neuron: 1}},
		{"two steps early", []int64{3, 5, 7}, neurons, Matching{Spikes: 3, Same: 2, WithinOne: 2, Differs: true, Step: 7, Neuron: 0}},
		{"another neuron", steps, []int32{0, 0, 1}, Matching{Spikes: 3, CountsDiffer: 0, Same: 1, WithinOne: 1, Differs: true, Step: 5, Neuron: 0}},
		{"one less", steps[:2], neurons[:2], Matching{Spikes: 3, CountsDiffer: 1, Same: 2, WithinOne: 2, Differs: true, Step: 9, Neuron: 0}},
		{"none", nil, nil, Matching{Spikes: 3, CountsDiffer: 2, Differs: true, Step: 3, Neuron: 0}},
	} {
		got := Match(c.steps, c.neurons, steps, neurons, 2)
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", c.what, got, c.want)
		}
	}
}
