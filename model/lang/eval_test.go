package lang

import (
	"errors"
	"math"
	"testing"
)

func TestEval(t *testing.T) {
	vars := map[string]float64{"x": 3, "zero": 0}
	lookup := func(n *Name) (float64, bool) {
		v, ok := vars[n.Ident]
		return v, ok
	}
	for _, c := range []struct {
		in   string
		want float64
	}{
		{"-2**2", -4}, {"2**-1", 0.5}, {"1/2", 0.5}, {"0.1/100", 0.001}, {"x**3 - 1", 26}, {"pi", math.Pi},
		{"exp(0) + log(1) + log10(100) + sqrt(4)", 5}, {"sin(0) + cos(0) + tan(0) + tanh(0) + sinh(0) + cosh(0)", 2},
		{"abs(-x) + sign(-x) + sign(0)", 2}, {"floor(1.5) + ceil(1.5)", 3}, {"min(3, 1, 2)", 1}, {"max(3, 1, 2)", 3}, {"clip(x, 0, 1)", 1},
		{"exprel(0)", 1}, {"exprel(1)", math.Expm1(1)}, {"exprel(1e-20)", 1}, {"1 if x > 2 else 1/zero", 1},
		{"1 if not x == 3 or x < 0 else 2", 2}, {"1 if x >= 3 and x <= 3 and x != 4 else 2", 1},
	} {
		n, list := parse(c.in)
		if err := list.Err(); err != nil {
			t.Fatal(err)
		}
		if got, err := Eval(n, lookup); err != nil || got != c.want {
			t.Errorf("%s: got %v, %v, want %v", c.in, got, err, c.want)
		}
	}
	for _, s := range []string{"y", "x + y", "uniform(0, 1)", "1 if y > 0 else 2", "exp(y)", "not (y > 0)", "-y", "x > 4 or y > 0"} {
		n, _ := parse(s)
		var e *EvalError
		if _, err := Eval(n, lookup); !errors.As(err, &e) || !e.At.IsValid() {
			t.Errorf("%s: %v", s, err)
		}
	}
	n, _ := parse("normal(1, 2) + uniform(x, 4)*exponential(5)")
	ev := Evaluator{Lookup: lookup, Draw: func(c *Call, args []float64) (float64, error) { return args[0], nil }}
	if got, err := ev.Eval(n); err != nil || got != 1+3*5 {
		t.Errorf("got %v, %v", got, err)
	}
	if d := Draws(n); len(d) != 3 || d[1].Func != "uniform" {
		t.Errorf("got %v", d)
	}
}

func TestTypes(t *testing.T) {
	typeOf := func(n *Name) Type { return map[string]Type{"x": Num, "c": Bool}[n.Ident] }
	for in, want := range map[string]Type{
		"x + 1": Num, "x > 1": Bool, "c": Bool, "not c and x > 1": Bool, "x if c else 1": Num, "c if c else x > 1": Bool, "unknown + 1": Num,
	} {
		n, list := parse(in)
		if got := TypeOf(n, typeOf, list); got != want || len(list.Problems) > 0 {
			t.Errorf("%s: got %v, %v", in, got, list.Err())
		}
	}
	for _, in := range []string{"c + 1", "-c", "not x", "x and c", "c > 1", "exp(c)", "1 if x else 2", "c if c else x", "x == c"} {
		n, list := parse(in)
		if TypeOf(n, typeOf, list); len(list.Problems) != 1 {
			t.Errorf("%s: %v", in, list.Err())
		}
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"sise", "size"}, {"gian", "gain"}, {"Size", "size"}, {"cross_corelation", "cross_correlation"}, {"exponential", "exponential_euler"}, {"q", ""}, {"nothing", ""},
	} {
		if got := Nearest(c.in, []string{"size", "gain", "cross_correlation", "exponential_euler", "V"}); got != c.want {
			t.Errorf("%s: got %q, want %q", c.in, got, c.want)
		}
	}
}
