package model_test

import (
	"os"
	"strings"
	"testing"

	"gpusim/model"
	"gpusim/model/ir"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestForms checks which form the compiler finds for a synapse: from its
// equations alone, whatever the names.
func TestForms(t *testing.T) {
	const file = `
gpusim: 1
name: t
dt: 0.1
method: euler
models:
  n: {kind: neuron, state: {x: 0, y: 1}, input: I, equations: "dx/dt = I - x; z = 2*y"}
  s:
    kind: synapse
    parameters: {g: 1, e: -1}
    state: {q: 0}
    equations: dq/dt = RATE
    output: post.I OUT
populations:
  P: {model: n, size: 4}
  Q: {model: n, size: 3}
projections:
  c: {model: s, from: P, to: Q, connect: CONNECT}
run: {duration: 1}
`
	perSynapse := model.Shapes{Params: map[string]ir.Dim{"c.g": ir.PerSynapse}}
	for _, c := range []struct {
		rate, out, connect string
		shapes             model.Shapes
		collapsed          bool
		form               ir.Form
		terms              int
	}{
		{"pre.x - q", "+= g*q*(post.x - e)", "{all_to_all: {}}", model.Shapes{}, true, ir.Total, 1},
		{"pre.x - q", "-= g*q*(post.x - e)/post.z", "{all_to_all: {}}", model.Shapes{}, true, ir.Total, 1},
		{"pre.x - q", "+= g*(q + pre.x)*(post.x - e) + g*q", "{all_to_all: {}}", model.Shapes{}, true, ir.Total, 2},
		{"pre.x - q", "+= g*(pre.x - post.x)", "{all_to_all: {}}", model.Shapes{}, true, ir.Total, 2},
		{"pre.x - q", "+= g*q*(post.x - e)", "{all_to_all: {}}", perSynapse, true, ir.Rows, 1},
		{"pre.x - g*q", "+= q", "{all_to_all: {}}", perSynapse, false, ir.Rows, 1},
		{"pre.x - post.x - q", "+= g*q", "{all_to_all: {}}", model.Shapes{}, false, ir.Rows, 1},
		{"pre.x - q", "+= g*q", "{all_to_all: {}}", model.Shapes{Unequal: map[string]bool{"c.q": true}}, false, ir.Rows, 1},
		{"pre.x - q", "+= g*q", "{pairs: [[0, 1], [0, 1]]}", model.Shapes{}, true, ir.Rows, 1},
		{"pre.x - q", "+= g*tanh(q*post.x)", "{all_to_all: {}}", model.Shapes{}, true, ir.Rows, 1},
		{"pre.x - q", "+= g*q", "{all_to_all: {}}", model.Shapes{PerSynapse: true}, false, ir.Rows, 1},
	} {
		text := strings.NewReplacer("RATE", c.rate, "OUT", c.out, "CONNECT", c.connect).Replace(file)
		f, _, err := model.Parse("t.yaml", []byte(text), "", model.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		p, err := model.Lower(f, c.shapes)
		if err != nil {
			t.Fatal(err)
		}
		pr := p.Projections[0]
		if pr.Collapsed != c.collapsed || pr.Outputs[0].Form != c.form || len(pr.Outputs[0].Terms) != c.terms {
			t.Errorf("dq/dt = %s, out %s, %s: collapsed %v, form %v, %d terms; expected %v, %v, %d\n%s",
				c.rate, c.out, c.connect, pr.Collapsed, pr.Outputs[0].Form, len(pr.Outputs[0].Terms), c.collapsed, c.form, c.terms, strings.Join(pr.Notes, "\n"))
		}
	}
}
