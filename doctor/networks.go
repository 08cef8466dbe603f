package doctor

import (
	"context"
	_ "embed"
	"fmt"
	"math"
	"strings"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/measure"
	"gpusim/model"
	"gpusim/network"
)

// gamma is the network that is run: 20 interneurons for 100 ms.
const gamma = `gpusim: 1
name: doctor
dt: 0.04
populations:
  cells: {model: wang_buzsaki, size: 20, init: {V: "uniform(-70, -50)", h: alpha_h/(alpha_h + beta_h), n: alpha_n/(alpha_n + beta_n)}}
projections:
  gaba: {model: gaba_a, from: cells, to: cells, connect: {all_to_all: {self: false}}, parameters: {g_max: 0.1/N_pre}}
inputs: [{to: cells.inp, value: 1.2}]
run: {duration: 100, seed: 1}
`

// weighted gives each synapse of it a weight, so that the sums are over rows.
var weighted = model.Override{Name: "gaba.g_max", Value: `"uniform(0.002, 0.008)"`}

//go:embed gamma.txt
var stored string

// storedSpikes are those that the float64 engine had: a line a spike, its step and
// neuron.
func storedSpikes() (steps []int64, neurons []int32, err error) {
	for line := range strings.Lines(stored) {
		var step int64
		var neuron int32
		if _, err := fmt.Sscan(line, &step, &neuron); err != nil {
			return nil, nil, fmt.Errorf("gamma.txt: %q: %w", line, err)
		}
		steps, neurons = append(steps, step), append(neurons, neuron)
	}
	return steps, neurons, nil
}

func networkTests() []test {
	return []test{
		{"same bits", doReport, sameBits},
		{"gamma network", doCPU, func(ctx context.Context, d *device, r *Result) error {
			dev := gpu.New(d.ctx, gpu.Options{})
			return gammaSpikes(ctx, dev, inFloat32, "every neuron's number of spikes, 95 % within one step", r)
		}},
	}
}

func float64Tests() []test {
	return []test{{"gamma network, float64", "report this line, and what processor it is", func(ctx context.Context, _ *device, r *Result) error {
		same := func(m measure.Matching) bool { return !m.Differs }
		return gammaSpikes(ctx, cpuref.New(), same, "every spike on its step", r)
	}}}
}

// outcome is what a run left: its spikes, and all state at its end.
type outcome struct {
	steps   []int64
	neurons []int32
	state   []float64
}

// simulate runs the gamma network.
func simulate(ctx context.Context, dev network.Device, set ...model.Override) (*outcome, error) {
	f, _, err := model.Parse("doctor", []byte(gamma), ".", model.LoadOptions{Set: set})
	if err != nil {
		return nil, err
	}
	n, err := network.Compile(f, dev, nil)
	if err != nil {
		return nil, err
	}
	defer n.Close()
	r, err := n.RunSteps(ctx, f.Steps())
	if err != nil {
		return nil, err
	}
	if bad := r.Instances[0].Bad; bad != nil {
		return nil, bad
	}
	t := r.Instances[0].Spikes[0]
	out := &outcome{steps: t.Steps, neurons: t.Neurons}
	for _, name := range n.StateNames() {
		x, err := n.Get(name)
		if err != nil {
			return nil, err
		}
		out.state = append(out.state, x...)
	}
	return out, nil
}

// gammaSpikes compares the network's spikes with those stored.
func gammaSpikes(ctx context.Context, dev network.Device, within func(measure.Matching) bool, limit string, r *Result) error {
	steps, neurons, err := storedSpikes()
	if err != nil {
		return err
	}
	got, err := simulate(ctx, dev)
	if err != nil {
		return err
	}
	m := measure.Match(got.steps, got.neurons, steps, neurons, 20)
	r.Measured = fmt.Sprintf("%d spikes of %d, %d on the same step, %d within one", len(got.steps), m.Spikes, m.Same, m.WithinOne)
	if m.CountsDiffer > 0 {
		r.Measured += fmt.Sprintf(", %d neurons with another number", m.CountsDiffer)
	}
	r.Limit = limit
	r.within(within(m))
	return nil
}

// sameBits runs two networks in ways that must not show in the results.
func sameBits(ctx context.Context, d *device, r *Result) error {
	ways := []gpu.Options{{Invocations: 8}, {Invocations: 32}, {Invocations: 128}, {Invocations: 32, Slice: 33}, {Invocations: 8, Slice: 640},
		{Invocations: 8, Deal: gpu.DealRolled}, {Invocations: 8, Deal: gpu.DealTiled}, {Form: gpu.FormStepped}}
	other := ""
	for _, set := range [][]model.Override{nil, {weighted}} {
		var first *outcome
		for _, o := range ways {
			got, err := simulate(ctx, gpu.New(d.ctx, o), set...)
			if err != nil {
				return err
			}
			if first == nil {
				first = got
				continue
			}
			if !first.equal(got) {
				other += fmt.Sprintf("; %s%d invocations %s with slices of %d steps have others than 8", o.Form, o.Invocations, o.Deal, o.Slice)
			}
		}
	}
	r.Measured, r.Limit = fmt.Sprintf("2 networks in %d ways%s", len(ways), other), "spikes and state equal to the bit"
	r.within(other == "")
	return nil
}

func (o *outcome) equal(p *outcome) bool {
	if len(o.steps) != len(p.steps) || len(o.state) != len(p.state) {
		return false
	}
	for i := range o.steps {
		if o.steps[i] != p.steps[i] || o.neurons[i] != p.neurons[i] {
			return false
		}
	}
	for i := range o.state {
		if math.Float64bits(o.state[i]) != math.Float64bits(p.state[i]) {
			return false
		}
	}
	return true
}

// inFloat32 is what the gamma network keeps in float32.
func inFloat32(m measure.Matching) bool {
	return m.CountsDiffer == 0 && 100*m.WithinOne >= 95*m.Spikes
}
