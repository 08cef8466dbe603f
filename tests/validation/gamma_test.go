package validation

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gpusim/cpuref/handgamma"
	"gpusim/examples"
	"gpusim/measure"
	"gpusim/model"
	"gpusim/network"
	"gpusim/tests/golden"
)

// parse reads a network file, with values set, NAME=VALUE.
func parse(t *testing.T, text string, set ...string) *model.File {
	t.Helper()
	var o model.LoadOptions
	for _, s := range set {
		name, value, _ := strings.Cut(s, "=")
		o.Set = append(o.Set, model.Override{Name: name, Value: value})
	}
	o.ReadArray = func(path string) ([]float64, []int, error) { // golden's
		if strings.HasSuffix(path, "_pre") || strings.HasSuffix(path, "_post") {
			integers, shape := golden.Int32(t, path)
			var data []float64
			for _, x := range integers {
				data = append(data, float64(x))
			}
			return data, shape, nil
		}
		data, shape := golden.Float64(t, path)
		return data, shape, nil
	}
	f, _, err := model.Parse("net.yaml", []byte(text), "", o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func compile(t *testing.T, f *model.File, d network.Device, instances int) *network.Network {
	t.Helper()
	n, err := network.Compile(f, d, &network.Options{Instances: instances})
	ok(t, err)
	t.Cleanup(func() { ok(t, n.Close()) })
	return n
}

func run(t *testing.T, n *network.Network, ms float64) *network.Result {
	t.Helper()
	r, err := n.Run(context.Background(), ms)
	ok(t, err)
	for k := range r.Instances {
		if bad := r.Instances[k].Bad; bad != nil {
			t.Fatal(bad)
		}
	}
	return r
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// gammaFile is examples/gamma.yaml from where a case of golden's starts.
func gammaFile(t *testing.T, name string, set ...string) *model.File {
	t.Helper()
	text := strings.Replace(examples.Gamma, "record: [spikes]", "record: [spikes, {V: {every: 25}}]", 1)
	text = strings.Replace(text, `{V: "uniform(-70, -50)", h: alpha_h/(alpha_h + beta_h), n: alpha_n/(alpha_n + beta_n)}`,
		fmt.Sprintf("{V: file(%[1]s_v_init), h: file(%[1]s_h_init), n: file(%[1]s_n_init)}", name), 1)
	return parse(t, text, set...)
}

// tally is how far runs are from a reference.
type tally struct {
	spikes, want    int
	countsDiffer    int
	same, withinOne int
	cc              float64   // the largest difference
	v               []float64 // differences of V
}

func (s *tally) add(got network.SpikeTrain, want []golden.Spike) {
	steps, neurons := golden.Split(want)
	m := measure.Match(got.Steps, got.Neurons, steps, neurons, got.Size)
	s.spikes += len(got.Steps)
	s.want += len(want)
	s.countsDiffer += m.CountsDiffer
	s.same += m.Same
	s.withinOne += m.WithinOne
}

func (s *tally) voltage(got, want []float64) {
	for i := range want {
		s.v = append(s.v, math.Abs(got[i]-want[i]))
	}
}

// compared writes the rows of a comparison by the limits for float64 and
// float32.
func (s *section) compared(what string, double, single tally) {
	share := func(a, b int) float64 { return float64(a) / float64(b) }
	all := equal(float64(double.want))
	s.add(what+": spikes", figure{float64(double.spikes), all}, figure{float64(single.spikes), all})
	s.add(what+": neurons with another number of spikes", figure{float64(double.countsDiffer), equal(0)}, figure{float64(single.countsDiffer), equal(0)})
	s.add(what+": share of spikes on the reference's step", figure{share(double.same, double.want), equal(1)}, figure{share(single.same, single.want), limit{}})
	s.add(what+": share of near spikes", figure{share(double.withinOne, double.want), equal(1)}, figure{share(single.withinOne, single.want), atLeast(0.95)})
	if double.cc == double.cc && single.cc == single.cc {
		s.add(what+": largest difference of the cross-correlation", figure{double.cc, atMost(1e-12)}, figure{single.cc, atMost(0.01)})
	}
	if len(double.v) == 0 {
		return
	}
	slices.Sort(double.v)
	slices.Sort(single.v)
	s.add(what+": median difference of V, mV", figure{double.v[len(double.v)/2], atMost(1e-7)}, figure{single.v[len(single.v)/2], atMost(1e-3)})
	s.add(what+": largest difference of V, mV", figure{double.v[len(double.v)-1], atMost(1e-2)}, figure{single.v[len(single.v)-1], limit{}})
}

// both computes the same on both engines.
func both(e engines, f func(d network.Device) tally) (double, single tally) {
	return f(e.double), f(e.single)
}

// gammaSweeps: golden's two sweeps over g_max.
func gammaSweeps(t *testing.T, e engines) section {
	s := section{title: "Gamma oscillation, 100 neurons", text: `
[examples/gamma.yaml](../examples/gamma.yaml), the network of Wang and Buzsaki (1996), against golden: what
the Python simulator BrainPy 0.3.5 computed in float64, run as a sweep over g_max from two drawn starts (n100: 11
points from 0.0005 to 0.0015; n100b: 3), 500 ms each. V is compared over the first 100 ms, every 25 steps.`}
	for _, name := range []string{"n100", "n100b"} {
		c := golden.Case(t, name)
		gMax, _ := golden.Float64(t, name+"_g_max")
		f := gammaFile(t, name)
		double, single := both(e, func(d network.Device) (x tally) {
			n := compile(t, f, d, len(gMax))
			ok(t, n.SetInstances("gaba.g_max", gMax))
			r := run(t, n, c.Duration)
			for k := range gMax {
				x.add(r.Instances[k].Spikes[0], golden.Spikes(t, fmt.Sprintf("%s_spikes_%02d", name, k)))
				m, err := network.Measure(f, r, k)
				ok(t, err)
				x.cc = max(x.cc, math.Abs(m[0].Value-c.Table[k].CC))
				v, _ := golden.Float64(t, fmt.Sprintf("%s_V_%02d", name, k))
				x.voltage(r.Instances[k].Traces[0].Data, v)
			}
			return x
		})
		s.compared(name, double, single)
	}
	return s
}

// gammaPieces: golden's run of 200 neurons that is run again and again.
func gammaPieces(t *testing.T, e engines) section {
	s := section{title: "Gamma oscillation, 200 neurons, run three times", text: `
The same network with 200 neurons, run three times 500 ms, each going on from the last (golden n200); before
the third the input becomes one value a neuron, which rebuilds the network with its state kept. V is compared over
the first 100 ms.`}
	c := golden.Case(t, "n200")
	f := gammaFile(t, "n200", fmt.Sprint("interneurons.size=", c.N), "populations.interneurons.record=[spikes, {V: {every: 250}}]")
	double, single := both(e, func(d network.Device) (x tally) {
		n := compile(t, f, d, 1)
		ok(t, n.Set("gaba.g_max", c.GMax))
		for k := range c.NSteps {
			if k == c.ArrayInputFromChunk {
				ok(t, n.SetInput(0, model.PerNeuron, "", slices.Repeat([]float64{c.Iext}, c.N), 0))
			}
			r := run(t, n, c.Bounds[k+1]-c.Bounds[k])
			want := golden.Spikes(t, fmt.Sprint("n200_spikes_", k))
			for i := range want {
				want[i].Step += r.First // golden counts within the piece
			}
			x.add(r.Instances[0].Spikes[0], want)
			m, err := network.Measure(f, r, 0)
			ok(t, err)
			x.cc = max(x.cc, math.Abs(m[0].Value-c.CC[k]))
			if k == 0 {
				v, _ := golden.Float64(t, "n200_V_0")
				x.voltage(r.Instances[0].Traces[0].Data[:10*c.N], v[:10*c.N])
			}
		}
		return x
	})
	s.compared("n200", double, single)
	return s
}

// gammaSmall: every step of golden's network of three neurons.
func gammaSmall(t *testing.T, e engines) section {
	s := section{title: "Gamma oscillation, 3 neurons, every step", text: `
Three neurons of the same network over 20 ms, V, h and n after each of 500 steps (golden tiny3), by exponential
Euler with the inputs 1.2 and 5, and by Euler. The Runge-Kutta methods of the reference advance each equation by
itself and are not gpusim's: their orders are below.`}
	for _, x := range []struct{ name, method string }{
		{"tiny3_exponential", "exponential_euler"}, {"tiny3_exp_strongI", "exponential_euler"}, {"tiny3_euler", "euler"},
	} {
		c := golden.Case(t, x.name)
		variables := []string{"V", "h", "n"}
		starts := map[string][]float64{}
		for _, v := range variables {
			rows, _ := golden.Float64(t, x.name+"_"+v)
			starts[v] = rows
		}
		f := parse(t, examples.Gamma, "interneurons.size=3", "method="+x.method,
			"populations.interneurons.record=[spikes, V, h, n]", fmt.Sprint("inputs.0.value=", c.Iext))
		worst := map[network.Device]map[string]float64{}
		for _, d := range []network.Device{e.double, e.single} {
			n := compile(t, f, d, 1)
			ok(t, n.Set("gaba.g_max", c.GMax))
			for v, rows := range starts {
				ok(t, n.Set("interneurons."+v, rows[:3]))
			}
			r := run(t, n, c.Duration)
			worst[d] = map[string]float64{}
			for i, trace := range r.Instances[0].Traces {
				want := starts[variables[i]][3:]
				if len(trace.Data) != len(want) {
					t.Fatalf("%s: %d values of %s, want %d", x.name, len(trace.Data), trace.Name, len(want))
				}
				for j := range want {
					worst[d][variables[i]] = max(worst[d][variables[i]], math.Abs(trace.Data[j]-want[j]))
				}
			}
		}
		for _, v := range variables {
			// V has spikes of 100 mV; h and n are below 1.
			double, single := 1e-8, 0.2
			if v != "V" {
				double, single = 1e-10, 2e-3
			}
			s.add(fmt.Sprintf("%s (%s, input %g): largest difference of %s", x.name, x.method, c.Iext, v),
				figure{worst[e.double][v], atMost(double)}, figure{worst[e.single][v], atMost(single)})
		}
	}
	return s
}

// gammaStep: what a smaller step makes of the same start.
func gammaStep(t *testing.T, e engines) section {
	s := section{title: "Gamma oscillation, smaller steps", text: `
What golden reproduces is a program at its step of 0.04 ms, not the limit of small steps. Here the same start
(n100, g_max 0.001) runs 500 ms at smaller steps. The limits of float64 are what a program written by hand,
which shares no code with the compiler, gives at the same step; those of float32 are what float64 gives.
Bins of the cross-correlation are 0.5 ms (0.48 ms at the step of 0.04 ms).`}
	v, _ := golden.Float64(t, "n100_v_init")
	for _, dt := range []float64{0.04, 0.02, 0.01, 0.005, 0.0025} {
		f := gammaFile(t, "n100", fmt.Sprint("dt=", dt), "gaba.g_max=0.001", "populations.interneurons.record=[spikes]")
		measured := func(d network.Device) (cc, hz float64) {
			r := run(t, compile(t, f, d, 1), f.Run.Duration)
			m, err := network.Measure(f, r, 0)
			ok(t, err)
			return m[0].Value, float64(len(r.Instances[0].Spikes[0].Steps)) / 100 / 0.5
		}
		hand := handgamma.New(v, handgamma.Collapsed)
		hand.GMax, hand.Dt = 0.001, dt
		steps := model.StepOf(500, dt)
		x, y := hand.Run(int(steps))
		handCC, _ := measure.CrossCorrelation(x, y, 100, 0, steps, measure.BinSteps(0.5, dt))
		handHz := float64(len(x)) / 100 / 0.5
		cc, hz := measured(e.double)
		cc32, hz32 := measured(e.single)
		s.add(fmt.Sprintf("step %g ms: cross-correlation", dt), figure{cc, within(handCC, 1e-9)}, figure{cc32, within(cc, 0.01)})
		s.add(fmt.Sprintf("step %g ms: rate, Hz", dt), figure{hz, within(handHz, 1e-9)}, figure{hz32, within(hz, 0.1)})
	}
	return s
}

// example reads a file of examples.
func example(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "examples", name))
	ok(t, err)
	return string(b)
}
