package doctor

import (
	"context"
	"fmt"

	"gpusim/gpu/glctx"
)

// The statuses of a result.
const (
	OK   = "ok"
	Fail = "fail" // results cannot be trusted, or not everything runs
	Info = "info" // good to know; gpusim works with either
)

// Result is what a test found.
type Result struct {
	Name     string `json:"name"`
	Status   string `json:"status"`
	Measured string `json:"measured"`
	Limit    string `json:"limit,omitempty"`
	Todo     string `json:"todo,omitempty"` // what to do, where it failed
}

// What to do where a test fails.
const (
	doCPU    = "use --device cpu, update the graphics driver, and report this line"
	doReport = "report this line; until then use --device cpu"
)

// test is a test of a device. An error is that of the device, not of what it
// computed.
type test struct {
	name string
	todo string
	run  func(ctx context.Context, d *device, r *Result) error
}

// device is a context being tested.
type device struct{ ctx *glctx.Context }

// Device tests an OpenGL context. Each result is passed on as soon as it is there.
// A test that could not be done fails, and the next is done. The error is that of
// ctx.
func Device(ctx context.Context, c *glctx.Context, each func(Result)) error {
	d := &device{c}
	var all []test
	for _, list := range [][]test{functionTests(), arithmeticTests(), kernelTests(), networkTests()} {
		all = append(all, list...)
	}
	return runTests(ctx, d, all, each)
}

// Float64 tests the float64 engine.
func Float64(ctx context.Context, each func(Result)) error {
	return runTests(ctx, nil, float64Tests(), each)
}

func runTests(ctx context.Context, d *device, tests []test, each func(Result)) error {
	for _, t := range tests {
		if err := ctx.Err(); err != nil {
			return err
		}
		r := Result{Name: t.name, Status: OK}
		if err := t.run(ctx, d, &r); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			r.Status, r.Measured = Fail, fmt.Sprintf("the test did not run: %v", err)
		}
		if r.Status == Fail && r.Todo == "" {
			r.Todo = t.todo
		}
		each(r)
	}
	return nil
}

// fail makes a result a failure where it is not within its limit.
func (r *Result) within(ok bool) {
	if !ok {
		r.Status = Fail
	}
}

// kernel runs a kernel over n elements and downloads out. The inputs are bound
// from 0 on, the output after them; uniforms that the kernel does not use are
// left out.
func (d *device) kernel(name, source string, groups int, uniforms map[string]uint32, in [][]byte, out []byte) error {
	return d.ctx.Do("testing "+name, func(g *glctx.GL) (err error) {
		p, err := g.NewProgram(name, source)
		if err != nil {
			return err
		}
		defer g.DeleteProgram(p)
		for u, v := range uniforms {
			if p.HasUniform(u) {
				if err := g.SetUint(p, u, v); err != nil {
					return err
				}
			}
		}
		var bindings []glctx.Binding
		for i, data := range append(in[:len(in):len(in)], out) {
			b, err := g.NewBuffer(fmt.Sprintf("%s %d", name, i), len(data))
			if err != nil {
				return err
			}
			defer g.DeleteBuffer(b)
			if i < len(in) {
				if err := g.Upload(b, 0, data); err != nil {
					return err
				}
			}
			bindings = append(bindings, glctx.Binding{Index: i, Buffer: b})
		}
		if err := g.Dispatch(p, groups, bindings); err != nil {
			return err
		}
		return g.Download(bindings[len(in)].Buffer, 0, out)
	})
}
