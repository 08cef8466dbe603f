package shaders

import (
	"fmt"

	"gpusim/model/ir"
)

// Where synapses have state of their own, memory is what a step costs: their sum
// is added up as they are advanced, so that each state is read once and written
// once.

// sumsAsUpdated reports whether the sum of a projection's output is added up in
// the loop that advances its synapses. It has to be the same there as after all
// events: what it reads of the postsynaptic neuron must not be changed by them.
func sumsAsUpdated(p *ir.Program, j int) bool {
	pr := &p.Projections[j]
	if !ownUpdate(pr) || len(pr.Outputs) != 1 || len(pr.Outputs[0].Terms) != 1 ||
		pr.Outputs[0].Form != ir.Rows || maxRow(&pr.Conn) < 2 {
		return false
	}
	changed := map[ir.VarID]bool{}
	for i := range p.Projections {
		for _, list := range [][]ir.Output{p.Projections[i].Events, p.Projections[i].Outputs} {
			for _, o := range list {
				changed[o.Target] = true
			}
		}
	}
	same := true
	look := func(e ir.Expr) {
		ir.Walk(e, func(n ir.Expr) {
			if l, ok := n.(*ir.Load); ok && l.Side == ir.Post && changed[l.Var] {
				same = false
			}
		})
	}
	source := &pr.Outputs[0].Terms[0].Source
	for _, s := range source.Lets {
		look(s.(*ir.Let).Expr)
	}
	look(source.Value)
	return same
}

// update advances the synapse at hand; its context then has what it became.
func (k *kernel) update(j int, c *context) {
	before := c.load
	fresh := map[ir.VarID]string{}
	c.load = func(l *ir.Load) string {
		if name, ok := fresh[l.Var]; ok {
			return name
		}
		return before(l)
	}
	var stored []*ir.Store
	k.stmts(c, k.p.Projections[j].Update, func(s *ir.Store, value string) {
		if fresh[s.Var] == "" {
			stored = append(stored, s)
		}
		fresh[s.Var] = k.ident("fresh_", k.p.Vars[s.Var].Name)
		k.line("precise float %s = %s;", fresh[s.Var], value)
	})
	k.open("if (valid && own)")
	for _, s := range stored {
		k.from(s.At, "%s = floatBitsToUint(%s);", k.stateAt(s.Var, "at"), fresh[s.Var])
		if k.synapseLoads != nil {
			continue // the stepped form looks for what is not finite by itself
		}
		k.used["gs_finite"] = true
		k.line("if (!gs_finite(%s)) bad = min(bad, ((u - 1u) >> 5) << 22 | min(%du + at, %du));", fresh[s.Var], k.layout.State[s.Var], badElements)
	}
	k.close()
}

// updatedSum advances the synapses of the row and sums the projection's output.
func (k *kernel) updatedSum(j int, name string) {
	k.used["gs_tree"] = true
	k.line("// synapses of %s", k.p.Projections[j].Name)
	k.line("precise float %s;", columnList("b", " = 0.0"))
	k.updatedColumns(j, "0u")
	k.line("%s = gs_tree(%s);", name, columnList("b", ""))
}

// updatedColumns does so for the synapses from one that begins a tile on, and adds
// to the columns b0 to b7. A loop over the columns keeps the update's code short;
// to the columns that a synapse is not of it adds 0, which changes none: they begin
// with 0, and no sum of numbers that are not all -0 is -0.
func (k *kernel) updatedColumns(j int, from string) {
	source := &k.p.Projections[j].Outputs[0].Terms[0].Source
	k.open("for (uint s = %s; s < length; s += %du)", from, tile)
	k.line("++trips;")
	k.line("precise float %s;", columnList("a", " = 0.0"))
	k.open("for (uint e = 0u; e < %du && s + e < length; ++e)", tile)
	k.line("++trips;")
	k.synapse(j, "s + e")
	c := k.synapseContext(j)
	k.update(j, c)
	value := k.block(c, source)
	k.line("precise float value = valid ? %s : 0.0;", value)
	for col := range columns {
		k.line("a%d += (e & %du) == %du ? value : 0.0;", col, columns-1, col)
	}
	k.close()
	for col := range columns {
		k.line("b%d += a%d;", col, col)
	}
	k.close()
}

// updatedCost is what that takes of a row of n synapses.
func updatedCost(n int) cost {
	c := cost{}
	for at := 0; at < n; at += tile {
		c = c.and(cost{1 + loopOf(min(tile, n-at), cost{}).active, 0})
	}
	return c.and(cost{2, 2}) // the ends of both loops, masked
}

// updatedTrips is what its loops count.
func updatedTrips(length string) string {
	return fmt.Sprintf("((%s + %du) >> 7) + %s", length, tile-1, length)
}
