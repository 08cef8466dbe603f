package cpuref

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gpusim/model/ir"
)

// TestLeaky compares Euler's method for a leaky neuron with its solution.
func TestLeaky(t *testing.T) {
	m := newMaker(t)
	const n = 3
	p := m.population("P", n)
	s := scope{own: "P"}
	p.States = []ir.VarID{m.add("P.V", ir.State, ir.PerNeuron, n)}
	p.Accums = []ir.VarID{m.add("P.inp", ir.Input, ir.PerNeuron, n)}
	m.add("P.tau", ir.Param, ir.PerNeuron, n)
	m.add("P.drive", ir.Param, ir.One, 1)
	p.Inputs = []ir.Stmt{m.store(s, "inp", "inp + drive")}
	p.Update = []ir.Stmt{
		m.let(s, "new_V", "V + 0.1*(-V + inp)/tau"),
		m.store(s, "V", "new_V"),
	}
	p.Records = []ir.Record{
		m.record(s, "V", "V", 10, ir.PerNeuron, n),
		m.record(s, "inp", "inp", 1, ir.PerNeuron, n),
		m.record(s, "t", "t", 4, ir.One, 1),
	}
	e := m.build(1)
	m.write(e, "P.V", 1, 2, 3)
	m.write(e, "P.tau", 5, 10, 20)
	m.write(e, "P.drive", 0.5)
	r := run(t, e, 0, 100)
	if len(r.records[0][0]) != 10 || len(r.records[0][1]) != 100 || len(r.records[0][2]) != 25 {
		t.Fatalf("rows: %d, %d, %d", len(r.records[0][0]), len(r.records[0][1]), len(r.records[0][2]))
	}
	for row, v := range r.records[0][0] {
		for i, got := range v {
			steps := float64(10*row + 1)
			tau, v0 := []float64{5, 10, 20}[i], float64(i+1)
			want := 0.5 + (v0-0.5)*math.Pow(1-0.1/tau, steps)
			if math.Abs(got-want) > 1e-13 {
				t.Errorf("after step %d, V[%d] is %v, want %v", 10*row, i, got, want)
			}
		}
	}
	for row, inp := range r.records[0][1] {
		if !slices.Equal(inp, []float64{0.5, 0.5, 0.5}) {
			t.Errorf("inp before the update of step %d was %v", row, inp)
		}
	}
	for row, got := range r.records[0][2] {
		if got[0] != float64(4*row)*0.1 {
			t.Errorf("t of step %d is %v", 4*row, got[0])
		}
	}
	if inp := read(t, e, "P.inp", 0); !slices.Equal(inp, []float64{0, 0, 0}) {
		t.Errorf("inp is %v after the run", inp)
	}
}

// counter adds a population whose V grows by 1 a step and that spikes where V
// is at least 3.
func counter(m *maker, size int) *ir.Population {
	p := m.population("P", size)
	s := scope{own: "P"}
	p.States = []ir.VarID{m.add("P.V", ir.State, ir.PerNeuron, size)}
	p.Update = []ir.Stmt{m.store(s, "V", "V + 1")}
	test := m.value(s, "V >= 3")
	p.Spike = &test
	return p
}

func steps(spikes []spike, neuron int) []int64 {
	var out []int64
	for _, s := range spikes {
		if s.neuron == neuron {
			out = append(out, s.step)
		}
	}
	return out
}

// TestReset checks that a neuron spikes where the condition is true at the end
// of its update, and that the reset runs in sequence for it alone.
func TestReset(t *testing.T) {
	m := newMaker(t)
	p := counter(m, 2)
	s := scope{own: "P"}
	p.HasReset = true
	m.add("P.u", ir.State, ir.PerNeuron, 2)
	m.add("P.w", ir.State, ir.PerNeuron, 2)
	p.Update = append(p.Update, m.let(s, "twice", "2*V"))
	p.Reset = []ir.Stmt{
		m.store(s, "V", "V - 3"),
		m.let(s, "a", "u + 10"),
		m.store(s, "u", "a + V"), // reads the V just stored
		m.store(s, "w", "twice"), // of the update: before the reset
	}
	e := m.build(1)
	m.write(e, "P.V", 0, 1.5)
	r := run(t, e, 0, 8)
	// V after the updates: 1 2 3>0 1 2 3>0 1 2 and 2.5 3.5>0.5 1.5 2.5 3.5>0.5 ...
	if got := steps(r.spikes[0][0], 0); !slices.Equal(got, []int64{2, 5}) {
		t.Errorf("neuron 0 spikes at %v", got)
	}
	if got := steps(r.spikes[0][0], 1); !slices.Equal(got, []int64{1, 4, 7}) {
		t.Errorf("neuron 1 spikes at %v", got)
	}
	if got, want := read(t, e, "P.u", 0), []float64{20, 31.5}; !slices.Equal(got, want) {
		t.Errorf("u is %v, want %v", got, want)
	}
	if got, want := read(t, e, "P.w", 0), []float64{6, 7}; !slices.Equal(got, want) {
		t.Errorf("w is %v, want %v", got, want)
	}
}

// refractory makes P refractory for K steps, one value a neuron.
func refractory(m *maker, p *ir.Population) {
	p.Refractory = m.add("P.K", ir.Param, ir.PerNeuron, p.Size)
	p.Last = m.add("P.last", ir.Last, ir.PerNeuron, p.Size)
	p.IsRefractory = m.temp(true)
	m.temps["held"] = p.IsRefractory
}

// TestRefractory checks that the shortest interval is K steps, with the
// condition true in every step, and that a held equation is held K-1 steps.
func TestRefractory(t *testing.T) {
	const n = 5
	k := []float64{0, 1, 2, 5, 40}
	for _, hasReset := range []bool{true, false} {
		t.Run(fmt.Sprintf("reset=%v", hasReset), func(t *testing.T) {
			m := newMaker(t)
			p := m.population("P", n)
			s := scope{own: "P"}
			m.add("P.n", ir.State, ir.PerNeuron, n)
			refractory(m, p)
			p.Update = []ir.Stmt{m.store(s, "n", "n if held else n + 1")}
			p.HasReset = hasReset
			test := m.value(s, "n > 0")
			p.Spike = &test
			if !hasReset {
				p.Flag = m.add("P.flag", ir.Flag, ir.PerNeuron, n)
			}
			e := m.build(1)
			m.write(e, "P.K", k...)
			r := run(t, e, 100, 101)
			for i, k := range k {
				var want []int64
				for step := int64(100); step <= 200; step += max(1, int64(k)) {
					want = append(want, step)
				}
				if !hasReset {
					want = want[:1]
				}
				if got := steps(r.spikes[0][0], i); !slices.Equal(got, want) {
					t.Errorf("K = %v: spikes at %v, want %v", k, got, want)
				}
				if got := read(t, e, "P.last", 0)[i]; got != float64(want[len(want)-1]) {
					t.Errorf("K = %v: the last spike was at %v", k, got)
				}
			}
			moved := []float64{101, 101, 51, 21, 3}
			if !hasReset {
				moved = []float64{101, 101, 100, 97, 62}
			}
			if got := read(t, e, "P.n", 0); !slices.Equal(got, moved) {
				t.Errorf("steps not held: %v, want %v", got, moved)
			}
		})
	}
}

// TestNeverSpiked checks that a neuron is not refractory before it has spiked,
// whatever K is.
func TestNeverSpiked(t *testing.T) {
	m := newMaker(t)
	p := counter(m, 1)
	p.HasReset = true
	refractory(m, p)
	e := m.build(1)
	m.write(e, "P.K", 1e30)
	if got := read(t, e, "P.last", 0)[0]; got != ir.NeverSpiked {
		t.Errorf("the last spike was at %v", got)
	}
	r := run(t, e, 0, 50)
	if got := steps(r.spikes[0][0], 0); !slices.Equal(got, []int64{2}) {
		t.Errorf("spikes at %v", got)
	}
}

// TestFlag checks that without a reset a spike is the condition becoming true
// since it was last evaluated, and that it is not evaluated while refractory.
func TestFlag(t *testing.T) {
	m := newMaker(t)
	const n = 2
	p := m.population("P", n)
	s := scope{own: "P"}
	p.Flag = m.add("P.flag", ir.Flag, ir.PerNeuron, n)
	refractory(m, p)
	x := m.add("P.x", ir.Samples, ir.PerSample, 10)
	m.Vars[x].Every = 1
	test := m.value(s, "x > 0")
	p.Spike = &test
	e := m.build(1)
	m.write(e, "P.K", 0, 4)
	m.write(e, "P.x", 1, 0, 1, 1, 0, 1, 1, 0, 0, 1)
	m.write(e, "P.flag", 1, 0)
	r := run(t, e, 0, 10)
	// Neuron 0 begins with the flag set.
	if got := steps(r.spikes[0][0], 0); !slices.Equal(got, []int64{2, 5, 9}) {
		t.Errorf("neuron 0 spikes at %v", got)
	}
	// Neuron 1 spikes at 0 and is refractory to 3; at 4 it is evaluated again:
	// false. It spikes at 5 and is refractory to 8; at 9 the condition is true
	// as it was at 5, when it was last evaluated.
	if got := steps(r.spikes[0][0], 1); !slices.Equal(got, []int64{0, 5}) {
		t.Errorf("neuron 1 spikes at %v", got)
	}
	if got := read(t, e, "P.flag", 0); !slices.Equal(got, []float64{1, 1}) {
		t.Errorf("flags are %v", got)
	}
}

// TestSpikeBits checks every bit of slices of 1, 31, 32, 33 and 100 steps.
func TestSpikeBits(t *testing.T) {
	for _, steps := range []int{1, 31, 32, 33, 100} {
		m := newMaker(t)
		const n = 300
		p := m.population("P", n)
		s := scope{own: "P"}
		p.HasReset = true
		m.add("P.a", ir.Param, ir.PerNeuron, n)
		// t*10 is the step.
		test := m.value(s, "sin(a*floor(10*t + 0.5)) > 0.3")
		p.Spike = &test
		e := m.build(2)
		var a []float64
		for i := range 2 * n {
			a = append(a, float64(i)*0.37)
		}
		m.write(e, "P.a", a...)
		r := run(t, e, 7, steps)
		for k := range 2 {
			var want []spike
			for step := range steps {
				for i := range n {
					if math.Sin(a[k*n+i]*float64(7+step)) > 0.3 {
						want = append(want, spike{int64(7 + step), i})
					}
				}
			}
			sameSpikes(t, fmt.Sprintf("%d steps, instance %d", steps, k), r.spikes[k][0], want)
		}
	}
}

// TestSequence checks that statements run in sequence and that a let keeps the
// value that it had.
func TestSequence(t *testing.T) {
	m := newMaker(t)
	p := m.population("P", 1)
	s := scope{own: "P"}
	m.add("P.x", ir.State, ir.PerNeuron, 1)
	m.add("P.y", ir.State, ir.PerNeuron, 1)
	p.Update = []ir.Stmt{
		m.let(s, "old", "x"),
		m.store(s, "x", "x + 1"),
		m.store(s, "y", "x*100 + old"),
		m.store(s, "x", "old + 5 if old < 3 else old"),
	}
	p.Records = []ir.Record{m.record(s, "old", "old", 1, ir.PerNeuron, 1)}
	e := m.build(1)
	m.write(e, "P.x", 2)
	r := run(t, e, 0, 1)
	if x, y, old := read(t, e, "P.x", 0)[0], read(t, e, "P.y", 0)[0], r.records[0][0][0][0]; x != 7 || y != 302 || old != 2 {
		t.Errorf("x = %v, y = %v, old = %v", x, y, old)
	}
}

// TestEmpty runs populations and projections without elements.
func TestEmpty(t *testing.T) {
	m := newMaker(t)
	p := counter(m, 0)
	p.HasReset = true
	p.Accums = []ir.VarID{m.add("P.inp", ir.Input, ir.PerNeuron, 0)}
	p.Records = []ir.Record{
		m.record(scope{own: "P"}, "V", "V", 1, ir.PerNeuron, 0),
		m.record(scope{own: "P"}, "t", "t", 1, ir.One, 1),
	}
	m.population("Q", 4)
	m.add("Q.inp", ir.Input, ir.PerNeuron, 4)
	s := scope{own: "J", pre: "P", post: "Q"}
	for _, form := range []ir.Form{ir.Rows, ir.Total} {
		m.Projections = append(m.Projections, ir.Projection{
			Name: "J", From: 0, To: 1, Conn: ir.Conn{NPre: 0, NPost: 4},
			Outputs: []ir.Output{{
				Target: m.vars["Q.inp"], Form: form,
				Terms: []ir.Term{{Source: m.value(s, "pre.V"), Post: m.value(s, "1")}},
			}},
			Records: []ir.Record{m.record(s, "V", "pre.V", 1, ir.PerSynapse, 0)},
		})
	}
	e := m.build(2)
	r := run(t, e, 0, 40)
	if got := read(t, e, "Q.inp", 1); !slices.Equal(got, make([]float64, 4)) {
		t.Errorf("inp is %v", got)
	}
	if rows := r.records[1][1]; len(rows) != 40 || math.Abs(rows[39][0]-3.9) > 1e-15 {
		t.Errorf("records are %v", rows)
	}
}
