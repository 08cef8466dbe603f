package network

import (
	"fmt"
	"math/bits"

	"gpusim/model"
	"gpusim/model/ir"
)

// What does not fit the memory that the file may take is refused before it is
// made. In a batch the error is one of ir.ErrTooLarge, and a sweep takes fewer
// points at a time.

// maxElements bounds the values of one variable: 2 GiB in float64.
const maxElements = 1 << 28

// tooLarge says which limit of memory was met.
func (n *Network) tooLarge(format string, args ...any) error {
	most, whose := n.file.MemoryLimit()
	return errorOf(ir.ErrTooLarge, "%s; %s %d", fmt.Sprintf(format, args...), whose, most)
}

func (n *Network) memory() float64 {
	most, _ := n.file.MemoryLimit()
	return float64(most)
}

// checkValues refuses to evaluate count values of a dimension, in so many rows.
func (n *Network) checkValues(s *slot, dim ir.Dim, count, rows int) error {
	each := map[ir.Dim]string{ir.PerSynapse: ", one a synapse", ir.PerNeuron: ", one a neuron", ir.PerPre: ", one a presynaptic neuron"}[dim]
	if count > maxElements {
		return n.errorAt(s.at, fmt.Errorf("%s has %d values%s, which take %d bytes; the most is %d values", s.name, count, each, 8*count, maxElements))
	}
	if bytes := model.NumberBytes * float64(count) * float64(rows); float64(n.computed)+bytes > n.memory() {
		what := fmt.Sprintf("%s has %d values%s", s.name, count, each)
		if rows > 1 {
			what += fmt.Sprintf(" in each of %d instances", rows)
		}
		return n.errorAt(s.at, n.tooLarge("%s: with them the values of the network take about %.0f bytes of memory", what, float64(n.computed)+bytes))
	}
	return nil
}

// checkInstances refuses more instances than there is memory for.
func (n *Network) checkInstances(p *ir.Program) error {
	bytes := 0.0
	for i := range p.Vars {
		if each := float64(p.Vars[i].Len); p.Vars[i].Role.IsState() {
			bytes += model.StateBytes * each
		} else {
			bytes += model.NumberBytes * each
		}
	}
	if bytes *= float64(n.instances); n.instances > 1 && bytes > n.memory() {
		return n.tooLarge("%s: the values of %d instances take about %.0f bytes of memory", p.Name, n.instances, bytes)
	}
	return nil
}

// checkRows refuses a run whose records would take more than there is; folded:
// without those that only measures need.
func (n *Network) checkRows(steps int, folded bool) error {
	rows := 0.0 // numbers
	for i := range n.built.records {
		r := &n.built.records[i]
		if !r.hidden || !folded {
			rows += float64((steps-1)/int(r.every)+1) * float64(r.rowLen()+1)
		}
	}
	if bytes := model.NumberBytes * rows * float64(n.instances); bytes > n.memory() {
		of := ""
		if n.instances > 1 {
			of = fmt.Sprintf(" of %d instances", n.instances)
		}
		return n.tooLarge("the records of %d steps%s take about %.0f bytes of memory", steps, of, bytes)
	}
	return nil
}

// Fits reports a result that takes more memory than the file may: nobody knows
// before a run how many spikes there will be.
func (n *Network) Fits(r *Result) error { return n.fits(r, nil) }

// fits is Fits with the spikes of a slice that are still to be decoded.
func (n *Network) fits(r *Result, s *Slice) error {
	bytes := resultBytes(r)
	if s != nil {
		for _, words := range s.Spikes {
			for _, w := range words {
				bytes += model.SpikeBytes * float64(bits.OnesCount32(w))
			}
		}
	}
	if bytes > n.memory() {
		return n.tooLarge("after %d steps the spikes and records take about %.0f bytes of memory", r.Steps, bytes)
	}
	return nil
}

// bytes is about the memory that a result takes.
func resultBytes(r *Result) float64 {
	bytes := 0.0
	for k := range r.Instances {
		x := &r.Instances[k]
		for i := range x.Spikes {
			bytes += model.SpikeBytes * float64(len(x.Spikes[i].Steps))
		}
		for _, list := range [][]Trace{x.Traces, x.hidden} {
			for i := range list {
				bytes += model.NumberBytes * float64(len(list[i].Data)+len(list[i].Steps))
			}
		}
	}
	return bytes
}
