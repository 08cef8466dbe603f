package language

import (
	"fmt"
	"strings"
	"testing"
)

// clockwork is neurons that spike at steps that are known: neuron i in step i,
// then every six steps, by a counter.
const clockwork = `
dt: 0.5
method: euler
models:
  clock:
    kind: neuron
    state: {c: 0, v: 0}
    equations: "dc/dt = 2; dv/dt = 2*c"
    spike: c >= 6
    reset: c = 0
  sink:
    kind: neuron
    parameters: {k: 1}
    state: {y: 1, z: 0}
    input: [a, b]
    equations: |
      double = 2*y
      dy/dt = 0
      dz/dt = b
`

// TestEvents: the statements of on_pre run in sequence, after the synapse's
// continuous update, with pre and post as they are after the neurons' update;
// what goes to post is summed; outputs see the states after them.
func TestEvents(t *testing.T) {
	for _, delay := range []int{1, 4} {
		text := clockwork + `
  syn:
    kind: synapse
    parameters: {w: 0.5, tau: 2}
    state: {s: 1, u: 0}
    equations: |
      level = 10*s + u
      ds/dt = -s/tau
    on_pre: |
      post.a += level + pre.v
      s += w*post.double
      post.z += s; post.y -= 0.125
      u = s*w - level
      post.b -= u
    output: post.a += s
populations:
  C: {model: clock, size: 3, init: {c: 5 - i}, record: [spikes, v]}
  S: {model: sink, size: 2, record: [a, b, y, z]}
projections:
  J: {model: syn, from: C, to: S, connect: {pairs: [[0, 0], [1, 0], [2, 1]]}, parameters: {w: 0.5 + j}, delay: ` + fmt.Sprint(0.5*float64(delay)) + `, record: [s, u, level]}
run: {duration: 15}
`
		f := mustParse(t, text, nil)
		// The same by hand.
		const steps = 30
		var c, v [3]float64
		s, u := [3]float64{1, 1, 1}, [3]float64{}
		a, b, y, z := [2]float64{}, [2]float64{}, [2]float64{1, 1}, [2]float64{}
		var vs [steps][3]float64
		var spiked [steps][3]bool
		type row struct {
			a, b, y, z [2]float64
			s, u       [3]float64
		}
		var rows [steps]row
		for i := range c {
			c[i] = 5 - float64(i)
		}
		post := [3]int{0, 0, 1}
		for k := range steps {
			for i := range c {
				c[i], v[i] = c[i]+1, v[i]+c[i]
				if spiked[k][i] = c[i] >= 6; spiked[k][i] {
					c[i] = 0
				}
			}
			vs[k] = v
			for j := range y {
				z[j] += 0.5 * b[j]
				rows[k].a[j], rows[k].b[j] = a[j], b[j]
				a[j], b[j] = 0, 0
				rows[k].y[j], rows[k].z[j] = y[j], z[j]
			}
			// on_pre: a statement of all synapses before the next.
			var arrives [3]bool
			var before [3]float64
			y0 := y
			for e := range s {
				s[e] -= 0.25 * s[e]
				arrives[e] = k-(delay-1) >= 0 && spiked[k-(delay-1)][e]
				before[e] = 10*s[e] + u[e]
			}
			for e, j := range post {
				w := 0.5 + float64(j)
				if arrives[e] {
					a[j] += before[e] + vs[k-(delay-1)][e]
					s[e] += w * 2 * y0[j]
					z[j] += s[e]
					y[j] -= 0.125
					u[e] = s[e]*w - (10*s[e] + u[e])
					b[j] -= u[e]
				}
			}
			for e, j := range post {
				a[j] += s[e]
			}
			rows[k].s, rows[k].u = s, u
		}
		t.Run(fmt.Sprint("delay ", delay), func(t *testing.T) {
			onEach(t, f, func(t *testing.T, x left) {
				x.same(t, "C.v", 3, func(step int64, i int) float64 { return vs[step][i] })
				x.same(t, "J.s", 3, func(step int64, i int) float64 { return rows[step].s[i] })
				x.same(t, "J.u", 3, func(step int64, i int) float64 { return rows[step].u[i] })
				x.same(t, "J.level", 3, func(step int64, i int) float64 { return 10*rows[step].s[i] + rows[step].u[i] })
				x.same(t, "S.a", 2, func(step int64, i int) float64 { return rows[step].a[i] })
				x.same(t, "S.b", 2, func(step int64, i int) float64 { return rows[step].b[i] })
				x.same(t, "S.y", 2, func(step int64, i int) float64 { return rows[step].y[i] })
				x.same(t, "S.z", 2, func(step int64, i int) float64 { return rows[step].z[i] })
			})
		})
	}
}

// TestDelay: D = max(1, step(delay)); pre's side is late, post's is current; a
// projection's delay overrides its model's; a remark where it is no multiple of
// dt, of the projection that has it.
func TestDelay(t *testing.T) {
	const models = clockwork + `
  late: {kind: synapse, parameters: {d: 1}, output: "post.a += pre.v; post.b += post.y*pre.c", delay: 2*d}
populations:
  C: {model: clock, size: 2, groups: {second: [1, 2]}, init: {c: 3*i}, record: [v, c]}
  S: {model: sink, size: 1, record: [a, b]}
run: {duration: 10}
projections:
`
	for _, c := range []struct {
		line   string
		steps  int64
		remark string
	}{
		{"{model: late, from: C.second, to: S, connect: {all_to_all: {}}}", 4, ""},
		{"{model: late, from: C.second, to: S, connect: {all_to_all: {}}, parameters: {d: 2}}", 8, ""},
		{"{model: late, from: C.second, to: S, connect: {all_to_all: {}}, delay: 1.5}", 3, ""},
		{"{model: late, from: C.second, to: S, connect: {all_to_all: {}}, delay: 3*d/4}", 2, "the delay of J, 0.75 ms, is no multiple of dt: it is 2 steps, 1 ms"},
		{"{model: late, from: C.second, to: S, connect: {all_to_all: {}}, delay: 0}", 1, ""},
		{"{model: late, from: C.second, to: S, connect: {all_to_all: {}}, delay: 0.1}", 1, "the delay of J, 0.1 ms, is no multiple of dt: it is 1 step, 0.5 ms"},
	} {
		f, remarks, err := parse(models+"  J: "+c.line+"\n", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(remarks, "; "); got != c.remark {
			t.Errorf("%s: the remark is %q, expected %q", c.line, got, c.remark)
		}
		t.Run(fmt.Sprint(c.steps, " steps"), func(t *testing.T) {
			onEach(t, f, func(t *testing.T, x left) {
				_, v := x.trace(t, "C.v")
				_, cc := x.trace(t, "C.c")
				x.same(t, "S.a", 1, func(step int64, _ int) float64 {
					switch {
					case step == 0:
						return 0
					case step < c.steps:
						return 0 // the start
					}
					return v[step-c.steps][1]
				})
				x.same(t, "S.b", 1, func(step int64, _ int) float64 {
					switch {
					case step == 0:
						return 0
					case step < c.steps:
						return 3 // the start
					}
					return cc[step-c.steps][1]
				})
			})
		})
	}
}

// TestSpikes: with a reset a neuron spikes in every step that ends with the
// condition true, without in the one in which it becomes true; a refractory time
// of K steps gives intervals of K steps; (unless refractory) holds an equation.
func TestSpikes(t *testing.T) {
	const text = `
dt: 0.5
method: euler
models:
  level: {kind: neuron, state: {x: 0}, equations: dx/dt = 2, spike: x > 2 and not x > 5 or x >= 7}
  again: {kind: neuron, state: {x: 0}, equations: dx/dt = 2, spike: x >= 3, reset: x -= 1}
  rest:
    kind: neuron
    parameters: {t_ref: 2, two: 2}
    state: {x: 0, y: 0}
    equations: |
      dx/dt = 2 (unless refractory)
      dy/dt = 2
    spike: y >= 3
    reset: x = x*10; y += x
    refractory: t_ref*two
populations:
  L: {model: level, size: 1, init: {x: 0}, record: [spikes, x]}
  M: {model: level, size: 1, init: {x: 2.5}, record: [spikes]}
  A: {model: again, size: 1, record: [spikes, x]}
  R: {model: rest, size: 3, parameters: {t_ref: i/2}, record: [spikes, x, y]}
run: {duration: 8}
`
	f := mustParse(t, text, nil)
	onEach(t, f, func(t *testing.T, x left) {
		spikes := func(pop string, neuron int32) (steps []int64) {
			for _, tr := range x.r.Instances[0].Spikes {
				if tr.Population == pop {
					for i, n := range tr.Neurons {
						if n == neuron {
							steps = append(steps, tr.Steps[i])
						}
					}
				}
			}
			return steps
		}
		for _, c := range []struct {
			pop    string
			neuron int32
			want   string
		}{
			{"L", 0, "[2 6]"}, // x is 3, then 7
			{"M", 0, "[4]"},   // true at the start
			{"A", 0, "[2 3 4 5 6 7 8 9 10 11 12 13 14 15]"}, // 2 again in every step
			{"R", 0, "[2 3 4 5 6 7 8 9 10 11 12 13 14 15]"}, // a refractory time of 0
			{"R", 1, "[2 4 6 8 10 12 14]"},                  // of 1 ms, 2 steps
			{"R", 2, "[2 6 10 14]"},                         // of 2 ms, 4 steps
		} {
			if got := fmt.Sprint(spikes(c.pop, c.neuron)); got != c.want {
				t.Errorf("%s, neuron %d spikes in steps %s, expected %s", c.pop, c.neuron, got, c.want)
			}
		}
		want := func() [][2]float64 { // x and y of R's last neuron
			var out [][2]float64
			a, b, last := 0.0, 0.0, -100
			for k := range 16 {
				if k-last >= 4 || last < 0 {
					a++
				}
				b++
				if b >= 3 && (last < 0 || k-last >= 4) {
					a *= 10
					b += a
					last = k
				}
				out = append(out, [2]float64{a, b})
			}
			return out
		}()
		_, rows := x.trace(t, "R.x")
		_, rowsY := x.trace(t, "R.y")
		for k := range want {
			if !near(rows[k][2], want[k][0]) || !near(rowsY[k][2], want[k][1]) {
				t.Errorf("after step %d: x, y of R are %v, %v; expected %v", k, rows[k][2], rowsY[k][2], want[k])
				break
			}
		}
	})
}
