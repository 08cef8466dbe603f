package network

import (
	"fmt"
	"slices"

	"gpusim/model"
)

var inputOps = []string{"add", "subtract", "multiply", "divide", "set"}

// SetInput changes the shape, operation and value of input number k. An empty
// op keeps the one that it has; everyMs is the time between the samples of
// PerTime and PerTimeAndNeuron. The network is rebuilt where that is another
// structure; its state is kept.
func (n *Network) SetInput(k int, kind model.InputKind, op string, value []float64, everyMs float64) error {
	if n.closed {
		return ErrClosed
	}
	s, err := n.inputAt(k)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("inputs.%d.value", k)
	if op != "" && !slices.Contains(inputOps, op) {
		return fmt.Errorf("%s: there is no operation %q; there are %v", name, op, inputOps)
	}
	timed := kind == model.PerTime || kind == model.PerTimeAndNeuron
	if timed && !(everyMs > 0) {
		return fmt.Errorf("%s: the time between samples is greater than 0 ms, not %s", name, formatNumber(everyMs))
	}
	if err := n.setInput(s, name, kind, [][]float64{slices.Clone(value)}); err != nil {
		return err
	}
	if op != "" {
		s.input.Op = op
	}
	if timed {
		s.input.Every = everyMs
	}
	n.dirty = true
	return nil
}

// AddInput adds inputs after those there are; their populations are found by
// name. The network is rebuilt; its state is kept.
func (n *Network) AddInput(in ...model.Input) error {
	if n.closed {
		return ErrClosed
	}
	var added []*slot
	for i := range in {
		x := in[i]
		if x.To == nil || x.Value == nil {
			return fmt.Errorf("an input needs a population and a value")
		}
		pop := n.file.Population(x.To.Name)
		if pop == nil {
			return unknown(x.To.Name, n.populationNames())
		}
		if !pop.Model.HasInput(x.Target) {
			return errorOf(ErrUnknownName, "%s (of model %s) has no input %q", pop.Name, pop.Model.Name, x.Target)
		}
		if x.Op == "" {
			x.Op = "add"
		}
		if !slices.Contains(inputOps, x.Op) {
			return fmt.Errorf("there is no operation %q; there are %v", x.Op, inputOps)
		}
		x.To = pop
		s, err := n.newInput(&x)
		if err != nil {
			return err
		}
		added = append(added, s)
	}
	n.inputs = append(n.inputs, added...)
	n.dirty = true
	return nil
}

// DropInput takes input number k away; those after it move up. The network is
// rebuilt; its state is kept.
func (n *Network) DropInput(k int) error {
	if n.closed {
		return ErrClosed
	}
	s, err := n.inputAt(k)
	if err != nil {
		return err
	}
	if s.number >= 0 {
		n.dropped = append(n.dropped, s)
	}
	n.inputs = slices.Delete(slices.Clone(n.inputs), k, k+1)
	n.dirty = true
	return nil
}

func (n *Network) populationNames() []string {
	var names []string
	for _, p := range n.file.Populations {
		names = append(names, p.Name)
	}
	return names
}
