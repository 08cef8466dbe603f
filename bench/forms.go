package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"

	"gpusim/gpu/glctx"
	"gpusim/model"
	"gpusim/network"
)

// form is a network whose step is bounded by what it reads and writes of its
// synapses, not by arithmetic.
type form struct {
	name       string
	text       string
	neurons    int
	perSynapse bool
	each       float64 // bytes that a synapse has read and written of it in a step, at least
	what       string  // those bytes
	steps      int
}

// The files of the forms, each small enough to be read whole.
var (
	//go:embed forms/states.yaml
	statesText string
	//go:embed forms/dense.yaml
	denseText string
	//go:embed forms/sparse.yaml
	sparseText string
)

func forms() []form {
	return []form{
		{"a state a synapse, all to all", statesText, 1000, true, 8, "the state, read and written", 20},
		{"dense weights, all to all", denseText, 1000, false, 4, "the weight", 40},
		{"sparse coupling of V, 1 in 100 pairs", sparseText, 10000, false, 8, "pre, the weight", 40},
	}
}

// copyWords is the length of what is copied to find the bandwidth: 32 MiB, more
// than processors have of cache.
const copyWords = 8 << 20

// copyKernel copies a buffer as kernels can, four numbers an access.
const copyKernel = `#version 430
layout(local_size_x = 8) in;
layout(std430, binding = 0) readonly buffer A { vec4 a[]; };
layout(std430, binding = 1) writeonly buffer B { vec4 b[]; };
void main() {
  uint i = (gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * 8u + gl_LocalInvocationID.x;
  b[i] = a[i];
}
`

// bandwidths are bytes a second, read and written ones counted both.
type bandwidths struct {
	kernel  float64 // a kernel's, of vec4
	driver  float64 // glCopyBufferSubData's
	threads float64 // Go's copy, on all processors
}

// generalForms says which part of the memory's bandwidth the forms reach that
// touch every synapse in every step.
func generalForms(ctx context.Context, w io.Writer, m *machine, o options) error {
	most, err := measureCopies(m, o.rounds)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\n## The general forms beside what memory allows\n\n"+
		"Bytes are those that a step cannot do without. Copying 32 MiB, bytes read and written: %.1f GB/s by Go on %d processors,\n"+
		"%.1f GB/s by glCopyBufferSubData, %.1f GB/s by a kernel that copies vec4.\n\n",
		most.threads/1e9, runtime.NumCPU(), most.driver/1e9, most.kernel/1e9)
	fmt.Fprintln(w, "| form | synapses | bytes of each in a step | us a step | ns a synapse | GB/s | of a kernel's copy | of the driver's copy | float64 engine, ns a synapse | it takes, times gpu |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|---|")
	for _, f := range forms() {
		if err := f.row(ctx, w, m, o, most); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

// row times one form on both engines, in turns.
func (f *form) row(ctx context.Context, w io.Writer, m *machine, o options, most bandwidths) error {
	file, _, err := model.Parse(f.name, []byte(f.text), "bench/forms", model.LoadOptions{
		Set: []model.Override{{Name: "cells.size", Value: fmt.Sprint(f.neurons)}},
	})
	if err != nil {
		return err
	}
	var programs []*program
	for _, d := range []network.Device{m.gpu, m.cpu} {
		n, err := network.Compile(file, d, &network.Options{PerSynapse: f.perSynapse})
		if err != nil {
			return err
		}
		defer n.Close()
		programs = append(programs, &program{name: d.Info().Device, run: func(ctx context.Context) (sample, error) {
			s, err := runNetwork(ctx, n, f.steps)
			return sample{seconds: s.seconds}, err
		}})
	}
	rounds := min(o.rounds, 3)
	if err := measure(ctx, programs, rounds); err != nil {
		return err
	}
	synapses := 0
	for _, p := range file.Projections {
		synapses += file.Conn(p).Len()
	}
	gpu, cpu := programs[0], programs[1]
	each := median(gpu.seconds) / float64(f.steps)
	rate := f.each * float64(synapses) / each
	fmt.Fprintf(w, "| %s | %d | %g: %s | %.0f | %.2f | %.2f | %.0f %% | %.1f %% | %.2f | %.2f |\n", f.name, synapses, f.each, f.what,
		1e6*each, 1e9*each/float64(synapses), rate/1e9, 100*rate/most.kernel, 100*rate/most.driver,
		1e9*median(cpu.seconds)/float64(f.steps)/float64(synapses), median(ratios(cpu.seconds, gpu.seconds)))
	return nil
}

// measureCopies takes the best of some rounds.
func measureCopies(m *machine, rounds int) (most bandwidths, err error) {
	best := func(into *float64, seconds float64) { *into = max(*into, 8*copyWords/seconds) }
	for range max(3, rounds) {
		best(&most.threads, copyThreads())
	}
	doErr := m.gpu.Context().Do("timing copies", func(g *glctx.GL) error {
		var buffers [2]*glctx.Buffer
		for i := range buffers {
			if buffers[i], err = g.NewBuffer(fmt.Sprint("copy ", i), 4*copyWords); err != nil {
				return err
			}
			defer g.DeleteBuffer(buffers[i])
			if err := g.Clear(buffers[i]); err != nil {
				return err
			}
		}
		p, err := g.NewProgram("copy", copyKernel)
		if err != nil {
			return err
		}
		defer g.DeleteProgram(p)
		bound := []glctx.Binding{{Index: 0, Buffer: buffers[0]}, {Index: 1, Buffer: buffers[1]}}
		for range max(3, rounds) {
			for _, x := range []struct {
				into *float64
				copy func() error
			}{
				{&most.kernel, func() error { return g.Dispatch(p, copyWords/4/8, bound) }},
				{&most.driver, func() error { return g.Copy(buffers[1], 0, buffers[0], 0, 4*copyWords) }},
			} {
				seconds, err := timed(func() error {
					if err := x.copy(); err != nil {
						return err
					}
					_, err := g.Finish()
					return err
				})
				if err != nil {
					return err
				}
				best(x.into, seconds)
			}
		}
		return nil
	})
	return most, doErr
}

// copyThreads is the seconds that a copy takes that all processors share.
func copyThreads() float64 {
	from, to := make([]float32, copyWords), make([]float32, copyWords)
	for i := range from {
		from[i], to[i] = 1, 2 // so that the pages are there
	}
	parts := runtime.NumCPU()
	seconds, _ := timed(func() error {
		var wait sync.WaitGroup
		chunk := (copyWords + parts - 1) / parts
		next := slices.Collect(slices.Chunk(to, chunk))
		for k, part := range slices.Collect(slices.Chunk(from, chunk)) {
			wait.Go(func() { copy(next[k], part) })
		}
		wait.Wait()
		return nil
	})
	return seconds
}
