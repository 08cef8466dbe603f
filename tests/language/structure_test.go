package language

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/network"
	"gpusim/tests/outcome"
)

const structured = `
dt: step
constants: {step: 0.5, late: 2*early, early: 0.5, p: 0.5, n: 5, unused: 1}
models:
  n: {kind: neuron, state: {x: 0}, input: a, equations: dx/dt = a - x/4, spike: x > 1, reset: x = 0}
  m: {kind: neuron, state: {x: 0.25}, input: a, equations: dx/dt = a - x/2, spike: x > 1, reset: x = 0}
  s: {kind: synapse, parameters: {w: 0.25, d: late, e: 2*d}, on_pre: post.a += w, delay: e}
populations:
  P: {model: n, size: n, init: {x: "uniform(0, 1)"}, groups: {L: [0, 4]}, record: [spikes, x]}
projections:
  J: {model: s, from: P, to: P.L, connect: {fixed_probability: {p: p}}}
  K: {model: s, from: P, to: P.L, connect: {all_to_all: {}}, delay: 1}
inputs: [{to: P.a, value: 0.5}]
run: {duration: 10, seed: 3}
measure: [{rate: {of: P}}]
`

// TestStructureIsSwept: each point of a sweep of the structure is the run with
// --set of its values, to the bit, on both engines; points come in grid order,
// and each structure is built once.
func TestStructureIsSwept(t *testing.T) {
	device := engines(t)[gpu.FormFused]
	for _, c := range []struct {
		sweep  string
		groups int
	}{
		{"dt: {values: [0.5, 0.25]}", 2},
		{"step: {values: [0.5, 0.25]}", 2},
		{"method: {values: [euler, rk4, exponential_euler]}", 3},
		{"models.n.method: {values: [euler, rk4]}", 2},
		{"P.size: {from: 4, to: 8, points: 3}", 3},
		{"n: {values: [5, 6]}", 2},
		{"P.model: {values: [n, m]}", 2},
		{"P.groups.L.1: {values: [3, 4]}", 2},
		{"J.connect.fixed_probability.p: {values: [0.25, 0.5]}", 2},
		{"J.connect.fixed_probability.seed: {values: [3, 4]}", 2},
		{"p: {values: [0.25, 0.5]}", 2},
		{"J.delay: {values: [0.5, 1]}", 2},
		{"J.to: {values: [P.L, P]}", 2},
		{"early: {values: [0.5, 1]}", 2},
		{"J.d: {values: [0.5, 1]}", 2},
		{"J.w: {values: [0.25, 0.5]}, P.size: {values: [5, 7]}, inputs.0.value: {values: [0.5, 0.75]}", 2},
		{"method: {values: [euler, rk4]}, P.size: {values: [5, 7]}, seeds: 2", 4},
		{"zip: true, method: {values: [euler, rk4, euler]}, J.w: {values: [0.25, 0.5, 0.75]}", 2},
		{"points: [{method: rk4, J.w: 0.5}, {method: euler, J.w: 0.25}]", 2},
		{"design: sobol, points: 4, P.size: {values: [5, 7]}, J.w: {from: 0.25, to: 0.5}", 2},
	} {
		t.Run(c.sweep, func(t *testing.T) {
			f := mustParse(t, structured+"sweep: {"+c.sweep+"}\n", nil)
			names, points := network.SweepPoints(f.Sweep)
			for _, run := range []struct {
				dev  network.Device
				mode network.Mode
			}{{cpuref.New(), network.Batch}, {cpuref.New(), network.Repeat}, {device, network.Batch}} {
				if run.dev == device && c.groups != 4 {
					continue // one is enough: what differs is the file
				}
				kept := map[int]*network.Result{}
				var order []int
				var notes []string
				r, err := network.Sweep(context.Background(), f, run.dev, &network.SweepOptions{
					Mode: run.mode,
					Keep: func(k int, r *network.Result) { kept[k] = r },
					Each: func(k int, p network.Point) error { order = append(order, k); return nil },
					Note: func(s string) { notes = append(notes, s) },
				})
				if err != nil {
					t.Fatal(err)
				}
				slices.Sort(order) // group after group
				if len(slices.Compact(order)) != len(points) || order[len(order)-1] != len(points)-1 {
					t.Errorf("the points are %v", order)
				}
				want := fmt.Sprintf("): %d networks are built, one after another", c.groups)
				if len(notes) == 0 || !strings.HasSuffix(notes[0], want) || r.Counters.Rebuilds != c.groups-1 {
					t.Errorf("%d rebuilds; notes %q", r.Counters.Rebuilds, notes)
				}
				for k, p := range points {
					set := []string{}
					for i, name := range names {
						value := f.Sweep.Word(i, p[i])
						if value == "" {
							value = fmt.Sprint(p[i])
						}
						set = append(set, name+"="+value)
						if name == "run.seed" { // the synapses are drawn from the file's seed
							set = append(set, "J.connect.fixed_probability.seed=3")
						}
					}
					g := mustParse(t, structured, nil, set...)
					net, err := network.Compile(g, run.dev, nil)
					if err != nil {
						t.Fatal(err)
					}
					alone := outcome.Of(t, g, outcome.Run(t, net, g.Steps(), 1), nil, 0)
					outcome.Of(t, g, kept[k], nil, 0).Same(t, fmt.Sprintf("point %d: %v", k, set), alone)
					if err := net.Close(); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
}

// TestWhatIsStructure: a parameter that no delay reads is a value, and so is a
// constant that nothing of the structure reads.
func TestWhatIsStructure(t *testing.T) {
	for name, want := range map[string]bool{"J.w": false, "K.d": false, "unused": false, "run.seed": false,
		"J.d": true, "J.e": true, "late": true, "early": true, "p": true, "n": true} {
		f := mustParse(t, structured+"sweep: {"+name+": {values: [1]}}\n", nil, "n=4", "P.groups.L=[0, 1]")
		if got := f.Sweep.Axes[0].Structure; got != want {
			t.Errorf("%s is structure: %v", name, got)
		}
	}
}
