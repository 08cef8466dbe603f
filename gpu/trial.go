package gpu

import (
	"errors"
	"fmt"
	"time"

	"gpusim/gpu/glctx"
)

// trial is a candidate and what a few steps of it took.
type trial struct {
	of       candidate
	form     form
	compile  time.Duration
	measured bool
	perStep  time.Duration
}

func (t *trial) String() string {
	s := fmt.Sprintf("%s: compiled in %.0f ms", t.of, t.compile.Seconds()*1e3)
	if t.measured {
		s += fmt.Sprintf(", %.2f us a step", t.perStep.Seconds()*1e6)
	}
	return s
}

// try compiles a candidate. Where more are to be compared with it, it runs a
// step, since drivers finish compiling at the first dispatch.
func (e *Engine) try(g *glctx.GL, c candidate, compared bool) (_ *trial, err error) {
	f, err := e.formOf(c)
	if err != nil {
		return nil, err
	}
	if err := e.fits("scratch", f.scratch()); err != nil {
		return nil, err
	}
	begin := time.Now()
	if err = f.compile(g, e); err == nil && compared {
		err = e.onScratch(g, f, func(s *Engine) error {
			_, err := s.scratchRun(g, 1)
			return err
		})
	}
	if err != nil {
		return nil, errors.Join(err, f.free(g))
	}
	t := &trial{of: c, form: f, compile: time.Since(begin)}
	e.slowest = max(e.slowest, t.compile)
	return t, nil
}

// measured is how often the steps are timed: the least counts, since what else
// the machine does only adds.
const measured = 8

// measure times some steps of trials on scratch state, in turns.
func (e *Engine) measure(g *glctx.GL, trials ...*trial) error {
	for range measured {
		for _, t := range trials {
			err := e.onScratch(g, t.form, func(s *Engine) error {
				d, err := s.scratchRun(g, s.slice)
				if per := max(d/time.Duration(s.slice), 1); err == nil && (!t.measured || per < t.perStep) {
					t.measured, t.perStep = true, per
				}
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// onScratch calls f with an engine that runs a form on state of its own.
func (e *Engine) onScratch(g *glctx.GL, f form, do func(s *Engine) error) (err error) {
	s := &Engine{d: e.d, p: e.p, shared: e.shared, instances: e.instances, form: f, watch: e.watch}
	s.slice = min(scratchSteps, e.sliceOf(&trial{form: f}))
	defer func() {
		s.watch = nil // its buffer is e's
		err = errors.Join(err, s.freeBuffers(g))
		e.counters.Plan.Dispatches += s.counters.Dispatches
		e.counters.Plan.Bytes += s.counters.BytesUploaded
	}()
	if err := s.allocate(g); err != nil {
		return err
	}
	return do(s)
}

// scratchRun runs some steps on scratch state and says how long they took.
func (e *Engine) scratchRun(g *glctx.GL, steps int) (time.Duration, error) {
	begin, err := g.Finish()
	if err != nil {
		return 0, err
	}
	if _, err := e.form.run(g, e, 0, steps); err != nil {
		return 0, err
	}
	end, err := g.Finish()
	return end.Sub(begin), err
}
