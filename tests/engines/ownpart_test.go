package engines

import (
	"testing"

	"gonum.org/v1/gonum/floats/scalar"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/network"
)

// ownPart has an output whose source is a sum, x + 2*y of pre, over all but the
// neuron itself.
const ownPart = `
gpusim: 1
name: own part
dt: 1
method: euler
models:
  n: {kind: neuron, state: {x: 0, y: 0}, input: I, equations: dx/dt = 0; dy/dt = 0}
  s: {kind: synapse, parameters: {g: 0.5}, output: post.I += g*(pre.x + 2*pre.y)}
populations:
  P: {model: n, size: 4, init: {x: 1 + i, y: 10*i}}
projections:
  PP: {model: s, from: P, to: P, connect: {all_to_all: {self: false}}}
run: {duration: 1}
`

// TestOwnPart checks that all of a neuron's own part is taken off a sum, in both
// forms of the kernels: x + 2 y is 1, 22, 43 and 64, 130 in all, and half of what
// is left arrives.
func TestOwnPart(t *testing.T) {
	want := []float64{0.5 * (130 - 1), 0.5 * (130 - 22), 0.5 * (130 - 43), 0.5 * (130 - 64)}
	for name, dev := range map[string]network.Device{
		"cpu": cpuref.New(), "fused": open(t, gpu.Options{Form: gpu.FormFused}), "stepped": open(t, gpu.Options{Form: gpu.FormStepped}),
	} {
		got := run(t, parse(t, ownPart), dev, 1, nil).state["P.I"]
		for i := range want {
			if i >= len(got) || !scalar.EqualWithinRel(got[i], want[i], 1e-6) {
				t.Errorf("%s: %v arrives, want %v", name, got, want)
				break
			}
		}
	}
}
