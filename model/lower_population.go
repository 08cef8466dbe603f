package model

import (
	"gpusim/model/algebra"
	"gpusim/model/ir"
	"gpusim/model/lang"
)

// declarePopulation makes the variables of a population's state, so that
// every population's exist before any statement is lowered.
func (l *lowerer) declarePopulation(p *Population) ir.Population {
	out := ir.Population{Name: p.Name, Size: p.Size, Refractory: ir.None, Flag: ir.None, Last: ir.None, Spiked: ir.None}
	state := func(name string, role ir.Role) ir.VarID {
		return l.newVar(ir.Var{Name: p.Name + "." + name, Role: role, Dim: ir.PerNeuron, Len: p.Size, Population: l.pops[p]})
	}
	for _, v := range p.Model.States {
		out.States = append(out.States, state(v.Name, ir.State))
	}
	for _, in := range p.Model.Inputs {
		out.Accums = append(out.Accums, state(in.Name, ir.Input))
	}
	if p.Model.Spike == nil {
		return out
	}
	out.HasReset = p.Model.Reset != nil
	if !out.HasReset {
		out.Flag = state("spike_condition", ir.Flag)
	}
	if p.Model.Refractory != nil {
		out.Last = state("last_spike_step", ir.Last)
	}
	return out
}

func (l *lowerer) populationScope(p *Population, side ir.Side) *lowerScope {
	return &lowerScope{l: l, object: p.Name, model: p.Model, side: side, size: p.Size, population: l.pops[p],
		values: map[string]ir.Expr{"N": algebra.Num(float64(p.Size)), "size": algebra.Num(float64(p.Size))},
		named:  map[string]*ir.Temp{}, defs: map[int]ir.Expr{}, sizes: map[string]float64{}}
}

func (l *lowerer) lowerPopulation(p *Population, out *ir.Population) {
	s := l.populationScope(p, ir.Own)
	for k, in := range l.f.Inputs {
		if in.To == p {
			out.Inputs = append(out.Inputs, l.lowerInput(k, in, p))
		}
	}
	if p.Model.Refractory != nil && p.Model.Spike != nil {
		dim := ir.One
		for _, n := range lang.Names(p.Model.Refractory) {
			if l.shapes.Params[p.Name+"."+n.Ident] != ir.One {
				dim = ir.PerNeuron
			}
		}
		v := ir.Var{Name: p.Name + ".refractory_steps", Role: ir.Param, Dim: dim, Len: 1, Population: l.pops[p]}
		if dim != ir.One {
			v.Len = p.Size
		}
		out.Refractory = l.newVar(v)
		out.IsRefractory = l.newTemp(true)
	}
	c := s.fresh(false)
	lets, next, coeffs := c.advance(out.IsRefractory)
	out.Update, out.Coeffs = append(lets, c.stores(next)...), coeffs
	if p.Model.Spike != nil {
		b := s.block(p.Model.Spike)
		out.Spike = &b
	}
	for _, a := range p.Model.Reset {
		out.Reset = append(out.Reset, s.assign(a))
	}
	for _, r := range p.Record {
		if r.Name == "spikes" {
			continue
		}
		rec := lowerRecord(p.Name, r, s)
		rec.Dim, rec.Len = ir.PerNeuron, p.Size
		out.Records = append(out.Records, rec)
	}
}

// assign lowers X op= expr to a store, with quantities as they stand when the
// statement runs.
func (s *lowerScope) assign(a *lang.Assign) ir.Stmt {
	if !s.fits(a.Value, a.At, "the statement "+a.Target.String()+" "+a.Op+" ...") {
		return &ir.Store{}
	}
	c := s.fresh(true)
	target := c.expr(a.Target).(*ir.Load)
	value := c.expr(a.Value)
	if a.Op != "=" {
		value = algebra.Apply(binaryOps[a.Op[:1]], target, value)
	}
	return &ir.Store{Var: target.Var, Expr: value, At: a.At}
}
