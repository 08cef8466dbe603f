package lang

import (
	"fmt"
	"strings"
	"testing"

	"gpusim/model/diag"
)

func parse(s string) (Node, *diag.List) {
	list := &diag.List{Source: &diag.Source{Name: "x", Text: s}}
	return ParseExpr(Plain(s), list), list
}

// sexp writes a tree with all its parentheses.
func sexp(n Node) string {
	switch n := n.(type) {
	case *Number:
		return fmt.Sprint(n.Value)
	case *Name:
		return n.String()
	case *Unary:
		return "(" + n.Op + " " + sexp(n.X) + ")"
	case *Binary:
		return "(" + n.Op + " " + sexp(n.X) + " " + sexp(n.Y) + ")"
	case *Cond:
		return "(if " + sexp(n.If) + " " + sexp(n.Then) + " " + sexp(n.Else) + ")"
	case *Call:
		s := "(" + n.Func
		for _, a := range n.Args {
			s += " " + sexp(a)
		}
		return s + ")"
	}
	return "?"
}

func TestParseExpr(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"1", "1"},
		{"1e-3", "0.001"},
		{".5", "0.5"},
		{"5.", "5"},
		{"-2**2", "(- (** 2 2))"},
		{"2**-1", "(** 2 (- 1))"},
		{"2**-1**2", "(** 2 (- (** 1 2)))"},
		{"2**3**2", "(** 2 (** 3 2))"},
		{"2^3", "(** 2 3)"},
		{"-a*b", "(* (- a) b)"},
		{"+a - -b", "(- a (- b))"},
		{"a - b - c", "(- (- a b) c)"},
		{"a/b*c", "(* (/ a b) c)"},
		{"a + b*c**d", "(+ a (* b (** c d)))"},
		{"not a == b", "(not (== a b))"},
		{"not a and b or c", "(or (and (not a) b) c)"},
		{"a < b and b < c", "(and (< a b) (< b c))"},
		{"a if c else b", "(if c a b)"},
		{"a if c else b if d else e", "(if c a (if d b e))"},
		{"1 + a if c or d else b*2", "(if (or c d) (+ 1 a) (* b 2))"},
		{"(a if c else b) + 1", "(+ (if c a b) 1)"},
		{"exp(-(V + 58)/20)", "(exp (/ (- (+ V 58)) 20))"},
		{"clip(x, 0, 1)", "(clip x 0 1)"},
		{"min(a, b, c, d)", "(min (min (min a b) c) d)"},
		{"pre.V + post.inp", "(+ pre.V post.inp)"},
		{"(a\n+ b) # why", "(+ a b)"},
		{"a +\n b", "(+ a b)"},
		{"V >= V_th", "(>= V V_th)"},
		{"uniform(-70, -50)", "(uniform (- 70) (- 50))"},
	} {
		n, list := parse(c.in)
		if err := list.Err(); err != nil {
			t.Errorf("%s:\n%v", c.in, err)
		} else if got := sexp(n); got != c.want {
			t.Errorf("%s: got %s, want %s", c.in, got, c.want)
		}
	}
}

func TestParseExprErrors(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", `x:1:1: expected a number, a name or an expression, found the end
  
  ^`},
		{"a +", `x:1:4: expected a number, a name or an expression, found the end
  a +
     ^`},
		{"a < b < c", `x:1:7: comparisons cannot be chained
  a < b < c
        ^
  hint: write a < b and b < c`},
		{"(a + b", `x:1:1: this "(" is never closed
  (a + b
  ^`},
		{"a)", `x:1:2: this ")" closes nothing
  a)
   ^`},
		{"1.2 mV", `x:1:5: unexpected "mV" after the expression
  1.2 mV
      ^
  hint: units are implied: times are in ms, voltages in mV`},
		{"1.2mV", `x:1:1: "1.2mV" is not a number
  1.2mV
  ^
  hint: units are implied: times are in ms, voltages in mV`},
		{"2x", `x:1:1: "2x" is not a number
  2x
  ^
  hint: an operator is missing, or this is a name: names begin with a letter`},
		{"010", `x:1:1: "010" is not a number
  010
  ^
  hint: leave out the leading zeros`},
		{"1_000", `x:1:1: "1_000" is not a number
  1_000
  ^
  hint: numbers have no underscores`},
		{"0x10", `x:1:1: "0x10" is not a number
  0x10
  ^
  hint: numbers are decimal, such as 12, 0.5 or 1e-3`},
		{"inf", `x:1:1: inf is not a number of this language
  inf
  ^`},
		{"-.inf", `x:1:2: ".inf" is not a number
  -.inf
   ^`},
		{"1e999", `x:1:1: the number 1e999 is too large
  1e999
  ^`},
		{"a b", `x:1:3: unexpected "b" after the expression
  a b
    ^
  hint: an operator such as * is missing`},
		{"a = 1", `x:1:3: unexpected "=" after the expression
  a = 1
    ^
  hint: write == to compare`},
		{"foo(1)", `x:1:1: there is no function "foo"
  foo(1)
  ^`},
		{"expp(1)", `x:1:1: there is no function "expp"
  expp(1)
  ^
  hint: did you mean exp?`},
		{"exp", `x:1:1: exp is a function: write exp(...)
  exp
  ^`},
		{"exp(1, 2)", `x:1:1: exp takes 1 argument, not 2
  exp(1, 2)
  ^`},
		{"clip(1)", `x:1:1: clip takes 3 arguments, not 1
  clip(1)
  ^`},
		{"a && b", `x:1:3: unexpected character "&&"
  a && b
    ^
  hint: write and`},
		{"a % b", `x:1:3: unexpected character "%"
  a % b
    ^
  hint: write a - b*floor(a/b)`},
		{"a // b", `x:1:3: unexpected character "//"
  a // b
    ^
  hint: write floor(a/b)`},
		{"a ? b : c", `x:1:3: unexpected character "?"
  a ? b : c
    ^
  hint: write a if condition else b

x:1:7: unexpected character ":"
  a ? b : c
        ^
  hint: units are implied (ms, mV): leave out what follows the equation`},
		{"a if b", `x:1:7: expected "else", found the end
  a if b
        ^
  hint: a condition is written a if condition else b`},
		{"1 + not a", `x:1:5: "not" needs parentheses here
  1 + not a
      ^
  hint: write (not a)`},
		{"cells.V", `x:1:1: only "pre" and "post" may stand before a point, not "cells"
  cells.V
  ^
  hint: in a synapse write pre.V and post.V; elsewhere the bare name of a variable`},
		{"pre", `x:1:1: pre stands for a neuron, not for a number
  pre
  ^
  hint: write pre.V for its variable V`},
		{"\u03b1*2", `x:1:1: unexpected character "\u03b1"
  ` + "\u03b1" + `*2
  ^
  hint: names are of ASCII letters, digits and _`},
		{"V \u2212 2", `x:1:3: unexpected character "\u2212"
  V ` + "\u2212" + ` 2
    ^
  hint: this is a typographic minus: write -`},
	} {
		n, list := parse(c.in)
		err := list.Err()
		if n != nil || err == nil {
			t.Errorf("%q: no error, %v", c.in, sexp(n))
			continue
		}
		if got := err.Error(); got != c.want {
			t.Errorf("%q: got\n%s\nwant\n%s", c.in, got, c.want)
		}
	}
}

func TestDepth(t *testing.T) {
	for _, s := range []string{
		strings.Repeat("(", 1e5), strings.Repeat("-", 1e5) + "1", strings.Repeat("2**", 1e5) + "1",
		strings.Repeat("exp(", 1e5), strings.Repeat("not ", 1e5) + "a", strings.Repeat("1 if 1 else ", 1e5) + "1",
		strings.Repeat("1+", 1e5) + "1",
	} {
		_, list := parse(s)
		if len(list.Problems) != 1 || !strings.Contains(list.Problems[0].Msg, "too deeply") && !strings.Contains(list.Problems[0].Msg, "too long") {
			t.Errorf("%.20s...: %d problems", s, len(list.Problems))
		}
	}
}

func TestParseEquations(t *testing.T) {
	text := "a = 1 # one\n\n dV/dt = (a -\n  V)/tau (unless refractory); b=2\nds/dt = -s ( event-driven )\nc = b if a > 1 \\"
	text = strings.TrimSuffix(text, " \\") + " else a"
	list := &diag.List{Source: &diag.Source{Name: "x", Text: text}}
	var got []string
	for _, e := range ParseEquations(Plain(text), list) {
		got = append(got, fmt.Sprintf("%d:%d %s", e.At.Line, e.At.Col, e))
	}
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	want := "1:1 a = 1|3:2 dV/dt = (a - V)/tau (unless refractory)|4:31 b = 2|5:1 ds/dt = -s (event-driven)|6:1 c = b if a > 1 else a"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

func TestStatementErrors(t *testing.T) {
	eq := func(s string) error {
		list := &diag.List{Source: &diag.Source{Name: "x", Text: s}}
		ParseEquations(Plain(s), list)
		return list.Err()
	}
	st := func(s string) error {
		list := &diag.List{Source: &diag.Source{Name: "x", Text: s}}
		ParseStatements(Plain(s), list)
		return list.Err()
	}
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"each statement its own error", eq("a = (1\nb = 2*\nc = 3 3"), `x:1:5: this "(" is never closed
  a = (1
      ^

x:2:7: expected a number, a name or an expression, found the end of the line
  b = 2*
        ^

x:3:7: unexpected "3" after the expression
  c = 3 3
        ^
  hint: an operator such as * is missing`},
		{"units", eq("dv/dt = -v/tau : volt (unless refractory)"), `x:1:16: unexpected character ":"
  dv/dt = -v/tau : volt (unless refractory)
                 ^
  hint: units are implied (ms, mV): leave out what follows the equation`},
		{"prime", eq("v' = -v"), `x:1:2: unexpected character "'"
  v' = -v
   ^
  hint: write dx/dt = ... for the derivative of x`},
		{"update", eq("v += 1"), `x:1:3: equations are defined with "=", not "+="
  v += 1
    ^`},
		{"mark", eq("a = 1 (unless refractory)"), `x:1:7: "(unless refractory)" belongs after a differential equation; a is a quantity
  a = 1 (unless refractory)
        ^`},
		{"derivative", eq("dV/ds = 1"), `x:1:1: the left side of an equation is a name or dname/dt
  dV/ds = 1
  ^
  hint: a differential equation is written dV/dt = ...`},
		{"derivative in reset", st("dV/dt = 1"), `x:1:3: expected "=", "+=", "-=", "*=" or "/=" after dV, found "/"
  dV/dt = 1
    ^
  hint: differential equations belong under equations`},
		{"no target", st("= 1"), `x:1:1: expected a statement (name = ...), found "="
  = 1
  ^`},
	} {
		if c.err == nil {
			t.Errorf("%s: no error", c.name)
		} else if c.err.Error() != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, c.err, c.want)
		}
	}
}
