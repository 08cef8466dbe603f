package lang

import (
	"strings"

	"gpusim/model/diag"
)

// ParseEquations reads an equations block: name = expr and dname/dt = expr,
// on lines of their own or divided by semicolons. What is wrong is reported
// to list and left out of the result.
func ParseEquations(text Text, list *diag.List) []*Equation {
	var out []*Equation
	statements(text, list, func(p *parser) { out = append(out, p.equation()) })
	return out
}

// ParseStatements reads assignments that run in sequence: name op= expr, on
// lines of their own or divided by semicolons.
func ParseStatements(text Text, list *diag.List) []*Assign {
	var out []*Assign
	statements(text, list, func(p *parser) { out = append(out, p.assign()) })
	return out
}

// statements reads a text one statement at a time. After an error it goes on
// with the next statement.
func statements(text Text, list *diag.List, read func(*parser)) {
	p := &parser{tokens: lex(text, list), list: list}
	for {
		for p.tokens[p.next].kind == newline || p.tokens[p.next].kind == semi {
			p.next++
		}
		if p.tokens[p.next].kind == end {
			return
		}
		first := p.next
		ok := p.try(func() {
			p.checkLength(p.extent(first))
			read(p)
			if k := p.peek().kind; k != end && k != newline && k != semi {
				p.unexpected()
			}
		})
		if !ok {
			p.resync(first)
		}
	}
}

// extent counts the tokens of the statement that begins at token i, of which
// there may be too many.
func (p *parser) extent(i int) (size int) {
	depth := 0
	for ; size <= maxTokens; i++ {
		t := p.tokens[i]
		switch {
		case t.kind == end, t.kind == semi, t.kind == newline && depth <= 0:
			return size
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		}
		size++
	}
	return size
}

// resync moves to the end of the statement that begins at token first: its
// line, or where a parenthesis closes later, that line.
func (p *parser) resync(first int) {
	depth, lineEnd := 0, -1
	for i := first; ; i++ {
		t := p.tokens[i]
		switch {
		case t.kind == end && depth > 0 && lineEnd >= 0:
			p.next = lineEnd // never closed: only that line is lost
			return
		case t.kind == end, t.kind == semi, t.kind == newline && depth <= 0:
			p.next = i
			return
		case t.kind == newline && lineEnd < 0:
			lineEnd = i
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case t.is("=") && lineEnd >= 0:
			p.next = lineEnd // the next statement has begun
			return
		}
	}
}

func (p *parser) equation() *Equation {
	t := p.peek()
	if t.kind != name {
		p.expected("an equation (name = ... or dname/dt = ...)", "")
	}
	p.take()
	e := &Equation{At: t.at, Name: t.text}
	if p.peek().is("/") {
		p.take()
		dt := p.take()
		if dt.kind != name || dt.text != "dt" || len(t.text) < 2 || t.text[0] != 'd' {
			p.fail(t.at, "a differential equation is written dV/dt = ...", "the left side of an equation is a name or dname/dt")
		}
		e.Derivative, e.Name = true, t.text[1:]
		if !IsName(e.Name) {
			p.fail(t.at, "a differential equation is written dV/dt = ...", "%q is not a name", e.Name)
		}
	}
	op := p.peek()
	switch {
	case op.is("+=", "-=", "*=", "/="):
		p.fail(op.at, "", `equations are defined with "=", not %s`, op.describe())
	case op.is("."):
		p.fail(t.at, "what goes to post is written under output", "an equation defines a variable of its own model")
	case !op.is("="):
		p.expected(`"=" after `+t.text, "")
	}
	p.take()
	e.Value = p.expr(0)
	for p.peek().kind == flag {
		f := p.take()
		if !e.Derivative {
			p.fail(f.at, "", "%s belongs after a differential equation; %s is a quantity", f.describe(), e.Name)
		}
		if f.text == "event-driven" {
			e.EventDriven = true
		} else {
			e.UnlessRefractory = true
		}
	}
	return e
}

func (p *parser) assign() *Assign {
	t := p.peek()
	if t.kind != name {
		p.expected("a statement (name = ...)", "")
	}
	p.take()
	target := &Name{At: t.at, Ident: t.text}
	if p.peek().is(".") {
		p.take()
		id := p.peek()
		if id.kind != name {
			p.expected("the name of a variable after "+t.text+".", "")
		}
		p.take()
		target.Owner, target.Ident = t.text, id.text
	}
	op := p.peek()
	if !op.is("=", "+=", "-=", "*=", "/=") {
		hint := ""
		if op.is("/") && strings.HasPrefix(t.text, "d") {
			hint = "differential equations belong under equations"
		}
		p.expected(`"=", "+=", "-=", "*=" or "/=" after `+target.String(), hint)
	}
	p.take()
	return &Assign{At: t.at, Target: target, Op: op.text, Value: p.expr(0)}
}
