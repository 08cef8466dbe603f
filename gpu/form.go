package gpu

import (
	"fmt"
	"math"

	"gpusim/gpu/glctx"
	"gpusim/model/ir"
	"gpusim/shaders"
)

// The forms of a program on a device, as Options.Form and plans name them.
const (
	FormFused   = "fused"   // one workgroup an instance, all steps of a slice in one dispatch
	FormStepped = "stepped" // dispatches for each step, one invocation a neuron
)

// A form is how the steps of a slice are asked of the device.
type form interface {
	layout() *shaders.Layout
	// name says which form it is, and of how many invocations.
	name() string
	compile(g *glctx.GL, e *Engine) error
	// count is the number of programs that were compiled.
	count() int
	// scratch is the number of floats an instance between passes.
	scratch() int
	// statusWords is the number of words of status an instance.
	statusWords() int
	// maxSteps bounds a slice.
	maxSteps(iterations int) int
	// run asks for n steps; it does not wait for them. It returns the number of
	// values that are recorded.
	run(g *glctx.GL, e *Engine, first int64, n int) (recorded int, err error)
	// verify says what an instance's status tells of loops that were not run to
	// their end, in n steps from first on; "" where all were.
	verify(status []uint32, first int64, n int) string
	// bad gives the first place of an instance's state that is not finite: the
	// 32-step word of the slice and the element in the order of the layout, -1
	// where it is not known.
	bad(status []uint32) (word, element int, found bool)
	free(g *glctx.GL) error
}

// fusedForm runs all steps of a slice in one dispatch.
type fusedForm struct {
	kernel  *shaders.Kernel
	program *glctx.Program
}

func (f *fusedForm) layout() *shaders.Layout { return f.kernel.Layout }
func (f *fusedForm) scratch() int            { return 0 }
func (f *fusedForm) count() int              { return 1 }
func (f *fusedForm) statusWords() int        { return shaders.StatusWords }

func (f *fusedForm) name() string {
	return fmt.Sprintf("fused kernel, %s invocations an instance", f.kernel.Shape)
}

func (f *fusedForm) compile(g *glctx.GL, e *Engine) (err error) {
	f.program, err = e.newProgram(g, fmt.Sprintf("%s, fused, %s invocations", e.p.Name, f.kernel.Shape), f.kernel.Source)
	return err
}

func (f *fusedForm) maxSteps(iterations int) int {
	return min(f.kernel.MaxSteps(iterations), maxSliceSteps)
}

func (f *fusedForm) run(g *glctx.GL, e *Engine, first int64, n int) (recorded int, err error) {
	if recorded, err = e.setUniforms(g, f.program, first, n); err != nil {
		return 0, err
	}
	return recorded, e.dispatch(g, f.program, e.instances, e.bindings())
}

// dispatch runs a kernel of the engine.
func (e *Engine) dispatch(g *glctx.GL, p *glctx.Program, groups int, bindings []glctx.Binding) error {
	e.counters.Dispatches++
	if e.watch != nil {
		return e.watch.dispatch(g, p, groups, bindings)
	}
	return g.Dispatch(p, groups, bindings)
}

func (f *fusedForm) verify(status []uint32, _ int64, n int) string {
	got, want := status[shaders.StatusTrips], f.kernel.Trips(n)
	if got == want {
		return ""
	}
	return fmt.Sprintf("the kernel made %d loop iterations where %d were asked for", got, want)
}

func (f *fusedForm) bad(status []uint32) (word, element int, found bool) {
	code := status[shaders.StatusBad]
	if code == 0 {
		return 0, 0, false
	}
	word, element, ok := shaders.BadPlace(code)
	if !ok {
		element = -1
	}
	return word, element, true
}

func (f *fusedForm) free(g *glctx.GL) error { return g.DeleteProgram(f.program) }

// bindings lists the buffers by binding.
func (e *Engine) bindings() []glctx.Binding {
	list := []glctx.Binding{
		{Index: shaders.BindState, Buffer: e.state},
		{Index: shaders.BindParams, Buffer: e.params},
		{Index: shaders.BindTable, Buffer: e.table},
		{Index: shaders.BindConn, Buffer: e.conn},
		{Index: shaders.BindSpikes, Buffer: e.spikes},
		{Index: shaders.BindRecords, Buffer: e.records},
		{Index: shaders.BindStatus, Buffer: e.status},
	}
	if e.scratch != nil {
		list = append(list, glctx.Binding{Index: shaders.BindScratch, Buffer: e.scratch})
	}
	return list
}

// setUniforms sets what changes from slice to slice and returns the number of
// values recorded.
func (e *Engine) setUniforms(g *glctx.GL, p *glctx.Program, first int64, n int) (recorded int, err error) {
	set := func(name string, v uint32) {
		if err == nil && p.HasUniform(name) {
			err = g.SetUint(p, name, v)
		}
	}
	l := e.form.layout()
	set("u_instances", uint32(e.instances))
	set("u_steps", uint32(n))
	set("u_words", uint32((n+31)/32))
	set("u_first", uint32(int32(first-e.epoch)))
	set("u_low", uint32(first))
	set("u_high", uint32(first>>32))
	set("u_sample", uint32(first-e.origin))
	for v := range e.p.Vars {
		if x := &e.p.Vars[v]; x.Role == ir.Line {
			set(fmt.Sprintf("u_ring_%d", v), uint32(modulo(first, x.Rows)))
		}
	}
	for i, w := range l.Windows {
		set(fmt.Sprintf("u_from_%d", i), stepsFrom(first, w.From))
		set(fmt.Sprintf("u_until_%d", i), stepsFrom(first, w.Until))
	}
	for i, r := range l.Records {
		set(fmt.Sprintf("u_phase_%d", i), uint32(modulo(first, r.Every)))
		set(fmt.Sprintf("u_row_%d", i), uint32(recorded))
		recorded += rowsOf(first, n, r.Every) * r.Width() * e.instances
	}
	return recorded, err
}

// modulo is the remainder of a step, which may be before 0.
func modulo(step int64, n int) int {
	m := int(step % int64(n))
	if m < 0 {
		m += n
	}
	return m
}

// stepsFrom is how many steps after the first of a slice another is, as far as
// a slice goes.
func stepsFrom(first, step int64) uint32 {
	switch {
	case step <= first:
		return 0
	case step-first < 0 || step-first > math.MaxUint32: // or beyond all steps
		return math.MaxUint32
	}
	return uint32(step - first)
}

// rowsOf is the number of recorded rows of a slice: those of steps that are
// multiples of every.
func rowsOf(first int64, n, every int) int {
	if n == 0 {
		return 0
	}
	phase := modulo(first, every)
	rows := (phase+n-1)/every + 1
	if phase > 0 {
		rows--
	}
	return rows
}
