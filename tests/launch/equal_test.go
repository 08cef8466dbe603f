package launch

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"gpusim/cpuref"
	"gpusim/examples"
	"gpusim/gpu"
	"gpusim/network"
	"gpusim/tests/meter"
	"gpusim/tests/outcome"
)

// TestBatchRepeatSingle: a point of a sweep is the same to the bit whether all
// points are launched at once, one after another on one network, or each as a
// network of its own: spikes, measures, traces and final state.
func TestBatchRepeatSingle(t *testing.T) {
	f := parseText(t, measuring())
	values := gMax(t)
	for _, o := range []gpu.Options{plain(), {}} {
		d := open(t, o)
		dev := d

		batch, err := network.Compile(f, dev, &network.Options{Instances: len(values)})
		ok(t, err)
		ok(t, batch.SetInstances("gaba.g_max", values))
		all, err := batch.Run(context.Background(), f.Run.Duration)
		ok(t, err)

		repeat, err := network.Compile(f, dev, nil)
		ok(t, err)
		for k, g := range values {
			what := fmt.Sprintf("%+v, g_max %v", o, g)
			single := alone(t, parseText(t, measuring(), "gaba.g_max="+number(g)), d)
			same(t, what+", batch and single", outcome.Of(t, f, all, batch, k), single)
			ok(t, repeat.Reset())
			ok(t, repeat.Set("gaba.g_max", g))
			r, err := repeat.Run(context.Background(), f.Run.Duration)
			ok(t, err)
			same(t, what+", repeat and single", outcome.Of(t, f, r, repeat, 0), single)
		}
		meter.Want(t, "rebuilds", batch.Rebuilds()+repeat.Rebuilds(), 0)
		ok(t, batch.Close())
		ok(t, repeat.Close())
	}
}

// measuring is the gamma network with its voltage recorded and all measures.
func measuring() string {
	return strings.NewReplacer(
		"record: [spikes]", "record: [spikes, {V: {every: 7}}]",
		"measure:\n", "measure:\n  - voltage_fluctuation: {of: interneurons}\n  - rate: {of: interneurons}\n"+
			"  - isi_mean: {of: interneurons}\n  - isi_cv: {of: interneurons, from: 20}\n",
	).Replace(examples.Gamma)
}

// TestSweepModes: whatever is swept, gpusim's own sweep gives in both modes
// what the points give alone.
func TestSweepModes(t *testing.T) {
	for _, test := range []struct {
		name  string
		sweep []string // NAME=A,B,C
	}{
		{"synapse parameter", []string{"gaba.g_max=0.0005,0.001,0.0015"}},
		{"neuron parameter", []string{"interneurons.gL=0.1,0.08,0.13"}},
		{"input", []string{"inputs.0.value=1.2,0.9,2"}},
		{"seed", []string{"run.seed=1,2,3"}},
		{"starting value", []string{"interneurons.n=0.1,0.3"}},
		{"start that others read", []string{"interneurons.V=-60,-52"}},
		{"grid", []string{"gaba.g_max=0.0006,0.0012", "inputs.0.value=1,1.4"}},
	} {
		for _, engine := range []string{"gpu", "cpu"} {
			t.Run(test.name+"/"+engine, func(t *testing.T) {
				var dev network.Device = cpuref.New()
				if engine == "gpu" {
					dev = open(t, gpu.Options{Slice: 320})
				}
				var flags []string
				for _, s := range test.sweep {
					flags = append(flags, "sweep:"+s)
				}
				f := parse(t, flags...)
				names, values := network.SweepPoints(f.Sweep)
				var results [2][]outcome.Outcome
				var points [2][]network.Point
				for _, mode := range []network.Mode{network.Batch, network.Repeat} {
					r, err := network.Sweep(context.Background(), f, dev, &network.SweepOptions{Mode: mode, Keep: func(k int, r *network.Result) {
						results[mode] = append(results[mode], outcome.Of(t, f, r, nil, 0))
					}})
					ok(t, err)
					points[mode] = r.Points
				}
				for k, value := range values {
					var set []string
					for i, name := range names {
						set = append(set, name+"="+number(value[i]))
					}
					what := strings.Join(set, " ")
					g := parse(t, set...)
					n, err := network.Compile(g, dev, nil)
					ok(t, err)
					r, err := n.Run(context.Background(), g.Run.Duration)
					ok(t, err)
					single := outcome.Of(t, g, r, nil, 0)
					ok(t, n.Close())
					same(t, what+", batch and single", results[network.Batch][k], single)
					same(t, what+", repeat and single", results[network.Repeat][k], single)
					for _, list := range points {
						p := list[k]
						meter.Want(t, what+": status", p.Status, network.StatusOK)
						meter.Want(t, what+": spikes", p.Spikes[0], len(single.Spikes[0].Steps))
						if !outcome.SameBits(p.Measures[0].Value, single.Measures[0].Value) {
							t.Errorf("%s: the sweep's table has %v, the run %v", what, p.Measures[0], single.Measures[0])
						}
					}
				}
			})
		}
	}
}
