package network

import (
	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/model/lang"
)

// successor gives a network of another file, not built, to which goes over what
// was done to n: what was set, inputs that were added or dropped, records, the
// clock. It says which input of n became which, and notes what has no place.
func (n *Network) successor(f *model.File, note func(format string, args ...any)) (m *Network, moved map[*slot]*slot, err error) {
	opts := n.opts
	opts.Record = nil // they are among n's records
	if m, err = prepare(f, n.dev, &opts); err != nil {
		return nil, nil, err
	}
	m.opts = n.opts
	if n.seedSet {
		m.seeds, m.seedSet = n.seeds, true
	}
	n.carryClock(m)
	n.carryValues(m, note)
	n.carryRecords(m, note)
	moved, err = n.carryInputs(m, note)
	return m, moved, err
}

// carryClock keeps times in ms.
func (n *Network) carryClock(m *Network) {
	dt := m.file.Dt
	if n.startSet {
		m.startMs, m.startSet = n.startMs, true
	}
	m.startStep = model.StepOf(m.startMs, dt)
	m.clock = m.startMs
	if n.started {
		m.clock = n.clock
	}
	m.step = model.StepOf(m.clock, dt)
	m.origin = m.step - model.StepOf(float64(n.step-n.origin)*n.file.Dt, dt)
}

func (n *Network) carryValues(m *Network, note func(string, ...any)) {
	for _, s := range n.order {
		if !s.set {
			continue
		}
		to, v := m.slots[s.name], s.given
		if to == nil || to.kind != s.kind || v.dim != ir.One && !n.sameElements(m, s.obj) {
			note("What was set of %q has no place in the new file and is dropped.", s.name)
			continue
		}
		if s.kind == lastSlot {
			v = n.stepsFor(m, v, n.startStep, m.startStep)
		}
		to.given, to.set = v, true
	}
}

// carryRecords keeps what is recorded of the objects for which that was asked.
func (n *Network) carryRecords(m *Network, note func(string, ...any)) {
	for _, o := range n.objects {
		if !n.recordsSet[o.name] {
			continue
		}
		last, _, _ := n.recordsOf(o.name)
		current, mod, err := m.recordsOf(o.name)
		if err != nil {
			continue // the object is gone
		}
		m.recordsSet[o.name] = true
		*current = nil
		for _, r := range *last {
			switch {
			case n.hidden[r]:
			case recordable(o.name, mod, r.Name) != nil:
				note("What was recorded of \"%s.%s\" has no place in the new file and is dropped.", o.name, r.Name)
			default:
				*current = append(*current, r)
			}
		}
	}
	m.addHiddenRecords()
}

// carryInputs keeps what was set of the file's inputs, by their numbers in it,
// those that were dropped out and those that were added in.
func (n *Network) carryInputs(m *Network, note func(string, ...any)) (map[*slot]*slot, error) {
	moved := map[*slot]*slot{}
	of := func(list []*slot, number int) *slot {
		for _, s := range list {
			if s.number == number {
				return s
			}
		}
		return nil
	}
	var kept []*slot
	for _, to := range m.inputs {
		if s := of(n.dropped, to.number); s != nil && s.target() == to.target() {
			m.dropped = append(m.dropped, to)
			continue
		}
		kept = append(kept, to)
		s := of(n.inputs, to.number)
		if s == nil || s.target() != to.target() {
			continue
		}
		moved[s] = to
		if s.set && !s.fitsElements(to) {
			note("What was set of the input %q has no place in the new file and is dropped.", s.name)
		} else if s.set {
			to.given, to.set = s.given, true
			to.input.Kind, to.input.Value, to.input.Op, to.input.Every = s.input.Kind, s.input.Value, s.input.Op, s.input.Every
		}
	}
	m.inputs = kept
	for _, s := range n.inputs {
		if s.number >= 0 {
			continue
		}
		to, err := m.addedInput(s)
		if err != nil {
			return nil, err
		}
		if to == nil || !s.fitsElements(to) {
			note("The input %q that was added has no place in the new file and is dropped.", s.name)
			continue
		}
		to.given, to.set = s.given, s.set
		moved[s] = to
		m.inputs = append(m.inputs, to)
	}
	return moved, nil
}

// addedInput makes the slot of an input that was added to another network; nil
// where it would go to nothing.
func (n *Network) addedInput(s *slot) (*slot, error) {
	in := *s.input
	if in.To = n.file.Population(s.obj.pop.Name); in.To == nil || !in.To.Model.HasInput(in.Target) {
		return nil, nil
	}
	if in.Group != nil {
		var group *model.Range
		for _, g := range in.To.Groups {
			if g.Name == in.Group.Name {
				group = g
			}
		}
		if in.Group = group; group == nil {
			return nil, nil
		}
	}
	if in.Value.Array != nil { // checked by fitsElements
		in.Value = &model.Value{Name: in.Value.Name, At: in.Value.At}
	}
	return n.newInput(&in)
}

// target is what an input goes to.
func (s *slot) target() string {
	if g := s.input.Group; g != nil {
		return s.name + " of " + g.Name
	}
	return s.name
}

// fitsElements reports whether an input's value, where there is one a neuron,
// has as many as another input's neurons.
func (s *slot) fitsElements(to *slot) bool {
	if s.given == nil || s.given.dim == ir.One || s.given.dim == ir.PerSample {
		return true
	}
	return s.obj.count(ir.PerNeuron) == to.obj.count(ir.PerNeuron)
}

// sameElements reports whether an object of n is in m and has the same neurons
// or synapses there. It is true of the network itself, nil.
func (n *Network) sameElements(m *Network, o *object) bool {
	switch {
	case o == nil:
		return true
	case o.pop != nil:
		p := m.file.Population(o.name)
		return p != nil && p.Size == o.pop.Size
	}
	p := m.file.Projection(o.name)
	return p != nil && model.SameSynapses(n.file, o.proj, m.file, p)
}

// condition is the text of a population's spike condition.
func (o *object) condition() string { return lang.Print(o.pop.Model.Spike) }
