package language

import (
	"context"
	"fmt"
	"math"
	"testing"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/network"
	"gpusim/tests/outcome"
)

const swept = `
dt: 0.5
method: euler
constants: {k: 1, start: 0.25*k}
models:
  n: {kind: neuron, parameters: {g: 1, m: 2*g}, state: {x: start, y: x + m}, input: a, equations: "dx/dt = g*a*k; dy/dt = a/4 - y", spike: x > 20, reset: x = start}
  s: {kind: synapse, parameters: {w: 0.5, v: w + 1}, state: {s: v}, equations: ds/dt = -s + pre.x/8, on_pre: s += w, output: post.a += w*s}
populations:
  P: {model: n, size: 5, init: {x: "uniform(0, 10*k)"}, record: [spikes, x, y]}
projections:
  J: {model: s, from: P, to: P, connect: {fixed_probability: {p: 0.5}}, delay: 1, record: [s]}
inputs: [{to: P.a, value: 3*g}, {to: P.a, value: "0.5*sin(t) + g"}]
run: {duration: 20, seed: 3}
measure: [{rate: {of: P}}]
`

// TestSweepIsRuns: a point of any kind of sweep is the run with its values, to the
// bit, on both engines; nothing is built twice. Modes and forms of kernel on the
// device are those of tests/promises.
func TestSweepIsRuns(t *testing.T) {
	device := engines(t)[gpu.FormFused]
	for _, sweep := range []string{
		"J.w: {from: 0.5, to: 1, points: 3}",
		"P.g: {log_from: 0.5, log_to: 2, points: 3}",
		"k: {values: [1, 1.5]}",
		"start: {values: [1, 1.5]}",
		"P.x: {values: [1, 1.5]}",
		"P.y: {values: [1, 1.5]}",
		"J.s: {values: [1, 1.5]}",
		"inputs.0.value: {values: [2, 2.5]}",
		"inputs.1.value: {values: [2, 2.5]}",
		"run.seed: {values: [3, 4]}",
		"J.w: {values: [0.5, 0.75]}, run.seed: {values: [3, 4]}, zip: true",
		"J.v: {values: [0.5, 0.75]}, P.m: {values: [3, 4, 5]}",
		"design: sobol, points: 4, seed: 3, J.w: {from: 0.5, to: 1}, P.x: {normal: [1, 0.25]}, k: {values: [1, 1.5]}",
		"design: latin_hypercube, points: 3, J.v: {log_from: 0.5, log_to: 1}, inputs.0.value: {from: 2, to: 3}, seeds: 2",
		"points: [{J.w: 0.5, P.m: 3}, {P.m: 4, J.w: 0.75}]",
		"J.w: {random: [0.5, 1], points: 2}, seeds: [9, 4]",
	} {
		f := mustParse(t, swept+"sweep: {"+sweep+"}\n", nil)
		names, points := network.SweepPoints(f.Sweep)
		// run is the run with the values of a point.
		run := func(t *testing.T, dev network.Device, p []float64) outcome.Outcome {
			var set []string
			for a, name := range names {
				set = append(set, fmt.Sprintf("%s=%v", name, p[a]))
				if name == "run.seed" { // the synapses are drawn from the file's seed
					set = append(set, "J.connect.fixed_probability.seed=3")
				}
			}
			g := mustParse(t, swept, nil, set...)
			net, err := network.Compile(g, dev, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer net.Close()
			return outcome.Of(t, g, outcome.Run(t, net, g.Steps(), 1), nil, 0)
		}
		check := func(t *testing.T, dev network.Device, mode network.Mode, which ...int) {
			kept := map[int]*network.Result{}
			r, err := network.Sweep(context.Background(), f, dev, &network.SweepOptions{Mode: mode, Keep: func(k int, r *network.Result) { kept[k] = r }})
			if err != nil {
				t.Fatal(err)
			}
			if r.Counters.Rebuilds != 0 || len(r.Points) != len(points) {
				t.Errorf("%d rebuilds, %d points of %d", r.Counters.Rebuilds, len(r.Points), len(points))
			}
			for _, k := range which {
				outcome.Of(t, f, kept[k], nil, 0).Same(t, fmt.Sprintf("point %d %v", k, points[k]), run(t, dev, points[k]))
			}
		}
		last := len(points) - 1
		for mode, name := range map[network.Mode]string{network.Batch: "batch", network.Repeat: "repeat"} {
			t.Run(name+" "+sweep, func(t *testing.T) { check(t, cpuref.New(), mode, 0, 1, last) })
		}
		t.Run("device "+sweep, func(t *testing.T) { check(t, device, network.Batch, last) })
	}
}

// TestPoints: by count; grids with the last varying fastest; zip.
func TestPoints(t *testing.T) {
	for _, c := range []struct{ sweep, want string }{
		{"k: {from: 0, to: 1, points: 4}", "[[0] [0.3333333333333333] [0.6666666666666666] [1]]"},
		{"k: {log_from: 0.1, log_to: 10, points: 3}", "[[0.1] [1] [10]]"},
		{"k: {values: [1, 2]}, P.g: {values: [3, 4]}", "[[1 3] [1 4] [2 3] [2 4]]"},
		{"zip: true, k: {values: [1, 2]}, P.g: {values: [3, 4]}", "[[1 3] [2 4]]"},
		{"k: {values: [1, 2]}, seeds: 2", "[[1 3] [1 4] [2 3] [2 4]]"},
		{"seeds: [7, 9]", "[[7] [9]]"},
		{"points: [{k: 1, P.g: 2}, {P.g: 4, k: 3}], seeds: [5]", "[[1 2 5] [3 4 5]]"},
		{"k: {from: 2, to: 2, points: 1}", "[[2]]"},
		{"k: {values: [1/4, 2*pi]}", fmt.Sprintf("[[0.25] [%v]]", 2*math.Pi)},
	} {
		_, points := network.SweepPoints(mustParse(t, swept+"sweep: {"+c.sweep+"}\n", nil).Sweep)
		if got := fmt.Sprint(points); got != c.want {
			t.Errorf("%s: %s, expected %s", c.sweep, got, c.want)
		}
	}
}
