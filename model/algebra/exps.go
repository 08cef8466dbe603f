package algebra

import (
	"math"
	"slices"

	"gpusim/model/ir"
)

// Bounds of ShareExps: a power beyond the first multiplies the error of the
// exponential that it is of too often, and a factor beyond e**8 would cut the
// range of float32, which ends at e**88, short by more.
const (
	maxExpPower = 8
	maxExpShift = 8
)

// ShareExps computes exponentials of multiples of one quantity from one
// exponential, in the Lets at the start of stmts:
//
//	exp(c x + d) = exp(d - n d0) exp(c0 x + d0)**n   where c = n c0, n = 1, 2, ... 8
//
// The rates of Hodgkin and Huxley have many: V/80, V/20 and V/10 are powers of
// one. The power has about n times the relative error of exp(c0 x + d0), whose
// argument is n times smaller, where exp is the better. An exprel of such a
// multiple takes its exponential as a second argument. The exponential that
// others are powers of has the highest of them as a second argument: printers
// take one that is exact to the last digit. newTemp makes a temporary.
func ShareExps(stmts []ir.Stmt, newTemp func(bool) *ir.Temp) []ir.Stmt {
	lets := letsOf(stmts)
	s := &expSharer{newTemp: newTemp, keys: &keys{map[string]int{}, map[ir.Expr]int{}}, groups: map[int]*expGroup{}}
	for _, st := range stmts[:lets] {
		ir.Walk(st.(*ir.Let).Expr, s.note)
	}
	for _, g := range s.groups {
		g.choose()
	}
	for _, st := range stmts[:lets] {
		s.current = st.(*ir.Let)
		e := s.rewrite(s.current.Expr)
		s.out = append(s.out, &ir.Let{Temp: s.current.Temp, Name: s.current.Name, Expr: e, At: s.current.At})
	}
	return append(s.out, stmts[lets:]...)
}

type expSharer struct {
	newTemp func(bool) *ir.Temp
	keys    *keys
	groups  map[int]*expGroup // by the key of x
	current *ir.Let
	out     []ir.Stmt
}

// multiple is the argument c x + d of an exponential.
type multiple struct {
	x    ir.Expr
	c, d float64
}

// expGroup is the exponentials of multiples of one x.
type expGroup struct {
	all   []multiple
	bases []*expBase
}

// expBase is an exponential that others are powers of.
type expBase struct {
	multiple
	users   int
	highest int
	powers  map[int]ir.Expr // named so far
}

// exponent is the argument of the exponential that an expression computes.
func exponent(e ir.Expr) (multiple, bool) {
	a, ok := e.(*ir.Apply)
	if !ok || a.Op != ir.Exp && a.Op != ir.Exprel || len(a.Args) != 1 {
		return multiple{}, false
	}
	m := multipleOf(a.Args[0])
	return m, m.x != nil && m.c != 0
}

// multipleOf writes e as c x + d; x is nil where e is a constant.
func multipleOf(e ir.Expr) multiple {
	whole := multiple{x: e, c: 1}
	switch e := e.(type) {
	case *ir.Const:
		return multiple{d: e.V}
	case *ir.Apply:
		if e.Op == ir.Neg {
			return multipleOf(e.Args[0]).times(-1)
		}
		if len(e.Args) != 2 {
			return whole
		}
		a, b := multipleOf(e.Args[0]), multipleOf(e.Args[1])
		switch {
		case e.Op == ir.Add && b.x == nil:
			return multiple{a.x, a.c, a.d + b.d}
		case e.Op == ir.Add && a.x == nil:
			return multiple{b.x, b.c, a.d + b.d}
		case e.Op == ir.Sub && b.x == nil:
			return multiple{a.x, a.c, a.d - b.d}
		case e.Op == ir.Sub && a.x == nil:
			return multiple{b.x, -b.c, a.d - b.d}
		case e.Op == ir.Mul && b.x == nil:
			return a.times(b.d)
		case e.Op == ir.Mul && a.x == nil:
			return b.times(a.d)
		case e.Op == ir.Div && b.x == nil && b.d != 0:
			return a.times(1 / b.d)
		}
	}
	return whole
}

func (m multiple) times(f float64) multiple { return multiple{m.x, m.c * f, m.d * f} }

func (s *expSharer) note(e ir.Expr) {
	m, ok := exponent(e)
	if !ok {
		return
	}
	k := s.keys.of(m.x)
	if s.groups[k] == nil {
		s.groups[k] = &expGroup{}
	}
	s.groups[k].all = append(s.groups[k].all, m)
}

// choose finds the bases, the smallest multiples first. One that only itself
// uses is none.
func (g *expGroup) choose() {
	slices.SortStableFunc(g.all, func(a, b multiple) int {
		switch x, y := math.Abs(a.c), math.Abs(b.c); {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	})
	for _, m := range g.all {
		if b, n, _ := g.base(m); b != nil {
			b.users++
			b.highest = max(b.highest, n)
			continue
		}
		g.bases = append(g.bases, &expBase{multiple: m, users: 1, highest: 1, powers: map[int]ir.Expr{}})
	}
}

// base finds what m is a power of: exp(m) is factor times base to the n.
func (g *expGroup) base(m multiple) (b *expBase, n int, factor float64) {
	for _, b := range g.bases {
		ratio := m.c / b.c
		n := math.Round(ratio)
		if n < 1 || n > maxExpPower || math.Abs(ratio-n) > 1e-9*n {
			continue
		}
		if shift := m.d - n*b.d; math.Abs(shift) <= maxExpShift {
			return b, int(n), math.Exp(shift)
		}
	}
	return nil, 0, 0
}

func (s *expSharer) rewrite(e ir.Expr) ir.Expr {
	switch e := e.(type) {
	case *ir.Select:
		return &ir.Select{If: s.rewrite(e.If), Then: s.rewrite(e.Then), Else: s.rewrite(e.Else)}
	case *ir.Apply:
		if m, ok := exponent(e); ok {
			if x := s.exp(m); x != nil && e.Op == ir.Exp {
				return x
			} else if x != nil {
				return Apply(ir.Exprel, e.Args[0], x)
			}
		}
		args := make([]ir.Expr, len(e.Args))
		for i, a := range e.Args {
			args[i] = s.rewrite(a)
		}
		if e.Op == ir.Mul {
			return scaled(args[0], args[1])
		}
		return &ir.Apply{Op: e.Op, Args: args}
	}
	return e
}

// scaled is x*y; a constant goes into one that y has already.
func scaled(x, y ir.Expr) ir.Expr {
	c, ok := constant(x)
	if p, isApply := y.(*ir.Apply); ok && isApply && p.Op == ir.Mul {
		if d, ok := constant(p.Args[0]); ok {
			return Mul(Num(c*d), p.Args[1])
		}
	}
	return Apply(ir.Mul, x, y)
}

// exp is the exponential of a multiple as a power of a shared one, nil where it
// stands alone.
func (s *expSharer) exp(m multiple) ir.Expr {
	b, n, factor := s.groups[s.keys.of(m.x)].base(m)
	if b == nil || b.users < 2 {
		return nil
	}
	return Mul(Num(factor), s.power(b, n))
}

// power names a power of a base by a Let, and those that it is made of.
func (s *expSharer) power(b *expBase, n int) ir.Expr {
	if b.powers[n] != nil {
		return b.powers[n]
	}
	var e ir.Expr
	if n == 1 {
		e = Apply(ir.Exp, Add(Mul(Num(b.c), b.x), Num(b.d)), Num(float64(b.highest)))
	} else {
		e = Apply(ir.Mul, s.power(b, n/2), s.power(b, n-n/2))
	}
	t := s.newTemp(false)
	s.out = append(s.out, &ir.Let{Temp: t, Expr: e, At: s.current.At})
	b.powers[n] = t
	return t
}
