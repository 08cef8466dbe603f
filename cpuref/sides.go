package cpuref

// A side is what a list of synapses computes of the neurons at one of their
// ends alone. It is computed once a neuron and not once a synapse: the same
// operations of the same numbers, so the same bits.
type side struct {
	*list
	values   []sided
	gathered map[int]value // in the list of synapses, by the number in values
}

// A sided value is where it stands in the list of a side, or where it is read.
type sided struct {
	value value
	array at
	read  bool // not computed: read from array
	name  string
}

// divide lets l compute apart what is of one neuron. It does nothing where l
// is not of synapses; a side with more neurons than there are synapses stays
// in l.
func (l *list) divide() {
	if l.domain.kind != synapses {
		return
	}
	for i, k := range [...]domainKind{presynaptic, postsynaptic} {
		if n := l.domain.ends.count(k); n < l.domain.n {
			l.sides[i] = &side{
				list:     l.newList(domain{kind: k, n: n, ends: l.domain.ends}, l.owner),
				gathered: map[int]value{},
			}
		}
	}
}

// sideOf is the side of a value, nil where it is of none.
func (l *list) sideOf(v value) *side {
	if v.kind == ofPre || v.kind == ofPost {
		return l.sides[v.kind-ofPre]
	}
	return nil
}

// wait gives a value that is read on a side when it is needed.
func (l *list) wait(x at, home domainKind, name string) (value, bool) {
	k := ofPre
	if home == postsynaptic {
		k = ofPost
	}
	s := l.sides[k-ofPre]
	if s == nil {
		return value{}, false
	}
	s.values = append(s.values, sided{array: x, read: true, name: name})
	return value{k, len(s.values) - 1}, true
}

// oneSided reports whether all of values are scalars or of one side.
func (l *list) oneSided(values ...value) bool {
	k := scalar
	for _, v := range values {
		switch {
		case v.kind == scalar || v.kind == k:
		case k == scalar && l.sideOf(v) != nil:
			k = v.kind
		default:
			return false
		}
	}
	return k != scalar
}

// onSide computes f of values, for which oneSided holds, in the list of their
// side.
func (l *list) onSide(values []value, f func(*list, []value) value) value {
	var s *side
	k := scalar
	args := make([]value, len(values))
	for i, v := range values {
		args[i] = v
		if v.kind == scalar {
			continue
		}
		s, k = l.sideOf(v), v.kind
		x := &s.values[v.index]
		if x.value == (value{}) { // read, and not yet in the side's list
			x.value = s.from(x.array, s.domain.kind, x.name)
		}
		args[i] = x.value
	}
	s.values = append(s.values, sided{value: f(s.list, args)})
	return value{k, len(s.values) - 1}
}

// gather makes v, which is of a side, a value for each synapse.
func (l *list) gather(v value) value {
	s := l.sideOf(v)
	if g, ok := s.gathered[v.index]; ok {
		return g
	}
	x := &s.values[v.index]
	if !x.read {
		x.array = at{array: l.newArray(s.domain.n)}
		s.add(op{form: copyV, a: x.value, dst: value{array, x.array.array}})
	}
	o := x.array.op(gatherV)
	o.from = l.neuronsOf(s.domain.kind)
	s.gathered[v.index] = l.emit(o)
	return s.gathered[v.index]
}

// loop ends l, at whose end results are looked at.
func (l *list) loop(results ...value) loop {
	out := loop{n: l.domain.n, kind: l.domain.kind, body: l.next(results...)}
	l.finish()
	for _, s := range l.sides {
		if s == nil {
			continue
		}
		if side := s.list.loop(); len(side.body.ops) > 0 {
			out.sides = append(out.sides, side)
		}
	}
	return out
}
