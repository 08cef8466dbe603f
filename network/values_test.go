package network

import (
	"errors"
	"math"
	"strings"
	"testing"

	"gpusim/model"
	"gpusim/model/draw"
	"gpusim/model/ir"
)

func evaluated(t *testing.T, n *Network, name string) *value {
	t.Helper()
	s, err := n.find(name)
	ok(t, err)
	v, err := n.eval(s)
	ok(t, err)
	return v
}

func prepared(t *testing.T, text string, instances int) *Network {
	t.Helper()
	n, err := prepare(parse(t, text), &fakeDevice{}, &Options{Instances: instances})
	ok(t, err)
	return n
}

func TestInitReadsQuantitiesOfTheStart(t *testing.T) {
	n := prepared(t, gammaText, 1)
	V, h := evaluated(t, n, "interneurons.V"), evaluated(t, n, "interneurons.h")
	if V.dim != ir.PerNeuron || h.dim != ir.PerNeuron {
		t.Fatalf("dims %v, %v", V.dim, h.dim)
	}
	s := draw.StreamOf("interneurons.V", 0)
	for i, v := range V.rows[0] {
		w := s.Words(1, i, 0)
		if want := -70 + 20*draw.Unit(w[0], w[1]); v != want {
			t.Errorf("V[%d] = %v, want %v", i, v, want)
		}
		a, b := 0.07*math.Exp(-(v+58)/20), 1/(math.Exp(-0.1*(v+28))+1)
		if want := a / (a + b); h.rows[0][i] != want {
			t.Errorf("h[%d] = %v, want %v", i, h.rows[0][i], want)
		}
	}
	if g := evaluated(t, n, "gaba.g_max"); g.dim != ir.One || g.rows[0][0] != 0.01 {
		t.Errorf("g_max = %+v", g)
	}
	if s := evaluated(t, n, "gaba.s"); s.dim != ir.One {
		t.Errorf("s = %+v", s)
	}
}

const twoText = `
gpusim: 1
dt: 0.1
constants: {k: 2, kk: 3*k}
models:
  cell:
    kind: neuron
    parameters: {tau: 10, b: tau*2, t_ref: 1}
    state: {V: 0, u: b}
    input: inp
    equations: |
      x = V/tau
      dV/dt = (u - V + inp)/tau (unless refractory)
      du/dt = (x - u)/b
    spike: V >= 1
    reset: V = 0
    refractory: t_ref
  syn:
    kind: synapse
    parameters: {tau: 5, w: 1}
    state: {s: 0}
    equations: |
      drive = pre.V
      ds/dt = (drive - s)/tau
    output: post.inp += w*s
populations:
  A: {model: cell, size: 3, parameters: {tau: 10 + i}, init: {V: kk*i}}
  B: {model: cell, size: 2}
projections:
  AB: {model: syn, from: A, to: B, connect: {all_to_all: {}}, parameters: {w: i*10 + j}, init: {s: drive/N_pre}}
inputs: [{to: A.inp, value: "tau*i + k"}]
run: {duration: 1, seed: 5}
`

func TestValuesFollowWhatTheyRead(t *testing.T) {
	n := prepared(t, twoText, 1)
	for _, c := range []struct {
		name string
		dim  ir.Dim
		want []float64
	}{
		{"kk", ir.One, []float64{6}},
		{"A.tau", ir.PerNeuron, []float64{10, 11, 12}},
		{"A.b", ir.PerNeuron, []float64{20, 22, 24}},
		{"A.u", ir.PerNeuron, []float64{20, 22, 24}},
		{"B.b", ir.One, []float64{20}},
		{"A.V", ir.PerNeuron, []float64{0, 6, 12}},
		{"A.refractory_steps", ir.One, []float64{10}},
		{"AB.w", ir.PerSynapse, []float64{0, 1, 10, 11, 20, 21}},
		{"AB.s", ir.PerPre, []float64{0, 2, 4}},
		{"inputs.0.value", ir.PerNeuron, []float64{2, 13, 26}},
	} {
		v := evaluated(t, n, c.name)
		if v.dim != c.dim || len(v.rows) != 1 || !sameBits(v.rows[0], c.want) {
			t.Errorf("%s = %+v, want %v %v", c.name, v, c.dim, c.want)
		}
	}
	ok(t, n.Set("k", 4))
	ok(t, n.Set("A.tau", 2.0))
	for name, want := range map[string][]float64{"kk": {12}, "A.b": {4}, "A.u": {4}, "AB.s": {0, 4, 8}, "inputs.0.value": {4, 6, 8}} {
		if v := evaluated(t, n, name); !sameBits(v.rows[0], want) {
			t.Errorf("%s = %+v, want %v", name, v, want)
		}
	}
}

func TestInstancesShareWhatDoesNotDiffer(t *testing.T) {
	n := prepared(t, gammaText, 3)
	ok(t, n.SetInstances("gaba.g_max", []float64{1, 2, 3}))
	if g, V := evaluated(t, n, "gaba.g_max"), evaluated(t, n, "interneurons.V"); len(g.rows) != 3 || len(V.rows) != 1 {
		t.Errorf("g_max has %d rows, V %d", len(g.rows), len(V.rows))
	}
	ok(t, n.SetInstances("run.seed", []float64{1, 2, 1}))
	V, h := evaluated(t, n, "interneurons.V"), evaluated(t, n, "interneurons.h")
	if len(V.rows) != 3 || len(h.rows) != 3 || !sameBits(V.rows[0], V.rows[2]) || sameBits(V.rows[0], V.rows[1]) {
		t.Errorf("a seed an instance: V %v", V.rows)
	}
	if err := n.SetInstances("gaba.g_max", []float64{1}); !errors.Is(err, ErrShape) {
		t.Errorf("got %v", err)
	}
}

func TestBadStartingValuesAreNamed(t *testing.T) {
	f := parse(t, gammaText, model.Override{Name: "interneurons.h", Value: "1/(i - 3)"})
	_, err := Compile(f, &fakeDevice{}, nil)
	if !errors.Is(err, ErrNotFinite) || !strings.Contains(err.Error(), "interneurons.h: the starting value of neuron 3 is +Inf") {
		t.Errorf("got %v", err)
	}
}

func TestArrayLengths(t *testing.T) {
	n := prepared(t, gammaText, 1)
	for _, c := range []struct {
		name string
		n    int
		want string
	}{
		{"gaba.g_max", 91, "gaba.g_max: 91 values given, expected 1 or 90 (one a synapse, pre ascending, then post)"},
		{"gaba.s", 91, "gaba.s: 91 values given, expected 1, 10 (one a presynaptic neuron) or 90 (one a synapse, pre ascending, then post)"},
		{"interneurons.V", 9, "interneurons.V: 9 values given, expected 1 or 10 (one a neuron)"},
		{"inputs.0.value", 9, "inputs.0.value: the input to interneurons.inp: 9 values given, expected 1 or 10 (one a neuron)"},
		{"run.seed", 2, "run.seed: 2 values given, expected 1"},
	} {
		if err := n.Set(c.name, make([]float64, c.n)); !errors.Is(err, ErrShape) || err.Error() != c.want {
			t.Errorf("got %q, want %q", err, c.want)
		}
	}
	if err := n.Set("gaba.gmax", 1.0); !errors.Is(err, ErrUnknownName) || err.Error() != `there is no "gaba.gmax" in this network; did you mean gaba.g_max?` {
		t.Errorf("got %q", err)
	}
	if err := n.Set("interneurons.m", 1.0); !errors.Is(err, ErrUnknownName) {
		t.Errorf("got %v", err)
	}
	if err := n.Set("gaba.g_max", math.NaN()); !errors.Is(err, ErrNotFinite) {
		t.Errorf("got %v", err)
	}
}
