package algebra

import "gpusim/model/ir"

// Reads is a set of the sides of a synapse that an expression depends on.
type Reads uint8

// The sides of a synapse.
const (
	Source  Reads = 1 << iota // pre's variables and the synapse's own
	Post                      // post's variables
	Synapse                   // something that differs among the synapses of one pre neuron
)

// Sides finds what e depends on. Its temporaries have been substituted.
func Sides(e ir.Expr, vars []ir.Var) Reads {
	var r Reads
	ir.Walk(e, func(n ir.Expr) {
		load, ok := n.(*ir.Load)
		if !ok {
			return
		}
		switch {
		case load.Side == ir.Pre && vars[load.Var].Dim != ir.One:
			r |= Source
		case load.Side == ir.Post && vars[load.Var].Dim != ir.One:
			r |= Post
		case vars[load.Var].Dim == ir.PerPre:
			r |= Source
		case vars[load.Var].Dim == ir.PerSynapse:
			r |= Source | Synapse
		}
	})
	return r
}

// maxTerms bounds the number of sums an output may be taken apart into.
const maxTerms = 4

// Term is one product of a source side and a post side.
type Term struct{ Source, Post ir.Expr }

// Factor writes e as a sum of products (source side) x (post side), so that
// the source sides can be summed over the synapses first. What depends on
// neither stands on the post side, where it is multiplied once.
func Factor(e ir.Expr, vars []ir.Var) ([]Term, bool) {
	r := Sides(e, vars)
	if r&Source == 0 {
		return []Term{{Num(1), e}}, true
	}
	a, ok := e.(*ir.Apply)
	if !ok {
		return []Term{{e, Num(1)}}, r&Post == 0
	}
	switch a.Op {
	case ir.Neg:
		ts, ok := Factor(a.Args[0], vars)
		return mapTerms(ts, func(t Term) Term { return Term{t.Source, Neg(t.Post)} }), ok
	case ir.Mul:
		xs, ok1 := Factor(a.Args[0], vars)
		ys, ok2 := Factor(a.Args[1], vars)
		if !ok1 || !ok2 || len(xs)*len(ys) > maxTerms {
			return nil, false
		}
		var out []Term
		for _, x := range xs {
			for _, y := range ys {
				out = append(out, Term{Mul(x.Source, y.Source), Mul(x.Post, y.Post)})
			}
		}
		return merge(out), true
	case ir.Div:
		d := a.Args[1]
		ts, ok := Factor(a.Args[0], vars)
		switch dr := Sides(d, vars); {
		case !ok:
		case dr&Source == 0:
			return mapTerms(ts, func(t Term) Term { return Term{t.Source, Div(t.Post, d)} }), true
		case dr&Post == 0:
			return mapTerms(ts, func(t Term) Term { return Term{Div(t.Source, d), t.Post} }), true
		}
	case ir.Add, ir.Sub:
		if r&Post == 0 {
			break // a sum of the source side alone needs one sum
		}
		xs, ok1 := Factor(a.Args[0], vars)
		ys, ok2 := Factor(a.Args[1], vars)
		if !ok1 || !ok2 {
			return nil, false
		}
		if a.Op == ir.Sub {
			ys = mapTerms(ys, func(t Term) Term { return Term{t.Source, Neg(t.Post)} })
		}
		out := merge(append(xs, ys...))
		return out, len(out) <= maxTerms
	}
	if r&Post == 0 {
		return []Term{{e, Num(1)}}, true
	}
	return nil, false
}

func mapTerms(ts []Term, f func(Term) Term) []Term {
	out := make([]Term, len(ts))
	for i, t := range ts {
		out[i] = f(t)
	}
	return out
}

// merge adds up the terms that share a source side.
func merge(ts []Term) []Term {
	var out []Term
next:
	for _, t := range ts {
		for i := range out {
			if ir.Equal(out[i].Source, t.Source) {
				out[i].Post = Add(out[i].Post, t.Post)
				continue next
			}
		}
		out = append(out, t)
	}
	return out
}
