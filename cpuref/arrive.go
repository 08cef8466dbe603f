package cpuref

import (
	"math"

	"gpusim/model/ir"
)

// An arrival says from which neurons spikes arrive: where the mark of a
// presynaptic neuron is 0, the sources of an event are 0.
type arrival struct {
	mark op // reads the marks, by presynaptic neuron
	n    int
	*sources
}

// sources is the presynaptic neurons of each block of synapses: those of block
// k are pre[start[k]:start[k+1]].
type sources struct{ start, pre []int32 }

// arrival finds whether a source is selected by a mark of spikes, and is 0
// without: E where there is a spike, else 0. It is nil where this does not show.
func (b *builder) arrival(source *ir.Block, e *ends) *arrival {
	if b.err != nil {
		return nil
	}
	for _, s := range source.Lets {
		if let, ok := s.(*ir.Let); ok && b.temps[let.Temp.ID].keep {
			return nil // others read what would not be computed
		}
	}
	value, ok := source.Value.(*ir.Select)
	if !ok || !isZero(value.Else) {
		return nil
	}
	test, ok := value.If.(*ir.Apply)
	if !ok || test.Op != ir.Ne || len(test.Args) != 2 || !isZero(test.Args[1]) {
		return nil
	}
	mark, ok := test.Args[0].(*ir.Load)
	if !ok || mark.Side != ir.Pre || b.variable(mark.Var).Role != ir.Spiked {
		return nil
	}
	l := b.newList(domain{kind: presynaptic, n: e.conn.NPre, ends: e}, 0)
	x, _ := l.place(mark, b.variable(mark.Var))
	out := &arrival{mark: x.op(shiftV), n: e.conn.NPre}
	if e.pre != nil {
		e.list()
	}
	out.sources = e.sources
	return out
}

func isZero(e ir.Expr) bool {
	c, ok := e.(*ir.Const)
	return ok && math.Float64bits(c.V) == 0
}

// list makes the presynaptic neurons of each block of synapses. In synapse
// order, those of one neuron stand beside each other.
func (e *ends) list() {
	if e.sources != nil {
		return
	}
	e.sources = &sources{}
	for k, pre := range e.pre {
		if k%block == 0 {
			e.sources.start = append(e.sources.start, int32(len(e.sources.pre)))
		}
		if k%block == 0 || pre != e.pre[k-1] {
			e.sources.pre = append(e.sources.pre, pre)
		}
	}
	e.sources.start = append(e.sources.start, int32(len(e.sources.pre)))
}

// any reports whether a spike arrives from any neuron; it is true where a is
// nil.
func (w *worker) any(a *arrival) bool {
	if a == nil {
		return true
	}
	for _, x := range w.marks(a) {
		if x != 0 {
			return true
		}
	}
	return false
}

// anyOf reports whether a spike arrives at any synapse of a block; it is true
// where a is nil.
func (w *worker) anyOf(a *arrival, k int) bool {
	if a == nil {
		return true
	}
	marks := w.marks(a)
	for _, pre := range a.pre[a.start[k]:a.start[k+1]] {
		if marks[pre] != 0 {
			return true
		}
	}
	return false
}

func (w *worker) marks(a *arrival) []float64 {
	return w.arrays[a.mark.a.index][w.begin(&a.mark):][:a.n]
}
