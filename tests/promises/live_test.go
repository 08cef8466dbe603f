package promises

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"gpusim/gpu"
	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/network"
	"gpusim/tests/outcome"
)

// live is a change of a network that has run, a row of "Running again".
type live struct {
	name string
	net  testNet
	// change is done to the network; set is what the file that it then runs has
	// otherwise (Change).
	change func(n *network.Network) error
	set    []string
	edit   [2]string // of the file's text
	// notes are all that the user is told, each with what follows a change.
	notes []string
	// anew are the objects whose state is not kept.
	anew []string
	// free: nothing is built.
	free bool
	// unbroken: it goes on as it would have gone without the change, what is in
	// flight included.
	unbroken bool
}

const (
	liveMs   = 9.2 // a multiple of all time steps
	liveMore = 6.4
)

func lives() []live {
	gamma := testNet{
		name: "gamma", knob: "gaba.g_max", values: func(k int) float64 { return 0.01 + 0.01*float64(k) },
		text: strings.Replace(networks()[0].text, "{h: {every: 40, of: [3, 11]}}", "{h: {every: 8, of: [3, 11]}}", 1),
		set:  []string{"interneurons.size=14", "interneurons.V=-65 + 10*i/N", "inputs.0.value=2", "run.duration=30"},
	}
	delayed := testNet{name: "lif with delay", text: lifDelay, knob: "exc.w", values: func(k int) float64 { return 0.3 + 0.1*float64(k) }}
	perNeuron := make([]float64, 14)
	for i := range perNeuron {
		perNeuron[i] = 1 + float64(i)/8
	}
	perSynapse := make([]float64, 14*13)
	for i := range perSynapse {
		perSynapse[i] = float64(i%7) / 1024
	}
	return []live{
		{
			name: "values", net: gamma, free: true,
			change: func(n *network.Network) error { return n.Set("inputs.0.value", 3.5) },
		},
		{
			name: "values of another file", net: gamma, free: true,
			set: []string{"inputs.0.value=3.5", "interneurons.phi=4", "interneurons.V=-60", "gaba.g_max=7"}, // g_max was set
		},
		{
			name: "the clock", net: delayed, free: true, unbroken: true,
			change: func(n *network.Network) error {
				if err := n.SetClock(70); err != nil {
					return err
				}
				return n.SetClock(liveMs)
			},
		},
		{
			name: "the same numbers in another shape", net: delayed, unbroken: true,
			change: func(n *network.Network) error { return n.Set("inputs.0.value", slices.Repeat([]float64{3}, 40)) },
			notes:  []string{`The current "cells.inp" input shape (40,) is different from the last input shape ().`},
		},
		{
			name: "the same file", net: delayed, free: true, unbroken: true, set: []string{"name=another"},
		},
		{
			name: "records of the file", net: delayed, unbroken: true, edit: [2]string{"record: [{s: {every: 20, of: [0, 5]}}]", "record: []"},
			notes: []string{`The current recorded variables (none) of "exc" are different from the last (s of elements 0 5 every 20 steps).`},
		},
		{
			name: "shape of an input", net: gamma,
			change: func(n *network.Network) error { return n.Set("inputs.0.value", perNeuron) },
			notes:  []string{`The current "interneurons.inp" input shape (14,) is different from the last input shape ().`},
		},
		{
			name: "operation of an input", net: gamma,
			change: func(n *network.Network) error {
				return n.SetInput(0, model.Constant, "set", []float64{2.5}, 0)
			},
			notes: []string{`The current "interneurons.inp" input operation "set" is different from the last input operation "add".`},
		},
		{
			name: "inputs of another file", net: gamma,
			edit: [2]string{"value: 1.2}", "value: 1.2, op: subtract, until: 500}\n  - {to: interneurons.inp, value: 4*sin(t)}"},
			notes: []string{
				`The current "interneurons.inp" input operation "subtract" is different from the last input operation "add".`,
				`The current "interneurons.inp" input is given until 500 ms, the last was given always.`,
				`The current "interneurons.inp" input of shape () is new.`,
			},
		},
		{
			name: "an input more and an input less", net: gamma,
			change: func(n *network.Network) error {
				err := n.AddInput(model.Input{To: &model.Population{Name: "interneurons"}, Target: "inp",
					Value: &model.Value{Array: &model.Array{Data: perNeuron}}, Kind: model.PerNeuron})
				if err != nil {
					return err
				}
				return n.DropInput(0)
			},
			notes: []string{
				`The last "interneurons.inp" input of shape () was dropped.`,
				`The current "interneurons.inp" input of shape (14,) is new.`,
			},
		},
		{
			name: "recorded variables", net: gamma,
			change: func(n *network.Network) error {
				return n.SetRecords("gaba", []model.Record{{Name: "s", Every: 3}, {Name: "T", Every: 10}})
			},
			notes: []string{`The current recorded variables (s every 3 steps, T every 10 steps) of "gaba" are different from the last (none).`},
		},
		{
			name: "values a synapse", net: gamma,
			change: func(n *network.Network) error { return n.Set("gaba.g_max", perSynapse) },
			notes:  []string{`The current "gaba.g_max" shape (182,) is different from the last shape ().`},
		},
		{
			name: "a state a synapse", net: gamma,
			change: func(n *network.Network) error { return n.Set("gaba.s", perSynapse) },
			notes:  []string{`The current "gaba.s" shape (182,) is different from the last shape (14,).`},
		},
		{
			name: "dt", net: delayed, set: []string{"dt=0.05"},
			notes: []string{
				"The current dt 0.05 ms is different from the last dt 0.1 ms.",
				"= Elapsed refractory time is kept in ms.",
				"= The delay lines are cleared.",
			},
		},
		{
			name: "method", net: delayed, set: []string{"method=rk4"},
			notes: []string{
				`The current "cells" method rk4 is different from the last method exponential_euler.`,
				`The current "exc" method rk4 is different from the last method exponential_euler.`,
				`The current "inh" method rk4 is different from the last method exponential_euler.`,
				"= Elapsed refractory time is kept in ms.",
				"= The delay lines are cleared.",
			},
		},
		{
			name: "equations", net: gamma, edit: [2]string{"dh/dt = phi*(", "k = 1 + h/8\n      dh/dt = k*phi*("},
			notes: []string{
				`The current "interneurons" equation k = 1 + h/8 is new.`,
				`The current "interneurons" equation dh/dt = k*phi*(alpha_h*(1 - h) - beta_h*h) is different from the last equation dh/dt = phi*(alpha_h*(1 - h) - beta_h*h).`,
			},
		},
		{
			// In the new condition the neurons are below the threshold, which
			// they may have been above before: that is found from V.
			name: "spike condition", net: gamma, edit: [2]string{"spike: V >= V_th", "spike: V >= V_th - 57"},
			notes: []string{`The current "interneurons" spike V >= V_th - 57 is different from the last spike V >= V_th.`},
		},
		{
			name: "a state more", net: gamma, edit: [2]string{"state: {s: 0}", "state: {s: 0, x: 0.5}"},
			notes: []string{`The current "gaba" states s, x is different from the last states s.`},
		},
		{
			name: "size", net: gamma, set: []string{"interneurons.size=19"}, anew: []string{"interneurons", "gaba"},
			notes: []string{
				`The current "interneurons" size 19 is different from the last size 14.`,
				`The current "gaba" connection all_to_all of 342 synapses is different from the last connection all_to_all of 182 synapses.`,
				`= The neurons of "interneurons" start anew.`,
				`= The synapses of "gaba" start anew.`,
			},
		},
		{
			name: "connectivity", net: delayed, anew: []string{"inh"},
			edit: [2]string{"{p: 0.3, seed: 5}", "{p: 0.3, seed: 6}"},
			notes: []string{
				`The current "inh" connection fixed_probability of 117 synapses is different from the last connection fixed_probability of 91 synapses.`,
				`= The synapses of "inh" start anew.`,
				"= Elapsed refractory time is kept in ms.",
				"= The delay lines are cleared.",
			},
		},
	}
}

// TestRunningAgain goes through what may change between runs of a network: the
// change is named, or nothing is built, and the network then goes on as one that
// was compiled with the change, at that time and with the state that there was;
// from Reset on it runs as one that was compiled with it. On both engines, for
// two instances.
func TestRunningAgain(t *testing.T) {
	form := gpuDevice(t, gpu.FormFused, 8)
	for _, c := range lives() {
		t.Run(c.name+"/gpu", func(t *testing.T) { c.test(t, form) })
		t.Run(c.name+"/cpu", func(t *testing.T) { c.test(t, cpuDevice()) })
	}
}

func (c live) test(t *testing.T, dev network.Device) {
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var told []string
	file := c.net.file(t)
	net, err := network.Compile(file, dev, &network.Options{Instances: 2, Note: func(s string) { told = append(told, s) }})
	ok(err)
	defer net.Close()
	ok(net.SetInstances(c.net.knob, c.net.list(2)))
	run := func(n *network.Network, ms float64) *network.Result {
		t.Helper()
		r, err := n.Run(context.Background(), ms)
		ok(err)
		return r
	}
	run(net, liveMs)

	fresh := c.fresh(t, dev)
	defer fresh.Close()
	programs := net.Counters().ProgramsBuilt
	if c.unbroken {
		run(fresh, liveMs)
	} else {
		c.give(t, net, fresh)
	}
	if c.changesFile() {
		ok(net.Change(c.file(t)))
	} else {
		ok(c.change(net))
	}
	got, want := run(net, liveMore), run(fresh, liveMore)
	for k := range 2 {
		outcome.Of(t, c.file(t), got, net, k).Same(t, "going on", outcome.Of(t, c.file(t), want, fresh, k))
	}

	var notes []string
	for _, s := range c.notes {
		if text, whole := strings.CutPrefix(s, "= "); whole {
			notes = append(notes, text)
		} else {
			notes = append(notes, s+" The network will be rebuilt.")
		}
	}
	if !slices.Equal(told, notes) {
		t.Errorf("told:\n%s\nwant:\n%s", strings.Join(told, "\n"), strings.Join(notes, "\n"))
	}
	if rebuilds := net.Rebuilds(); c.free == (rebuilds > 0) || c.free && net.Counters().ProgramsBuilt != programs {
		t.Errorf("%d rebuilds", rebuilds)
	}

	ok(net.Reset())
	again := c.fresh(t, dev)
	defer again.Close()
	if strings.Contains(c.name, "a state a") { // it was set later than the start
		return
	}
	got, want = run(net, liveMore), run(again, liveMore)
	for k := range 2 {
		outcome.Of(t, c.file(t), got, net, k).Same(t, "from Reset", outcome.Of(t, c.file(t), want, again, k))
	}
}

func (c live) changesFile() bool { return c.set != nil || c.edit[0] != "" }

// file is the file that the network runs after the change.
func (c live) file(t *testing.T) *model.File {
	t.Helper()
	n := c.net
	if c.edit[0] != "" {
		if !strings.Contains(n.text, c.edit[0]) {
			t.Fatalf("no %q in the file", c.edit[0])
		}
		n.text = strings.Replace(n.text, c.edit[0], c.edit[1], 1)
	}
	return n.file(t, c.set...)
}

// fresh is a network that was compiled with the change.
func (c live) fresh(t *testing.T, dev network.Device) *network.Network {
	t.Helper()
	n, err := network.Compile(c.file(t), dev, &network.Options{Instances: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.SetInstances(c.net.knob, c.net.list(2)); err != nil {
		t.Fatal(err)
	}
	if c.change != nil && !c.unbroken {
		if err := c.change(n); err != nil {
			t.Fatal(err)
		}
	}
	return n
}

// give gives a network that did not run yet the time and the state of another,
// as far as it is kept.
func (c live) give(t *testing.T, from, to *network.Network) {
	t.Helper()
	if err := to.SetClock(liveMs); err != nil {
		t.Fatal(err)
	}
	for _, name := range to.StateNames() {
		object, state, _ := strings.Cut(name, ".")
		switch {
		case strings.HasSuffix(name, ".line"), slices.Contains(c.anew, object), name == "gaba.x":
			continue
		case state == "spike_condition" && c.name == "spike condition":
			continue
		case c.name == "a state a synapse" && name == "gaba.s":
			continue
		}
		rows := make([][]float64, 2)
		for k := range rows {
			x, err := from.GetInstance(name, k)
			if err != nil {
				t.Fatal(err)
			}
			for i := range x {
				if state == "last_spike_step" && x[i] > ir.NeverSpiked {
					ago := (float64(from.Step()) - x[i]) * from.Dt()
					x[i] = float64(to.Step()) - math.Round(ago/to.Dt())
				}
			}
			rows[k] = x
		}
		if err := to.SetEach(name, rows); err != nil {
			t.Fatal(err)
		}
	}
}
