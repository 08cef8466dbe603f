package shaders

import (
	"fmt"
	"strings"

	"gpusim/model/ir"
)

// population advances a neuron: inputs, update, spike, reset, records.
func (s *section) population(pi int) {
	p := &s.p.Populations[pi]
	c := s.context()
	s.stmts(c, p.Inputs, s.assign)
	if p.IsRefractory != nil {
		c.temp[p.IsRefractory.ID] = "refractory"
		k := s.param
		if s.p.Vars[p.Refractory].Dim != ir.One {
			k = s.local
		}
		s.line("bool refractory = int(u_first + u) - int(%s) < int(%s);", s.stateAt(p.Last, "i"), k(p.Refractory))
	}
	s.stmts(c, p.Update, s.assign)
	s.spike(pi, c)
	for ri := range p.Records {
		r := &p.Records[ri]
		s.record(s.recordIndex(r), r, func() string { return s.block(c, &r.Value) })
	}
	for _, a := range p.Accums {
		s.line("%s = 0.0;", s.change(a))
	}
}

// spike tests the condition, packs the spike into the open word and runs the
// reset.
func (s *section) spike(pi int, c *context) {
	p := &s.p.Populations[pi]
	if p.Spike == nil {
		return
	}
	value := s.block(c, p.Spike)
	s.line("precise bool condition = %s;", value)
	spiked := "condition"
	if p.IsRefractory != nil {
		spiked += " && !refractory"
	}
	if p.Flag != ir.None {
		flag := s.stateAt(p.Flag, "i")
		s.line("bool before = %s != 0u;", flag)
		spiked += " && !before"
		now := "condition"
		if p.IsRefractory != nil {
			now = "(refractory ? before : condition)"
		}
		s.line("%s = uint(%s);", flag, now)
	}
	s.line("bool spiked = %s;", spiked)
	s.line("uint word = %du*u_instances*u_words + (inst*u_words + (u >> 5))*%du + i;", s.layout.Spikes[pi], p.Size)
	s.line("X[word] = ((u & 31u) == 0u ? 0u : X[word]) | (uint(spiked) << (u & 31u));")
	if p.Last != ir.None {
		s.line("if (spiked) %s = u_first + u;", s.stateAt(p.Last, "i"))
	}
	s.stmts(c, p.Reset, func(st *ir.Store, value string) {
		s.assign(st, "spiked ? "+value+" : "+s.local(st.Var))
	})
	if p.Spiked != ir.None {
		s.line("%s = spiked ? 1.0 : 0.0;", s.change(p.Spiked))
	}
}

func (s *section) collapsedUpdate(j int) {
	pr := &s.p.Projections[j]
	s.inGroup(pr.PreStart, pr.Conn.NPre, func() { s.stmts(s.context(), pr.Update, s.assign) })
}

func (s *section) presynapticRecord(j int, r *ir.Record) {
	pr := &s.p.Projections[j]
	s.inGroup(pr.PreStart, pr.Conn.NPre, func() {
		row := s.openRow(s.recordIndex(r), r, "u")
		value := s.block(s.context(), &r.Value)
		s.line("R[u_row_%d + (%s*u_instances + inst)*%du + %s] = %s;", s.recordIndex(r), row, r.Len, less("i", pr.PreStart), value)
		s.close()
	})
}

// row prints what is done for the row of synapses of the neuron at hand.
func (s *section) row(j int, print func()) {
	pr := &s.p.Projections[j]
	s.synapseLoads = s.far(j)
	s.inGroup(pr.PostStart, pr.Conn.NPost, func() {
		s.open("")
		s.rowBegin(j)
		print()
		s.close()
	})
	s.synapseLoads = nil
}

// each prints a loop over the synapses of the row, or over those of a chunk.
func (s *section) each(j, chunks, size int, print func()) {
	from := "0u"
	if chunks > 1 {
		from = fmt.Sprintf("u_chunk*%du", size)
		s.line("length = min(length, %s + %du);", from, size)
	}
	s.line("due += length - min(length, %s);", from)
	s.open("for (uint s = %s; s < length; ++s)", from)
	s.line("++trips;")
	s.synapse(j, "s")
	s.open("if (valid)")
	print()
	s.close()
	s.close()
}

func (s *section) rowUpdate(j, chunks, size int) {
	s.row(j, func() {
		s.each(j, chunks, size, func() { s.update(j, s.synapseContext(j)) })
	})
}

func (s *section) synapseRecord(j int, r *ir.Record, chunks, size int) {
	s.row(j, func() {
		row := s.openRow(s.recordIndex(r), r, "u")
		s.each(j, chunks, size, func() {
			value := s.block(s.synapseContext(j), &r.Value)
			s.line("R[u_row_%d + (%s*u_instances + inst)*%du + %s] = %s;", s.recordIndex(r), row, r.Len, s.number(j), value)
		})
		s.close()
	})
}

// rowSum sums a value over the row, in one piece or over several dispatches,
// which keep the columns in between.
func (s *section) rowSum(j int, source *ir.Block, to *sum, chunks, size int, kept resource) {
	pr := &s.p.Projections[j]
	whole := func() {
		if maxRow(&pr.Conn) > 1 {
			s.line("due += %s;", sumTrips("length"))
		}
		s.kernel.rowSum(j, "row", source)
		s.line("%s = row;", to.name)
	}
	s.columns(j, to, chunks, size, kept, sumTrips, whole, func(from string) { s.rowColumns(j, from, source) })
}

// updatedSum advances the synapses of the row and sums the output of the
// projection, in one piece or over several dispatches.
func (s *section) updatedSum(j int, to *sum, chunks, size int, kept resource) {
	whole := func() {
		s.line("due += %s;", updatedTrips("length"))
		s.kernel.updatedSum(j, to.name)
	}
	s.columns(j, to, chunks, size, kept, updatedTrips, whole, func(from string) { s.updatedColumns(j, from) })
}

// columns prints a sum over the row, by what sums the whole of it, or what adds a
// part of it to the columns.
func (s *section) columns(j int, to *sum, chunks, size int, kept resource, trips func(string) string, whole func(), part func(from string)) {
	pr := &s.p.Projections[j]
	to.name = s.ident("sum_", pr.Name)
	s.line("precise float %s = 0.0;", to.name)
	s.row(j, func() {
		if chunks == 1 {
			whole()
			return
		}
		columnAt := func(c int) string {
			return s.scratchAt(s.b.room(kept, 0), fmt.Sprintf("%s*%du + %du", less("i", pr.PostStart), columns, c))
		}
		s.line("uint first = u_chunk*%du;", size)
		s.line("length = min(length, first + %du);", size)
		s.line("due += %s;", trips("(length - min(length, first))"))
		for c := range columns {
			s.line("precise float b%d = u_chunk == 0u ? 0.0 : %s;", c, columnAt(c))
		}
		part("first")
		for c := range columns {
			s.line("%s = b%d;", columnAt(c), c)
		}
		s.used["gs_tree"] = true
		s.line("%s = gs_tree(%s);", to.name, columnList("b", ""))
	})
	s.keep(j, to)
}

// sumTrips is what the loops of a sum over a row count.
func sumTrips(length string) string {
	return fmt.Sprintf("((%s + %du) >> 7) + ((%s + %du) >> 3)", length, tile-1, length, columns-1)
}

// keep stores a sum that a later pass reads.
func (s *section) keep(j int, to *sum) {
	pr := &s.p.Projections[j]
	if !to.waits() {
		return
	}
	r := s.b.room(to.value, pr.Conn.NPost)
	s.inGroup(pr.PostStart, pr.Conn.NPost, func() { s.line("%s = %s;", s.scratchAt(r, less("i", pr.PostStart)), to.name) })
}

// add adds the sums of an output's terms to its target.
func (s *section) add(j int, o *ir.Output, sums []*sum) {
	pr := &s.p.Projections[j]
	s.inGroup(pr.PostStart, pr.Conn.NPost, func() {
		names := make([]string, len(sums))
		for i, x := range sums {
			if names[i] = x.name; !x.waits() {
				continue
			}
			names[i] = s.ident("sum_", pr.Name)
			s.line("precise float %s = %s;", names[i], s.scratchAt(s.b.room(x.value, pr.Conn.NPost), less("i", pr.PostStart)))
		}
		s.change(o.Target)
		s.kernel.add(o, s.context(), names)
	})
}

// tiles sums the columns of each tile of the presynaptic neurons.
func (s *section) tiles(j int, source *ir.Block, to resource) {
	n := s.p.Projections[j].Conn.NPre
	s.line("precise float sum = 0.0;")
	s.line("due += %du;", rows)
	s.open("for (uint e = 0u; e < %du; ++e)", rows)
	s.line("++trips;")
	s.line("uint place = (c >> 3)*%du + e*%du + (c & 7u);", tile, columns)
	s.line("uint pre = min(place, %du);", n-1)
	value := s.block(s.far(j)(), source)
	s.line("sum += place < %du ? %s : 0.0;", n, value)
	s.close()
	s.line("%s = sum;", s.scratchAt(s.b.room(to, 0), "c"))
}

// allTiles sums each column over the tiles.
func (s *section) allTiles(n int, from, to resource, chunks, size int) {
	at := s.scratchAt(s.b.room(to, 0), "c")
	begin := "0.0"
	if chunks > 1 {
		begin = "u_chunk == 0u ? 0.0 : " + at
	}
	s.line("precise float sum = %s;", begin)
	s.line("uint first = u_chunk*%du, last = min(first + %du, %du);", size, size, n)
	s.line("due += last - first;")
	s.open("for (uint e = first; e < last; ++e)")
	s.line("++trips;")
	s.line("sum += %s;", s.scratchAt(s.b.room(from, 0), fmt.Sprintf("e*%du + c", columns)))
	s.close()
	s.line("%s = sum;", at)
}

// total adds the columns of a sum up at each postsynaptic neuron, and takes
// the neuron's own part out where it has no synapse to itself.
func (s *section) total(j int, source *ir.Block, from resource, to *sum) {
	pr := &s.p.Projections[j]
	args := make([]string, columns)
	for c := range args {
		args[c] = s.scratchAt(s.b.room(from, 0), fmt.Sprintf("%du", c))
	}
	s.used["gs_tree"] = true
	total := s.ident("total_", pr.Name)
	s.line("precise float %s = gs_tree(%s);", total, strings.Join(args, ", "))
	to.name = total
	if pr.Conn.NoSelf {
		to.name = s.ident("sum_", pr.Name)
		value := s.block(s.context(), source)
		s.line("precise float %s = %s - %s;", to.name, total, operand(value))
	}
	s.keep(j, to)
}

// check prints the kernel that looks at all states for what is not finite.
func (b *builder) check(invocations int) Pass {
	k := b.newKernel(invocations)
	ps := Pass{Name: "check of states", Chunks: 1}
	k.used["gs_finite"] = true
	text := k.part(func() {
		for v := range b.p.Vars {
			x := &b.p.Vars[v]
			if x.Role != ir.State || x.Len == 0 {
				continue
			}
			ps.Groups += k.groups(ps.Groups, x.Len, x.Name, func() {
				k.open("if (!gs_finite(uintBitsToFloat(%s)))", k.stateAt(ir.VarID(v), "c"))
				k.line("uint old = atomicMax(Q[inst*%du + %du], ~(u >> 5));", SteppedStatus, SteppedWord)
				k.line("if (old == 0u || old == ~(u >> 5)) atomicMax(Q[inst*%du + %du], ~(%du + c));", SteppedStatus, SteppedElement, b.layout.State[ir.VarID(v)])
				k.close()
			})
		}
	}, mainBlock)
	ps.Groups = max(1, ps.Groups)
	ps.Source = b.source(k, ps.Name, ps.Groups, text)
	return ps
}
