package algebra

import "gpusim/model/ir"

// Linear is an expression A x + B in one variable x, nil standing for zero.
type Linear struct{ A, B ir.Expr }

// LinearIn writes e as A x + B by the (A, B) rule of exponential Euler. defs
// has what the temporaries in e stand for. Where nothing of e is linear in x,
// A is nil and B is e.
func LinearIn(x ir.VarID, e ir.Expr, defs map[int]ir.Expr) Linear {
	return (&lineariser{x: x, defs: defs, has: map[int]bool{}, forms: map[int]Linear{}}).of(e)
}

// lineariser finds the coefficient of a state variable by the (A, B) rule:
// on the expression tree as written, with what is not linear in x frozen.
type lineariser struct {
	x    ir.VarID
	defs map[int]ir.Expr // what each quantity's temporary stands for
	has  map[int]bool    // whether that contains x
	// forms has those of temporaries: quantities that read one another share
	// expressions, which would grow by the power of two otherwise.
	forms map[int]Linear
}

func (l *lineariser) contains(e ir.Expr) bool {
	found := false
	ir.Walk(e, func(n ir.Expr) {
		switch n := n.(type) {
		case *ir.Load:
			found = found || n.Var == l.x && n.Side == ir.Own
		case *ir.Temp:
			in, ok := l.has[n.ID]
			if def := l.defs[n.ID]; !ok && def != nil {
				in = l.contains(def)
				l.has[n.ID] = in
			}
			found = found || in
		}
	})
	return found
}

func (l *lineariser) of(e ir.Expr) Linear {
	if !l.contains(e) {
		return Linear{nil, e}
	}
	frozen := Linear{nil, e}
	switch e := e.(type) {
	case *ir.Load:
		return Linear{Num(1), nil}
	case *ir.Temp:
		r, known := l.forms[e.ID]
		if !known {
			r = l.of(l.defs[e.ID])
			l.forms[e.ID] = r
		}
		if r.A != nil {
			return r
		}
	case *ir.Select:
		t, f := l.of(e.Then), l.of(e.Else)
		if t.A == nil && f.A == nil {
			return frozen
		}
		pick := func(x, y ir.Expr) ir.Expr {
			return &ir.Select{If: e.If, Then: orZero(x), Else: orZero(y)}
		}
		return Linear{pick(t.A, f.A), pick(t.B, f.B)}
	case *ir.Apply:
		return l.apply(e)
	}
	return frozen
}

func (l *lineariser) apply(e *ir.Apply) Linear {
	frozen := Linear{nil, e}
	var x, y Linear
	switch e.Op {
	case ir.Neg:
		x = l.of(e.Args[0])
	case ir.Add, ir.Sub, ir.Mul:
		x, y = l.of(e.Args[0]), l.of(e.Args[1])
	case ir.Div:
		if l.contains(e.Args[1]) {
			return frozen
		}
		x = l.of(e.Args[0])
	case ir.Pow:
		if isConst(e.Args[1], 1) {
			return l.of(e.Args[0])
		}
		return frozen
	default:
		return frozen
	}
	if x.A == nil && y.A == nil {
		return frozen
	}
	switch e.Op {
	case ir.Neg:
		return Linear{Neg(x.A), Neg(x.B)}
	case ir.Add:
		return Linear{Add(x.A, y.A), Add(x.B, y.B)}
	case ir.Sub:
		return Linear{Sub(x.A, y.A), Sub(x.B, y.B)}
	case ir.Div:
		d := e.Args[1]
		return Linear{Div(x.A, d), Div(x.B, d)}
	}
	// (A1 x + B1)(A2 x + B2): the square Term stays frozen.
	b := Mul(x.B, y.B)
	if x.A != nil && y.A != nil {
		v := &ir.Load{Var: l.x}
		b = Add(b, Mul(Mul(x.A, y.A), Mul(v, v)))
	}
	return Linear{Add(Mul(x.A, y.B), Mul(y.A, x.B)), b}
}
