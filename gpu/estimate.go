package gpu

import (
	"fmt"
	"strings"

	"gpusim/gpu/glctx"
	"gpusim/model/ir"
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
	list, why, known, err := e.survey(g)
	if err != nil {
		return nil, err
	}
	if known {
		why = append(why, list[0].String()+" was chosen in an earlier run")
	}
	if e.form, err = e.formOf(list[0]); err != nil {
		return nil, err
	}
	out := &ir.Estimate{Form: list[0].form, Why: why}
	switch f := e.form.(type) {
	case *fusedForm:
		k := f.kernel
		out.Why = append(out.Why, "one workgroup an instance, all steps of a slice in one dispatch",
			fmt.Sprintf("%s invocations: %d bytes of shared memory, %d words of private state an invocation, %d loop iterations a step of %d a dispatch",
				k.Shape, k.SharedBytes, k.PrivateWords, k.Budget(1), e.d.opts.Iterations))
	case *steppedForm:
		out.Why = append(out.Why, f.name())
		for i, pass := range f.kernels.Passes {
			out.Why = append(out.Why, fmt.Sprintf("dispatch %d: %s; workgroups an instance: %d", i+1, pass.Name, pass.Groups))
		}
	}
	var others []string
	for _, c := range list[1:] {
		others = append(others, c.String())
	}
	if len(others) > 0 {
		out.Why = append(out.Why, "tried too, as far as the time for planning goes: "+strings.Join(others, ", "))
	}
	e.slice = e.sliceOf(&trial{form: e.form})
	out.Slice = e.slice
	limit := e.d.ctx.Info().Limits.MaxStorageBlockSize
	for _, a := range e.arrays() {
		out.Buffers = append(out.Buffers, ir.Buffer{Name: a.name, Bytes: 4 * int64(a.words), PerInstance: 4 * int64(a.each), Limit: limit})
	}
	return out, nil
}
