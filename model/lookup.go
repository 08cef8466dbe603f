package model

import "gpusim/model/lang"

// find gives the value of a name in a list, or nil.
func find(list []*Value, name string) *Value {
	for _, v := range list {
		if v.Name == name {
			return v
		}
	}
	return nil
}

// Parameter gives the parameter of a name, or nil.
func (m *Model) Parameter(name string) *Value { return find(m.Parameters, name) }

// State gives the state of a name, or nil.
func (m *Model) State(name string) *Value { return find(m.States, name) }

// HasInput reports whether the model has an input of a name.
func (m *Model) HasInput(name string) bool {
	for _, in := range m.Inputs {
		if in.Name == name {
			return true
		}
	}
	return false
}

// Quantity gives the equation that defines a quantity, or nil.
func (m *Model) Quantity(name string) *lang.Equation { return m.equation(name, false) }

// Derivative gives the differential equation of a state, or nil.
func (m *Model) Derivative(name string) *lang.Equation { return m.equation(name, true) }

func (m *Model) equation(name string, derivative bool) *lang.Equation {
	for _, e := range m.Equations {
		if e.Name == name && e.Derivative == derivative {
			return e
		}
	}
	return nil
}

// Constant gives the constant of a name, or nil.
func (f *File) Constant(name string) *Value { return find(f.Constants, name) }

// Population gives the population of a name, or nil.
func (f *File) Population(name string) *Population {
	for _, p := range f.Populations {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Projection gives the projection of a name, or nil.
func (f *File) Projection(name string) *Projection {
	for _, p := range f.Projections {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Synapses is the number of synapses, -1 where a rule draws them.
func (p *Projection) Synapses() int {
	i0, i1 := p.From.Span(p.FromGroup)
	j0, j1 := p.To.Span(p.ToGroup)
	pre, post := i1-i0, j1-j0
	switch p.Connect.Kind {
	case AllToAll:
		if p.From == p.To && !p.Connect.Self {
			return pre*post - max(0, min(i1, j1)-max(i0, j0))
		}
		return pre * post
	case OneToOne:
		return pre
	case Pairs:
		return len(p.Connect.Pre)
	}
	return -1
}
