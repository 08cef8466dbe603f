package cpuref

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"gpusim/model/ir"
)

// Run does the steps first to first+steps-1 and calls sink, if it is not nil,
// after each slice with what it left, in order. A slice is sink's to keep; its
// Spikes are nil for a population without a spike condition. The context is
// looked at before each slice: done is the number of steps that were finished,
// also when err is not nil. An instance that is not finite goes on; Slice.Bad
// has the first such state of each slice, by its exact step.
func (e *Engine) Run(ctx context.Context, first int64, steps int, sink func(*ir.Slice) error) (done int, err error) {
	if e.vars == nil {
		return 0, errClosed
	}
	if steps < 0 {
		return 0, fmt.Errorf("cpuref: %d steps", steps)
	}
	if err := e.checkSamples(first, steps); err != nil {
		return 0, err
	}
	workers := make([]*worker, e.threads)
	for i := range workers {
		workers[i] = e.newWorker()
	}
	for done < steps {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		s := e.newSlice(first+int64(done), min(e.sliceLen, steps-done))
		e.runSlice(s, workers)
		done += s.Steps
		e.counters.Dispatches++
		if sink != nil {
			if err := sink(s); err != nil {
				return done, err
			}
		}
	}
	return done, nil
}

// checkSamples looks whether there is a sample for each step.
func (e *Engine) checkSamples(first int64, steps int) error {
	if steps == 0 {
		return nil
	}
	first -= e.origin
	end := first + int64(steps) - 1
	for i := range e.code.program.Vars {
		v := &e.code.program.Vars[i]
		n := int64(v.Len)
		switch v.Dim {
		case ir.PerSample:
		case ir.PerSampleNeuron:
			n /= int64(e.code.program.Populations[v.Population].Size)
		default:
			continue
		}
		has := n * int64(v.Every)
		if first < 0 {
			return fmt.Errorf("cpuref: %s has samples from step 0 of the run on, and step %d is asked for", v.Name, first)
		}
		if end >= has {
			return fmt.Errorf("cpuref: %s has %d samples of %d steps each, to step %d, and step %d is asked for",
				v.Name, n, v.Every, has-1, end)
		}
	}
	return nil
}

func (e *Engine) newSlice(first int64, steps int) *ir.Slice {
	p := e.code.program
	s := &ir.Slice{
		First:   first,
		Steps:   steps,
		Spikes:  make([][]uint32, len(p.Populations)),
		Words:   (steps + 31) / 32,
		Records: make([][]float64, 0, e.code.records),
		Bad:     make([]*ir.NotFinite, e.instances),
	}
	for i := range p.Populations {
		if p.Populations[i].Spike != nil {
			s.Spikes[i] = make([]uint32, e.instances*s.Words*p.Populations[i].Size)
		}
	}
	for _, r := range p.AllRecords() {
		rows := rowsBefore(first+int64(steps), r.Every) - rowsBefore(first, r.Every)
		s.Records = append(s.Records, make([]float64, int(rows)*e.instances*r.Width()))
	}
	return s
}

// rowsBefore is step/every, rounded up: the number of the first row, counted
// from that of step 0, that step or a later one leaves.
func rowsBefore(step int64, every int) int64 {
	q := step / int64(every)
	if step%int64(every) > 0 {
		q++
	}
	return q
}

// runSlice runs all instances over the slice.
func (e *Engine) runSlice(s *ir.Slice, workers []*worker) {
	if len(workers) == 1 {
		for k := range e.instances {
			workers[0].runInstance(s, k)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for _, w := range workers {
		wg.Go(func() {
			for k := next.Add(1) - 1; k < int64(e.instances); k = next.Add(1) - 1 {
				w.runInstance(s, int(k))
			}
		})
	}
	wg.Wait()
}

// A worker runs one instance at a time, in work space of its own.
type worker struct {
	*Engine
	scalars   []float64
	registers [][]float64 // of block elements
	arrays    [][]float64 // the instance's variables, then work space
	// Of a sum: its sources, the sums of a term, and the sum of the terms.
	sources, sums, all []float64

	slice    *ir.Slice
	instance int
	step     int64
	rows     [][]float64 // of a population's records in this step
}

func (e *Engine) newWorker() *worker {
	c := e.code
	w := &worker{
		Engine:    e,
		scalars:   append([]float64(nil), c.scalars...),
		registers: make([][]float64, c.registers),
		arrays:    make([][]float64, len(e.vars)+len(c.arrays)),
		sources:   make([]float64, c.sums),
		sums:      make([]float64, c.sums),
		all:       make([]float64, c.sums),
	}
	for i := range w.registers {
		w.registers[i] = make([]float64, block)
	}
	for i, n := range c.arrays {
		w.arrays[len(e.vars)+i] = make([]float64, n)
	}
	return w
}

// runInstance runs instance k over the slice.
func (w *worker) runInstance(s *ir.Slice, k int) {
	w.slice, w.instance = s, k
	for i := range w.vars {
		w.arrays[i] = w.vars[i].of(k, w.code.program.Vars[i].Len)
	}
	w.step = s.First
	w.runScalars(w.code.slice)
	for i := range s.Steps {
		w.step = s.First + int64(i)
		w.runStep()
		if s.Bad[k] == nil {
			s.Bad[k] = w.notFinite()
		}
	}
}

func (w *worker) runScalars(ops []scalarOp) {
	for i := range ops {
		o := &ops[i]
		switch {
		case o.apply || o.sel:
			w.scalars[o.dst] = o.of(w.scalars)
		case o.during != nil:
			w.scalars[o.dst] = truth(o.during.From <= w.step && w.step < o.during.Until)
		case o.every > 0:
			w.scalars[o.dst] = w.arrays[o.load][(w.step-w.origin)/int64(o.every)]
		default:
			w.scalars[o.dst] = w.arrays[o.load][0]
		}
	}
}
