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
func (n *Network) Run(ctx context.Context, durationMs float64) (r *Result, err error) {
	err = n.lasting(durationMs, func(steps int) (err error) {
		r, err = n.run(ctx, steps, nil)
		return err
	})
	return r, err
}

// lasting has the steps of a time done. Where all were, the clock stands at its end,
// which need not be that of a step.
func (n *Network) lasting(durationMs float64, do func(steps int) error) error {
	steps, end, err := n.stepsOf(durationMs)
	if err != nil {
		return err
	}
	last := n.step + int64(steps)
	err = do(steps)
	if n.step == last && !n.closed {
		n.clock = end
	}
	return err
}

// stepsOf gives the steps of a time from where the clock stands, and the time at
// its end.
func (n *Network) stepsOf(durationMs float64) (steps int, endMs float64, err error) {
	if !(durationMs >= 0) || math.IsInf(durationMs, 0) {
		return 0, 0, fmt.Errorf("a run's duration is a time in ms from 0, not %s", formatNumber(durationMs))
	}
	end := n.clock + durationMs
	if math.Abs(end/n.file.Dt) > 1<<53 {
		return 0, 0, fmt.Errorf("a run to %s ms has more steps than can be counted", formatNumber(end))
	}
	return int(model.StepOf(end, n.file.Dt) - n.step), end, nil
}

// RunSteps goes on for a number of steps.
func (n *Network) RunSteps(ctx context.Context, steps int) (*Result, error) {
	if err := checkSteps(steps); err != nil {
		return nil, err
	}
	return n.run(ctx, steps, nil)
}

// RunTo is Run, but that what the run leaves goes to a recorder, slice after
// slice, and is not kept: its memory does not grow with the duration.
func (n *Network) RunTo(ctx context.Context, durationMs float64, to Recorder) (r *Ran, err error) {
	err = n.lasting(durationMs, func(steps int) (err error) {
		r, err = n.stream(ctx, steps, to)
		return err
	})
	return r, err
}

// RunStepsTo goes on for a number of steps, and hands what they leave to a
// recorder.
func (n *Network) RunStepsTo(ctx context.Context, steps int, to Recorder) (*Ran, error) {
	if err := checkSteps(steps); err != nil {
		return nil, err
	}
	return n.stream(ctx, steps, to)
}

func checkSteps(steps int) error {
	if steps < 0 {
		return fmt.Errorf("a run has 0 steps or more, not %d", steps)
	}
	return nil
}

// run does steps and keeps what they leave. Where there is a fold it takes the
// hidden records instead of the result.
func (n *Network) run(ctx context.Context, steps int, f *fold) (*Result, error) {
	if err := n.sync(); err != nil {
		return nil, err
	}
	if err := n.checkRows(steps, f != nil); err != nil {
		return nil, err
	}
	k := n.newKeeper(f)
	ran, err := n.stream(ctx, steps, k)
	if ran == nil {
		return nil, err
	}
	k.r.Steps = ran.Steps
	for i := range k.r.Instances {
		k.r.Instances[i].Bad = ran.Bad[i]
	}
	return k.r, err
}

// stream does steps and hands what they leave to a recorder.
func (n *Network) stream(ctx context.Context, steps int, to Recorder) (*Ran, error) {
	if err := n.sync(); err != nil {
		return nil, err
	}
	r := &Ran{First: n.step, Dt: n.file.Dt, Bad: make([]*NonFinite, n.instances)}
	keeps, bounded := to.(interface{ expect(*Slice) error })
	done, err := n.steps(ctx, steps, func(s *Slice) error {
		if bounded {
			if err := keeps.expect(s); err != nil {
				return err
			}
		}
		for k, bad := range s.Bad {
			if bad != nil && k < len(r.Bad) && r.Bad[k] == nil {
				r.Bad[k] = n.nonFinite(bad)
			}
		}
		if err := n.hand(s, to); err != nil {
			return err
		}
		if n.opts.Progress != nil {
			n.opts.Progress(int(s.First-r.First)+s.Steps, steps)
		}
		return nil
	})
	r.Steps = done
	return r, err
}

// steps does steps and hands over what each slice left.
func (n *Network) steps(ctx context.Context, count int, sink func(*Slice) error) (done int, err error) {
	if count == 0 {
		return 0, ctx.Err()
	}
	n.started = true
	n.built.eng.SetOrigin(n.origin)
	done, err = n.built.eng.Run(ctx, n.step, count, sink)
	n.step += int64(done)
	n.clock = float64(n.step) * n.file.Dt
	return done, err
}

// firstMultiple is the first multiple of every that is not less than step.
func firstMultiple(step, every int64) int64 {
	if rest := step % every; rest > 0 {
		return step + every - rest
	}
	return step - step%every
}

func (n *Network) nonFinite(bad *ir.NotFinite) *NonFinite {
	x := &NonFinite{Name: fmt.Sprint("variable ", bad.Var), Element: bad.Element, Step: bad.Step, Ms: float64(bad.Step) * n.file.Dt, Of: "element"}
	if int(bad.Var) < 0 || int(bad.Var) >= len(n.built.prog.Vars) {
		return x
	}
	v := &n.built.prog.Vars[bad.Var]
	x.Name = v.Name
	switch v.Dim {
	case ir.PerNeuron:
		x.Of = "neuron"
	case ir.PerPre:
		x.Of = "presynaptic neuron"
	case ir.PerSynapse:
		x.Of = "synapse"
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
