package gpu

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"gpusim/gpu/glctx"
	"gpusim/model/ir"
	"gpusim/shaders"
)

// The numbers of invocations that are tried, in this order, where lanes are
// many (a chip) and where they are few (a software renderer, which runs best
// on one vector of lanes that loops over the neurons).
var (
	manyLanes = []int{128, 256, 64, 32, 16, 8}
	fewLanes  = []int{8, 16, 32, 64, 128, 256}
)

// Bounds that the plan keeps beside the device's limits.
const (
	maxPrivateWords = 4096     // words of private arrays of one invocation
	maxSliceBytes   = 64 << 20 // of spikes or of records of a slice
	maxSliceTime    = 500 * time.Millisecond
	maxSliceSteps   = 32 * 1023 // the status word has ten bits for the 32-step word
	scratchSteps    = 64
	steppedFew      = 64  // invocations of a workgroup of stepped kernels, where lanes are few
	steppedMany     = 128 // and where they are many
)

type planKey struct {
	program   [sha256.Size]byte
	instances int
}

// planKey is what the choice depends on: the kernel, the lengths of its rows
// of synapses, and the instances.
func (e *Engine) planKey(l *shaders.Layout) planKey {
	h := sha256.New()
	h.Write([]byte(l.Fused(e.p, fewLanes[0]).Source))
	h.Write(glctx.Bytes(l.Conn))
	return planKey{[sha256.Size]byte(h.Sum(nil)), e.instances}
}

// choose picks the kernels: of the fused candidates that fit, the one that runs
// some steps on scratch state fastest, as far as the time for planning goes;
// where none fits, the stepped form.
func (e *Engine) choose(g *glctx.GL) error {
	start := time.Now()
	if err := e.checkState(); err != nil { // before anything is compiled
		return err
	}
	layout := shaders.NewLayout(e.p)
	many, err := e.probe(g)
	if err != nil {
		return err
	}
	list, key := e.widths(many), planKey{}
	var fits []*shaders.Kernel
	var refusals []string
	if e.d.opts.Form != FormStepped {
		if shaders.FusedRefusal(e.p) == "" {
			key = e.planKey(layout)
			if w, ok := e.d.choices[key]; ok && e.d.opts.Invocations == 0 {
				list = []int{w}
			}
		}
		fits, refusals = e.fusedCandidates(layout, list)
	}
	switch {
	case len(fits) > 0:
		best, err := e.fastest(g, fits, start, many)
		if err != nil {
			return err
		}
		e.d.choices[key] = best.form.invocations()
		return e.take(best)
	case e.d.opts.Form == FormFused:
		return e.refused(refusals)
	}
	stepped, err := e.steppedForm(layout, many)
	if err != nil {
		return err
	}
	t, err := e.try(g, stepped, false, start)
	if err != nil {
		return err
	}
	e.plan = append(e.plan, refusals...)
	e.plan = append(e.plan, t.String())
	return e.take(t)
}

func (e *Engine) refused(why []string) error {
	return fmt.Errorf("gpu: %s does not fit the fused kernel (one workgroup an instance):\n  %s", e.p.Name, strings.Join(why, "\n  "))
}

// widths are the numbers of invocations to try.
func (e *Engine) widths(many bool) []int {
	switch {
	case e.d.opts.Invocations != 0:
		return []int{e.d.opts.Invocations}
	case many:
		return manyLanes
	}
	return fewLanes
}

// fusedCandidates prints the fused kernels that fit, and says why others do not.
func (e *Engine) fusedCandidates(layout *shaders.Layout, widths []int) (fits []*shaders.Kernel, refusals []string) {
	if why := shaders.FusedRefusal(e.p); why != "" {
		return nil, []string{"not fused: " + why}
	}
	for _, w := range widths {
		k := layout.Fused(e.p, w)
		if why := whyNot(k, e.d); why != "" {
			refusals = append(refusals, fmt.Sprintf("not fused, %d invocations: %s", w, why))
			continue
		}
		fits = append(fits, k)
	}
	return fits, refusals
}

// steppedForm prints the stepped kernels.
func (e *Engine) steppedForm(layout *shaders.Layout, many bool) (*steppedForm, error) {
	w := e.d.opts.Invocations
	if w == 0 {
		w = steppedFew
		if many {
			w = steppedMany
		}
	}
	kernels, err := layout.Stepped(e.p, w, e.d.opts.Iterations)
	if err != nil {
		return nil, fmt.Errorf("gpu: %s: %w", e.p.Name, err)
	}
	return &steppedForm{kernels: kernels}, nil
}

// fastest tries fused kernels, and deletes all but the fastest.
func (e *Engine) fastest(g *glctx.GL, fits []*shaders.Kernel, start time.Time, many bool) (best *trial, err error) {
	slowest := time.Duration(0) // to compile; the next candidate may take as long
	for i, k := range fits {
		if i > 0 && (e.d.opts.CheckRaces || time.Since(start)+slowest >= e.d.opts.PlanTime) {
			break
		}
		t, err := e.try(g, &fusedForm{kernel: k}, len(fits) > 1 && !e.d.opts.CheckRaces, start)
		if err != nil && best != nil { // a larger workgroup may need what there is not
			e.plan = append(e.plan, fmt.Sprintf("%d invocations: %v", k.Invocations, err))
			continue
		}
		if err != nil {
			return nil, err
		}
		slowest = max(slowest, t.compile)
		loser := t
		if best == nil || t.measured && t.perStep < best.perStep {
			best, loser = t, best
		}
		if loser != nil {
			e.counters.Plan.Programs += loser.form.count()
			if err := loser.form.free(g); err != nil {
				return nil, err
			}
		}
		e.plan = append(e.plan, t.String())
		if !many && t.measured && t.perStep > best.perStep*5/4 {
			break // those that follow have more lanes still
		}
	}
	return best, nil
}

// take makes a candidate the engine's.
func (e *Engine) take(t *trial) error {
	e.form = t.form
	e.counters.ProgramsBuilt = t.form.count()
	e.slice = e.sliceOf(t)
	if t.perStep == 0 && e.d.opts.Slice == 0 {
		e.untimed = 2 // the driver may finish compiling in the first
	}
	e.plan = append([]string{fmt.Sprintf("%s, %d instances, slices of up to %d steps", e.form.name(), e.instances, e.slice)}, e.plan...)
	return nil
}

// checkState refuses more instances than a binding holds the state of.
func (e *Engine) checkState() error {
	n := 0
	for i := range e.p.Vars {
		if e.p.Vars[i].Role.IsState() {
			n += e.p.Vars[i].Len
		}
	}
	limit := e.d.ctx.Info().Limits.MaxStorageBlockSize
	if bytes := 4 * int64(n) * int64(e.instances); bytes > limit {
		instances := fmt.Sprintf("%d instances", e.instances)
		if e.instances == 1 {
			instances = "1 instance"
		}
		return fmt.Errorf("building %s: the state of %s takes %d bytes, at most %d fit: %w", e.p.Name, instances, bytes, limit, ir.ErrTooLarge)
	}
	return nil
}

// whyNot says what keeps a kernel from running on a device, with the numbers.
func whyNot(k *shaders.Kernel, d *Device) string {
	lim := d.ctx.Info().Limits
	switch {
	case k.Invocations > lim.MaxInvocations || k.Invocations > lim.MaxGroupSize[0]:
		return fmt.Sprintf("a workgroup of this device has at most %d", min(lim.MaxInvocations, lim.MaxGroupSize[0]))
	case k.SharedBytes > lim.MaxSharedBytes:
		return fmt.Sprintf("%d bytes of shared memory needed, the device has %d", k.SharedBytes, lim.MaxSharedBytes)
	case k.PrivateWords > maxPrivateWords:
		return fmt.Sprintf("%d words of state an invocation, at most %d", k.PrivateWords, maxPrivateWords)
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
		records += ((steps-1)/r.Every + 1) * r.Len * instances
	}
	return spikes, records
}

// trial is a candidate and what a few steps of it took.
type trial struct {
	form     form
	compile  time.Duration
	measured bool
	perStep  time.Duration
}

func (t *trial) String() string {
	s := fmt.Sprintf("%d invocations: compiled in %.0f ms", t.form.invocations(), t.compile.Seconds()*1e3)
	if t.measured {
		s += fmt.Sprintf(", %.2f us a step", t.perStep.Seconds()*1e6)
	}
	return s
}

// try compiles a candidate and, where there is a choice, measures it.
func (e *Engine) try(g *glctx.GL, f form, measure bool, start time.Time) (_ *trial, err error) {
	t := &trial{form: f}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.free(g))
		}
	}()
	begin := time.Now()
	if err := f.compile(g, e); err != nil {
		return nil, err
	}
	if !measure {
		t.compile = time.Since(begin)
		return t, nil
	}
	s := &Engine{d: e.d, p: e.p, instances: e.instances, form: f, slice: min(scratchSteps, e.sliceOf(t))}
	defer func() {
		err = errors.Join(err, s.freeBuffers(g)) // the programs are t's
		e.counters.Plan.Dispatches += s.counters.Dispatches
		e.counters.Plan.Bytes += s.counters.BytesUploaded
	}()
	if err := s.allocate(g); err != nil {
		return nil, err
	}
	// The first dispatch also makes the driver finish compiling.
	if _, err := s.scratchRun(g, 1); err != nil {
		return nil, err
	}
	t.compile = time.Since(begin)
	if best := time.Duration(0); time.Since(start) < e.d.opts.PlanTime {
		for i := 0; i < 2; i++ {
			d, err := s.scratchRun(g, s.slice)
			if err != nil {
				return nil, err
			}
			if best == 0 || d < best {
				best = d
			}
		}
		t.measured, t.perStep = true, max(best/time.Duration(s.slice), 1)
	}
	return t, nil
}

// probe finds out whether the device runs the lanes of a workgroup side by
// side or, like a software renderer, a few at a time. It is asked once a device.
func (e *Engine) probe(g *glctx.GL) (many bool, err error) {
	if e.d.opts.Invocations != 0 {
		return false, nil // it is not asked
	}
	if e.d.lanes != nil {
		return *e.d.lanes, nil
	}
	took := map[int]time.Duration{}
	buf, err := g.NewBuffer("lanes", 4*wideGroup)
	if err != nil {
		return false, err
	}
	defer g.DeleteBuffer(buf)
	for _, n := range []int{narrowGroup, wideGroup} {
		p, err := g.NewProgram(fmt.Sprintf("lanes, %d", n), shaders.Lanes(n))
		if err != nil {
			return false, e.ofKernel(err)
		}
		e.counters.Plan.Programs++
		for i := 0; i < 4 && err == nil; i++ { // the first finishes compiling
			var begin, end time.Time
			if begin, err = g.Finish(); err != nil {
				break
			}
			if err = g.Dispatch(p, 1, []glctx.Binding{{Buffer: buf}}); err != nil {
				break
			}
			e.counters.Plan.Dispatches++
			end, err = g.Finish()
			if d := end.Sub(begin); i == 1 || d < took[n] {
				took[n] = d
			}
		}
		if e2 := g.DeleteProgram(p); err == nil {
			err = e2
		}
		if err != nil {
			return false, err
		}
	}
	many = took[wideGroup] < wideGroup/narrowGroup/4*took[narrowGroup]
	e.d.lanes = &many
	return many, nil
}

// The workgroups that probe compares: on one vector of lanes after another the
// wide one takes 16 times as long.
const (
	narrowGroup = 8
	wideGroup   = 128
)

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

var _ ir.Engine = (*Engine)(nil)
