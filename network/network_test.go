package network

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"gpusim/model"
	"gpusim/model/ir"
)

func wantLog(t *testing.T, e *fakeEngine, want ...string) {
	t.Helper()
	if got := e.writes(); !slices.Equal(got, want) {
		t.Errorf("the device saw %q, want %q", got, want)
	}
}

func wantNotes(t *testing.T, notes *[]string, want ...string) {
	t.Helper()
	if !slices.Equal(*notes, want) {
		t.Errorf("notes:\n%s\nwant:\n%s", strings.Join(*notes, "\n"), strings.Join(want, "\n"))
	}
	*notes = nil
}

func TestOnlyWhatChangedIsUploaded(t *testing.T) {
	n, d, notes := compiled(t, gammaText, nil)
	e := d.last()
	if log := e.writes(); slices.Contains(log, "gaba.s[10]") || !slices.Contains(log, "interneurons.V[10]") || log[len(log)-1] != "save" {
		t.Errorf("at the start %q: zeros need no upload, and the last is a save", log)
	}
	ran(t, n, 4)
	wantLog(t, e)
	ok(t, n.Set("gaba.g_max", 0.02))
	ran(t, n, 4)
	wantLog(t, e, "gaba.g_max[1]")
	ok(t, n.Set("gaba.g_max", 0.02))
	ok(t, n.Set("interneurons.C", 1))
	ok(t, n.Set("inputs.0.value", []float64{1.2}))
	ran(t, n, 4)
	wantLog(t, e)
	ok(t, n.Reset())
	ran(t, n, 4)
	wantLog(t, e, "restore")
	// What an init reads: evaluated again at Reset, not before.
	ok(t, n.Set("inputs.0.value", 1.5))
	ok(t, n.Set("run.seed", 2))
	ran(t, n, 4)
	wantLog(t, e, "inputs.0.value[1]")
	ok(t, n.Reset())
	ran(t, n, 4)
	wantLog(t, e, "restore", "interneurons.V[10]", "interneurons.h[10]", "interneurons.n[10]", "save")
	wantNotes(t, notes)
	if len(d.engines) != 1 || n.Rebuilds() != 0 {
		t.Errorf("%d builds, %d rebuilds", len(d.engines), n.Rebuilds())
	}
}

func TestSettingAState(t *testing.T) {
	n, d, _ := compiled(t, gammaText, nil)
	e := d.last()
	h := got(t, n, "interneurons.h")
	e.writes()
	// Before the first step it replaces the init, and what reads it follows.
	ok(t, n.Set("interneurons.V", -60.0))
	if now := got(t, n, "interneurons.h"); now[0] == h[0] || now[0] != now[9] {
		t.Errorf("h = %v", now)
	}
	ran(t, n, 4)
	wantLog(t, e, "interneurons.V[10]", "interneurons.h[10]", "interneurons.n[10]", "save")
	// Later it changes that variable only, until Reset.
	ok(t, n.Set("interneurons.V", -20.0))
	if v := got(t, n, "interneurons.V"); v[3] != -20 {
		t.Errorf("V = %v", v)
	}
	wantLog(t, e, "interneurons.V[10]")
	ran(t, n, 0.04)
	if v := got(t, n, "interneurons.V"); v[3] != -19 {
		t.Errorf("V = %v", v)
	}
	ok(t, n.Set("interneurons.V", -30.0))
	ok(t, n.Reset())
	if v := got(t, n, "interneurons.V"); v[3] != -60 {
		t.Errorf("after Reset V = %v", v)
	}
	wantLog(t, e, "restore")
	if n.Step() != 0 {
		t.Errorf("after Reset the step is %d", n.Step())
	}
}

func TestPiecesAddUp(t *testing.T) {
	n, _, _ := compiled(t, gammaText, nil)
	for range 7 {
		ran(t, n, 0.1)
	}
	if want := model.StepOf(0.7, 0.04); n.Step() != want {
		t.Errorf("step %d, want %d", n.Step(), want)
	}
	r := ran(t, n, 0.2)
	if r.First != model.StepOf(0.7, 0.04) || r.First+int64(r.Steps) != model.StepOf(0.9, 0.04) {
		t.Errorf("steps %d + %d", r.First, r.Steps)
	}
	ok(t, n.SetClock(100))
	if n.Step() != 2500 {
		t.Errorf("step %d", n.Step())
	}
	for _, ms := range []float64{-1, 1e300} {
		if _, err := n.Run(context.Background(), ms); err == nil {
			t.Errorf("Run(%v) is no error", ms)
		}
	}
}

func TestRebuildsAreNamedAndKeepState(t *testing.T) {
	n, d, notes := compiled(t, gammaText, nil)
	r := ran(t, n, 0.4)
	V := got(t, n, "interneurons.V")
	ten := []float64{1, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9}

	ok(t, n.Set("inputs.0.value", ten))
	if now := got(t, n, "interneurons.V"); !sameBits(now, V) {
		t.Errorf("V = %v, was %v", now, V)
	}
	wantNotes(t, notes, `The current "interneurons.inp" input shape (10,) is different from the last input shape (). The network will be rebuilt.`)

	ok(t, n.Set("gaba.g_max", make([]float64, 90)))
	r.Append(ran(t, n, 0.4))
	wantNotes(t, notes, `The current "gaba.g_max" shape (90,) is different from the last shape (). The network will be rebuilt.`)

	ok(t, n.SetInput(0, model.Constant, "set", []float64{2}, 0))
	ran(t, n, 0)
	wantNotes(t, notes,
		`The current "interneurons.inp" input shape () is different from the last input shape (10,). The network will be rebuilt.`,
		`The current "interneurons.inp" input operation "set" is different from the last input operation "add". The network will be rebuilt.`)

	ok(t, n.SetInput(0, model.PerTime, "", ten, 0.4))
	ran(t, n, 0)
	wantNotes(t, notes, `The current "interneurons.inp" input shape (10,) is different from the last input shape (). The network will be rebuilt.`)
	ok(t, n.SetInput(0, model.PerNeuron, "", ten, 0))
	ran(t, n, 0)
	wantNotes(t, notes, `The current "interneurons.inp" input shape (10,) is of neurons, the last input shape (10,) of samples of time. The network will be rebuilt.`)

	pop := n.file.Populations[0]
	ok(t, n.AddInput(model.Input{To: pop, Target: "inp", Value: literal([]float64{0.5})}))
	ok(t, n.DropInput(0))
	ran(t, n, 0)
	wantNotes(t, notes,
		`The last "interneurons.inp" input of shape (10,) was dropped. The network will be rebuilt.`,
		`The current "interneurons.inp" input of shape () is new. The network will be rebuilt.`)
	if v := got(t, n, "inputs.0.value"); v[0] != 0.5 {
		t.Errorf("the input is %v", v)
	}

	ok(t, n.SetRecords("interneurons", []model.Record{{Name: "V", Every: 5}}))
	r = ran(t, n, 0.4)
	wantNotes(t, notes, `The current recorded variables (V every 5 steps) of "interneurons" are different from the last (none). The network will be rebuilt.`)
	if tr := r.Instances[0].Traces; len(tr) != 1 || tr[0].Name != "interneurons.V" || !slices.Equal(tr[0].Steps, []int64{20, 25}) || len(tr[0].Data) != 20 {
		t.Errorf("traces %+v", tr)
	}
	if n.Rebuilds() != 7 || n.Counters().ProgramsBuilt != 8 || n.Counters().Rebuilds != 7 {
		t.Errorf("%d rebuilds, counters %+v", n.Rebuilds(), n.Counters())
	}
	for _, e := range d.engines[:7] {
		if !e.closed {
			t.Error("an old engine is open")
		}
	}
	// Reset goes back to the first start, on the last build.
	ok(t, n.Reset())
	V = got(t, n, "interneurons.V")
	fresh, _, _ := compiled(t, gammaText, nil)
	if want := got(t, fresh, "interneurons.V"); !sameBits(V, want) {
		t.Errorf("after Reset V = %v, want %v", V, want)
	}
	ok(t, n.Close())
	if _, err := n.Run(context.Background(), 1); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestFailedRebuildLeavesTheNetwork(t *testing.T) {
	n, d, _ := compiled(t, gammaText, nil)
	ran(t, n, 0.4)
	d.fail = errors.New("too large")
	ok(t, n.Set("gaba.g_max", make([]float64, 90)))
	if _, err := n.Run(context.Background(), 1); !errors.Is(err, d.fail) {
		t.Errorf("got %v", err)
	}
	ok(t, n.Set("gaba.g_max", 0.5))
	if r := ran(t, n, 0.4); r.First != 10 || r.Steps != 10 {
		t.Errorf("went on at %d for %d", r.First, r.Steps)
	}
}

func TestCollapsedStateExpands(t *testing.T) {
	n, d, notes := compiled(t, gammaText, nil)
	if v := got(t, n, "gaba.s"); len(v) != 10 {
		t.Fatalf("s has %d values", len(v))
	}
	pre := []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	ok(t, n.Set("gaba.s", pre))
	ran(t, n, 0.04)
	equal := make([]float64, 90)
	for s := range equal {
		equal[s] = float64(s / 9)
	}
	ok(t, n.Set("gaba.s", equal)) // per synapse, but one value a presynaptic neuron
	if v := got(t, n, "gaba.s"); !sameBits(v, pre) {
		t.Errorf("s = %v", v)
	}
	wantNotes(t, notes)
	// A weight a synapse does not make the state unequal; setting it does.
	equal[5] = 0.5
	ok(t, n.Set("gaba.s", equal))
	if v := got(t, n, "gaba.s"); !sameBits(v, equal) {
		t.Errorf("s = %v", v)
	}
	wantNotes(t, notes, `The current "gaba.s" shape (90,) is different from the last shape (10,). The network will be rebuilt.`)
	ran(t, n, 0.04)
	ok(t, n.Set("inputs.0.value", pre)) // rebuilt again, with the state unequal
	if v := got(t, n, "gaba.s"); v[5] != 1.5 || v[6] != 1 || len(v) != 90 {
		t.Errorf("s = %v", v)
	}
	ok(t, n.Reset())
	if v := got(t, n, "gaba.s"); len(v) != 90 || v[89] != 9 || v[5] != 0 {
		t.Errorf("after Reset s = %v", v)
	}
	if len(d.engines) != 3 {
		t.Errorf("%d builds", len(d.engines))
	}
}

func TestPerSynapseHasTheNaturalShape(t *testing.T) {
	n, d, _ := compiled(t, gammaText, &Options{PerSynapse: true})
	if id := n.built.vars["gaba.s"]; d.last().p.Vars[id].Len != 90 {
		t.Fatal("the program is collapsed")
	}
	ok(t, n.Set("gaba.s", []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}))
	if v := got(t, n, "gaba.s"); len(v) != 10 || v[9] != 9 {
		t.Errorf("s = %v", v)
	}
}

func TestSpikeConditionOfTheStart(t *testing.T) {
	n, d, _ := compiled(t, gammaText, nil)
	V := make([]float64, 10)
	for i := range V {
		V[i] = float64(i - 5)
	}
	ok(t, n.Set("interneurons.V", V))
	if f := got(t, n, "interneurons.spike_condition"); !sameBits(f, []float64{0, 0, 0, 0, 0, 1, 1, 1, 1, 1}) {
		t.Errorf("flag %v", f)
	}
	_ = d

	n, _, _ = compiled(t, strings.Replace(gammaText, "spike: V >= V_th", "spike: t >= 50", 1), nil)
	for _, ms := range []float64{0, 100, 49} { // it follows the clock until the first step
		ok(t, n.SetClock(ms))
		if f := got(t, n, "interneurons.spike_condition"); (f[3] == 1) != (ms >= 50) {
			t.Errorf("at %v ms the flag is %v", ms, f)
		}
	}
}

func TestClockMovesLastSpikes(t *testing.T) {
	n, d, _ := compiled(t, twoText, nil)
	ran(t, n, 1)
	ok(t, n.Set("A.last_spike_step", []float64{3, ir.NeverSpiked, 9}))
	ok(t, n.SetClock(100))
	if v := got(t, n, "A.last_spike_step"); !sameBits(v, []float64{993, ir.NeverSpiked, 999}) {
		t.Errorf("last spikes %v", v)
	}
	if r := ran(t, n, 1); r.First != 1000 || r.Steps != 10 {
		t.Errorf("%d, %d", r.First, r.Steps)
	}
	d.last().writes()
	ok(t, n.Reset())
	if v := got(t, n, "A.last_spike_step"); v[0] != ir.NeverSpiked || n.Step() != 0 {
		t.Errorf("after Reset %v, step %d", v, n.Step())
	}
	wantLog(t, d.last(), "restore")
}

func TestCancelGivesWhatWasDone(t *testing.T) {
	n, d, _ := compiled(t, gammaText, nil)
	d.slice = 32
	ctx, cancel := context.WithCancel(context.Background())
	n.opts.Progress = func(done, total int) {
		if done >= 64 {
			cancel()
		}
	}
	r, err := n.Run(ctx, 4)
	if !IsCancelled(err) || r.Steps != 64 || n.Step() != 64 {
		t.Errorf("%+v, %v; step %d", r, err, n.Step())
	}
	n.opts.Progress = nil
	if r := ran(t, n, 4-64*0.04); r.First != 64 || r.Steps != 36 {
		t.Errorf("went on at %d for %d", r.First, r.Steps)
	}
}

func TestRecordsOfInstances(t *testing.T) {
	text := strings.Replace(gammaText, "record: [spikes]", "record: [spikes, h, {n: {every: 25}}]", 1)
	text = strings.Replace(text, "run: {", "measure: [{voltage_fluctuation: {of: interneurons}}]\nrun: {", 1)
	n, d, _ := compiled(t, text, &Options{Instances: 2})
	d.slice = 32
	r := ran(t, n, 4)
	r.Append(ran(t, n, 4))
	x := r.Instances[1]
	if len(x.Traces) != 2 || x.Traces[0].Name != "interneurons.h" || x.Traces[1].Name != "interneurons.n" {
		t.Fatalf("traces %+v", x.Traces)
	}
	h, nn := x.Traces[0], x.Traces[1]
	if len(h.Steps) != 200 || h.Data[199*10+3] != 199+100+0.003 {
		t.Errorf("h has %d rows, ends in %v", len(h.Steps), h.Data[1990:])
	}
	if !slices.Equal(nn.Steps, []int64{0, 25, 50, 75, 100, 125, 150, 175}) || nn.Data[10] != 25+100 {
		t.Errorf("n: %v %v", nn.Steps, nn.Data)
	}
	m, err := Measure(parse(t, text), r, 1)
	if err != nil || len(m) != 1 || !m[0].Defined || m[0].Value < 0.999 {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestSettingStructure: a value that decides dt, a size or a delay is refused, not
// taken in part.
func TestSettingStructure(t *testing.T) {
	text := strings.Replace(gammaText, "dt: 0.04", "constants: {step: 0.04, lag: 3*step, free: 1}\ndt: step", 1)
	text = strings.Replace(text, "connect:", "delay: lag\n    connect:", 1)
	n, _, _ := compiled(t, text, &Options{Instances: 2})
	for _, name := range []string{"step", "lag"} {
		want := name + ": " + map[string]string{"step": "dt", "lag": "the delay of gaba"}[name] + " depends on it, which is structure: load the file with the new value"
		for _, err := range []error{n.Set(name, 0.02), n.SetInstances(name, []float64{0.02, 0.04})} {
			if !errors.Is(err, ErrStructure) || err.Error() != want {
				t.Errorf("got %v, want %s", err, want)
			}
		}
	}
	ok(t, n.Set("free", 2.))
}

// TestGroupInput: messages name the group that an input goes to.
func TestGroupInput(t *testing.T) {
	text := strings.Replace(gammaText, "size: 10", "size: 10\n    groups: {some: [2, 5]}", 1)
	text = strings.Replace(text, "to: interneurons.inp", "to: interneurons.some.inp", 1)
	n, _, notes := compiled(t, text, nil)
	ok(t, n.Set("inputs.0.value", []float64{1, 2, 3}))
	ran(t, n, 0)
	wantNotes(t, notes, `The current "interneurons.some.inp" input shape (3,) is different from the last input shape (). The network will be rebuilt.`)
}
