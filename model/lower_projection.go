package model

import (
	"fmt"

	"gpusim/model/algebra"
	"gpusim/model/ir"
	"gpusim/model/lang"
)

func (l *lowerer) lowerProjection(p *Projection) ir.Projection {
	out := ir.Projection{Name: p.Name, From: l.pops[p.From], To: l.pops[p.To], Conn: *l.f.Conn(p)}
	out.PreStart, _ = p.From.Span(p.FromGroup)
	out.PostStart, _ = p.To.Span(p.ToGroup)
	steps, problem := l.f.DelaySteps(p)
	if problem != nil {
		l.list.Problems = append(l.list.Problems, problem)
	}
	out.Delay = int(steps)
	nPre := out.Conn.NPre
	own := &lowerScope{l: l, object: p.Name, model: p.Model, side: ir.Own, size: out.Conn.Len(), population: l.pops[p.From],
		values: map[string]ir.Expr{"N_pre": algebra.Num(float64(nPre)), "N_post": algebra.Num(float64(out.Conn.NPost))},
		named:  map[string]*ir.Temp{}, defs: map[int]ir.Expr{}, sizes: map[string]float64{},
		pre: l.populationScope(p.From, ir.Pre), post: l.populationScope(p.To, ir.Post)}
	own.pre.ago = out.Delay - 1

	// The states stand as one a synapse until the equations show that one a
	// presynaptic neuron is enough.
	for _, v := range p.Model.States {
		out.States = append(out.States, l.newVar(ir.Var{Name: p.Name + "." + v.Name, Role: ir.State, Dim: ir.PerSynapse, Len: out.Conn.Len(), Population: l.pops[p.From]}))
	}
	why := l.whyNotCollapsed(p, own)
	if out.Collapsed = why == ""; out.Collapsed {
		for _, id := range out.States {
			l.prog.Vars[id].Dim, l.prog.Vars[id].Len = ir.PerPre, nPre
		}
		if len(out.States) > 0 {
			out.Notes = append(out.Notes, fmt.Sprintf("state: one a presynaptic neuron (%d), not one a synapse (%d): it depends on pre and on shared parameters only", nPre, out.Conn.Len()))
		}
	} else {
		out.Notes = append(out.Notes, fmt.Sprintf("state: one a synapse (%d): %s", out.Conn.Len(), why))
	}
	if out.Delay > 1 {
		out.Notes = append(out.Notes, fmt.Sprintf("delay: %d steps", out.Delay))
	}
	l.lowerUpdate(p, own, &out)
	for _, a := range p.Model.Outputs {
		out.Outputs = append(out.Outputs, l.lowerOutput(p, own.fresh(true), a, &out, nil))
	}
	for _, r := range p.Record {
		rec := ir.Record{Name: p.Name + "." + r.Name, Every: max(1, r.Every), Dim: ir.PerSynapse, Len: out.Conn.Len(),
			Value: own.block(&lang.Name{At: r.At, Ident: r.Name})}
		if out.Collapsed {
			rec.Dim, rec.Len = ir.PerPre, nPre
			sides := algebra.Sides(rec.Value.Value, l.prog.Vars)
			for _, let := range rec.Value.Lets {
				sides |= algebra.Sides(let.(*ir.Let).Expr, l.prog.Vars)
			}
			if sides&(algebra.Post|algebra.Synapse) != 0 {
				rec.Dim, rec.Len = ir.PerSynapse, out.Conn.Len()
			}
		}
		out.Records = append(out.Records, rec)
	}
	return out
}

// whyNotCollapsed says what makes the states of two synapses of one
// presynaptic neuron differ, or "" where nothing does.
func (l *lowerer) whyNotCollapsed(p *Projection, own *lowerScope) string {
	if l.shapes.PerSynapse {
		return "asked for"
	}
	for _, v := range p.Model.States {
		if l.shapes.Unequal[p.Name+"."+v.Name] {
			return fmt.Sprintf("%s does not start equal for each presynaptic neuron", v.Name)
		}
	}
	temps := l.prog.Temps
	defer func() { l.prog.Temps = temps }() // what is lowered here is only looked at
	changes := map[string]lang.Node{}
	var order []string
	add := func(what string, n lang.Node) {
		changes[what] = n
		order = append(order, what)
	}
	for _, eq := range p.Model.Equations {
		if eq.Derivative {
			add("d"+eq.Name+"/dt", eq.Value)
		}
	}
	for i, a := range p.Model.OnPre {
		if a.Target.Owner == "" {
			add(fmt.Sprintf("statement %d of on_pre", i+1), a.Value)
		}
	}
	for _, what := range order {
		why := ""
		look := func(e ir.Expr) {
			load, ok := e.(*ir.Load)
			if !ok {
				return
			}
			v := l.prog.Vars[load.Var]
			switch {
			case load.Side == ir.Post && v.Dim != ir.One:
				why = fmt.Sprintf("%s reads post (%s)", what, v.Name)
			case v.Role == ir.Param && v.Dim == ir.PerSynapse:
				why = fmt.Sprintf("%s reads %s, which is set per synapse", what, v.Name)
			}
		}
		s := own.fresh(false)
		e := s.expr(changes[what])
		for _, let := range s.allLets() {
			ir.Walk(let.(*ir.Let).Expr, look)
		}
		ir.Walk(e, look)
		if why != "" {
			return why
		}
	}
	return ""
}

// lowerOutput lowers what a projection adds to post: an output, or a statement
// of on_pre, whose sources are 0 where no spike arrives. The scope substitutes
// quantities.
func (l *lowerer) lowerOutput(p *Projection, s *lowerScope, a *lang.Assign, out *ir.Projection, arrives ir.Expr) ir.Output {
	o := ir.Output{Target: l.vars[p.To.Name+"."+a.Target.Ident], At: a.At, Form: ir.Rows}
	what := "output to " + a.Target.String()
	if arrives != nil {
		what = "event to " + a.Target.String()
	}
	if !s.fits(a.Value, a.At, "the "+what) {
		return o
	}
	what += ": "
	e := s.expr(a.Value)
	source := func(e ir.Expr) ir.Block {
		if arrives != nil {
			e = &ir.Select{If: arrives, Then: e, Else: algebra.Num(0)}
		}
		return ir.Block{Value: e}
	}
	if a.Op == "-=" {
		e = algebra.Neg(e)
	}
	terms, factors := algebra.Factor(e, l.prog.Vars)
	perSynapse := false
	for _, t := range terms {
		perSynapse = perSynapse || algebra.Sides(t.Source, l.prog.Vars)&algebra.Synapse != 0
	}
	total := out.Conn.Kind == ir.AllToAll && !perSynapse
	reason := ""
	switch {
	case l.shapes.PerSynapse:
		reason = "asked for"
	case !factors:
		reason = "it does not factor into a source side times a post side"
	case !total && arrives == nil && len(terms) > 1:
		// Each term would walk the same synapses.
		reason = fmt.Sprintf("one walk over them, not %d", len(terms))
	}
	if reason != "" {
		out.Notes = append(out.Notes, what+"summed synapse by synapse: "+reason)
		o.Terms = []ir.Term{{Source: source(e), Post: ir.Block{Value: algebra.Num(1)}}}
		return o
	}
	for _, t := range terms {
		o.Terms = append(o.Terms, ir.Term{Source: source(t.Source), Post: ir.Block{Value: t.Post}})
	}
	switch {
	case total:
		o.Form = ir.Total
		note := "one sum over the presynaptic neurons"
		if out.Conn.NoSelf {
			note += " minus the neuron's own"
		}
		out.Notes = append(out.Notes, what+note)
	case out.Conn.Kind == ir.AllToAll:
		out.Notes = append(out.Notes, what+"a matrix-vector product: the source side is set per synapse")
	case out.Conn.Kind == ir.OneToOne:
		out.Notes = append(out.Notes, what+"one synapse a neuron")
	default:
		out.Notes = append(out.Notes, what+"a sparse matrix-vector product over the pairs")
	}
	for _, t := range o.Terms {
		out.Notes = append(out.Notes, fmt.Sprintf("  sum of %s, times %s", l.prog.ExprString(t.Source.Value), l.prog.ExprString(t.Post.Value)))
	}
	return o
}
