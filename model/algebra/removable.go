package algebra

import (
	"math"

	"gpusim/model/ir"
)

// Removable rewrites (exp(u) - 1)/(c u) and c u/(exp(u) - 1), which are 0/0
// where u is 0 and lose digits near it, by exprel(u) = (exp(u) - 1)/u. fixed
// says whether an expression keeps its value during a run.
func Removable(e ir.Expr, fixed func(ir.Expr) bool) ir.Expr {
	a, ok := e.(*ir.Apply)
	if !ok || a.Op != ir.Div {
		return e
	}
	if u, sign, ok := expMinusOne(a.Args[1]); ok {
		if c, ok := ratio(a.Args[0], u, fixed); ok {
			return Div(Mul(Num(sign), c), Apply(ir.Exprel, u))
		}
	}
	if u, sign, ok := expMinusOne(a.Args[0]); ok {
		if c, ok := ratio(a.Args[1], u, fixed); ok {
			return Div(Mul(Num(sign), Apply(ir.Exprel, u)), c)
		}
	}
	return e
}

// expMinusOne matches sign*(exp(u) - 1).
func expMinusOne(e ir.Expr) (u ir.Expr, sign float64, ok bool) {
	exp := func(e ir.Expr) bool {
		a, ok := e.(*ir.Apply)
		if ok && a.Op == ir.Exp {
			u = a.Args[0]
		}
		return ok && a.Op == ir.Exp
	}
	a, isApply := e.(*ir.Apply)
	if !isApply {
		return nil, 0, false
	}
	switch {
	case a.Op == ir.Neg:
		u, sign, ok = expMinusOne(a.Args[0])
		return u, -sign, ok
	case a.Op == ir.Sub && isConst(a.Args[1], 1) && exp(a.Args[0]),
		a.Op == ir.Add && isConst(a.Args[1], -1) && exp(a.Args[0]),
		a.Op == ir.Add && isConst(a.Args[0], -1) && exp(a.Args[1]):
		return u, 1, true
	case a.Op == ir.Sub && isConst(a.Args[0], 1) && exp(a.Args[1]):
		return u, -1, true
	}
	return nil, 0, false
}

// ratio finds c with x = c u, where c is fixed during a run.
func ratio(x, u ir.Expr, fixed func(ir.Expr) bool) (ir.Expr, bool) {
	if c, ok := ratioOf(x, u, fixed); ok || !fixed(u) {
		return c, ok
	}
	// u is of parameters alone: each of them may be what brings it to 0.
	var c ir.Expr
	found := false
	ir.Walk(u, func(e ir.Expr) {
		if load, ok := e.(*ir.Load); ok && !found {
			c, found = ratioOf(x, u, func(e ir.Expr) bool { return !reads(e, load) })
		}
	})
	return c, found
}

func reads(e ir.Expr, load *ir.Load) (found bool) {
	ir.Walk(e, func(n ir.Expr) {
		l, ok := n.(*ir.Load)
		found = found || ok && *l == *load
	})
	return found
}

// ratioOf is ratio where what is fixed stands before a core that is not.
func ratioOf(x, u ir.Expr, fixed func(ir.Expr) bool) (ir.Expr, bool) {
	xs, us := split(x, fixed), split(u, fixed)
	if xs.core == nil || us.core == nil {
		return nil, false
	}
	k, ok := proportion(xs.core, us.core)
	if !ok {
		return nil, false
	}
	c := Mul(Num(k*xs.scale/us.scale), ir.Expr(Num(1)))
	c = Mul(Mul(c, orOne(xs.up)), orOne(us.down))
	return Div(c, Mul(orOne(xs.down), orOne(us.up))), true
}

func orOne(e ir.Expr) ir.Expr {
	if e == nil {
		return Num(1)
	}
	return e
}

// product is scale * up / down * core, with up and down fixed.
type product struct {
	scale          float64
	up, down, core ir.Expr
}

func split(e ir.Expr, fixed func(ir.Expr) bool) product {
	if c, ok := constant(e); ok {
		return product{scale: c}
	}
	if fixed(e) {
		return product{scale: 1, up: e}
	}
	a, ok := e.(*ir.Apply)
	if !ok {
		return product{scale: 1, core: e}
	}
	times := func(x, y ir.Expr) ir.Expr {
		if x == nil || y == nil {
			return orOneNil(x, y)
		}
		return Mul(x, y)
	}
	switch a.Op {
	case ir.Neg:
		p := split(a.Args[0], fixed)
		p.scale = -p.scale
		return p
	case ir.Mul:
		p, q := split(a.Args[0], fixed), split(a.Args[1], fixed)
		if p.core == nil || q.core == nil {
			return product{p.scale * q.scale, times(p.up, q.up), times(p.down, q.down), orOneNil(p.core, q.core)}
		}
	case ir.Div:
		p, q := split(a.Args[0], fixed), split(a.Args[1], fixed)
		if q.core == nil && q.scale != 0 {
			return product{p.scale / q.scale, times(p.up, q.down), times(p.down, q.up), p.core}
		}
	}
	return product{scale: 1, core: e}
}

func orOneNil(x, y ir.Expr) ir.Expr {
	if x == nil {
		return y
	}
	return x
}

// proportion finds k with x = k u, by the affine forms of both.
func proportion(x, u ir.Expr) (float64, bool) {
	if ir.Equal(x, u) {
		return 1, true
	}
	if a, ok := x.(*ir.Apply); ok && a.Op == ir.Sub {
		if b, ok := u.(*ir.Apply); ok && b.Op == ir.Sub && ir.Equal(a.Args[0], b.Args[1]) && ir.Equal(a.Args[1], b.Args[0]) {
			return -1, true
		}
	}
	xs, xb, xo := affine(x)
	us, ub, uo := affine(u)
	if xb == nil || ub == nil || !ir.Equal(xb, ub) || us == 0 {
		return 0, false
	}
	k := xs / us
	return k, math.Abs(xo-k*uo) <= 1e-12*math.Abs(xo)
}

// affine writes e as s*base + o.
func affine(e ir.Expr) (s float64, base ir.Expr, o float64) {
	if c, ok := constant(e); ok {
		return 0, nil, c
	}
	a, ok := e.(*ir.Apply)
	if !ok {
		return 1, e, 0
	}
	switch a.Op {
	case ir.Neg:
		s, base, o = affine(a.Args[0])
		return -s, base, -o
	case ir.Add, ir.Sub:
		sign := 1.0
		if a.Op == ir.Sub {
			sign = -1
		}
		s1, b1, o1 := affine(a.Args[0])
		s2, b2, o2 := affine(a.Args[1])
		if b1 == nil || b2 == nil || ir.Equal(b1, b2) {
			return s1 + sign*s2, orOneNil(b1, b2), o1 + sign*o2
		}
	case ir.Mul:
		s1, b1, o1 := affine(a.Args[0])
		s2, b2, o2 := affine(a.Args[1])
		if b1 == nil {
			return o1 * s2, b2, o1 * o2
		}
		if b2 == nil {
			return o2 * s1, b1, o2 * o1
		}
	case ir.Div:
		s1, b1, o1 := affine(a.Args[0])
		if _, b2, o2 := affine(a.Args[1]); b2 == nil && o2 != 0 {
			return s1 / o2, b1, o1 / o2
		}
	}
	return 1, e, 0
}
