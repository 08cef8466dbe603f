package main

import (
	"context"
	"fmt"
	"io"

	"gpusim/gpu/glctx"
	"gpusim/network"
)

// emptyKernel does nothing, which takes what any dispatch takes.
const emptyKernel = `#version 430
layout(local_size_x = 8) in;
void main() {}
`

// whereTimeGoes takes one run of the GPU path apart.
func whereTimeGoes(ctx context.Context, w io.Writer, m *machine, t *task, o options) error {
	file, err := gamma(t.size)
	if err != nil {
		return err
	}
	var result *network.Result
	before := t.gpu.Counters()
	if err := t.gpu.Reset(); err != nil {
		return err
	}
	if result, err = t.gpu.RunSteps(ctx, t.steps); err != nil {
		return err
	}
	after := t.gpu.Counters()
	dispatches := after.Dispatches - before.Dispatches

	again, err := compile(file, m.gpu, 1, false)
	if err != nil {
		return err
	}
	defer again.Close()
	empty, err := emptyDispatch(m.gpu)
	if err != nil {
		return err
	}
	whole := &program{name: "run", run: func(ctx context.Context) (sample, error) {
		s, err := runNetwork(ctx, t.gpu, t.steps)
		return sample{seconds: s.seconds}, err
	}}
	engine := runEngine("dispatches and transfers", t.engine, t.steps)
	one := runEngine("one step", t.engine, 1)
	cc := &program{name: "measure", run: func(context.Context) (sample, error) {
		seconds, err := timed(func() error {
			_, err := network.Measure(file, result, 0)
			return err
		})
		return sample{seconds: seconds}, err
	}}
	// One step and the measure take so little that they are timed more often.
	rounds := 3 * o.rounds
	if err := measure(ctx, []*program{whole, engine, one, cc}, rounds); err != nil {
		return err
	}

	perDispatch := median(one.seconds)
	kernel := median(engine.seconds) - float64(dispatches)*perDispatch
	decode := median(differences(whole.seconds, engine.seconds))
	fmt.Fprintf(w, "\nwhere the time of the gpu path goes: %s\n", t)
	tab := newTable(w, "part", "ms", "% of the run", "each us", "times")
	part := func(name string, seconds float64, times int) {
		tab.row(name, ms(seconds), fmt.Sprintf("%.1f", 100*seconds/median(whole.seconds)), us(seconds/float64(times)), fmt.Sprint(times))
	}
	part("the run, Reset to decoded spikes", median(whole.seconds), 1)
	part("kernel, each step", kernel, t.steps)
	part("host and driver, each dispatch", float64(dispatches)*perDispatch, dispatches)
	part("decoding of spikes and the rest of the host", decode, 1)
	part("beside the run: its cross-correlation", median(cc.seconds), 1)
	part("beside the run: an empty kernel, each", empty, 1)
	tab.flush()
	fmt.Fprintf(w, "  host and driver: what a dispatch of one step takes, transfers and waiting included\n")
	fmt.Fprintf(w, "  a run uploads %d bytes and downloads %d\n",
		after.BytesUploaded-before.BytesUploaded, after.BytesDownloaded-before.BytesDownloaded)
	fmt.Fprintf(w, "  built in %.0f ms the first time, in %.0f ms the second, when the driver has the kernel in its cache\n",
		t.built.Seconds()*1e3, m.gpu.built.Seconds()*1e3)
	for _, line := range t.gpu.Plan() {
		fmt.Fprintf(w, "  plan: %s\n", line)
	}
	return nil
}

// runEngine times steps of an engine from the start, without decoding.
func runEngine(name string, e network.Engine, steps int) *program {
	return &program{name: name, run: func(ctx context.Context) (sample, error) {
		if err := e.Restore(); err != nil {
			return sample{}, err
		}
		seconds, err := timed(func() error {
			_, err := e.Run(ctx, 0, steps, nil)
			return err
		})
		return sample{seconds: seconds}, err
	}}
}

// emptyDispatch is what a dispatch of a kernel that does nothing takes, until
// it is known to be done.
func emptyDispatch(d *tap) (seconds float64, err error) {
	doErr := d.Context().Do("timing an empty dispatch", func(g *glctx.GL) error {
		p, err := g.NewProgram("empty", emptyKernel)
		if err != nil {
			return err
		}
		defer g.DeleteProgram(p)
		seconds, err = repeated(200, func() error {
			if err := g.Dispatch(p, 1, nil); err != nil {
				return err
			}
			_, err := g.Finish()
			return err
		})
		return err
	})
	return seconds, doErr
}
