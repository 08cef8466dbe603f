package network_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"

	"gpusim/gpu"
	"gpusim/network"
)

// collector puts together what it is given, as a Result has it.
type collector struct {
	t      *testing.T
	spikes [][]network.SpikeTrain // of instances, populations
	traces [][]network.Trace      // of instances, recordings
	next   int64
	fail   error // of the second slice
	slices int
}

func newCollector(t *testing.T, n *network.Network) *collector {
	t.Helper()
	c := &collector{t: t, next: n.Step()}
	recordings, err := n.Recordings()
	ok(t, err)
	for range n.Instances() {
		c.spikes = append(c.spikes, make([]network.SpikeTrain, 2))
		var traces []network.Trace
		for _, r := range recordings {
			traces = append(traces, network.Trace{Name: r.Name, Len: r.Len})
		}
		c.traces = append(c.traces, traces)
	}
	return c
}

func (c *collector) Spikes(instance, population int, steps []int64, neurons []int32) error {
	x := &c.spikes[instance][population]
	if len(steps) == 0 || steps[0] < c.next {
		c.t.Errorf("%d spikes that are done already, or none", len(steps))
	}
	x.Steps, x.Neurons = append(x.Steps, steps...), append(x.Neurons, neurons...)
	return nil
}

func (c *collector) Rows(instance, recording int, steps []int64, data []float64) error {
	x := &c.traces[instance][recording]
	if len(data) != len(steps)*x.Len || steps[0] < c.next {
		c.t.Errorf("%s: %d numbers for %d rows of %d, from step %d on", x.Name, len(data), len(steps), x.Len, steps[0])
	}
	x.Steps, x.Data = append(x.Steps, steps...), append(x.Data, data...)
	return nil
}

func (c *collector) Done(next int64) error {
	if next <= c.next {
		c.t.Errorf("done with step %d after %d", next, c.next)
	}
	if c.next, c.slices = next, c.slices+1; c.slices == 2 {
		return c.fail
	}
	return nil
}

// recorded is two populations with groups, every measure, windows, and records
// of several kinds; 4,000 steps. V at every step is a hidden record.
const recorded = `gpusim: 1
dt: 0.05
models:
  lif:
    kind: neuron
    parameters: {tau: 10, b: 20}
    state: {V: -65}
    input: I
    equations: dV/dt = (-65 - V + b + I)/tau
    spike: V >= -50
    reset: V = -65
  kick: {kind: synapse, parameters: {w: 0.3}, on_pre: post.V += w}
populations:
  a: {model: lif, size: 40, groups: {E: [0, 30], F: [30, 40]}, init: {V: "uniform(-65, -50)"}, parameters: {b: 20 + 5*i/N}, record: [spikes, {V: {every: 7, of: [3, 1]}}, {I: {mean: true, every: 20}}]}
  b: {model: lif, size: 3, parameters: {b: 16 + i}, record: [spikes, V]}
projections:
  p: {model: kick, from: a.F, to: a, connect: {fixed_probability: {p: 0.2}}, parameters: {w: -0.3}, delay: 1}
run: {duration: 200, seed: 1}
measure:
  - cross_correlation: {of: a, bin: 2}
  - cross_correlation: {of: a.E, bin: 0.5, from: 50, to: 150, name: middle}
  - rate: {of: a.F, from: 20}
  - rate: {of: b}
  - isi_mean: {of: a, to: 180}
  - isi_cv: {of: a}
  - isi_cv: {of: b, name: few}
  - voltage_fluctuation: {of: a}
  - voltage_fluctuation: {of: a.E, from: 100, name: late}
  - cross_correlation: {of: b, bin: 1, from: 200, name: never}
`

func devices(t *testing.T) map[string]network.Device {
	t.Helper()
	g, err := gpu.Open(gpu.Options{Slice: 320})
	ok(t, err)
	t.Cleanup(func() { g.Close() })
	return map[string]network.Device{"cpu": device(), "gpu": g}
}

// What a Recorder is given is what Run keeps, on both engines and for several
// instances; Measures has the numbers of Measure, to the bit, also in pieces
// with its state moved to another between them.
func TestRecorderEqualsRun(t *testing.T) {
	f := parse(t, recorded)
	for name, d := range devices(t) {
		for _, instances := range []int{1, 3} {
			n, err := network.Compile(f, d, &network.Options{Instances: instances})
			ok(t, err)
			if instances > 1 {
				ok(t, n.SetInstances("a.tau", []float64{10, 9, 8}))
			}
			want, err := n.Run(context.Background(), 200)
			ok(t, err)
			end := state(t, n, instances-1)

			ok(t, n.Reset())
			c, m := newCollector(t, n), n.NewMeasures()
			ran, err := n.RunTo(context.Background(), 200, network.Recorders{c, m})
			ok(t, err)
			wantRecorded(t, name, c, m, want)
			if ran.First != want.First || ran.Steps != want.Steps || ran.Dt != want.Dt || len(ran.Bad) != instances || state(t, n, instances-1) != end {
				t.Errorf("%s: %+v", name, ran)
			}

			ok(t, n.Reset())
			c, m = newCollector(t, n), n.NewMeasures()
			for left := want.Steps; left > 0; left -= min(left, 777) {
				_, err := n.RunStepsTo(context.Background(), min(left, 777), network.Recorders{c, m})
				ok(t, err)
				data, err := m.MarshalBinary()
				ok(t, err)
				m = n.NewMeasures()
				ok(t, m.UnmarshalBinary(data))
			}
			wantRecorded(t, name+" in pieces", c, m, want)
			ok(t, n.Close())
		}
	}
}

func wantRecorded(t *testing.T, name string, c *collector, m *network.Measures, want *network.Result) {
	t.Helper()
	f := parse(t, recorded)
	for k := range want.Instances {
		x := &want.Instances[k]
		for p, s := range x.Spikes {
			if !reflect.DeepEqual(c.spikes[k][p].Steps, s.Steps) || !reflect.DeepEqual(c.spikes[k][p].Neurons, s.Neurons) || len(s.Steps) == 0 {
				t.Errorf("%s: instance %d, %s: other spikes, or none", name, k, s.Population)
			}
		}
		seen := 0
		for _, got := range c.traces[k] {
			if seen < len(x.Traces) && got.Name == x.Traces[seen].Name && got.Len == x.Traces[seen].Len {
				if !reflect.DeepEqual(got, x.Traces[seen]) {
					t.Errorf("%s: instance %d: %s differs", name, k, got.Name)
				}
				seen++
			}
		}
		if seen != len(x.Traces) || seen != 3 || len(c.traces[k]) != 4 { // one is hidden
			t.Errorf("%s: instance %d: %d of %d traces, %d recorded", name, k, seen, len(x.Traces), len(c.traces[k]))
		}
		values, err := m.Values(k, nil)
		ok(t, err)
		plain, err := network.Measure(f, want, k)
		ok(t, err)
		for i, v := range values {
			w := plain[i]
			if v.Key != w.Key || v.Defined != w.Defined || math.Float64bits(v.Value) != math.Float64bits(w.Value) || v.Defined == (v.Key == "never") {
				t.Errorf("%s: instance %d: %+v, Measure gives %+v", name, k, v, w)
			}
		}
		bad, err := m.Values(k, &network.NonFinite{})
		ok(t, err)
		for _, v := range bad {
			if v.Defined {
				t.Errorf("%s is defined for a state that is not finite", v.Key)
			}
		}
	}
}

// A Recorder's error ends the run after that slice, and is the run's.
func TestRecorderFails(t *testing.T) {
	n, err := network.Compile(parse(t, recorded), devices(t)["gpu"], nil)
	ok(t, err)
	c := newCollector(t, n)
	c.fail = errors.New("no room")
	ran, err := n.RunTo(context.Background(), 200, c)
	if err != c.fail || c.slices != 2 || int64(ran.Steps) != c.next || n.Step() != c.next {
		t.Errorf("%v after %d slices and %+v, to step %d", err, c.slices, ran, n.Step())
	}
}

func TestRecordingRows(t *testing.T) {
	for _, c := range []struct{ every, first, steps, want int64 }{
		{1, 0, 10, 10}, {1, 5, 0, 0}, {7, 0, 14, 2}, {7, 0, 15, 3}, {7, 1, 6, 0}, {7, 1, 7, 1}, {100, 50, 20, 0},
	} {
		r := network.Recording{Every: c.every}
		if got := r.Rows(c.first, c.steps); got != c.want {
			t.Errorf("%+v: %d rows", c, got)
		}
	}
}

// The state of measures that was cut short, or is of another network.
func TestMeasuresStateErrors(t *testing.T) {
	n := compile(t, parse(t, recorded), nil)
	m := n.NewMeasures()
	data, err := m.MarshalBinary()
	ok(t, err)
	const damaged = "the state of the measures is damaged"
	for _, d := range [][]byte{nil, data[:15], data[:20], data[:len(data)-1], append(data, 0)} {
		if err := m.UnmarshalBinary(d); err == nil || err.Error() != damaged {
			t.Errorf("%d bytes of %d: %v", len(d), len(data), err)
		}
	}
	other := compile(t, parse(t, gamma(20, drawnInit, "0.1/N_pre", 20, "")), nil).NewMeasures()
	const want = "cross_correlation: the state is of a measure with other neurons, bins or times"
	if err := other.UnmarshalBinary(data); err == nil || err.Error() != want {
		t.Errorf("another network's: %v", err)
	}
	if _, err := m.Values(1, nil); err == nil || err.Error() != "there is no instance 1; there are 1, counted from 0" {
		t.Errorf("instance 1: %v", err)
	}
}
