package network

import (
	"fmt"
	"slices"

	"gpusim/model"
	"gpusim/model/ir"
)

// recordPlan says what becomes of a record of the program.
type recordPlan struct {
	name   string
	every  int64
	length int   // numbers a row, on the device
	of     []int // the elements that were asked for, as they were listed; nil: all
	mean   bool
	hidden bool // a measure's: not among a result's traces
	// columns are those of the device's row that make a row of the trace; nil:
	// all. The device has an element once, however often it is listed.
	columns []int
}

// rowLen is the length of a row of the trace.
func (r *recordPlan) rowLen() int {
	switch {
	case r.mean:
		return 1
	case r.of != nil:
		return len(r.of)
	}
	return r.length
}

// keep appends what the device gave of a row, as it was listed.
func (r *recordPlan) keep(to, row []float64) []float64 {
	if r.columns == nil {
		return append(to, row...)
	}
	for _, c := range r.columns {
		to = append(to, row[c])
	}
	return to
}

// columnsOf finds the elements of a record in the device's rows, nil where these
// have them as they are listed.
func columnsOf(r *model.Record, x *ir.Record) []int {
	if x.Mean || slices.Equal(r.Of, x.Of) {
		return nil
	}
	place := make(map[int]int, len(x.Of))
	for c, element := range x.Of {
		place[element] = c
	}
	columns := make([]int, len(r.Of))
	for i, element := range r.Of {
		columns[i] = place[element]
	}
	return columns
}

// whole reports whether a record has every element of a variable at every step,
// by its name.
func whole(r *model.Record, name string) bool {
	return r.Name == name && r.Called() == name && r.Every <= 1 && r.Of == nil && !r.Mean
}

// planRecords matches the program's records with those asked for.
func (n *Network) planRecords(prog *ir.Program) ([]recordPlan, error) {
	var out []recordPlan
	all := prog.AllRecords()
	add := func(object string, list []*model.Record) error {
		for _, r := range list {
			if r.Name == "spikes" {
				continue
			}
			name := object + "." + r.Called()
			if len(out) >= len(all) || all[len(out)].Name != name {
				return fmt.Errorf("the program does not record %s", name)
			}
			x := all[len(out)]
			for _, i := range r.Of {
				if i < 0 || i >= x.Len {
					return n.errorAt(r.At, errorOf(ErrShape, "%s: there is no element %d to record; there are %d", name, i, x.Len))
				}
			}
			out = append(out, recordPlan{name: name, every: int64(max(1, x.Every)), length: x.Width(), of: r.Of, mean: r.Mean, hidden: n.hidden[r], columns: columnsOf(r, x)})
		}
		return nil
	}
	for _, p := range n.file.Populations {
		if err := add(p.Name, p.Record); err != nil {
			return nil, err
		}
	}
	for _, p := range n.file.Projections {
		if err := add(p.Name, p.Record); err != nil {
			return nil, err
		}
	}
	if len(out) != len(all) {
		return nil, fmt.Errorf("the program has %d records, not %d", len(all), len(out))
	}
	return out, nil
}

// addHiddenRecords adds what measures need and nobody asked for.
func (n *Network) addHiddenRecords() {
	for _, m := range n.file.Measures {
		if m.Kind != fluctuationKind {
			continue
		}
		has := slices.ContainsFunc(m.Of.Record, func(r *model.Record) bool { return whole(r, voltage) })
		if !has {
			r := &model.Record{At: m.At, Name: voltage, Every: 1}
			n.hidden[r] = true
			m.Of.Record = append(m.Of.Record, r)
		}
	}
}

// addRecord adds a record to a population or projection.
func (n *Network) addRecord(x Extra) error {
	list, m, err := n.recordsOf(x.Object)
	if err != nil {
		return err
	}
	if err := recordable(x.Object, m, x.Record.Name); err != nil {
		return err
	}
	r := x.Record
	r.Every = max(1, r.Every)
	*list = append(*list, &r)
	model.NameRecords(*list)
	n.recordsSet[x.Object] = true
	return nil
}

// recordable reports a name that a model has not.
func recordable(object string, m *model.Model, name string) error {
	if name == "spikes" || m.State(name) != nil || m.Quantity(name) != nil || m.HasInput(name) {
		return nil
	}
	return errorOf(ErrUnknownName, "%s (of model %s) has no %q to record", object, m.Name, name)
}

func (n *Network) recordsOf(object string) (*[]*model.Record, *model.Model, error) {
	if p := n.file.Population(object); p != nil {
		return &p.Record, p.Model, nil
	}
	if p := n.file.Projection(object); p != nil {
		return &p.Record, p.Model, nil
	}
	var names []string
	for _, o := range n.objects {
		names = append(names, o.name)
	}
	return nil, nil, unknown(object, names)
}

// SetRecords changes what is recorded of a population or projection beside
// spikes. The network is rebuilt where that is something else; its state is
// kept.
func (n *Network) SetRecords(object string, records []model.Record) error {
	if n.closed {
		return ErrClosed
	}
	list, m, err := n.recordsOf(object)
	if err != nil {
		return err
	}
	var kept []*model.Record
	for i := range records {
		if err := recordable(object, m, records[i].Name); err != nil {
			return err
		}
		r := records[i]
		r.Every = max(1, r.Every)
		kept = append(kept, &r)
	}
	model.NameRecords(kept)
	*list = kept
	n.recordsSet[object] = true
	n.addHiddenRecords()
	n.dirty = true
	return nil
}
