package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"gpusim/gpu"
	"gpusim/gpu/glctx"
	"gpusim/model"
	"gpusim/network"
)

// delayed is a network whose spikes take time, to groups of neurons and into a
// state that synapses of the same step do not read: its invocations hand delay
// lines to each other, where those of gamma hand sums.
const delayed = `gpusim: 1
name: delayed
dt: 0.1
models:
  cell:
    kind: neuron
    parameters: {tau: 10, t_ref: 2}
    state: {V: -65}
    input: I
    equations: dV/dt = (-65 - V + I)/tau (unless refractory)
    spike: V >= -50
    reset: V = -65
    refractory: t_ref
  decay:
    kind: synapse
    parameters: {tau: 3, w: 1}
    state: {s: 0}
    equations: ds/dt = -s/tau
    on_pre: s += 1
    output: post.I += w*s
populations:
  cells: {model: cell, size: 30, groups: {exc: [0, 24], inh: [24, 30]}, init: {V: "uniform(-65, -50)"}, record: [spikes]}
projections:
  up: {model: decay, from: cells.exc, to: cells, connect: {fixed_probability: {p: 0.3}}, parameters: {w: "uniform(0, 1)"}, delay: 1.2}
  down: {model: decay, from: cells.inh, to: cells.exc, connect: {all_to_all: {}}, parameters: {w: -0.8}, delay: 0.5}
inputs: [{to: cells.I, value: 18}]
run: {duration: 20, seed: 1}
`

// raceSteps is the number of steps of a network that are watched, at most.
const raceSteps = 200

// raceForms are the kernels that are watched.
var raceForms = []gpu.Options{
	{Form: gpu.FormFused, Invocations: 8}, {Form: gpu.FormFused, Invocations: 32}, {Form: gpu.FormFused, Invocations: 128},
	{Form: gpu.FormStepped, Invocations: 32}, {Form: gpu.FormStepped, Invocations: 128},
}

// Watched is a network to watch for races.
type Watched struct {
	Name string
	File *model.File
}

// Races runs networks with kernels that watch themselves for races between
// their invocations: those of the self-test, then those given. Each result, one
// for each form of a network's kernels, is passed on as soon as it is there.
// The error is that of ctx.
func Races(ctx context.Context, c *glctx.Context, given []Watched, each func(Result)) error {
	own, err := selfWatched()
	if err != nil {
		return err
	}
	tests := []test{{"a barrier taken out", "report this line; what follows says nothing here", func(ctx context.Context, d *device, r *Result) error {
		return d.control(ctx, own[0].File, r)
	}}}
	for _, w := range append(own, given...) {
		for _, o := range raceForms {
			name := fmt.Sprintf("%s, %s, %d", w.Name, o.Form, o.Invocations)
			tests = append(tests, test{name, "report these lines; until then use --device cpu", func(ctx context.Context, d *device, r *Result) error {
				return d.races(ctx, w.File, o, r)
			}})
		}
	}
	return runTests(ctx, &device{c}, tests, each)
}

// selfWatched are the networks of the self-test.
func selfWatched() (list []Watched, err error) {
	for _, n := range []struct {
		name, text string
		set        []model.Override
	}{{"gamma", gamma, nil}, {"weights", gamma, []model.Override{weighted}}, {"delays", delayed, nil}} {
		f, _, err := model.Parse(n.name, []byte(n.text), ".", model.LoadOptions{Set: n.set})
		if err != nil {
			return nil, err
		}
		list = append(list, Watched{n.name, f})
	}
	return list, nil
}

// races runs a network with watched kernels of one form.
func (d *device) races(ctx context.Context, f *model.File, o gpu.Options, r *Result) error {
	steps := max(1, min(raceSteps, f.Steps()))
	o.CheckRaces = true
	err := watch(ctx, f, gpu.New(d.ctx, o), steps)
	var race *gpu.RaceError
	var refused *gpu.NotFusedError
	switch {
	case errors.As(err, &refused):
		r.Status, r.Measured = Info, strings.Join(refused.Why, "; ")
	case errors.As(err, &race):
		r.raced(race)
	case err != nil:
		return err
	default:
		r.Measured, r.Limit = fmt.Sprintf("no race in %d steps", steps), "none"
	}
	return nil
}

// control runs a network without its barriers: the race has to be found.
func (d *device) control(ctx context.Context, f *model.File, r *Result) error {
	err := watch(ctx, f, gpu.New(d.ctx, gpu.WithoutBarriers(gpu.Options{Form: gpu.FormFused, Invocations: 32})), raceSteps)
	var race *gpu.RaceError
	if !errors.As(err, &race) && err != nil {
		return err
	}
	r.Measured, r.Limit = "the race is found", "found"
	if race == nil {
		r.Measured = "no race is found"
	}
	r.within(race != nil)
	return nil
}

// watch builds a network and runs so many steps of it.
func watch(ctx context.Context, f *model.File, dev network.Device, steps int) error {
	n, err := network.Compile(f, dev, nil)
	if err != nil {
		return err
	}
	defer n.Close()
	_, err = n.RunSteps(ctx, steps)
	return err
}

// raced says which statements race.
func (r *Result) raced(e *gpu.RaceError) {
	r.Status = Fail
	r.Measured = fmt.Sprintf("%s, invocation %d %s: element %d of %s\n%s", e.Kernel, e.Invocation, e.Does, e.Element, e.Array, e.Statement)
	if e.Other != "" {
		r.Measured += "\n" + e.Other
	}
}
