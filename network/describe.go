package network

import (
	"fmt"
	"strings"

	"gpusim/model/ir"
)

// ValueInfo says what a name of a network stands for.
type ValueInfo struct {
	Name     string
	Kind     string // parameter, state, accumulator, constant, input, seed, or kept: what a run goes on from beside
	Of       string // the population or projection; "" for constants and the seed
	Shape    []int  // as Get gives it now; nil for one number
	Elements int    // the most numbers that Set takes: one a neuron or synapse; 0 for samples of an input, which may be any number
	Settable bool
}

// Describe says what can be read by Get, and what of it can be Set: constants,
// parameters and states in the order of the file, inputs, the seed.
func (n *Network) Describe() ([]ValueInfo, error) {
	if err := n.sync(); err != nil {
		return nil, err
	}
	var out []ValueInfo
	for _, s := range n.order {
		if s.kind == madeSlot || s.kind == refractorySlot {
			continue
		}
		x, err := n.describeSlot(s, s.name)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	for k, s := range n.inputs {
		x, err := n.describeSlot(s, fmt.Sprintf("inputs.%d.value", k))
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return append(out, ValueInfo{Name: seedName, Kind: "seed", Elements: 1, Settable: true}), nil
}

func (n *Network) describeSlot(s *slot, name string) (ValueInfo, error) {
	kinds := map[slotKind]string{constantSlot: "constant", paramSlot: "parameter", stateSlot: "state", accumSlot: "accumulator", inputSlot: "input"}
	x := ValueInfo{Name: name, Kind: kinds[s.kind], Elements: 1}
	if x.Kind == "" {
		x.Kind = "kept"
	}
	if s.obj != nil {
		x.Of, x.Elements = s.obj.name, s.obj.count(s.obj.elements())
	}
	if s.kind == inputSlot && s.given != nil && (s.given.dim == ir.PerSample || s.given.dim == ir.PerSampleNeuron) {
		x.Elements = 0
	}
	x.Settable = s.kind != lineSlot && n.file.Shaped(name) == ""
	var err error
	x.Shape, err = n.Shape(name)
	return x, err
}

// Shape gives the shape of what Get gives for a name: nil for one number that
// all elements share, else one number for each neuron, presynaptic neuron,
// synapse or sample. Delay lines, and samples of one a neuron, have a row for
// each step or sample.
func (n *Network) Shape(name string) ([]int, error) {
	if name == seedName && !n.closed {
		return nil, nil
	}
	if err := n.sync(); err != nil {
		return nil, err
	}
	s, err := n.find(name)
	if err != nil {
		return nil, err
	}
	if id, ok := n.built.vars[name]; ok && s.kind.isState() {
		return n.shapeOfState(s, &n.built.prog.Vars[id]), nil
	}
	v, err := n.eval(s)
	switch {
	case err != nil:
		return nil, err
	case v.dim == ir.One:
		return nil, nil
	case v.dim == ir.PerSampleNeuron:
		size := s.obj.count(ir.PerNeuron)
		return []int{len(v.rows[0]) / size, size}, nil
	case s.kind == paramSlot && v.dim == ir.PerPre:
		return []int{s.obj.ends.n}, nil
	}
	return []int{len(v.rows[0])}, nil
}

func (n *Network) shapeOfState(s *slot, v *ir.Var) []int {
	switch {
	case v.Dim == ir.PerRow:
		size := n.file.Population(strings.SplitN(s.name, ".", 2)[0]).Size
		return []int{max(0, v.Rows-2), size}
	case v.Dim == ir.PerSynapse && n.built.natural[s.name] == ir.PerPre:
		return []int{s.obj.ends.conn.NPre}
	}
	return []int{v.Len}
}
