package shaders

import (
	"slices"

	"gpusim/model/algebra"
	"gpusim/model/ir"
)

// The buffers of a kernel, by binding. OpenGL 4.3 promises eight.
const (
	BindState   = iota // uint S[]: state, floats by their bits
	BindParams         // float P[]: parameters and samples
	BindTable          // uint T[]: where in P each parameter stands, and its stride over instances
	BindConn           // uint C[]: synapses by postsynaptic neuron
	BindSpikes         // uint X[]: spikes, a word a neuron for 32 steps
	BindRecords        // float R[]: recorded rows
	BindStatus         // uint Q[]: loop trips and what was not finite, of each instance
	BindScratch        // float W[]: of stepped kernels, what passes hand on
)

// StatusWords is the number of words of BindStatus an instance.
const StatusWords = 2

// The words of an instance's status.
const (
	StatusTrips = 0 // iterations of all loops of all invocations, modulo 2^32
	StatusBad   = 1 // complement of: word of the slice << 22 | element of state, of the first not finite; else 0
	badElements = 1<<22 - 1
)

// BadPlace takes the StatusBad word apart: the 32-step word of the slice, and
// the element in Layout.State order (of one instance); ok is false where that
// does not fit the word.
func BadPlace(status uint32) (word int, element int, ok bool) {
	status = ^status
	return int(status >> 22), int(status & badElements), status&badElements != badElements
}

// Layout says where everything stands in the buffers.
type Layout struct {
	// p is the program as it is printed: rewritten for devices on which
	// exponentials are what a step costs.
	p *ir.Program
	// State has the offset of each state variable, in elements of one
	// instance: variable v of instance k of n starts at State[v]*n + k*Len.
	State    map[ir.VarID]int
	StateLen int // elements of one instance
	// Table has the index of each parameter in the table: T[2 i] is its
	// offset in P, T[2 i + 1] its stride over instances, 0 where they share it.
	Table  map[ir.VarID]int
	Params []ir.VarID // in table order
	// Conn is the content of the connectivity buffer, and Rows the offset of
	// each projection's row pointers in it (-1: its rule needs none).
	Conn []uint32
	Rows []connRows
	// Order has the number of the synapse at each place of a variable that is
	// one a synapse of a list: it stands in the order of the rows, so that a
	// row reads what is its own one after another. Others are not in it.
	Order map[ir.VarID][]uint32
	// Spikes has the offset of each population among the spiking neurons, -1
	// where it never spikes; SpikeLen is their number.
	Spikes   []int
	SpikeLen int
	Records  []*ir.Record
	// Windows are the spans of steps that statements ask for, by number.
	Windows []ir.During
}

// connRows says where a projection's synapses stand, sorted by postsynaptic
// neuron, then in synapse order: rows has NPost + 1 pointers, pre the presynaptic
// neuron of each, and syn its number (-1: no kernel asks for it).
type connRows struct{ rows, pre, syn int }

// NewLayout lays the arrays of p out, for all forms of its kernels.
func NewLayout(p *ir.Program) *Layout {
	p = rewritten(p)
	l := &Layout{p: p, State: map[ir.VarID]int{}, Table: map[ir.VarID]int{}, Order: map[ir.VarID][]uint32{}, Records: p.AllRecords()}
	for i := range p.Vars {
		v, id := &p.Vars[i], ir.VarID(i)
		if v.Role.IsState() {
			l.State[id] = l.StateLen
			l.StateLen += v.Len
			continue
		}
		l.Table[id] = len(l.Params)
		l.Params = append(l.Params, id)
	}
	for i := range p.Populations {
		if p.Populations[i].Spike == nil {
			l.Spikes = append(l.Spikes, -1)
			continue
		}
		l.Spikes = append(l.Spikes, l.SpikeLen)
		l.SpikeLen += p.Populations[i].Size
	}
	p.Exprs(func(e ir.Expr) {
		ir.Walk(e, func(n ir.Expr) {
			if d, ok := n.(*ir.During); ok && !slices.Contains(l.Windows, *d) {
				l.Windows = append(l.Windows, *d)
			}
		})
	})
	for i := range p.Projections {
		l.addConn(&p.Projections[i])
	}
	return l
}

// rewritten is p with the exponentials of an update shared. The arrays are
// those of p.
func rewritten(p *ir.Program) *ir.Program {
	q := *p
	newTemp := func(isBool bool) *ir.Temp {
		q.Temps++
		return &ir.Temp{ID: q.Temps - 1, Bool: isBool}
	}
	q.Populations, q.Projections = slices.Clone(p.Populations), slices.Clone(p.Projections)
	for i := range q.Populations {
		q.Populations[i].Update = algebra.ShareExps(q.Populations[i].Update, newTemp)
	}
	for j := range q.Projections {
		q.Projections[j].Update = algebra.ShareExps(q.Projections[j].Update, newTemp)
	}
	return &q
}

// window is the number of a span of steps.
func (l *Layout) window(d ir.During) int { return slices.Index(l.Windows, d) }

// addConn appends a list of pairs, by a counting sort over the postsynaptic
// neurons: O(synapses).
func (l *Layout) addConn(pr *ir.Projection) {
	c := &pr.Conn
	if c.Kind != ir.List {
		l.Rows = append(l.Rows, connRows{-1, -1, -1})
		return
	}
	n := len(c.Pre)
	at := connRows{rows: len(l.Conn), syn: -1}
	at.pre = at.rows + c.NPost + 1
	data := make([]uint32, c.NPost+1+n)
	ptr, order := data[:c.NPost+1], make([]uint32, n)
	for _, post := range c.Post {
		ptr[post+1]++
	}
	for i := 0; i < c.NPost; i++ {
		ptr[i+1] += ptr[i]
	}
	next := append([]uint32(nil), ptr...)
	for s := range c.Pre {
		k := next[c.Post[s]]
		next[c.Post[s]]++
		data[c.NPost+1+int(k)] = uint32(c.Pre[s])
		order[k] = uint32(s)
	}
	if recordsSynapses(pr) { // rows of records are in the synapses' order
		at.syn = at.pre + n
		data = append(data, order...)
	}
	l.Conn = append(l.Conn, data...)
	l.Rows = append(l.Rows, at)
	pr.Vars(func(v ir.VarID) {
		if l.p.Vars[v].Dim == ir.PerSynapse {
			l.Order[v] = order
		}
	})
}
