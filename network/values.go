package network

import (
	"fmt"
	"math"

	"gpusim/model"
	"gpusim/model/draw"
	"gpusim/model/ir"
	"gpusim/model/lang"
)

// value is what a slot stands for: n elements of a dimension, the same for all
// instances (one row) or for each instance its own.
type value struct {
	dim  ir.Dim
	rows [][]float64
	bad  []string // for each row, what in it is not finite; nil: nothing
}

// bytes is about the memory that a value takes, with what becomes of it.
func (v *value) bytes() int64 {
	total := int64(0)
	for _, row := range v.rows {
		total += model.NumberBytes * int64(len(row))
	}
	return total
}

func number(x float64) *value { return &value{dim: ir.One, rows: [][]float64{{x}}} }

func (v *value) row(instance int) []float64 {
	if len(v.rows) == 1 {
		return v.rows[0]
	}
	return v.rows[instance]
}

// sameBits reports whether two arrays hold the same numbers, NaN being the
// same as itself.
func sameBits(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Float64bits(a[i]) != math.Float64bits(b[i]) {
			return false
		}
	}
	return true
}

func (v *value) equal(w *value) bool {
	if w == nil || v.dim != w.dim || len(v.rows) != len(w.rows) {
		return false
	}
	for k := range v.rows {
		if !sameBits(v.rows[k], w.rows[k]) {
			return false
		}
	}
	return true
}

// eval gives a slot's value, evaluating it and what it reads where that is not
// known.
func (n *Network) eval(s *slot) (*value, error) {
	if s.val != nil {
		return s.val, nil
	}
	if s.busy {
		return nil, n.errorAt(s.at, fmt.Errorf("%s depends on itself", s.name))
	}
	v := s.given
	if v == nil {
		s.busy = true
		computed, err := n.compute(s)
		s.busy = false
		if err != nil {
			return nil, err
		}
		// Its dimension is what the expression can give, not what the values
		// happen to be: another instance, or another seed, has others.
		v = computed
		s.bytes = v.bytes()
		n.computed += s.bytes
	}
	if err := n.checkFinite(s, v); err != nil {
		return nil, err
	}
	s.val = v
	return v, nil
}

// checkFinite looks for values that are NaN or infinite. Where the network
// bears them (a sweep, whose other points are sound), they are noted.
func (n *Network) checkFinite(s *slot, v *value) error {
	if s.kind == quantitySlot || s.kind == flagSlot {
		return nil
	}
	for k, row := range v.rows {
		for e, x := range row {
			if !math.IsNaN(x) && !math.IsInf(x, 0) {
				continue
			}
			msg := fmt.Sprintf("%s is %s", s.describe(v.dim, e), formatNumber(x))
			if n.bear {
				if v.bad == nil {
					v.bad = make([]string, len(v.rows))
				}
				v.bad[k] = msg
				break
			}
			if len(v.rows) > 1 {
				msg += fmt.Sprintf(" in instance %d", k)
			}
			err := error(&kindError{ErrNotFinite, msg})
			if s.given == nil {
				err = n.errorAt(s.at, err)
			}
			return err
		}
	}
	return nil
}

// badStart says what is not finite in the values that an instance starts with,
// "" where nothing is.
func (n *Network) badStart(instance int) string {
	for _, list := range [][]*slot{n.order, n.inputs} {
		for _, s := range list {
			if s.val != nil && s.val.bad != nil {
				if msg := s.val.bad[min(instance, len(s.val.bad)-1)]; msg != "" {
					return msg
				}
			}
		}
	}
	return ""
}

// access reads what a name stands for, element by element.
type access struct {
	val    *value
	index  []int32 // of the element to read; nil: the element itself
	base   int     // what is added to that: the start of a group
	single bool    // there is one element
}

// extent is the dimension over which a reference in o's expression varies.
func (r ref) extent(o *object, v *value) ir.Dim {
	switch {
	case r.index == 'i' && o.proj != nil:
		return ir.PerPre
	case r.index == 'i', r.index == 'j':
		return o.elements()
	case r.slot == nil || v.dim == ir.One:
		return ir.One
	case r.side == ir.Pre:
		return ir.PerPre
	case r.side == ir.Post:
		return ir.PerSynapse
	}
	return v.dim
}

// compute evaluates a slot's expression for every instance and element.
func (n *Network) compute(s *slot) (*value, error) {
	if s.kind == lineSlot {
		return n.startOfLine(s)
	}
	if s.expr == nil {
		return nil, fmt.Errorf("%s has no value", s.name)
	}
	if err := n.bind(s); err != nil {
		return nil, err
	}
	dim, rows := ir.One, 1
	if len(s.draws) > 0 {
		if s.obj == nil {
			return nil, n.errorAt(s.at, fmt.Errorf("%s: a constant cannot be drawn", s.name))
		}
		dim, rows = s.obj.elements(), len(n.seeds)
	}
	vals := map[*lang.Name]*value{}
	for name, r := range s.refs {
		v := number(r.value)
		if r.index == 't' {
			v = number(float64(n.startStep) * n.file.Dt)
		}
		if r.slot != nil {
			var err error
			if v, err = n.eval(r.slot); err != nil {
				return nil, err
			}
		}
		vals[name] = v
		dim = max(dim, r.extent(s.obj, v))
		rows = max(rows, len(v.rows))
	}
	count := 1
	if s.obj != nil {
		count = s.obj.count(dim)
	}
	if err := n.checkValues(s, dim, count, rows); err != nil {
		return nil, err
	}
	reads := map[*lang.Name]access{}
	for name, r := range s.refs {
		reads[name] = n.accessTo(s.obj, r, vals[name], dim)
	}
	e := evaluation{n: n, s: s, reads: reads}
	out := &value{dim: dim}
	for e.instance = 0; e.instance < rows; e.instance++ {
		row, err := e.row(count)
		if err != nil {
			return nil, err
		}
		out.rows = append(out.rows, row)
	}
	return out, nil
}

// accessTo says how a reference is read in an expression of dimension dim.
func (n *Network) accessTo(o *object, r ref, v *value, dim ir.Dim) access {
	if r.index == 'i' || r.index == 'j' {
		return access{val: o.indices(r.index, dim)}
	}
	if v.dim == ir.One {
		return access{val: v, single: true}
	}
	a := access{val: v}
	if r.slot == nil {
		return a
	}
	switch {
	case o.pop != nil:
		a.base = o.start()
	case r.side == ir.Pre:
		a.base = o.ends.preStart
	case r.side == ir.Post:
		a.base = o.ends.postStart
	}
	if dim != ir.PerSynapse {
		return a
	}
	o.ends.load()
	switch {
	case r.side == ir.Post:
		a.index = o.ends.post
	case r.side == ir.Pre, v.dim == ir.PerPre:
		a.index = o.ends.pre
	}
	return a
}

// indices gives i or j for each element.
func (o *object) indices(which byte, dim ir.Dim) *value {
	row := make([]float64, o.count(dim))
	var of []int32
	if dim == ir.PerSynapse {
		o.ends.load()
		of = o.ends.pre
		if which == 'j' {
			of = o.ends.post
		}
	}
	for e := range row {
		row[e] = float64(e)
		if of != nil {
			row[e] = float64(of[e])
		}
	}
	return &value{dim: dim, rows: [][]float64{row}}
}

// maxRefractory is the most steps of a refractory time: whole numbers up to
// there are exact in float32.
const maxRefractory = 1 << 24

// evaluation is the evaluation of one slot's expression: the instance and
// element it is at.
type evaluation struct {
	n                 *Network
	s                 *slot
	reads             map[*lang.Name]access
	instance, element int
}

func (e *evaluation) row(count int) ([]float64, error) {
	ev := &lang.Evaluator{Lookup: e.lookup, Draw: e.draw}
	row := make([]float64, count)
	for e.element = range row {
		x, err := ev.Eval(e.s.expr)
		if err != nil {
			at := e.s.at
			if ee, ok := err.(*lang.EvalError); ok {
				at = ee.At
			}
			return nil, e.n.errorAt(at, fmt.Errorf("%s: %w", e.s.name, err))
		}
		if e.s.kind == refractorySlot {
			steps := model.StepOf(x, e.n.file.Dt)
			if steps > maxRefractory {
				return nil, e.n.errorAt(e.s.at, fmt.Errorf("%s: a refractory time of %s ms is %d steps of %s ms; the most is %d",
					e.s.obj.name, formatNumber(x), steps, formatNumber(e.n.file.Dt), maxRefractory))
			}
			x = float64(max(1, steps))
		}
		row[e.element] = x
	}
	return row, nil
}

func (e *evaluation) lookup(name *lang.Name) (float64, bool) {
	a, ok := e.reads[name]
	if !ok {
		return 0, false
	}
	row := a.val.row(e.instance)
	switch {
	case a.single:
		return row[0], true
	case a.index != nil:
		return row[a.base+int(a.index[e.element])], true
	}
	return row[a.base+e.element], true
}

func (e *evaluation) draw(c *lang.Call, args []float64) (float64, error) {
	seed := e.n.seeds[0]
	if len(e.n.seeds) > 1 {
		seed = e.n.seeds[e.instance]
	}
	x, err := draw.Value(c.Func, args, e.s.draws[c].Words(seed, e.element, 0))
	if err != nil {
		return 0, &lang.EvalError{At: c.At, Msg: err.Error()}
	}
	return x, nil
}
