package lang

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"gpusim/model/diag"
)

// node draws an expression: a number where number is set, else a condition.
func node(depth int, number bool) *rapid.Generator[Node] {
	return rapid.Custom(func(t *rapid.T) Node {
		num := func(what string) Node { return node(depth-1, true).Draw(t, what) }
		cond := func(what string) Node { return node(depth-1, false).Draw(t, what) }
		pick := func(list ...string) string { return rapid.SampledFrom(list).Draw(t, "which") }
		if !number {
			switch kind := rapid.IntRange(0, 4).Draw(t, "kind"); {
			case kind == 1 && depth > 1:
				return &Binary{Op: pick("and", "or"), X: cond("x"), Y: cond("y")}
			case kind == 2 && depth > 1:
				return &Unary{Op: "not", X: cond("x")}
			case kind == 3 && depth > 1:
				return &Cond{If: cond("if"), Then: cond("then"), Else: cond("else")}
			}
			return &Binary{Op: pick("<", "<=", ">", ">=", "==", "!="), X: num("x"), Y: num("y")}
		}
		if depth <= 0 {
			if rapid.Bool().Draw(t, "name") {
				return &Name{Owner: pick("", "", "pre", "post"), Ident: pick("x", "y", "V_th", "t")}
			}
			return &Number{Value: rapid.Float64Range(0, 1e6).Draw(t, "value")}
		}
		switch rapid.IntRange(0, 4).Draw(t, "kind") {
		case 0:
			return node(0, true).Draw(t, "leaf")
		case 1:
			return &Unary{Op: "-", X: num("x")}
		case 2:
			name := pick("exp", "tanh", "min", "clip", "uniform")
			call := &Call{Func: name}
			for range functions[name].args {
				call.Args = append(call.Args, num("argument"))
			}
			return call
		case 3:
			return &Cond{If: cond("if"), Then: num("then"), Else: num("else")}
		}
		return &Binary{Op: pick("+", "-", "*", "/", "**"), X: num("x"), Y: num("y")}
	})
}

// TestPrintedAndReadAgain: what is printed is read as the same tree, has the same
// type and the same value, bit for bit.
func TestPrintedAndReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.Bool().Draw(t, "number")
		n := node(5, number).Draw(t, "expression")
		text := Print(n)
		list := &diag.List{Source: &diag.Source{Name: "x", Text: text}}
		again := ParseExpr(Plain(text), list)
		if again == nil {
			t.Fatalf("%s\n%v", text, list.Err())
		}
		if sexp(again) != sexp(n) {
			t.Fatalf("%s is\n%s, not\n%s", text, sexp(again), sexp(n))
		}
		if want := map[bool]Type{true: Num, false: Bool}[number]; TypeOf(again, func(*Name) Type { return Num }, list) != want || list.Err() != nil {
			t.Fatalf("%s is not %s: %v", text, want, list.Err())
		}
		names := map[string]float64{}
		value := func(n Node) float64 {
			v, err := (&Evaluator{
				Lookup: func(n *Name) (float64, bool) {
					v, known := names[n.String()]
					if !known {
						v = rapid.Float64Range(-3, 3).Draw(t, n.String())
						names[n.String()] = v
					}
					return v, true
				},
				Draw: func(_ *Call, args []float64) (float64, error) { return args[0], nil },
			}).Eval(n)
			if err != nil {
				t.Fatal(err)
			}
			return v
		}
		if a, b := value(n), value(again); math.Float64bits(a) != math.Float64bits(b) && !(math.IsNaN(a) && math.IsNaN(b)) {
			t.Fatalf("%s is %v, read again %v", text, a, b)
		}
	})
}
