package process

import (
	"testing"

	"gpusim/examples"
	"gpusim/gpu"
	"gpusim/model"
	"gpusim/network"
)

// delayed is an integrate-and-fire network with delays, whose connections are
// drawn.
const delayed = `gpusim: 1
dt: 0.1
models:
  lif:
    kind: neuron
    parameters: {V_rest: -52, V_th: -50, tau: 10}
    state: {V: -60}
    input: inp
    equations: dV/dt = (V_rest - V + inp)/tau (unless refractory)
    spike: V >= V_th
    reset: V = -60
    refractory: 2
  current:
    kind: synapse
    parameters: {w: 0.3}
    state: {s: 0}
    equations: ds/dt = -s/2
    on_pre: s += 1
    output: post.inp += w*s
populations:
  cells: {model: lif, size: 20, init: {V: "uniform(-60, -50)"}, record: [spikes, {V: {every: 9}}]}
projections:
  exc: {model: current, from: cells, to: cells, connect: {fixed_probability: {p: 0.2, self: false}}, delay: 1.3}
inputs: [{to: cells.inp, value: 3 + sin(t/4)}]
run: {duration: 60, seed: 1}
measure: [{rate: {of: cells}}]
`

// parse reads a network, with values set.
func parse(t testing.TB, text string, set ...model.Override) *model.File {
	t.Helper()
	f, _, err := model.Parse("net.yaml", []byte(text), ".", model.LoadOptions{Set: set})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func gamma(t testing.TB) *model.File {
	return parse(t, examples.Gamma, model.Override{Name: "interneurons.size", Value: "24"},
		model.Override{Name: "run.duration", Value: "60"}, model.Override{Name: "interneurons.record", Value: "[spikes, V]"})
}

// open opens an OpenGL device; without one the test fails.
func open(t testing.TB, o gpu.Options) *gpu.Device {
	t.Helper()
	d, err := gpu.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// short slices: a run has several.
func short() gpu.Options { return gpu.Options{Form: gpu.FormFused, Invocations: 8, Slice: 96} }

func compile(t testing.TB, f *model.File, d network.Device, o *network.Options) *network.Network {
	t.Helper()
	n, err := network.Compile(f, d, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}
