package shaders

import (
	"fmt"

	"gpusim/model/ir"
)

// Shape is how the neurons of a population are dealt out to the invocations of
// a fused kernel. It shows in no result.
//
// Spread, neuron k*W + w is element k of invocation w: what suits a chip, whose
// lanes are many.
//
// Tiled, each group of eight invocations holds whole tiles of 128 neurons, a
// column of each in a lane: what suits a software renderer, whose vectors have
// eight lanes. The loop over the rows of a tile is short enough to be unrolled,
// and state then stands in registers, or in memory without an index by lanes.
// For eight invocations both deals are the same.
//
// Rolled, no loop over neurons is unrolled: the driver compiles the kernel in
// a quarter of the time of a tiled one, and it takes twice as long for a step.
type Shape struct {
	Invocations int // of a workgroup, a multiple of eight
	Tiled       bool
	Rolled      bool
}

// String names the shape as plans do.
func (s Shape) String() string {
	text := fmt.Sprint(s.Invocations)
	switch {
	case s.Tiled:
		text += " tiled"
	case s.Rolled:
		text += " rolled"
	}
	return text
}

// TiledShape is the tiled shape that holds every population with one tile a
// group of invocations; ok is false where a workgroup may not have so many, or
// where nothing would be won.
func (l *Layout) TiledShape(maxInvocations int) (s Shape, ok bool) {
	most := 1
	for i := range l.p.Populations {
		most = max(most, tiles(l.p.Populations[i].Size))
	}
	s = Shape{Invocations: columns * most, Tiled: true}
	k := &kernel{p: l.p, w: s.Invocations, shape: s, layout: l}
	for i := range l.p.Populations {
		if !k.named(i) {
			return s, false
		}
	}
	return s, s.Invocations <= maxInvocations
}

// perInvocation is the number of neurons of a population an invocation holds,
// copies included.
func (k *kernel) perInvocation(size int) int {
	if !k.shape.Tiled || k.w == columns {
		return (size + k.w - 1) / k.w
	}
	groups := k.w / columns
	if n := tiles(size); n > 1 {
		return (n + groups - 1) / groups * rows
	}
	return (size + columns - 1) / columns
}

// place is the number of element n of invocation w among the neurons of a
// population; beyond its size it is a neuron that is computed and not stored.
func (k *kernel) place(n, w int) int {
	if !k.shape.Tiled {
		return n*k.w + w
	}
	group, groups := w/columns, k.w/columns
	return (group+groups*(n/rows))*tile + n%rows*columns + w%columns
}

// copies reports whether invocations hold neurons past a population's end.
func (k *kernel) copies(size int) bool { return size != k.perInvocation(size)*k.w }

// index names the neuron at hand, element k of the invocation, and says
// whether it is the invocation's own.
func (k *kernel) index(size int) {
	at := fmt.Sprintf("k*%du + w", k.w)
	if k.shape.Tiled && k.w > columns {
		group := "(w >> 3)"
		if k.perInvocation(size) > rows {
			group = fmt.Sprintf("((w >> 3) + %du*(k/%du))", k.w/columns, rows)
		}
		row := "k"
		if k.perInvocation(size) > rows {
			row = fmt.Sprintf("(k%%%du)", rows)
		}
		at = fmt.Sprintf("%s*%du + %s*%du + (w & 7u)", group, tile, row, columns)
	}
	if !k.copies(size) {
		k.line("uint i = %s;", at)
		k.line("const bool own = true;")
		return
	}
	k.line("uint i = min(%s, %du);", at, size-1)
	k.line("bool own = %s < %du;", at, size)
}

// holding is where a projection's totals are added up first.
type holding int

const (
	inShared  holding = iota // each value goes to shared memory, and is added there
	inColumns                // each of eight invocations adds a column up by itself
	inTiles                  // each invocation adds a column of its tile up
)

// held says how the presynaptic values of a projection are added up. Columns
// are those of the numbers that synapses count by: with a group that begins
// elsewhere, an invocation holds no column.
func (k *kernel) held(pr *ir.Projection) holding {
	groups := k.w / columns
	switch {
	case pr.PreStart != 0:
		return inShared
	case k.w == columns || k.shape.Tiled && tiles(pr.Conn.NPre) == 1:
		return inColumns
	case k.shape.Tiled && tiles(pr.Conn.NPre) <= groups && tiles(k.p.Populations[pr.From].Size) <= groups:
		return inTiles
	}
	return inShared
}

// named reports whether what an invocation holds of a population stands in a
// variable for each of its neurons, with the code of a step printed for each,
// instead of in arrays. Llvmpipe writes arrays lane by lane, with a branch a
// lane: half of what a step of the gamma network takes.
func (k *kernel) named(pi int) bool {
	return k.shape.Tiled && k.perInvocation(k.p.Populations[pi].Size) <= rows && !k.walksRows(pi)
}

// walksRows reports whether a population's neurons go through their synapses
// one by one, which is too much code to print for each.
func (k *kernel) walksRows(pi int) bool {
	for _, j := range k.into(pi) {
		pr := &k.p.Projections[j]
		if ownUpdate(pr) || recordsSynapses(pr) {
			return true
		}
		for _, o := range summed(j, pr) {
			if o.Form == ir.Rows {
				return true
			}
		}
	}
	return false
}

// WalksRows reports whether neurons of any population go through their synapses
// one by one.
func (l *Layout) WalksRows() bool {
	k := &kernel{p: l.p}
	for pi := range l.p.Populations {
		if k.walksRows(pi) {
			return true
		}
	}
	return false
}

// neurons prints what is done for each neuron of a population that the
// invocation holds: a loop with element k at hand, or one copy for each.
func (k *kernel) neurons(pi int, print func()) {
	p := &k.p.Populations[pi]
	per := k.perInvocation(p.Size)
	if !k.named(pi) {
		k.loop(per)
		k.index(p.Size)
		print()
		k.close()
		return
	}
	before := k.take()
	body := k.part(print, append(k.blocks[:len(k.blocks):len(k.blocks)], block{})...)
	k.b.WriteString(before)
	for first := 0; first < per; first += together {
		k.interleave(pi, body, first, min(first+together, per))
	}
}

// elements lists the arrays that hold a population's neurons, those of the
// open words of spikes last.
func (k *kernel) elements(pi int) (out []string) {
	p := &k.p.Populations[pi]
	for _, v := range k.privateFloats(pi) {
		out = append(out, k.name(v))
	}
	if p.Last != ir.None {
		out = append(out, k.name(p.Last))
	}
	if p.Spike != nil {
		out = append(out, k.bits(pi))
	}
	return out
}

// nameElements takes what stands in arrays into variables.
func (k *kernel) nameElements(pi int) {
	p := &k.p.Populations[pi]
	for n := range k.perInvocation(p.Size) {
		for _, a := range k.elements(pi) {
			switch {
			case p.Spike != nil && a == k.bits(pi):
				k.line("uint %s_%d = 0u;", a, n)
			case p.Last != ir.None && a == k.name(p.Last):
				k.line("int %s_%d = %s[%du];", a, n, a, n)
			default:
				k.line("precise float %s_%d = %s[%du];", a, n, a, n)
			}
		}
	}
}

// elementsBack takes them back into the arrays.
func (k *kernel) elementsBack(pi int) {
	p := &k.p.Populations[pi]
	for n := range k.perInvocation(p.Size) {
		for _, a := range k.elements(pi) {
			if p.Spike == nil || a != k.bits(pi) {
				k.line("%s[%du] = %s_%d;", a, n, a, n)
			}
		}
	}
}
