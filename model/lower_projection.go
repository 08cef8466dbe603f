package model

import (
	"fmt"

	"gpusim/model/algebra"
	"gpusim/model/ir"
	"gpusim/model/lang"
)

func (l *lowerer) lowerProjection(p *Projection) ir.Projection {
	if p.Connect.Kind == FixedProbability {
		l.list.Addf(p.Connect.At, "this rule of connection is not built yet in this version of gpusim")
	}
	out := ir.Projection{Name: p.Name, From: l.pops[p.From], To: l.pops[p.To], Conn: p.Conn()}
	own := &lowerScope{l: l, object: p.Name, model: p.Model, side: ir.Own, size: out.Conn.Len(), population: l.pops[p.From],
		values: map[string]ir.Expr{"N_pre": algebra.Num(float64(p.From.Size)), "N_post": algebra.Num(float64(p.To.Size))},
		named:  map[string]*ir.Temp{}, defs: map[int]ir.Expr{},
		pre: l.populationScope(p.From, ir.Pre), post: l.populationScope(p.To, ir.Post)}

	// The states stand as one a synapse until the equations show that one a
	// presynaptic neuron is enough.
	for _, v := range p.Model.States {
		out.States = append(out.States, l.newVar(ir.Var{Name: p.Name + "." + v.Name, Role: ir.State, Dim: ir.PerSynapse, Len: out.Conn.Len(), Population: l.pops[p.From]}))
	}
	why := l.whyNotCollapsed(p, own)
	if out.Collapsed = why == ""; out.Collapsed {
		for _, id := range out.States {
			l.prog.Vars[id].Dim, l.prog.Vars[id].Len = ir.PerPre, p.From.Size
		}
		if len(out.States) > 0 {
			out.Notes = append(out.Notes, fmt.Sprintf("state: one a presynaptic neuron (%d), not one a synapse (%d): it depends on pre and on shared parameters only", p.From.Size, out.Conn.Len()))
		}
	} else {
		out.Notes = append(out.Notes, fmt.Sprintf("state: one a synapse (%d): %s", out.Conn.Len(), why))
	}
	out.Update, out.Coeffs = own.fresh(false).advance(nil)
	for _, a := range p.Model.Outputs {
		out.Outputs = append(out.Outputs, l.lowerOutput(p, own, a, &out))
	}
	for _, r := range p.Record {
		rec := ir.Record{Name: p.Name + "." + r.Name, Every: max(1, r.Every), Dim: ir.PerSynapse, Len: out.Conn.Len(),
			Value: own.block(&lang.Name{At: r.At, Ident: r.Name})}
		if out.Collapsed {
			rec.Dim, rec.Len = ir.PerPre, p.From.Size
			e := own.fresh(true).expr(&lang.Name{At: r.At, Ident: r.Name})
			if algebra.Sides(e, l.prog.Vars)&(algebra.Post|algebra.Synapse) != 0 {
				rec.Dim, rec.Len = ir.PerSynapse, out.Conn.Len()
			}
		}
		out.Records = append(out.Records, rec)
	}
	return out
}

// Conn is the synapses that the projection's rule makes. Rules that draw are
// not built yet; NotBuilt reports them.
func (p *Projection) Conn() ir.Conn {
	c := ir.Conn{NPre: p.From.Size, NPost: p.To.Size}
	switch p.Connect.Kind {
	case AllToAll:
		c.Kind, c.NoSelf = ir.AllToAll, !p.Connect.Self && p.From == p.To
	case OneToOne:
		c.Kind = ir.OneToOne
	default:
		c.Kind, c.Pre, c.Post = ir.List, p.Connect.Pre, p.Connect.Post
	}
	return c
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
	s := own.fresh(true)
	for _, eq := range p.Model.Equations {
		if !eq.Derivative {
			continue
		}
		why := ""
		ir.Walk(s.expr(eq.Value), func(e ir.Expr) {
			load, ok := e.(*ir.Load)
			if !ok {
				return
			}
			v := l.prog.Vars[load.Var]
			switch {
			case load.Side == ir.Post && v.Dim != ir.One:
				why = fmt.Sprintf("d%s/dt reads post (%s)", eq.Name, v.Name)
			case v.Role == ir.Param && v.Dim == ir.PerSynapse:
				why = fmt.Sprintf("d%s/dt reads %s, which is set per synapse", eq.Name, v.Name)
			}
		})
		if why != "" {
			return why
		}
	}
	return ""
}

func (l *lowerer) lowerOutput(p *Projection, own *lowerScope, a *lang.Assign, out *ir.Projection) ir.Output {
	o := ir.Output{Target: l.vars[p.To.Name+"."+a.Target.Ident], At: a.At, Form: ir.Rows}
	e := own.fresh(true).expr(a.Value)
	if a.Op == "-=" {
		e = algebra.Neg(e)
	}
	what := "output to " + a.Target.String() + ": "
	terms, factors := algebra.Factor(e, l.prog.Vars)
	if l.shapes.PerSynapse || !factors {
		reason := "it does not factor into a source side times a post side"
		if l.shapes.PerSynapse {
			reason = "asked for"
		}
		out.Notes = append(out.Notes, what+"summed synapse by synapse: "+reason)
		o.Terms = []ir.Term{{Source: ir.Block{Value: e}, Post: ir.Block{Value: algebra.Num(1)}}}
		return o
	}
	perSynapse := false
	for _, t := range terms {
		o.Terms = append(o.Terms, ir.Term{Source: ir.Block{Value: t.Source}, Post: ir.Block{Value: t.Post}})
		perSynapse = perSynapse || algebra.Sides(t.Source, l.prog.Vars)&algebra.Synapse != 0
	}
	switch {
	case out.Conn.Kind == ir.AllToAll && !perSynapse:
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
