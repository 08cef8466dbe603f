package network

import (
	"gpusim/model/ir"
)

// Get gives the value that a name has now, of the first instance: a state as
// it is on the device, one number a neuron, or for a projection one a
// presynaptic neuron where it is proven that they are equal, else one a
// synapse; a parameter, constant or input value in the shape it was set.
func (n *Network) Get(name string) ([]float64, error) { return n.GetInstance(name, 0) }

// GetInstance is Get for any instance.
func (n *Network) GetInstance(name string, instance int) ([]float64, error) {
	switch {
	case n.closed:
		return nil, ErrClosed
	case instance < 0 || instance >= n.instances:
		return nil, errorOf(ErrShape, "there is no instance %d; there are %d, counted from 0", instance, n.instances)
	case name == seedName:
		return []float64{float64(n.seeds[min(instance, len(n.seeds)-1)])}, nil
	}
	s, err := n.find(name)
	if err != nil {
		return nil, err
	}
	if err := n.sync(); err != nil {
		return nil, err
	}
	if s.kind.isState() {
		if id, ok := n.built.vars[name]; ok {
			return n.readOne(s, id, instance)
		}
	}
	v, err := n.eval(s)
	if err != nil {
		return nil, err
	}
	row, dim := v.row(instance), v.dim
	if s.kind == paramSlot && dim == ir.PerPre {
		return spread(s.obj, row, dim, ir.PerSynapse, s.obj.ends.n)
	}
	return append([]float64(nil), row...), nil
}

// readOne reads a state from the device, in its natural shape.
func (n *Network) readOne(s *slot, id ir.VarID, instance int) ([]float64, error) {
	v := &n.built.prog.Vars[id]
	var row []float64
	if v.Len > 0 {
		var err error
		if row, err = n.built.eng.Read(id, instance); err != nil {
			return nil, err
		}
	}
	if v.Dim == ir.PerRow {
		return newest(row, v.Rows, n.step), nil
	}
	if v.Dim == ir.PerSynapse && n.built.natural[s.name] == ir.PerPre {
		return s.obj.ends.gather(row), nil
	}
	return row, nil
}

// StateNames lists all state: of the populations in file order states, inputs
// and what else a run goes on from, then of the projections.
func (n *Network) StateNames() []string {
	var out []string
	for _, s := range n.order {
		if s.kind.isState() && s.kind != madeSlot {
			out = append(out, s.name)
		}
	}
	return out
}
