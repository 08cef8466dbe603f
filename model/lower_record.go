package model

import (
	"slices"

	"gpusim/model/algebra"
	"gpusim/model/ir"
	"gpusim/model/lang"
)

// lowerRecord lowers a record of an object but for what its elements are.
func lowerRecord(object string, r *Record, s *lowerScope) ir.Record {
	return ir.Record{Name: object + "." + r.Called(), Every: max(1, r.Every), Of: distinct(r.Of, r.Mean), Mean: r.Mean,
		Value: s.block(&lang.Name{At: r.At, Ident: r.Name})}
}

// distinct gives the elements of a list, each once: where it stands first, or
// in ascending order.
func distinct(list []int, ascending bool) (out []int) {
	if list == nil {
		return nil
	}
	out = make([]int, 0, len(list))
	seen := make(map[int]bool, len(list))
	for _, e := range list {
		if !seen[e] {
			seen[e] = true
			out = append(out, e)
		}
	}
	if ascending {
		slices.Sort(out)
	}
	return out
}

// perSynapse reports whether a value of a projection may differ between synapses
// of one presynaptic neuron although its states do not.
func (l *lowerer) perSynapse(b *ir.Block) bool {
	sides := algebra.Sides(b.Value, l.prog.Vars)
	for _, let := range b.Lets {
		sides |= algebra.Sides(let.(*ir.Let).Expr, l.prog.Vars)
	}
	return sides&(algebra.Post|algebra.Synapse) != 0
}
