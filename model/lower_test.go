package model_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/diff/fd"
	"gonum.org/v1/gonum/floats/scalar"

	"gpusim/cpuref"
	"gpusim/model"
	"gpusim/model/algebra"
	"gpusim/model/ir"
	"gpusim/model/lang"
	"gpusim/network"
)

// neuron wraps equations of one neuron model in a file.
func neuron(t *testing.T, method, head, equations string) (*model.File, *ir.Program) {
	t.Helper()
	text := "gpusim: 1\nname: t\ndt: 0.04\nmethod: " + method + "\nmodels:\n  m:\n    kind: neuron\n" + head +
		"    equations: |\n      " + strings.ReplaceAll(strings.TrimSpace(equations), "\n", "\n      ") +
		"\npopulations:\n  P: {model: m, size: 1}\nrun: {duration: 1}\n"
	f, _, err := model.Parse("t.yaml", []byte(text), "", model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := model.Lower(f, model.Shapes{})
	if err != nil {
		t.Fatal(err)
	}
	return f, p
}

// coefficient prints the A that exponential Euler takes for state x of P.
func coefficient(t *testing.T, p *ir.Program, x string) string {
	t.Helper()
	defs := map[int]ir.Expr{}
	for _, s := range p.Populations[0].Update {
		if l, ok := s.(*ir.Let); ok {
			defs[l.Temp.ID] = l.Expr
		}
	}
	for _, c := range p.Populations[0].Coeffs {
		if p.Vars[c.Var].Name == "P."+x && c.A != nil {
			return p.ExprString(expand(c.A, defs))
		}
	}
	return "0"
}

// TestCoefficient checks the (A, B) rule on the trees that semantics names
// and on each of its cases. The expected values are the rule worked by hand.
func TestCoefficient(t *testing.T) {
	const head = "    parameters: {a: 2, b: 3}\n    state: {v: 0.5, w: 0.25}\n    input: I\n"
	for _, c := range []struct{ f, want string }{
		{"v - v**3/3 - w + I", "1"},                 // FitzHugh-Nagumo
		{"0.04*v**2 + 5*v + 140 - w + I", "5"},      // Izhikevich
		{"-a*(v - b) + exp((v - b)/2) + I", "-P.a"}, // adaptive exponential
		{"-v*v", "0"},                            // a square term stays frozen
		{"-v*v*v", "-(P.v*P.v)"},                 // and frozen, it scales
		{"-v**3", "0"},                           // powers are frozen whole
		{"v**1", "1"},                            // but the power 1
		{"v*(5 + 0.04*v)", "5"},                  // A1 B2 + A2 B1
		{"(a*v + b)*(2*v + 3)", "P.a*3 + 2*P.b"}, // both linear
		{"v/a", "1/P.a"},                         // quotient without v below
		{"a/v", "0"},                             // and with
		{"sin(v) + max(v, 0)", "0"},              // functions
		{"(a*v if w > 0 else b*v)", "P.a if P.w > 0 else P.b"}, // selects
		{"(a*v if v > 0 else b)", "P.a if P.v > 0 else 0"},     // the condition is frozen
		{"-(v + w)", "-1"},
		{"w + I", "0"}, // f does not contain v
	} {
		_, p := neuron(t, "exponential_euler", head, "dv/dt = "+c.f+"\ndw/dt = 0")
		if got := coefficient(t, p, "v"); got != c.want {
			t.Errorf("dv/dt = %s: A is %s, expected %s", c.f, got, c.want)
		}
		_, p = neuron(t, "euler", head, "dv/dt = "+c.f+"\ndw/dt = 0")
		if got := coefficient(t, p, "v"); got != "0" {
			t.Errorf("dv/dt = %s by euler: A is %s", c.f, got)
		}
	}
}

// expand substitutes temporaries by what they stand for.
func expand(e ir.Expr, defs map[int]ir.Expr) ir.Expr {
	switch e := e.(type) {
	case *ir.Temp:
		return expand(defs[e.ID], defs)
	case *ir.Select:
		return &ir.Select{If: expand(e.If, defs), Then: expand(e.Then, defs), Else: expand(e.Else, defs)}
	case *ir.Apply:
		args := make([]ir.Expr, len(e.Args))
		for i, a := range e.Args {
			args[i] = expand(a, defs)
		}
		return &ir.Apply{Op: e.Op, Args: args}
	}
	return e
}

// gammaStep runs one step of one neuron of the gamma network from V, with h
// at its steady state, n = 0.3 and an input of 1.2.
func gammaStep(t *testing.T, f *model.File, v float64) float64 {
	t.Helper()
	n, err := network.Compile(f, cpuref.New(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	for name, x := range map[string]float64{"V": v, "n": 0.3} {
		if err := n.Set("interneurons."+name, x); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := n.RunSteps(context.Background(), 1); err != nil {
		t.Fatal(err)
	}
	got, err := n.Get("interneurons.V")
	if err != nil {
		t.Fatal(err)
	}
	return got[0]
}

// TestOneStep holds the six one-step values of the reference semantics, and
// that m*m*m and m**3 are alike.
func TestOneStep(t *testing.T) {
	steps := map[float64]float64{
		-70: -69.98978353463232, -60: -60.04347423287377, -50: -49.943213009430266,
		-30: -29.19097346632853, 0: -0.19435318740461816, 40: 39.26262650200747,
	}
	load := func(text string) *model.File {
		f, _, err := model.Parse("gamma.yaml", []byte(text), "", model.LoadOptions{Set: []model.Override{{Name: "interneurons.size", Value: "2"}}})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	text := read(t, "../examples/gamma.yaml")
	for v, want := range steps {
		got := gammaStep(t, load(text), v)
		if !scalar.EqualWithinAbsOrRel(got, want, 1e-12, 1e-12) {
			t.Errorf("one step from %g gives %.16g, expected %.16g", v, got, want)
		}
		product := gammaStep(t, load(strings.Replace(text, "m**3*h", "m*m*m*h", 1)), v)
		if !scalar.EqualWithinAbsOrRel(product, want, 1e-12, 1e-12) {
			t.Errorf("with m*m*m one step from %g gives %.16g, expected %.16g", v, product, want)
		}
	}
}

// TestRemovable checks which quotients are rewritten by exprel, and their
// values against the quotient itself away from its hole.
func TestRemovable(t *testing.T) {
	const head = "    parameters: {a: 2, b: 10, v0: -35}\n    state: {v: 0.5}\n"
	for _, c := range []struct {
		quotient  string
		rewritten bool
	}{
		{"-0.1*(v + 35)/(exp(-0.1*(v + 35)) - 1)", true},
		{"0.1*(v + 35)/(1 - exp(-(v + 35)/10))", true},
		{"(v + 35)/10/(1 - exp(-(35 + v)/10))", true},
		{"0.32*(13 - v)/(exp((13 - v)/4) - 1)", true},
		{"a*(v - v0)/(exp((v - v0)/b) - 1)", true},
		{"a*(v - v0)/(exp((v0 - v)/b) - 1)", true},
		{"(exp(v/b) - 1)/v", true},
		{"v/(-1 + exp(v))", true},
		{"v/(exp(v) - 1.5)", false},
		{"v/(exp(2*v + 1) - 1)", false},
		{"v**2/(exp(v) - 1)", false},
	} {
		f, p := neuron(t, "euler", head, "q = "+c.quotient+"\ndv/dt = q")
		var q ir.Expr
		for _, s := range p.Populations[0].Update {
			if l, ok := s.(*ir.Let); ok && l.Name == "q" {
				q = l.Expr
			}
		}
		if q == nil { // read once, it may be substituted
			t.Fatalf("%s: no quantity", c.quotient)
		}
		if got := strings.Contains(p.ExprString(q), "exprel"); got != c.rewritten {
			t.Errorf("%s: lowered to %s", c.quotient, p.ExprString(q))
		}
		values := map[string]float64{"v": 1.7, "a": 2, "b": 10, "v0": -35}
		want, err := lang.Eval(f.Models[0].Equations[0].Value, func(n *lang.Name) (float64, bool) { x, ok := values[n.Ident]; return x, ok })
		if err != nil {
			t.Fatal(err)
		}
		if got := evaluate(p, q, values); !scalar.EqualWithinRel(got, want, 1e-13) {
			t.Errorf("%s at v = 1.7 is %v, lowered %v", c.quotient, want, got)
		}
	}
}

// evaluate computes an expression of loads, arithmetic, exp and exprel.
func evaluate(p *ir.Program, e ir.Expr, values map[string]float64) float64 {
	switch e := e.(type) {
	case *ir.Const:
		return e.V
	case *ir.Load:
		_, name, _ := strings.Cut(p.Vars[e.Var].Name, ".")
		return values[name]
	case *ir.Apply:
		x := evaluate(p, e.Args[0], values)
		y := 0.0
		if len(e.Args) > 1 {
			y = evaluate(p, e.Args[1], values)
		}
		switch e.Op {
		case ir.Neg:
			return -x
		case ir.Add:
			return x + y
		case ir.Sub:
			return x - y
		case ir.Mul:
			return x * y
		case ir.Div:
			return x / y
		case ir.Pow:
			return math.Pow(x, y)
		case ir.Exp:
			return math.Exp(x)
		case ir.Exprel:
			return math.Expm1(x) / x
		}
	}
	return math.NaN()
}

// TestLinearIsDerivative compares A with a numerical derivative where nothing
// of f is frozen: f linear in v.
func TestLinearIsDerivative(t *testing.T) {
	const f = "(a*(v - b) - 3*(w - 2*v))/a + w*(v + 1)"
	_, p := neuron(t, "exponential_euler", "    parameters: {a: 2, b: 3}\n    state: {v: 0.5, w: 0.25}\n", "dv/dt = "+f+"\ndw/dt = 0")
	var rhs ir.Expr
	for _, s := range p.Populations[0].Update {
		if l, ok := s.(*ir.Let); ok && l.Name == "new_v" {
			rhs = l.Expr.(*ir.Apply).Args[1].(*ir.Apply).Args[1]
		}
	}
	at := func(v float64) float64 {
		return evaluate(p, rhs, map[string]float64{"a": 2, "b": 3, "w": 0.25, "v": v})
	}
	var id ir.VarID
	for i := range p.Vars {
		if p.Vars[i].Name == "P.v" {
			id = ir.VarID(i)
		}
	}
	a := evaluate(p, algebra.LinearIn(id, rhs, nil).A, map[string]float64{"a": 2, "b": 3, "w": 0.25, "v": 0.5})
	if want := fd.Derivative(at, 0.5, nil); !scalar.EqualWithinRel(a, want, 1e-7) {
		t.Errorf("A is %v, the derivative %v", a, want)
	}
}
