package network

import (
	"fmt"
	"strconv"

	"gpusim/model/ir"
)

func formatNumber(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }

// layout gives a value in the form that variable v of the program stores: Len
// numbers, or Len for each instance.
func layout(s *slot, val *value, v *ir.Var) ([]float64, error) {
	if len(val.rows) == 1 && val.dim == v.Dim && len(val.rows[0]) == v.Len && (s.obj == nil || s.obj.group == nil) {
		return val.rows[0], nil
	}
	out := make([]float64, 0, v.Len*len(val.rows))
	for _, row := range val.rows {
		if s.kind == inputSlot && s.obj.group != nil && val.dim != ir.One && val.dim != ir.PerSample {
			row = pad(row, s.obj)
		}
		part, err := spread(s.obj, row, val.dim, v.Dim, v.Len)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		out = append(out, part...)
	}
	return out, nil
}

// pad puts values for the neurons of a group at their places among all of the
// population's, for each sample; the others are 0.
func pad(row []float64, o *object) []float64 {
	n, size, start := o.count(ir.PerNeuron), o.pop.Size, o.start()
	out := make([]float64, len(row)/n*size)
	for k := 0; k*n < len(row); k++ {
		copy(out[k*size+start:], row[k*n:(k+1)*n])
	}
	return out
}

// spread changes a row of one dimension into one of another.
func spread(o *object, row []float64, from, to ir.Dim, n int) ([]float64, error) {
	switch {
	case from == to && len(row) == n:
		return row, nil
	case from == ir.One:
		out := make([]float64, n)
		for i := range out {
			out[i] = row[0]
		}
		return out, nil
	case from == ir.PerPre && to == ir.PerSynapse:
		o.ends.load()
		out := make([]float64, n)
		for e, pre := range o.ends.pre {
			out[e] = row[pre]
		}
		return out, nil
	case from == ir.PerSynapse && to == ir.PerPre:
		return o.ends.gather(row), nil
	}
	return nil, errorOf(ErrShape, "%d values do not fit the program's %d", len(row), n)
}

// gather takes one value for each presynaptic neuron from values per synapse;
// a neuron without synapses has 0.
func (e *ends) gather(row []float64) []float64 {
	e.load()
	out := make([]float64, e.conn.NPre)
	for s := len(row) - 1; s >= 0; s-- {
		out[e.pre[s]] = row[s]
	}
	return out
}

// collapse turns values per synapse that are equal for each presynaptic neuron
// into one value for each, and gives others back as they are.
func (o *object) collapse(v *value) *value {
	if v.dim != ir.PerSynapse {
		return v
	}
	out := &value{dim: ir.PerPre}
	for _, row := range v.rows {
		pre := o.ends.gather(row)
		for e, i := range o.ends.pre {
			if row[e] != pre[i] {
				return v
			}
		}
		out.rows = append(out.rows, pre)
	}
	return out
}

// shapeText writes a shape as messages do.
func shapeText(dims ...int) string {
	if len(dims) == 1 {
		return fmt.Sprintf("(%d,)", dims[0])
	}
	text := "("
	for i, d := range dims {
		if i > 0 {
			text += ", "
		}
		text += strconv.Itoa(d)
	}
	return text + ")"
}
