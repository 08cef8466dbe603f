package doctor

import (
	"context"
	"fmt"
	"math"

	"gpusim/gpu/glctx"
	"gpusim/model/ir"
	"gpusim/shaders"
)

func arithmeticTests() []test {
	return []test{
		{"precise", doCPU, precise},
		{"NaN found by bits", doCPU, nanBits},
		{"NaN made", "what is not finite goes unnoticed here: look at the results of --device cpu too, and report this line", nanMade},
		{"denormals", "", denormals},
	}
}

func op(o ir.Op, args ...ir.Expr) ir.Expr { return &ir.Apply{Op: o, Args: args} }

// sum is an expression that contraction to fused multiply-add, or another order of
// its sums, would change; sum32 is its value.
func sum(a, b ir.Expr) ir.Expr {
	return op(ir.Sub, op(ir.Sub, op(ir.Add, op(ir.Sub, op(ir.Mul, a, a), op(ir.Mul, b, a)), b), a), op(ir.Sub, op(ir.Add, a, b), a))
}

func sum32(a, b float32) float32 {
	aa, ba := float32(a*a), float32(b*a)
	x := float32(aa - ba)
	x = float32(x + b)
	x = float32(x - a)
	y := float32(a + b)
	y = float32(y - a)
	return float32(x - y)
}

// precise counts the results that are not those of the operations one by one.
func precise(_ context.Context, d *device, r *Result) error {
	a, b := geometrically(1e-3, 1e3, true), make([]float32, points)
	for i := range b {
		b[i] = float32(100 * math.Sin(0.37*float64(i)))
	}
	y, err := d.function("precise", sum, a, b)
	if err != nil {
		return err
	}
	other := 0
	for i := range y {
		if math.Float32bits(y[i]) != math.Float32bits(sum32(a[i], b[i])) {
			other++
		}
	}
	r.Measured, r.Limit = fmt.Sprintf("%d of %d sums have other bits", other, points), "0: no contraction, no other order"
	r.within(other == 0)
	return nil
}

// nanBits gives the kernels' tests of NaN and infinity what they are to find.
func nanBits(_ context.Context, d *device, r *Result) error {
	const finite, nan = 1, 2
	cases := []struct{ bits, want uint32 }{
		{0x7fc00000, nan}, {0xffc00000, nan}, {0x7f800001, nan}, {0x7fffffff, nan}, {0xff812345, nan},
		{0x7f800000, 0}, {0xff800000, 0},
		{0x7f7fffff, finite}, {0xff7fffff, finite}, {0x00000000, finite}, {0x80000000, finite}, {0x00000001, finite}, {0x3f800000, finite},
	}
	in, out := make([]uint32, len(cases)), make([]uint32, len(cases))
	for i, c := range cases {
		in[i] = c.bits
	}
	err := d.kernel("bits", shaders.Bits(), 1, map[string]uint32{"u_n": uint32(len(in))}, [][]byte{glctx.Bytes(in)}, glctx.Bytes(out))
	if err != nil {
		return err
	}
	wrong, driver := 0, true
	for i, c := range cases {
		if out[i]&3 != c.want {
			wrong++
		}
		driver = driver && (out[i]&4 != 0) == (c.want == nan)
	}
	r.Measured, r.Limit = fmt.Sprintf("%d of %d wrong", wrong, len(cases)), "0"
	if !driver {
		r.Measured += "; the driver's own isnan, which is not used, errs"
	}
	r.within(wrong == 0)
	return nil
}

// nanMade looks at whether operations that have no finite result give one.
func nanMade(_ context.Context, d *device, r *Result) error {
	inf := float32(math.Inf(1))
	cases := []struct {
		text string
		f    func(a, b ir.Expr) ir.Expr
		a, b float32
		nan  bool
	}{
		{"0/0", call(ir.Div), 0, 0, true},
		{"1/0", call(ir.Div), 1, 0, false},
		{"inf - inf", func(a, b ir.Expr) ir.Expr { return op(ir.Sub, a, b) }, inf, inf, true},
		{"0*inf", func(a, b ir.Expr) ir.Expr { return op(ir.Mul, a, b) }, 0, inf, true},
		{"exp(100)", call(ir.Exp), 100, 0, false},
		{"1e30*1e30", func(a, b ir.Expr) ir.Expr { return op(ir.Mul, a, b) }, 1e30, 1e30, false},
	}
	numbers, which := 0, ""
	for _, c := range cases {
		y, err := d.function(c.text, c.f, []float32{c.a}, []float32{c.b})
		if err != nil {
			return err
		}
		if x := float64(y[0]); math.IsNaN(x) != c.nan || !math.IsNaN(x) && !math.IsInf(x, 0) {
			numbers++
			which += fmt.Sprintf("; %s is %g", c.text, x)
		}
	}
	r.Measured, r.Limit = fmt.Sprintf("%d of %d operations without a finite result give one%s", numbers, len(cases), which), "0"
	r.within(numbers == 0)
	return nil
}

// denormals says what becomes of numbers below the smallest normal one.
func denormals(_ context.Context, d *device, r *Result) error {
	const small = 0x1p-140
	made, err := d.function("denormals", func(a, b ir.Expr) ir.Expr { return op(ir.Mul, a, b) }, []float32{0x1p-100}, []float32{0x1p-40})
	if err != nil {
		return err
	}
	kept, err := d.function("denormals", func(a, _ ir.Expr) ir.Expr { return a }, []float32{small}, nil)
	if err != nil {
		return err
	}
	word := func(x float32) string {
		if x == small {
			return "kept"
		}
		return "flushed to 0"
	}
	r.Status, r.Measured = Info, fmt.Sprintf("%s where computed, %s where loaded and stored", word(made[0]), word(kept[0]))
	return nil
}
