package shaders

import (
	"fmt"
	"slices"

	"gpusim/model/ir"
)

// record keeps what is recorded of a projection.
func (b *builder) record(j int, r *ir.Record) *op {
	pr := &b.p.Projections[j]
	switch {
	case r.Dim != ir.PerSynapse:
		o := newOp("records of "+pr.Name, pr.From)
		b.readsBlock(o, &r.Value, false)
		b.handsOver(o, r)
		o.print = func(s *section) {
			s.inGroup(pr.PreStart, pr.Conn.NPre, func() { s.record(r, s.context(), less("i", pr.PreStart), "") })
		}
		return o
	case r.Mean && r.Width() > 0:
		return b.synapseSum(j, r)
	}
	o := newOp("records of "+pr.Name, pr.To)
	b.readsBlock(o, &r.Value, true)
	size := b.inChunks(o, maxRow(&pr.Conn), plainCost, 1)
	o.print = func(s *section) { s.synapseRecord(j, r, o.chunks, size) }
	return o
}

func (s *section) synapseRecord(j int, r *ir.Record, chunks, size int) {
	s.row(j, func() {
		row := s.openRow(r, "u")
		s.each(j, chunks, size, func() {
			value := s.block(s.synapseContext(j), &r.Value)
			place, kept := s.kept(r, s.number(j))
			if kept != "" {
				kept = "if (" + kept + ") "
			}
			s.line("%s%s = %s;", kept, s.rowAt(r, row, place), value)
		})
		s.close()
	})
}

// synapseSum sums what a mean is of over the row of each postsynaptic neuron.
func (b *builder) synapseSum(j int, r *ir.Record) *op {
	pr := &b.p.Projections[j]
	o := newOp("records of "+pr.Name, pr.To)
	o.every = r.Every
	b.readsBlock(o, &r.Value, true)
	b.handsOver(o, r)
	longest := maxRow(&pr.Conn)
	size, kept := longest, resource(0)
	if longest > 1 {
		size = b.inChunks(o, longest, sumCost, tile)
	}
	if o.chunks > 1 {
		kept = b.newRoom(columns * pr.Conn.NPost)
	}
	to := &sum{value: b.handed[r], made: o, read: &op{level: -1}} // by another pass
	o.print = func(s *section) {
		s.openRow(r, "u")
		s.rowSum(j, &r.Value, to, o.chunks, size, kept, s.keptSynapses(j, r))
		s.close()
	}
	return o
}

// handsOver notes that an operation writes what a mean is summed of into the
// scratch buffer.
func (b *builder) handsOver(o *op, r *ir.Record) {
	if at, ok := b.handed[r]; ok {
		o.writes(at, false)
	}
}

// toScratch prints that it does, of the neuron at hand.
func (b *builder) toScratch(k *kernel) func(m *mean, value, place, condition string) {
	return func(m *mean, value, place, condition string) {
		s := section{kernel: k, b: b}
		k.line("if (%s) %s = %s;", ownAnd(condition), s.scratchAt(b.room(b.handed[m.Record], 0), place), value)
	}
}

// mean sums what is handed over: its columns tile by tile, the columns over the
// tiles where there are several, and then their tree. This is done in the steps
// only that the record keeps.
func (b *builder) mean(m *mean) (ops []*op) {
	from := b.handed[m.Record]
	add := func(what string, columns int, read, written resource) *op {
		o := &op{what: what + m.Name, pop: -1, columns: columns, chunks: 1, every: m.Every}
		o.reads(read, true)
		o.writes(written, true)
		ops = append(ops, o)
		return o
	}
	n := tiles(m.count)
	made := b.newRoom(columns * n)
	byTile := add("tiles of ", columns*n, from, made)
	byTile.loops = plainCost(rows)
	tiled := made
	byTile.print = func(s *section) {
		s.openRow(m.Record, "u")
		s.tiles(m.count, func() string { return s.scratchAt(b.room(from, 0), "pre") }, tiled)
		s.close()
	}
	if n > 1 {
		made = b.newRoom(columns)
		all := add("columns of ", columns, tiled, made)
		size := b.inChunks(all, n, plainCost, 1)
		to := made
		all.print = func(s *section) {
			s.openRow(m.Record, "u")
			s.allTiles(n, tiled, to, all.chunks, size)
			s.close()
		}
	}
	o := add("mean of ", 1, made, b.newResource())
	o.print = func(s *section) {
		row := s.openRow(m.Record, "u")
		list := make([]string, columns)
		for c := range list {
			list[c] = s.scratchAt(b.room(made, 0), fmt.Sprintf("%du", c))
		}
		s.line("precise float %s = %s;", m.name, s.meanText(m, list))
		s.line("%s = %s;", s.rowAt(m.Record, row, "0u"), m.name)
		s.close()
	}
	return ops
}

// everyOf gives what the steps are multiples of that a pass is dispatched in; nil
// where it is in every step.
func everyOf(list []*op) (every []int) {
	for _, o := range list {
		if o.every == 0 {
			return nil
		}
		if !slices.Contains(every, o.every) {
			every = append(every, o.every)
		}
	}
	return every
}
