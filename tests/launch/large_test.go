package launch

import (
	"context"
	"fmt"
	"testing"

	"gpusim/cpuref"
	"gpusim/examples"
	"gpusim/gpu"
	"gpusim/measure"
	"gpusim/network"
	"gpusim/tests/meter"
	"gpusim/tests/outcome"
)

// large is 20,000 integrate-and-fire neurons with about a million synapses, each
// with a weight of its own, and delays: the connectivity and parameters of Vogels and
// Abbott (2005), Journal of Neuroscience 25:10786, with current-based synapses
// and weights that are drawn.
const large = `gpusim: 1
name: large
dt: 0.1
method: exponential_euler
models:
  lif:
    kind: neuron
    parameters: {V_rest: -49, V_reset: -60, V_th: -50, tau: 20, t_ref: 5}
    state: {V: -60}
    input: inp
    equations: dV/dt = (-(V - V_rest) + inp)/tau (unless refractory)
    spike: V >= V_th
    reset: V = V_reset
    refractory: t_ref
  exp_current:
    kind: synapse
    parameters: {tau: 5, w: 1}
    state: {s: 0}
    equations: ds/dt = -s/tau
    on_pre: s += 1
    output: post.inp += w*s
populations:
  cells: {model: lif, size: 20000, groups: {E: [0, 16000], I: [16000, 20000]}, init: {V: "uniform(-60, -50)"}, record: [spikes]}
projections:
  exc: {model: exp_current, from: cells.E, to: cells, connect: {fixed_probability: {p: 0.0025}}, parameters: {w: "uniform(0.6, 1.2)"}, delay: 1.5}
  inh: {model: exp_current, from: cells.I, to: cells, connect: {fixed_probability: {p: 0.0025}}, parameters: {w: -4}, delay: 0.8}
run: {duration: 12, seed: 1}
`

// TestLarge: a network that no workgroup holds runs in the stepped form, with
// the spikes of the float64 engine but for a few that are a step early or late.
func TestLarge(t *testing.T) {
	f := parseText(t, large, "run.duration=12")
	synapses := f.Conn(f.Projections[0]).Len() + f.Conn(f.Projections[1]).Len()
	if synapses < 990_000 || synapses > 1_010_000 {
		t.Errorf("%d synapses, expected a million", synapses)
	}
	var trains []network.SpikeTrain
	for _, dev := range []network.Device{open(t, gpu.Options{}), cpuref.New()} {
		n, err := network.Compile(f, dev, nil)
		ok(t, err)
		r := outcome.Run(t, n, f.Steps(), 1)
		t.Log(n.Plan()[0])
		trains = append(trains, outcome.Of(t, f, r, nil, 0).Spikes...)
		ok(t, n.Close())
	}
	a, b := trains[0], trains[1]
	m := measure.Match(a.Steps, a.Neurons, b.Steps, b.Neurons, 20000)
	t.Logf("%d and %d spikes: %+v", len(a.Steps), len(b.Steps), m)
	// As the limits of float32 for the gamma network: 95 % within one step. Of
	// so many neurons a few stand so near the threshold at the end that they
	// spike in one and not in the other.
	if len(b.Steps) < 1500 || float64(m.WithinOne) < 0.95*float64(len(b.Steps)) || m.CountsDiffer > 20 {
		t.Errorf("%d spikes, float64 has %d: %+v", len(a.Steps), len(b.Steps), m)
	}
}

// TestChunks: where an invocation may loop so few times that a row of synapses,
// or the tiles of a sum, take several dispatches, the bits are the same.
func TestChunks(t *testing.T) {
	const rows = `gpusim: 1
dt: 0.1
method: euler
models:
  cell: {kind: neuron, parameters: {tau: 10}, state: {V: -65}, input: I, equations: dV/dt = (-65 - V + I)/tau, spike: V > -50, reset: V = -65}
  depressing:
    kind: synapse
    parameters: {J: 0.2}
    state: {R: 1}
    equations: dR/dt = (1 - R)/80
    on_pre: |
      post.V += J*R
      R -= 0.4*R
  graded: {kind: synapse, parameters: {g: 0.001}, output: "post.I += g*(pre.V - post.V)"}
populations:
  P: {model: cell, size: 700, init: {V: "uniform(-65, -50)"}, record: [spikes]}
  Q: {model: cell, size: 5, init: {V: "uniform(-65, -50)"}, record: [spikes]}
projections:
  PQ: {model: depressing, from: P, to: Q, connect: {fixed_probability: {p: 0.7}}, delay: 0.4, record: [{R: {every: 50}}]}
  QP: {model: graded, from: Q, to: P, connect: {all_to_all: {}}}
  PP: {model: graded, from: P, to: P, connect: {all_to_all: {self: false}}, parameters: {g: "uniform(0, 1e-4)"}}
inputs: [{to: P.I, value: 16}, {to: Q.I, value: 15}]
run: {seed: 3}
`
	for name, text := range map[string]string{"rows": rows, "tiles": examples.Gamma} {
		set := []string{"run.duration=6"}
		if name == "tiles" {
			set = append(set, "interneurons.size=4000")
		}
		f := parseText(t, text, set...)
		var want outcome.Outcome
		for _, budget := range []int{0, 25, 60, 200} { // 0: the default
			d := open(t, gpu.Options{Form: gpu.FormStepped, Iterations: budget, Slice: 33})
			n, err := network.Compile(f, d, nil)
			ok(t, err)
			r, err := n.RunSteps(context.Background(), f.Steps())
			ok(t, err)
			got := outcome.Of(t, f, r, n, 0)
			what := fmt.Sprintf("%s, %d loop iterations: %s", name, budget, n.Plan()[0])
			t.Log(what)
			if budget == 0 {
				want = got
				meter.Want(t, name+" has spikes", got.NumSpikes() > 0, true)
				continue
			}
			same(t, what, got, want)
		}
	}
}
