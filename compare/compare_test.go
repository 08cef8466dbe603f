package compare_test

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"

	"gpusim/compare"
	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/network"
)

const gamma = `gpusim: 1
name: gamma
dt: 0.04
populations:
  cells: {model: wang_buzsaki, size: 20, init: {V: "uniform(-70, -50)", h: alpha_h/(alpha_h + beta_h), n: alpha_n/(alpha_n + beta_n)}}
projections:
  gaba: {model: gaba_a, from: cells, to: cells, connect: {all_to_all: {self: false}}, parameters: {g_max: 0.1/N_pre}}
inputs: [{to: cells.inp, value: 1.2}]
run: {duration: 100, seed: 1}
measure: [{cross_correlation: {of: cells, bin: 0.5}}, {rate: {of: cells}}]
`

// delayed has delay lines, events and a condition with a reset.
const delayed = `gpusim: 1
name: delayed
dt: 0.1
models:
  lif:
    kind: neuron
    parameters: {V_rest: -52, V_reset: -60, V_th: -50, tau: 10, t_ref: 5}
    state: {V: -60}
    input: inp
    equations: dV/dt = (-(V - V_rest) + inp)/tau (unless refractory)
    spike: V >= V_th
    reset: V = V_reset
    refractory: t_ref
  kick:
    kind: synapse
    parameters: {w: 0.2}
    on_pre: post.V += w
populations:
  cells: {model: lif, size: 30, init: {V: "uniform(-60, -50)"}, record: [spikes, V]}
projections:
  all: {model: kick, from: cells, to: cells, connect: {fixed_probability: {p: 0.3, self: false}}, delay: 1.5}
inputs: [{to: cells.inp, value: 3}]
run: {duration: 65, seed: 3}
`

func parse(t *testing.T, text string, set ...string) *model.File {
	t.Helper()
	var o model.LoadOptions
	for _, s := range set {
		name, value, _ := strings.Cut(s, "=")
		o.Set = append(o.Set, model.Override{Name: name, Value: value})
	}
	f, _, err := model.Parse("test.yaml", []byte(text), t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func run(t *testing.T, f *model.File, d network.Device, o compare.Options) *compare.Report {
	t.Helper()
	r, err := compare.Run(context.Background(), f, d, cpuref.New(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestSame compares the float64 engine with itself: from its own state, delay
// lines and all, it does the same again.
func TestSame(t *testing.T) {
	for _, c := range []struct {
		text    string
		windows int
	}{{gamma, 10}, {delayed, 7}} {
		f := parse(t, c.text)
		r := run(t, f, cpuref.New(), compare.Options{Pieces: 3})
		if r.Status != compare.Within || len(r.Reasons) > 0 || r.Windows != c.windows || r.Steps != f.Steps() {
			t.Errorf("%s: %s %v, %d windows of %d steps", f.Name, r.Status, r.Reasons, r.Windows, r.Steps)
		}
		for _, v := range r.Variables {
			if v.Worst != 0 || v.Low == nil || v.EverySteps != 1 {
				t.Errorf("%s: %+v", f.Name, v)
			}
		}
		for _, p := range r.Populations {
			if p.Spikes == 0 || p.SameStep != p.Spikes || p.SpikesFloat64 != p.Spikes || p.NearThreshold != 0 {
				t.Errorf("%s: %+v", f.Name, p)
			}
		}
		if r.FirstParted != nil || r.FreeRun.FirstParted != nil || !r.FreeRun.Judged {
			t.Errorf("%s: parted at %+v, %+v", f.Name, r.FirstParted, r.FreeRun.FirstParted)
		}
	}
}

// TestDevice compares the gamma network on the device, and looks at whether the
// device did what it does without being looked at.
func TestDevice(t *testing.T) {
	d, err := gpu.Open(gpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	f := parse(t, gamma)
	r := run(t, f, d, compare.Options{})
	if r.Status != compare.Within {
		t.Errorf("%s: %v", r.Status, r.Reasons)
	}
	for _, v := range r.Variables {
		if v.Worst == 0 {
			t.Errorf("%s does not differ at all: float32 was not compared with float64", v.Name)
		}
	}
	net, err := network.Compile(f, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	alone, err := net.RunSteps(context.Background(), f.Steps())
	if err != nil {
		t.Fatal(err)
	}
	measures, err := network.Measure(f, alone, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := r.FreeRun.Populations[0].Spikes, len(alone.Instances[0].Spikes[0].Steps); got != want || want == 0 {
		t.Errorf("%d spikes, alone %d", got, want)
	}
	for i, m := range measures {
		if got := r.FreeRun.Measures[i]; got.Key != m.Key || got.Value == nil || *got.Value != m.Value {
			t.Errorf("measure %+v, alone %+v", got, m)
		}
	}
}

// faulty is the float64 engine with a fault put in.
type faulty struct {
	network.Device
	param func(name string, x float64) float64
	state func(p *ir.Program, e ir.Engine, s *ir.Slice) error // after each slice
	spike func(step int64, neuron int) int64                  // where a spike goes; -1: nowhere
}

func (f *faulty) Build(p *ir.Program, instances int) (network.Engine, error) {
	e, err := f.Device.Build(p, instances)
	return &faultyEngine{e, f, p, nil}, err
}

type faultyEngine struct {
	ir.Engine
	f     *faulty
	p     *ir.Program
	later [][2]int64 // spikes moved beyond the slice
}

func (e *faultyEngine) Write(v ir.VarID, data []float64) error {
	if x := &e.p.Vars[v]; x.Role == ir.Param && e.f.param != nil {
		data = append([]float64(nil), data...)
		for i := range data {
			data[i] = e.f.param(x.Name, data[i])
		}
	}
	return e.Engine.Write(v, data)
}

func (e *faultyEngine) Run(ctx context.Context, first int64, steps int, sink func(*ir.Slice) error) (int, error) {
	return e.Engine.Run(ctx, first, steps, func(s *ir.Slice) error {
		if e.f.spike != nil {
			e.move(s)
		}
		if e.f.state != nil {
			if err := e.f.state(e.p, e.Engine, s); err != nil {
				return err
			}
		}
		return sink(s)
	})
}

// move moves the spikes of population 0.
func (e *faultyEngine) move(s *ir.Slice) {
	words, size := s.Spikes[0], e.p.Populations[0].Size
	moved := e.later
	e.later = nil
	for w := range s.Words {
		for i := range size {
			for b := range 32 {
				if words[w*size+i]>>b&1 == 1 {
					if to := e.f.spike(s.First+int64(32*w+b), i); to >= 0 {
						moved = append(moved, [2]int64{to, int64(i)})
					}
				}
			}
		}
	}
	clear(words)
	for _, m := range moved {
		at := m[0] - s.First
		if at >= int64(s.Steps) {
			e.later = append(e.later, m)
			continue
		}
		words[int(at/32)*size+int(m[1])] |= 1 << (at % 32)
	}
}

func moved(by int64) func(int64, int) int64 {
	return func(step int64, _ int) int64 { return step + by }
}

// TestFaults puts faults in, each of which is found, and named.
func TestFaults(t *testing.T) {
	for _, c := range []struct {
		what    string
		text    string
		fault   faulty
		within  bool
		reasons []string // parts of them, in order
	}{
		{"a parameter a hundredth off", gamma, faulty{param: func(name string, x float64) float64 {
			if name == "cells.gK" {
				return x * 1.01
			}
			return x
		}}, false, []string{"cells.V: the median difference in the window from "}},
		{"all spikes a step late", gamma, faulty{spike: moved(1)}, true, nil},
		{"all spikes two steps late", gamma, faulty{spike: moved(2)}, false,
			[]string{"cells: 91 times a neuron spiked in one engine only; first neuron 0 at 4.2 ms, not in the device, whose spike condition was ",
				"free run: cells: 0 of 90 spikes are within one step, less than 95 %"}},
		{"a spike is lost", gamma, faulty{spike: func(step int64, neuron int) int64 {
			if step > 1200 && neuron == 7 {
				return -1
			}
			return step
		}}, false, []string{"cells: 3 times a neuron spiked in one engine only; first neuron 7 at ", "free run: cells: 1 of 20 neurons have another number of spikes"}},
		{"a state is lost now and then", gamma, faulty{state: func(p *ir.Program, e ir.Engine, s *ir.Slice) error {
			if s.First != 500 { // that of the third window
				return nil
			}
			return e.Write(0, make([]float64, p.Vars[0].Len))
		}}, true, nil}, // the device's own state is what the next window starts from
		{"what is in flight is lost", delayed, faulty{state: func(p *ir.Program, e ir.Engine, s *ir.Slice) error {
			for i, v := range p.Vars {
				if v.Role == ir.Line {
					return e.Write(ir.VarID(i), make([]float64, v.Len))
				}
			}
			return errors.New("no delay line")
		}}, false, []string{"free run: cells: "}},
	} {
		c.fault.Device = cpuref.New()
		f := parse(t, c.text)
		if c.what == "a state is lost now and then" {
			f.FreeRun = false
		}
		r := run(t, f, &c.fault, compare.Options{})
		if (r.Status == compare.Within) != c.within {
			t.Errorf("%s: %s %q", c.what, r.Status, r.Reasons)
		}
		at := 0
		for _, reason := range r.Reasons {
			if at < len(c.reasons) && strings.Contains(reason, c.reasons[at]) {
				at++
			}
		}
		if at < len(c.reasons) {
			t.Errorf("%s: no reason %q among %q", c.what, c.reasons[at], r.Reasons)
		}
	}
}

// TestNearThreshold: a neuron that stands closer to its threshold than float32
// resolves may spike in one engine only; one that is further off may not.
func TestNearThreshold(t *testing.T) {
	const text = `gpusim: 1
dt: 0.1
models:
  m:
    kind: neuron
    parameters: {V_th: -50, slope: 0}
    state: {V: -60}
    equations: dV/dt = slope
    spike: V >= V_th
    reset: V = -60
populations: {cells: {model: m, size: 9, init: {V: -60 + i if i < 8 else -50 + ABOVE}, parameters: {slope: 0.3 if i == 0 else 0}}}
run: {duration: 30, seed: 1}
compare: {free_run: false}
`
	for _, c := range []struct {
		above  string // of neuron 8's V over the threshold
		status string
		near   int
	}{{"0.000001", compare.Within, 3}, {"0.01", compare.Apart, 0}} {
		f := parse(t, strings.ReplaceAll(text, "ABOVE", c.above))
		above, err := strconv.ParseFloat(c.above, 64)
		if err != nil {
			t.Fatal(err)
		}
		// The device's threshold is above neuron 8, float64's below.
		d := &faulty{Device: cpuref.New(), param: func(name string, x float64) float64 {
			if name == "cells.V_th" {
				return x + 2*above
			}
			return x
		}}
		r := run(t, f, d, compare.Options{})
		if r.Status != c.status || r.Populations[0].NearThreshold != c.near {
			t.Errorf("%g above: %s %q, %+v", above, r.Status, r.Reasons, r.Populations[0])
		}
		if c.status == compare.Apart {
			a := r.Populations[0].Alone
			if len(a) != 3 || a[0].Neuron != 8 || a[0].By != "float64" || a[0].Distance == nil || !scalar.EqualWithinAbs(*a[0].Distance, above, 1e-9) {
				t.Errorf("%+v", a)
			}
		}
	}
}

// TestInterrupted: what was done is reported, and nothing is made of where it was
// cut.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r, err := compare.Run(ctx, parse(t, gamma), cpuref.New(), cpuref.New(), compare.Options{Progress: func(done, total int) {
		if done >= total/2 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || r == nil {
		t.Fatal(err, r)
	}
	if r.Status != compare.Interrupted || r.Windows != 5 || r.Steps != 1250 || len(r.Reasons) > 0 || r.FreeRun.Populations[0].Spikes == 0 {
		t.Errorf("%+v", r)
	}
}

// TestNotFinite: a state that becomes NaN is named.
func TestNotFinite(t *testing.T) {
	d := &faulty{Device: cpuref.New(), state: func(_ *ir.Program, e ir.Engine, s *ir.Slice) error {
		if s.First < 500 {
			return nil
		}
		v, err := e.Read(0, 0)
		if err != nil {
			return err
		}
		v[4] = math.NaN()
		return e.Write(0, v)
	}}
	r := run(t, parse(t, gamma), d, compare.Options{})
	if r.Status != compare.Apart || !strings.Contains(strings.Join(r.Reasons, "\n"), "cells.V of the device, element 4, is not finite") {
		t.Errorf("%s %q", r.Status, r.Reasons)
	}
}
