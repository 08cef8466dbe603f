package engines

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/model"
	"gpusim/network"
)

// TestNotFinite checks that what is not finite is found on both engines, in
// the states of neurons and of synapses, also where a function could swallow
// it.
func TestNotFinite(t *testing.T) {
	for name, c := range map[string]struct{ equations, synapse, variable string }{
		"max":     {"dx/dt = -1; dy/dt = max(sqrt(x), -5)", "ds/dt = -s", "P.y"},
		"clip":    {"dx/dt = -1; dy/dt = clip(log(x), -3, 3)", "ds/dt = -s", "P.y"},
		"sign":    {"dx/dt = -1; dy/dt = sign(sqrt(x))", "ds/dt = -s", "P.y"},
		"synapse": {"dx/dt = 0; dy/dt = 0", "ds/dt = 0.1 + s*s + 0*post.x", "PP.s"},
	} {
		file := fmt.Sprintf(`
gpusim: 1
name: not finite
dt: 0.5
method: euler
models:
  n: {kind: neuron, state: {x: 1.2, y: 0}, input: I, equations: "%s"}
  s: {kind: synapse, state: {s: 1}, equations: "%s", output: post.I += 0*s}
populations:
  P: {model: n, size: 5}
projections:
  PP: {model: s, from: P, to: P, connect: {all_to_all: {}}}
run: {duration: 40}
`, c.equations, c.synapse)
		for engine, dev := range map[string]network.Device{"gpu": open(t, gpu.Options{}), "cpu": cpuref.New()} {
			n, err := network.Compile(parse(t, file), dev, nil)
			if err != nil {
				t.Fatal(err)
			}
			r, err := n.Run(context.Background(), 40)
			if err != nil {
				t.Fatal(err)
			}
			if b := r.Instances[0].Bad; b == nil || b.Name != c.variable {
				t.Errorf("%s on %s: %v, expected that %s is not finite", name, engine, b, c.variable)
			}
			n.Close()
		}
	}
}

// TestHub runs a network in which one neuron has all the synapses: the loop
// budget is that of the rows as they are, and a choice of the planner that was
// remembered for other rows does not stand in the way.
func TestHub(t *testing.T) {
	dev := open(t, gpu.Options{})
	for _, hub := range []int{140, 900} {
		var pairs []string
		for i := range hub {
			pairs = append(pairs, fmt.Sprintf("[%d, 7]", i))
		}
		for i := range 1000 {
			pairs = append(pairs, fmt.Sprintf("[%d, %d]", i, (i+1)%1000))
		}
		text := strings.Replace(renamed, "connect: {all_to_all: {self: false}}", "connect: {pairs: ["+strings.Join(pairs, ", ")+"]}", 1)
		f := parse(t, text, "foule.size=1000", "run.duration=2")
		a, b := run(t, f, dev, 1, nil), run(t, f, cpuref.New(), 1, nil)
		for name := range a.state {
			closeValues(t, fmt.Sprintf("hub of %d: %s", hub, name), a.state[name], b.state[name])
		}
	}
}

// TestFarClock moves the clock by years and checks that last spikes are kept.
func TestFarClock(t *testing.T) {
	f := parse(t, integrate)
	for engine, dev := range map[string]network.Device{"gpu": open(t, gpu.Options{}), "cpu": cpuref.New()} {
		n, err := network.Compile(f, dev, nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := n.Run(context.Background(), 50); err != nil {
			t.Fatal(err)
		}
		before, err := n.Get("cells.last_spike_step")
		if err != nil {
			t.Fatal(err)
		}
		if err := n.SetClock(3e8); err != nil {
			t.Fatal(err)
		}
		after, err := n.Get("cells.last_spike_step")
		if err != nil {
			t.Fatal(err)
		}
		shift := float64(model.StepOf(3e8, f.Dt) - model.StepOf(50, f.Dt))
		for i := range before {
			if before[i] > 0 && after[i] != before[i]+shift {
				t.Errorf("%s: the last spike of neuron %d was at %v, expected %v", engine, i, after[i], before[i]+shift)
			}
		}
		n.Close()
	}
}

// TestPointIsRun checks that a point of a sweep equals a run with its values
// where the values of that point alone would allow another form of the kernel:
// synapses that all start at 0.
func TestPointIsRun(t *testing.T) {
	const file = `
gpusim: 1
name: amplitudes
dt: 0.1
method: exponential_euler
constants: {amp: 0.1}
models:
  n: {kind: neuron, state: {V: 0.3}, input: I, equations: dV/dt = 1 - V + I, spike: V >= 0.9, reset: V = 0}
  s: {kind: synapse, state: {x: 0}, equations: dx/dt = pre.V - x, output: post.I += 0.01*x*(1 - post.V)}
populations:
  P: {model: n, size: 50, init: {V: "uniform(0, 0.9)"}, record: [spikes]}
projections:
  PP: {model: s, from: P, to: P, connect: {all_to_all: {self: false}}, init: {x: "amp*uniform(0, 1)"}}
run: {duration: 30, seed: 9}
measure: [{rate: {of: P}}]
sweep: {amp: {values: [0, 0.1]}}
`
	for engine, dev := range map[string]network.Device{"gpu": open(t, gpu.Options{}), "cpu": cpuref.New()} {
		for _, mode := range []network.Mode{network.Batch, network.Repeat} {
			kept := map[int]*network.Result{}
			r, err := network.Sweep(context.Background(), parse(t, file), dev,
				&network.SweepOptions{Mode: mode, Pieces: 7, Keep: func(k int, r *network.Result) { kept[k] = r }})
			if err != nil {
				t.Fatal(err)
			}
			if r.Counters.Rebuilds != 0 {
				t.Errorf("%s: %d rebuilds", engine, r.Counters.Rebuilds)
			}
			for k, amp := range []string{"0", "0.1"} {
				alone := run(t, parse(t, file, "amp="+amp), dev, 1, nil)
				sameBits(t, fmt.Sprintf("%s, mode %d, amp %s", engine, mode, amp), ran{result: kept[k]}, ran{result: alone.result}, 0, 0)
			}
		}
	}
}

// TestSamples checks that the samples of an input count from the beginning of
// the run, whatever its start, and through all pieces.
func TestSamples(t *testing.T) {
	const file = `
gpusim: 1
name: samples
dt: 0.1
method: euler
models:
  n: {kind: neuron, state: {x: 0, y: 0}, input: I, equations: "dx/dt = I/dt - x/dt"}
populations:
  P: {model: n, size: 3, record: [x]}
inputs: [{to: P.I, value: 0}]
run: {start: 100, duration: 5}
`
	samples := []float64{1, 2, 3, 4, 5}
	for engine, dev := range map[string]network.Device{"gpu": open(t, gpu.Options{}), "cpu": cpuref.New()} {
		for _, pieces := range []int{1, 3} {
			n, err := network.Compile(parse(t, file), dev, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := n.SetInput(0, model.PerTime, "", samples, 1); err != nil {
				t.Fatal(err)
			}
			var all *network.Result
			for k := range pieces {
				r, err := n.RunSteps(context.Background(), 50*(k+1)/pieces-50*k/pieces)
				if err != nil {
					t.Fatal(err)
				}
				if all == nil {
					all = r
				} else {
					all.Append(r)
				}
			}
			x := all.Instances[0].Traces[0]
			for row := range 50 {
				if got, want := x.Data[3*row], samples[row/10]; !scalar.EqualWithinAbs(got, want, 1e-5) {
					t.Errorf("%s, %d pieces: after step %d x is %v, expected the sample %v", engine, pieces, x.Steps[row], got, want)
				}
			}
			if _, err := n.RunSteps(context.Background(), 1); err == nil {
				t.Errorf("%s: a step beyond the last sample was taken", engine)
			}
			n.Close()
		}
	}
}
