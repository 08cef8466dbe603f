package network

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"gpusim/model"
)

// errorsText is a network with everything that the calls below get wrong: a
// refractory time, spikes in flight, an input, quantities.
const errorsText = `gpusim: 1
dt: 0.1
constants: {k: 1}
models:
  lif: {kind: neuron, parameters: {tau: 10}, state: {V: 0}, input: I, equations: "u = -V/tau; dV/dt = u + I", spike: V > 1, reset: V = 0, refractory: 2}
  kick: {kind: synapse, parameters: {w: 1}, state: {s: 0}, equations: ds/dt = -s, on_pre: s += w, output: post.I += s, delay: 1}
populations:
  cells: {model: lif, size: 4}
  others: {model: lif, size: 2}
projections:
  p: {model: kick, from: cells, to: others, connect: {all_to_all: {}}}
  q: {model: kick, from: cells, to: others, connect: {pairs: [[0, 1], [0, 0], [3, 1]]}}
inputs: [{to: cells.I, value: 1}]
run: {duration: 4, seed: 1}
`

// What is wrong in a call of the API is said with the names and the numbers, and
// is of a kind that a program can branch on.
func TestErrors(t *testing.T) {
	ctx := context.Background()
	other := &model.Population{Name: "cell"}
	one := &model.Value{Name: "value"}
	for _, c := range []struct {
		name string
		call func(n *Network) error
		kind error // nil: no kind
		want string
	}{
		{"type", func(n *Network) error { return n.Set("cells.tau", "10") }, nil, "cells.tau: a value is a number or []float64, not string"},
		{"not finite", func(n *Network) error { return n.Set("cells.V", []float64{0, 1, math.NaN(), 2}) }, ErrNotFinite, "cells.V: the value of element 2 is NaN"},
		{"infinite", func(n *Network) error { return n.Set("cells.tau", math.Inf(1)) }, ErrNotFinite, "cells.tau: the value is +Inf"},
		{"constant", func(n *Network) error { return n.Set("k", []float64{1, 2}) }, ErrShape, "k: 2 values given, expected 1"},
		{"neurons", func(n *Network) error { return n.Set("cells.V", []float64{1, 2}) }, ErrShape, "cells.V: 2 values given, expected 1 or 4 (one a neuron)"},
		{"synapses", func(n *Network) error { return n.Set("p.w", []float64{1, 2}) }, ErrShape, "p.w: 2 values given, expected 1 or 8 (one a synapse, pre ascending, then post)"},
		{"pairs", func(n *Network) error { return n.Set("q.s", []float64{1, 2}) }, ErrShape, "q.s: 2 values given, expected 1, 4 (one a presynaptic neuron) or 3 (one a synapse, in the order of the pairs)"},
		{"seed", func(n *Network) error { return n.Set("run.seed", 1.5) }, nil, "run.seed: a seed is a whole number from 0, not 1.5"},
		{"seeds", func(n *Network) error { return n.Set("run.seed", []float64{1, 2}) }, ErrShape, "run.seed: 2 values given, expected 1"},
		{"unknown", func(n *Network) error { return n.Set("cells.taau", 1) }, ErrUnknownName, `there is no "cells.taau" in this network; did you mean cells.tau?`},
		{"unlike any", func(n *Network) error { return n.Set("nothing", 1) }, ErrUnknownName, `there is no "nothing" in this network`},
		{"quantity", func(n *Network) error { return n.Set("cells.u", 1) }, ErrUnknownName, "cells.u is computed by the model: it can be recorded, not set"},
		{"refractory", func(n *Network) error { return n.Set("cells.refractory_steps", 1) }, ErrUnknownName, "cells.refractory_steps is computed from the refractory time"},
		{"in flight", func(n *Network) error { return n.Set("cells.spiked", 1) }, ErrUnknownName, "cells.spiked is what the network keeps between steps: it cannot be set"},
		{"input", func(n *Network) error { return n.Set("inputs.3.value", 1) }, ErrUnknownName, "there is no input 3 in this network; it has 1, counted from 0"},
		{"instances", func(n *Network) error { return n.SetInstances("k", []float64{1}) }, ErrShape, "k: 1 values given, expected 2, one an instance"},
		{"an instance", func(n *Network) error { return n.SetInstances("k", []float64{1, math.NaN()}) }, ErrNotFinite, "k: the value of instance 1 is NaN"},
		{"which instance", func(n *Network) error { _, err := n.GetInstance("k", 2); return err }, ErrShape, "there is no instance 2; there are 2, counted from 0"},
		{"operation", func(n *Network) error { return n.SetInput(0, model.Constant, "plus", []float64{1}, 0) }, nil, `inputs.0.value: there is no operation "plus"; there are [add subtract multiply divide set]`},
		{"every", func(n *Network) error { return n.SetInput(0, model.PerTime, "", []float64{1}, 0) }, nil, "inputs.0.value: the time between samples is greater than 0 ms, not 0"},
		{"no samples", func(n *Network) error { return n.SetInput(0, model.PerTime, "", nil, 1) }, ErrShape, "inputs.0.value: the input to cells.I: no samples given"},
		{"constant input", func(n *Network) error { return n.SetInput(0, model.Constant, "", []float64{1, 2}, 1) }, ErrShape, "inputs.0.value: the input to cells.I: 2 values given, expected 1"},
		{"input a neuron", func(n *Network) error { return n.SetInput(0, model.PerNeuron, "", []float64{1, 2}, 1) }, ErrShape, "inputs.0.value: the input to cells.I: 2 values given, expected 1 or 4 (one a neuron)"},
		{"samples", func(n *Network) error { return n.SetInput(0, model.PerTimeAndNeuron, "", []float64{1, 2}, 1) }, ErrShape, "inputs.0.value: the input to cells.I: 2 values given, expected a multiple of 4 (samples of one a neuron)"},
		{"empty input", func(n *Network) error { return n.AddInput(model.Input{}) }, nil, "an input needs a population and a value"},
		{"input elsewhere", func(n *Network) error { return n.AddInput(model.Input{To: other, Value: one}) }, ErrUnknownName, `there is no "cell" in this network; did you mean cells?`},
		{"target", func(n *Network) error {
			return n.AddInput(model.Input{To: n.file.Populations[0], Target: "J", Value: one})
		}, ErrUnknownName, `cells (of model lif) has no input "J"`},
		{"operation of a new one", func(n *Network) error {
			return n.AddInput(model.Input{To: n.file.Populations[0], Target: "I", Value: one, Op: "plus"})
		}, nil, `there is no operation "plus"; there are [add subtract multiply divide set]`},
		{"record of", func(n *Network) error { return n.SetRecords("cell", nil) }, ErrUnknownName, `there is no "cell" in this network; did you mean cells?`},
		{"record", func(n *Network) error { return n.SetRecords("cells", []model.Record{{Name: "W"}}) }, ErrUnknownName, `cells (of model lif) has no "W" to record`},
		{"element", func(n *Network) error {
			if err := n.SetRecords("cells", []model.Record{{Name: "V", Of: []int{4}}}); err != nil {
				return err
			}
			_, err := n.Run(ctx, 1)
			return err
		}, ErrShape, "cells.V: there is no element 4 to record; there are 4"},
		{"duration", func(n *Network) error { _, err := n.Run(ctx, -1); return err }, nil, "a run's duration is a time in ms from 0, not -1"},
		{"end", func(n *Network) error { _, err := n.Run(ctx, 1e300); return err }, nil, "a run to 1e+300 ms has more steps than can be counted"},
		{"steps", func(n *Network) error { _, err := n.RunSteps(ctx, -1); return err }, nil, "a run has 0 steps or more, not -1"},
		{"clock", func(n *Network) error { return n.SetClock(-1) }, nil, "the clock is a time in ms from 0, not -1"},
		{"measured instance", func(n *Network) error { _, err := Measure(n.file, &Result{}, 1); return err }, ErrShape, "there is no instance 1; there are 0, counted from 0"},
		{"measure without spikes", func(n *Network) error {
			_, err := Measure(&model.File{Measures: []*model.Measure{{Key: "rate", Kind: "rate", Of: n.file.Populations[0]}}}, &Result{Dt: 1, Instances: make([]InstanceResult, 1)}, 0)
			return err
		}, ErrUnknownName, "rate: the result has no spikes of cells"},
		{"measure without rows", func(n *Network) error {
			_, err := Measure(&model.File{Measures: []*model.Measure{{Key: "x", Kind: "voltage_fluctuation", Of: n.file.Populations[0]}}}, &Result{Dt: 1, Instances: make([]InstanceResult, 1)}, 0)
			return err
		}, ErrUnknownName, "x: the result has no record of cells.V at every step"},
		{"no file", func(*Network) error { _, err := Compile(nil, nil, nil); return err }, nil, "network: there is no file or no device"},
		{"no sweep", func(n *Network) error { _, err := Sweep(ctx, n.file, n.dev, nil); return err }, nil, "the file has no sweep"},
		{"closed", func(n *Network) error {
			if err := n.Close(); err != nil {
				return err
			}
			_, err := n.Run(ctx, 1)
			return err
		}, ErrClosed, "the network is closed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, _, _ := compiled(t, errorsText, &Options{Instances: 2})
			err := c.call(n)
			if err == nil {
				t.Fatalf("no error; want %s", c.want)
			}
			if err.Error() != c.want {
				t.Errorf("got\n%s\nwant\n%s", err, c.want)
			}
			if c.kind != nil && !errors.Is(err, c.kind) {
				t.Errorf("%v is not of the kind %v", err, c.kind)
			}
		})
	}
}

// An error about a value of the file has its place.
func TestErrorsHavePlaces(t *testing.T) {
	for _, c := range []struct{ replace, by, want string }{
		{"{tau: 10}", "{tau: exponential(-1)}", `test.yaml:5:41: cells.tau: exponential with a mean of -1
    lif: {kind: neuron, parameters: {tau: exponential(-1)}, state: {V: 0}, input: I, equations: "u = -V/tau; dV/dt = u + I", spike: V > 1, reset: V = 0,...
                                          ^`},
		{"state: {s: 0}", "state: {s: 1/0}", `test.yaml:6:56: p.s: the starting value is +Inf
    kick: {kind: synapse, parameters: {w: 1}, state: {s: 1/0}, equations: ds/dt = -s, on_pre: s += w, output: post.I += s, delay: 1}
                                                         ^`},
		{"{all_to_all: {}}}", "{fixed_probability: {p: 0.5}}, record: [{s: {of: [0, 99]}}]}", `test.yaml:11:95: p.s: there is no element 99 to record; there are 4
    p: {model: kick, from: cells, to: others, connect: {fixed_probability: {p: 0.5}}, record: [{s: {of: [0, 99]}}]}
                                                                                                ^`},
	} {
		_, err := Compile(parse(t, strings.Replace(errorsText, c.replace, c.by, 1)), &fakeDevice{}, nil)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: got\n%v\nwant\n%s", c.by, err, c.want)
		}
	}
}
