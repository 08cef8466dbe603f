package doctor

import (
	"context"
	"fmt"
	"math"

	"gpusim/gpu/glctx"
	"gpusim/model/ir"
	"gpusim/shaders"
)

// points is the number of arguments that a function is tried at.
const points = 1 << 16

// accuracy is how far a function may be from its value in float64.
type accuracy struct {
	name  string
	f     func(a, b ir.Expr) ir.Expr
	want  func(a, b float64) float64
	a, b  []float32
	limit func(a float64) float64 // ulp
	text  string                  // of the limit
}

func call(op ir.Op) func(a, b ir.Expr) ir.Expr {
	return func(a, b ir.Expr) ir.Expr {
		if op == ir.Pow || op == ir.Div {
			return &ir.Apply{Op: op, Args: []ir.Expr{a, b}}
		}
		return &ir.Apply{Op: op, Args: []ir.Expr{a}}
	}
}

func of(f func(float64) float64) func(a, b float64) float64 {
	return func(a, _ float64) float64 { return f(a) }
}

func ulps(n float64) (func(float64) float64, string) {
	return func(float64) float64 { return n }, fmt.Sprintf("%g ulp", n)
}

// evenly gives points from low to high, in even steps; geometrically in even ratios,
// of either sign in turn.
func evenly(low, high float64) []float32 {
	x := make([]float32, points)
	for i := range x {
		x[i] = float32(low + (high-low)*float64(i)/(points-1))
	}
	return x
}

func geometrically(low, high float64, signs bool) []float32 {
	x := make([]float32, points)
	for i := range x {
		x[i] = float32(low * math.Pow(high/low, float64(i)/(points-1)))
		if signs && i%2 == 1 {
			x[i] = -x[i]
		}
	}
	return x
}

// functionTests are those of the functions that spiking models live on. The
// limits are those that OpenGL sets for exp, and for the rest, where it sets
// none or too wide ones, what the helpers are made for.
func functionTests() []test {
	exprel := func(x float64) float64 {
		if x == 0 {
			return 1
		}
		return math.Expm1(x) / x
	}
	few, fewText := ulps(4)
	some, someText := ulps(24)
	many, manyText := ulps(64)
	cube := func(a, _ ir.Expr) ir.Expr { return &ir.Apply{Op: ir.Pow, Args: []ir.Expr{a, &ir.Const{V: 3}}} }
	wave := evenly(-4, 4)
	for i := range wave {
		wave[i] = float32(4 * math.Sin(1.7*float64(i)))
	}
	zero := geometrically(1e-38, 1, true)
	zero[0] = 0
	list := []accuracy{
		{name: "exp", f: call(ir.Exp), want: of(math.Exp), a: evenly(-86, 88), limit: func(x float64) float64 { return 3 + 2*math.Abs(x) }, text: "3 + 2|x| ulp, as OpenGL allows"},
		{name: "log", f: call(ir.Log), want: of(math.Log), a: geometrically(1e-37, 1e38, false), limit: few, text: fewText},
		{name: "log near 1", f: call(ir.Log), want: of(math.Log), a: evenly(0.9, 1.1), limit: few, text: fewText},
		{name: "pow", f: call(ir.Pow), want: math.Pow, a: geometrically(0.01, 100, false), b: wave, limit: many, text: manyText},
		{name: "x**3", f: cube, want: of(func(x float64) float64 { return x * x * x }), a: geometrically(1e-10, 1e10, true), limit: few, text: fewText},
		{name: "tanh", f: call(ir.Tanh), want: of(math.Tanh), a: evenly(-20, 20), limit: some, text: someText},
		{name: "tanh near 0", f: call(ir.Tanh), want: of(math.Tanh), a: zero, limit: some, text: someText},
		{name: "exprel near 0", f: call(ir.Exprel), want: of(exprel), a: zero, limit: some, text: someText},
		{name: "sqrt", f: call(ir.Sqrt), want: of(math.Sqrt), a: geometrically(1e-37, 1e38, false), limit: few, text: fewText},
		{name: "division", f: call(ir.Div), want: func(a, b float64) float64 { return a / b }, a: geometrically(1e-10, 1e10, true), b: geometrically(0.1, 10, false), limit: few, text: fewText},
	}
	var tests []test
	for _, a := range list {
		tests = append(tests, test{a.name, doCPU, a.run})
	}
	return tests
}

// function evaluates an expression on the device.
func (d *device) function(name string, f func(a, b ir.Expr) ir.Expr, a, b []float32) ([]float32, error) {
	if b == nil {
		b = a
	}
	y := make([]float32, len(a))
	groups := (len(a) + shaders.SelfTestGroup - 1) / shaders.SelfTestGroup
	err := d.kernel(name, shaders.Function(f), groups, map[string]uint32{"u_n": uint32(len(a))},
		[][]byte{glctx.Bytes(a), glctx.Bytes(b)}, glctx.Bytes(y))
	return y, err
}

// run finds the argument at which the function is farthest from its limit.
func (t *accuracy) run(_ context.Context, d *device, r *Result) error {
	b := t.b
	if b == nil {
		b = t.a
	}
	y, err := d.function(t.name, t.f, t.a, b)
	if err != nil {
		return err
	}
	worst, at, part := 0.0, 0, -1.0
	for i := range y {
		x := float64(t.a[i])
		off := ulpsOff(y[i], t.want(x, float64(b[i])))
		if p := off / t.limit(x); !(p <= part) { // NaN is the worst
			worst, at, part = off, i, p
		}
	}
	where := fmt.Sprintf("x = %.6g", t.a[at])
	if t.b != nil {
		where += fmt.Sprintf(", %.6g", t.b[at])
	}
	r.Measured, r.Limit = fmt.Sprintf("%.3g ulp at %s", worst, where), t.text
	r.within(part <= 1)
	return nil
}

// ulpsOff is the distance of got from want in units in the last place of a
// float32 there.
func ulpsOff(got float32, want float64) float64 {
	exponent := max(math.Ilogb(want), -126)
	if want == 0 {
		exponent = -126
	}
	return math.Abs(float64(got)-want) / math.Ldexp(1, exponent-23)
}
