package language

import (
	"math"
	"testing"

	"gpusim/model/draw"
)

// TestConstants: a constant stands wherever a number may.
func TestConstants(t *testing.T) {
	const text = `
dt: step
constants: {step: half/2, half: 0.5, two: 2, n: 2*two, w: one*3, one: 1, seed: 7}
models:
  n: {kind: neuron, parameters: {g: two + half}, state: {x: w}, input: a, equations: dx/dt = (two - x)*one, spike: x > 1.5*two, reset: x = one, refractory: half*two}
  s: {kind: synapse, parameters: {h: half}, on_pre: post.a += h*w, delay: half}
populations:
  P: {model: n, size: n, groups: {L: [two - 2, two], R: [two, n]}, parameters: {g: two*g0}, init: {x: 1 + w*i}, record: [x, a, {x: {every: two, of: [one, 3]}}]}
`
	if _, _, err := parse(text+"run: {duration: two*4, seed: seed}\n", nil); err == nil {
		t.Error("g0 is no constant, and x is recorded twice: no error")
	}
	const good = `
dt: step
constants: {step: half/2, half: 0.5, two: 2, n: 2*two, w: one*3, one: 1, seed: 7}
models:
  n: {kind: neuron, parameters: {g: two + half}, state: {x: w}, input: a, equations: dx/dt = (two - x)*0, spike: x > 1.5*two, reset: x = one, refractory: half*two}
  s: {kind: synapse, parameters: {h: half}, on_pre: post.a += h*w, delay: half}
populations:
  P: {model: n, size: n, groups: {L: [two - 2, two], R: [two, n]}, parameters: {g: two*two}, init: {x: 1 + w*i}, record: [{x: {every: two, of: [one, 3]}}, a]}
projections:
  J: {model: s, from: P.R, to: P.L, connect: {fixed_probability: {p: one, seed: seed}}, delay: two*half}
inputs:
  - {to: P.a, value: {per_time: file(v.npy), every: two*two}, from: one, until: two}
  - {to: P.a, value: w*two, op: add, from: two}
run: {start: one - 1, duration: two*2, seed: seed}
measure:
  - rate: {of: P, from: one, to: two}
  - cross_correlation: {of: P, bin: half}
sweep: {J.h: {from: half, to: two*one, points: two}, P.g: {values: [one, w]}, zip: true}
`
	f := mustParse(t, good, map[string]array{"v.npy": vector(10)})
	if f.Dt != 0.25 || f.Run.Duration != 4 || f.Run.Seed != 7 || f.Sweep.Axes[1].Values[1] != 3 || f.Measures[1].Bin != 0.5 || *f.Measures[0].To != 2 {
		t.Errorf("constants in sections: %v %v", f.Dt, f.Run)
	}
	onEach(t, f, func(t *testing.T, x left) {
		// Neurons 1, 2 and 3 start above 3: they spike in step 0 and are reset to 1.
		x.same(t, "P.x", 2, func(int64, int) float64 { return 1 })
		x.same(t, "P.a", 4, func(step int64, k int) float64 {
			a := 0.0
			if step >= 4 && step < 8 {
				a += 10
			}
			if step >= 8 {
				a += 6
			}
			if k < 2 && step == 4 { // two spikes, delayed by 1 ms
				a += 2 * 0.5 * 3
			}
			return a
		})
	})
}

// TestStart: parameters and starting values read each other in any order, the
// model's quantities, sizes, indices and both ends of a synapse.
func TestStart(t *testing.T) {
	const text = `
dt: 0.5
constants: {c: 2}
models:
  n:
    kind: neuron
    parameters: {p: q + 1, q: 2*r, r: c}
    state: {x: y + p, y: half*3, z: -1}
    input: a
    equations: |
      half = q/2
      dx/dt = 0
      dy/dt = 0
      dz/dt = 0
  s:
    kind: synapse
    parameters: {w: 1, v: 2*w}
    state: {u: pre.x + 10*post.x + v, f: 0}
    equations: |
      rel = u/2
      du/dt = 0
      df/dt = 0
    output: post.a += w*u + f
populations:
  P: {model: n, size: 3, parameters: {r: i + N*c}, init: {z: x + half + i}, record: [a]}
  Q: {model: n, size: 2, groups: {E: [1, 2]}, parameters: {p: file(p.npy), q: 1}, init: {x: file(x.npy), y: file(one.npy)}, record: [a]}
projections:
  all: {model: s, from: P, to: Q, connect: {all_to_all: {}}, parameters: {w: i + 10*j + 100*N_pre + 1000*N_post}, init: {f: rel + pre.z + post.p}}
  self: {model: s, from: P, to: P, connect: {all_to_all: {self: false}}, parameters: {w: file(w.npy)}, init: {f: file(f.npy)}}
  part: {model: s, from: Q.E, to: P, connect: {all_to_all: {}}, parameters: {w: i + 10*j + 100*N_pre + 1000*N_post}, init: {u: post.z + pre.q}}
  own: {model: s, from: P, to: P, connect: {pairs: [[2, 0], [0, 1], [2, 0]]}, parameters: {w: file(f.npy)}}
run: {duration: 1}
`
	arrays := map[string]array{"p.npy": vector(7, 8), "x.npy": vector(0.5, 0.25), "one.npy": vector(4),
		"w.npy": vector(1, 2, 3, 4, 5, 6), "f.npy": vector(1, 2, 4)}
	f := mustParse(t, text, arrays)
	// P: r = i + 6, q = 2r, p = q + 1, y = 3*q/2, x = y + p, z = x + q/2 + i.
	var px, pz [3]float64
	for i := range px {
		q := 2 * (float64(i) + 6)
		px[i] = 1.5*q + q + 1
		pz[i] = px[i] + q/2 + float64(i)
	}
	qx, qp := []float64{0.5, 0.25}, []float64{7, 8}
	onEach(t, f, func(t *testing.T, x left) {
		for name, want := range map[string][]float64{"P.x": px[:], "P.z": pz[:], "Q.x": qx, "Q.y": {4, 4}, "Q.p": qp} {
			got := x.get(t, name)
			for i := range want {
				if !near(got[min(i, len(got)-1)], want[i]) {
					t.Errorf("%s is %v, expected %v", name, got, want)
				}
			}
		}
		var u, v [6]float64
		for i := range 3 {
			for j := range 2 {
				w := float64(i) + 10*float64(j) + 300 + 2000
				u[2*i+j] = px[i] + 10*qx[j] + 2*w
				v[2*i+j] = u[2*i+j]/2 + pz[i] + qp[j]
			}
		}
		for name, want := range map[string][]float64{"all.u": u[:], "all.f": v[:], "self.f": {1, 1, 2, 2, 4, 4}} {
			got := x.get(t, name)
			if len(got) != len(want) {
				t.Fatalf("%s has %d values, expected %d", name, len(got), len(want))
			}
			for i := range want {
				if !near(got[i], want[i]) {
					t.Errorf("%s is %v, expected %v", name, got, want)
					break
				}
			}
		}
		x.same(t, "P.a", 3, func(step int64, k int) float64 {
			if step == 0 {
				return 0
			}
			a := 0.0
			s := 0
			for i := range 3 { // self
				for j := range 3 {
					if i == j {
						continue
					}
					w := float64(s + 1)
					if j == k {
						a += w*(px[i]+10*px[j]+2*w) + []float64{1, 2, 4}[i]
					}
					s++
				}
			}
			a += (10*float64(k) + 100 + 3000) * (pz[k] + 1)
			for s, p := range [][2]int{{2, 0}, {0, 1}, {2, 0}} {
				w := []float64{1, 2, 4}[s]
				if p[1] == k {
					a += w * (px[p[0]] + 10*px[p[1]] + 2*w)
				}
			}
			return a
		})
		x.same(t, "Q.a", 2, func(step int64, k int) float64 {
			if step == 0 {
				return 0
			}
			a := 0.0
			for i := range 3 {
				a += (float64(i)+10*float64(k)+2300)*u[2*i+k] + v[2*i+k]
			}
			return a
		})
	})
}

// TestDraws: every draw, its stream and its ordinal, one an element, within
// expressions, in populations and projections.
func TestDraws(t *testing.T) {
	const text = `
dt: 0.5
models:
  n: {kind: neuron, parameters: {p: 0, m: 0}, state: {x: 0, y: 0, z: 0}, input: a, equations: "dx/dt = 0; dy/dt = 0; dz/dt = 0"}
  s: {kind: synapse, parameters: {w: 0}, output: post.a += w*pre.x}
populations:
  P:
    model: n
    size: 40
    parameters: {p: "exponential(2 + i)", m: "p + 2*uniform(0, 1) - normal(p, 0.5)"}
    init: {x: "uniform(-70, -50)", y: "normal(-60, 3) if i < 20 else lognormal(0, 0.5)", z: m*x}
projections:
  J: {model: s, from: P, to: P, connect: {fixed_probability: {p: 0.1}}, parameters: {w: "uniform(-1, 1) + i"}}
run: {duration: 0.5, seed: 12345678901234567890}
`
	const seed = 12345678901234567890
	f := mustParse(t, text, nil)
	value := func(kind, name string, ordinal, element int, args ...float64) float64 {
		v, err := draw.Value(kind, args, draw.StreamOf(name, ordinal).Words(seed, element, 0))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	onEach(t, f, func(t *testing.T, x left) {
		p, m, s, y, z, w := x.get(t, "P.p"), x.get(t, "P.m"), x.get(t, "P.x"), x.get(t, "P.y"), x.get(t, "P.z"), x.get(t, "J.w")
		for i := range 40 {
			wp := value("exponential", "P.p", 0, i, 2+float64(i))
			wm := wp + 2*value("uniform", "P.m", 0, i, 0, 1) - value("normal", "P.m", 1, i, wp, 0.5)
			ws := value("uniform", "P.x", 0, i, -70, -50)
			wy := value("normal", "P.y", 0, i, -60, 3)
			if i >= 20 {
				wy = value("lognormal", "P.y", 1, i, 0, 0.5)
			}
			for k, d := range []float64{p[i] - wp, m[i] - wm, s[i] - ws, y[i] - wy, z[i] - wm*ws} {
				if math.Abs(d) > 1e-3 {
					t.Errorf("neuron %d, value %d: off by %g", i, k, d)
				}
			}
		}
		pre := f.Conn(f.Projections[0]).Pre
		for k := range pre {
			if want := value("uniform", "J.w", 0, k, -1, 1) + float64(pre[k]); !near(w[k], want) {
				t.Errorf("J.w of synapse %d is %v, expected %v", k, w[k], want)
			}
		}
	})
}
