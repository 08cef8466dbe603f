package language

import (
	"fmt"
	"math"
	"testing"

	"gpusim/network"
)

// TestRecords: states, quantities and inputs, as they were before the update
// cleared them; every, of and mean; of projections too; row r is after its step.
func TestRecords(t *testing.T) {
	const text = `
dt: 0.5
method: euler
models:
  n: {kind: neuron, state: {x: 0}, input: [a], equations: "q = x + 10*a; dx/dt = 2*a", spike: x > 4, reset: x = 0.5}
  s: {kind: synapse, state: {s: 0}, equations: "r = s + post.x; ds/dt = 2*pre.x", output: post.a += 0*s}
populations:
  P: {model: n, size: 4, groups: {L: [1, 3]}, record: [spikes, x, q, {a: {every: 3}}]}
  O: {model: n, size: 4, groups: {M: [1, 3], I: [3, 4]}, record: [{x: {of: [3, "0:2", M, O.I]}}, {q: {mean: true}}, {a: {every: 2, of: "1:3", mean: true}}, {x: {mean: true, every: 3}}, {x: {mean: true, of: [3, 0, 3], name: ends}}]}
projections:
  J: {model: s, from: P, to: P, connect: {pairs: [[0, 1], [0, 2], [3, 1]]}, record: [{s: {every: 4}}, {r: {of: 2}}]}
  K: {model: s, from: P, to: P.L, connect: {all_to_all: {}}, record: [{r: {mean: true}}]}
inputs: [{to: P.a, value: 1 + i}, {to: O.a, value: 1 + i}]
run: {start: 1, duration: 8}
`
	f := mustParse(t, text, nil)
	var xs [16][4]float64
	var ss [16][4]float64
	var x, s [4]float64
	for k := range xs {
		for i := range x {
			x[i] += 1 + float64(i)
			if x[i] > 4 {
				x[i] = 0.5
			}
			s[i] += x[i]
		}
		xs[k], ss[k] = x, s
	}
	onEach(t, f, func(t *testing.T, x left) {
		x.same(t, "P.x", 4, func(step int64, k int) float64 { return xs[step-2][k] })
		x.same(t, "P.q", 4, func(step int64, k int) float64 { return xs[step-2][k] + 10*(1+float64(k)) })
		x.same(t, "P.a", 4, func(step int64, k int) float64 { return 1 + float64(k) })
		x.same(t, "O.x", 6, func(step int64, k int) float64 { return xs[step-2][[]int{3, 0, 1, 1, 2, 3}[k]] })
		x.same(t, "O.q", 1, func(step int64, _ int) float64 {
			return (xs[step-2][0]+xs[step-2][1]+xs[step-2][2]+xs[step-2][3])/4 + 25
		})
		x.same(t, "O.x.mean", 1, func(step int64, _ int) float64 {
			return (xs[step-2][0] + xs[step-2][1] + xs[step-2][2] + xs[step-2][3]) / 4
		})
		x.same(t, "O.ends", 1, func(step int64, _ int) float64 { return (xs[step-2][0] + xs[step-2][3]) / 2 })
		x.same(t, "O.a", 1, func(int64, int) float64 { return 2.5 })
		x.same(t, "J.r", 1, func(step int64, _ int) float64 { return ss[step-2][3] + xs[step-2][1] })
		x.same(t, "K.r", 1, func(step int64, _ int) float64 {
			a, b := 0.0, 0.0
			for i := range 4 {
				a += ss[step-2][i]
			}
			b = xs[step-2][1] + xs[step-2][2]
			return a/4 + b/2
		})
		for name, want := range map[string]string{"P.x": "[2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17]", "P.a": "[3 6 9 12 15]", "O.a": "[2 4 6 8 10 12 14 16]", "O.x.mean": "[3 6 9 12 15]", "J.s": "[4 8 12 16]"} {
			if steps, _ := x.trace(t, name); fmt.Sprint(steps) != want {
				t.Errorf("%s is recorded after steps %v, expected %s", name, steps, want)
			}
		}
	})
}

// TestMeasures: each of them over a population and over a group, from and to,
// with a name; what one neuron or no spike leaves undefined.
func TestMeasures(t *testing.T) {
	const text = `
dt: 0.5
method: euler
models:
  n: {kind: neuron, parameters: {n: 4}, state: {c: 0, V: 0}, equations: "dc/dt = 2; dV/dt = 2*sin(c)", spike: c >= n, reset: c = 0}
populations:
  P: {model: n, size: 4, groups: {L: [0, 2], R: [2, 4], one: [3, 4]}, parameters: {n: 4 + 2*(1 if i >= 2 else 0) + 1000*(1 if i >= 3 else 0)}}
run: {duration: 24}
measure:
  - rate: {of: P}
  - rate: {of: P.L, name: left}
  - rate: {of: P.R, from: 6, to: 12, name: right}
  - isi_mean: {of: P}
  - isi_mean: {of: P.one, name: silent}
  - isi_cv: {of: P.L}
  - cross_correlation: {of: P.L, bin: 0.5}
  - cross_correlation: {of: P, bin: 0.7, name: all}
  - cross_correlation: {of: P.one, bin: 0.5, name: alone}
  - voltage_fluctuation: {of: P.L}
`
	f := mustParse(t, text, nil)
	onEach(t, f, func(t *testing.T, x left) {
		m, err := network.Measure(f, x.r, 0)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]float64{
			// Neurons 0 and 1 spike every 4 steps, 12 times in 48; neuron 2 every 6,
			// 8 times; neuron 3 never.
			"rate.P": 32 / 4 / 0.024, "left": 12 / 0.024, "right": 2. / 2 / 0.006, // steps 17 and 23
			"isi_mean.P": (11*2*2 + 7*3) / 29., "silent": math.NaN(), "isi_cv": 0,
			// 12 spikes in the same bins; with neuron 2, in the steps 11, 23, 35, 47, 4.
			"cross_correlation.P.L": 1, "all": (1 + 2*4/math.Sqrt(12*8)) / 6, "alone": math.NaN(), "voltage_fluctuation": 1,
		}
		if len(m) != len(want) {
			t.Errorf("%d measures, expected %d", len(m), len(want))
		}
		for _, v := range m {
			w, ok := want[v.Key]
			if !ok || !near(v.Value, w) || v.Defined == math.IsNaN(w) {
				t.Errorf("%s is %v (%v), expected %v", v.Key, v.Value, v.Defined, w)
			}
		}
	})
}
