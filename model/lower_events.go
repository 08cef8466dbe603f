package model

import (
	"fmt"

	"gpusim/model/algebra"
	"gpusim/model/ir"
	"gpusim/model/lang"
)

// lowerUpdate lowers the continuous update of a projection and the statements
// of on_pre. Those that change the synapse's own states follow its update and
// are selected where a spike arrives; those that add to post become Events, which
// read states as they stood when their statement's turn came.
func (l *lowerer) lowerUpdate(p *Projection, own *lowerScope, out *ir.Projection) {
	c := own.fresh(false)
	lets, next, coeffs := c.advance(nil)
	out.Coeffs = coeffs
	if len(p.Model.OnPre) == 0 {
		out.Update = append(lets, c.stores(next)...)
		return
	}
	arrives := l.arrives(p, out.Delay-1)
	current := map[string]ir.Expr{}
	for name, t := range next {
		current[name] = t
	}
	value := func(name string) ir.Expr {
		if e, ok := current[name]; ok {
			return e
		}
		return &ir.Load{Var: l.vars[p.Name+"."+name]}
	}
	type event struct {
		a     *lang.Assign
		stood map[string]ir.Expr // the states that had been changed by then
	}
	var events []event
	changed := map[ir.VarID]bool{} // what statements so far add to
	for _, a := range p.Model.OnPre {
		stood := map[string]ir.Expr{}
		for name, e := range current {
			stood[name] = e
		}
		if a.Target.Owner == "post" {
			events = append(events, event{a, stood})
			changed[l.vars[p.To.Name+"."+a.Target.Ident]] = true
			continue
		}
		name := a.Target.Ident
		s := own.at(stood, 0)
		s.pre, s.post = own.pre.fresh(false), own.post.fresh(false)
		e := s.expr(a.Value)
		if a.Op != "=" {
			e = algebra.Apply(binaryOps[a.Op[:1]], value(name), e)
		}
		own := s.takeLets()
		l.checkStale(a, append(own, &ir.Let{Expr: e}), changed)
		lets = append(lets, own...)
		t := l.newTemp(false)
		lets = append(lets, &ir.Let{Temp: t, Name: name + "_after", At: a.At, Expr: &ir.Select{If: arrives, Then: e, Else: value(name)}})
		current[name] = t
	}
	out.Update = algebra.Share(lets, l.newTemp)
	for _, v := range p.Model.States {
		if e, ok := current[v.Name]; ok {
			out.Update = append(out.Update, &ir.Store{Var: l.vars[p.Name+"."+v.Name], Expr: e, At: v.At})
		}
	}
	hidden := map[ir.Expr]ir.VarID{}
	for _, ev := range events {
		read := map[string]bool{}
		l.statesRead(p.Model, ev.a.Value, read)
		stage := map[string]ir.Expr{}
		for _, v := range p.Model.States {
			was := ev.stood[v.Name]
			if !read[v.Name] || was == current[v.Name] {
				continue // as stored at the end
			}
			if was == nil {
				was = &ir.Load{Var: l.vars[p.Name+"."+v.Name]} // before this step's stores
			}
			id, ok := hidden[was]
			if !ok {
				id = l.hiddenState(p, out, v.Name, len(hidden))
				hidden[was] = id
				out.Update = insertStore(out.Update, &ir.Store{Var: id, Expr: was, At: ev.a.At})
			}
			stage[v.Name] = &ir.Load{Var: id}
		}
		s := own.at(stage, 0)
		s.inlined = true
		s.pre, s.post = own.pre.fresh(true), own.post.fresh(true)
		out.Events = append(out.Events, l.lowerOutput(p, s, ev.a, out, arrives))
	}
}

// checkStale reports a statement that changes the synapse and reads what a
// statement before it has added to: what is of the synapse is done first, and
// would find the value from before.
func (l *lowerer) checkStale(a *lang.Assign, list []ir.Stmt, changed map[ir.VarID]bool) {
	reported := false
	for _, st := range list {
		ir.Walk(st.(*ir.Let).Expr, func(e ir.Expr) {
			load, ok := e.(*ir.Load)
			if !ok || load.Ago > 0 || !changed[load.Var] || reported {
				return
			}
			reported = true
			l.list.Addf(a.At, "this reads %s after a statement above has added to it, which is not built", l.prog.Vars[load.Var].Name).Hint =
				"put it above that statement"
		})
	}
}

// insertStore puts a store before the others of a list: it may read states as
// they were.
func insertStore(list []ir.Stmt, s *ir.Store) []ir.Stmt {
	at := 0
	for at < len(list) {
		if _, ok := list[at].(*ir.Store); ok {
			break
		}
		at++
	}
	return append(list[:at:at], append([]ir.Stmt{s}, list[at:]...)...)
}

// statesRead adds the states that an expression reads, through quantities too.
func (l *lowerer) statesRead(m *Model, x lang.Node, read map[string]bool) {
	for _, n := range lang.Names(x) {
		if n.Owner != "" || read[n.Ident] {
			continue
		}
		read[n.Ident] = true
		if q := m.Quantity(n.Ident); q != nil {
			l.statesRead(m, q.Value, read)
		}
	}
}

// hiddenState makes a state that keeps the value that a state of the synapse
// had between two statements of an event.
func (l *lowerer) hiddenState(p *Projection, out *ir.Projection, name string, k int) ir.VarID {
	v := l.prog.Vars[l.vars[p.Name+"."+name]]
	v.Name, v.Hidden = fmt.Sprintf("%s.%s@%d", p.Name, name, k), true
	id := l.newVar(v)
	out.States = append(out.States, id)
	return id
}

// arrives is the condition that a spike of the presynaptic neuron arrives.
func (l *lowerer) arrives(p *Projection, ago int) ir.Expr {
	pop := &l.prog.Populations[l.pops[p.From]]
	if p.From.Model.Spike == nil {
		l.list.Addf(p.At, "%s has on_pre, but %s (of model %s) has no spike condition: no spike ever arrives", p.Model.Name, p.From.Name, p.From.Model.Name)
		return algebra.Apply(ir.Ne, algebra.Num(0), algebra.Num(0))
	}
	if pop.Spiked == ir.None {
		pop.Spiked = l.newVar(ir.Var{Name: p.From.Name + ".spiked", Role: ir.Spiked, Dim: ir.PerNeuron, Len: p.From.Size, Population: l.pops[p.From], Hidden: true})
	}
	return algebra.Apply(ir.Ne, &ir.Load{Var: pop.Spiked, Side: ir.Pre, Ago: ago}, algebra.Num(0))
}

// maxLine is the most values that a delay line holds.
const maxLine = 1 << 28

// declareLines makes the delay lines that loads with an Ago read.
func (l *lowerer) declareLines() {
	longest := map[ir.VarID]int{}
	for i := range l.prog.Projections {
		l.prog.Projections[i].Exprs(func(e ir.Expr) {
			ir.Walk(e, func(n ir.Expr) {
				if load, ok := n.(*ir.Load); ok && load.Ago > 0 {
					longest[load.Var] = max(longest[load.Var], load.Ago)
				}
			})
		})
	}
	for v := range ir.VarID(len(l.prog.Vars)) {
		ago := longest[v]
		if ago == 0 {
			continue
		}
		of := l.prog.Vars[v]
		rows := ago + 2
		if n := int64(rows) * int64(of.Len); n > maxLine {
			l.list.Addf(l.f.Populations[of.Population].At, "a delay of %d steps keeps %d values of %s, which take %s bytes; the most is %d values", ago+1, n, of.Name, whole(8*float64(n)), maxLine)
			continue
		}
		line := l.newVar(ir.Var{Name: of.Name + ".line", Role: ir.Line, Dim: ir.PerRow, Len: rows * of.Len, Rows: rows, Population: of.Population, Hidden: of.Hidden})
		pop := &l.prog.Populations[of.Population]
		pop.Lines = append(pop.Lines, ir.DelayLine{Of: v, Line: line})
	}
}
