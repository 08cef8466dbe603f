package gpu

import (
	"context"
	"fmt"
	"time"

	"gpusim/gpu/glctx"
	"gpusim/model/ir"
)

// Run does the given steps in slices and hands over what each left.
func (e *Engine) Run(ctx context.Context, first int64, steps int, sink func(*ir.Slice) error) (done int, err error) {
	if err := e.checkSamples(first, steps); err != nil {
		return 0, err
	}
	for done < steps {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		at := first + int64(done)
		n := min(e.slice, steps-done)
		if e.untimed > 0 {
			n = min(n, scratchSteps) // find out what a step takes
		}
		if e.hasLast() && (at-e.epoch < never || at+int64(n)-e.epoch > -never) {
			if err := e.moveEpoch(at); err != nil {
				return done, err
			}
		}
		begin := time.Now()
		s, err := e.runSlice(at, n)
		if err != nil {
			return done, err
		}
		took := time.Since(begin)
		e.worked += took
		if e.untimed > 0 {
			if e.untimed--; e.untimed == 0 {
				e.slice = e.inTime(e.slice, took/time.Duration(n))
			}
		}
		done += n
		if sink != nil {
			if err := sink(s); err != nil {
				return done, err
			}
		}
		if err := e.improve(); err != nil {
			return done, err
		}
	}
	return done, nil
}

// checkSamples refuses a run that goes beyond the samples of an input.
func (e *Engine) checkSamples(first int64, steps int) error {
	for i := range e.p.Vars {
		v := &e.p.Vars[i]
		if v.Role != ir.Samples || steps == 0 {
			continue
		}
		samples := v.Len
		if v.Dim == ir.PerSampleNeuron {
			samples /= max(1, e.p.Populations[v.Population].Size)
		}
		last := first - e.origin + int64(steps) - 1
		if first < e.origin || last/int64(v.Every) >= int64(samples) || last >= 1<<32 {
			return fmt.Errorf("gpu: %s has %d samples of %d steps each: none for step %d of the run", v.Name, samples, v.Every, last)
		}
	}
	return nil
}

func (e *Engine) hasLast() bool {
	for i := range e.p.Vars {
		if e.p.Vars[i].Role == ir.Last {
			return true
		}
	}
	return false
}

// moveEpoch makes the steps of last spikes count from step at.
func (e *Engine) moveEpoch(at int64) error {
	for i := range e.p.Vars {
		if e.p.Vars[i].Role != ir.Last {
			continue
		}
		var all []float64
		for k := 0; k < e.instances; k++ {
			x, err := e.Read(ir.VarID(i), k)
			if err != nil {
				return err
			}
			all = append(all, x...)
		}
		old := e.epoch
		e.epoch = at
		err := e.write(ir.VarID(i), all)
		e.epoch = old
		if err != nil {
			return err
		}
	}
	e.epoch = at
	return nil
}

// runSlice dispatches one slice and downloads what it left.
func (e *Engine) runSlice(first int64, n int) (*ir.Slice, error) {
	l := e.form.layout()
	words := (n + 31) / 32
	s := &ir.Slice{First: first, Steps: n, Words: words, Bad: make([]*ir.NotFinite, e.instances)}
	status := make([]uint32, e.form.statusWords()*e.instances)
	spikes := make([]uint32, l.SpikeLen*words*e.instances)
	var rows []float32
	err := e.d.ctx.Do(fmt.Sprintf("running steps %d to %d of %s", first, first+int64(n)-1, e.p.Name), func(g *glctx.GL) error {
		if err := g.Clear(e.status); err != nil {
			return err
		}
		total, err := e.form.run(g, e, first, n)
		if err != nil {
			return err
		}
		rows = make([]float32, total)
		if _, err := g.Finish(); err != nil {
			return err
		}
		if err := e.download(g, e.status, 0, glctx.Bytes(status)); err != nil {
			return err
		}
		if len(spikes) > 0 {
			if err := e.download(g, e.spikes, 0, glctx.Bytes(spikes)); err != nil {
				return err
			}
		}
		if len(rows) > 0 {
			return e.download(g, e.records, 0, glctx.Bytes(rows))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := e.verify(status, first, n); err != nil {
		return nil, err
	}
	e.unpack(s, status, spikes, rows)
	return s, nil
}

// verify looks at the loops and workgroups that the kernels counted: some drivers
// end loops in silence.
func (e *Engine) verify(status []uint32, first int64, n int) error {
	for k := 0; k < e.instances; k++ {
		if what := e.form.verify(e.statusOf(status, k), n); what != "" {
			return fmt.Errorf("gpu: steps %d to %d, instance %d: %s: the driver (%s) ends loops early, and the results are worth nothing; run with --device cpu",
				first, first+int64(n)-1, k, what, e.d.ctx.Info().Renderer)
		}
	}
	return nil
}

func (e *Engine) statusOf(status []uint32, instance int) []uint32 {
	n := e.form.statusWords()
	return status[instance*n : (instance+1)*n]
}

// unpack sorts out what a slice left.
func (e *Engine) unpack(s *ir.Slice, status, spikes []uint32, rows []float32) {
	l := e.form.layout()
	for pi := range e.p.Populations {
		at := l.Spikes[pi]
		if at < 0 {
			s.Spikes = append(s.Spikes, nil)
			continue
		}
		per := s.Words * e.instances
		s.Spikes = append(s.Spikes, spikes[at*per:(at+e.p.Populations[pi].Size)*per])
	}
	for _, r := range l.Records {
		n := rowsOf(s.First, s.Steps, r.Every) * r.Len * e.instances
		out := make([]float64, n)
		for i, v := range rows[:n] {
			out[i] = float64(v)
		}
		rows = rows[n:]
		s.Records = append(s.Records, out)
	}
	for k := range s.Bad {
		word, element, found := e.form.bad(e.statusOf(status, k))
		if !found {
			continue
		}
		bad := &ir.NotFinite{Var: ir.None, Step: s.First + int64(min(32*word+31, s.Steps-1))}
		for v, at := range l.State {
			if element >= at && element < at+e.p.Vars[v].Len {
				if bad.Var, bad.Element = v, element-at; l.Order[v] != nil {
					bad.Element = int(l.Order[v][bad.Element])
				}
			}
		}
		s.Bad[k] = bad
	}
}
