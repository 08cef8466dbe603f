package gpu

import (
	"fmt"
	"time"

	"gpusim/gpu/glctx"
	"gpusim/model/ir"
)

// Options of a device. The zero value is what a program wants.
type Options struct {
	// Context is passed on to OpenGL's loader; see package glctx.
	Context glctx.Options
	// Form forces a form of the kernels, FormFused or FormStepped; "" lets the
	// planner choose.
	Form string
	// Invocations forces the number of invocations of a workgroup, a multiple
	// of eight; 0 lets the planner choose by measurement.
	Invocations int
	// Slice bounds the steps of a dispatch; 0 is no other bound than the plan's.
	Slice int
	// Iterations bounds the loop iterations of an invocation in one dispatch;
	// 0 is DefaultIterations.
	Iterations int
	// CheckRaces runs kernels that watch themselves for races between
	// invocations (shaders.Checked); a race is a *RaceError of the run. It is
	// some ten times slower.
	CheckRaces bool
	// PlanTime bounds the time that choosing among candidates takes,
	// compiling them included; 0 is DefaultPlanTime. The first candidate is
	// always built.
	PlanTime time.Duration

	sabotage func(source string) string // for tests: spoils kernels
}

// DefaultIterations is below the 65,535 loop iterations that llvmpipe grants
// an invocation before it ends every loop in silence.
const DefaultIterations = 60000

// DefaultPlanTime is what choosing among candidates may take.
const DefaultPlanTime = 100 * time.Millisecond

// Device is an OpenGL context. Several engines can be built on it.
type Device struct {
	ctx     *glctx.Context
	opts    Options
	choices map[planKey]int // invocations chosen before
	lanes   *bool           // what probe found
}

// Open opens a headless OpenGL 4.3 context. Where there is none, the error
// wraps glctx.ErrNoContext.
func Open(o Options) (*Device, error) {
	ctx, err := glctx.OpenEGL(o.Context)
	if err != nil {
		return nil, err
	}
	return New(ctx, o), nil
}

// New makes a device of an open context, such as a window's. Closing the
// device closes it.
func New(ctx *glctx.Context, o Options) *Device {
	if o.Iterations == 0 {
		o.Iterations = DefaultIterations
	}
	if o.PlanTime == 0 {
		o.PlanTime = DefaultPlanTime
	}
	return &Device{ctx: ctx, opts: o, choices: map[planKey]int{}}
}

// Context is the device's OpenGL context: its limits and its ledger.
func (d *Device) Context() *glctx.Context { return d.ctx }

// Info says which device it is.
func (d *Device) Info() ir.DeviceInfo {
	i := d.ctx.Info()
	return ir.DeviceInfo{
		Device:    i.Renderer,
		Driver:    fmt.Sprintf("OpenGL %s, %s", i.Version, i.Kind),
		Engine:    "gpu",
		Precision: "float32",
	}
}

// Close frees the context and everything on it.
func (d *Device) Close() error { return d.ctx.Close() }

// Build compiles p and allocates the arrays of the given number of instances.
func (d *Device) Build(p *ir.Program, instances int) (ir.Engine, error) {
	if instances < 1 {
		return nil, fmt.Errorf("gpu: %d instances, at least 1 is needed", instances)
	}
	e := &Engine{d: d, p: p, instances: instances}
	if err := d.ctx.Do("building "+p.Name, e.build); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}
