package shaders

import (
	"fmt"

	"gpusim/model/ir"
)

// operations lists what a step does in the order of package ir.
func (b *builder) operations() (ops []*op) {
	p := b.p
	for pi := range p.Populations {
		ops = append(ops, b.population(pi))
	}
	for j := range p.Projections {
		pr := &p.Projections[j]
		switch {
		case sumsAsUpdated(p, j) && updatedCost(tile).active <= b.budget:
			ops = append(ops, b.updatedSum(j))
		case ownUpdate(pr):
			ops = append(ops, b.rowUpdate(j))
		case len(pr.Update) > 0:
			ops = append(ops, b.collapsedUpdate(j))
		}
		for i := range pr.Events {
			ops = append(ops, b.output(j, &pr.Events[i], nil)...)
		}
	}
	for j := range p.Projections {
		pr := &p.Projections[j]
		for i := range pr.Outputs {
			ops = append(ops, b.output(j, &pr.Outputs[i], b.updated[j])...)
		}
	}
	for j := range p.Projections {
		for i := range p.Projections[j].Records {
			ops = append(ops, b.record(j, &p.Projections[j].Records[i]))
		}
	}
	for pi := range p.Populations {
		if len(p.Populations[pi].Lines) > 0 {
			ops = append(ops, b.lines(pi))
		}
	}
	return ops
}

// newOp is an operation for each neuron of a population.
func newOp(what string, pop int) *op { return &op{what: what, pop: pop, chunks: 1} }

// reads notes what an expression reads. rows: it is about a synapse, whose
// presynaptic side is another invocation's; else all is of the neuron at hand.
func (b *builder) reads(o *op, e ir.Expr, rows bool) {
	ir.Walk(e, func(n ir.Expr) {
		l, ok := n.(*ir.Load)
		// Of a delay line others read rows that no one writes in this step.
		if !ok || l.Ago > 0 || !b.p.Vars[l.Var].Role.IsState() {
			return
		}
		far := rows && (l.Side == ir.Pre || b.p.Vars[l.Var].Dim == ir.PerPre)
		o.accesses = append(o.accesses, access{of: resource(l.Var), far: far})
	})
}

func (b *builder) readsBlock(o *op, x *ir.Block, rows bool) {
	b.readsStmts(o, x.Lets, rows)
	b.reads(o, x.Value, rows)
}

// readsStmts notes what statements read and write.
func (b *builder) readsStmts(o *op, list []ir.Stmt, rows bool) {
	for _, s := range list {
		switch s := s.(type) {
		case *ir.Let:
			b.reads(o, s.Expr, rows)
		case *ir.Store:
			b.reads(o, s.Expr, rows)
			o.writes(resource(s.Var), false)
		}
	}
}

func (o *op) writes(r resource, far bool) {
	o.accesses = append(o.accesses, access{of: r, far: far, write: true})
}

func (o *op) reads(r resource, far bool) {
	o.accesses = append(o.accesses, access{of: r, far: far})
}

func (b *builder) population(pi int) *op {
	p := &b.p.Populations[pi]
	o := newOp(p.Name, pi)
	for _, list := range [][]ir.Stmt{p.Inputs, p.Update, p.Reset} {
		b.readsStmts(o, list, false)
	}
	if p.Spike != nil {
		b.readsBlock(o, p.Spike, false)
	}
	for i := range p.Records {
		b.readsBlock(o, &p.Records[i].Value, false)
	}
	for _, v := range append([]ir.VarID{p.Flag, p.Last, p.Spiked}, p.Accums...) {
		if v != ir.None {
			o.writes(resource(v), false)
		}
	}
	o.print = func(s *section) { s.population(pi) }
	return o
}

// collapsedUpdate advances what a projection has for each presynaptic neuron.
func (b *builder) collapsedUpdate(j int) *op {
	pr := &b.p.Projections[j]
	o := newOp(pr.Name, pr.From)
	b.readsStmts(o, pr.Update, false)
	o.print = func(s *section) { s.collapsedUpdate(j) }
	return o
}

// rowUpdate advances the synapses of each postsynaptic neuron.
func (b *builder) rowUpdate(j int) *op {
	pr := &b.p.Projections[j]
	o := newOp("synapses of "+pr.Name, pr.To)
	b.readsStmts(o, pr.Update, true)
	size := b.inChunks(o, maxRow(&pr.Conn), plainCost, 1)
	o.print = func(s *section) { s.rowUpdate(j, o.chunks, size) }
	return o
}

// updatedSum advances the synapses of each postsynaptic neuron and sums their
// output.
func (b *builder) updatedSum(j int) *op {
	pr := &b.p.Projections[j]
	o := newOp("synapses of "+pr.Name, pr.To)
	b.readsStmts(o, pr.Update, true)
	b.readsBlock(o, &pr.Outputs[0].Terms[0].Source, true)
	to := &sum{value: b.newResource(), made: o}
	o.writes(to.value, false)
	b.updated[j] = to
	size, kept := b.inChunks(o, maxRow(&pr.Conn), updatedCost, tile), resource(0)
	if o.chunks > 1 {
		kept = b.newRoom(columns * pr.Conn.NPost)
	}
	o.print = func(s *section) { s.updatedSum(j, to, o.chunks, size, kept) }
	return o
}

func plainCost(n int) cost { return loopOf(n, cost{}) }

// inChunks cuts the loop of an operation where it is longer than the budget.
func (b *builder) inChunks(o *op, n int, of func(int) cost, unit int) (size int) {
	o.chunks, size = b.chunksOf(n, of, unit)
	o.loops = of(size)
	return size
}

// output sums the terms of an event or output and adds them to its target; a sum
// that is there already is given.
func (b *builder) output(j int, out *ir.Output, made *sum) (ops []*op) {
	pr := &b.p.Projections[j]
	add := newOp(b.p.Vars[out.Target].Name+" of "+pr.Name, pr.To)
	sums := make([]*sum, len(out.Terms))
	for i := range out.Terms {
		if made != nil {
			made.read, sums[i] = add, made
			continue
		}
		sums[i] = &sum{value: b.newResource(), read: add}
		if out.Form == ir.Total {
			ops = append(ops, b.total(j, &out.Terms[i], sums[i])...)
		} else {
			ops = append(ops, b.rowSum(j, &out.Terms[i], sums[i]))
		}
	}
	for i := range out.Terms {
		add.reads(sums[i].value, false)
		b.readsBlock(add, &out.Terms[i].Post, false)
	}
	add.writes(resource(out.Target), false)
	add.print = func(s *section) { s.add(j, out, sums) }
	return append(ops, add)
}

// sum is the sum of a term for each postsynaptic neuron. It is a variable of
// the pass that makes it, and waits in the scratch buffer where another pass
// reads it.
type sum struct {
	value      resource
	made, read *op
	name       string // of the variable
}

func (s *sum) waits() bool { return s.made.level != s.read.level }

// rowSum sums a term over the row of each postsynaptic neuron.
func (b *builder) rowSum(j int, t *ir.Term, to *sum) *op {
	pr := &b.p.Projections[j]
	o := newOp("sums of "+pr.Name, pr.To)
	to.made = o
	b.readsBlock(o, &t.Source, true)
	o.writes(to.value, false)
	longest := maxRow(&pr.Conn)
	size, kept := longest, resource(0)
	if longest > 1 {
		size = b.inChunks(o, longest, sumCost, tile)
	}
	if o.chunks > 1 {
		kept = b.newRoom(columns * pr.Conn.NPost)
	}
	o.print = func(s *section) { s.rowSum(j, &t.Source, to, o.chunks, size, kept) }
	return o
}

// total sums a term over all presynaptic neurons: its columns tile by tile,
// the columns over the tiles where there are several, and at each postsynaptic
// neuron their tree, minus the neuron's own.
func (b *builder) total(j int, t *ir.Term, to *sum) (ops []*op) {
	pr := &b.p.Projections[j]
	n := tiles(pr.Conn.NPre)
	tiled := b.newRoom(columns * n)
	byTile := &op{what: "tiles of " + pr.Name, pop: -1, columns: columns * n, chunks: 1, loops: plainCost(rows)}
	b.readsBlock(byTile, &t.Source, true)
	for i := range byTile.accesses {
		byTile.accesses[i].far = true
	}
	byTile.writes(tiled, true)
	byTile.print = func(s *section) { s.tiles(j, &t.Source, tiled) }
	ops = append(ops, byTile)
	made := tiled
	if n > 1 {
		made = b.newRoom(columns)
		all := &op{what: "columns of " + pr.Name, pop: -1, columns: columns}
		all.reads(tiled, true)
		all.writes(made, true)
		size := b.inChunks(all, n, plainCost, 1)
		all.print = func(s *section) { s.allTiles(n, tiled, made, all.chunks, size) }
		ops = append(ops, all)
	}
	o := newOp("sums of "+pr.Name, pr.To)
	to.made = o
	o.reads(made, true)
	if pr.Conn.NoSelf {
		b.readsBlock(o, &t.Source, false)
	}
	o.writes(to.value, false)
	o.print = func(s *section) { s.total(j, &t.Source, made, to) }
	return append(ops, o)
}

// record keeps what is recorded of a projection.
func (b *builder) record(j int, r *ir.Record) *op {
	pr := &b.p.Projections[j]
	if r.Dim != ir.PerSynapse {
		o := newOp("records of "+pr.Name, pr.From)
		b.readsBlock(o, &r.Value, false)
		o.print = func(s *section) { s.presynapticRecord(j, r) }
		return o
	}
	o := newOp("records of "+pr.Name, pr.To)
	b.readsBlock(o, &r.Value, true)
	size := b.inChunks(o, maxRow(&pr.Conn), plainCost, 1)
	o.print = func(s *section) { s.synapseRecord(j, r, o.chunks, size) }
	return o
}

// lines has the delay lines of a population take the values of this step.
func (b *builder) lines(pi int) *op {
	p := &b.p.Populations[pi]
	o := newOp("delay lines of "+p.Name, pi)
	for _, l := range p.Lines {
		o.reads(resource(l.Of), false)
		o.writes(resource(l.Line), false)
	}
	o.print = func(s *section) {
		for _, l := range p.Lines {
			s.line("%s = floatBitsToUint(%s);", s.lineAt(l.Line, 0, "i"), s.local(l.Of))
		}
	}
	return o
}

// describe lists what a pass does, each thing once.
func describe(list []*op) string {
	text, seen := "", map[string]bool{}
	for _, o := range list {
		if !seen[o.what] {
			if text != "" {
				text += ", "
			}
			text += o.what
			seen[o.what] = true
		}
	}
	return fmt.Sprintf("%.200s", printable(text))
}
