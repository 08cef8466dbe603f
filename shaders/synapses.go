package shaders

import (
	"fmt"
	"strings"

	"gpusim/model/ir"
)

// synapses prints the synaptic phase for the neuron at hand of population pi:
// the projections that end there, in file order, from the values published in
// the step before.
func (k *kernel) synapses(pi int) {
	c := k.locals()
	c.time = synapseTime
	p := &k.p.Populations[pi]
	for _, a := range p.Accums {
		k.line("%s = 0.0;", k.local(a))
	}
	for _, j := range k.into(pi) {
		pr := &k.p.Projections[j]
		if k.hasRows(pr) {
			k.open("") // the row's names are of this projection only
			k.rowBegin(j)
		}
		if ownUpdate(pr) {
			k.rowUpdate(j)
		}
		for oi := range pr.Outputs {
			k.output(j, oi, c)
		}
		k.rowRecords(j)
		if k.hasRows(pr) {
			k.close()
		}
	}
}

// hasRows reports whether a projection is walked synapse by synapse.
func (k *kernel) hasRows(pr *ir.Projection) bool {
	if ownUpdate(pr) {
		return true
	}
	for i := range pr.Outputs {
		if pr.Outputs[i].Form == ir.Rows {
			return true
		}
	}
	for i := range pr.Records {
		if pr.Records[i].Dim == ir.PerSynapse {
			return true
		}
	}
	return false
}

func (k *kernel) output(j, oi int, c *context) {
	pr := &k.p.Projections[j]
	o := &pr.Outputs[oi]
	sums := make([]string, len(o.Terms))
	for ti := range o.Terms {
		t := &o.Terms[ti]
		if o.Form == ir.Total {
			sums[ti] = fmt.Sprintf("total_%d_%d_%d", j, oi, ti)
			if pr.Conn.NoSelf {
				sums[ti] = "(" + sums[ti] + " - " + k.block(c, &t.Source) + ")"
			}
		} else {
			sums[ti] = fmt.Sprintf("row_%d_%d", oi, ti)
			k.rowSum(j, sums[ti], &t.Source)
		}
	}
	k.add(o, c, sums)
}

// add adds the sums of an output's terms, each times its post side, to the
// target. All are evaluated before the first is added: a post side may read
// the target.
func (k *kernel) add(o *ir.Output, c *context, sums []string) {
	target := k.local(o.Target)
	values := make([]string, len(sums))
	for ti, sum := range sums {
		if post := k.block(c, &o.Terms[ti].Post); post != "1.0" {
			sum += "*(" + post + ")"
		}
		if values[ti] = sum; len(sums) > 1 {
			values[ti] = k.ident("x_", fmt.Sprint(k.unnamed))
			k.unnamed++
			k.line("precise float %s = %s;", values[ti], sum)
		}
	}
	for _, value := range values {
		k.from(o.At, "%s += %s;", target, value)
	}
}

// rowBegin names the row of synapses of the neuron at hand: its length, and
// where it begins.
func (k *kernel) rowBegin(j int) {
	pr := &k.p.Projections[j]
	switch pr.Conn.Kind {
	case ir.AllToAll:
		k.line("uint length = %du;", pr.Conn.NPre)
	case ir.OneToOne:
		k.line("uint length = 1u;")
	default:
		at := k.layout.Rows[j]
		k.line("uint begin = C[%du + i];", at.rows)
		k.line("uint length = C[%du + i] - begin;", at.rows+1)
	}
}

// maxRow is the length of the longest row of a projection.
func maxRow(c *ir.Conn) int {
	switch c.Kind {
	case ir.AllToAll:
		return c.NPre
	case ir.OneToOne:
		return 1
	}
	longest, count := 0, make([]int, c.NPost)
	for _, p := range c.Post {
		count[p]++
		longest = max(longest, count[p])
	}
	return longest
}

// synapse names the ends and the number of synapse number pos of the row.
// valid says whether there is one.
func (k *kernel) synapse(j int, pos string) {
	pr := &k.p.Projections[j]
	n := pr.Conn.NPost
	switch pr.Conn.Kind {
	case ir.AllToAll:
		k.line("uint pre = min(%s, %du);", pos, pr.Conn.NPre-1)
		if pr.Conn.NoSelf {
			k.line("bool valid = %s < length && pre != i;", pos)
			// Where i is pre's own place there is no synapse and the number
			// is another's, which is not used.
			k.line("uint syn = min(pre*%du + i - (i > pre ? 1u : 0u), %du);", n-1, max(0, pr.Conn.Len()-1))
		} else {
			k.line("bool valid = %s < length;", pos)
			k.line("uint syn = pre*%du + i;", n)
		}
	case ir.OneToOne:
		k.line("bool valid = %s < length;", pos)
		k.line("uint pre = i, syn = i;")
	default:
		at := k.layout.Rows[j]
		k.line("bool valid = %s < length;", pos)
		k.line("uint place = begin + (valid ? %s : 0u);", pos)
		k.line("uint pre = valid ? C[%du + place] : 0u;", at.pre)
		k.line("uint syn = valid ? C[%du + place] : 0u;", at.syn)
	}
}

// synapseContext prints expressions about one synapse: what is
// not of the synapse or of pre is of the post neuron, which is at hand.
func (k *kernel) synapseContext() *context {
	if k.synapseLoads != nil {
		return k.synapseLoads()
	}
	c := k.locals()
	c.time = synapseTime
	post := c.load
	c.load = func(l *ir.Load) string {
		v := &k.p.Vars[l.Var]
		switch {
		case v.Dim == ir.PerSynapse && v.Role == ir.Param:
			return k.paramAt(l.Var, "syn")
		case v.Dim == ir.PerSynapse:
			return "uintBitsToFloat(" + k.stateAt(l.Var, "syn") + ")"
		case v.Dim == ir.PerNeuron && v.Role == ir.Param && l.Side == ir.Pre:
			return k.paramAt(l.Var, "pre")
		case v.Dim == ir.PerPre, v.Dim == ir.PerNeuron && l.Side == ir.Pre:
			// Published in the step before this one.
			return fmt.Sprintf("pub_%s[((u + 1u) & 1u)*%du + pre]", k.name(l.Var), v.Len)
		}
		return post(l)
	}
	return c
}

// rowUpdate advances the synapses of the row that have state of their own.
func (k *kernel) rowUpdate(j int) {
	pr := &k.p.Projections[j]
	k.line("// synapses of %s", pr.Name)
	k.open("for (uint s = 0u; s < length; ++s)")
	k.line("++trips;")
	k.synapse(j, "s")
	k.open("if (valid && own)")
	c := k.synapseContext()
	k.stmts(c, pr.Update, func(s *ir.Store, value string) {
		k.line("precise float fresh_%s = %s;", k.name(s.Var), value)
		k.from(s.At, "%s = floatBitsToUint(fresh_%s);", k.stateAt(s.Var, "syn"), k.name(s.Var))
		k.used["gs_finite"] = true
		k.line("if (!gs_finite(fresh_%s)) bad = min(bad, ((u - 1u) >> 5) << 22 | min(%du + syn, %du));", k.name(s.Var), k.layout.State[s.Var], badElements)
	})
	k.close()
	k.close()
}

// rowSum sums a value over the row in the canonical order.
func (k *kernel) rowSum(j int, name string, b *ir.Block) {
	pr := &k.p.Projections[j]
	k.used["gs_tree"] = true
	longest := maxRow(&pr.Conn)
	k.line("precise float %s = 0.0;", name)
	if longest == 1 {
		k.open("")
		k.synapse(j, "0u")
		c := k.synapseContext()
		value := k.block(c, b)
		k.line("%s += valid ? %s : 0.0;", name, value)
		k.close()
		return
	}
	k.open("") // its own names
	k.line("precise float %s;", columnList("b", " = 0.0"))
	k.rowColumns(j, "0u", b)
	k.line("%s = gs_tree(%s);", name, columnList("b", ""))
	k.close()
}

// columnList lists the names of eight columns, each with what follows it.
func columnList(letter, after string) string {
	names := make([]string, columns)
	for c := range names {
		names[c] = fmt.Sprintf("%s%d%s", letter, c, after)
	}
	return strings.Join(names, ", ")
}

// rowColumns adds a value of the synapses of the row, from one that begins a
// tile on, to the columns b0 to b7.
func (k *kernel) rowColumns(j int, from string, b *ir.Block) {
	k.open("for (uint s = %s; s < length; s += %du)", from, tile)
	k.line("++trips;")
	k.line("precise float %s;", columnList("a", " = 0.0"))
	k.open("for (uint e = 0u; e < %du && s + e*%du < length; ++e)", rows, columns)
	k.line("++trips;")
	for c := range columns {
		k.open("")
		k.synapse(j, fmt.Sprintf("s + e*%du + %du", columns, c))
		value := k.block(k.synapseContext(), b)
		k.line("a%d += valid ? %s : 0.0;", c, value)
		k.close()
	}
	k.close()
	for c := range columns {
		k.line("b%d += a%d;", c, c)
	}
	k.close()
}

// rowRecords writes what is recorded of each synapse of the row. The synaptic
// phase runs one step later: u counts from 1 here.
func (k *kernel) rowRecords(j int) {
	pr := &k.p.Projections[j]
	for ri := range pr.Records {
		r := &pr.Records[ri]
		if r.Dim != ir.PerSynapse {
			continue
		}
		n := k.recordIndex(r)
		row := k.openRow(n, r, "(u - 1u)")
		k.open("for (uint s = 0u; s < length; ++s)") // not counted: not every step records
		k.synapse(j, "s")
		value := k.block(k.synapseContext(), &r.Value)
		k.line("if (valid && own) R[u_row_%d + (%s*u_instances + inst)*%du + syn] = %s;", n, row, r.Len, value)
		k.close()
		k.close()
	}
}
