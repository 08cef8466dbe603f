package network

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gpusim/model"
	"gpusim/model/ir"
)

// another gives gammaText with other values.
func another(t *testing.T, set ...string) *model.File {
	t.Helper()
	var list []model.Override
	for _, s := range set {
		name, value, _ := strings.Cut(s, "=")
		list = append(list, model.Override{Name: name, Value: value})
	}
	return parse(t, gammaText, list...)
}

func TestChangeOfValuesBuildsNothing(t *testing.T) {
	n, d, notes := compiled(t, gammaText, nil)
	ran(t, n, 0.4)
	V := got(t, n, "interneurons.V")
	e := d.last()
	e.writes()
	ok(t, n.Change(another(t, "gaba.g_max=0.5", "interneurons.V=-60", "run.seed=7", "inputs.0.value=2")))
	r := ran(t, n, 0.4)
	wantLog(t, e, "inputs.0.value[1]", "gaba.g_max[1]")
	if now := got(t, n, "interneurons.V"); r.First != 10 || now[0] != V[0]+10 {
		t.Errorf("V[0] is %v after %v, from step %d", now[0], V[0], r.First)
	}
	ok(t, n.Reset())
	if now := got(t, n, "interneurons.V"); now[0] != -60 || now[9] != -60 {
		t.Errorf("after Reset V = %v", now)
	}
	wantNotes(t, notes)
	if n.Counters().ProgramsBuilt != 1 || n.Rebuilds() != 0 || len(d.engines) != 1 {
		t.Errorf("%+v", n.Counters())
	}
}

func TestWhatWasSetStaysSet(t *testing.T) {
	n, _, notes := compiled(t, gammaText, &Options{Record: []Extra{{"interneurons", model.Record{Name: "m"}}}})
	ok(t, n.Set("interneurons.phi", 3))
	ok(t, n.Set("interneurons.C", []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}))
	ok(t, n.Set("run.seed", 5))
	ok(t, n.Set("interneurons.n", 0.25))
	ok(t, n.SetInput(0, model.Constant, "set", []float64{8}, 0))
	ok(t, n.AddInput(model.Input{To: n.file.Populations[0], Target: "inp", Value: literal([]float64{0.5})}))
	ok(t, n.SetClock(8))
	V := got(t, n, "interneurons.V")
	ran(t, n, 0.4)
	*notes = nil

	// Set before the first step: values, seeds, inputs, records, the clock.
	ok(t, n.Change(another(t, "interneurons.phi=4", "interneurons.gK=8", "dt=0.02", "inputs.0.value=6")))
	wantNotes(t, notes, "The current dt 0.02 ms is different from the last dt 0.04 ms. The network will be rebuilt.")
	for name, want := range map[string]float64{"interneurons.phi": 3, "interneurons.gK": 8, "interneurons.C": 1, "run.seed": 5, "inputs.0.value": 8, "inputs.1.value": 0.5} {
		if x := got(t, n, name); x[0] != want {
			t.Errorf("%s is %v, want %v", name, x[0], want)
		}
	}
	if n.Step() != 420 || n.Dt() != 0.02 || n.inputs[0].input.Op != "set" {
		t.Errorf("step %d of %v ms, operation %s", n.Step(), n.Dt(), n.inputs[0].input.Op)
	}
	if r := ran(t, n, 0.1); len(r.Instances[0].Traces) != 1 || r.Instances[0].Traces[0].Name != "interneurons.m" {
		t.Errorf("traces %+v", r.Instances[0].Traces)
	}
	ok(t, n.Reset())
	if now := got(t, n, "interneurons.V"); !sameBits(now, V) || got(t, n, "interneurons.n")[3] != 0.25 || n.Step() != 400 {
		t.Errorf("after Reset V = %v, step %d", now, n.Step())
	}

	// A dropped input stays dropped; what has no place is told.
	ok(t, n.DropInput(0))
	ran(t, n, 0.1)
	*notes = nil
	f := parse(t, strings.Replace(gammaText, "      m = alpha_m/(alpha_m + beta_m)", "      m = alpha_m/(alpha_m + beta_m)\n      q = h*n", 1),
		model.Override{Name: "interneurons.size", Value: "4"}, model.Override{Name: "dt", Value: "0.02"})
	ok(t, n.Change(f))
	if len(n.inputs) != 1 || got(t, n, "inputs.0.value")[0] != 0.5 {
		t.Errorf("%d inputs", len(n.inputs))
	}
	wantNotes(t, notes,
		`What was set of "interneurons.C" has no place in the new file and is dropped.`,
		`The current "interneurons" size 4 is different from the last size 10. The network will be rebuilt.`,
		`The current "interneurons" equation q = h*n is new. The network will be rebuilt.`,
		`The current "gaba" connection all_to_all of 12 synapses is different from the last connection all_to_all of 90 synapses. The network will be rebuilt.`,
		`The current "interneurons.C" shape () is different from the last shape (10,). The network will be rebuilt.`,
		`The neurons of "interneurons" start anew.`,
		`The synapses of "gaba" start anew.`)
	if v := got(t, n, "interneurons.V"); len(v) != 4 || v[1] != V[1] { // drawn alike, by neuron
		t.Errorf("V = %v, was %v", v, V)
	}

	// Without m, and with an input less to which one was added.
	f = parse(t, strings.NewReplacer("      m = alpha_m/(alpha_m + beta_m)\n", "", "m**3", "(alpha_m/(alpha_m + beta_m))**3", "inp)/C", "cur)/C", "input: inp", "input: [inp, cur]", "post.inp", "post.cur",
		"  - {to: interneurons.inp, value: 1.2}", "  - {to: interneurons.cur, value: 1.2}").Replace(gammaText))
	*notes = nil
	ok(t, n.Change(f))
	if !slices.Contains(*notes, `What was recorded of "interneurons.m" has no place in the new file and is dropped.`) {
		t.Errorf("notes %q", *notes)
	}
	if x := got(t, n, "inputs.0.value"); len(n.inputs) != 2 || x[0] != 1.2 || n.inputs[1].input.Target != "inp" {
		t.Errorf("%d inputs, %v", len(n.inputs), x)
	}
}

func TestChangeBeforeTheFirstStep(t *testing.T) {
	n, d, notes := compiled(t, gammaText, nil)
	ok(t, n.Set("interneurons.V", -40))
	ok(t, n.Change(another(t, "dt=0.02", "run.start=3", "interneurons.V=-50")))
	if n.Step() != 150 || got(t, n, "interneurons.V")[0] != -40 || len(d.engines) != 2 || !d.engines[0].closed {
		t.Errorf("step %d, %d engines", n.Step(), len(d.engines))
	}
	wantNotes(t, notes, "The current dt 0.02 ms is different from the last dt 0.04 ms. The network will be rebuilt.")
	if n.Counters().ProgramsBuilt != 2 || n.Rebuilds() != 1 {
		t.Errorf("%+v", n.Counters())
	}
}

func TestRefractoryTimeIsKeptInMs(t *testing.T) {
	n, _, _ := compiled(t, twoText, nil)
	ran(t, n, 1)
	ok(t, n.Set("A.last_spike_step", []float64{3, ir.NeverSpiked, 9}))
	// At step 10 of 0.1 ms, 0.7 and 0.1 ms ago; at step 40 of 0.025 ms too.
	ok(t, n.Change(parse(t, twoText, model.Override{Name: "dt", Value: "0.025"})))
	if v := got(t, n, "A.last_spike_step"); n.Step() != 40 || !sameBits(v, []float64{12, ir.NeverSpiked, 36}) {
		t.Errorf("step %d, last spikes %v", n.Step(), v)
	}
	ok(t, n.Change(parse(t, twoText)))
	if v := got(t, n, "A.last_spike_step"); n.Step() != 10 || !sameBits(v, []float64{3, ir.NeverSpiked, 9}) {
		t.Errorf("step %d, last spikes %v", n.Step(), v)
	}
}

// What stands in the samples of an input is counted in ms from the same moment.
func TestSamplesGoOn(t *testing.T) {
	text := strings.Replace(gammaText, "{to: interneurons.inp, value: 1.2}", "{to: interneurons.inp, value: 0}", 1)
	n, _, _ := compiled(t, text, nil)
	ok(t, n.SetClock(2))
	ok(t, n.SetInput(0, model.PerTime, "", []float64{1, 2, 3, 4, 5}, 0.4))
	ran(t, n, 0.8)
	ok(t, n.Change(parse(t, text, model.Override{Name: "dt", Value: "0.01"})))
	if n.step != 280 || n.origin != 200 {
		t.Errorf("step %d, samples from step %d", n.step, n.origin)
	}
}

func TestFailedChangeLeavesTheNetwork(t *testing.T) {
	n, d, _ := compiled(t, gammaText, nil)
	ran(t, n, 0.4)
	V := got(t, n, "interneurons.V")
	d.fail = errors.New("too large")
	for _, f := range []*model.File{another(t, "dt=0.02"), another(t, "interneurons.size=12"), nil} {
		if err := n.Change(f); err == nil {
			t.Error("no error")
		}
	}
	if err := n.Change(another(t, "dt=0.02", "interneurons.gK=0/0")); err == nil {
		t.Error("no error for a value that is not finite")
	}
	d.fail = nil
	if err := n.Change(another(t, "interneurons.h=1/0", "dt=0.02")); !errors.Is(err, ErrNotFinite) {
		t.Errorf("a start that is not finite: %v", err)
	}
	if len(d.engines) != 2 || !d.engines[1].closed || d.engines[0].closed {
		t.Errorf("%d engines", len(d.engines))
	}
	if r := ran(t, n, 0.4); r.First != 10 || r.Steps != 10 || n.Dt() != 0.04 || got(t, n, "interneurons.V")[2] != V[2]+10 {
		t.Errorf("went on at %d for %d", r.First, r.Steps)
	}
	ok(t, n.Close())
	if err := n.Change(another(t)); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestObjectsComeAndGo(t *testing.T) {
	n, _, notes := compiled(t, gammaText, nil)
	ran(t, n, 0.4)
	V := got(t, n, "interneurons.V")
	more := strings.Replace(gammaText, "projections:", "  others: {model: wang_buzsaki, size: 3}\nprojections:\n  to: {model: gaba_a, from: interneurons, to: others, connect: {all_to_all: {}}}", 1)
	ok(t, n.Change(parse(t, more)))
	if now := got(t, n, "interneurons.V"); !sameBits(now, V) || got(t, n, "others.V")[2] != -55 {
		t.Errorf("V = %v", now)
	}
	if r := ran(t, n, 0.4); len(r.Instances[0].Spikes) != 2 || r.First != 10 {
		t.Errorf("%+v", r)
	}
	ok(t, n.Change(parse(t, gammaText)))
	if _, err := n.Get("others.V"); !errors.Is(err, ErrUnknownName) {
		t.Errorf("got %v", err)
	}
	wantNotes(t, notes,
		`The current population "others" is new. The network will be rebuilt.`,
		`The current projection "to" is new. The network will be rebuilt.`,
		`The last population "others" was dropped. The network will be rebuilt.`,
		`The last projection "to" was dropped. The network will be rebuilt.`)
	if _, err := n.Run(context.Background(), 1); err != nil {
		t.Error(err)
	}
}

func TestSetEach(t *testing.T) {
	n, d, notes := compiled(t, gammaText, &Options{Instances: 2})
	rows := [][]float64{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, {10, 9, 8, 7, 6, 5, 4, 3, 2, 1}}
	ok(t, n.SetEach("interneurons.V", rows))
	for k := range rows {
		v, err := n.GetInstance("interneurons.V", k)
		ok(t, err)
		if !sameBits(v, rows[k]) {
			t.Errorf("instance %d: %v", k, v)
		}
	}
	ran(t, n, 0.4)
	d.last().writes()
	ok(t, n.SetEach("gaba.s", rows))
	ran(t, n, 0.4)
	wantLog(t, d.last(), "gaba.s[20]")
	ok(t, n.SetEach("inputs.0.value", rows))
	ran(t, n, 0.4)
	wantNotes(t, notes, `The current "interneurons.inp" input shape (10,) is different from the last input shape (). The network will be rebuilt.`)
	for _, c := range []struct {
		name string
		rows [][]float64
		want string
	}{
		{"interneurons.V", rows[:1], "interneurons.V: 1 values given, expected 2, one an instance"},
		{"interneurons.V", [][]float64{{1}, {2, 3}}, "interneurons.V: 2 values given for instance 1, and 1 for instance 0"},
		{"interneurons.V", [][]float64{{1, 2}, {2, 3}}, "interneurons.V: 2 values given, expected 1 or 10 (one a neuron)"},
		{"interneurons.C", [][]float64{{1}, {math.Inf(1)}}, "interneurons.C: the value of instance 1 is +Inf"},
		{"run.seed", [][]float64{{1, 2}, {2, 3}}, "run.seed: 2 values given, expected 1"},
	} {
		if err := n.SetEach(c.name, c.rows); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// A record of other elements of the same variable is built anew, goes on where
// the network stands, and is what comes: each element as often and where it was
// listed.
func TestRecordsOfOtherElements(t *testing.T) {
	n, _, notes := compiled(t, gammaText, nil)
	ok(t, n.SetRecords("interneurons", []model.Record{{Name: "V"}}))
	ran(t, n, 0.04)
	*notes = nil
	ok(t, n.SetRecords("interneurons", []model.Record{{Name: "V", Of: []int{7, 2, 7, 3, 4, 5}}, {Name: "V", Mean: true, Every: 2}}))
	r := ran(t, n, 0.08).Instances[0].Traces
	if of := n.built.prog.Populations[0].Records[0].Of; !slices.Equal(of, []int{7, 2, 3, 4, 5}) {
		t.Errorf("the device keeps %v", of)
	}
	want := []Trace{ // the fake device adds 1 a step and 1/1000 a column
		{"interneurons.V", []int64{1, 2}, 6, []float64{1, 1.001, 1, 1.002, 1.003, 1.004, 2, 2.001, 2, 2.002, 2.003, 2.004}},
		{"interneurons.V.mean", []int64{2}, 1, []float64{2}},
	}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("%+v", r)
	}
	ok(t, n.SetRecords("interneurons", []model.Record{{Name: "V", Key: "Vs", Mean: true, Of: []int{7, 2, 7, 3, 4, 5}}}))
	if r := ran(t, n, 0.08).Instances[0].Traces; r[0].Len != 1 || r[0].Name != "interneurons.Vs" || len(r[0].Data) != 2 {
		t.Errorf("%+v", r)
	}
	wantNotes(t, notes,
		`The current recorded variables (V of elements 7 2 7 3:6, the mean of V every 2 steps) of "interneurons" are different from the last (V). The network will be rebuilt.`,
		`The current recorded variables (the mean of V of elements 7 2 7 3:6 as Vs) of "interneurons" are different from the last (V of elements 7 2 7 3:6, the mean of V every 2 steps). The network will be rebuilt.`)
	ok(t, n.SetRecords("interneurons", []model.Record{{Name: "V", Of: []int{10}}}))
	if _, err := n.Run(context.Background(), 1); !errors.Is(err, ErrShape) {
		t.Errorf("got %v", err)
	}
}
