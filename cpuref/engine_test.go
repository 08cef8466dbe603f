package cpuref

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"gpusim/model/ir"
	"gpusim/network"
)

var _ network.Device = (*Device)(nil)

// noisy makes a program with everything in it that a step keeps: states,
// flags, last spikes, inputs, samples, and a projection; a parameter sets how
// fast it goes.
func noisy(tb testing.TB) *maker {
	const n = 30
	m := newMaker(tb)
	s := scope{own: "P"}
	p := counter(m, n)
	p.HasReset = true
	refractory(m, p)
	m.add("P.speed", ir.Param, ir.One, 1)
	p.Accums = []ir.VarID{m.add("P.inp", ir.Input, ir.PerNeuron, n)}
	x := m.add("P.drive", ir.Samples, ir.PerSample, 50)
	m.Vars[x].Every = 7
	p.Inputs = []ir.Stmt{m.store(s, "inp", "inp + drive")}
	p.Update = []ir.Stmt{m.store(s, "V", "V if held else V + speed*(2 + sin(17*t) + 0.1*inp)")}
	p.Reset = []ir.Stmt{m.store(s, "V", "V/7")}
	p.Records = []ir.Record{m.record(s, "V", "V", 9, ir.PerNeuron, n)}

	q := m.population("Q", n)
	q.Flag = m.add("Q.flag", ir.Flag, ir.PerNeuron, n)
	m.add("Q.u", ir.State, ir.PerNeuron, n)
	q.States = []ir.VarID{m.vars["Q.u"]}
	q.Update = []ir.Stmt{m.store(scope{own: "Q"}, "u", "u + 0.02 + 0.01*cos(u)")}
	test := m.value(scope{own: "Q"}, "sin(10*u) > 0.2")
	q.Spike = &test

	m.add("J.s", ir.State, ir.PerPre, n)
	j := scope{own: "J", pre: "P", post: "P"}
	m.Projections = []ir.Projection{{
		Name: "J", Conn: ir.Conn{NPre: n, NPost: n, NoSelf: true}, Collapsed: true,
		States: []ir.VarID{m.vars["J.s"]},
		Update: []ir.Stmt{m.store(j, "s", "s + 0.1*(tanh(pre.V) - s)")},
		Outputs: []ir.Output{{
			Target: m.vars["P.inp"], Form: ir.Total,
			Terms: []ir.Term{{Source: m.value(j, "s/30"), Post: m.value(j, "1 - post.V")}},
		}},
		Records: []ir.Record{m.record(j, "s", "s", 4, ir.PerPre, n)},
	}}
	return m
}

func startNoisy(m *maker, e *Engine, speed ...float64) {
	m.write(e, "P.V", numbers(30, 4)...)
	m.write(e, "Q.u", numbers(30, 5)...)
	k := numbers(30, 6)
	for i := range k {
		k[i] = math.Floor(math.Abs(k[i]))
	}
	m.write(e, "P.K", k...)
	m.write(e, "P.drive", numbers(50, 7)...)
	m.write(e, "P.speed", speed...)
}

// sameState compares all state of an instance of a and one of b, bit for bit.
func sameState(t *testing.T, a *Engine, i int, b *Engine, j int) {
	t.Helper()
	for _, v := range a.code.program.Vars {
		if v.Role.IsState() && !slices.Equal(read(t, a, v.Name, i), read(t, b, v.Name, j)) {
			t.Errorf("%s is %v and %v", v.Name, read(t, a, v.Name, i), read(t, b, v.Name, j))
		}
	}
}

// sameResult compares what an instance of two runs left, bit for bit.
func sameResult(t *testing.T, a *result, i int, b *result, j int) {
	t.Helper()
	for p := range a.spikes[i] {
		sameSpikes(t, "population", a.spikes[i][p], b.spikes[j][p])
		if len(a.spikes[i][p]) == 0 {
			t.Errorf("there are no spikes of population %d to compare", p)
		}
	}
	for r := range a.records[i] {
		if !slices.EqualFunc(a.records[i][r], b.records[j][r], slices.Equal) {
			t.Errorf("record %d differs", r)
		}
	}
}

// TestPieces checks that a run in pieces, and in slices of any length, equals
// the whole bit for bit.
func TestPieces(t *testing.T) {
	m := noisy(t)
	whole := m.build(1)
	startNoisy(m, whole, 1)
	want := run(t, whole, 3, 340)

	for _, piece := range []int{1, 7, 32, 77} {
		e := m.build(1)
		startNoisy(m, e, 1)
		got := &result{spikes: make([][][]spike, 1), records: make([][][][]float64, 1), bad: make([]*ir.NotFinite, 1)}
		got.spikes[0], got.records[0] = make([][]spike, 2), make([][][]float64, 2)
		for at := 0; at < 340; at += piece {
			_, err := e.Run(context.Background(), int64(3+at), min(piece, 340-at), func(s *ir.Slice) error {
				got.add(e, s)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		sameResult(t, got, 0, want, 0)
		sameState(t, e, 0, whole, 0)
	}

	e := m.build(1)
	startNoisy(m, e, 1)
	e.sliceLen = 32
	got := run(t, e, 3, 340)
	if got.slices != 11 || want.slices != 1 {
		t.Errorf("%d and %d slices", got.slices, want.slices)
	}
	sameResult(t, got, 0, want, 0)
	sameState(t, e, 0, whole, 0)
}

// TestInstances checks that an instance in a batch equals the instance alone
// bit for bit, whatever the number of threads.
func TestInstances(t *testing.T) {
	m := noisy(t)
	speeds := []float64{0.5, 1, 1.5, 0.25, 2}
	var want *result
	for _, threads := range []int{1, 2, 5} {
		batch := m.build(len(speeds))
		batch.threads = threads
		startNoisy(m, batch, speeds...)
		r := run(t, batch, 0, 200)
		for k, speed := range speeds {
			alone := m.build(1)
			startNoisy(m, alone, speed)
			want = run(t, alone, 0, 200)
			sameResult(t, r, k, want, 0)
			sameState(t, batch, k, alone, 0)
		}
	}
}

// TestSave checks that Restore brings back all state but no parameter, and
// moves no byte.
func TestSave(t *testing.T) {
	m := noisy(t)
	e := m.build(2)
	if err := e.Restore(); err == nil {
		t.Error("Restore before Save gave no error")
	}
	startNoisy(m, e, 1, 2)
	run(t, e, 0, 50)
	before := e.Counters()
	if err := e.Save(); err != nil {
		t.Fatal(err)
	}
	if e.Counters() != before {
		t.Error("Save counted something")
	}
	want := run(t, e, 50, 100)
	for range 2 {
		if err := e.Restore(); err != nil {
			t.Fatal(err)
		}
		got := run(t, e, 50, 100)
		sameResult(t, got, 0, want, 0)
		sameResult(t, got, 1, want, 1)
	}
	m.write(e, "P.speed", 5)
	if err := e.Restore(); err != nil {
		t.Fatal(err)
	}
	if got := read(t, e, "P.speed", 1)[0]; got != 5 {
		t.Errorf("Restore changed a parameter to %v", got)
	}
}

// TestReadWrite checks variables of every role, shared and one an instance.
func TestReadWrite(t *testing.T) {
	m := newMaker(t)
	m.population("P", 2)
	roles := []ir.Role{ir.State, ir.Flag, ir.Last, ir.Input, ir.Param, ir.Samples}
	names := []string{"P.state", "P.flag", "P.last", "P.input", "P.param", "P.samples"}
	for i, role := range roles {
		m.add(names[i], role, ir.PerNeuron, 2)
	}
	e := m.build(3)
	for i, name := range names {
		want := []float64{0, 0}
		if roles[i] == ir.Last {
			want = []float64{ir.NeverSpiked, ir.NeverSpiked}
		}
		if got := read(t, e, name, 2); !slices.Equal(got, want) {
			t.Errorf("%s begins as %v", name, got)
		}
		m.write(e, name, 0, 1)
		for k := range 3 {
			if got := read(t, e, name, k); !slices.Equal(got, []float64{0, 1}) {
				t.Errorf("%s of instance %d is %v", name, k, got)
			}
		}
		m.write(e, name, 1, 0, 0, 1, 1, 1)
		if got := read(t, e, name, 1); !slices.Equal(got, []float64{0, 1}) {
			t.Errorf("%s of instance 1 is %v", name, got)
		}
		if got := read(t, e, name, 2); !slices.Equal(got, []float64{1, 1}) {
			t.Errorf("%s of instance 2 is %v", name, got)
		}
	}
	m.write(e, "P.last", ir.NeverSpiked, 12500, -3, 1<<40, 0, 7)
	if got := read(t, e, "P.last", 0); !slices.Equal(got, []float64{ir.NeverSpiked, 12500}) {
		t.Errorf("last spikes are %v", got)
	}
	// What is read is the reader's.
	read(t, e, "P.state", 0)[0] = 99
	if got := read(t, e, "P.state", 0)[0]; got != 1 {
		t.Errorf("state is %v after a change of what was read", got)
	}

	for _, test := range []struct {
		name string
		data []float64
		want string
	}{
		{"P.state", []float64{1}, "cpuref: P.state has 2 values for each of 3 instances, and 1 were given"},
		{"P.flag", []float64{0, 0.5}, "cpuref: P.flag is 0 or 1, and value 1 is 0.5"},
		{"P.last", []float64{1.5, 0}, "cpuref: P.last is a step, and value 0 is 1.5"},
		{"P.last", []float64{0, math.NaN()}, "cpuref: P.last is a step, and value 1 is NaN"},
		{"P.last", []float64{0, math.Inf(-1)}, "cpuref: P.last is a step, and value 1 is -Inf"},
	} {
		err := e.Write(varNamed(t, e, test.name), test.data)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
	}
	if err := e.Write(6, nil); err == nil || err.Error() != "cpuref: there is no variable 6" {
		t.Errorf("variable 6: %v", err)
	}
	if _, err := e.Read(ir.None, 0); err == nil || err.Error() != "cpuref: there is no variable -1" {
		t.Errorf("variable -1: %v", err)
	}
	if _, err := e.Read(0, 3); err == nil || err.Error() != "cpuref: there is no instance 3 of 3" {
		t.Errorf("instance 3: %v", err)
	}
}

func TestCounters(t *testing.T) {
	m := noisy(t)
	e := m.build(2)
	if got, want := e.Counters(), (ir.Counters{ProgramsBuilt: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	m.write(e, "P.V", numbers(60, 1)...)
	m.write(e, "P.speed", 2)
	read(t, e, "P.V", 1)
	e.sliceLen = 32
	run(t, e, 0, 65)
	want := ir.Counters{ProgramsBuilt: 1, Dispatches: 3, BytesUploaded: 61 * 8, BytesDownloaded: 30 * 8}
	if got := e.Counters(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestSamples checks which sample a step reads, with one series for all
// instances and one for each, and that a run beyond the last is refused.
func TestSamples(t *testing.T) {
	m := newMaker(t)
	p := m.population("P", 2)
	s := scope{own: "P"}
	p.Accums = []ir.VarID{m.add("P.inp", ir.Input, ir.PerNeuron, 2)}
	x := m.add("inputs.0.value", ir.Samples, ir.PerSample, 4)
	m.vars["P.x"] = x
	m.Vars[x].Every = 3
	p.Inputs = []ir.Stmt{m.store(s, "inp", "inp + x")}
	p.Records = []ir.Record{m.record(s, "inp", "inp", 1, ir.PerNeuron, 2)}
	e := m.build(2)
	series := [][]float64{{1, 2, 3, 4}, {5, 6, 7, 8}}
	for _, shared := range []bool{true, false} {
		if shared {
			m.write(e, "inputs.0.value", series[0]...)
		} else {
			m.write(e, "inputs.0.value", slices.Concat(series...)...)
		}
		r := run(t, e, 2, 10)
		for k := range 2 {
			want := series[k]
			if shared {
				want = series[0]
			}
			for row, got := range r.records[k][0] {
				check(t, "inp", got[1], want[(row+2)/3])
			}
		}
	}
	for _, test := range []struct {
		first int64
		steps int
		want  string
	}{
		{0, 13, "cpuref: inputs.0.value has 4 samples of 3 steps each, to step 11, and step 12 is asked for"},
		{-1, 2, "cpuref: inputs.0.value has samples from step 0 of the run on, and step -1 is asked for"},
	} {
		done, err := e.Run(context.Background(), test.first, test.steps, nil)
		if done != 0 || err == nil || err.Error() != test.want {
			t.Errorf("%d steps, %v, want %s", done, err, test.want)
		}
	}
	if done, err := e.Run(context.Background(), 12, 0, nil); done != 0 || err != nil {
		t.Errorf("no steps: %d, %v", done, err)
	}
}

// TestRecordRows checks after which steps there are rows, in slices that begin
// anywhere, before step 0 too.
func TestRecordRows(t *testing.T) {
	m := newMaker(t)
	p := m.population("P", 1)
	for _, every := range []int{1, 7, 32, 100} {
		p.Records = append(p.Records, m.record(scope{own: "P"}, "t", "t", every, ir.PerNeuron, 1))
	}
	e := m.build(1)
	e.sliceLen = 32
	for _, first := range []int64{-50, -7, 0, 1, 31, 100} {
		r := run(t, e, first, 150)
		for i, rec := range e.code.program.AllRecords() {
			var want []float64
			for step := first; step < first+150; step++ {
				if step%int64(rec.Every) == 0 {
					want = append(want, float64(step)*0.1)
				}
			}
			got := slices.Concat(r.records[0][i]...)
			if !slices.Equal(got, want) {
				t.Errorf("from step %d, every %d: %v, want %v", first, rec.Every, got, want)
			}
		}
	}
}

// TestNotFinite checks where and when a state that is not finite is found, that
// one which is reset in the same step is not, and that other instances go on.
func TestNotFinite(t *testing.T) {
	m := newMaker(t)
	p := m.population("P", 300)
	s := scope{own: "P"}
	m.add("P.k", ir.Param, ir.PerNeuron, 300)
	m.add("P.h", ir.State, ir.PerNeuron, 300)
	m.add("P.V", ir.State, ir.PerNeuron, 300)
	p.States = []ir.VarID{m.vars["P.h"], m.vars["P.V"]}
	// 0/0 in step k: t*10 is the step.
	p.Update = []ir.Stmt{m.store(s, "V", "V + (floor(10*t + 0.5) - k)/abs(floor(10*t + 0.5) - k)")}
	e := m.build(3)
	k := make([]float64, 900)
	fill(k, -1)
	k[300+270], k[300+7] = 40, 45
	m.write(e, "P.k", k...)
	r := run(t, e, 0, 50)
	if r.bad[0] != nil || r.bad[2] != nil {
		t.Errorf("found %v and %v", r.bad[0], r.bad[2])
	}
	if want := (ir.NotFinite{Var: m.vars["P.V"], Element: 270, Step: 40}); r.bad[1] == nil || *r.bad[1] != want {
		t.Errorf("found %+v, want %+v", r.bad[1], want)
	}
	got := read(t, e, "P.V", 1)
	for i, v := range got {
		if nan := i == 270 || i == 7; math.IsNaN(v) != nan || !nan && v != 50 {
			t.Errorf("V[%d] is %v", i, v)
		}
	}
	// It stays not finite, which a later run finds in its first step.
	if r := run(t, e, 50, 10); r.bad[1] == nil || r.bad[1].Step != 50 || r.bad[1].Element != 7 {
		t.Errorf("found %+v in the next run", r.bad[1])
	}
	m.write(e, "P.V", make([]float64, 300)...)
	v := make([]float64, 900)
	v[299] = math.Inf(-1)
	m.write(e, "P.h", v...)
	if r := run(t, e, 60, 1); r.bad[0] == nil || *r.bad[0] != (ir.NotFinite{Var: m.vars["P.h"], Element: 299, Step: 60}) {
		t.Errorf("found %+v", r.bad[0])
	}
}

// TestContext checks that a run ends between slices where its context or its
// sink ends it, and goes on from there.
func TestContext(t *testing.T) {
	m := noisy(t)
	whole, e := m.build(1), m.build(1)
	startNoisy(m, whole, 1)
	startNoisy(m, e, 1)
	run(t, whole, 0, 200)

	e.sliceLen = 32
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	done, err := e.Run(ctx, 0, 200, func(*ir.Slice) error {
		if n++; n == 2 {
			cancel()
		}
		return nil
	})
	if done != 64 || !errors.Is(err, context.Canceled) {
		t.Fatalf("%d steps, %v", done, err)
	}
	stop := errors.New("stop")
	more, err := e.Run(context.Background(), int64(done), 200-done, func(*ir.Slice) error { return stop })
	if more != 32 || !errors.Is(err, stop) {
		t.Fatalf("%d steps, %v", more, err)
	}
	done += more
	run(t, e, int64(done), 200-done)
	sameState(t, e, 0, whole, 0)

	if _, err := e.Run(context.Background(), 0, -1, nil); err == nil {
		t.Error("a negative number of steps gave no error")
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
	if _, err := e.Run(context.Background(), 0, 1, nil); err == nil {
		t.Error("a closed engine ran")
	}
	if _, err := e.Read(0, 0); err == nil {
		t.Error("a closed engine was read")
	}
}

// TestSliceLen checks that slices are shorter where steps take longer or leave
// more.
func TestSliceLen(t *testing.T) {
	length := func(size, instances, every int) int {
		m := newMaker(t)
		p := counter(m, size)
		p.HasReset = true
		if every > 0 {
			p.Records = []ir.Record{m.record(scope{own: "P"}, "V", "V", every, ir.PerNeuron, size)}
		}
		e := m.build(instances)
		e.threads = 1
		return e.planSlice()
	}
	for _, test := range []struct{ size, instances, every, want int }{
		{100, 1, 0, 1024},
		{100, 200, 0, 1024},
		{100000, 1, 0, 224},
		{100, 1000, 0, 224},
		{10000000, 1, 0, 32},
		{1000, 40, 1, 192},
		{1000, 40, 10, 608},
		{0, 1, 1, 1024},
	} {
		if got := length(test.size, test.instances, test.every); got != test.want {
			t.Errorf("%d neurons, %d instances, recorded every %d: %d steps, want %d",
				test.size, test.instances, test.every, got, test.want)
		}
	}
}

func TestInfo(t *testing.T) {
	d := New()
	info := d.Info()
	if info.Device == "" || info.Engine != "cpu" || info.Precision != "float64" || !strings.HasPrefix(info.Driver, "go") {
		t.Errorf("%+v", info)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

func TestPlan(t *testing.T) {
	m := noisy(t)
	e := m.build(1)
	got := strings.Join(e.Plan(), "\n")
	want := `float64 engine, 1 thread, 1 instance, slices of 1024 steps
2088 bytes of variables, 5296 bytes of work space a thread
population P: 15 operations for each of 30 neurons a step
population Q: 9 operations for each of 30 neurons a step
projection J: 5 operations for each of 30 presynaptic neurons a step
projection J, output 1: one sum over the presynaptic neurons`
	if got != want {
		t.Errorf("the plan is\n%s\nwant\n%s", got, want)
	}
}
