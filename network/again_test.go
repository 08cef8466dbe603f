package network_test

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"testing"

	"gpusim/model"
	"gpusim/network"
)

func TestPiecesEqualTheWhole(t *testing.T) {
	f := parse(t, gamma(20, drawnInit, "0.1/N_pre", 20, ""))
	n := compile(t, f, nil)
	whole := run(t, n, 20)
	end := state(t, n, 0)
	for _, pieces := range []int{3, 7, 77} {
		ok(t, n.Reset())
		var r *network.Result
		for k := range pieces {
			from, to := k*500/pieces, (k+1)*500/pieces
			x, err := n.RunSteps(context.Background(), to-from)
			ok(t, err)
			if r == nil {
				r = x
			} else {
				r.Append(x)
			}
		}
		if !reflect.DeepEqual(r, whole) {
			t.Errorf("%d pieces differ from the whole", pieces)
		}
		if now := state(t, n, 0); now != end {
			t.Errorf("%d pieces end in\n%s, the whole in\n%s", pieces, now, end)
		}
	}
}

// kept is what a sweep leaves of its points.
func kept(t *testing.T, f *model.File, mode network.Mode) ([]string, *network.SweepResult) {
	t.Helper()
	var results []string
	out, err := network.Sweep(context.Background(), f, device(), &network.SweepOptions{Mode: mode,
		Keep: func(_ int, r *network.Result) { results = append(results, trains(r)) }})
	ok(t, err)
	return results, out
}

func trains(r *network.Result) string {
	return fmt.Sprintf("%d %d %v %x", r.First, r.Steps, r.Instances[0].Spikes, r.Instances[0].Traces)
}

func TestBatchEqualsRepeatEqualsSingle(t *testing.T) {
	for _, c := range []struct{ name, sweep, set string }{
		{"parameter", "{gaba.g_max: {values: [0.001, 0.005, 0.01]}}", "gaba.g_max"},
		{"seed", "{run.seed: {values: [3, 4, 3]}}", "run.seed"},
		{"start", "{interneurons.V: {values: [-60, -55, -20]}}", "interneurons.V"},
		{"input", "{inputs.0.value: {values: [0, 1, 2]}}", "inputs.0.value"},
		{"constant", "{k: {values: [0.001, 0.1]}}", "k"},
	} {
		text := gamma(12, drawnInit, "k", 30, "constants: {k: 0.01}\nsweep: "+c.sweep)
		f := parse(t, text)
		names, points := network.SweepPoints(f.Sweep)
		batch, b := kept(t, f, network.Batch)
		repeat, r := kept(t, f, network.Repeat)
		if b.Instances != len(points) || r.Instances != 1 || b.Counters.ProgramsBuilt != 1 || r.Counters.ProgramsBuilt != 1 || r.Counters.Rebuilds != 0 {
			t.Errorf("%s: %+v, %+v", c.name, b, r)
		}
		if !reflect.DeepEqual(b.Points, r.Points) {
			t.Errorf("%s: batch %+v\nrepeat %+v", c.name, b.Points, r.Points)
		}
		differ := false
		for k := range points {
			n := compile(t, f, nil)
			ok(t, n.Set(names[0], points[k][0]))
			res := run(t, n, 30)
			single := trains(res)
			if single != batch[k] || single != repeat[k] {
				t.Errorf("%s, point %d: batch, repeat and single differ", c.name, k)
			}
			m, err := network.Measure(f, res, 0)
			ok(t, err)
			if !reflect.DeepEqual(m, b.Points[k].Measures) {
				t.Errorf("%s, point %d: %v, %v", c.name, k, m, b.Points[k].Measures)
			}
			differ = differ || single != batch[0]
		}
		if !differ {
			t.Errorf("%s: all points are alike", c.name)
		}
	}
}

func TestAPointThatIsNotFiniteHarmsNoOther(t *testing.T) {
	f := parse(t, gamma(5, drawnInit, "0.01", 8, "sweep: {interneurons.C: {values: [1, 0, 2]}}"))
	clean, _ := kept(t, parse(t, gamma(5, drawnInit, "0.01", 8, "sweep: {interneurons.C: {values: [1, 2]}}")), network.Batch)
	for _, mode := range []network.Mode{network.Batch, network.Repeat} {
		results, out := kept(t, f, mode)
		if results[0] != clean[0] || results[2] != clean[1] {
			t.Errorf("mode %d: the other points are changed", mode)
		}
		for k, want := range []string{"ok", "nan", "ok"} {
			p := out.Points[k]
			if p.Status != want || p.Measures[0].Defined == (want == "nan") || (p.Detail == "") != (want == "ok") {
				t.Errorf("mode %d: point %d is %+v", mode, k, p)
			}
		}
	}
	// So does one that does not start finite.
	f = parse(t, gamma(5, "{V: -60, h: 0.5, n: 1/k}", "0.01", 8, "constants: {k: 1}\nsweep: {k: {values: [4, 0]}}"))
	for _, mode := range []network.Mode{network.Batch, network.Repeat} {
		_, out := kept(t, f, mode)
		if out.Points[0].Status != "ok" || out.Points[1].Status != "nan" || out.Points[1].Detail != "interneurons.n: the starting value is +Inf" {
			t.Errorf("mode %d: %+v", mode, out.Points)
		}
	}
}

func TestSweepIsOfTheGrid(t *testing.T) {
	f := parse(t, gamma(2, drawnInit, "0.01", 1, "sweep: {gaba.g_max: {values: [1, 2]}, inputs.0.value: {from: 0, to: 1, points: 3}}"))
	_, points := network.SweepPoints(f.Sweep)
	if want := [][]float64{{1, 0}, {1, 0.5}, {1, 1}, {2, 0}, {2, 0.5}, {2, 1}}; !reflect.DeepEqual(points, want) {
		t.Errorf("%v", points)
	}
	f.Sweep.Zip, f.Sweep.Axes[1].Values = true, []float64{7, 8}
	if _, points = network.SweepPoints(f.Sweep); !reflect.DeepEqual(points, [][]float64{{1, 7}, {2, 8}}) {
		t.Errorf("%v", points)
	}
}

func TestRepeatUploadsOnlyTheSweptBytes(t *testing.T) {
	text := gamma(20, drawnInit, "0.01", 1, "sweep: {gaba.g_max: {values: [0.001, 0.002, 0.003]}}")
	_, three := kept(t, parse(t, text), network.Repeat)
	f := parse(t, text)
	f.Sweep.Axes[0].Values = f.Sweep.Axes[0].Values[:1]
	_, one := kept(t, f, network.Repeat)
	const size = 8 // of a number on this device
	if extra := three.Counters.BytesUploaded - one.Counters.BytesUploaded; extra != 2*size {
		t.Errorf("two more points uploaded %d bytes", extra)
	}
}

// Starting values, parameters and inputs in any shape come out as a run of a
// network that was compiled with them.
func TestChangesEqualANetworkCompiledSo(t *testing.T) {
	weights := make([]float64, 12*11)
	for i := range weights {
		weights[i] = 0.002 * float64(1+i%7)
	}
	inputs := make([]float64, 12)
	for i := range inputs {
		inputs[i] = 1 + 0.1*float64(i)
	}
	f := parse(t, gamma(12, drawnInit, "0.01", 20, ""))
	changed, fresh := compile(t, f, nil), compile(t, f, nil)
	run(t, changed, 20)
	for _, n := range []*network.Network{changed, fresh} {
		ok(t, n.Set("gaba.g_max", weights))
		ok(t, n.Set("inputs.0.value", inputs))
		ok(t, n.Set("interneurons.phi", 4.5))
	}
	run(t, changed, 3)
	ok(t, changed.Reset())
	a, b := run(t, changed, 20), run(t, fresh, 20)
	if trains(a) != trains(b) || state(t, changed, 0) != state(t, fresh, 0) {
		t.Error("the changed network runs apart")
	}
	if len(a.Instances[0].Spikes[0].Steps) == 0 {
		t.Error("no spikes")
	}
}

func TestRestoredStateGoesOn(t *testing.T) {
	f := parse(t, gamma(8, drawnInit, "0.01", 20, ""))
	n := compile(t, f, nil)
	run(t, n, 9.2)
	saved := map[string][]float64{}
	for _, name := range n.StateNames() {
		v, err := n.Get(name)
		ok(t, err)
		saved[name] = v
	}
	rest := run(t, n, 10.8)
	m := compile(t, f, nil)
	ok(t, m.SetClock(9.2))
	for name, v := range saved {
		ok(t, m.Set(name, v))
	}
	if again := run(t, m, 10.8); trains(again) != trains(rest) || state(t, m, 0) != state(t, n, 0) {
		t.Error("the restored network runs apart")
	}
}

func TestMeasureWindows(t *testing.T) {
	text := gamma(6, drawnInit, "0.01", 60, "")
	f := parse(t, text)
	n := compile(t, f, nil)
	r := run(t, n, 60)
	from, to := 20.0, 40.0
	for _, m := range f.Measures {
		m.From, m.To = &from, &to
	}
	part, err := network.Measure(f, r, 0)
	ok(t, err)
	ok(t, n.Reset())
	run(t, n, 20)
	for _, m := range f.Measures {
		m.From, m.To = nil, nil
	}
	want, err := network.Measure(f, run(t, n, 20), 0)
	ok(t, err)
	for i := range want {
		if part[i] != want[i] && !(math.IsNaN(part[i].Value) && math.IsNaN(want[i].Value)) {
			t.Errorf("%+v, want %+v", part[i], want[i])
		}
	}
}
