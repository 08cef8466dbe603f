package model

import (
	"errors"
	"testing"
)

// everything is the network of the design that golden's LIF arrays are for,
// with everything else of the grammar that is parsed and checked but does not
// run yet.
const everything = `gpusim: 1
dt: 0.1
method: rk4
models:
  lif2:
    kind: neuron
    parameters: {V_rest: -52, V_reset: -60, V_th: -50, R: 1, tau: 10, t_ref: 5}
    state: {V: -60}
    input: inp
    equations: dV/dt = (-(V - V_rest) + R*inp)/tau (unless refractory)
    spike: V >= V_th
    reset: V = V_reset
    refractory: t_ref
  exp_current:
    kind: synapse
    method: euler
    parameters: {tau: 2, w: 1}
    state: {s: 0}
    equations: ds/dt = -s/tau (event-driven)
    on_pre: s += 1
    on_post: |
      s -= 0.1
      post.V += w
    output: post.inp += w*s
    delay: tau
populations:
  cells: {model: lif2, size: 4, groups: {E: [0, 3], I: [3, 4]}, init: {V: file(v.npy)}, record: [spikes, {V: {every: 2, of: [0, 2], mean: true}}]}
projections:
  exc: {model: exp_current, from: cells.E, to: cells, connect: {pairs: {pre: file(ep.npy), post: file(eq.npy)}}, parameters: {w: 0.28}, delay: 1.0}
  inh: {model: exp_current, from: cells.I, to: cells, connect: {fixed_probability: {p: 0.02, self: true, seed: 1}}, parameters: {w: -0.4}}
inputs:
  - {to: cells.inp, value: 3*sin(t), op: set}
  - {to: cells.inp, value: 3, from: 0, until: 500}
  - {to: cells.inp, value: {per_time_and_neuron: file(x.npy), every: 100}}
  - {to: cells.inp, value: {per_time: file(ep.npy), every: 100}}
  - {to: cells.inp, value: {per_neuron: file(v.npy)}}
run: {duration: 200, seed: 1}
compare: {free_run: false}
`

func TestNotBuilt(t *testing.T) {
	read := func(path string) ([]float64, []int, error) {
		switch path {
		case "v.npy":
			return []float64{-60, -59, -58, -57}, []int{4}, nil
		case "ep.npy", "eq.npy":
			return []float64{0, 1, 2}, []int{3}, nil
		case "x.npy":
			return make([]float64, 8), []int{2, 4}, nil
		}
		return nil, nil, errors.New("no such file")
	}
	f, notes, err := Parse("all.yaml", []byte(everything), ".", LoadOptions{ReadArray: read})
	if err != nil {
		t.Fatal(err)
	}
	if len(notes) > 0 || f.FreeRun || f.Projections[0].Connect.Post[2] != 2 {
		t.Errorf("notes %v, %+v", notes, f)
	}
	err = NotBuilt(f)
	if err == nil {
		t.Fatal("no error")
	}
	compare(t, "testdata/notbuilt.txt", err.Error()+"\n")
}
