package engines

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/network"
)

// functions are expressions of x with the range of x where they are compared
// and the error allowed, relative to 1 + |value| where abs is set and to the
// value else. The limits are of float32 (6e-8 an operation) and of the
// drivers' exp and pow, of which llvmpipe's are 18 units in the last place off.
var functions = []struct {
	expr      string
	from, to  float64
	tolerance float64
	abs       bool
}{
	{"exp(x)", -20, 20, 3e-6, false},
	{"exprel(x)", -20, 20, 4e-6, false},
	{"exprel(x*1e-3)", -1, 1, 3e-7, false},
	{"x/(exp(x) - 1)", -20, 20, 4e-6, false},
	{"(1 - exp(-x/3))/x", -5, 5, 4e-6, false},
	{"log(x)", 1e-3, 1e3, 3e-7, true},
	{"log(1 + x)", -0.1, 0.1, 1.5e-7, true}, // the rounding of 1 + x itself
	{"log10(x)", 1e-3, 1e3, 5e-7, true},
	{"sqrt(x)", 0, 100, 2e-7, false},
	{"sin(x)", -6, 6, 2e-6, true},
	{"cos(x)", -6, 6, 2e-6, true},
	{"tan(x)", -1, 1, 3e-6, false},
	{"tanh(x)", -20, 20, 3e-6, false},
	{"tanh(x*1e-3)", -1, 1, 5e-7, false},
	{"sinh(x)", -10, 10, 5e-6, false},
	{"sinh(x*1e-3)", -1, 1, 5e-7, false},
	{"cosh(x)", -10, 10, 5e-6, false},
	{"abs(x) + sign(x) + floor(x) + ceil(x)", -5, 5, 2e-7, true},
	{"min(x, 1) + max(x, -1) + clip(x, -2, 2)", -5, 5, 2e-7, true},
	{"x**3 - x**-2 + x**7", 0.5, 3, 1e-6, true},
	{"x**3", -3, 3, 5e-7, false},
	{"(x*x + 1)**0.5", -3, 3, 5e-7, false},
	{"(x*x + 0.1)**1.7", -3, 3, 2e-5, false},
	{"x if x > 0.1 and not x > 2 or x == -1 else -x", -5, 5, 2e-7, true},
}

// TestFunctions compares every function and operator of the language on the
// device with float64, over a range of arguments.
func TestFunctions(t *testing.T) {
	const n = 501
	var quantities, record strings.Builder
	for i, f := range functions {
		fmt.Fprintf(&quantities, "      y%d = %s\n", i, strings.ReplaceAll(f.expr, "x", fmt.Sprintf("x%d", i)))
		record.WriteString(fmt.Sprintf(", y%d", i))
	}
	text := quantities.String()
	for _, name := range []string{"exp", "max"} { // the x of a function's name is no variable
		for i := range functions {
			wrong := strings.Replace(name, "x", fmt.Sprintf("x%d", i), 1)
			text = strings.ReplaceAll(text, wrong+"(", name+"(")
			text = strings.ReplaceAll(text, wrong+"rel(", name+"rel(")
		}
	}
	var states, init []string
	for i, f := range functions {
		states = append(states, fmt.Sprintf("x%d: 0", i))
		init = append(init, fmt.Sprintf("x%d: %g + (%g)*i/(N - 1)", i, f.from, f.to-f.from))
	}
	file := "gpusim: 1\nname: functions\ndt: 1\nmethod: euler\nmodels:\n  m:\n    kind: neuron\n    state: {" + strings.Join(states, ", ") +
		"}\n    equations: |\n" + text + "populations:\n  P:\n    model: m\n    size: " + fmt.Sprint(n) +
		"\n    init: {" + strings.Join(init, ", ") + "}\n    record: [" + record.String()[2:] + "]\nrun: {duration: 1}\n"
	f := parse(t, file)
	step := func(dev network.Device) []network.Trace {
		net, err := network.Compile(f, dev, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer net.Close()
		r, err := net.RunSteps(context.Background(), 1)
		if err != nil {
			t.Fatal(err)
		}
		return r.Instances[0].Traces
	}
	device, exact := step(open(t, gpu.Options{})), step(cpuref.New())
	for i, fn := range functions {
		worst, at := 0.0, 0.0
		for k := range exact[i].Data {
			// The start is rounded to float32 on the device: where a function
			// jumps or its argument is lost by that, the two may part.
			x := fn.from + (fn.to-fn.from)*float64(k)/(n-1)
			want, got := exact[i].Data[k], device[i].Data[k]
			if want == got || math.IsNaN(want) && math.IsNaN(got) {
				continue
			}
			scale := math.Abs(want)
			if fn.abs {
				scale++
			}
			slope := 0.0 // what rounding x costs
			if k > 0 && k < n-1 {
				slope = math.Abs(exact[i].Data[k+1]-exact[i].Data[k-1]) * float64(n) / (fn.to - fn.from) * math.Abs(x) * 6e-8
			}
			if d := (math.Abs(got-want) - slope) / scale; d > worst || math.IsNaN(d) {
				worst, at = d, x
			}
		}
		if worst > fn.tolerance || math.IsNaN(worst) {
			t.Errorf("%s: error %.2g at x = %g, allowed %.2g", fn.expr, worst, at, fn.tolerance)
		} else {
			t.Logf("%-45s error %.2g at x = %g", fn.expr, worst, at)
		}
	}
}
