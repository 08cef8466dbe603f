package language

import "testing"

// TestInputs: every kind of value, every operation, from and until, groups, the
// order of the file; samples count from the run's start, from and until from time 0.
func TestInputs(t *testing.T) {
	const text = `
dt: 0.5
constants: {k0: 3}
models:
  n: {kind: neuron, parameters: {g: 2}, state: {x: 0}, input: [a, b, c], equations: dx/dt = 0}
populations:
  P: {model: n, size: 5, parameters: {g: 1 + i}, groups: {L: [0, 2], R: [2, 5]}, record: [a, b, c]}
inputs:
  - {to: P.a, value: k0 + dt}
  - {to: P.a, value: {per_neuron: file(five.npy)}, op: multiply, from: 11, until: 13}
  - {to: P.R.a, value: {per_neuron: file(three.npy)}, op: subtract}
  - {to: P.L.b, value: {per_time: file(time.npy), every: 1}}
  - {to: P.R.b, value: {per_time_and_neuron: file(both.npy), every: 2}, op: set, until: 4 + 10}
  - {to: P.b, value: g*t + i + N, from: 12}
  - {to: P.R.c, value: g + 10*i + 100*N}
  - {to: P.R.c, value: g + 10*i + 100*N + t}
  - {to: P.c, value: 4, op: divide, from: 15}
run: {start: 10, duration: 6}
`
	five, three, time, both := []float64{1, 2, 3, 4, 5}, []float64{0.5, 0.25, 8}, []float64{1, 4, 9, 16, 25, 36}, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}
	f := mustParse(t, text, map[string]array{"five.npy": vector(five...), "three.npy": vector(three...), "time.npy": vector(time...), "both.npy": {[]int{3, 3}, both}})
	onEach(t, f, func(t *testing.T, x left) {
		at := func(step int64) float64 { return 0.5 * float64(step) }
		x.same(t, "P.a", 5, func(step int64, k int) float64 {
			a := 3.5
			if at(step) >= 11 && at(step) < 13 {
				a *= five[k]
			}
			if k >= 2 {
				a -= three[k-2]
			}
			return a
		})
		x.same(t, "P.b", 5, func(step int64, k int) float64 {
			b := 0.0
			if k < 2 {
				b += time[(step-20)/2]
			} else if at(step) < 14 {
				b = both[int(step-20)/4*3+k-2]
			}
			if at(step) >= 12 {
				b += (1+float64(k))*at(step) + float64(k) + 5
			}
			return b
		})
		x.same(t, "P.c", 5, func(step int64, k int) float64 {
			c := 0.0
			if k >= 2 {
				c = 2*(1+float64(k)+10*float64(k-2)+300) + at(step)
			}
			if at(step) >= 15 {
				c /= 4
			}
			return c
		})
	})
}
