package cpuref

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gpusim/model/ir"
)

// ring makes a program with two populations, A that spikes now and then and B,
// and three projections with groups, events, outputs and a delay of d steps:
//
//	J: A[2:7] to B[1:4], pairs; a state s one a synapse
//	K: A[0:3] to itself without a synapse from a neuron to itself, one sum
//	L: A[1:6] to A[2:7], pairs; a state g one a presynaptic neuron
func ring(tb testing.TB, d int) *maker {
	m := newMaker(tb)
	a := m.population("A", 7)
	for _, name := range []string{"A.V", "A.x"} {
		m.add(name, ir.State, ir.PerNeuron, 7)
	}
	a.Spiked = m.add("A.spiked", ir.Spiked, ir.PerNeuron, 7)
	m.add("A.k", ir.Param, ir.PerNeuron, 7)
	own := scope{own: "A"}
	a.States = []ir.VarID{m.vars["A.V"], m.vars["A.x"]}
	a.Update = []ir.Stmt{m.store(own, "x", "sin(x + 3*V + 1)"), m.store(own, "V", "0.5*V + 0.01*x")}
	test := m.value(own, "sin(k*floor(10*t + 0.5)) > 0.6")
	a.Spike, a.HasReset = &test, true
	a.Reset = []ir.Stmt{m.store(own, "x", "x + 1")}
	if d > 1 {
		m.line(a, "A.x", d+1)
		m.line(a, "A.spiked", d+3) // longer than it need be
	}

	b := m.population("B", 5)
	for _, name := range []string{"B.V", "B.u"} {
		m.add(name, ir.State, ir.PerNeuron, 5)
	}
	b.Accums = []ir.VarID{m.add("B.inp", ir.Input, ir.PerNeuron, 5)}
	own = scope{own: "B"}
	b.Update = []ir.Stmt{m.store(own, "V", "0.3*V + 0.1*inp"), m.store(own, "u", "cos(u + V)")}

	event := func(target string, form ir.Form, s scope, source, post string) ir.Output {
		value := &ir.Select{If: m.expr(s, "pre.spiked != 0"), Then: m.expr(s, source), Else: &ir.Const{}}
		return ir.Output{Target: m.vars[target], Form: form, Terms: []ir.Term{{Source: ir.Block{Value: value}, Post: m.value(s, post)}}}
	}
	j := scope{own: "J", pre: "A", post: "B", ago: d - 1}
	m.add("J.s", ir.State, ir.PerSynapse, 6)
	m.Projections = append(m.Projections, ir.Projection{
		Name: "J", From: 0, To: 1, PreStart: 2, PostStart: 1, Delay: d,
		Conn:   ir.Conn{Kind: ir.List, NPre: 5, NPost: 3, Pre: []int32{0, 0, 1, 3, 4, 4}, Post: []int32{0, 2, 1, 0, 2, 0}},
		Update: []ir.Stmt{m.store(j, "s", "0.9*s + (pre.x if pre.spiked != 0 else 0)")},
		Events: []ir.Output{
			event("B.V", ir.Rows, j, "s + 1", "1"),
			event("B.u", ir.Rows, j, "pre.x*s", "post.V"), // reads the V that the first has changed
		},
		Outputs: []ir.Output{{Target: m.vars["B.inp"], Terms: []ir.Term{{Source: m.value(j, "s"), Post: m.value(j, "post.u - post.V")}}}},
	})
	k := scope{own: "K", pre: "A", post: "A", ago: d - 1}
	m.Projections = append(m.Projections, ir.Projection{
		Name: "K", Delay: d, Conn: ir.Conn{NPre: 3, NPost: 3, NoSelf: true},
		Events: []ir.Output{event("A.V", ir.Total, k, "pre.x", "0.1 - post.V")},
	})
	l := scope{own: "L", pre: "A", post: "A", ago: d - 1}
	m.add("L.g", ir.State, ir.PerPre, 5)
	m.Projections = append(m.Projections, ir.Projection{
		Name: "L", PreStart: 1, PostStart: 2, Delay: d, Collapsed: true,
		Conn: ir.Conn{Kind: ir.List, NPre: 5, NPost: 5, Pre: []int32{0, 1, 1, 4}, Post: []int32{4, 3, 0, 0}},
		// L sees the V that K's event has changed.
		Update: []ir.Stmt{m.store(l, "g", "0.8*g + (pre.x if pre.spiked != 0 else 0)")},
		Events: []ir.Output{event("A.x", ir.Rows, l, "g", "0.05*post.V")},
	})
	return m
}

// literal is the same program as plain loops.
type literal struct {
	d                 int
	aV, ax, k         []float64
	bV, bu, binp      []float64
	s, g              []float64
	pastX, pastSpiked [][]float64 // of all steps, from before the first
	spikes            []spike
	jPre, jPost, lPre []int
	lPost             []int
}

func newLiteral(d int, aV, ax, k, bV, bu []float64) *literal {
	c := slices.Clone[[]float64]
	l := &literal{
		d: d, aV: c(aV), ax: c(ax), k: k, bV: c(bV), bu: c(bu), binp: make([]float64, 5), s: make([]float64, 6), g: make([]float64, 5),
		jPre: []int{2, 2, 3, 5, 6, 6}, jPost: []int{1, 3, 2, 1, 3, 1}, lPre: []int{1, 2, 2, 5}, lPost: []int{6, 5, 2, 2},
	}
	for range d { // before the first step: the starting values, and no spikes
		l.pastX, l.pastSpiked = append(l.pastX, c(ax)), append(l.pastSpiked, make([]float64, 7))
	}
	return l
}

func (l *literal) step(step int) {
	spiked := make([]float64, 7)
	t := float64(step) * 0.1
	for i := range l.aV {
		l.ax[i] = math.Sin(l.ax[i] + float64(3*l.aV[i]) + 1)
		l.aV[i] = float64(0.5*l.aV[i]) + float64(0.01*l.ax[i])
		if math.Sin(l.k[i]*math.Floor(float64(10*t)+0.5)) > 0.6 {
			spiked[i] = 1
			l.ax[i]++
			l.spikes = append(l.spikes, spike{int64(step), i})
		}
	}
	for i := range l.bV {
		l.bV[i] = float64(0.3*l.bV[i]) + float64(0.1*l.binp[i])
		l.bu[i] = math.Cos(l.bu[i] + l.bV[i])
		l.binp[i] = 0
	}
	// What the presynaptic side reads: of this step, or of d-1 steps before.
	x := func(i int) float64 { return l.ax[i] }
	mark := spiked
	if l.d > 1 {
		old := l.pastX[len(l.pastX)-(l.d-1)]
		x = func(i int) float64 { return old[i] }
		mark = l.pastSpiked[len(l.pastSpiked)-(l.d-1)]
	}
	arrived := func(i int, v float64) float64 {
		if mark[i] != 0 {
			return v
		}
		return 0
	}
	// J
	for n, i := range l.jPre {
		l.s[n] = float64(0.9*l.s[n]) + arrived(i, x(i))
	}
	sum := make([]float64, 5)
	for n, i := range l.jPre {
		sum[l.jPost[n]] += arrived(i, l.s[n]+1)
	}
	for i := 1; i < 4; i++ {
		l.bV[i] += sum[i]
	}
	clear(sum)
	for n, i := range l.jPre {
		sum[l.jPost[n]] += arrived(i, x(i)*l.s[n])
	}
	for i := 1; i < 4; i++ {
		l.bu[i] += float64(sum[i] * l.bV[i])
	}
	// K
	all, own := 0.0, make([]float64, 3)
	for i := range 3 {
		own[i] = arrived(i, x(i))
		all += own[i]
	}
	for i := range 3 {
		l.aV[i] += float64((all - own[i]) * (0.1 - l.aV[i]))
	}
	// L
	for e := range l.g {
		l.g[e] = float64(0.8*l.g[e]) + arrived(e+1, x(e+1))
	}
	sum = make([]float64, 7)
	for n, i := range l.lPre {
		sum[l.lPost[n]] += arrived(i, l.g[i-1])
	}
	for i := 2; i < 7; i++ {
		l.ax[i] += float64(sum[i] * float64(0.05*l.aV[i]))
	}
	// J's output, when all events are done.
	sum = make([]float64, 5)
	for n := range l.jPre {
		sum[l.jPost[n]] += l.s[n]
	}
	for i := 1; i < 4; i++ {
		l.binp[i] += float64(sum[i] * (l.bu[i] - l.bV[i]))
	}
	l.pastX, l.pastSpiked = append(l.pastX, slices.Clone(l.ax)), append(l.pastSpiked, spiked)
}

func startRing(m *maker, e *Engine, d int) *literal {
	aV, ax, bV, bu := numbers(7, 1), numbers(7, 2), numbers(5, 4), numbers(5, 5)
	k := []float64{0.7, 1.3, 2.1, 0.2, 3.7, 5.1, 0.9}
	m.write(e, "A.V", aV...)
	m.write(e, "A.x", ax...)
	m.write(e, "A.k", k...)
	m.write(e, "B.V", bV...)
	m.write(e, "B.u", bu...)
	if d > 1 {
		m.write(e, "A.x.line", slices.Repeat(ax, d+1)...)
	}
	return newLiteral(d, aV, ax, k, bV, bu)
}

// TestEvents compares events, delay lines, groups and outputs with plain loops,
// bit for bit, from different first steps: rows of delay lines are numbered by
// the step.
func TestEvents(t *testing.T) {
	for _, d := range []int{1, 2, 3, 10} {
		for _, first := range []int{0, 5, -23} {
			t.Run(fmt.Sprintf("delay %d from %d", d, first), func(t *testing.T) {
				m := ring(t, d)
				e := m.build(1)
				l := startRing(m, e, d)
				e.sliceLen = 32
				r := run(t, e, int64(first), 100)
				for step := range 100 {
					l.step(first + step)
				}
				sameSpikes(t, "A", r.spikes[0][0], l.spikes)
				for _, v := range []struct {
					name string
					want []float64
				}{
					{"A.V", l.aV}, {"A.x", l.ax}, {"B.V", l.bV}, {"B.u", l.bu}, {"B.inp", l.binp}, {"J.s", l.s}, {"L.g", l.g},
					{"A.spiked", l.pastSpiked[len(l.pastSpiked)-1]},
				} {
					if got := read(t, e, v.name, 0); !slices.Equal(got, v.want) {
						t.Errorf("%s is %v\nwant %v", v.name, got, v.want)
					}
				}
				if d == 1 {
					return
				}
				lines := read(t, e, "A.x.line", 0)
				for ago := range d + 1 { // the row of each step that is kept
					step := first + 99 - ago
					row := ((step % (d + 1)) + d + 1) % (d + 1)
					if got, want := lines[row*7:][:7], l.pastX[len(l.pastX)-1-ago]; !slices.Equal(got, want) {
						t.Errorf("%d steps ago x was %v, want %v", ago, got, want)
					}
				}
			})
		}
	}
}

// TestEventsPieces checks that a run in pieces, what is saved and restored, and
// an instance in a batch equal the whole, with spikes in flight.
func TestEventsPieces(t *testing.T) {
	const d, steps = 10, 200
	m := ring(t, d)
	whole := m.build(1)
	startRing(m, whole, d)
	run(t, whole, 0, steps)
	for _, piece := range []int{1, 3, 7, 77} {
		e := m.build(3)
		startRing(m, e, d)
		for at := 0; at < steps; at += piece {
			if at == 21*piece {
				if err := e.Save(); err != nil {
					t.Fatal(err)
				}
				run(t, e, int64(at), 17)
				if err := e.Restore(); err != nil {
					t.Fatal(err)
				}
			}
			run(t, e, int64(at), min(piece, steps-at))
		}
		for k := range 3 {
			sameState(t, e, k, whole, 0)
		}
	}
}

// TestQuiet checks that what is left out where no spike arrives changes no bit,
// over several blocks of synapses, with sources in any order, and that it is
// left out.
func TestQuiet(t *testing.T) {
	const n = 70
	build := func(form ir.Form, order func(i int32) int32) (*maker, *Engine) {
		m := newMaker(t)
		p := m.population("P", n)
		own := scope{own: "P"}
		m.add("P.V", ir.State, ir.PerNeuron, n)
		m.add("P.k", ir.Param, ir.PerNeuron, n)
		p.States = []ir.VarID{m.vars["P.V"]}
		p.Spiked = m.add("P.spiked", ir.Spiked, ir.PerNeuron, n)
		p.Update = []ir.Stmt{m.store(own, "V", "cos(3*V)")}
		test := m.value(own, "sin(k*floor(10*t + 0.5)) > 0.997")
		p.Spike, p.HasReset = &test, true
		conn := ir.Conn{NPre: n, NPost: n}
		if form == ir.Rows {
			pre, post := conn.Ends()
			conn = ir.Conn{Kind: ir.List, NPre: n, NPost: n, Post: post}
			for _, i := range pre {
				conn.Pre = append(conn.Pre, order(i))
			}
		}
		s := scope{own: "J", pre: "P", post: "P"}
		source := &ir.Select{If: m.expr(s, "pre.spiked != 0"), Then: m.expr(s, "pre.V"), Else: &ir.Const{}}
		m.Projections = []ir.Projection{{Name: "J", Conn: conn, Events: []ir.Output{{
			Target: m.vars["P.V"], Form: form, Terms: []ir.Term{{Source: ir.Block{Value: source}, Post: m.value(s, "1 - post.V")}},
		}}}}
		e := m.build(1)
		m.write(e, "P.V", numbers(n, 1)...)
		m.write(e, "P.k", numbers(n, 2)...)
		return m, e
	}
	for name, test := range map[string]struct {
		form  ir.Form
		order func(i int32) int32
	}{
		"total":     {ir.Total, nil},
		"ascending": {ir.Rows, func(i int32) int32 { return i }},
		"mixed":     {ir.Rows, func(i int32) int32 { return i * 31 % n }},
	} {
		t.Run(name, func(t *testing.T) {
			_, e := build(test.form, test.order)
			_, full := build(test.form, test.order)
			if e.code.projections[0].events[0].terms[0].arrives == nil {
				t.Fatal("the event is not found to be 0 without spikes")
			}
			full.code.projections[0].events[0].terms[0].arrives = nil
			r := run(t, e, 0, 300)
			run(t, full, 0, 300)
			sameState(t, e, 0, full, 0)
			quiet := map[int64]bool{}
			for _, s := range r.spikes[0][0] {
				quiet[s.step] = true
			}
			if len(quiet) < 20 || len(quiet) > 280 {
				t.Errorf("there are spikes in %d of 300 steps, which tests little", len(quiet))
			}
		})
	}
}

// TestNotQuiet checks sources that are not 0 without a spike, or that leave
// something for others to read, so that nothing may be left out.
func TestNotQuiet(t *testing.T) {
	for name, source := range map[string]func(m *maker, s scope) ir.Block{
		"always":     func(m *maker, s scope) ir.Block { return m.value(s, "pre.x") },
		"another 0":  func(m *maker, s scope) ir.Block { return m.value(s, "pre.x if pre.spiked != 0 else 1") },
		"negative 0": func(m *maker, s scope) ir.Block { return m.value(s, "pre.x if pre.spiked != 0 else -0.0*1") },
		"without":    func(m *maker, s scope) ir.Block { return m.value(s, "pre.x if pre.spiked == 0 else 0") },
		"of a state": func(m *maker, s scope) ir.Block { return m.value(s, "pre.x if pre.V != 0 else 0") },
		"of post":    func(m *maker, s scope) ir.Block { return m.value(s, "pre.x if post.spiked != 0 else 0") },
		"not 1":      func(m *maker, s scope) ir.Block { return m.value(s, "pre.x if pre.spiked != 1 else 0") },
		"read by another": func(m *maker, s scope) ir.Block {
			let := m.let(s, "kept", "2*pre.x")
			m.Projections[2].Records = []ir.Record{m.record(s, "kept", "kept", 1, ir.PerSynapse, 4)}
			return ir.Block{Lets: []ir.Stmt{let}, Value: m.expr(s, "kept if pre.spiked != 0 else 0")}
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := ring(t, 1)
			m.Projections[2].Events[0].Terms[0].Source = source(m, scope{own: "L", pre: "A", post: "A"})
			if e := m.build(1); e.code.projections[2].events[0].terms[0].arrives != nil {
				t.Error("found to be 0 without spikes")
			}
		})
	}
}

// TestNoAllocation checks that a step takes no memory.
func TestNoAllocation(t *testing.T) {
	m := ring(t, 10)
	e := m.build(1)
	startRing(m, e, 10)
	w := e.newWorker()
	w.runInstance(e.newSlice(0, 64), 0)
	w.step = 0
	if n := testing.AllocsPerRun(60, func() {
		w.runStep()
		w.step++
	}); n != 0 {
		t.Errorf("%v allocations a step", n)
	}
}

// TestManyBlocks reads groups and delay lines over several blocks of neurons.
func TestManyBlocks(t *testing.T) {
	const n, start, count, d = 900, 5, 700, 4
	m := newMaker(t)
	p := m.population("A", n)
	m.add("A.x", ir.State, ir.PerNeuron, n)
	p.Update = []ir.Stmt{m.store(scope{own: "A"}, "x", "x + 1")}
	p.Accums = []ir.VarID{m.add("A.inp", ir.Input, ir.PerNeuron, n)}
	m.line(p, "A.x", d+1)
	m.add("J.g", ir.State, ir.PerPre, count)
	s := scope{own: "J", pre: "A", post: "A", ago: d - 1}
	m.Projections = []ir.Projection{{
		Name: "J", PreStart: start, PostStart: start + 1, Delay: d, Collapsed: true, Conn: ir.Conn{Kind: ir.OneToOne, NPre: count, NPost: count},
		Update:  []ir.Stmt{m.store(s, "g", "pre.x")},
		Outputs: []ir.Output{{Target: m.vars["A.inp"], Terms: []ir.Term{{Source: m.value(s, "g + pre.x"), Post: m.value(s, "post.x")}}}},
	}}
	e := m.build(1)
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(i)
	}
	m.write(e, "A.x", x...)
	run(t, e, 0, 10)
	g, inp := read(t, e, "J.g", 0), read(t, e, "A.inp", 0)
	for i := range n {
		want := 0.0
		if i > start && i <= start+count {
			// x grows by 1 a step: 10 steps, and for the one before, 10-3.
			want = 2 * float64(i-1+10-(d-1)) * float64(i+10)
		}
		if inp[i] != want {
			t.Errorf("neuron %d has %v, want %v", i, inp[i], want)
		}
	}
	for e, got := range g {
		if want := float64(start + e + 10 - (d - 1)); got != want {
			t.Errorf("g of %d is %v, want %v", e, got, want)
		}
	}
}
