package engines

import (
	"context"
	"fmt"
	"math"
	"sort"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/model"
	"gpusim/network"
	"gpusim/tests/outcome"
)

// parse reads a network file given as text.
func parse(t testing.TB, text string, set ...string) *model.File {
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

// open opens the device; a GPU test never skips.
func open(t testing.TB, o gpu.Options) *gpu.Device {
	t.Helper()
	d, err := gpu.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// ran is all that a run leaves: results, and every state at its end.
type ran struct {
	result *network.Result
	state  map[string][]float64
}

// run runs a file's network for its duration, in pieces, and returns what it
// leaves.
func run(t testing.TB, f *model.File, dev network.Device, pieces int, o *network.Options) ran {
	t.Helper()
	n, err := network.Compile(f, dev, o)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	all := outcome.Run(t, n, f.Steps(), pieces)
	if b := all.Instances[0].Bad; b != nil {
		t.Fatal(b)
	}
	return ran{all, outcome.State(t, n, 0)}
}

// sameBits fails unless two instances are equal bit for bit.
func sameBits(t *testing.T, what string, a, b ran, ka, kb int) {
	t.Helper()
	of := func(r ran, k int) outcome.Outcome {
		x := r.result.Instances[k]
		return outcome.Outcome{Spikes: x.Spikes, Traces: x.Traces, State: r.state}
	}
	of(a, ka).Same(t, what, of(b, kb))
}

// models are the networks with the sizes that they are tried at: one neuron,
// a tile's height less, equal and more, and many.
func models() map[string][]string {
	m := map[string][]string{
		"both":      {both},
		"five":      {five},
		"clocked":   {clocked},
		"integrate": {integrate},
		"five N=1":  {five, "P.size=1"}, // a projection without synapses
	}
	for _, n := range []int{1, 15, 16, 17, 129} {
		m[fmt.Sprintf("renamed N=%d", n)] = []string{renamed, fmt.Sprintf("foule.size=%d", n)}
	}
	m["renamed N=1000"] = []string{renamed, "foule.size=1000", "run.duration=60"}
	m["renamed per synapse"] = []string{renamed, "tous.g=uniform(0, 0.012)"}
	m["renamed dense 1000"] = []string{renamed, "foule.size=1000", "tous.g=uniform(0, 0.0002)", "run.duration=1"}
	return m
}

func sorted(m map[string][]string) (names []string) {
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// TestAgainstFloat64 compares the device with the float64 engine by the
// limits of float32: the number of spikes of every neuron equal, at least
// 95 % of spikes within one step, the median difference of every variable
// within 1e-4 of its range.
func TestAgainstFloat64(t *testing.T) {
	dev := open(t, gpu.Options{})
	all := models()
	for _, name := range sorted(all) {
		t.Run(name, func(t *testing.T) {
			f := parse(t, all[name][0], all[name][1:]...)
			a := run(t, f, dev, 1, nil)
			b := run(t, f, cpuref.New(), 1, nil)
			seen := seen(t, f)
			total := 0
			for p, x := range a.result.Instances[0].Spikes {
				total += len(x.Steps)
				closeSpikes(t, x, b.result.Instances[0].Spikes[p])
			}
			if total == 0 && !strings.Contains(name, "dense") {
				t.Error("no neuron spiked: nothing was compared")
			}
			for name, x := range a.state {
				if !strings.HasSuffix(name, "last_spike_step") {
					closeValues(t, name, x, b.state[name], seen[name]...)
				}
			}
			for i, x := range a.result.Instances[0].Traces {
				closeValues(t, "trace "+x.Name, x.Data, b.result.Instances[0].Traces[i].Data)
			}
		})
	}
}

func closeSpikes(t *testing.T, a, b network.SpikeTrain) {
	t.Helper()
	byNeuron := func(s network.SpikeTrain) map[int32][]int64 {
		m := map[int32][]int64{}
		for i, n := range s.Neurons {
			m[n] = append(m[n], s.Steps[i])
		}
		return m
	}
	x, y := byNeuron(a), byNeuron(b)
	near := 0
	for n := int32(0); n < int32(a.Size); n++ {
		if len(x[n]) != len(y[n]) {
			t.Errorf("%s %d spiked %d times, in float64 %d times", a.Population, n, len(x[n]), len(y[n]))
			continue
		}
		for i := range x[n] {
			if d := x[n][i] - y[n][i]; d >= -1 && d <= 1 {
				near++
			}
		}
	}
	if near*100 < len(a.Steps)*95 {
		t.Errorf("%s: %d of %d spikes within one step of float64", a.Population, near, len(a.Steps))
	}
}

// seen gives the values of every state in float64 over the run, from time to time:
// the range of a variable is that of the run, not of its end.
func seen(t *testing.T, f *model.File) map[string][]float64 {
	t.Helper()
	n, err := network.Compile(f, cpuref.New(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	all := map[string][]float64{}
	const pieces = 20
	for k := range pieces {
		if _, err := n.RunSteps(context.Background(), f.Steps()*(k+1)/pieces-f.Steps()*k/pieces); err != nil {
			t.Fatal(err)
		}
		for name, x := range outcome.State(t, n, 0) {
			all[name] = append(all[name], x...)
		}
	}
	return all
}

// closeValues compares the median difference with the range of the values of b
// and of others of the variable.
func closeValues(t *testing.T, what string, a, b []float64, others ...float64) {
	t.Helper()
	if len(a) != len(b) {
		t.Errorf("%s: %d values, in float64 %d", what, len(a), len(b))
		return
	}
	var diff []float64
	low, high := math.Inf(1), math.Inf(-1)
	for i := range a {
		diff = append(diff, math.Abs(a[i]-b[i]))
		low, high = min(low, b[i]), max(high, b[i])
	}
	for _, x := range others {
		low, high = min(low, x), max(high, x)
	}
	if len(diff) == 0 {
		return
	}
	sort.Float64s(diff)
	span := max(high-low, math.Abs(high), math.Abs(low))
	if m := diff[len(diff)/2]; !scalar.EqualWithinAbs(m, 0, 1e-4*span+1e-7) {
		t.Errorf("%s: the median difference from float64 is %g, its range %g to %g", what, m, low, high)
	}
}

// TestSameBits checks that nothing of the plan shows in the results: the
// number of invocations, the pieces, the slice.
func TestSameBits(t *testing.T) {
	all := models()
	delete(all, "renamed dense 1000")
	for _, name := range sorted(all) {
		t.Run(name, func(t *testing.T) {
			f := parse(t, all[name][0], all[name][1:]...)
			want := run(t, f, open(t, gpu.Options{Invocations: 8}), 1, nil)
			for _, w := range []int{16, 32, 128} {
				got := run(t, f, open(t, gpu.Options{Invocations: w}), 1, nil)
				sameBits(t, fmt.Sprintf("%d invocations against 8", w), got, want, 0, 0)
			}
			for _, plan := range []string{"fused:8:rolled", "fused:8:tiled", "fused:24:tiled", "fused:64:tiled"} {
				var o gpu.Options
				if err := o.ParsePlan(plan); err != nil {
					t.Fatal(err)
				}
				got := run(t, f, open(t, o), 1, nil)
				sameBits(t, plan+" against 8 invocations", got, want, 0, 0)
			}
			for _, pieces := range []int{3, 7, 77} {
				got := run(t, f, open(t, gpu.Options{Invocations: 8}), pieces, nil)
				sameBits(t, fmt.Sprintf("%d pieces against the whole", pieces), got, want, 0, 0)
			}
			for _, slice := range []int{1, 31, 33} {
				if slice == 1 && strings.Contains(name, "1000") {
					continue // 1,500 dispatches of a large network
				}
				got := run(t, f, open(t, gpu.Options{Invocations: 32, Slice: slice}), 1, nil)
				sameBits(t, fmt.Sprintf("slices of %d", slice), got, want, 0, 0)
			}
		})
	}
}

// TestInstances checks that an instance in a batch equals the same network
// alone, with its own values.
func TestInstances(t *testing.T) {
	values := []float64{0.002, 0.004, 0.006, 0.008, 0.01}
	for _, w := range []int{8, 128} {
		dev := open(t, gpu.Options{Invocations: w})
		f := parse(t, renamed)
		n, err := network.Compile(f, dev, &network.Options{Instances: len(values)})
		if err != nil {
			t.Fatal(err)
		}
		if err := n.SetInstances("tous.g", values); err != nil {
			t.Fatal(err)
		}
		r, err := n.Run(context.Background(), f.Run.Duration)
		if err != nil {
			t.Fatal(err)
		}
		for k, g := range values {
			alone := run(t, parse(t, renamed, fmt.Sprintf("tous.g=%v", g)), dev, 1, nil)
			sameBits(t, fmt.Sprintf("%d invocations, instance %d", w, k), ran{r, outcome.State(t, n, k)}, alone, k, 0)
		}
		n.Close()
	}
}
