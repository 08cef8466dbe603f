package shaders

import (
	"fmt"
	"regexp"
	"strings"

	"gpusim/model/ir"
)

// synapses prints the synaptic phase for the neuron at hand of population pi,
// from the values published in the step before: the updates and events of the
// projections that end there, in file order, then their outputs, then what is
// recorded of synapses.
func (k *kernel) synapses(pi int) {
	c := k.locals()
	c.time = synapseTime
	for _, a := range k.p.Populations[pi].Accums {
		k.line("%s = 0.0;", k.local(a))
	}
	for _, j := range k.into(pi) {
		pr := &k.p.Projections[j]
		switch {
		case sumsAsUpdated(k.p, j):
			sum := "row_" + summed(j, pr)[len(pr.Events)].term(0)
			k.line("precise float %s = 0.0;", sum)
			k.toPost(j, true, func() { k.updatedSum(j, sum) })
		case ownUpdate(pr):
			k.toPost(j, true, func() { k.rowUpdate(j) })
		}
		k.outputs(j, c, summed(j, pr)[:len(pr.Events)], false)
	}
	for _, j := range k.into(pi) {
		pr := &k.p.Projections[j]
		k.outputs(j, c, summed(j, pr)[len(pr.Events):], sumsAsUpdated(k.p, j))
	}
	for _, j := range k.into(pi) {
		if recordsSynapses(&k.p.Projections[j]) {
			k.toPost(j, true, func() { k.rowRecords(j) })
		}
	}
}

// toPost prints what a projection does at the neuron at hand, which may be
// none of the group that it ends at. rows: synapse by synapse.
func (k *kernel) toPost(j int, rows bool, print func()) {
	pr := &k.p.Projections[j]
	has := k.inSpan(pr.To, pr.PostStart, pr.Conn.NPost)
	if rows && k.copies(k.p.Populations[pr.To].Size) {
		has = ownAnd(has) // what is past the end of the population has no synapses
	}
	switch {
	case has != "":
		k.open("if (%s)", has)
	case rows:
		k.open("") // the row's names are of this projection only
	}
	if rows {
		k.rowBegin(j)
	}
	print()
	if rows || has != "" {
		k.close()
	}
}

func recordsSynapses(pr *ir.Projection) bool {
	for i := range pr.Records {
		if pr.Records[i].Dim == ir.PerSynapse {
			return true
		}
	}
	return false
}

// outputs adds outputs to their targets. done: the sums of the rows are there.
func (k *kernel) outputs(j int, c *context, list []namedOutput, done bool) {
	if len(list) == 0 {
		return
	}
	rows := false
	for _, o := range list {
		rows = rows || o.Form == ir.Rows && !done
	}
	k.toPost(j, rows, func() {
		for _, o := range list {
			k.output(j, o, c, done)
		}
	})
}

func (k *kernel) output(j int, o namedOutput, c *context, done bool) {
	pr := &k.p.Projections[j]
	sums := make([]string, len(o.Terms))
	for ti := range o.Terms {
		t := &o.Terms[ti]
		if o.Form == ir.Total {
			sums[ti] = "total_" + o.term(ti)
			if pr.Conn.NoSelf {
				sums[ti] = "(" + sums[ti] + " - " + operand(k.block(c, &t.Source)) + ")"
			}
		} else {
			if sums[ti] = "row_" + o.term(ti); !done {
				k.rowSum(j, sums[ti], &t.Source)
			}
		}
	}
	k.add(o.Output, c, sums)
}

// operand is a text that may stand behind an operator: in parentheses, unless it is
// a name.
func operand(text string) string {
	if plainName.MatchString(text) {
		return text
	}
	return "(" + text + ")"
}

var plainName = regexp.MustCompile(`^\w+$`)

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
		k.line("uint length = %du;", maxRow(&pr.Conn))
		if pr.Conn.NoSelf {
			post := less("i", pr.PostStart)
			k.line("uint another = %s > 0u ? %s - 1u : %du; // the number of a synapse of the row", post, post, pr.Conn.NPost-1)
		}
	case ir.OneToOne:
		k.line("uint length = 1u;")
	default:
		at := k.layout.Rows[j]
		post := less("i", pr.PostStart)
		k.line("uint begin = C[%du + %s];", at.rows, post)
		k.line("uint length = C[%du + %s] - begin;", at.rows+1, post)
	}
}

// maxRow is the length of the longest row of a projection.
func maxRow(c *ir.Conn) int {
	switch c.Kind {
	case ir.AllToAll:
		if c.Len() == 0 {
			return 0 // one neuron has no synapse with itself
		}
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

// synapse names the presynaptic neuron of synapse number pos of the row, which is
// not empty, and the place at which its variables stand. valid says whether there
// is one; where there is none it is the place of another synapse of the row, as
// those of other rows are other invocations', which may be changing them.
func (k *kernel) synapse(j int, pos string) {
	pr := &k.p.Projections[j]
	n := pr.Conn.NPost
	post := less("i", pr.PostStart)
	switch pr.Conn.Kind {
	case ir.AllToAll:
		k.line("uint pre = min(%s, %du);", pos, pr.Conn.NPre-1)
		if pr.Conn.NoSelf {
			k.line("bool valid = %s < length && pre != %s;", pos, post)
			k.line("uint at = pre == %s ? another : pre*%du + %s - (%s > pre ? 1u : 0u);", post, n-1, post, post)
		} else {
			k.line("bool valid = %s < length;", pos)
			k.line("uint at = pre*%du + %s;", n, post)
		}
	case ir.OneToOne:
		k.line("bool valid = %s < length;", pos)
		k.line("uint pre = %s, at = %s;", post, post)
	default:
		at := k.layout.Rows[j]
		k.line("bool valid = %s < length;", pos)
		k.line("uint at = begin + (valid ? %s : 0u);", pos)
		k.line("uint pre = C[%du + at];", at.pre)
	}
}

// number is that of the synapse at hand, in the order that its file gives.
func (k *kernel) number(j int) string {
	if k.p.Projections[j].Conn.Kind != ir.List {
		return "at"
	}
	return fmt.Sprintf("C[%du + at]", k.layout.Rows[j].syn)
}

// synapseContext prints expressions about one synapse: what is
// not of the synapse or of pre is of the post neuron, which is at hand.
func (k *kernel) synapseContext(j int) *context {
	if k.synapseLoads != nil {
		return k.synapseLoads()
	}
	pr := &k.p.Projections[j]
	pre := more("pre", pr.PreStart)
	c := k.locals()
	c.time = synapseTime
	post := c.load
	c.load = func(l *ir.Load) string {
		v := &k.p.Vars[l.Var]
		switch {
		case l.Ago > 0:
			return k.delayed(c, k.p.Populations[pr.From].LineOf(l.Var), l.Ago, pre)
		case v.Dim == ir.PerSynapse && v.Role == ir.Param:
			return k.paramAt(l.Var, "at")
		case v.Dim == ir.PerSynapse:
			return "uintBitsToFloat(" + k.stateAt(l.Var, "at") + ")"
		case v.Dim == ir.PerNeuron && v.Role == ir.Param && l.Side == ir.Pre:
			return k.paramAt(l.Var, pre)
		case v.Dim == ir.PerPre:
			// Published in the step before this one.
			return fmt.Sprintf("pub_%s[((u + 1u) & 1u)*%du + pre]", k.name(l.Var), v.Len)
		case v.Dim == ir.PerNeuron && l.Side == ir.Pre:
			return fmt.Sprintf("pub_%s[((u + 1u) & 1u)*%du + %s]", k.name(l.Var), v.Len, pre)
		}
		return post(l)
	}
	return c
}

// rowUpdate advances the synapses of the row that have state of their own.
func (k *kernel) rowUpdate(j int) {
	k.line("// synapses of %s", k.p.Projections[j].Name)
	k.open("for (uint s = 0u; s < length; ++s)")
	k.line("++trips;")
	k.synapse(j, "s")
	k.update(j, k.synapseContext(j))
	k.close()
}

// rowSum sums a value over the row in the canonical order.
func (k *kernel) rowSum(j int, name string, b *ir.Block) {
	pr := &k.p.Projections[j]
	k.used["gs_tree"] = true
	longest := maxRow(&pr.Conn)
	k.line("precise float %s = 0.0;", name)
	switch longest {
	case 0:
		return
	case 1:
		if pr.Conn.Kind == ir.List {
			k.open("if (length > 0u)")
		} else {
			k.open("")
		}
		k.synapse(j, "0u")
		c := k.synapseContext(j)
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
		value := k.block(k.synapseContext(j), b)
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
		value := k.block(k.synapseContext(j), &r.Value)
		k.line("if (valid && own) R[u_row_%d + (%s*u_instances + inst)*%du + %s] = %s;", n, row, r.Len, k.number(j), value)
		k.close()
		k.close()
	}
}
