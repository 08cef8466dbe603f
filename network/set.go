package network

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/model/lang"
)

// seedName is the name of the seed of draws.
const seedName = "run.seed"

// Set gives a name a value, the same for all instances: a parameter or state
// "object.variable", a constant, "inputs.K.value", where K counts the inputs
// from 0, or "run.seed". The value is a float64, an int, a uint64 or a
// []float64: one for each neuron, synapse or sample.
//
// What is computed from the name follows. A state that is set before the first
// step has another starting value; later, only the state itself changes.
func (n *Network) Set(name string, val any) error {
	var data []float64
	switch v := val.(type) {
	case float64:
		data = []float64{v}
	case int:
		data = []float64{float64(v)}
	case int64:
		data = []float64{float64(v)}
	case uint64:
		if name == seedName {
			return n.setSeeds([]uint64{v})
		}
		data = []float64{float64(v)}
	case []float64:
		data = append([]float64(nil), v...)
	default:
		return fmt.Errorf("%s: a value is a number or []float64, not %T", name, val)
	}
	_, many := val.([]float64)
	return n.set(name, [][]float64{data}, many)
}

// SetInstances gives a name a number for each instance.
func (n *Network) SetInstances(name string, perInstance []float64) error {
	rows := make([][]float64, len(perInstance))
	for k, x := range perInstance {
		rows[k] = []float64{x}
	}
	return n.SetEach(name, rows)
}

// SetEach gives a name values for each instance: a list for each, all of one
// length, as Set takes them.
func (n *Network) SetEach(name string, perInstance [][]float64) error {
	if n.closed {
		return ErrClosed
	}
	if len(perInstance) != n.instances {
		return errorOf(ErrShape, "%s: %d values given, expected %d, one an instance", name, len(perInstance), n.instances)
	}
	rows := make([][]float64, n.instances)
	for k, row := range perInstance {
		if len(row) != len(perInstance[0]) {
			return errorOf(ErrShape, "%s: %d values given for instance %d, and %d for instance 0", name, len(row), k, len(perInstance[0]))
		}
		rows[k] = slices.Clone(row)
	}
	return n.set(name, rows, len(rows[0]) != 1)
}

// set gives a name the values of a row, the same for all instances, or of a row
// for each; many says that they are one for each element.
func (n *Network) set(name string, rows [][]float64, many bool) error {
	if n.closed {
		return ErrClosed
	}
	if name == seedName {
		var seeds []uint64
		for _, row := range rows {
			if len(row) != 1 {
				return errorOf(ErrShape, "run.seed: %d values given, expected 1", len(row))
			}
			seed, err := seedOf(row[0])
			if err != nil {
				return err
			}
			seeds = append(seeds, seed)
		}
		return n.setSeeds(seeds)
	}
	s, err := n.settable(name)
	if err != nil {
		return err
	}
	if !n.bear {
		if err := finite(name, rows, many); err != nil {
			return err
		}
	}
	if s.kind == inputSlot {
		kind := model.Constant
		switch {
		case many && s.input.Kind != model.Constant:
			kind = s.input.Kind
		case many && len(rows[0]) != 1:
			kind = model.PerNeuron
		}
		return n.setInput(s, name, kind, rows)
	}
	v, err := n.fit(s, rows...)
	if err != nil {
		return err
	}
	n.give(s, v)
	return nil
}

// finite refuses values that are NaN or infinite.
func finite(name string, rows [][]float64, many bool) error {
	for k, row := range rows {
		for i, x := range row {
			if !math.IsNaN(x) && !math.IsInf(x, 0) {
				continue
			}
			where := ""
			if many {
				where = fmt.Sprintf(" of element %d", i)
			}
			if len(rows) > 1 {
				where += fmt.Sprintf(" of instance %d", k)
			}
			return errorOf(ErrNotFinite, "%s: the value%s is %s", name, where, formatNumber(x))
		}
	}
	return nil
}

// give makes v the value of a slot, for the device at the next sync.
func (n *Network) give(s *slot, v *value) {
	if n.started && s.kind.isState() {
		n.pending[s.name] = v
		n.dirty = true
		return
	}
	s.set = true
	switch {
	case s.given != nil && s.given.equal(v):
		return
	case s.given == nil && s.val != nil && s.val.equal(v):
		s.given = s.val // the same numbers, which now follow nothing
		return
	}
	s.given = v
	n.invalidate(s)
	n.dirty = true
}

func seedOf(x float64) (uint64, error) {
	if x != math.Trunc(x) || x < 0 || x > 1<<53 {
		return 0, fmt.Errorf("run.seed: a seed is a whole number from 0, not %s", formatNumber(x))
	}
	return uint64(x), nil
}

// setSeeds changes the seed of draws, or gives one to each instance.
func (n *Network) setSeeds(seeds []uint64) error {
	if n.closed {
		return ErrClosed
	}
	n.seedSet = true
	n.redraw(seeds)
	return nil
}

// settable finds the slot of a name that may be set.
func (n *Network) settable(name string) (*slot, error) {
	s, err := n.find(name)
	shaped := n.file.Shaped(name)
	switch {
	case err != nil:
	case shaped != "":
		return nil, errorOf(ErrStructure, "%s: %s depends on it, which is structure: load the file with the new value", name, shaped)
	case s.kind == refractorySlot:
		return nil, errorOf(ErrUnknownName, "%s is computed from the refractory time", name)
	case s.kind == madeSlot, s.kind == lineSlot:
		return nil, errorOf(ErrUnknownName, "%s is what the network keeps between steps: it cannot be set", name)
	}
	return s, err
}

// find gives the slot of a name.
func (n *Network) find(name string) (*slot, error) {
	if s := n.slots[name]; s != nil {
		return s, nil
	}
	if rest, ok := strings.CutPrefix(name, "inputs."); ok {
		k, err := strconv.Atoi(strings.TrimSuffix(rest, ".value"))
		if err == nil && strings.HasSuffix(rest, ".value") {
			return n.inputAt(k)
		}
	}
	for _, o := range n.objects {
		if short, ok := strings.CutPrefix(name, o.name+"."); ok && o.slots[short] != nil {
			return nil, errorOf(ErrUnknownName, "%s is computed by the model: it can be recorded, not set", name)
		}
	}
	return nil, unknown(name, n.Names())
}

func (n *Network) inputAt(k int) (*slot, error) {
	if k < 0 || k >= len(n.inputs) {
		return nil, errorOf(ErrUnknownName, "there is no input %d in this network; it has %d, counted from 0", k, len(n.inputs))
	}
	return n.inputs[k], nil
}

// Names lists what can be set: parameters and states, constants, the values of
// inputs and run.seed.
func (n *Network) Names() []string {
	var out []string
	for _, s := range n.order {
		if s.kind != refractorySlot && s.kind != madeSlot && s.kind != lineSlot {
			out = append(out, s.name)
		}
	}
	for k := range n.inputs {
		out = append(out, fmt.Sprintf("inputs.%d.value", k))
	}
	return append(out, seedName)
}

// fit makes a value of the numbers given for a constant, parameter or state, a
// row for all instances or for each.
func (n *Network) fit(s *slot, rows ...[]float64) (*value, error) {
	data, o := rows[0], s.obj
	if len(data) == 1 {
		return &value{dim: ir.One, rows: rows}, nil
	}
	switch {
	case o == nil:
		return nil, errorOf(ErrShape, "%s: %d values given, expected 1", s.name, len(data))
	case o.pop != nil && len(data) == o.pop.Size:
		return &value{dim: ir.PerNeuron, rows: rows}, nil
	case o.pop != nil:
		return nil, errorOf(ErrShape, "%s: %d values given, expected 1 or %d (one a neuron)", s.name, len(data), o.pop.Size)
	}
	perPre := s.kind == stateSlot && len(data) == o.ends.conn.NPre
	if perPre && (len(data) != o.ends.n || n.built != nil && n.built.natural[s.name] == ir.PerPre) {
		return &value{dim: ir.PerPre, rows: rows}, nil
	}
	if len(data) == o.ends.n {
		v := &value{dim: ir.PerSynapse, rows: rows}
		if s.kind == stateSlot {
			v = o.collapse(v)
		}
		return v, nil
	}
	order := "one a synapse, pre ascending, then post"
	if o.proj.Connect.Kind == model.Pairs {
		order = "one a synapse, in the order of the pairs"
	}
	if s.kind == stateSlot {
		return nil, errorOf(ErrShape, "%s: %d values given, expected 1, %d (one a presynaptic neuron) or %d (%s)",
			s.name, len(data), o.ends.conn.NPre, o.ends.n, order)
	}
	return nil, errorOf(ErrShape, "%s: %d values given, expected 1 or %d (%s)", s.name, len(data), o.ends.n, order)
}

// fitInput is fit of the numbers given for an input of a kind.
func (n *Network) fitInput(s *slot, kind model.InputKind, rows ...[]float64) (*value, error) {
	data, size := rows[0], s.obj.count(ir.PerNeuron)
	switch {
	case len(data) == 1 && (kind == model.Constant || kind == model.PerNeuron):
		return &value{dim: ir.One, rows: rows}, nil
	case kind == model.Constant:
		return nil, errorOf(ErrShape, "%s: %d values given, expected 1", s.name, len(data))
	case kind == model.PerNeuron && len(data) == size:
		return &value{dim: ir.PerNeuron, rows: rows}, nil
	case kind == model.PerNeuron:
		return nil, errorOf(ErrShape, "%s: %d values given, expected 1 or %d (one a neuron)", s.name, len(data), size)
	case len(data) == 0:
		return nil, errorOf(ErrShape, "%s: no samples given", s.name)
	case kind == model.PerTimeAndNeuron && len(data)%size != 0:
		return nil, errorOf(ErrShape, "%s: %d values given, expected a multiple of %d (samples of one a neuron)", s.name, len(data), size)
	}
	if kind == model.PerTimeAndNeuron {
		return &value{dim: ir.PerSampleNeuron, rows: rows}, nil
	}
	return &value{dim: ir.PerSample, rows: rows}, nil
}

// setInput gives an input values of a kind.
func (n *Network) setInput(s *slot, name string, kind model.InputKind, rows [][]float64) error {
	v, err := n.fitInput(s, kind, rows...)
	if err != nil {
		return fmt.Errorf("%s: the input to %w", name, err)
	}
	s.input.Kind = kind
	s.input.Value = literal(rows[0])
	n.give(s, v)
	return nil
}

// literal is a value of a file that holds numbers.
func literal(data []float64) *model.Value {
	v := &model.Value{Name: "value"}
	if len(data) == 1 {
		v.Expr = &lang.Number{Value: data[0]}
		return v
	}
	v.Array = &model.Array{Shape: []int{len(data)}, Data: data}
	return v
}
