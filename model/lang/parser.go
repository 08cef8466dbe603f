package lang

import (
	"math"
	"strconv"

	"gpusim/model/diag"
)

// Limits of one text. They keep the stack of whatever walks a tree bounded.
const (
	maxDepth  = 200    // nested parentheses, calls, signs, powers
	maxTokens = 10_000 // in one statement
)

// parser is a Pratt parser over the tokens of one text. After an error it
// panics with bail, which the statement or expression being read recovers.
type parser struct {
	tokens []token
	next   int
	depth  int
	open   []token // parentheses not yet closed
	list   *diag.List
}

// bail ends the statement in which an error was reported.
type bail struct{}

// ParseExpr reads a text that is one expression. It reports what is wrong to
// list and returns nil then.
func ParseExpr(text Text, list *diag.List) Node {
	before := len(list.Problems)
	var tokens []token
	for _, t := range lex(text, list) {
		if t.kind != newline {
			tokens = append(tokens, t)
		}
	}
	if len(list.Problems) > before {
		return nil
	}
	p := &parser{tokens: tokens, list: list}
	var n Node
	if !p.try(func() {
		p.checkLength(len(tokens))
		n = p.expr(0)
		if p.peek().kind != end {
			p.unexpected()
		}
	}) {
		return nil
	}
	return n
}

// try runs f and reports whether it came through without an error.
func (p *parser) try(f func()) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			if _, is := r.(bail); !is {
				panic(r)
			}
			ok = false
		}
	}()
	p.depth, p.open = 0, nil
	f()
	return true
}

// checkLength refuses a statement of too many words.
func (p *parser) checkLength(words int) {
	if words > maxTokens {
		p.fail(p.peek().at, "name parts of it as quantities", "this is too long (more than %d words)", maxTokens)
	}
}

func (p *parser) fail(at diag.Pos, hint, format string, args ...any) {
	p.list.Addf(at, format, args...).Hint = hint
	panic(bail{})
}

// skipLines passes over line ends where they mean nothing: in parentheses.
func (p *parser) skipLines() {
	for len(p.open) > 0 && p.tokens[p.next].kind == newline {
		p.next++
	}
}

func (p *parser) peek() token {
	p.skipLines()
	return p.tokens[p.next]
}

func (p *parser) take() token {
	t := p.peek()
	if t.kind != end {
		p.next++
	}
	return t
}

// expr reads an expression of operators that bind with at least power.
func (p *parser) expr(power int) Node {
	p.depth++
	if p.depth > maxDepth {
		p.fail(p.peek().at, "name parts of it as quantities", "this expression is nested too deeply (more than %d levels)", maxDepth)
	}
	defer func() { p.depth-- }()
	left := p.prefix(power)
	for {
		t := p.peek()
		if t.is("if") && power <= condPower {
			left = p.cond(left)
			continue
		}
		sym := t.text
		if sym == "^" {
			sym = "**"
		}
		op, ok := binary[sym]
		if t.kind != symbol || !ok || op.power < power {
			return left
		}
		p.take()
		next := op.power + 1
		if op.right {
			next = op.power
		}
		right := p.expr(next)
		left = &Binary{At: t.at, Op: sym, X: left, Y: right}
		if op.chain {
			if u := p.peek(); u.kind == symbol && binary[u.text].chain {
				p.fail(u.at, "write a < b and b < c", "comparisons cannot be chained")
			}
		}
	}
}

func (p *parser) cond(then Node) Node {
	at := p.take().at
	test := p.expr(condPower + 1)
	if !p.peek().is("else") {
		p.expected(`"else"`, "a condition is written a if condition else b")
	}
	p.take()
	return &Cond{At: at, If: test, Then: then, Else: p.expr(condPower)}
}

// prefix reads an operand with the signs before it.
func (p *parser) prefix(power int) Node {
	t := p.peek()
	switch {
	case t.kind == number:
		p.take()
		v, err := strconv.ParseFloat(t.text, 64)
		if err != nil || math.IsInf(v, 0) {
			p.fail(t.at, "", "the number %s is too large", t.text)
		}
		return &Number{At: t.at, Value: v, Text: t.text}
	case t.kind == name:
		return p.name()
	case t.is("("):
		p.openParen()
		n := p.expr(0)
		p.closeParen()
		return n
	case t.is("-"):
		p.take()
		return &Unary{At: t.at, Op: "-", X: p.expr(minusPower)}
	case t.is("+"):
		p.take()
		return p.expr(minusPower)
	case t.is("not"):
		p.take()
		if power > notPower {
			p.fail(t.at, "write (not a)", `"not" needs parentheses here`)
		}
		return &Unary{At: t.at, Op: "not", X: p.expr(notPower)}
	}
	p.expected("a number, a name or an expression", "")
	return nil
}

// name reads a variable, pre.V, or a call.
func (p *parser) name() Node {
	t := p.take()
	if p.peek().is(".") {
		p.take()
		if t.text != "pre" && t.text != "post" {
			p.fail(t.at, "in a synapse write pre.V and post.V; elsewhere the bare name of a variable",
				`only "pre" and "post" may stand before a point, not %q`, t.text)
		}
		id := p.peek()
		if id.kind != name {
			p.expected("the name of a variable after "+t.text+".", "")
		}
		p.take()
		return &Name{At: t.at, Owner: t.text, Ident: id.text}
	}
	if p.peek().is("(") {
		return p.call(t)
	}
	if IsFunction(t.text) {
		p.fail(t.at, "", "%s is a function: write %s(...)", t.text, t.text)
	}
	switch t.text {
	case "inf", "nan", "Inf", "NaN", "infinity":
		p.fail(t.at, "", "%s is not a number of this language", t.text)
	case "pre", "post":
		p.fail(t.at, "write "+t.text+".V for its variable V", "%s stands for a neuron, not for a number", t.text)
	}
	return &Name{At: t.at, Ident: t.text}
}

func (p *parser) call(t token) Node {
	f, ok := functions[t.text]
	if !ok {
		hint := ""
		if near := Nearest(t.text, FunctionNames()); near != "" {
			hint = "did you mean " + near + "?"
		}
		if t.text == "unless" || t.text == "event" {
			hint = "the marks are (unless refractory) and (event-driven)"
		}
		p.fail(t.at, hint, "there is no function %q", t.text)
	}
	p.openParen()
	var args []Node
	if !p.peek().is(")") {
		args = append(args, p.expr(0))
		for p.peek().is(",") {
			p.take()
			args = append(args, p.expr(0))
		}
	}
	p.closeParen()
	if t.text == "min" || t.text == "max" {
		for len(args) > f.args {
			args = append([]Node{&Call{At: t.at, Func: t.text, Args: args[:2:2]}}, args[2:]...)
		}
	}
	if len(args) != f.args {
		p.fail(t.at, "", "%s takes %s, not %d", t.text, plural(f.args, "argument"), len(args))
	}
	return &Call{At: t.at, Func: t.text, Args: args}
}

func (p *parser) openParen() {
	t := p.take()
	p.open = append(p.open, t)
}

func (p *parser) closeParen() {
	if !p.peek().is(")") {
		p.expected(`")"`, "")
	}
	p.next++
	p.open = p.open[:len(p.open)-1]
}

// expected reports that something else than the next token should stand here.
func (p *parser) expected(what, hint string) {
	t := p.peek()
	if t.kind == badToken {
		panic(bail{}) // reported by the lexer
	}
	if n := len(p.open); n > 0 {
		nextLine := t.at.Line > p.open[n-1].at.Line && (t.is("=") || t.kind == name)
		if t.kind == end || t.kind == semi || nextLine {
			p.fail(p.open[n-1].at, "", `this "(" is never closed`)
		}
		if t.is("=") {
			hint = "write == to compare"
		}
	}
	if t.kind == name && what == `")"` {
		p.unexpected()
	}
	p.fail(t.at, hint, "expected %s, found %s", what, t.describe())
}

// unexpected reports the next token, which follows a whole expression.
func (p *parser) unexpected() {
	t := p.peek()
	if t.kind == badToken {
		panic(bail{}) // reported by the lexer
	}
	hint := ""
	switch {
	case t.is("="):
		hint = "write == to compare"
	case t.is(")"):
		p.fail(t.at, "", `this ")" closes nothing`)
	case t.is(","):
		hint = "a comma divides the arguments of a function only"
	case t.kind == name && units[t.text]:
		hint = "units are implied: times are in ms, voltages in mV"
	case t.kind == name || t.kind == number || t.is("("):
		hint = "an operator such as * is missing"
	case t.kind == semi:
		hint = "one expression is expected here"
	case t.kind == flag:
		hint = "this mark belongs after an equation dx/dt = ..."
	}
	p.fail(t.at, hint, "unexpected %s after the expression", t.describe())
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
