package lang

import (
	"testing"

	"pgregory.net/rapid"
)

func genNode(depth int) *rapid.Generator[Node] {
	return rapid.Custom(func(t *rapid.T) Node {
		if depth == 0 {
			if rapid.Bool().Draw(t, "number") {
				return &Number{Value: rapid.Float64Range(0, 1e300).Draw(t, "value")}
			}
			n := &Name{Ident: rapid.SampledFrom([]string{"V", "h", "alpha_h", "e1", "d"}).Draw(t, "name")}
			n.Owner = rapid.SampledFrom([]string{"", "", "pre", "post"}).Draw(t, "owner")
			return n
		}
		sub := func() Node { return genNode(rapid.IntRange(0, depth-1).Draw(t, "depth")).Draw(t, "sub") }
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			return &Unary{Op: rapid.SampledFrom([]string{"-", "not"}).Draw(t, "op"), X: sub()}
		case 1:
			return &Cond{Then: sub(), If: sub(), Else: sub()}
		case 2:
			f := rapid.SampledFrom(FunctionNames()).Draw(t, "function")
			c := &Call{Func: f}
			for range functions[f].args {
				c.Args = append(c.Args, sub())
			}
			return c
		}
		ops := []string{"+", "-", "*", "/", "**", "<", "<=", ">", ">=", "==", "!=", "and", "or"}
		return &Binary{Op: rapid.SampledFrom(ops).Draw(t, "op"), X: sub(), Y: sub()}
	})
}

func TestPrintRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := genNode(5).Draw(t, "tree")
		s := Print(n)
		m, list := parse(s)
		if err := list.Err(); err != nil {
			t.Fatalf("%s:\n%v", s, err)
		}
		if sexp(n) != sexp(m) {
			t.Fatalf("%s:\n%s\n%s", s, sexp(n), sexp(m))
		}
		if again := Print(m); again != s {
			t.Fatalf("%s printed again: %s", s, again)
		}
	})
}

func TestPrintIsMinimal(t *testing.T) {
	for _, s := range []string{
		"a + b + c", "a - (b - c)", "-2**2", "(-2)**2", "2**-1", "(a**b)**c", "a**b**c", "-(a + b)", "not a == b",
		"(not a) == b", "not (a and b)", "a if c else b if d else e", "(a if c else b) if d else e",
		"a*(b if c else d)", "(a < b) == (c < d)", "exp(a if c else b)", "--a", "a - -b", "a/(b*c)", "pre.V - post.V",
	} {
		n, list := parse(s)
		if err := list.Err(); err != nil {
			t.Errorf("%v", err)
		} else if got := Print(n); got != s {
			t.Errorf("got %s, want %s", got, s)
		}
	}
}

func FuzzParseExpr(f *testing.F) {
	for _, s := range []string{
		"-2**2", "a if b else c", "not a == b", "exp(-(V + 58)/20)", "1e-3", "clip(a, 0, 1)", "(a\n+b) # c", "pre.V",
		"dV/dt = -V (unless refractory); a = 1", "s += 1\npost.inp -= g*s", "\u03b1", "((((", "0x1", "1..2", "a<b<c",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, list := parse(s)
		if (n == nil) != (len(list.Problems) > 0) {
			t.Fatalf("%q: tree %v with %d problems", s, n, len(list.Problems))
		}
		for _, p := range list.Problems {
			if !p.Pos.IsValid() {
				t.Fatalf("%q: no place: %s", s, p.Msg)
			}
			for _, r := range p.Msg + p.Hint {
				if r < ' ' || r > '~' {
					t.Fatalf("%q: not ASCII: %q", s, p.Msg)
				}
			}
		}
		if n != nil {
			m, again := parse(Print(n))
			if len(again.Problems) > 0 || sexp(m) != sexp(n) {
				t.Fatalf("%q: printed %q", s, Print(n))
			}
			TypeOf(n, func(*Name) Type { return Num }, again)
			_, _ = Eval(n, func(*Name) (float64, bool) { return 1, true })
		}
		ParseEquations(Plain(s), list)
		ParseStatements(Plain(s), list)
	})
}
