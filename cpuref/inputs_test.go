package cpuref

import (
	"context"
	"slices"
	"testing"

	"gpusim/model/ir"
)

// driven makes a population of n neurons whose input inp is recorded in every
// step as it was before the update.
func driven(t *testing.T, n int) (*maker, *ir.Population, scope) {
	m := newMaker(t)
	p := m.population("P", n)
	s := scope{own: "P"}
	p.Accums = []ir.VarID{m.add("P.inp", ir.Input, ir.PerNeuron, n)}
	p.Records = []ir.Record{m.record(s, "inp", "inp", 1, ir.PerNeuron, n)}
	return m, p, s
}

// TestWindows checks inputs to a group in a span of steps, in sequence, with
// values of the neuron's number and of time. 600 neurons are three blocks.
func TestWindows(t *testing.T) {
	const n = 600
	m, p, s := driven(t, n)
	acc := m.expr(s, "inp")
	add := func(op ir.Op, x ir.Expr) ir.Expr { return &ir.Apply{Op: op, Args: []ir.Expr{acc, x}} }
	input := func(e ir.Expr) { p.Inputs = append(p.Inputs, &ir.Store{Var: m.vars["P.inp"], Expr: e}) }
	// In steps 3 to 6, the number of the neuron counted from 200 and the time, to neurons 200 to 520.
	input(&ir.Select{
		If: &ir.Within{Start: 200, Stop: 521},
		Then: &ir.Select{
			If:   &ir.During{From: 3, Until: 7},
			Then: add(ir.Add, &ir.Apply{Op: ir.Add, Args: []ir.Expr{&ir.Index{Start: 200}, &ir.Time{}}}),
			Else: acc,
		},
		Else: acc,
	})
	input(&ir.Select{If: &ir.During{From: 5, Until: 1 << 62}, Then: add(ir.Mul, &ir.Const{V: 3}), Else: acc})
	input(&ir.Select{If: &ir.During{From: -1 << 62, Until: 0}, Then: &ir.Const{V: -7}, Else: acc})
	e := m.build(1)
	e.sliceLen = 32
	r := run(t, e, -2, 12)
	for row, got := range r.records[0][0] {
		step := row - 2
		for i, got := range got {
			want := 0.0
			if i >= 200 && i < 521 && step >= 3 && step < 7 {
				want = float64(i-200) + float64(step)*0.1
			}
			if step >= 5 {
				want *= 3
			}
			if step < 0 {
				want = -7
			}
			if got != want {
				t.Fatalf("step %d, neuron %d: %v, want %v", step, i, got, want)
			}
		}
	}
}

// TestWithinOfNothing checks ranges that are empty or reach beyond the neurons.
func TestWithinOfNothing(t *testing.T) {
	m, p, s := driven(t, 4)
	for _, w := range []ir.Within{{Start: 2, Stop: 2}, {Start: 9, Stop: 12}, {Start: 3, Stop: 99}} {
		p.Inputs = append(p.Inputs, &ir.Store{Var: m.vars["P.inp"], Expr: &ir.Select{If: &w, Then: m.expr(s, "inp + 1"), Else: m.expr(s, "inp")}})
	}
	r := run(t, m.build(1), 0, 1)
	if got := r.records[0][0][0]; !slices.Equal(got, []float64{0, 0, 0, 1}) {
		t.Errorf("inp is %v", got)
	}
}

// TestSamplesOfNeurons checks which sample each neuron reads, shared by all
// instances and one for each, counted from the origin, and that a run beyond the
// last is refused.
func TestSamplesOfNeurons(t *testing.T) {
	const n, samples, every = 300, 4, 3
	m, p, s := driven(t, n)
	x := m.add("P.x", ir.Samples, ir.PerSampleNeuron, samples*n)
	m.Vars[x].Every = every
	p.Inputs = []ir.Stmt{m.store(s, "inp", "inp + x")}
	e := m.build(2)
	e.sliceLen = 32
	e.SetOrigin(100)
	both := numbers(2*samples*n, 3)
	for _, data := range [][]float64{both[:samples*n], both} {
		m.write(e, "P.x", data...)
		r := run(t, e, 101, 11)
		for k := range 2 {
			mine := data
			if len(data) > samples*n {
				mine = data[k*samples*n:]
			}
			for row, got := range r.records[k][0] {
				if at := (row + 1) / every * n; !slices.Equal(got, mine[at:at+n]) {
					t.Fatalf("instance %d, step %d: not sample %d", k, 101+row, (row+1)/every)
				}
			}
		}
	}
	for _, test := range []struct {
		first int64
		steps int
		want  string
	}{
		{101, 12, "cpuref: P.x has 4 samples of 3 steps each, to step 11, and step 12 is asked for"},
		{99, 1, "cpuref: P.x has samples from step 0 of the run on, and step -1 is asked for"},
	} {
		done, err := e.Run(context.Background(), test.first, test.steps, nil)
		if done != 0 || err == nil || err.Error() != test.want {
			t.Errorf("%d steps, %v, want %s", done, err, test.want)
		}
	}
}

// TestSpikedValues checks that a mark is 0 or 1 when it is written, and follows
// the spikes of each step.
func TestSpikedValues(t *testing.T) {
	m := newMaker(t)
	p := counter(m, 2)
	p.HasReset = true
	p.Reset = []ir.Stmt{m.store(scope{own: "P"}, "V", "0")}
	p.Spiked = m.add("P.spiked", ir.Spiked, ir.PerNeuron, 2)
	e := m.build(1)
	if err := e.Write(p.Spiked, []float64{1, 0.5}); err == nil || err.Error() != "cpuref: P.spiked is 0 or 1, and value 1 is 0.5" {
		t.Errorf("0.5: %v", err)
	}
	m.write(e, "P.V", 0, 1)
	m.write(e, "P.spiked", 1, 1)
	for step, want := range [][]float64{{0, 0}, {0, 1}, {1, 0}, {0, 0}, {0, 1}, {1, 0}} {
		run(t, e, int64(step), 1)
		if got := read(t, e, "P.spiked", 0); !slices.Equal(got, want) {
			t.Errorf("after step %d the marks are %v, want %v", step, got, want)
		}
	}
}
