package handgamma

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"

	"gpusim/measure"
	"gpusim/tests/golden"
)

// load returns the network of a golden case at its start.
func load(t *testing.T, name string, form Form) *Network {
	t.Helper()
	c := golden.Case(t, name)
	v, _ := golden.Float64(t, name+"_v_init")
	h, _ := golden.Float64(t, name+"_h_init")
	n, _ := golden.Float64(t, name+"_n_init")
	net := New(v, form)
	// The steady states differ from NumPy's in the last digit.
	for i := range v {
		if !scalar.EqualWithinRel(net.H[i], h[i], 1e-14) || !scalar.EqualWithinRel(net.N[i], n[i], 1e-14) {
			t.Errorf("neuron %d at %v mV: h is %v, want %v; n is %v, want %v", i, v[i], net.H[i], h[i], net.N[i], n[i])
		}
	}
	copy(net.H, h)
	copy(net.N, n)
	net.Dt = c.Dt
	net.GMax = c.GMax
	net.Input = []float64{c.Iext}
	return net
}

// sameSpikes compares spikes with golden ones to the step; steps of the latter
// count from start.
func sameSpikes(t *testing.T, name string, start int64, steps []int64, neurons []int32) {
	t.Helper()
	want := golden.Spikes(t, name)
	for k := 0; k < min(len(want), len(steps)); k++ {
		if got := (golden.Spike{Step: steps[k] - start, Neuron: neurons[k]}); got != want[k] {
			t.Errorf("%s: spike %d is %+v, want %+v", name, k, got, want[k])
			return
		}
	}
	if len(steps) != len(want) {
		t.Errorf("%s: %d spikes, want %d", name, len(steps), len(want))
	}
}

// near compares a state with golden's, to a part of the largest value.
func near(t *testing.T, name string, got []float64, tol float64) {
	t.Helper()
	want, _ := golden.Float64(t, name)
	if len(got) != len(want) {
		t.Errorf("%s: %d values, want %d", name, len(got), len(want))
		return
	}
	var scale, worst float64
	for i := range want {
		scale = math.Max(scale, math.Abs(want[i]))
		worst = math.Max(worst, math.Abs(got[i]-want[i]))
	}
	t.Logf("%s: worst difference %.2g of %.2g", name, worst, scale)
	if !(worst <= tol*scale) {
		t.Errorf("%s: the worst difference is %v, want no more than %v of %v", name, worst, tol, scale)
	}
}

func TestTiny(t *testing.T) {
	for _, name := range []string{"tiny3_exponential", "tiny3_euler", "tiny3_exp_strongI"} {
		for _, form := range []Form{Collapsed, PerSynapse} {
			t.Run(fmt.Sprint(name, form), func(t *testing.T) {
				c := golden.Case(t, name)
				rows := make(map[string][]float64)
				for _, variable := range []string{"V", "h", "n", "s", "inp", "spike"} {
					rows[variable], _ = golden.Float64(t, name+"_"+variable)
				}
				n := c.N
				net := New(rows["V"][:n], form)
				copy(net.H, rows["h"])
				copy(net.N, rows["n"])
				net.Dt, net.GMax, net.Input = c.Dt, c.GMax, []float64{c.Iext}
				if c.Method == "euler" {
					net.Method = Euler
				}
				got := make(map[string][]float64)
				record := func(spiked []int32) {
					s := net.S
					if form == Collapsed {
						s = nil
						for pre := range n {
							for range n - 1 {
								s = append(s, net.S[pre])
							}
						}
					}
					spike := make([]float64, n)
					for _, i := range spiked {
						spike[i] = 1
					}
					for variable, row := range map[string][]float64{
						"V": net.V, "h": net.H, "n": net.N, "s": s, "inp": net.Inp, "spike": spike,
					} {
						got[variable] = append(got[variable], row...)
					}
				}
				record(nil)
				for range len(rows["V"])/n - 1 {
					record(net.Step())
				}
				if !slices.Equal(got["spike"], rows["spike"]) {
					t.Error("the spikes differ")
				}
				for _, variable := range []string{"V", "h", "n", "s", "inp"} {
					near(t, name+"_"+variable, got[variable], 1e-9)
				}
			})
		}
	}
}

// TestSweep runs the 14 points of the sweeps n100 and n100b.
func TestSweep(t *testing.T) {
	for _, name := range []string{"n100", "n100b"} {
		c := golden.Case(t, name)
		for i, row := range c.Table {
			if raceEnabled && i > 0 {
				break
			}
			t.Run(fmt.Sprintf("%s_%02d", name, i), func(t *testing.T) {
				net := load(t, name, Collapsed)
				net.GMax = row.GMax
				checkSweep(t, name, i, net)
			})
		}
	}
}

// TestSweepPerSynapse runs one point of n100 with a state for each synapse.
func TestSweepPerSynapse(t *testing.T) {
	if raceEnabled {
		t.Skip("long")
	}
	const i = 5
	net := load(t, "n100", PerSynapse)
	net.GMax = golden.Case(t, "n100").Table[i].GMax
	checkSweep(t, "n100", i, net)
	near(t, "n100_05_s_end", net.S, 1e-7)
}

// checkSweep runs point i of a sweep to its end.
func checkSweep(t *testing.T, name string, i int, net *Network) {
	t.Helper()
	c := golden.Case(t, name)
	row := c.Table[i]
	traceName := fmt.Sprintf("%s_V_%02d", name, i)
	stride := golden.LoadManifest(t).Arrays[traceName].Stride
	trace, shape := golden.Float64(t, traceName)
	fluctuation := measure.NewFluctuation(c.N)
	var steps []int64
	var neurons []int32
	var differences []float64
	for step := range c.NSteps[0] {
		s, n := net.Run(1)
		steps, neurons = append(steps, s...), append(neurons, n...)
		fluctuation.Add(net.V)
		if r := step / stride; step%stride == 0 && r < shape[0] {
			for j, v := range net.V {
				differences = append(differences, math.Abs(v-trace[r*c.N+j]))
			}
		}
	}

	sameSpikes(t, fmt.Sprintf("%s_spikes_%02d", name, i), 0, steps, neurons)
	cc, ok := measure.CrossCorrelation(steps, neurons, c.N, 0, int64(c.NSteps[0]), int64(c.BinSize))
	if !ok || !scalar.EqualWithinAbs(cc, row.CC, 1e-12) {
		t.Errorf("cross-correlation %v, want %v", cc, row.CC)
	}
	chi, ok := fluctuation.Value()
	// Unlike the cross-correlation it is not made of whole numbers: on the flanks
	// of spikes V differs by more than its last digits.
	if !ok || !scalar.EqualWithinAbs(chi, row.VoltageFluctuation, 1e-6) {
		t.Errorf("voltage fluctuation %v, want %v", chi, row.VoltageFluctuation)
	}
	slices.Sort(differences)
	median, worst := differences[len(differences)/2], differences[len(differences)-1]
	t.Logf("V over the first 100 ms: median difference %.2g mV, worst %.2g; voltage fluctuation %.2g off", median, worst, chi-row.VoltageFluctuation)
	if median > 1e-7 || worst > 1e-2 {
		t.Errorf("V over the first 100 ms: median difference %v, worst %v; want 1e-7 and 1e-2", median, worst)
	}
	if end := fmt.Sprintf("%s_%02d_", name, i); slices.Contains([]string{"n100_05_", "n100b_01_"}, end) {
		checkEnd(t, end, net)
	}
}

// checkEnd compares the state after a run.
func checkEnd(t *testing.T, prefix string, net *Network) {
	t.Helper()
	near(t, prefix+"V_end", net.V, 1e-6)
	near(t, prefix+"h_end", net.H, 1e-6)
	near(t, prefix+"n_end", net.N, 1e-6)
	near(t, prefix+"inp_end", net.Inp, 1e-6)
	if net.form == Collapsed {
		near(t, prefix+"s_pre_end", net.S, 1e-6)
	}
}

// TestPieces runs n200 in its three pieces, the last one with an array of
// inputs.
func TestPieces(t *testing.T) {
	if raceEnabled {
		t.Skip("long")
	}
	c := golden.Case(t, "n200")
	net := load(t, "n200", Collapsed)
	var allSteps []int64
	var allNeurons []int32
	for i, nsteps := range c.NSteps {
		if i >= c.ArrayInputFromChunk {
			net.Input = make([]float64, c.N)
			for j := range net.Input {
				net.Input[j] = c.Iext
			}
		}
		start := net.Steps
		steps, neurons := net.Run(nsteps)
		sameSpikes(t, fmt.Sprintf("n200_spikes_%d", i), start, steps, neurons)
		cc, ok := measure.CrossCorrelation(steps, neurons, c.N, start, int64(nsteps), 12)
		if !ok || !scalar.EqualWithinAbs(cc, c.CC[i], 1e-12) {
			t.Errorf("piece %d: cross-correlation %v, want %v", i, cc, c.CC[i])
		}
		checkEnd(t, fmt.Sprintf("n200_%d_", i), net)
		allSteps, allNeurons = append(allSteps, steps...), append(allNeurons, neurons...)
	}
	sameSpikes(t, "n200_unbroken_spikes", 0, allSteps, allNeurons)
}

// TestPiecesPerSynapse runs the first 50 ms of n200 with a state for each
// synapse.
func TestPiecesPerSynapse(t *testing.T) {
	if raceEnabled {
		t.Skip("long")
	}
	const nsteps = 1250
	net := load(t, "n200", PerSynapse)
	steps, neurons := net.Run(nsteps)
	want := golden.Spikes(t, "n200_spikes_0")
	want = slices.DeleteFunc(want, func(s golden.Spike) bool { return s.Step >= nsteps })
	got := make([]golden.Spike, len(steps))
	for k := range steps {
		got[k] = golden.Spike{Step: steps[k], Neuron: neurons[k]}
	}
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("%d spikes, which are not the %d of n200_spikes_0", len(got), len(want))
	}
}
