package network

import (
	"context"
	"errors"
	"fmt"
	"math"

	"gpusim/model"
	"gpusim/model/ir"
)

// Run goes on for a time in ms from where the clock stands. Steps belong to
// times, so that pieces of a run add up to the steps of the whole. When the
// context is cancelled, Run gives what was done with the context's error, and
// the network stands after the last step that was done.
func (n *Network) Run(ctx context.Context, durationMs float64) (*Result, error) {
	if !(durationMs >= 0) || math.IsInf(durationMs, 0) {
		return nil, fmt.Errorf("a run's duration is a time in ms from 0, not %s", formatNumber(durationMs))
	}
	end := n.clock + durationMs
	last := model.StepOf(end, n.file.Dt)
	if math.Abs(end/n.file.Dt) > 1<<53 {
		return nil, fmt.Errorf("a run to %s ms has more steps than can be counted", formatNumber(end))
	}
	r, err := n.run(ctx, int(last-n.step), nil)
	if n.step == last && !n.closed {
		n.clock = end
	}
	return r, err
}

// RunSteps goes on for a number of steps.
func (n *Network) RunSteps(ctx context.Context, steps int) (*Result, error) {
	if steps < 0 {
		return nil, fmt.Errorf("a run has 0 steps or more, not %d", steps)
	}
	return n.run(ctx, steps, nil)
}

// run does steps. Where there is a fold it takes the hidden records instead of
// the result.
func (n *Network) run(ctx context.Context, steps int, f *fold) (*Result, error) {
	if err := n.sync(); err != nil {
		return nil, err
	}
	if err := n.checkRows(steps, f != nil); err != nil {
		return nil, err
	}
	r := n.newResult()
	if steps == 0 {
		return r, ctx.Err()
	}
	n.started = true
	n.built.eng.SetOrigin(n.origin)
	done, err := n.built.eng.Run(ctx, n.step, steps, func(s *Slice) error {
		r.Steps = int(s.First-r.First) + s.Steps
		if err := n.fits(r, s); err != nil {
			return err
		}
		if err := n.collect(r, s, f); err != nil {
			return err
		}
		if n.opts.Progress != nil {
			n.opts.Progress(int(s.First-r.First)+s.Steps, steps)
		}
		return nil
	})
	r.Steps = done
	n.step += int64(done)
	n.clock = float64(n.step) * n.file.Dt
	return r, err
}

// newResult is the result of no steps.
func (n *Network) newResult() *Result {
	r := &Result{First: n.step, Dt: n.file.Dt, Instances: make([]InstanceResult, n.instances)}
	for k := range r.Instances {
		x := &r.Instances[k]
		for _, p := range n.file.Populations {
			x.Spikes = append(x.Spikes, SpikeTrain{Population: p.Name, Size: p.Size})
		}
		for i := range n.built.records {
			p := &n.built.records[i]
			t := Trace{Name: p.name, Len: p.rowLen()}
			if p.hidden {
				x.hidden = append(x.hidden, t)
			} else {
				x.Traces = append(x.Traces, t)
			}
		}
	}
	return r
}

// collect adds what a slice left to a result.
func (n *Network) collect(r *Result, s *Slice, f *fold) error {
	b := n.built
	spiking := 0
	for i := range b.prog.Populations {
		p := &b.prog.Populations[i]
		if p.Spike == nil {
			if len(s.Spikes) == len(b.prog.Populations) {
				spiking++
			}
			continue
		}
		if spiking >= len(s.Spikes) {
			return fmt.Errorf("the device gave the spikes of %d populations only", len(s.Spikes))
		}
		if err := decodeSpikes(r.Instances, i, s, s.Spikes[spiking], p.Size); err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		spiking++
	}
	if len(s.Records) != len(b.records) {
		return fmt.Errorf("the device gave %d records of %d", len(s.Records), len(b.records))
	}
	visible, hidden := 0, 0
	for i := range b.records {
		p := &b.records[i]
		place := func(x *InstanceResult) *Trace { return &x.Traces[visible] }
		if p.hidden {
			place = func(x *InstanceResult) *Trace { return &x.hidden[hidden] }
		}
		n.collectRecord(r, s, i, place, f)
		if p.hidden {
			hidden++
		} else {
			visible++
		}
	}
	for k, bad := range s.Bad {
		if bad != nil && k < len(r.Instances) && r.Instances[k].Bad == nil {
			r.Instances[k].Bad = n.nonFinite(bad)
		}
	}
	return nil
}

// collectRecord adds the rows of record i of a slice to their traces.
func (n *Network) collectRecord(r *Result, s *Slice, i int, place func(*InstanceResult) *Trace, f *fold) {
	p := &n.built.records[i]
	first := firstMultiple(s.First, p.every)
	rows := 0
	if width := p.length * n.instances; width > 0 {
		rows = len(s.Records[i]) / width
	}
	for k := range r.Instances {
		t := place(&r.Instances[k])
		for row := range rows {
			from := (row*n.instances + k) * p.length
			data := s.Records[i][from : from+p.length]
			step := first + int64(row)*p.every
			if f != nil {
				f.add(i, k, step, data)
				if p.hidden {
					continue
				}
			}
			t.Steps = append(t.Steps, step)
			t.Data = p.keep(t.Data, data)
		}
	}
}

// firstMultiple is the first multiple of every that is not less than step.
func firstMultiple(step, every int64) int64 {
	if rest := step % every; rest > 0 {
		return step + every - rest
	}
	return step - step%every
}

func (n *Network) nonFinite(bad *ir.NotFinite) *NonFinite {
	x := &NonFinite{Name: fmt.Sprint("variable ", bad.Var), Element: bad.Element, Step: bad.Step, Ms: float64(bad.Step) * n.file.Dt, of: "element"}
	if int(bad.Var) < 0 || int(bad.Var) >= len(n.built.prog.Vars) {
		return x
	}
	v := &n.built.prog.Vars[bad.Var]
	x.Name = v.Name
	switch v.Dim {
	case ir.PerNeuron:
		x.of = "neuron"
	case ir.PerPre:
		x.of = "presynaptic neuron"
	case ir.PerSynapse:
		x.of = "synapse"
	}
	return x
}

// Reset takes the network back to its start: state, last spikes, clock. States
// that were set after the first step are forgotten; parameters and inputs keep
// their values, and starting values that depend on them are evaluated anew
// where they changed. Otherwise no byte goes to the device.
func (n *Network) Reset() error {
	if n.closed {
		return ErrClosed
	}
	clear(n.pending)
	if n.started {
		if err := n.built.eng.Restore(); err != nil {
			return err
		}
	}
	n.started = false
	n.step, n.origin = n.startStep, n.startStep
	n.clock = n.startMs
	n.dirty = true
	return nil
}

// SetClock sets the time in ms that the next run begins at. The steps of the
// last spikes move with it. Before the first step it sets the time that Reset
// goes back to.
func (n *Network) SetClock(ms float64) error {
	switch {
	case n.closed:
		return ErrClosed
	case !(ms >= 0) || ms/n.file.Dt > 1<<53:
		return fmt.Errorf("the clock is a time in ms from 0, not %s", formatNumber(ms))
	}
	to := model.StepOf(ms, n.file.Dt)
	if n.started {
		if err := n.moveSteps(to - n.step); err != nil {
			return err
		}
	} else {
		n.startStep, n.startMs, n.startSet = to, ms, true
		n.forgetTime()
	}
	n.origin += to - n.step
	n.step, n.clock = to, ms
	return nil
}

// forgetTime has what reads the time of the start evaluated anew.
func (n *Network) forgetTime() {
	n.dirty = true
	forget := func(s *slot) {
		for _, r := range s.refs {
			if r.index == 't' {
				n.invalidate(s)
			}
		}
	}
	for _, s := range n.order {
		forget(s)
	}
	for _, o := range n.objects {
		for _, s := range o.slots { // quantities too
			forget(s)
		}
	}
}

// moveSteps moves what counts in steps with the clock: the last spikes, and
// the delay lines.
func (n *Network) moveSteps(by int64) error {
	if err := n.sync(); err != nil || by == 0 {
		return err
	}
	err := n.rewrite(ir.Last, func(_ *ir.Var, row []float64) (moved bool) {
		for i, x := range row {
			if x > ir.NeverSpiked {
				row[i], moved = x+float64(by), true
			}
		}
		return moved
	})
	if err != nil {
		return err
	}
	return n.moveLines(by)
}

// IsCancelled reports whether a run's error is that of its context, so that
// the result has what was done.
func IsCancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
