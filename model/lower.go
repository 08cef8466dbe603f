package model

import (
	"fmt"
	"math"

	"gpusim/model/algebra"
	"gpusim/model/diag"
	"gpusim/model/ir"
	"gpusim/model/lang"
)

// StepOf is the step that time t (ms) belongs to: floor(t/dt + 0.5 + 1e-9).
func StepOf(t, dt float64) int64 {
	const most = 1 << 62 // beyond the longest run
	return int64(max(-most, min(most, math.Floor(t/dt+0.5+1e-9))))
}

// Steps is the number of steps of the file's run.
func (f *File) Steps() int {
	return int(StepOf(f.Run.Start+f.Run.Duration, f.Dt) - StepOf(f.Run.Start, f.Dt))
}

// Lower turns a checked file into its step program, for parameters and inputs
// of the given shapes.
func Lower(f *File, s Shapes) (*ir.Program, error) {
	l := &lowerer{
		f: f, shapes: s,
		prog: &ir.Program{Name: f.Name, Source: f.Source, Dt: f.Dt},
		vars: map[string]ir.VarID{},
		list: diag.List{Source: f.Source},
		pops: map[*Population]int{},
	}
	for i, p := range f.Populations {
		l.pops[p] = i
		l.prog.Populations = append(l.prog.Populations, l.declarePopulation(p))
	}
	for i, p := range f.Populations {
		l.lowerPopulation(p, &l.prog.Populations[i])
	}
	for _, p := range f.Projections {
		l.prog.Projections = append(l.prog.Projections, l.lowerProjection(p))
	}
	l.declareLines()
	l.checkVars()
	if err := l.list.Err(); err != nil {
		return nil, err
	}
	return l.prog, nil
}

type lowerer struct {
	f      *File
	shapes Shapes
	prog   *ir.Program
	vars   map[string]ir.VarID
	list   diag.List
	pops   map[*Population]int
	terms  float64 // of expressions in which quantities are written out
}

func (l *lowerer) newVar(v ir.Var) ir.VarID {
	id := ir.VarID(len(l.prog.Vars))
	l.prog.Vars = append(l.prog.Vars, v)
	l.vars[v.Name] = id
	return id
}

// param returns the parameter of that name, declared at its first use: what
// no equation reads takes no room on the device.
func (l *lowerer) param(name string, perElement, population int) ir.VarID {
	if id, ok := l.vars[name]; ok {
		return id
	}
	v := ir.Var{Name: name, Role: ir.Param, Dim: l.shapes.Params[name], Len: 1, Population: population}
	if v.Dim != ir.One {
		v.Len = perElement
	}
	return l.newVar(v)
}

func (l *lowerer) newTemp(isBool bool) *ir.Temp {
	l.prog.Temps++
	return &ir.Temp{ID: l.prog.Temps - 1, Bool: isBool}
}

// scope gives the names of one model their meaning for one population or
// projection.
type lowerScope struct {
	l      *lowerer
	object string // name of the population or projection
	model  *Model
	side   ir.Side // on which its own variables are loaded
	size   int     // neurons, or synapses
	// population is the index of its own, of a projection that of pre.
	population int
	values     map[string]ir.Expr
	pre        *lowerScope // of a projection's ends
	post       *lowerScope

	ago    int                // of loads: steps back, of pre behind a delay
	stage  map[string]ir.Expr // what states stand for within a step, where it is not what is stored
	offset float64            // of t, ms: the time of a Runge-Kutta stage

	lets    []ir.Stmt
	named   map[string]*ir.Temp // quantities that lets has named
	inlined bool                // substitute quantities instead of naming them
	defs    map[int]ir.Expr
	sizes   map[string]float64 // of quantities, written out
}

// fresh is the scope with no quantity named yet, as it is after state changed.
func (s *lowerScope) fresh(inlined bool) *lowerScope {
	c := *s
	c.lets, c.named, c.inlined = nil, map[string]*ir.Temp{}, inlined
	if s.pre != nil {
		c.pre, c.post = s.pre.fresh(inlined), s.post.fresh(inlined)
	}
	return &c
}

// takeLets gives the statements that name what expressions of s read, and
// forgets those; what pre and post have named stays named.
func (s *lowerScope) takeLets() []ir.Stmt {
	out := s.allLets()
	s.lets = nil
	if s.pre != nil {
		s.pre.lets, s.post.lets = nil, nil
	}
	return out
}

// at is the scope where states have the values given and t is later by offset
// ms; what pre and post have named is shared with s.
func (s *lowerScope) at(stage map[string]ir.Expr, offset float64) *lowerScope {
	c := *s
	c.lets, c.named, c.stage, c.offset = nil, map[string]*ir.Temp{}, stage, offset
	return &c
}

// allLets are the statements that name what expressions of s read.
func (s *lowerScope) allLets() []ir.Stmt {
	if s.pre == nil {
		return s.lets
	}
	return append(append(append([]ir.Stmt(nil), s.pre.lets...), s.post.lets...), s.lets...)
}

func has(values []*Value, name string) bool {
	for _, v := range values {
		if v.Name == name {
			return true
		}
	}
	return false
}

// resolve gives the expression that a name stands for.
func (s *lowerScope) resolve(n *lang.Name) ir.Expr {
	switch n.Owner {
	case "pre":
		return s.pre.ident(n)
	case "post":
		return s.post.ident(n)
	}
	return s.ident(n)
}

func (s *lowerScope) ident(n *lang.Name) ir.Expr {
	name, l := n.Ident, s.l
	if has(s.model.States, name) {
		if e, ok := s.stage[name]; ok {
			return e
		}
		return &ir.Load{Var: l.vars[s.object+"."+name], Side: s.side, Ago: s.ago}
	}
	if has(s.model.Parameters, name) {
		return &ir.Load{Var: l.param(s.object+"."+name, s.size, s.population), Side: s.side}
	}
	for _, in := range s.model.Inputs {
		if in.Name == name {
			return &ir.Load{Var: l.vars[s.object+"."+name], Side: s.side, Ago: s.ago}
		}
	}
	for _, eq := range s.model.Equations {
		if !eq.Derivative && eq.Name == name {
			return s.quantity(eq)
		}
	}
	if v, ok := s.values[name]; ok {
		return v
	}
	switch name {
	case "t":
		if s.offset != 0 {
			return algebra.Add(&ir.Time{}, algebra.Num(s.offset))
		}
		return &ir.Time{}
	case "dt":
		return algebra.Num(l.f.Dt)
	case "pi":
		return algebra.Num(math.Pi)
	}
	if has(l.f.Constants, name) {
		return &ir.Load{Var: l.param(name, 1, 0)}
	}
	l.list.Addf(n.At, "%q cannot be used here", n.String())
	return algebra.Num(0)
}

func (s *lowerScope) quantity(eq *lang.Equation) ir.Expr {
	if s.inlined {
		return s.expr(eq.Value)
	}
	if t := s.named[eq.Name]; t != nil {
		return t
	}
	e := s.expr(eq.Value)
	t := s.l.newTemp(ir.IsBool(e))
	s.lets = append(s.lets, &ir.Let{Temp: t, Name: eq.Name, Expr: e, At: eq.At})
	s.named[eq.Name] = t
	s.defs[t.ID] = e
	return t
}

var binaryOps = map[string]ir.Op{"+": ir.Add, "-": ir.Sub, "*": ir.Mul, "/": ir.Div, "**": ir.Pow, "^": ir.Pow,
	"<": ir.Lt, "<=": ir.Le, ">": ir.Gt, ">=": ir.Ge, "==": ir.Eq, "!=": ir.Ne, "and": ir.And, "or": ir.Or}

var functions = map[string]ir.Op{"exp": ir.Exp, "log": ir.Log, "log10": ir.Log10, "sqrt": ir.Sqrt, "sin": ir.Sin,
	"cos": ir.Cos, "tan": ir.Tan, "tanh": ir.Tanh, "sinh": ir.Sinh, "cosh": ir.Cosh, "abs": ir.Abs, "sign": ir.Sign,
	"floor": ir.Floor, "ceil": ir.Ceil, "min": ir.Min, "max": ir.Max, "clip": ir.Clip, "exprel": ir.Exprel}

func (s *lowerScope) expr(n lang.Node) ir.Expr {
	switch n := n.(type) {
	case *lang.Number:
		return algebra.Num(n.Value)
	case *lang.Name:
		return s.resolve(n)
	case *lang.Unary:
		if n.Op == "not" {
			return algebra.Apply(ir.Not, s.expr(n.X))
		}
		return algebra.Neg(s.expr(n.X))
	case *lang.Binary:
		x, y := s.expr(n.X), s.expr(n.Y)
		switch op := binaryOps[n.Op]; op {
		case ir.Add:
			return algebra.Add(x, y)
		case ir.Sub:
			return algebra.Sub(x, y)
		case ir.Mul:
			return algebra.Mul(x, y)
		case ir.Div:
			return algebra.Removable(algebra.Div(x, y), s.fixed)
		default:
			return algebra.Apply(op, x, y)
		}
	case *lang.Cond:
		return &ir.Select{If: s.expr(n.If), Then: s.expr(n.Then), Else: s.expr(n.Else)}
	case *lang.Call:
		op, ok := functions[n.Func]
		if !ok {
			s.l.list.Addf(n.At, "%s() cannot be used in equations", n.Func)
			return algebra.Num(0)
		}
		args := make([]ir.Expr, len(n.Args))
		for i, a := range n.Args {
			args[i] = s.expr(a)
		}
		if (op == ir.Min || op == ir.Max) && len(args) > 2 {
			e := args[0]
			for _, a := range args[1:] {
				e = algebra.Apply(op, e, a)
			}
			return e
		}
		return algebra.Apply(op, args...)
	}
	panic(fmt.Sprintf("model: unknown expression %T", n))
}

// fixed reports whether e keeps its value during a run.
func (s *lowerScope) fixed(e ir.Expr) bool {
	ok := true
	ir.Walk(e, func(n ir.Expr) {
		switch n := n.(type) {
		case *ir.Load:
			ok = ok && s.l.prog.Vars[n.Var].Role == ir.Param
		case *ir.Time, *ir.Temp:
			ok = false
		}
	})
	return ok
}

// advance lowers the differential equations of a model by its method: lets on
// the old state, which lead to the new value of each state that has an equation.
func (s *lowerScope) advance(held *ir.Temp) (lets []ir.Stmt, next map[string]*ir.Temp, coeffs []ir.Coefficient) {
	var equations []*lang.Equation
	for _, eq := range s.model.Equations {
		if eq.Derivative {
			equations = append(equations, eq)
		}
	}
	if t, ok := tableaux[s.model.Method]; ok {
		lets, next = s.rungeKutta(t, equations, held)
		return lets, next, nil
	}
	next = map[string]*ir.Temp{}
	for _, eq := range equations {
		id := s.l.vars[s.object+"."+eq.Name]
		x := &ir.Load{Var: id}
		f := s.expr(eq.Value)
		step := algebra.Mul(algebra.Num(s.l.f.Dt), f)
		if s.model.Method == "exponential_euler" {
			a := algebra.LinearIn(id, f, s.defs).A
			if !s.fitsA(eq, a) {
				a = nil
			}
			coeffs = append(coeffs, ir.Coefficient{Var: id, A: a})
			if a != nil {
				z := algebra.Mul(a, algebra.Num(s.l.f.Dt))
				step = algebra.Mul(algebra.Mul(algebra.Num(s.l.f.Dt), algebra.Apply(ir.Exprel, z)), f)
			}
		}
		var value ir.Expr = algebra.Add(x, step)
		if held != nil && eq.UnlessRefractory {
			value = &ir.Select{If: held, Then: x, Else: value}
		}
		t := s.l.newTemp(false)
		s.lets = append(s.lets, &ir.Let{Temp: t, Name: "new_" + eq.Name, Expr: value, At: eq.At})
		next[eq.Name] = t
	}
	return algebra.Share(s.allLets(), s.l.newTemp), next, coeffs
}

// stores writes the new values of states, in the order of their equations.
func (s *lowerScope) stores(next map[string]*ir.Temp) (out []ir.Stmt) {
	for _, eq := range s.model.Equations {
		if t := next[eq.Name]; eq.Derivative && t != nil {
			out = append(out, &ir.Store{Var: s.l.vars[s.object+"."+eq.Name], Expr: t, At: eq.At})
		}
	}
	return out
}

// block lowers one expression with the quantities that it reads.
func (s *lowerScope) block(n lang.Node) ir.Block {
	c := s.fresh(false)
	e := c.expr(n)
	return ir.Block{Lets: algebra.Share(c.allLets(), s.l.newTemp), Value: e}
}
