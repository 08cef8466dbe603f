package promises

import (
	"strings"
	"testing"

	"gpusim/examples"
	"gpusim/model"
	"gpusim/tests/outcome"
)

// A testNet is a network that the promises are kept for.
type testNet struct {
	name string
	text string
	set  []string // NAME=VALUE
	// knob is the value that instances differ in, and values what it takes.
	knob   string
	values func(k int) float64
	// steppedOnly: the fused kernel refuses it.
	steppedOnly bool
	// silent: there may be no spike.
	silent bool
	random bool // made of a seed
}

// file parses the network, with values set.
func (n testNet) file(t testing.TB, set ...string) *model.File {
	t.Helper()
	var o model.LoadOptions
	for _, s := range append(append([]string(nil), n.set...), set...) {
		name, value, _ := strings.Cut(s, "=")
		o.Set = append(o.Set, model.Override{Name: name, Value: value})
	}
	f, _, err := model.Parse("net.yaml", []byte(n.text), t.TempDir(), o)
	if err != nil {
		t.Fatalf("%v\n%s", err, n.text)
	}
	return f
}

// networks are all of them.
func networks() []testNet {
	list := []testNet{
		{
			name: "gamma",
			text: strings.NewReplacer(
				"record: [spikes]", "record: [spikes, {V: {every: 7}}, {h: {every: 40, of: [3, 11]}}]",
				"measure:\n", "measure:\n  - rate: {of: interneurons}\n",
			).Replace(examples.Gamma),
			set:  []string{"interneurons.size=24", "run.duration=30", "interneurons.V=-65 + 10*i/N", "inputs.0.value=2"},
			knob: "gaba.g_max", values: func(k int) float64 { return 0.004 + 0.0005*float64(k) },
		},
		{
			name: "gamma by seed",
			text: examples.Gamma,
			set:  []string{"interneurons.size=17", "run.duration=24", "inputs.0.value=3", "gaba.g_max=uniform(0, 0.02)"},
			knob: "run.seed", values: func(k int) float64 { return float64(1 + k) },
		},
		{
			name: "lif with delay",
			text: lifDelay,
			knob: "exc.w", values: func(k int) float64 { return 0.2 + 0.02*float64(k) },
		},
		{
			name: "lif, jumps into V",
			text: lifJump,
			knob: "inputs.0.value", values: func(k int) float64 { return 17 + 0.1*float64(k) },
		},
		{
			name:        "feedback",
			text:        lifFeedback,
			knob:        "inputs.0.value",
			values:      func(k int) float64 { return 16 + 0.1*float64(k) },
			steppedOnly: true,
		},
	}
	return append(list, randomNetworks()...)
}

// lifDelay is golden's network with delays, smaller, whose connections are
// drawn, between groups.
const lifDelay = `gpusim: 1
dt: 0.1
method: exponential_euler
models:
  lif:
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
    parameters: {tau: 2, w: 1}
    state: {s: 0}
    equations: ds/dt = -s/tau
    on_pre: s += 1
    output: post.inp += w*s
populations:
  cells: {model: lif, size: 40, groups: {E: [0, 32], I: [32, 40]}, parameters: {t_ref: 2 + 0.1*i}, init: {V: "uniform(-60, -50)"}, record: [spikes, {V: {every: 9}}, {inp: {mean: true}}]}
projections:
  exc: {model: exp_current, from: cells.E, to: cells, connect: {fixed_probability: {p: 0.2, self: false}}, parameters: {w: 0.3}, delay: 1.0, record: [{s: {every: 20, of: [0, 5]}}]}
  inh: {model: exp_current, from: cells.I, to: cells, connect: {fixed_probability: {p: 0.3, seed: 5}}, parameters: {w: "uniform(-0.8, -0.4)"}, delay: 1.3}
inputs:
  - {to: cells.inp, value: 3}
  - {to: cells.E.inp, value: 0.5*sin(t/4) + i/100, from: 5, until: 33}
run: {duration: 40, seed: 1}
measure: [{rate: {of: cells}}, {isi_cv: {of: cells, from: 5}}]
`

// lifJump has spikes that go straight into a state of the neuron.
const lifJump = `gpusim: 1
dt: 0.1
method: euler
models:
  cell:
    kind: neuron
    parameters: {tau: 10, V_th: -50, t_ref: 2}
    state: {V: -65, w: 0}
    input: I
    equations: |
      dV/dt = (-65 - V - w + I)/tau (unless refractory)
      dw/dt = -w/50
    spike: V > V_th
    reset: V = -65; w += 0.5
    refractory: t_ref
  jump:
    kind: synapse
    parameters: {J: 0.4, U: 0.4}
    state: {R: 1}
    equations: dR/dt = (1 - R)/80
    on_pre: |
      post.V += J*R
      R -= U*R
populations:
  A: {model: cell, size: 33, init: {V: "uniform(-65, -50)"}, record: [spikes, w]}
  B: {model: cell, size: 9, parameters: {tau: "uniform(8, 12)"}, init: {V: "uniform(-65, -50)"}, record: [spikes]}
projections:
  AB: {model: jump, from: A, to: B, connect: {fixed_probability: {p: 0.3}}, delay: 0.7}
  BA: {model: jump, from: B, to: A, connect: {all_to_all: {}}, parameters: {J: -0.3}, delay: 0.2}
  AA: {model: jump, from: A, to: A, connect: {fixed_probability: {p: 0.1, self: false}}, parameters: {J: "uniform(0, 0.6)"}}
inputs: [{to: A.I, value: 17}, {to: B.I, value: 16}]
run: {duration: 40, seed: 4}
`

// lifFeedback has spikes that change a state which synapses of the same step
// read: nothing but the order of the file says what each reads.
const lifFeedback = `gpusim: 1
dt: 0.1
method: euler
models:
  cell:
    kind: neuron
    parameters: {tau: 10}
    state: {V: -65}
    input: I
    equations: dV/dt = (-65 - V + I)/tau
    spike: V > -50
    reset: V = -65
  jump:
    kind: synapse
    parameters: {J: 0.6}
    on_pre: post.V += J
  gap:
    kind: synapse
    parameters: {g: 0.05}
    output: post.I += g*(pre.V - post.V)
populations:
  P: {model: cell, size: 21, init: {V: "uniform(-65, -50)"}, record: [spikes, {V: {every: 5}}]}
projections:
  hit: {model: jump, from: P, to: P, connect: {fixed_probability: {p: 0.3, self: false}}}
  gap: {model: gap, from: P, to: P, connect: {one_to_one: {}}}
  all: {model: gap, from: P, to: P, connect: {all_to_all: {self: false}}, parameters: {g: 0.1/N_pre}}
inputs: [{to: P.I, value: 16}]
run: {duration: 30, seed: 4}
`

// TestNetworks: every network parses, is built in float64 and does something.
func TestNetworks(t *testing.T) {
	for _, n := range networks() {
		t.Run(n.name, func(t *testing.T) {
			r := runAll(t, n, cpuDevice(), []float64{n.values(0), n.values(3)}, 1)
			spikes := 0
			for _, o := range r {
				spikes += o.NumSpikes()
			}
			if spikes == 0 && !n.silent {
				t.Error("no spikes")
			}
			t.Logf("%d spikes", spikes)
			same := true
			for name, x := range r[0].State {
				for i := range x {
					same = same && outcome.SameBits(x[i], r[1].State[name][i])
				}
			}
			if same {
				t.Errorf("%s does not show", n.knob)
			}
		})
	}
}
