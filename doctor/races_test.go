package doctor

import (
	"context"
	"strings"
	"testing"

	"gpusim/gpu"
	"gpusim/model"
)

// feedback is a network that has no fused kernel: spikes change a state that
// synapses of the same step read.
const feedback = `gpusim: 1
name: feedback
dt: 0.1
models:
  cell: {kind: neuron, state: {V: 1}, input: I, equations: dV/dt = I - V, spike: V > 0.5}
  jump: {kind: synapse, on_pre: post.V += 1}
  gap: {kind: synapse, output: post.I += pre.V - post.V}
populations:
  cells: {model: cell, size: 9}
projections:
  hit: {model: jump, from: cells, to: cells, connect: {all_to_all: {}}}
  all: {model: gap, from: cells, to: cells, connect: {all_to_all: {}}}
run: {duration: 3}
`

// TestRaces: what a line says where there is no race, no such kernel, and a race.
// (tests/cli runs all lines.)
func TestRaces(t *testing.T) {
	d := &device{open(t)}
	own, err := selfWatched()
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := model.Parse("feedback", []byte(feedback), ".", model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name             string
		run              func(r *Result) error
		status, measured string
	}{
		{"control", func(r *Result) error { return d.control(context.Background(), own[0].File, r) }, OK, "the race is found"},
		{"delays", func(r *Result) error {
			return d.races(context.Background(), own[2].File, raceForms[0], r)
		}, OK, "no race in 200 steps"},
		{"feedback, stepped", func(r *Result) error {
			return d.races(context.Background(), other, gpu.Options{Form: gpu.FormStepped, Invocations: 32}, r)
		}, OK, "no race in 30 steps"},
		{"feedback, fused", func(r *Result) error {
			return d.races(context.Background(), other, raceForms[0], r)
		}, Info, "not fused: cells.V is changed by synapses and read by others in the same step"},
		{"without barriers", func(r *Result) error {
			return d.races(context.Background(), own[0].File, gpu.WithoutBarriers(gpu.Options{Form: gpu.FormFused, Invocations: 32}), r)
		}, Fail, "doctor, fused, 32 invocations, invocation "},
	} {
		r := Result{Status: OK}
		if err := c.run(&r); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if r.Status != c.status || !strings.HasPrefix(r.Measured, c.measured) {
			t.Errorf("%s: %+v; expected %s, %q", c.name, r, c.status, c.measured)
		}
		// Both statements touch the columns or the sources of the sums.
		if lines := strings.Split(r.Measured, "\n"); r.Status == Fail && (len(lines) != 3 || !strings.Contains(lines[1], "_0_0_0[") || !strings.Contains(lines[2], "_0_0_0[")) {
			t.Errorf("%s: %s", c.name, r.Measured)
		}
	}
	if n := d.ctx.Counters(); n.LiveBuffers != 0 || n.LivePrograms != 0 {
		t.Errorf("left on the device: %+v", n)
	}
}
