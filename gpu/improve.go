package gpu

import (
	"errors"
	"fmt"
	"time"

	"gpusim/gpu/glctx"
)

// improve tries the next of the candidates that the time for planning did not
// reach, once the network has run for longer than all planning has taken, so
// that it never takes more than half of the time. It is called between slices;
// state is in its buffers then, and goes on with other kernels to the same bits.
func (e *Engine) improve() error {
	if len(e.untried) == 0 || e.worked < max(e.d.opts.ImproveAfter, e.planned) {
		return nil
	}
	c := e.untried[0]
	e.untried = e.untried[1:]
	begin := time.Now()
	err := e.d.ctx.Do("trying other kernels of "+e.p.Name, func(g *glctx.GL) error {
		now := &trial{of: e.choice, form: e.form}
		t, err := e.try(g, c, true)
		if err == nil {
			if err = e.measure(g, now, t); err != nil {
				err = errors.Join(err, t.form.free(g))
			}
		}
		if err != nil {
			e.plan = append(e.plan, fmt.Sprintf("%s: %v", c, err))
			return nil // what runs goes on
		}
		e.plan = append(e.plan, t.String())
		best, err := e.better(g, now, t)
		if err != nil || best == now {
			return err
		}
		e.form, e.choice = best.form, c
		e.slice = e.sliceOf(best)
		e.plan = e.plan[1:]
		e.describe()
		return e.resize(g)
	})
	e.planned += time.Since(begin)
	if len(e.untried) == 0 {
		e.remember()
	}
	return err
}

// resize makes the buffers anew whose size depends on the slice, and on the form.
func (e *Engine) resize(g *glctx.GL) error {
	for _, a := range e.arrays() {
		if a.into != &e.spikes && a.into != &e.records && a.into != &e.status && a.into != &e.scratch {
			continue
		}
		fresh, err := g.NewBuffer(a.name, 4*a.words)
		if err != nil {
			return fmt.Errorf("building %s: %w", e.p.Name, err)
		}
		if err := g.DeleteBuffer(*a.into); err != nil {
			return errors.Join(err, g.DeleteBuffer(fresh))
		}
		*a.into = fresh
	}
	return nil
}
