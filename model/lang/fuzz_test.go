package lang

import (
	"testing"

	"gpusim/model/diag"
)

// FuzzParse holds of any text, read as an expression, as equations and as
// statements: it is read or has a problem, every problem has a place and a message in
// ASCII, and what was read is the same when it is printed and read again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"1", "1e-3", ".5", "5.", "-2**2", "2**-1**2", "2^3", "+a - -b", "a/b*c", "not a == b", "not a and b or c", "a < b and b < c",
		"a if c else b if d else e", "(a if c else b) + 1", "exp(-(V + 58)/20)", "clip(x, 0, 1)", "min(a, b, c, d)", "pre.V + post.inp",
		"(a\n+ b) # why", "uniform(-70, -50)", "a < b < c", "(a + b", "a)", "1.2 mV", "010", "1_000", "0x10", "-.inf", "1e999", "a = 1",
		"m = alpha_m/(alpha_m + beta_m)\ndV/dt = (-INa - IK + inp)/C (unless refractory)\nds/dt = -s/tau (event-driven)", "s += 1; w = clip(w - A, 0, 1)",
		"post.inp -= g*s*(post.V - E)", "dV/dt", "V' = 3", "x.y = 3", "dx/dx = 1", "d/dt = 1", "a := 1", "a && b || !c", "\u2212x\u00b72", "((((((", "- - - -",
		"exprel(x) + log10(y)", "1 if x", "else", "not", "1 if a else", "unless refractory", "(unless refractory)", "a #\n#\n;;;\nb = 1 ;", "",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		read := func(s string) (*diag.List, Node, []*Equation, []*Assign) {
			list := &diag.List{Source: &diag.Source{Name: "x", Text: s}}
			n := ParseExpr(Plain(s), list)
			if n == nil && len(list.Problems) == 0 {
				t.Fatalf("%q: no expression and no problem", s)
			}
			more := &diag.List{Source: list.Source}
			equations := ParseEquations(Plain(s), more)
			statements := ParseStatements(Plain(s), more)
			for _, p := range append(list.Problems, more.Problems...) {
				if !p.Pos.IsValid() || p.Msg == "" {
					t.Fatalf("%q: no place or message: %v", s, p)
				}
				for _, r := range p.Msg + p.Hint {
					if r < ' ' || r > '~' {
						t.Fatalf("%q: not ASCII: %q %q", s, p.Msg, p.Hint)
					}
				}
			}
			return list, n, equations, statements
		}
		_, n, equations, statements := read(s)
		if n != nil {
			printed := Print(n)
			if list, again, _, _ := read(printed); again == nil || sexp(again) != sexp(n) {
				t.Fatalf("%q: printed as %q, which is another tree: %v", s, printed, list.Err())
			}
		}
		for _, e := range equations {
			if _, _, again, _ := read(e.String()); len(again) != 1 || again[0].String() != e.String() || sexp(again[0].Value) != sexp(e.Value) ||
				again[0].Derivative != e.Derivative || again[0].UnlessRefractory != e.UnlessRefractory || again[0].EventDriven != e.EventDriven {
				t.Fatalf("%q: the equation %q is another when it is read again", s, e)
			}
		}
		for _, a := range statements {
			if _, _, _, again := read(a.String()); len(again) != 1 || again[0].String() != a.String() || sexp(again[0].Value) != sexp(a.Value) {
				t.Fatalf("%q: the statement %q is another when it is read again", s, a)
			}
		}
	})
}
