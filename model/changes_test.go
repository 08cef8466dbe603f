package model

import (
	"slices"
	"strings"
	"testing"
)

const changing = `gpusim: 1
dt: 0.1
method: euler
models:
  cell:
    kind: neuron
    parameters: {tau: 10, ref: 2}
    state: {V: -65}
    input: I
    equations: |
      drive = I/2
      dV/dt = (-65 - V + drive)/tau (unless refractory)
    spike: V > -50
    reset: V = -65
    refractory: ref
  hit:
    kind: synapse
    parameters: {w: 1}
    state: {s: 0}
    equations: ds/dt = -s/5
    on_pre: s += w
    output: post.I += s
populations:
  A: {model: cell, size: 6, groups: {left: [0, 3]}}
  B: {model: cell, size: 4}
projections:
  AB: {model: hit, from: A, to: B, connect: {fixed_probability: {p: 0.5, seed: 1}}, delay: 0.5}
  AA: {model: hit, from: A.left, to: A, connect: {all_to_all: {}}}
  BA: {model: hit, from: B, to: A, connect: {pairs: [[0, 1], [2, 3]]}}
inputs: [{to: A.I, value: 20}]
run: {duration: 10}
`

// Each edit of a file, and what Changes says of it: nothing where it is no
// change of structure.
func TestChanges(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     []string
	}{
		{"dt: 0.1", "dt: 0.10", nil},
		{"tau: 10", "tau: 12", nil},
		{"state: {V: -65}", `state: {V: "uniform(-65,-60)"}`, nil},
		{"inputs: [{to: A.I, value: 20}]", "inputs: [{to: B.I, value: 2, op: set}]", nil},
		{"run: {duration: 10}", "run: {duration: 20, start: 5, seed: 3}\nmeasure: [{rate: {of: A}}]", nil},
		{"size: 4}", "size: 4, record: [V], parameters: {tau: 3 + i}}", nil},
		{"      drive = I/2\n", "      drive = I / 2 # the same\n", nil},
		{"delay: 0.5", "delay: 0.52", nil}, // the same steps
		{"dt: 0.1", "dt: 0.05", []string{"The current dt 0.05 ms is different from the last dt 0.1 ms."}},
		{"(unless refractory)", "", []string{
			`The current "A" equation dV/dt = (-65 - V + drive)/tau is different from the last equation dV/dt = (-65 - V + drive)/tau (unless refractory).`,
			`The current "B" equation dV/dt = (-65 - V + drive)/tau is different from the last equation dV/dt = (-65 - V + drive)/tau (unless refractory).`,
		}},
		{"      drive = I/2\n      dV/dt = (-65 - V + drive)/tau", "      dV/dt = (-65 - V + I/2)/tau", []string{
			`The last "A" equation drive = I/2 was dropped.`,
			`The current "A" equation dV/dt = (-65 - V + I/2)/tau (unless refractory) is different from the last equation dV/dt = (-65 - V + drive)/tau (unless refractory).`,
			`The last "B" equation drive = I/2 was dropped.`,
			`The current "B" equation dV/dt = (-65 - V + I/2)/tau (unless refractory) is different from the last equation dV/dt = (-65 - V + drive)/tau (unless refractory).`,
		}},
		{"reset: V = -65", "reset: V = -65; V += 1", []string{
			`The current "A" reset V = -65; V += 1 is different from the last reset V = -65.`,
			`The current "B" reset V = -65; V += 1 is different from the last reset V = -65.`,
		}},
		{"on_pre: s += w\n    output: post.I += s", "output: post.I += s + w", []string{
			`The last "AB" on_pre s += w was dropped.`,
			`The current "AB" output post.I += s + w is different from the last output post.I += s.`,
			`The last "AA" on_pre s += w was dropped.`,
			`The current "AA" output post.I += s + w is different from the last output post.I += s.`,
			`The last "BA" on_pre s += w was dropped.`,
			`The current "BA" output post.I += s + w is different from the last output post.I += s.`,
		}},
		{"size: 4", "size: 5", []string{
			`The current "B" size 5 is different from the last size 4.`,
			`The current "AB" connection fixed_probability of 21 synapses is different from the last connection fixed_probability of 18 synapses.`,
			`The current connection of "BA" is another than the last.`,
		}},
		{"left: [0, 3]", "left: [1, 4]", []string{
			`The current "AA" from A.left [1, 4] is different from the last from A.left [0, 3].`,
		}},
		{"delay: 0.5", "delay: 0.7", []string{`The current "AB" delay 0.7 ms is different from the last delay 0.5 ms.`}},
		{", delay: 0.5", "", []string{`The last "AB" delay 0.5 ms was dropped.`}},
		{"[2, 3]]", "[2, 4]]", []string{`The current connection of "BA" is another than the last.`}},
		{"[[0, 1], [2, 3]]", "[[2, 3], [0, 1]]", []string{`The current connection of "BA" is another than the last.`}},
		{"  BA: {model: hit, from: B, to: A, connect: {pairs: [[0, 1], [2, 3]]}}\n", "", []string{`The last projection "BA" was dropped.`}},
		{"  B: {model: cell, size: 4}\n", "  B: {model: cell, size: 4}\n  C: {model: cell, size: 2}\n", []string{`The current population "C" is new.`}},
		{"  A: {model: cell, size: 6, groups: {left: [0, 3]}}\n  B: {model: cell, size: 4}\n", "  B: {model: cell, size: 4}\n  A: {model: cell, size: 6, groups: {left: [0, 3]}}\n",
			[]string{"The current order of the populations (B, A) is different from the last (A, B)."}},
	} {
		if !strings.Contains(changing, c.from) {
			t.Fatalf("no %q in the file", c.from)
		}
		last, current := parsed(t, changing), parsed(t, strings.Replace(changing, c.from, c.to, 1))
		if got := Changes(last, current); !slices.Equal(got, c.want) {
			t.Errorf("%q for %q:\n%s\nwant:\n%s", c.to, c.from, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
		}
	}
}

func parsed(t *testing.T, text string) *File {
	t.Helper()
	f, _, err := Parse("test.yaml", []byte(text), ".", LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}
