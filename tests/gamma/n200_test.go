package gamma

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gpusim/cpuref"
	"gpusim/examples"
	"gpusim/gpu"
	"gpusim/gpu/glctx"
	"gpusim/gpu/gltest"
	"gpusim/model"
	"gpusim/network"
	"gpusim/tests/golden"
)

// TestRunAgain is the second half of the reference: 200 neurons run three times
// 500 ms, and before the third time the input becomes one value a neuron.
// Nothing is compiled for the second, one rebuild is announced for the third,
// and the state is carried through both.
func TestRunAgain(t *testing.T) {
	t.Run("gpu", func(t *testing.T) {
		hook, counts := gltest.Count("glLinkProgram", "glCompileShader", "glBufferSubData")
		// With one candidate the planner has nothing to choose: one program a build.
		dev, err := gpu.Open(gpu.Options{Invocations: 8, Context: glctx.Options{ProcAddr: hook}})
		ok(t, err)
		t.Cleanup(func() { ok(t, dev.Close()) })
		runAgain(t, dev, float32Limits, counts)
	})
	t.Run("cpu", func(t *testing.T) {
		runAgain(t, cpuref.New(), float64Limits, nil)
	})
}

func runAgain(t *testing.T, dev network.Device, l limits, counts func() map[string]int) {
	c := golden.Case(t, "n200")
	text := strings.Replace(examples.Gamma, "record: [spikes]", "record: [spikes, {V: {every: 250}}]", 1)
	f, _, err := model.Parse("gamma.yaml", []byte(text), "", model.LoadOptions{
		Set: []model.Override{{Name: "interneurons.size", Value: fmt.Sprint(c.N)}}})
	ok(t, err)
	var notes []string
	begin := func() *network.Network {
		n, err := network.Compile(f, dev, &network.Options{Note: func(msg string) { notes = append(notes, msg) }})
		ok(t, err)
		t.Cleanup(func() { ok(t, n.Close()) })
		ok(t, n.Set("gaba.g_max", c.GMax))
		for _, x := range []string{"V", "h", "n"} {
			data, _ := golden.Float64(t, "n200_"+strings.ToLower(x)+"_init")
			ok(t, n.Set("interneurons."+x, data))
		}
		return n
	}
	n := begin()
	var all *network.Result
	var sum tally
	var before network.Counters
	var links map[string]int
	for k := range c.NSteps {
		if k == c.ArrayInputFromChunk {
			old := states(t, n)
			before = n.Counters() // reading the state counts
			ok(t, n.SetInput(0, model.PerNeuron, "", slices.Repeat([]float64{c.Iext}, c.N), 0))
			if now := states(t, n); !sameStates(now, old) {
				t.Error("the rebuild changes the state")
			}
		}
		r, err := n.Run(context.Background(), c.Bounds[k+1]-c.Bounds[k])
		ok(t, err)
		after := n.Counters()
		var now map[string]int
		if counts != nil {
			now = counts()
		}
		switch k {
		case 0:
			wantCount(t, "programs built for the first run", after.ProgramsBuilt, 1)
		case 1:
			wantCount(t, "programs built for the second run", after.ProgramsBuilt-before.ProgramsBuilt, 0)
			wantCount(t, "rebuilds for the second run", after.Rebuilds-before.Rebuilds, 0)
			wantCount(t, "bytes uploaded for the second run", after.BytesUploaded-before.BytesUploaded, 0)
			for name := range now {
				wantCount(t, name+" in the second run", now[name]-links[name], 0)
			}
			wantCount(t, "notes", len(notes), 0)
		case 2:
			wantCount(t, "programs built for the third run", after.ProgramsBuilt-before.ProgramsBuilt, 1)
			wantCount(t, "rebuilds for the third run", after.Rebuilds-before.Rebuilds, 1)
			wantCount(t, "rebuilds", n.Rebuilds(), 1)
			if counts != nil {
				wantCount(t, "glLinkProgram in the third run", now["glLinkProgram"]-links["glLinkProgram"], 1)
				wantCount(t, "glCompileShader in the third run", now["glCompileShader"]-links["glCompileShader"], 1)
			}
		}
		before, links = after, now
		if k == 0 {
			v, _ := golden.Float64(t, "n200_V_0")
			first := 10 * c.N // rows of every 250 steps up to 100 ms
			l.voltage(t, "n200", r.Instances[0].Traces[0].Data[:first], v[:first])
		}
		l.piece(t, f, n, r, k, &sum)
		if all == nil {
			all = r
		} else {
			all.Append(r)
		}
	}
	l.tally(t, "n200", sum)
	want := []string{`The current "interneurons.inp" input shape (200,) is different from the last input shape (). The network will be rebuilt.`}
	if !slices.Equal(notes, want) {
		t.Errorf("the messages are %q, want %q", notes, want)
	}

	// The same as one run of 1500 ms with the number: nothing was lost.
	whole := begin()
	r, err := whole.Run(context.Background(), c.Bounds[3])
	ok(t, err)
	a, b := all.Instances[0], r.Instances[0]
	if !slices.Equal(a.Spikes[0].Steps, b.Spikes[0].Steps) || !slices.Equal(a.Spikes[0].Neurons, b.Spikes[0].Neurons) {
		t.Error("the spikes of the pieces are not those of the whole")
	}
	if !slices.EqualFunc(a.Traces[0].Data, b.Traces[0].Data, sameBits) {
		t.Error("V of the pieces is not that of the whole")
	}
	if !sameStates(states(t, n), states(t, whole)) {
		t.Error("the final state of the pieces is not that of the whole")
	}
	wantCount(t, "rebuilds of the whole", whole.Rebuilds(), 0)
}

// piece compares piece k with golden's.
func (l limits) piece(t *testing.T, f *model.File, n *network.Network, r *network.Result, k int, sum *tally) {
	t.Helper()
	c := golden.Case(t, "n200")
	what := fmt.Sprintf("piece %d", k)
	if bad := r.Instances[0].Bad; bad != nil {
		t.Fatal(bad)
	}
	wantCount(t, what+": the first step", r.First, int64(k)*12500)
	wantCount(t, what+": steps", r.Steps, c.NSteps[k])
	var got []golden.Spike
	train := r.Instances[0].Spikes[0]
	for i, step := range train.Steps {
		got = append(got, golden.Spike{Step: step - r.First, Neuron: train.Neurons[i]})
	}
	l.spikes(t, what, got, golden.Spikes(t, fmt.Sprintf("n200_spikes_%d", k)), c.N, sum)
	m, err := network.Measure(f, r, 0)
	ok(t, err)
	l.near(t, what+": cross-correlation", m[0].Value, c.CC[k], l.cc)
	l.end(t, fmt.Sprintf("n200_%d", k), func(name string) []float64 {
		x, err := n.Get(name)
		ok(t, err)
		return x
	})
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCount[T int | int64](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %d, want %d", what, got, want)
	}
}

// states reads all state.
func states(t *testing.T, n *network.Network) map[string][]float64 {
	t.Helper()
	out := map[string][]float64{}
	for _, name := range n.StateNames() {
		x, err := n.Get(name)
		ok(t, err)
		out[name] = x
	}
	return out
}

func sameStates(a, b map[string][]float64) bool {
	for name := range a {
		if !slices.EqualFunc(a[name], b[name], sameBits) {
			return false
		}
	}
	return len(a) == len(b) && len(a) > 0
}

func sameBits(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) }
