package shaders

import (
	"fmt"
	"strings"

	"gpusim/model/ir"
)

// mean is a record whose row is the mean of what several invocations have. It is
// summed like the total of a projection: of the neurons at hand, or of the sums
// that each has of its row of synapses.
type mean struct {
	*ir.Record
	name       string // in the kernel
	pop        int    // whose neurons have what is added up
	start      int    // they are count from here on, where they are not listed
	count      int
	listed     bool
	ofSynapses bool // in the synaptic phase of the step after
}

// meansOf lists the means of a program, in the order of its records.
func meansOf(l *Layout) (list []*mean) {
	n := -1
	add := func(r *ir.Record, pop, start, count int) {
		if n++; !r.Mean || r.Width() == 0 {
			return
		}
		m := &mean{Record: r, name: fmt.Sprintf("mean_%d", n), pop: pop, start: start, count: count, ofSynapses: ofSynapses(r)}
		if from, stop, ok := r.Span(); !ok && !m.ofSynapses {
			m.count, m.listed = r.Kept(), true
		} else if !m.ofSynapses {
			m.start, m.count = start+from, stop-from
		} // else each neuron of the group has a sum, whichever synapses are kept
		list = append(list, m)
	}
	for pi := range l.p.Populations {
		p := &l.p.Populations[pi]
		for i := range p.Records {
			add(&p.Records[i], pi, 0, p.Size)
		}
	}
	for j := range l.p.Projections {
		pr := &l.p.Projections[j]
		for i := range pr.Records {
			if r := &pr.Records[i]; r.Dim == ir.PerSynapse {
				add(r, pr.To, pr.PostStart, pr.Conn.NPost)
			} else {
				add(r, pr.From, pr.PreStart, pr.Conn.NPre)
			}
		}
	}
	return list
}

func (k *kernel) meanOf(r *ir.Record) *mean {
	for _, m := range k.means {
		if m.Record == r {
			return m
		}
	}
	panic("shaders: unknown mean")
}

// heldMean says how a mean's values are added up.
func (k *kernel) heldMean(m *mean) holding {
	if m.listed {
		return inShared
	}
	return k.holds(m.pop, m.start, m.count)
}

func (k *kernel) severalTilesOf(m *mean) bool {
	return k.heldMean(m) == inColumns && tiles(m.count) > 1
}

// meansShared lists the arrays of means in shared memory. Columns that
// invocations have added up by themselves are there twice, for even and odd rows.
func (k *kernel) meansShared(array func(name string, n int)) {
	for _, m := range k.means {
		held := k.heldMean(m)
		if held == inColumns {
			array("col_"+m.name, 2*columns)
			continue
		}
		if held == inShared {
			array("src_"+m.name, m.count)
		}
		if n := tiles(m.count); n > 1 {
			array("tile_"+m.name, columns*n)
		}
		array("col_"+m.name, columns)
	}
}

// meansDeclare begins the sums of a population's neurons.
func (k *kernel) meansDeclare(pi int, epilogue bool) {
	for _, m := range k.means {
		if m.pop != pi || epilogue && !m.ofSynapses || k.heldMean(m) == inShared {
			continue
		}
		k.line("precise float sum_%s = 0.0;", m.name)
		if k.severalTilesOf(m) {
			k.line("precise float column_%s = 0.0;", m.name)
		}
	}
}

// addToMean adds a value of the neuron at hand, which has the given place among
// those that are added up.
func (k *kernel) addToMean(m *mean, value, place, condition string) {
	if k.toScratch != nil { // the stepped form
		k.toScratch(m, value, place, condition)
		return
	}
	own := ownAnd(condition)
	if k.heldMean(m) == inShared {
		k.line("precise float source_%s = %s;", m.name, value)
		k.line("if (%s) src_%s[%s] = source_%s;", own, m.name, place, m.name)
		return
	}
	sum := "sum_" + m.name
	if k.severalTilesOf(m) { // the last tile's sum goes to the column's
		k.line("column_%s += (k & %du) == 0u ? %s : 0.0;", m.name, rows-1, sum)
		sum = fmt.Sprintf("((k & %du) == 0u ? 0.0 : %s)", rows-1, sum)
	}
	k.line("sum_%s = %s + (%s ? %s : 0.0);", m.name, sum, own, value)
}

// whenKept prints what is done in the steps that a mean is kept in; the row is
// that of the step, or of the one before, of which the synaptic phase is.
func (k *kernel) whenKept(m *mean, epilogue bool, print func(row string)) {
	step := "u"
	if m.ofSynapses {
		step = "(u - 1u)"
		if !epilogue {
			k.openUniform("if (u > 0u)")
		}
	}
	print(k.openRow(m.Record, step))
	k.close()
	if m.ofSynapses && !epilogue {
		k.close()
	}
}

// meansFinish hands over the columns that invocations have added up.
func (k *kernel) meansFinish(pi int, epilogue bool) {
	for _, m := range k.means {
		held := k.heldMean(m)
		if m.pop != pi || epilogue && !m.ofSynapses || held == inShared {
			continue
		}
		k.whenKept(m, epilogue, func(row string) {
			sum, only := "sum_"+m.name, ""
			if held == inTiles {
				if n := columns * tiles(m.count); n < k.w {
					only = fmt.Sprintf("if (w < %du) ", n)
				}
				k.line("%stile_%s[w] = %s;", only, m.name, sum)
				return
			}
			if k.severalTilesOf(m) {
				sum = "column_" + m.name + " + " + sum
			}
			if k.w > columns { // the first tile is all there is
				only = fmt.Sprintf("if (w < %du) ", columns)
			}
			k.line("%scol_%s[%s + w] = %s;", only, m.name, half(row), sum)
		})
	}
}

// meansReduce adds the columns of the means up and writes the rows. Those that
// are kept in the same steps share their barriers. ordered: a barrier has
// already made visible what the invocations have handed over.
func (k *kernel) meansReduce(epilogue, ordered bool) {
	done := map[*mean]bool{}
	for _, first := range k.means {
		if done[first] || epilogue && !first.ofSynapses {
			continue
		}
		var group []*mean
		for _, m := range k.means {
			if m.Every == first.Every && m.ofSynapses == first.ofSynapses {
				group, done[m] = append(group, m), true
			}
		}
		k.whenKept(first, epilogue, func(row string) {
			if !ordered {
				k.barrier("Shared")
			}
			k.meanColumns(group)
			k.open("if (w == 0u)")
			for _, m := range group {
				k.meanRow(m, row)
			}
			k.close()
		})
	}
}

// meanColumns makes the columns of means of what stands in shared memory. Each of
// eight invocations reads the tiles that it has added up itself.
func (k *kernel) meanColumns(group []*mean) {
	wait, others := false, false
	for _, m := range group {
		if k.heldMean(m) == inShared {
			k.sharedColumns(m.name, m.count, false)
			wait = true
			others = others || tiles(m.count) > 1 && k.w > columns
		}
	}
	if others {
		k.barrier("Shared")
	}
	for _, m := range group {
		if n := tiles(m.count); n > 1 && k.heldMean(m) != inColumns {
			k.columnsOfTiles(m.name, n, false)
			wait = true
		}
	}
	if wait {
		k.barrier("Shared")
	}
}

// meanRow writes a mean.
func (k *kernel) meanRow(m *mean, row string) {
	at := ""
	if k.heldMean(m) == inColumns {
		at = fmt.Sprintf("at_%s + ", m.name)
		k.line("uint at_%s = %s;", m.name, half(row))
	}
	args := make([]string, columns)
	for c := range args {
		args[c] = fmt.Sprintf("col_%s[%s%du]", m.name, at, c)
	}
	k.line("precise float %s = %s;", m.name, k.meanText(m, args))
	k.line("%s = %s;", k.rowAt(m.Record, row, "0u"), m.name)
}

// half is where the columns of a row begin that are there twice.
func half(row string) string { return fmt.Sprintf("(%s & 1u)*%du", row, columns) }

// meanText is the mean of what eight columns have.
func (k *kernel) meanText(m *mean, columns []string) string {
	k.used["gs_tree"] = true
	return fmt.Sprintf("gs_tree(%s)/%s", strings.Join(columns, ", "), literal(float64(m.Kept())))
}

// meanTrips is what a mean's own loops cost an invocation in a step.
func (k *kernel) meanTrips(m *mean) (c cost) {
	n := tiles(m.count)
	if k.heldMean(m) == inShared {
		c = c.and(loopOf((columns*n+k.w-1)/k.w, loopOf(rows, cost{})))
	}
	if n > 1 && k.heldMean(m) != inColumns {
		c = c.and(loopOf(n, cost{}))
	}
	return c
}
