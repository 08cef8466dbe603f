package gpu

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"gpusim/gpu/glctx"
	"gpusim/model/ir"
	"gpusim/shaders"
)

// Bounds that the plan keeps beside the device's limits.
const (
	privateFew    = 1 << 14  // words of private arrays of one invocation, where lanes are few
	privateMany   = 1 << 12  // and where they are many
	maxSliceBytes = 64 << 20 // of spikes or of records of a slice
	maxSliceTime  = 500 * time.Millisecond
	maxSliceSteps = 32 * 1023 // the status word has ten bits for the 32-step word
	scratchSteps  = 64
	steppedFew    = 64  // invocations of a workgroup of stepped kernels, where lanes are few
	steppedMany   = 128 // and where they are many
)

// choose picks the kernels: those that were chosen for the program before, else
// the first candidate that fits, which others are measured against as far as
// the time for planning goes. The rest may be tried as the network runs
// (improve).
func (e *Engine) choose(g *glctx.GL) error {
	start := time.Now()
	if err := e.checkState(); err != nil { // before anything is compiled
		return err
	}
	list, refusals, known, err := e.survey(g)
	if err != nil {
		return err
	}
	e.plan = append(e.plan, refusals...)
	// Where one is known, forced, or watched for races, there is nothing to compare.
	compare := len(list) > 1 && e.d.opts.PlanTime > 0 && !e.d.opts.CheckRaces
	// What the next one takes to compile is not known: at least as long as others.
	late := func(c candidate) bool {
		expected := e.slowest
		if c.shape.Tiled {
			expected = max(expected, tiledCompile)
		}
		return time.Since(start)+expected >= e.d.opts.PlanTime
	}
	var best *trial
	for i, c := range list {
		if best != nil && (!compare || late(c)) {
			if compare {
				e.untried = list[i:]
			}
			break
		}
		t, err := e.try(g, c, compare)
		if err == nil && compare && (best != nil || i+1 < len(list) && !late(list[i+1])) {
			if err = e.measure(g, t); err != nil {
				err = errors.Join(err, t.form.free(g))
			}
		}
		if err != nil && (best != nil || i < len(list)-1) { // it may need what there is not
			e.plan = append(e.plan, fmt.Sprintf("%s: %v", c, err))
			continue
		}
		if err != nil {
			return err
		}
		e.plan = append(e.plan, t.String())
		if best, err = e.better(g, best, t); err != nil {
			return err
		}
	}
	if known {
		e.plan = append(e.plan, "chosen in an earlier run")
	}
	e.take(best)
	if compare && len(e.untried) == 0 {
		e.remember()
	}
	return nil
}

// better keeps the faster of two trials and frees the other.
func (e *Engine) better(g *glctx.GL, best, t *trial) (*trial, error) {
	if best == nil {
		return t, nil
	}
	if t.measured && best.measured && t.perStep < best.perStep {
		best, t = t, best
	}
	e.counters.Plan.Programs += t.form.count()
	return best, t.form.free(g)
}

// NotFusedError is a program that has no fused kernel, where Options.Form asks
// for one.
type NotFusedError struct {
	Program string
	Why     []string // of each number of invocations that was tried
}

// Error says why.
func (e *NotFusedError) Error() string {
	return fmt.Sprintf("gpu: %s does not fit the fused kernel (one workgroup an instance):\n  %s", e.Program, strings.Join(e.Why, "\n  "))
}

// take makes a candidate the engine's.
func (e *Engine) take(t *trial) {
	e.form, e.choice = t.form, t.of
	e.counters.ProgramsBuilt += t.form.count()
	e.slice = e.sliceOf(t)
	if t.perStep == 0 && e.d.opts.Slice == 0 {
		e.untimed = 2 // the driver may finish compiling in the first
	}
	e.describe()
}

// describe puts what is run at the head of the plan.
func (e *Engine) describe() {
	head := fmt.Sprintf("%s, %d instances, slices of up to %d steps", e.form.name(), e.instances, e.slice)
	e.plan = append([]string{head}, e.plan...)
}

// checkState refuses more instances than a binding holds the state of.
func (e *Engine) checkState() error {
	n := 0
	for i := range e.p.Vars {
		if e.p.Vars[i].Role.IsState() {
			n += e.p.Vars[i].Len
		}
	}
	limits := e.d.ctx.Info().Limits
	if most := limits.MaxGroupCount[0]; e.instances > most { // a workgroup each
		return fmt.Errorf("building %s: %d instances, a dispatch has at most %d workgroups: %w", e.p.Name, e.instances, most, ir.ErrTooLarge)
	}
	return e.fits("state", n)
}

// fits refuses more instances than a binding holds so many words an instance of.
func (e *Engine) fits(what string, words int) error {
	limit := e.d.ctx.Info().Limits.MaxStorageBlockSize
	bytes := 4 * int64(words) * int64(e.instances)
	if bytes <= limit {
		return nil
	}
	instances := fmt.Sprintf("%d instances", e.instances)
	if e.instances == 1 {
		instances = "1 instance"
	}
	return fmt.Errorf("building %s: the %s of %s takes %d bytes, at most %d fit: %w", e.p.Name, what, instances, bytes, limit, ir.ErrTooLarge)
}

// whyNot says what keeps a kernel from running on a device, with the numbers.
func whyNot(k *shaders.Kernel, d *Device, private int) string {
	lim := d.ctx.Info().Limits
	invocations := k.Shape.Invocations
	switch {
	case invocations > lim.MaxInvocations || invocations > lim.MaxGroupSize[0]:
		return fmt.Sprintf("a workgroup of this device has at most %d", min(lim.MaxInvocations, lim.MaxGroupSize[0]))
	case k.SharedBytes > lim.MaxSharedBytes:
		return fmt.Sprintf("%d bytes of shared memory needed, the device has %d", k.SharedBytes, lim.MaxSharedBytes)
	case k.PrivateWords > private:
		return fmt.Sprintf("%d words of state an invocation, at most %d", k.PrivateWords, private)
	case k.MaxSteps(d.opts.Iterations) < 1:
		return fmt.Sprintf("one step takes %d loop iterations, at most %d a dispatch", k.Budget(1), d.opts.Iterations)
	}
	return ""
}

// sliceOf is the number of steps of a dispatch: within the loop iterations,
// the memory of what it leaves, and the time a driver lets a dispatch take.
func (e *Engine) sliceOf(t *trial) int {
	n := t.form.maxSteps(e.d.opts.Iterations)
	if e.d.opts.Slice > 0 {
		n = min(n, e.d.opts.Slice)
	}
	if e.d.opts.CheckRaces {
		n = min(n, raceSlice)
	}
	n = e.inTime(n, t.perStep)
	limit := int(min(maxSliceBytes, e.d.ctx.Info().Limits.MaxStorageBlockSize))
	if e.d.opts.CheckRaces {
		limit = min(limit, raceSliceBytes)
	}
	for n > 1 {
		spikes, records := sliceWords(t.form.layout(), n, e.instances)
		if 4*max(spikes, records) <= limit {
			break
		}
		n = n * 3 / 4
	}
	if n > 32 {
		n -= n % 32
	}
	return max(n, 1)
}

// inTime cuts a slice to the time that a dispatch may take, where it is known
// what a step takes.
func (e *Engine) inTime(n int, perStep time.Duration) int {
	if perStep <= 0 {
		return n
	}
	return max(1, min(n, int(maxSliceTime/perStep)))
}

// sliceWords is the room, in 32-bit words, for the spikes and for the records
// of a slice.
func sliceWords(l *shaders.Layout, steps, instances int) (spikes, records int) {
	spikes = l.SpikeLen * ((steps + 31) / 32) * instances
	for _, r := range l.Records {
		records += ((steps-1)/r.Every + 1) * r.Width() * instances
	}
	return spikes, records
}

var _ ir.Engine = (*Engine)(nil)
