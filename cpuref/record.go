package cpuref

import "gpusim/model/ir"

// A record is a recorded value. Those of populations run with the population.
type record struct {
	index int // in Program.AllRecords
	every int
	width int // of a row
	loop      // over all elements
	// all is an array for the value of every element, from which a row is made
	// where it is of some or the mean; -1 where the row has them all.
	all  int
	of   []int
	mean bool
}

// record compiles r as a segment of l's own.
func (l *list) record(r *ir.Record, c *code) record {
	out := record{index: c.records, every: r.Every, width: r.Width(), all: -1, of: r.Of, mean: r.Mean}
	c.records++
	x := l.block(&r.Value)
	if r.Dim == ir.One {
		if x.kind != scalar || r.Mean || r.Of != nil {
			l.fail("%s is recorded as one value and has more", r.Name)
		}
		out.n = 1
	} else {
		out.n = l.domain.n
	}
	if r.Every < 1 || r.Len != out.n {
		l.fail("%s is recorded every %d steps with %d values, of %d", r.Name, r.Every, r.Len, out.n)
	}
	for _, e := range r.Of {
		if e < 0 || e >= out.n {
			l.fail("%s is recorded of element %d, of %d", r.Name, e, out.n)
		}
	}
	if r.Mean || r.Of != nil {
		out.all = l.newArray(out.n)
	}
	if r.Dim != ir.One {
		x = l.vectorOf(x)
	}
	out.body = l.next(x)
	return out
}

// row is where the values of all elements of r go in this step. It is nil where
// r leaves none, and where the value is one for all, which it sets.
func (w *worker) row(r *record) []float64 {
	if w.step%int64(r.every) != 0 || r.width == 0 {
		return nil
	}
	if r.all >= 0 {
		return w.arrays[r.all]
	}
	row := w.rowOf(r)
	if r.value().kind == scalar {
		row[0] = w.scalars[r.value().index]
		return nil
	}
	return row
}

// rowOf is the row of r in the slice.
func (w *worker) rowOf(r *record) []float64 {
	n := int(rowsBefore(w.step, r.every) - rowsBefore(w.slice.First, r.every))
	return w.slice.Records[r.index][(n*w.instances+w.instance)*r.width:][:r.width]
}

// keep makes the row of r from the values of all elements: those that it is
// of, or their mean, summed from first to last.
func (w *worker) keep(r *record) {
	if r.all < 0 {
		return
	}
	row, all := w.rowOf(r), w.arrays[r.all]
	switch {
	case !r.mean:
		for i, e := range r.of {
			row[i] = all[e]
		}
	case r.of == nil:
		row[0] = meanOf(len(all), func(i int) float64 { return all[i] })
	default:
		row[0] = meanOf(len(r.of), func(i int) float64 { return all[r.of[i]] })
	}
}

func meanOf(n int, at func(i int) float64) float64 {
	sum := 0.0
	for i := range n {
		sum += at(i)
	}
	return sum / float64(n)
}
