package engines

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/measure"
	"gpusim/model"
	"gpusim/tests/golden"
)

// lif is golden's network of integrate-and-fire neurons with exponential
// currents, as a user writes it.
const lif = `gpusim: 1
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
  cells: {model: lif, size: 60, init: {V: file(v.npy)}, record: [spikes]}
projections:
  exc: {model: exp_current, from: cells, to: cells, connect: {pairs: {pre: file(ep.npy), post: file(eq.npy)}}, parameters: {w: 0.2886751345948129}, delay: 1.0}
  inh: {model: exp_current, from: cells, to: cells, connect: {pairs: {pre: file(ip.npy), post: file(iq.npy)}}, parameters: {w: -0.4082482904638631}, delay: 1.0}
inputs: [{to: cells.inp, value: 3}]
run: {duration: 200, seed: 1}
`

// lifFile is that network with the arrays of a case of golden.
func lifFile(t testing.TB, name string) *model.File {
	t.Helper()
	text := lif
	if name == "lif" { // that case has no delay
		text = strings.ReplaceAll(text, ", delay: 1.0", "")
	}
	arrays := map[string]string{"ep": "exc_pre", "eq": "exc_post", "ip": "inh_pre", "iq": "inh_post"}
	read := func(path string) ([]float64, []int, error) {
		base := strings.TrimSuffix(filepath.Base(path), ".npy")
		if base == "v" {
			v, shape := golden.Float64(t, name+"_v_init")
			return v, shape, nil
		}
		v, shape := golden.Int32(t, name+"_"+arrays[base])
		out := make([]float64, len(v))
		for i, x := range v {
			out[i] = float64(x)
		}
		return out, shape, nil
	}
	f, _, err := model.Parse("lif.yaml", []byte(text), t.TempDir(), model.LoadOptions{ReadArray: read})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestLIFGolden runs golden's networks with and without delay. The integer rule
// of refractoriness gives one right answer, lif_integer_spikes and
// lifdelay_integer_spikes (an independent float64 program, see the manifest):
// float64 has every spike on its step, whole and in pieces. In float32 the
// counts of all neurons are equal and 95 % of the spikes are within one step.
func TestLIFGolden(t *testing.T) {
	for _, name := range []string{"lif", "lifdelay"} {
		f := lifFile(t, name)
		want := golden.Spikes(t, name+"_integer_spikes")
		steps, neurons := golden.Split(want)
		end, _ := golden.Float64(t, name+"_integer_V_end")
		for _, pieces := range []int{1, 3, 7, 77} {
			cpu := run(t, f, cpuref.New(), pieces, nil)
			got := cpu.result.Instances[0].Spikes[0]
			if !slices.Equal(got.Steps, steps) || !slices.Equal(got.Neurons, neurons) {
				t.Errorf("%s in %d pieces: %d spikes that are not golden's %d", name, pieces, len(got.Steps), len(steps))
			}
			for i, v := range cpu.state["cells.V"] {
				if !scalar.EqualWithinAbs(v, end[i], 1e-10) {
					t.Errorf("%s in %d pieces: V of neuron %d ends at %v, golden's at %v", name, pieces, i, v, end[i])
				}
			}
		}
		g := run(t, f, open(t, gpu.Options{}), 1, nil)
		got := g.result.Instances[0].Spikes[0]
		m := measure.Match(got.Steps, got.Neurons, steps, neurons, 60)
		if m.CountsDiffer != 0 || float64(m.WithinOne) < 0.95*float64(len(steps)) {
			t.Errorf("%s on the GPU: %d spikes, golden %d; %+v", name, len(got.Steps), len(steps), m)
		}
	}
}
