package lang

import (
	"fmt"
	"math"

	"gpusim/model/diag"
)

// EvalError says why an expression has no value, and where.
type EvalError struct {
	At  diag.Pos
	Msg string
}

// Error gives the reason.
func (e *EvalError) Error() string { return e.Msg }

// Evaluator computes expressions in float64; a boolean is 1 or 0. Lookup
// gives a variable's value; Draw, which may be nil, draws a random number of
// the call's distribution with the arguments given.
type Evaluator struct {
	Lookup func(*Name) (float64, bool)
	Draw   func(c *Call, args []float64) (float64, error)
}

// Eval computes an expression without draws.
func Eval(n Node, lookup func(*Name) (float64, bool)) (float64, error) {
	return (&Evaluator{Lookup: lookup}).Eval(n)
}

// Eval computes n. Of a condition only the side that holds is evaluated, of
// "and" and "or" only what decides.
func (e *Evaluator) Eval(n Node) (float64, error) {
	switch n := n.(type) {
	case *Number:
		return n.Value, nil
	case *Name:
		if e.Lookup != nil {
			if v, ok := e.Lookup(n); ok {
				return v, nil
			}
		}
		if n.Owner == "" && n.Ident == "pi" {
			return math.Pi, nil
		}
		return 0, &EvalError{n.At, fmt.Sprintf("%q has no value here", n.String())}
	case *Unary:
		x, err := e.Eval(n.X)
		if n.Op == "not" {
			return truth(x == 0), err
		}
		return -x, err
	case *Binary:
		return e.binary(n)
	case *Call:
		return e.call(n)
	case *Cond:
		test, err := e.Eval(n.If)
		if err != nil {
			return 0, err
		}
		if test != 0 {
			return e.Eval(n.Then)
		}
		return e.Eval(n.Else)
	}
	return 0, &EvalError{Msg: "there is no expression"}
}

func (e *Evaluator) binary(n *Binary) (float64, error) {
	x, err := e.Eval(n.X)
	if err != nil {
		return 0, err
	}
	if n.Op == "and" && x == 0 || n.Op == "or" && x != 0 {
		return truth(x != 0), nil
	}
	y, err := e.Eval(n.Y)
	if err != nil {
		return 0, err
	}
	switch n.Op {
	case "+":
		return x + y, nil
	case "-":
		return x - y, nil
	case "*":
		return x * y, nil
	case "/":
		return x / y, nil
	case "**":
		return math.Pow(x, y), nil
	case "<":
		return truth(x < y), nil
	case "<=":
		return truth(x <= y), nil
	case ">":
		return truth(x > y), nil
	case ">=":
		return truth(x >= y), nil
	case "==":
		return truth(x == y), nil
	case "!=":
		return truth(x != y), nil
	case "and", "or":
		return truth(y != 0), nil
	}
	return 0, &EvalError{n.At, fmt.Sprintf("there is no operator %q", n.Op)}
}

func (e *Evaluator) call(n *Call) (float64, error) {
	f, ok := functions[n.Func]
	if !ok || len(n.Args) != f.args {
		return 0, &EvalError{n.At, fmt.Sprintf("there is no function %q of %s", n.Func, plural(len(n.Args), "argument"))}
	}
	args := make([]float64, len(n.Args))
	for i, a := range n.Args {
		v, err := e.Eval(a)
		if err != nil {
			return 0, err
		}
		args[i] = v
	}
	if f.eval != nil {
		return f.eval(args), nil
	}
	if e.Draw == nil {
		return 0, &EvalError{n.At, fmt.Sprintf("%s draws a random number: that is for parameters and init", n.Func)}
	}
	return e.Draw(n, args)
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
