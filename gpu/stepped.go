package gpu

import (
	"errors"
	"fmt"

	"gpusim/gpu/glctx"
	"gpusim/shaders"
)

// steppedForm asks for the passes of each step, one after another, and for a
// look at all states after each word of spikes. The dispatches of a slice are
// queued; the host waits at its end.
type steppedForm struct {
	kernels  *shaders.Stepped
	programs []*glctx.Program // of the passes, then of the check
}

func (f *steppedForm) layout() *shaders.Layout { return f.kernels.Layout }
func (f *steppedForm) scratch() int            { return max(1, f.kernels.Scratch) } // a block that is declared is bound
func (f *steppedForm) count() int              { return len(f.programs) }
func (f *steppedForm) statusWords() int        { return shaders.SteppedStatus }

func (f *steppedForm) name() string {
	each, more := f.dispatches()
	also := ""
	if more > 0 {
		also = fmt.Sprintf(", %d more where a mean is recorded", more)
	}
	return fmt.Sprintf("stepped kernels, %d dispatches a step%s, workgroups of %d invocations", each, also, f.kernels.Invocations)
}

// dispatches of each step, and more of those in which a mean is recorded.
func (f *steppedForm) dispatches() (each, more int) {
	for i := range f.kernels.Passes {
		if pass := &f.kernels.Passes[i]; pass.Every == nil {
			each += pass.Chunks
		} else {
			more += pass.Chunks
		}
	}
	return each, more
}

func (f *steppedForm) compile(g *glctx.GL, e *Engine) error {
	for _, pass := range append(f.kernels.Passes[:len(f.kernels.Passes):len(f.kernels.Passes)], f.kernels.Check) {
		p, err := e.newProgram(g, fmt.Sprintf("%s, stepped, %s", e.p.Name, pass.Name), pass.Source)
		if err != nil {
			return err
		}
		f.programs = append(f.programs, p)
	}
	return nil
}

// maxSteppedSlice bounds a slice: it is how often the host looks whether it is
// to stop, where it is not yet known what a step takes.
const maxSteppedSlice = 4096

func (f *steppedForm) maxSteps(int) int { return maxSteppedSlice }

func (f *steppedForm) run(g *glctx.GL, e *Engine, first int64, n int) (recorded int, err error) {
	for _, p := range f.programs {
		if recorded, err = e.setUniforms(g, p, first, n); err != nil {
			return 0, err
		}
	}
	bindings := e.bindings()
	dispatch := func(p *glctx.Program, groups, step, chunk int) error {
		for name, v := range map[string]int{"u": step, "u_chunk": chunk} {
			if p.HasUniform(name) {
				if err := g.SetUint(p, name, uint32(v)); err != nil {
					return err
				}
			}
		}
		return e.dispatch(g, p, groups*e.instances, bindings)
	}
	for u := range n {
		for i := range f.kernels.Passes {
			pass := &f.kernels.Passes[i]
			if !pass.Due(first + int64(u)) {
				continue
			}
			for chunk := range pass.Chunks {
				if err := dispatch(f.programs[i], pass.Groups, u, chunk); err != nil {
					return 0, err
				}
			}
		}
		if u%32 == 31 || u == n-1 {
			if err := dispatch(f.programs[len(f.programs)-1], f.kernels.Check.Groups, u, 0); err != nil {
				return 0, err
			}
		}
	}
	return recorded, nil
}

func (f *steppedForm) verify(status []uint32, first int64, n int) string {
	got, want := status[shaders.SteppedGroups], f.kernels.GroupsOf(first, n, (n+31)/32)
	if got != want {
		return fmt.Sprintf("%d workgroups of the kernels did their work where %d were asked for", got, want)
	}
	if short := status[shaders.SteppedShort]; short > 0 {
		return fmt.Sprintf("%d invocations of the kernels did not do all iterations of their loops", short)
	}
	return ""
}

func (f *steppedForm) bad(status []uint32) (word, element int, found bool) {
	return shaders.SteppedBad(status)
}

func (f *steppedForm) free(g *glctx.GL) error {
	var err error
	for _, p := range f.programs {
		err = errors.Join(err, g.DeleteProgram(p))
	}
	return err
}
