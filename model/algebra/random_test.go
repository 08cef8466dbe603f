package algebra

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats/scalar"
	"pgregory.net/rapid"

	"gpusim/model/ir"
)

// The properties in this package's tests are identities: what a rewriting gives is
// computed in float64, at random places, and compared with what it was given. None
// needs a derivative.

// variables are what random expressions read: parameters, states, the sides of a
// synapse. The first is the state x of LinearIn.
var variables = []ir.Var{
	{Name: "x", Role: ir.State, Dim: ir.PerNeuron}, {Name: "y", Role: ir.State, Dim: ir.PerNeuron},
	{Name: "p", Role: ir.Param, Dim: ir.One}, {Name: "q", Role: ir.Param, Dim: ir.One},
	{Name: "s", Role: ir.State, Dim: ir.PerPre}, {Name: "w", Role: ir.Param, Dim: ir.PerSynapse},
}

// loads are the operands of random expressions.
var (
	ofNeuron  = []ir.Load{{Var: 0}, {Var: 1}, {Var: 2}, {Var: 3}}
	fixedOnly = []ir.Load{{Var: 2}, {Var: 3}}
	ofSynapse = []ir.Load{{Var: 0, Side: ir.Pre}, {Var: 4}, {Var: 5}, {Var: 0, Side: ir.Post}, {Var: 1, Side: ir.Post}, {Var: 2}}
)

// number draws an expression over loads; functions and quotients are of what keeps
// them finite.
func number(depth int, loads []ir.Load) *rapid.Generator[ir.Expr] {
	return rapid.Custom(func(t *rapid.T) ir.Expr {
		sub := func(what string) ir.Expr { return number(depth-1, loads).Draw(t, what) }
		if depth <= 0 {
			if rapid.IntRange(0, 2).Draw(t, "leaf") == 0 {
				return Num(float64(rapid.IntRange(-8, 8).Draw(t, "constant")) / 4)
			}
			l := rapid.SampledFrom(loads).Draw(t, "load")
			return &l
		}
		switch rapid.IntRange(0, 8).Draw(t, "kind") {
		case 0:
			return Neg(sub("x"))
		case 1:
			return Add(sub("x"), sub("y"))
		case 2:
			return Sub(sub("x"), sub("y"))
		case 3, 4:
			return Mul(sub("x"), sub("y"))
		case 5: // by what is not 0
			return Div(sub("x"), Add(Num(1.5), Apply(ir.Abs, sub("y"))))
		case 6:
			return Apply(rapid.SampledFrom([]ir.Op{ir.Tanh, ir.Sin, ir.Abs}).Draw(t, "function"), sub("x"))
		case 7:
			return &ir.Select{If: Apply(ir.Lt, sub("a"), sub("b")), Then: sub("then"), Else: sub("else")}
		}
		return number(0, loads).Draw(t, "leaf")
	})
}

// place is values of what an expression reads.
type place struct {
	loads map[ir.Load]float64
	temps map[int]float64
}

// anywhere draws a place.
func anywhere(t *rapid.T) *place {
	p := &place{map[ir.Load]float64{}, map[int]float64{}}
	for _, list := range [][]ir.Load{ofNeuron, ofSynapse} {
		for _, l := range list {
			p.loads[l] = rapid.Float64Range(-2, 2).Draw(t, fmt.Sprint(variables[l.Var].Name, l.Side))
		}
	}
	return p
}

// value computes an expression; a boolean is 1 or 0, nil is 0.
func (p *place) value(e ir.Expr) float64 {
	truth := map[bool]float64{true: 1}
	switch e := e.(type) {
	case nil:
		return 0
	case *ir.Const:
		return e.V
	case *ir.Load:
		return p.loads[*e]
	case *ir.Temp:
		return p.temps[e.ID]
	case *ir.Select:
		if p.value(e.If) != 0 {
			return p.value(e.Then)
		}
		return p.value(e.Else)
	case *ir.Apply:
		x := p.value(e.Args[0])
		y := math.NaN()
		if len(e.Args) > 1 {
			y = p.value(e.Args[1])
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
		case ir.Lt:
			return truth[x < y]
		case ir.Tanh:
			return math.Tanh(x)
		case ir.Sin:
			return math.Sin(x)
		case ir.Abs:
			return math.Abs(x)
		case ir.Exp:
			return math.Exp(x)
		case ir.Exprel:
			if x == 0 {
				return 1
			}
			return math.Expm1(x) / x
		}
	}
	panic(fmt.Sprintf("no value of %T", e))
}

// near is the agreement of two ways to compute the same in float64.
func near(a, b float64) bool { return scalar.EqualWithinAbsOrRel(a, b, 1e-9, 1e-9) }
