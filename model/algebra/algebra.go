// Package algebra rewrites expressions of the step program: it finds the
// coefficient that exponential Euler needs, evaluates removable singularities
// without cancellation, takes synaptic outputs apart into a source side and a
// post side, and shares common subexpressions.
package algebra

import "gpusim/model/ir"

// The constructors below fold constants and drop neutral elements, so that
// what the compiler derives (coefficients, factors) prints as a person would
// write it. A nil expression is zero.

// Num is a constant.
func Num(v float64) ir.Expr { return &ir.Const{V: v} }

// Apply applies an operator.
func Apply(op ir.Op, args ...ir.Expr) ir.Expr { return &ir.Apply{Op: op, Args: args} }

func constant(e ir.Expr) (float64, bool) {
	c, ok := e.(*ir.Const)
	if !ok {
		return 0, false
	}
	return c.V, true
}

func isConst(e ir.Expr, v float64) bool {
	c, ok := constant(e)
	return ok && c == v
}

func orZero(e ir.Expr) ir.Expr {
	if e == nil {
		return Num(0)
	}
	return e
}

// Neg is -x.
func Neg(x ir.Expr) ir.Expr {
	if x == nil {
		return nil
	}
	if c, ok := constant(x); ok {
		return Num(-c)
	}
	if a, ok := x.(*ir.Apply); ok && a.Op == ir.Neg {
		return a.Args[0]
	}
	return Apply(ir.Neg, x)
}

// Add is x + y.
func Add(x, y ir.Expr) ir.Expr {
	switch {
	case x == nil:
		return y
	case y == nil:
		return x
	}
	a, aok := constant(x)
	b, bok := constant(y)
	if aok && bok {
		return Num(a + b)
	}
	if n, ok := y.(*ir.Apply); ok && n.Op == ir.Neg {
		return Apply(ir.Sub, x, n.Args[0])
	}
	return Apply(ir.Add, x, y)
}

// Sub is x - y.
func Sub(x, y ir.Expr) ir.Expr {
	switch {
	case y == nil:
		return x
	case x == nil:
		return Neg(y)
	}
	a, aok := constant(x)
	b, bok := constant(y)
	if aok && bok {
		return Num(a - b)
	}
	return Apply(ir.Sub, x, y)
}

// Mul is x*y.
func Mul(x, y ir.Expr) ir.Expr {
	if x == nil || y == nil {
		return nil
	}
	a, aok := constant(x)
	b, bok := constant(y)
	switch {
	case aok && bok:
		return Num(a * b)
	case aok && a == 1:
		return y
	case bok && b == 1:
		return x
	case aok && a == -1:
		return Neg(y)
	case bok && b == -1:
		return Neg(x)
	}
	return Apply(ir.Mul, x, y)
}

// Div is x/y.
func Div(x, y ir.Expr) ir.Expr {
	if x == nil {
		return nil
	}
	a, aok := constant(x)
	b, bok := constant(y)
	switch {
	case aok && bok && b != 0:
		return Num(a / b)
	case bok && b == 1:
		return x
	}
	return Apply(ir.Div, x, y)
}

// Size is the number of operators, functions and operands of e as it is
// written out, where e may share subexpressions: 2**n takes no time to count.
func Size(e ir.Expr) float64 {
	known := map[ir.Expr]float64{}
	var size func(e ir.Expr) float64
	size = func(e ir.Expr) float64 {
		n, ok := known[e]
		if ok {
			return n
		}
		n = 1
		switch e := e.(type) {
		case *ir.Apply:
			for _, a := range e.Args {
				n += size(a)
			}
		case *ir.Select:
			n += size(e.If) + size(e.Then) + size(e.Else)
		}
		known[e] = n
		return n
	}
	if e == nil {
		return 0
	}
	return size(e)
}
