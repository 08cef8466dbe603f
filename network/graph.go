package network

import (
	"fmt"
	"math"

	"gpusim/model"
	"gpusim/model/diag"
	"gpusim/model/draw"
	"gpusim/model/ir"
	"gpusim/model/lang"
)

// slotKind says what a slot's value is.
type slotKind uint8

const (
	constantSlot slotKind = iota
	paramSlot
	stateSlot      // the starting value of a state
	accumSlot      // that of an input's accumulator: 0
	flagSlot       // the spike condition at the start
	lastSlot       // the last spike before the start: never
	madeSlot       // what the compiler keeps between steps: 0
	lineSlot       // a delay line: the starting value of another state
	quantitySlot   // a quantity at the start
	inputSlot      // the value of an input
	refractorySlot // steps of the refractory time
)

// isState reports whether the value is that of something the step changes.
func (k slotKind) isState() bool { return k >= stateSlot && k <= lineSlot }

// slot is a named value on the host and how it comes about: by what was given
// for it (Set, an array), else by an expression that may read other slots.
// Values are evaluated when asked for and kept until something they read
// changes.
type slot struct {
	name   string
	kind   slotKind
	obj    *object // nil for constants
	at     diag.Pos
	expr   lang.Node
	given  *value
	set    bool         // given by the user, not by the file
	input  *model.Input // of inputSlot
	number int          // of inputSlot: which of the file's it is; -1: none
	of     *slot        // of lineSlot: what it delays
	rows   int          // of lineSlot

	refs  map[*lang.Name]ref // of expr, once bound
	draws map[*lang.Call]draw.Stream
	users []*slot // those whose expr reads this one
	val   *value
	bytes int64 // of val, where it was computed
	busy  bool  // being evaluated: meeting it again is a cycle
}

// ref is what a name in an expression stands for.
type ref struct {
	slot  *slot // nil for i, j, t and numbers
	side  ir.Side
	index byte // 'i', 'j', 't' for the time of the start, or 0
	value float64
}

// object is a population or projection: the scope of its expressions.
type object struct {
	name  string
	pop   *model.Population
	proj  *model.Projection
	slots map[string]*slot // by their names in the model
	ends  *ends            // of a projection
	from  *object
	to    *object
	group *model.Range // of an input: the neurons that it goes to; nil: all
}

// ends is the synapses of a projection.
type ends struct {
	conn      ir.Conn
	n         int
	pre, post []int32 // filled in by load
	// Where the connected neurons begin in their populations.
	preStart, postStart int
}

func (e *ends) load() {
	if e.pre == nil && e.n > 0 {
		e.pre, e.post = e.conn.Ends()
	}
}

func (n *Network) endsOf(p *model.Projection) *ends {
	c := n.file.Conn(p)
	e := &ends{conn: *c, n: c.Len()}
	e.preStart, _ = p.From.Span(p.FromGroup)
	e.postStart, _ = p.To.Span(p.ToGroup)
	return e
}

// count is the number of elements of a dimension in the object.
func (o *object) count(d ir.Dim) int {
	switch {
	case d == ir.One:
		return 1
	case o.pop != nil:
		start, stop := o.pop.Span(o.group)
		return stop - start
	case d == ir.PerPre:
		return o.ends.conn.NPre
	}
	return o.ends.n
}

// start is the number of the first neuron of a population's group.
func (o *object) start() int {
	start, _ := o.pop.Span(o.group)
	return start
}

// elements is the dimension of one value an element.
func (o *object) elements() ir.Dim {
	if o.pop != nil {
		return ir.PerNeuron
	}
	return ir.PerSynapse
}

// addObject makes the slots of a population or projection.
func (n *Network) addObject(o *object, m *model.Model, params, init []*model.Value) error {
	o.slots = map[string]*slot{}
	n.objects = append(n.objects, o)
	add := func(name string, kind slotKind, v *model.Value) (*slot, error) {
		s := &slot{name: o.name + "." + name, kind: kind, obj: o}
		if v != nil {
			s.at, s.expr = v.At, v.Expr
			if v.Array != nil {
				given, err := n.fit(s, v.Array.Data)
				if err != nil {
					return nil, n.errorAt(v.At, err)
				}
				s.given = given
			}
		}
		if n.slots[s.name] == nil {
			n.addSlot(s)
		}
		return s, nil
	}
	merge := func(kind slotKind, defaults, overrides []*model.Value) error {
		for _, v := range defaults {
			for _, w := range overrides {
				if w.Name == v.Name {
					v = w
				}
			}
			s, err := add(v.Name, kind, v)
			if err != nil {
				return err
			}
			o.slots[v.Name] = s
		}
		return nil
	}
	if err := merge(paramSlot, m.Parameters, params); err != nil {
		return err
	}
	if err := merge(stateSlot, m.States, init); err != nil {
		return err
	}
	for _, in := range m.Inputs {
		s, _ := add(in.Name, accumSlot, nil)
		s.given = number(0)
		o.slots[in.Name] = s
	}
	for _, eq := range m.Equations {
		if !eq.Derivative {
			o.slots[eq.Name] = &slot{name: o.name + "." + eq.Name, kind: quantitySlot, obj: o, at: eq.At, expr: eq.Value}
		}
	}
	if o.pop == nil || m.Spike == nil {
		return nil
	}
	if m.Reset == nil {
		_, _ = add("spike_condition", flagSlot, &model.Value{At: m.Spike.Pos(), Expr: m.Spike})
	}
	if m.Refractory != nil {
		s, _ := add("last_spike_step", lastSlot, nil)
		s.given = number(ir.NeverSpiked)
		_, _ = add("refractory_steps", refractorySlot, &model.Value{At: m.Refractory.Pos(), Expr: m.Refractory})
	}
	return nil
}

func (n *Network) addSlot(s *slot) {
	n.slots[s.name] = s
	n.order = append(n.order, s)
}

// newInput makes the slot of an input's value.
func (n *Network) newInput(in *model.Input) (*slot, error) {
	s := &slot{name: in.To.Called(in.Group) + "." + in.Target, kind: inputSlot, input: in, number: -1}
	for _, o := range n.objects {
		if o.pop == in.To {
			s.obj = o
			if in.Group != nil {
				c := *o
				c.group = in.Group
				s.obj = &c
			}
		}
	}
	if s.obj == nil {
		return nil, errorOf(ErrUnknownName, "an input goes to a population that is not in this network")
	}
	s.at, s.expr = in.Value.At, in.Value.Expr
	if in.Value.Array != nil {
		given, err := n.fitInput(s, in.Kind, in.Value.Array.Data)
		if err != nil {
			return nil, n.errorAt(in.Value.At, err)
		}
		s.given = given
	}
	return s, nil
}

// errorAt puts the place in the file before an error.
func (n *Network) errorAt(at diag.Pos, err error) error {
	if !at.IsValid() {
		return err
	}
	src := at.Source
	if src == nil {
		src = n.file.Source
	}
	return &located{&diag.Problem{Source: src, Pos: at, Msg: err.Error()}, err}
}

// bind finds what the names in the slot's expression stand for.
func (n *Network) bind(s *slot) error {
	if s.refs != nil {
		return nil
	}
	refs := map[*lang.Name]ref{}
	for _, name := range lang.Names(s.expr) {
		r, ok := n.resolve(s.obj, name)
		if !ok {
			return n.errorAt(name.At, errorOf(ErrUnknownName, "%s: %q has no value here", s.name, name.String()))
		}
		refs[name] = r
	}
	for _, r := range refs {
		if r.slot != nil {
			r.slot.users = append(r.slot.users, s)
		}
	}
	s.refs, s.draws = refs, map[*lang.Call]draw.Stream{}
	for k, c := range lang.Draws(s.expr) {
		s.draws[c] = draw.StreamOf(s.name, k)
	}
	return nil
}

func (n *Network) resolve(o *object, name *lang.Name) (ref, bool) {
	id := name.Ident
	if name.Owner != "" {
		if o == nil || o.proj == nil {
			return ref{}, false
		}
		end, side := o.from, ir.Pre
		if name.Owner == "post" {
			end, side = o.to, ir.Post
		}
		s, ok := end.slots[id]
		return ref{slot: s, side: side}, ok
	}
	if o != nil {
		if s, ok := o.slots[id]; ok {
			return ref{slot: s}, true
		}
		if r, ok := o.special(id); ok {
			return r, true
		}
	}
	switch id {
	case "dt":
		return ref{value: n.file.Dt}, true
	case "t":
		return ref{index: 't'}, true
	case "pi":
		return ref{value: math.Pi}, true
	}
	s, ok := n.slots[id]
	return ref{slot: s}, ok && s.kind == constantSlot
}

// special gives the names of sizes and indices.
func (o *object) special(id string) (ref, bool) {
	switch {
	case o.pop != nil && (id == "N" || id == "size"):
		return ref{value: float64(o.count(ir.PerNeuron))}, true
	case o.proj != nil && id == "N_pre":
		return ref{value: float64(o.ends.conn.NPre)}, true
	case o.proj != nil && id == "N_post":
		return ref{value: float64(o.ends.conn.NPost)}, true
	case id == "i":
		return ref{index: 'i'}, true
	case o.proj != nil && id == "j":
		return ref{index: 'j'}, true
	}
	return ref{}, false
}

// invalidate forgets the value of a slot and of all that read it.
func (n *Network) invalidate(s *slot) {
	if s.val == nil {
		return
	}
	n.computed -= s.bytes
	s.val, s.bytes = nil, 0
	for _, u := range s.users {
		n.invalidate(u)
	}
}

// describe names element e of a slot for messages.
func (s *slot) describe(dim ir.Dim, e int) string {
	what := "the value"
	switch {
	case s.kind == flagSlot:
		what = "the spike condition"
	case s.kind.isState():
		what = "the starting value"
	}
	switch dim {
	case ir.PerNeuron:
		return fmt.Sprintf("%s: %s of neuron %d", s.name, what, e)
	case ir.PerPre:
		return fmt.Sprintf("%s: %s for presynaptic neuron %d", s.name, what, e)
	case ir.PerSynapse:
		return fmt.Sprintf("%s: %s of synapse %d", s.name, what, e)
	case ir.PerSample:
		return fmt.Sprintf("%s: sample %d", s.name, e)
	}
	return s.name + ": " + what
}
