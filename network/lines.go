package network

import (
	"fmt"
	"strings"

	"gpusim/model/ir"
)

// addMade makes slots for the variables of a program that the compiler made:
// delay lines, which neurons spiked, and what synapses keep between statements.
func (n *Network) addMade(prog *ir.Program) error {
	for i := range prog.Vars {
		v := &prog.Vars[i]
		if !v.Role.IsState() || n.slots[v.Name] != nil {
			if s := n.slots[v.Name]; s != nil && s.kind == lineSlot && s.rows != v.Rows {
				s.rows = v.Rows
				n.invalidate(s)
			}
			continue
		}
		object, _, _ := strings.Cut(v.Name, ".")
		s := &slot{name: v.Name, kind: madeSlot, given: number(0)}
		for _, o := range n.objects {
			if o.name == object {
				s.obj = o
			}
		}
		if v.Role == ir.Line {
			s.kind, s.given, s.rows = lineSlot, nil, v.Rows
			if s.of = n.slots[strings.TrimSuffix(v.Name, ".line")]; s.of == nil {
				return fmt.Errorf("the delay line %s is of nothing", v.Name)
			}
			s.of.users = append(s.of.users, s)
		}
		n.addSlot(s)
	}
	return nil
}

// startOfLine fills a delay line: before the start, everything had its starting
// value.
func (n *Network) startOfLine(s *slot) (*value, error) {
	of, err := n.eval(s.of)
	if err != nil {
		return nil, err
	}
	size := s.obj.pop.Size
	if err := n.checkValues(s, ir.PerRow, size*s.rows, len(of.rows)); err != nil {
		return nil, err
	}
	out := &value{dim: ir.PerRow}
	for _, row := range of.rows {
		row, err := spread(s.obj, row, of.dim, ir.PerNeuron, size)
		if err != nil {
			return nil, err
		}
		line := make([]float64, 0, size*s.rows)
		for range s.rows {
			line = append(line, row...)
		}
		out.rows = append(out.rows, line)
	}
	return out, nil
}

// newest gives the values of a delay line that are still to arrive, a row of
// the population's neurons each, those of the last step first.
func newest(ring []float64, rows int, step int64) []float64 {
	size := len(ring) / rows
	var out []float64
	for ago := int64(1); ago <= int64(rows)-2; ago++ {
		row := int(((step-ago)%int64(rows) + int64(rows)) % int64(rows))
		out = append(out, ring[row*size:(row+1)*size]...)
	}
	return out
}

// moveLines turns the delay lines so that what is in flight stays in flight
// when the clock moves by a number of steps.
func (n *Network) moveLines(by int64) error {
	return n.rewrite(ir.Line, func(v *ir.Var, row []float64) bool {
		size, rows := len(row)/v.Rows, int64(v.Rows)
		turned := make([]float64, 0, len(row))
		for r := range rows {
			from := int(((r-by)%rows + rows) % rows)
			turned = append(turned, row[from*size:(from+1)*size]...)
		}
		copy(row, turned)
		return true
	})
}

// rewrite changes the values of all variables of a role on the device.
func (n *Network) rewrite(role ir.Role, change func(v *ir.Var, row []float64) bool) error {
	for i := range n.built.prog.Vars {
		v := &n.built.prog.Vars[i]
		if v.Role != role {
			continue
		}
		var data []float64
		changed := false
		for k := range n.instances {
			row, err := n.built.eng.Read(ir.VarID(i), k)
			if err != nil {
				return err
			}
			changed = change(v, row) || changed
			data = append(data, row...)
		}
		if changed {
			if err := n.built.eng.Write(ir.VarID(i), data); err != nil {
				return err
			}
		}
	}
	return nil
}
