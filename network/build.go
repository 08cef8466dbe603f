package network

import (
	"errors"
	"fmt"

	"gpusim/model"
	"gpusim/model/ir"
)

// build is a network as it was built on the device.
type build struct {
	prog    *ir.Program
	eng     Engine
	vars    map[string]ir.VarID
	natural map[string]ir.Dim // of states, in the collapsed form
	form    structure
	records []recordPlan
	held    map[ir.VarID]held // parameters, and starting values of states
	unequal map[string]bool   // states of which synapses of one presynaptic neuron may differ
}

// held is what the device has of a variable: what was written last.
type held struct {
	val  *value
	data []float64
}

// sync brings to the device what was set: it builds the network where it is
// new or its structure is another, and writes what differs from what the
// device has.
func (n *Network) sync() error {
	if n.closed {
		return ErrClosed
	}
	if n.built != nil && !n.dirty {
		return nil
	}
	form, err := n.structure()
	if err != nil {
		return err
	}
	if n.built == nil {
		if err := n.rebuild(form); err != nil {
			return err
		}
	} else if changes := n.changes(form); len(changes) > 0 {
		for _, c := range changes {
			n.note("%s The network will be rebuilt.", c)
		}
		if err := n.rebuild(form); err != nil {
			return err
		}
		n.past.Rebuilds++
	} else {
		// Which records are hidden is no structure.
		records, err := n.planRecords(n.built.prog)
		if err != nil {
			return err
		}
		n.built.records = records
		if err := n.upload(n.built); err != nil {
			return err
		}
	}
	for name, v := range n.pending {
		if err := n.writeState(n.built, n.slots[name], v); err != nil {
			return err
		}
		delete(n.pending, name)
	}
	n.dirty = false
	return nil
}

// rebuild builds the network in the given form and moves its state over.
func (n *Network) rebuild(form structure) error {
	var current map[string]*value
	if n.built != nil && n.started {
		var err error
		if current, err = n.readState(); err != nil {
			return err
		}
	}
	b, err := n.compile(&form, current)
	if err != nil {
		return err
	}
	if err := n.fill(b, current); err != nil {
		return errors.Join(err, b.eng.Close())
	}
	old := n.built
	n.built = b
	if old == nil {
		return nil
	}
	n.past = n.past.Add(old.eng.Counters())
	return old.eng.Close()
}

// compile lowers the file in the given form and builds it.
func (n *Network) compile(form *structure, current map[string]*value) (*build, error) {
	n.file.Inputs = nil
	for _, s := range n.inputs {
		n.file.Inputs = append(n.file.Inputs, s.input)
	}
	shapes := form.shapes(n)
	if n.unequal != nil {
		shapes.Unequal = n.unequal
	} else if err := n.markUnequal(shapes.Unequal, current); err != nil {
		return nil, err
	}
	prog, err := model.Lower(n.file, shapes)
	if err != nil {
		return nil, err
	}
	if err := n.checkInstances(prog); err != nil {
		return nil, err
	}
	b := &build{prog: prog, form: *form, vars: map[string]ir.VarID{}, held: map[ir.VarID]held{}, natural: map[string]ir.Dim{}, unequal: shapes.Unequal}
	for id, v := range prog.Vars {
		b.vars[v.Name] = ir.VarID(id)
		b.natural[v.Name] = v.Dim
	}
	if shapes.PerSynapse {
		shapes.PerSynapse = false
		collapsed, err := model.Lower(n.file, shapes)
		if err != nil {
			return nil, err
		}
		for _, v := range collapsed.Vars {
			b.natural[v.Name] = v.Dim
		}
	}
	if err := n.addMade(prog); err != nil {
		return nil, err
	}
	if b.records, err = n.planRecords(prog); err != nil {
		return nil, err
	}
	if b.eng, err = n.dev.Build(prog, n.instances); err != nil {
		return nil, err
	}
	return b, nil
}

// markUnequal enters the synapse states that need one value a synapse.
func (n *Network) markUnequal(unequal map[string]bool, current map[string]*value) error {
	for _, s := range n.order {
		if s.kind != stateSlot || s.obj.proj == nil {
			continue
		}
		start, err := n.eval(s)
		if err != nil {
			return err
		}
		if start.dim == ir.PerSynapse { // given values have been collapsed
			unequal[s.name] = true
		}
		for _, v := range []*value{current[s.name], n.pending[s.name]} {
			if v != nil && s.obj.collapse(v).dim == ir.PerSynapse {
				unequal[s.name] = true
			}
		}
	}
	return nil
}

// fill writes a new build's parameters and starting state, has it keep that
// for Reset, and then writes the current state, if there is one.
func (n *Network) fill(b *build, current map[string]*value) error {
	if _, err := n.write(b, true); err != nil {
		return err
	}
	if err := b.eng.Save(); err != nil {
		return err
	}
	for name, v := range current {
		if err := n.writeState(b, n.slots[name], v); err != nil {
			return err
		}
	}
	return nil
}

// upload writes what differs from what the device has. Starting values wait
// for Reset once a step was done.
func (n *Network) upload(b *build) error {
	states, err := n.write(b, !n.started)
	if err != nil || !states {
		return err
	}
	return b.eng.Save()
}

// write writes the variables whose values are not those that the device holds,
// starting values too where withStates is set, and says whether it wrote any.
func (n *Network) write(b *build, withStates bool) (states bool, err error) {
	for i := range b.prog.Vars {
		v := &b.prog.Vars[i]
		if v.Role.IsState() && !withStates || v.Len == 0 {
			continue
		}
		wrote, err := n.writeHeld(b, ir.VarID(i), v)
		if err != nil {
			return states, err
		}
		states = states || wrote && v.Role.IsState()
	}
	return states, nil
}

// writeHeld writes a variable where its value is not what the device holds.
func (n *Network) writeHeld(b *build, id ir.VarID, v *ir.Var) (wrote bool, err error) {
	s, err := n.slotOf(v.Name)
	if err != nil {
		return false, err
	}
	val, err := n.eval(s)
	if err != nil {
		return false, err
	}
	had, has := b.held[id]
	if has && had.val == val {
		return false, nil
	}
	data, err := layout(s, val, v)
	if err != nil {
		return false, err
	}
	b.held[id] = held{val, data}
	if has && sameBits(had.data, data) || !has && v.Role.IsState() && isInitial(v.Role, data) {
		return false, nil
	}
	if err := b.eng.Write(id, data); err != nil {
		delete(b.held, id)
		return false, fmt.Errorf("%s: %w", s.name, err)
	}
	return true, nil
}

// isInitial reports whether data is what a new engine's variables hold.
func isInitial(r ir.Role, data []float64) bool {
	initial := 0.0
	if r == ir.Last {
		initial = ir.NeverSpiked
	}
	for _, x := range data {
		if x != initial {
			return false
		}
	}
	return true
}

// slotOf gives the slot of a variable of the program.
func (n *Network) slotOf(name string) (*slot, error) {
	s, err := n.find(name)
	if err != nil {
		return nil, fmt.Errorf("the program has the variable %q, which the network has no value of", name)
	}
	return s, nil
}

// readState gets all state from the device.
func (n *Network) readState() (map[string]*value, error) {
	out := map[string]*value{}
	for i := range n.built.prog.Vars {
		v := &n.built.prog.Vars[i]
		if !v.Role.IsState() || v.Len == 0 {
			continue
		}
		val := &value{dim: v.Dim}
		for k := range n.instances {
			row, err := n.built.eng.Read(ir.VarID(i), k)
			if err != nil {
				return nil, err
			}
			val.rows = append(val.rows, row)
		}
		out[v.Name] = val
	}
	return out, nil
}

// writeState writes a state as it is now.
func (n *Network) writeState(b *build, s *slot, val *value) error {
	id, ok := b.vars[s.name]
	if !ok || b.prog.Vars[id].Len == 0 {
		return nil
	}
	data, err := layout(s, val, &b.prog.Vars[id])
	if err != nil {
		return err
	}
	if err := b.eng.Write(id, data); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}
