package network

import (
	"errors"

	"gpusim/model"
	"gpusim/model/ir"
)

// Change takes a file in place of the one that the network runs: the same
// network with another time step, method, equations, sizes, connections or
// values.
//
// What was set stays set, and inputs that were added or dropped, records that
// were asked for and the clock in ms stay as they are, as far as the new file
// has a place for them. All else is the new file's. A network that has run then
// stands as one of the new file that was compiled, had its clock set and was
// given the state that there is: states that the new file has by the same name,
// of populations of the same size and of the same synapses, keep their values;
// what is new starts from its init. Steps of last spikes are counted anew, so
// that elapsed refractory time is kept in ms, and delay lines are cleared.
// Reset goes to the start of the new file.
//
// A change of structure builds the network at once. Each such change, and what
// is lost by it, is told to Options.Note. Where building fails, the network is
// as it was. A file that has other values only compiles nothing.
func (n *Network) Change(f *model.File) error {
	if n.closed {
		return ErrClosed
	}
	if f == nil {
		return errNoFile
	}
	m, moved, err := n.successor(f, n.note)
	if err != nil {
		return err
	}
	last := *n.built
	last.form.inputs = nil
	for _, in := range n.built.form.inputs {
		if s := moved[in.slot]; s != nil {
			in.slot = s
		}
		last.form.inputs = append(last.form.inputs, in)
	}
	m.built, m.started, m.past = &last, n.started, n.past
	if changes := model.Changes(n.file, f); len(changes) > 0 {
		err = m.replace(n, changes)
	} else {
		for name, v := range n.pending {
			m.pending[name] = v
		}
		err = m.addMade(last.prog)
	}
	if err == nil {
		*n = *m
	}
	return err
}

// replace builds m, whose structure is another, in the place of n, with n's
// state.
func (m *Network) replace(n *Network, changes []string) error {
	form, err := m.structure()
	if err != nil {
		return err
	}
	for _, c := range append(changes, m.changes(form)...) {
		m.note("%s The network will be rebuilt.", c)
	}
	var now *Network // stands where n stands
	var current map[string]*value
	if n.started {
		n.noteLosses(m)
		if now, err = n.standing(m.file); err == nil {
			current, err = now.startOfStates()
		}
	}
	if err != nil {
		return err
	}
	b, err := m.compile(&form, current)
	if err != nil {
		return err
	}
	if now != nil { // now that it is known which delay lines there are
		if err = now.addMade(b.prog); err == nil {
			current, err = now.startOfStates()
		}
	}
	if err == nil {
		err = m.fill(b, current)
	}
	if err != nil {
		return errors.Join(err, b.eng.Close())
	}
	m.built, m.dirty = b, false
	m.past = n.past.Add(n.built.eng.Counters())
	m.past.Rebuilds++
	return n.built.eng.Close()
}

// startOfStates gives all states as they start.
func (n *Network) startOfStates() (map[string]*value, error) {
	out := map[string]*value{}
	for _, s := range n.order {
		if !s.kind.isState() {
			continue
		}
		v, err := n.eval(s)
		if err != nil {
			return nil, err
		}
		out[s.name] = v
	}
	return out, nil
}

// standing gives a network of a file, for its values on the host, that starts
// where n stands now.
func (n *Network) standing(f *model.File) (*Network, error) {
	m, _, err := n.successor(f, func(string, ...any) {})
	if err != nil {
		return nil, err
	}
	m.startStep, m.bear = m.step, true
	current, err := n.readState()
	if err != nil {
		return nil, err
	}
	for name, v := range n.pending {
		current[name] = v
	}
	for name, v := range current {
		s, to := n.slots[name], m.slots[name]
		if to == nil || to.kind != s.kind || !n.sameElements(m, s.obj) {
			continue
		}
		if s.kind == flagSlot && s.obj.condition() != to.obj.condition() {
			continue // another condition is evaluated on the state that there is
		}
		if s.kind == lastSlot {
			v = n.stepsFor(m, v, n.step, m.step)
		}
		to.given = v
	}
	return m, nil
}

// noteLosses says what of the state does not go over to m.
func (n *Network) noteLosses(m *Network) {
	lines, last := false, false
	for _, s := range n.order {
		lines = lines || s.kind == lineSlot
		last = last || s.kind == lastSlot && m.slots[s.name] != nil
	}
	for _, o := range n.objects {
		switch {
		case n.sameElements(m, o):
		case o.pop != nil && m.file.Population(o.name) != nil:
			m.note("The neurons of %q start anew.", o.name)
		case o.proj != nil && m.file.Projection(o.name) != nil:
			m.note("The synapses of %q start anew.", o.name)
		}
	}
	if last {
		m.note("Elapsed refractory time is kept in ms.")
	}
	if lines {
		m.note("The delay lines are cleared.")
	}
}

// stepsFor gives the steps of last spikes as m counts them: as long before its
// step to, in ms, as they were before from.
func (n *Network) stepsFor(m *Network, v *value, from, to int64) *value {
	out := &value{dim: v.dim}
	for _, row := range v.rows {
		moved := make([]float64, len(row))
		for i, x := range row {
			if moved[i] = x; x > ir.NeverSpiked {
				ms := (float64(from) - x) * n.file.Dt
				moved[i] = float64(to - model.StepOf(ms, m.file.Dt))
			}
		}
		out.rows = append(out.rows, moved)
	}
	return out
}
