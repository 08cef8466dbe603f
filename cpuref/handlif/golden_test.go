package handlif

import (
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"

	"gpusim/tests/golden"
)

// load returns the network of a golden case at its start, and its synapses.
func load(t *testing.T, name string) (net *Network, exc, inh *Synapses) {
	t.Helper()
	c := golden.Case(t, name)
	v, _ := golden.Float64(t, name+"_v_init")
	net = New(v)
	net.VRest, net.VReset, net.VTh = c.Params["V_rest"], c.Params["V_reset"], c.Params["V_th"]
	net.R, net.Tau, net.Dt = c.Params["R"], c.Params["tau"], c.Dt
	net.Refractory = int64(c.Params["t_refractory"]/c.Dt + 0.5)
	net.RefractoryTime = c.Params["t_refractory"]
	for i := range net.Input {
		net.Input[i] = c.Iext
	}
	connect := func(ends string, weight float64) *Synapses {
		pre, _ := golden.Int32(t, name+"_"+ends+"_pre")
		post, _ := golden.Int32(t, name+"_"+ends+"_post")
		s := &Synapses{Pre: pre, Post: post, Tau: c.Params["tau_decay"], Delay: c.DelayLen}
		for range pre {
			s.Weight = append(s.Weight, weight)
		}
		net.Connect(s)
		return s
	}
	return net, connect("exc", c.JE), connect("inh", -c.JI)
}

func sameSpikes(t *testing.T, name string, steps []int64, neurons []int32) {
	t.Helper()
	wantSteps, wantNeurons := golden.Split(golden.Spikes(t, name))
	if !slices.Equal(steps, wantSteps) || !slices.Equal(neurons, wantNeurons) {
		t.Errorf("%s: %d spikes that are not golden's %d", name, len(steps), len(wantSteps))
	}
}

func near(t *testing.T, name string, got []float64, tol float64) {
	t.Helper()
	want, _ := golden.Float64(t, name)
	if len(got) != len(want) {
		t.Errorf("%s: %d values, want %d", name, len(got), len(want))
		return
	}
	for i, x := range got {
		if !scalar.EqualWithinAbs(x, want[i], tol) {
			t.Errorf("%s: value %d is %v, want %v", name, i, x, want[i])
			return
		}
	}
}

// TestInteger matches the golden program that counts refractory time in steps:
// spikes to the step, the potentials of the end to rounding.
func TestInteger(t *testing.T) {
	for _, name := range []string{"lif", "lifdelay"} {
		net, _, _ := load(t, name)
		steps, neurons := net.Run(2000)
		sameSpikes(t, name+"_integer_spikes", steps, neurons)
		near(t, name+"_integer_V_end", net.V, 1e-11)
	}
}

// TestClock matches the reference, which compared times: whole, in pieces whose
// times go on, and in pieces that each begin at 0.
func TestClock(t *testing.T) {
	for _, name := range []string{"lif", "lifdelay"} {
		net, exc, inh := load(t, name)
		net.Clock, _ = golden.Float64(t, name+"_ts")
		var steps []int64
		var neurons []int32
		var rows []float64
		stride := golden.LoadManifest(t).Arrays[name+"_V"].Stride
		for step := range 2000 {
			for _, i := range net.Step() {
				steps, neurons = append(steps, int64(step)), append(neurons, i)
			}
			if step%stride == 0 {
				rows = append(rows, net.V...)
			}
		}
		sameSpikes(t, name+"_spikes", steps, neurons)
		near(t, name+"_V", rows, 1e-11)
		near(t, name+"_V_end", net.V, 1e-11)
		near(t, name+"_t_last_spike_end", net.lastTime, 1e-11)
		if name == "lif" { // with a delay, the reference delays the current, not the spike
			near(t, name+"_exc_s_end", exc.S, 1e-11)
			near(t, name+"_inh_s_end", inh.S, 1e-11)
		}

		net, _, _ = load(t, name)
		net.Clock, _ = golden.Float64(t, name+"_chunked_ts")
		steps, neurons = net.Run(2000)
		sameSpikes(t, name+"_chunked_spikes", steps, neurons)

		net, _, _ = load(t, name)
		bounds := golden.LoadManifest(t).Arrays[name+"_chunked_spikes"].Bounds
		whole, _ := golden.Float64(t, name+"_ts")
		for k := range len(bounds) - 1 {
			net.Clock = append(net.Clock, whole[:int((bounds[k+1]-bounds[k])/net.Dt+0.5)]...)
		}
		steps, neurons = net.Run(2000)
		sameSpikes(t, name+"_wrong_chunked_spikes", steps, neurons)
	}
}
