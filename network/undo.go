package network

import (
	"slices"

	"gpusim/model"
)

// Keep remembers what names stand for, and gives a function that has them stand
// for it again: what was set of them since is taken back, and what was computed
// follows again. A state that was changed between two steps, and has gone on from
// there, is not.
func (n *Network) Keep(names []string) (back func(), err error) {
	if n.closed {
		return nil, ErrClosed
	}
	var all []kept
	seeds, seedSet := n.seeds, n.seedSet
	withSeed := false
	for _, name := range names {
		if name == seedName {
			withSeed = true
			continue
		}
		s, err := n.settable(name)
		if err != nil {
			return nil, err
		}
		k := kept{slot: s, given: s.given, set: s.set, pending: n.pending[s.name]}
		if s.input != nil {
			k.kind, k.text = s.input.Kind, s.input.Value
		}
		all = append(all, k)
	}
	return func() {
		if n.closed {
			return
		}
		for _, k := range slices.Backward(all) { // of a name that is there twice the first counts
			k.back(n)
		}
		if withSeed {
			n.seedSet = seedSet
			n.redraw(seeds)
		}
		n.dirty = true
	}, nil
}

// kept is what a slot had.
type kept struct {
	slot    *slot
	given   *value
	set     bool
	pending *value          // for the device
	kind    model.InputKind // of an input
	text    *model.Value    // of an input
}

func (k kept) back(n *Network) {
	s := k.slot
	if s.input != nil {
		s.input.Kind, s.input.Value = k.kind, k.text
	}
	s.set = k.set
	if s.given != k.given {
		s.given = k.given
		n.invalidate(s)
	}
	if _, waits := n.pending[s.name]; waits {
		delete(n.pending, s.name)
		if k.pending != nil {
			n.pending[s.name] = k.pending
		}
	}
}

// redraw has draws come from other seeds.
func (n *Network) redraw(seeds []uint64) {
	n.dirty = true
	if slices.Equal(n.seeds, seeds) {
		return
	}
	n.seeds = seeds
	for _, s := range n.order {
		if len(s.draws) > 0 && s.given == nil {
			n.invalidate(s)
		}
	}
}
