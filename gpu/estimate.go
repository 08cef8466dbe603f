package gpu

import (
	"fmt"
	"strings"

	"gpusim/gpu/glctx"
	"gpusim/model/ir"
	"gpusim/shaders"
)

// Estimate says what p would take on the device: the form of the kernels that
// Build would choose from, the buffers of so many instances, and the steps of
// a dispatch before it is known what a step takes. Nothing of p is compiled.
func (d *Device) Estimate(p *ir.Program, instances int) (*ir.Estimate, error) {
	if instances < 1 {
		return nil, fmt.Errorf("gpu: %d instances, at least 1 is needed", instances)
	}
	e := &Engine{d: d, p: p, instances: instances}
	var out *ir.Estimate
	err := d.ctx.Do("estimating "+p.Name, func(g *glctx.GL) (err error) {
		out, err = e.estimate(g)
		return err
	})
	return out, err
}

func (e *Engine) estimate(g *glctx.GL) (*ir.Estimate, error) {
	many, err := e.probe(g)
	if err != nil {
		return nil, err
	}
	layout := shaders.NewLayout(e.p)
	out := &ir.Estimate{Form: FormStepped}
	var fits []*shaders.Kernel
	if e.d.opts.Form != FormStepped {
		fits, out.Why = e.fusedCandidates(layout, e.widths(many))
	}
	switch {
	case len(fits) > 0:
		out.Form, e.form = FormFused, &fusedForm{kernel: fits[0]}
		var widths []string
		for _, k := range fits {
			widths = append(widths, fmt.Sprint(k.Invocations))
		}
		k := fits[0]
		out.Why = append(out.Why, "one workgroup an instance, all steps of a slice in one dispatch",
			fmt.Sprintf("invocations tried, as far as the time for planning goes: %s", strings.Join(widths, ", ")),
			fmt.Sprintf("with %d: %d bytes of shared memory, %d words of private state an invocation, %d loop iterations a step of %d a dispatch",
				k.Invocations, k.SharedBytes, k.PrivateWords, k.Budget(1), e.d.opts.Iterations))
	case e.d.opts.Form == FormFused:
		return nil, &NotFusedError{e.p.Name, out.Why}
	default:
		s, err := e.steppedForm(layout, many)
		if err != nil {
			return nil, err
		}
		e.form = s
		out.Why = append(out.Why, s.name())
		for i, pass := range s.kernels.Passes {
			out.Why = append(out.Why, fmt.Sprintf("dispatch %d: %s; workgroups an instance: %d", i+1, pass.Name, pass.Groups))
		}
	}
	e.slice = e.sliceOf(&trial{form: e.form})
	out.Slice = e.slice
	limit := e.d.ctx.Info().Limits.MaxStorageBlockSize
	for _, a := range e.arrays() {
		out.Buffers = append(out.Buffers, ir.Buffer{Name: a.name, Bytes: 4 * int64(a.words), PerInstance: 4 * int64(a.each), Limit: limit})
	}
	return out, nil
}
