package language

import (
	"testing"

	"gpusim/gpu"
)

// TestReadsInputs: a synapse that reads an input finds it as it stands in the
// order of a step: cleared by the population's update, then with what the events
// and outputs of projections before it have added; behind a delay that of pre as it
// was at the end of its step.
func TestReadsInputs(t *testing.T) {
	const text = clockwork + `
  first: {kind: synapse, output: post.a += 5}
  spike: {kind: synapse, on_pre: post.a += 100}
  reads:
    kind: synapse
    state: {u: 0, v: 0}
    equations: |
      q = post.a + pre.a
      du/dt = 2*(q - u)
      dv/dt = 2*(post.b - v)
    output: post.b += post.a + 1000*pre.a
populations:
  C: {model: clock, size: 2, init: {c: 5*i}}
  S: {model: sink, size: 2, groups: {part: [1, 2]}, record: [a, b]}
projections:
  hit: {model: spike, from: C, to: S, connect: {one_to_one: {}}}
  one: {model: first, from: S, to: S, connect: {one_to_one: {}}}
  two: {model: reads, from: S, to: S, connect: {pairs: [[0, 1], [1, 0]]}, record: [u, v, q]}
  old: {model: reads, from: S, to: S.part, connect: {pairs: [[0, 0]]}, delay: 1.5, record: [u]}
  tri: {model: first, from: S, to: S, connect: {one_to_one: {}}}
run: {duration: 8}
`
	onEach(t, mustParse(t, text, nil), func(t *testing.T, x left) {
		hits := func(step int64, k int) float64 { // of the step before
			if k == 1 && step%6 == 0 || k == 0 && step%6 == 5 {
				return 100
			}
			return 0
		}
		x.same(t, "S.a", 2, func(step int64, k int) float64 {
			if step == 0 {
				return 0
			}
			return 10 + hits(step-1, k)
		})
		x.same(t, "S.b", 2, func(step int64, k int) float64 {
			if step == 0 {
				return 0
			}
			b := 5 + hits(step-1, k) + 1000*(5+hits(step-1, 1-k))
			if k == 1 {
				b += 5 + hits(step-1, k)
				if step >= 3 {
					b += 1000 * (10 + hits(step-3, 0))
				}
			}
			return b
		})
		x.same(t, "two.u", 2, func(step int64, s int) float64 { return hits(step, 0) + hits(step, 1) })
		x.same(t, "old.u", 1, func(step int64, _ int) float64 {
			if step < 2 {
				return hits(step, 1)
			}
			return hits(step, 1) + 10 + hits(step-2, 0)
		})
		x.same(t, "two.v", 2, func(int64, int) float64 { return 0 })
	}, "cpu", gpu.FormStepped) // the fused kernel does not take it
}
