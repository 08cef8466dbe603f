package doctor

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"

	"gpusim/cpuref"
	"gpusim/gpu/glctx"
	"gpusim/model/ir"
	"gpusim/shaders"
)

var update = flag.Bool("update", false, "write gamma.txt anew")

// TestStored makes the stored spikes anew with the float64 engine.
func TestStored(t *testing.T) {
	got, err := simulate(context.Background(), cpuref.New())
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for i := range got.steps {
		fmt.Fprintln(&text, got.steps[i], got.neurons[i])
	}
	if *update {
		if err := os.WriteFile("gamma.txt", []byte(text.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text.String() != stored {
		t.Errorf("gamma.txt has other spikes than the float64 engine; go test ./doctor -update writes it")
	}
	if n := strings.Count(stored, "\n"); n < 60 {
		t.Errorf("%d spikes stored: too few to compare with", n)
	}
}

func collect(t *testing.T, run func(context.Context, func(Result)) error) map[string]Result {
	t.Helper()
	out := map[string]Result{}
	if err := run(context.Background(), func(r Result) { out[r.Name] = r }); err != nil {
		t.Fatal(err)
	}
	return out
}

func open(t *testing.T) *glctx.Context {
	t.Helper()
	c, err := glctx.OpenEGL(glctx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// TestDevice: the device that the tests run on is sound.
func TestDevice(t *testing.T) {
	c := open(t)
	results := collect(t, func(ctx context.Context, each func(Result)) error { return Device(ctx, c, each) })
	if len(results) < 18 {
		t.Errorf("%d tests", len(results))
	}
	for _, r := range results {
		t.Logf("%+v", r)
		if r.Status == Fail {
			t.Errorf("%+v", r)
		}
	}
	if n := c.Counters(); n.LiveBuffers != 0 || n.LivePrograms != 0 {
		t.Errorf("left on the device: %+v", n)
	}
}

func TestFloat64(t *testing.T) {
	for _, r := range collect(t, Float64) {
		if r.Status != OK {
			t.Errorf("%+v", r)
		}
	}
}

// TestCatches: each kind of test finds a fault that is put in.
func TestCatches(t *testing.T) {
	d := &device{open(t)}
	for _, a := range []accuracy{
		{name: "a naive exprel", f: func(a, _ ir.Expr) ir.Expr {
			return op(ir.Div, op(ir.Sub, op(ir.Exp, a), &ir.Const{V: 1}), a)
		}, want: of(func(float64) float64 { return 1 }), a: geometrically(1e-9, 1e-8, true)},
		{name: "NaN", f: call(ir.Sqrt), want: of(func(float64) float64 { return 1 }), a: evenly(-1, 1)},
	} {
		a.limit, a.text = ulps(24)
		r := Result{Status: OK}
		if err := a.run(context.Background(), d, &r); err != nil {
			t.Fatal(err)
		}
		if r.Status != Fail {
			t.Errorf("%s passes: %+v", a.name, r)
		}
	}
	// Contracted to fused multiply-add, or in another order, the sums of the
	// test of precise have other bits.
	contracted, reordered := 0, 0
	for i, a := range geometrically(1e-3, 1e3, true) {
		b := float32(100 * math.Sin(0.37*float64(i)))
		fma := float32(math.FMA(float64(a), float64(a), -float64(float32(b*a)))) // the product is exact in float64
		end := float32(float32(a+b) - a)
		if float32(float32(float32(fma+b)-a)-end) != sum32(a, b) {
			contracted++
		}
		first := float32(float32(a*a) - float32(b*a))
		if float32(float32(first+float32(b-a))-end) != sum32(a, b) {
			reordered++
		}
	}
	if contracted < points/20 || reordered < points/20 {
		t.Errorf("of %d sums contraction shows in %d, another order in %d", points, contracted, reordered)
	}
}

// TestKernels has glslangValidator accept the kernels of the tests.
func TestKernels(t *testing.T) {
	for name, source := range map[string]string{
		"function": shaders.Function(call(ir.Pow)), "bits": shaders.Bits(), "exchange": shaders.Exchange(32), "loops": shaders.Loops(),
	} {
		cmd := exec.Command("glslangValidator", "--stdin", "-S", "comp")
		cmd.Stdin = strings.NewReader(source)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
