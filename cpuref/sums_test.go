package cpuref

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gpusim/model/ir"
)

// pair makes two populations A and B with constant states a and b, B with an
// input and its own sum of it, and a projection J from A to B (or A to itself).
type pair struct {
	*maker
	s    scope
	conn ir.Conn
}

func newPair(tb testing.TB, conn ir.Conn) *pair {
	m := newMaker(tb)
	m.population("A", conn.NPre)
	m.add("A.a", ir.State, ir.PerNeuron, conn.NPre)
	m.population("B", conn.NPost)
	m.add("B.b", ir.State, ir.PerNeuron, conn.NPost)
	p := &m.Populations[1]
	p.Accums = []ir.VarID{m.add("B.inp", ir.Input, ir.PerNeuron, conn.NPost)}
	return &pair{m, scope{own: "J", pre: "A", post: "B"}, conn}
}

// newLoop is a pair with one population, A.
func newLoop(tb testing.TB, conn ir.Conn) *pair {
	m := newMaker(tb)
	p := m.population("A", conn.NPre)
	m.add("A.a", ir.State, ir.PerNeuron, conn.NPre)
	m.add("A.b", ir.State, ir.PerNeuron, conn.NPre)
	p.Accums = []ir.VarID{m.add("A.inp", ir.Input, ir.PerNeuron, conn.NPre)}
	return &pair{m, scope{own: "J", pre: "A", post: "A"}, conn}
}

// project adds projection J with one output of the given terms, source and
// post side in turn.
func (p *pair) project(form ir.Form, terms ...string) *ir.Projection {
	p.tb.Helper()
	o := ir.Output{Target: p.vars[p.s.post+".inp"], Form: form}
	for i := 0; i < len(terms); i += 2 {
		o.Terms = append(o.Terms, ir.Term{Source: p.value(p.s, terms[i]), Post: p.value(p.s, terms[i+1])})
	}
	p.Projections = append(p.Projections, ir.Projection{
		Name: "J", From: 0, To: len(p.Populations) - 1, Conn: p.conn, Outputs: []ir.Output{o},
	})
	return &p.Projections[len(p.Projections)-1]
}

// inputs runs one step and returns the target.
func (p *pair) inputs(e *Engine) []float64 {
	p.tb.Helper()
	run(p.tb, e, 0, 1)
	return read(p.tb, e, p.s.post+".inp", 0)
}

// numbers are n numbers of both signs without a pattern.
func numbers(n int, seed float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = 10 * math.Sin(seed+float64(i)*float64(i))
	}
	return out
}

// TestConnections compares sums over each rule of connection with loops, in
// the order that is documented: bit for bit.
func TestConnections(t *testing.T) {
	list := ir.Conn{
		Kind: ir.List, NPre: 4, NPost: 3,
		// Not sorted, with a pair that occurs three times and a neuron
		// without synapses.
		Pre:  []int32{3, 0, 0, 2, 0, 3, 0},
		Post: []int32{1, 0, 2, 0, 2, 1, 2},
	}
	for name, c := range map[string]ir.Conn{
		"all to all":   {NPre: 7, NPost: 5},
		"many":         {NPre: 70, NPost: 50},
		"one to one":   {Kind: ir.OneToOne, NPre: 6, NPost: 6},
		"list":         list,
		"no synapses":  {Kind: ir.List, NPre: 3, NPost: 2},
		"from nothing": {NPre: 0, NPost: 2},
		"to nothing":   {NPre: 2, NPost: 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, c)
			n := c.Len()
			p.add("J.w", ir.Param, ir.PerSynapse, n)
			p.add("J.g", ir.Param, ir.One, 1)
			j := p.project(ir.Rows, "w*pre.a", "-(post.b - g)", "w - post.b", "1")
			j.Records = []ir.Record{p.record(p.s, "wa", "w*pre.a*g", 1, ir.PerSynapse, n)}
			e := p.build(1)
			a, b, w := numbers(c.NPre, 1), numbers(c.NPost, 2), numbers(n, 3)
			p.write(e, "A.a", a...)
			p.write(e, "B.b", b...)
			p.write(e, "J.w", w...)
			p.write(e, "J.g", 0.25)
			r := run(t, e, 0, 1)
			pre, post := c.Ends()
			sums, sums2 := make([]float64, c.NPost), make([]float64, c.NPost)
			for k := range n {
				sums[post[k]] += w[k] * a[pre[k]]
				sums2[post[k]] += w[k] - b[post[k]]
				if got := r.records[0][0][0][k]; got != w[k]*a[pre[k]]*0.25 {
					t.Errorf("synapse %d is recorded as %v", k, got)
				}
			}
			for i, got := range read(t, e, "B.inp", 0) {
				if want := sums[i]*-(b[i]-0.25) + sums2[i]; got != want {
					t.Errorf("neuron %d gets %v, want %v", i, got, want)
				}
			}
		})
	}
}

// TestTotal compares a total with the sum over rows.
func TestTotal(t *testing.T) {
	for _, noSelf := range []bool{false, true} {
		const n = 300
		conn := ir.Conn{NPre: n, NPost: n, NoSelf: noSelf}
		var got [2][]float64
		for i, form := range []ir.Form{ir.Rows, ir.Total} {
			p := newLoop(t, conn)
			p.add("J.g", ir.Param, ir.One, 1)
			p.project(form, "g*pre.a", "post.b + 1", "pre.a*pre.a", "2")
			e := p.build(1)
			p.write(e, "A.a", numbers(n, 1)...)
			p.write(e, "A.b", numbers(n, 2)...)
			p.write(e, "J.g", 3)
			got[i] = p.inputs(e)
		}
		for i := range got[0] {
			if d := math.Abs(got[0][i] - got[1][i]); !(d <= 1e-12*max(1e4, math.Abs(got[0][i]))) {
				t.Errorf("NoSelf %v, neuron %d: total %v, by rows %v", noSelf, i, got[1][i], got[0][i])
			}
		}
	}
}

// TestNoSelf checks that a neuron's own part is left out: exactly, of whole
// numbers.
func TestNoSelf(t *testing.T) {
	for _, form := range []ir.Form{ir.Rows, ir.Total} {
		p := newLoop(t, ir.Conn{NPre: 4, NPost: 4, NoSelf: true})
		p.project(form, "pre.a", "post.b")
		e := p.build(1)
		p.write(e, "A.a", 1, 2, 4, 8)
		p.write(e, "A.b", 1, 10, 100, 1000)
		if got, want := p.inputs(e), []float64{14, 130, 1100, 7000}; !slices.Equal(got, want) {
			t.Errorf("form %d: %v, want %v", form, got, want)
		}
	}
}

// TestConstantSource sums a source that is one value for all.
func TestConstantSource(t *testing.T) {
	for _, form := range []ir.Form{ir.Rows, ir.Total} {
		p := newLoop(t, ir.Conn{NPre: 5, NPost: 5, NoSelf: true})
		p.project(form, "1 + 1", "1")
		if got, want := p.inputs(p.build(1)), []float64{8, 8, 8, 8, 8}; !slices.Equal(got, want) {
			t.Errorf("form %d: %v, want %v", form, got, want)
		}
	}
}

// TestCollapsed compares a state a presynaptic neuron with a state a synapse,
// over many steps with feedback.
func TestCollapsed(t *testing.T) {
	const n = 40
	for _, conn := range []ir.Conn{
		{NPre: n, NPost: n, NoSelf: true},
		{NPre: n, NPost: n},
		{Kind: ir.OneToOne, NPre: n, NPost: n},
		{Kind: ir.List, NPre: n, NPost: n, Pre: []int32{3, 3, 7, 39, 3}, Post: []int32{0, 0, 1, 2, 39}},
	} {
		build := func(collapsed bool) (*pair, *Engine) {
			p := newLoop(t, conn)
			own := scope{own: "A"}
			p.Populations[0].Update = []ir.Stmt{
				p.store(own, "b", "b + 0.05*(a - b + inp)"),
				p.store(own, "a", "a - 0.05*(b + tanh(a))"),
			}
			dim, size, form := ir.PerSynapse, conn.Len(), ir.Rows
			if collapsed {
				dim, size = ir.PerPre, n
				if conn.Kind == ir.AllToAll {
					form = ir.Total
				}
			}
			p.add("J.s", ir.State, dim, size)
			j := p.project(form)
			j.Collapsed = collapsed
			j.States = []ir.VarID{p.vars["J.s"]}
			// T is read by the output and by a record: of other domains where
			// it is collapsed and the sum is by rows.
			j.Update = []ir.Stmt{
				p.let(p.s, "T", "1/(1 + exp(-pre.a))"),
				p.store(p.s, "s", "s + 0.1*(T*(1 - s) - 0.5*s)"),
			}
			j.Outputs[0].Terms = []ir.Term{{Source: p.value(p.s, "0.01*s*T"), Post: p.value(p.s, "3 - post.b")}}
			j.Records = []ir.Record{
				p.record(p.s, "T", "T", 5, ir.PerSynapse, conn.Len()),
				p.record(p.s, "s", "s", 5, dim, size),
				p.record(p.s, "one", "t + 1", 5, ir.One, 1),
			}
			e := p.build(1)
			p.write(e, "A.a", numbers(n, 1)...)
			p.write(e, "A.b", numbers(n, 2)...)
			return p, e
		}
		t.Run(fmt.Sprintf("%d %v", conn.Kind, conn.NoSelf), func(t *testing.T) {
			_, c := build(true)
			_, full := build(false)
			rc, rf := run(t, c, 0, 300), run(t, full, 0, 300)
			for _, v := range []string{"A.a", "A.b", "A.inp"} {
				within(t, v, read(t, c, v, 0), read(t, full, v, 0), 1e-12)
			}
			pre, _ := conn.Ends()
			s, every := read(t, c, "J.s", 0), read(t, full, "J.s", 0)
			for k, i := range pre {
				if math.Abs(s[i]-every[k]) > 1e-12 {
					t.Errorf("s of synapse %d is %v, collapsed %v", k, every[k], s[i])
				}
			}
			if len(rc.records[0][0]) != 60 {
				t.Fatalf("%d rows", len(rc.records[0][0]))
			}
			for row := range rc.records[0][0] {
				within(t, "T", rc.records[0][0][row], rf.records[0][0][row], 1e-12)
				check(t, "one", rc.records[0][2][row][0], float64(5*row)*0.1+1)
			}
		})
	}
}

// TestOrder checks what each part of a step sees of the others: populations
// first, then updates of projections, then outputs.
func TestOrder(t *testing.T) {
	m := newMaker(t)
	a := m.population("A", 1)
	m.add("A.x", ir.State, ir.PerNeuron, 1)
	a.Accums = []ir.VarID{m.add("A.inp", ir.Input, ir.PerNeuron, 1)}
	a.Update = []ir.Stmt{m.store(scope{own: "A"}, "x", "x + inp")}
	b := m.population("B", 1)
	m.add("B.x", ir.State, ir.PerNeuron, 1)
	b.Accums = []ir.VarID{m.add("B.inp", ir.Input, ir.PerNeuron, 1)}
	b.Update = []ir.Stmt{m.store(scope{own: "B"}, "x", "x + 10*inp")}
	for i, name := range []string{"J", "K"} {
		m.add(name+".s", ir.State, ir.PerPre, 1)
		s := scope{own: name, pre: []string{"A", "B"}[i], post: []string{"B", "A"}[i]}
		m.Projections = append(m.Projections, ir.Projection{
			Name: name, From: i, To: 1 - i, Conn: ir.Conn{NPre: 1, NPost: 1}, Collapsed: true,
			Update: []ir.Stmt{m.store(s, "s", "s + pre.x")},
			Outputs: []ir.Output{{
				Target: m.vars[s.post+".inp"], Form: ir.Total,
				Terms: []ir.Term{{Source: m.value(s, "s"), Post: m.value(s, "post.x")}},
			}},
			Records: []ir.Record{m.record(s, "s", "s", 1, ir.PerPre, 1)},
		})
	}
	e := m.build(1)
	m.write(e, "A.x", 1)
	m.write(e, "B.x", 2)
	r := run(t, e, 0, 3)
	ax, bx, ainp, binp, js, ks := 1.0, 2.0, 0.0, 0.0, 0.0, 0.0
	for step := range 3 {
		ax, bx = ax+ainp, bx+10*binp
		js, ks = js+ax, ks+bx
		binp, ainp = js*bx, ks*ax
		check(t, "J.s", r.records[0][0][step][0], js)
		check(t, "K.s", r.records[0][1][step][0], ks)
	}
	check(t, "A.x", read(t, e, "A.x", 0)[0], ax)
	check(t, "B.x", read(t, e, "B.x", 0)[0], bx)
	check(t, "A.inp", read(t, e, "A.inp", 0)[0], ainp)
	check(t, "B.inp", read(t, e, "B.inp", 0)[0], binp)
}
