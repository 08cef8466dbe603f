package lang

import (
	"math"
	"strconv"
	"strings"
)

// Print writes an expression with no more parentheses than it needs: parsing
// the result gives the same tree.
func Print(n Node) string {
	var b strings.Builder
	write(&b, n, 0)
	return b.String()
}

// String writes the statement as the language does.
func (a *Assign) String() string {
	return a.Target.String() + " " + a.Op + " " + Print(a.Value)
}

// String writes the equation as the language does.
func (e *Equation) String() string {
	s := e.Name
	if e.Derivative {
		s = "d" + s + "/dt"
	}
	s += " = " + Print(e.Value)
	if e.UnlessRefractory {
		s += " (unless refractory)"
	}
	if e.EventDriven {
		s += " (event-driven)"
	}
	return s
}

// powerOf is how tightly n's outermost operator binds.
func powerOf(n Node) int {
	switch n := n.(type) {
	case *Cond:
		return condPower
	case *Binary:
		return binary[n.Op].power
	case *Unary:
		if n.Op == "not" {
			return notPower
		}
		return minusPower
	case *Number:
		if n.Text == "" && math.Signbit(n.Value) {
			return minusPower
		}
	}
	return atomPower
}

// write writes n, in parentheses where it binds less tightly than power.
func write(b *strings.Builder, n Node, power int) {
	if powerOf(n) < power {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	switch n := n.(type) {
	case *Number:
		if n.Text != "" {
			b.WriteString(n.Text)
		} else {
			b.WriteString(strconv.FormatFloat(n.Value, 'g', -1, 64))
		}
	case *Name:
		b.WriteString(n.String())
	case *Unary:
		b.WriteString(n.Op)
		if n.Op == "not" {
			b.WriteByte(' ')
		}
		write(b, n.X, powerOf(n))
	case *Binary:
		op := binary[n.Op]
		left, right := op.power, op.power+1
		if op.right {
			left, right = op.power+1, minusPower // 2**-1
		}
		if op.chain {
			left++
		}
		write(b, n.X, left)
		if op.power >= binary["*"].power {
			b.WriteString(n.Op)
		} else {
			b.WriteString(" " + n.Op + " ")
		}
		write(b, n.Y, right)
	case *Call:
		b.WriteString(n.Func + "(")
		for i, a := range n.Args {
			if i > 0 {
				b.WriteString(", ")
			}
			write(b, a, 0)
		}
		b.WriteByte(')')
	case *Cond:
		write(b, n.Then, condPower+1)
		b.WriteString(" if ")
		write(b, n.If, condPower+1)
		b.WriteString(" else ")
		write(b, n.Else, condPower)
	}
}
