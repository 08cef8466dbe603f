package network_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gpusim/cpuref"
	"gpusim/examples"
	"gpusim/measure"
	"gpusim/model"
	"gpusim/network"
	"gpusim/tests/golden"
)

// gammaModels is the example's text up to its populations.
var gammaModels, _, _ = strings.Cut(examples.Gamma, "\npopulations:")

// gamma is the text of a network of n neurons with the given init.
func gamma(n int, init, gMax string, duration float64, more string) string {
	return gammaModels + fmt.Sprintf(`
populations:
  interneurons: {model: wang_buzsaki, size: %d, init: %s, record: [spikes]}
projections:
  gaba: {model: gaba_a, from: interneurons, to: interneurons, connect: {all_to_all: {self: false}}, parameters: {g_max: %s}}
inputs: [{to: interneurons.inp, value: 1.2}]
measure:
  - cross_correlation: {of: interneurons, bin: 0.5}
  - voltage_fluctuation: {of: interneurons}
  - rate: {of: interneurons}
run: {duration: %g, seed: 1}
%s
`, n, init, gMax, duration, more)
}

const (
	drawnInit  = `{V: "uniform(-70, -50)", h: alpha_h/(alpha_h + beta_h), n: alpha_n/(alpha_n + beta_n)}`
	goldenInit = `{V: file(%[1]s_v_init), h: file(%[1]s_h_init), n: file(%[1]s_n_init)}`
)

// parse reads a network file whose arrays are golden's.
func parse(t testing.TB, text string) *model.File {
	t.Helper()
	f, _, err := model.Parse("gamma.yaml", []byte(text), "", model.LoadOptions{
		ReadArray: func(path string) ([]float64, []int, error) {
			data, shape := golden.Float64(t, path)
			return data, shape, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func device() network.Device { return cpuref.New() }

func compile(t testing.TB, f *model.File, opts *network.Options) *network.Network {
	t.Helper()
	n, err := network.Compile(f, device(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ok(t, n.Close()) })
	return n
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func run(t testing.TB, n *network.Network, ms float64) *network.Result {
	t.Helper()
	r, err := n.Run(context.Background(), ms)
	ok(t, err)
	return r
}

// wantSpikes compares spikes with golden's, which count steps from first.
func wantSpikes(t *testing.T, what string, got network.SpikeTrain, name string, first int64) {
	t.Helper()
	steps, neurons := golden.Split(golden.Spikes(t, name))
	for i := range steps {
		steps[i] += first
	}
	if !slices.Equal(got.Steps, steps) || !slices.Equal(got.Neurons, neurons) {
		t.Errorf("%s: %d spikes differ from golden's %d", what, len(got.Steps), len(steps))
	}
}

func TestGoldenSweepOnCPU(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	c := golden.Case(t, "n100")
	f := parse(t, gamma(100, fmt.Sprintf(goldenInit, "n100"), "0.1/N_pre", c.Duration,
		"sweep: {gaba.g_max: {from: 0.0005, to: 0.0015, points: 11}}"))
	var trains []network.SpikeTrain
	out, err := network.Sweep(context.Background(), f, device(), &network.SweepOptions{
		Keep: func(_ int, r *network.Result) { trains = append(trains, r.Instances[0].Spikes[0]) }})
	ok(t, err)
	if len(out.Points) != len(c.Table) || out.Counters.ProgramsBuilt != 1 || out.Counters.Rebuilds != 0 || out.Steps != 12500 {
		t.Fatalf("%d points, counters %+v, %d steps", len(out.Points), out.Counters, out.Steps)
	}
	for k, p := range out.Points {
		want := c.Table[k]
		if p.Status != network.StatusOK || p.Spikes[0] != want.NSpikes ||
			math.Abs(p.Measures[0].Value-want.CC) > 1e-12 ||
			math.Abs(p.Measures[1].Value-want.VoltageFluctuation) > 1e-6 ||
			math.Abs(p.RateHz[0]-float64(want.NSpikes)/50) > 1e-9 || p.Measures[2].Value != p.RateHz[0] {
			t.Errorf("point %d: %+v, want %+v", k, p, want)
		}
		wantSpikes(t, fmt.Sprint("point ", k), trains[k], fmt.Sprintf("n100_spikes_%02d", k), 0)
	}
}

// The second half of the reference's notebook: three runs of 500 ms, the last
// with an input a neuron.
func TestGoldenRunningAgainOnCPU(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	c := golden.Case(t, "n200")
	f := parse(t, gamma(200, fmt.Sprintf(goldenInit, "n200"), "0.1/N_pre", 500, ""))
	var notes []string
	n := compile(t, f, &network.Options{Note: func(msg string) { notes = append(notes, msg) }})
	bin := measure.BinSteps(0.5, 0.04)
	for k := range 3 {
		if k == 2 {
			ok(t, n.Set("inputs.0.value", slices.Repeat([]float64{c.Iext}, 200)))
		}
		built := n.Counters().ProgramsBuilt
		r := run(t, n, 500)
		if k < 2 && n.Counters().ProgramsBuilt != built {
			t.Errorf("piece %d was compiled", k)
		}
		s := r.Instances[0].Spikes[0]
		wantSpikes(t, fmt.Sprint("piece ", k), s, fmt.Sprintf("n200_spikes_%d", k), int64(k)*12500)
		cc, _ := measure.CrossCorrelation(s.Steps, s.Neurons, 200, r.First, int64(r.Steps), bin)
		if math.Abs(cc-c.CC[k]) > 1e-12 {
			t.Errorf("piece %d: cc %v, want %v", k, cc, c.CC[k])
		}
		for _, v := range []string{"V", "h", "n", "inp"} {
			wantState(t, n, "interneurons."+v, fmt.Sprintf("n200_%d_%s_end", k, v))
		}
		wantState(t, n, "gaba.s", fmt.Sprintf("n200_%d_s_pre_end", k))
	}
	want := []string{`The current "interneurons.inp" input shape (200,) is different from the last input shape (). The network will be rebuilt.`}
	if !slices.Equal(notes, want) || n.Rebuilds() != 1 {
		t.Errorf("notes %q, %d rebuilds", notes, n.Rebuilds())
	}
}

func wantState(t *testing.T, n *network.Network, name, array string) {
	t.Helper()
	got, err := n.Get(name)
	ok(t, err)
	want, _ := golden.Float64(t, array)
	if len(got) != len(want) {
		t.Fatalf("%s has %d values, golden %d", name, len(got), len(want))
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-4*(1+math.Abs(want[i])) {
			t.Errorf("%s[%d] = %v, golden %v", name, i, got[i], want[i])
			return
		}
	}
}

// tiny returns golden's three neurons, whose start is row 0 of its arrays.
func tiny(t *testing.T, opts *network.Options) *network.Network {
	f := parse(t, gamma(3, "{V: -55}", "0.1/N_pre", 20, ""))
	n := compile(t, f, opts)
	for _, v := range []string{"V", "h", "n"} {
		data, _ := golden.Float64(t, "tiny3_exponential_"+v)
		ok(t, n.Set("interneurons."+v, data[:3]))
	}
	return n
}

func TestGoldenTinyStateByState(t *testing.T) {
	for _, perSynapse := range []bool{false, true} {
		n := tiny(t, &network.Options{PerSynapse: perSynapse})
		for step := range 500 {
			_, err := n.RunSteps(context.Background(), 1)
			ok(t, err)
			for _, v := range []string{"V", "h", "n", "inp"} {
				want, _ := golden.Float64(t, "tiny3_exponential_"+v)
				got, err := n.Get("interneurons." + v)
				ok(t, err)
				for i, x := range got {
					if w := want[3*(step+1)+i]; math.Abs(x-w) > 1e-7*(1+math.Abs(w)) {
						t.Fatalf("per synapse %v: step %d: %s[%d] = %v, want %v", perSynapse, step, v, i, x, w)
					}
				}
			}
		}
		if s, err := n.Get("gaba.s"); err != nil || len(s) != 3 {
			t.Errorf("s = %v, %v", s, err)
		}
	}
}

// state gives all state of an instance.
func state(t testing.TB, n *network.Network, instance int) string {
	t.Helper()
	var b strings.Builder
	for _, name := range n.StateNames() {
		v, err := n.GetInstance(name, instance)
		ok(t, err)
		fmt.Fprintf(&b, "%s %x\n", name, v)
	}
	return b.String()
}
