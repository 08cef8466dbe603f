package validation

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gpusim/compare"
	"gpusim/model"
	"gpusim/network"
	"gpusim/tests/golden"
	"gpusim/tests/outcome"
)

// lif is golden's network of integrate-and-fire neurons; %[1]s is its case.
const lif = `gpusim: 1
dt: 0.1
method: exponential_euler
models:
  lif:
    kind: neuron
    parameters: {V_rest: -52, V_reset: -60, V_th: -50, R: 1, tau: 10, t_ref: 5}
    state: {V: -60}
    input: inp
    equations: dV/dt = (-(V - V_rest) + R*inp)/tau (unless refractory)
    spike: V >= V_th
    reset: V = V_reset
    refractory: t_ref
  exp_current:
    kind: synapse
    parameters: {tau: 2, w: 1}
    state: {s: 0}
    equations: ds/dt = -s/tau
    on_pre: s += 1
    output: post.inp += w*s
populations:
  cells: {model: lif, size: 60, init: {V: file(%[1]s_v_init)}, record: [spikes]}
projections:
  exc: {model: exp_current, from: cells, to: cells, connect: {pairs: {pre: file(%[1]s_exc_pre), post: file(%[1]s_exc_post)}}, parameters: {w: 0.2886751345948129}%[2]s}
  inh: {model: exp_current, from: cells, to: cells, connect: {pairs: {pre: file(%[1]s_inh_pre), post: file(%[1]s_inh_post)}}, parameters: {w: -0.4082482904638631}%[2]s}
inputs: [{to: cells.inp, value: 3}]
run: {duration: 200, seed: 1}
`

// integrateAndFire: golden's networks with synapses that act on spikes.
func integrateAndFire(t *testing.T, e engines) section {
	s := section{title: "Integrate-and-fire, synapses that act on spikes", text: `
Sixty integrate-and-fire neurons, 40 excitatory and 20 inhibitory, with exponential currents and a refractory time,
200 ms, without delays (lif) and with delays of 1 ms (lifdelay), against golden's lif_integer and
lifdelay_integer: an independent float64 program of the same equations that counts refractory steps with
integers, as gpusim does. Whole, and in 77 pieces that go on from each other.`}
	for _, name := range []string{"lif", "lifdelay"} {
		delay := ""
		if name == "lifdelay" {
			delay = ", delay: 1.0"
		}
		f := parse(t, fmt.Sprintf(lif, name, delay))
		want := golden.Spikes(t, name+"_integer_spikes")
		end, _ := golden.Float64(t, name+"_integer_V_end")
		for _, pieces := range []int{1, 77} {
			double, single := both(e, func(d network.Device) (x tally) {
				n := compile(t, f, d, 1)
				r := outcome.Run(t, n, int(model.StepOf(f.Run.Duration, f.Dt)), pieces)
				x.add(r.Instances[0].Spikes[0], want)
				v, err := n.Get("cells.V")
				ok(t, err)
				x.voltage(v, end)
				x.cc = math.NaN()
				return x
			})
			what := name
			if pieces > 1 {
				what += fmt.Sprintf(" in %d pieces", pieces)
			}
			s.compared(what, double, single)
		}
	}
	for i := range s.rows { // V is compared where golden has it
		s.rows[i].what = strings.ReplaceAll(s.rows[i].what, "difference of V", "difference of V at the end")
	}
	return s
}

// leaky has neurons of which everything is known: V rises as
// I (1 - exp(-t/tau)) from 0 and fires at 15.
const leaky = `gpusim: 1
dt: 0.1
method: exponential_euler
models:
  leaky:
    kind: neuron
    parameters: {tau: 10, t_ref: 2}
    state: {V: 0}
    input: I
    equations: dV/dt = (I - V)/tau (unless refractory)
    spike: V >= 15
    reset: V = 0
    refractory: t_ref
  once:
    kind: neuron
    state: {x: 1}
    equations: dx/dt = 0
    spike: x > 0.5
    reset: x = 0
  decay:
    kind: synapse
    parameters: {tau_s: 3}
    state: {s: 0}
    equations: ds/dt = -s/tau_s
    on_pre: s += 1
    output: post.I += 8*s
populations:
  cells: {model: leaky, size: 25, record: [spikes, V]}
  source: {model: once, size: 1, record: [spikes]}
  a: {model: leaky, size: 1, record: [V]}
  b: {model: leaky, size: 1, record: [V]}
  c: {model: leaky, size: 1, record: [V]}
projections:
  sa: {model: decay, from: source, to: a, connect: {one_to_one: {}}}
  sb: {model: decay, from: source, to: b, connect: {one_to_one: {}}, delay: 0.7}
  sc: {model: decay, from: source, to: c, connect: {one_to_one: {}}, delay: 12.3}
inputs: [{to: cells.I, value: 14 + 1.03*i}]
run: {duration: 200}
`

// closedForm: what can be computed with paper and pencil.
func closedForm(t *testing.T, e engines) section {
	s := section{title: "Leaky integrate-and-fire, closed form", text: `
Exponential Euler is exact for dV/dt = (I - V)/tau while I is constant. So V after k steps from the reset is
I (1 - exp(-k dt/tau)), and the first k that reaches the threshold th, ceil(tau/dt ln(I/(I - th))), plus the refractory
steps less one, is the interval: 25 neurons with inputs from 14 to 38.7, 200 ms. And what one spike does through
a synapse with exponential decay, which adds w b^j to the input of the j-th step from when it arrives:
V = w (1 - a) (a^m - b^m)/(a - b) after m steps, with a = exp(-dt/tau), b = exp(-dt/tau_s), and delays of none, 0.7 and 12.3 ms.`}
	f := parse(t, leaky)
	const dt, tau, th, refractory = 0.1, 10.0, 15.0, 20
	a, b := math.Exp(-dt/tau), math.Exp(-dt/3)
	input := func(i int) float64 { return 14 + 1.03*float64(i) }
	var want []golden.Spike
	rows := int(model.StepOf(f.Run.Duration, f.Dt))
	exact := make([]float64, 0, rows*25)
	sinceReset := make([]int, 25)
	held := make([]int, 25)
	for step := range rows {
		for i := range 25 {
			if held[i] > 0 {
				held[i]--
			} else {
				sinceReset[i]++
			}
			v := input(i) * (1 - math.Exp(-float64(sinceReset[i])*dt/tau))
			if i > 0 && sinceReset[i] == int(math.Ceil(tau/dt*math.Log(input(i)/(input(i)-th)))) {
				want = append(want, golden.Spike{Step: int64(step), Neuron: int32(i)})
				sinceReset[i], held[i], v = 0, refractory-1, 0
			}
			exact = append(exact, v)
		}
	}
	found := func(d network.Device) (x tally, v float64, after [3]float64) {
		r := run(t, compile(t, f, d, 1), f.Run.Duration)
		x.add(r.Instances[0].Spikes[0], want)
		for i, got := range r.Instances[0].Traces[0].Data {
			v = max(v, math.Abs(got-exact[i]))
		}
		for k, delay := range []int{1, 7, 123} {
			for step, got := range r.Instances[0].Traces[1+k].Data {
				m := float64(max(0, step+1-delay))
				after[k] = max(after[k], math.Abs(got-8*(1-a)*(math.Pow(a, m)-math.Pow(b, m))/(a-b)))
			}
		}
		return x, v, after
	}
	x64, v64, after64 := found(e.double)
	x32, v32, after32 := found(e.single)
	x64.cc, x32.cc = math.NaN(), math.NaN()
	s.compared("inputs from 14 to 38.7", x64, x32)
	s.add("inputs from 14 to 38.7: largest difference of V", figure{v64, atMost(1e-11)}, figure{v32, atMost(1e-3)})
	for k, delay := range []string{"no delay", "a delay of 0.7 ms", "a delay of 12.3 ms"} {
		s.add("one spike, "+delay+": largest difference of V", figure{after64[k], atMost(1e-13)}, figure{after32[k], atMost(1e-5)})
	}
	return s
}

// fitzHughNagumo: the example, against a program by hand and an integrator of
// high order.
func fitzHughNagumo(t *testing.T, e engines) section {
	s := section{title: "FitzHugh-Nagumo", text: `
[examples/fitzhugh_nagumo.yaml](../examples/fitzhugh_nagumo.yaml): dV/dt = V - V^3/3 - w + I, dw/dt = (V + 0.7 - 0.8 w)/12.5
(FitzHugh 1961, Biophysical Journal 1:445), 20 neurons with inputs from 0 to 1.6, 500 ms at 0.05 ms. First the
example as it is, against the same scheme written by hand for these equations. Then by rk4, over 100 ms,
against Dormand and Prince's method of order 5 (1980), whose step follows its error, of 1e-12.`}
	const size = 20
	input := func(i int) float64 { return 1.6 * float64(i) / (size - 1) }
	right := func(i int, y []float64) []float64 {
		return []float64{y[0] - y[0]*y[0]*y[0]/3 - y[1] + input(i), (y[0] + 0.7 - 0.8*y[1]) / 12.5}
	}
	const dt = 0.05
	hand := byHand{size: size, steps: 10000, every: 10, start: []float64{-1.2, -0.625}}
	// V has the coefficient 1 (its cube is frozen), w has -0.8/12.5.
	hand.step = func(i int, y []float64) bool {
		f := right(i, y)
		was := y[0] >= 1
		y[0] += math.Expm1(dt) * f[0]
		y[1] += math.Expm1(-0.8/12.5*dt) / (-0.8 / 12.5) * f[1]
		return y[0] >= 1 && !was
	}
	want, v := hand.run()
	f := parse(t, example(t, "fitzhugh_nagumo.yaml"))
	double, single := both(e, func(d network.Device) (x tally) {
		r := run(t, compile(t, f, d, 1), f.Run.Duration)
		x.add(r.Instances[0].Spikes[0], want)
		x.voltage(r.Instances[0].Traces[0].Data, v)
		x.cc = math.NaN()
		return x
	})
	s.compared("exponential_euler, as the example is", double, single)

	f = parse(t, example(t, "fitzhugh_nagumo.yaml"), "method=rk4")
	worst := func(d network.Device) (most float64) {
		n := compile(t, f, d, 1)
		run(t, n, 100)
		x, err := n.Get("cells.V")
		ok(t, err)
		y, err := n.Get("cells.w")
		ok(t, err)
		for i := range size {
			exact := dormandPrince(func(y []float64) []float64 { return right(i, y) }, []float64{-1.2, -0.625}, 100, 1e-12)
			most = max(most, math.Abs(x[i]-exact[0]), math.Abs(y[i]-exact[1]))
		}
		return most
	}
	s.add("rk4: largest difference of V and w after 100 ms", figure{worst(e.double), atMost(1e-5)}, figure{worst(e.single), atMost(1e-3)})
	return s
}

const izhikevichText = `gpusim: 1
name: Izhikevich
dt: 0.1
method: exponential_euler
models:
  izhikevich:
    kind: neuron
    parameters: {a: 0.02, b: 0.2, c: -65, d: 8}
    state: {v: -65, u: -13}
    input: I
    equations: |
      dv/dt = 0.04*v**2 + 5*v + 140 - u + I
      du/dt = a*(b*v - u)
    spike: v >= 30
    reset: v = c; u += d
populations:
  cells: {model: izhikevich, size: 40, record: [spikes, {v: {every: 10}}]}
inputs: [{to: cells.I, value: 4 + i/4}]
run: {duration: 500}
`

// izhikevich: the four kinds of neuron of the paper, by hand.
func izhikevich(t *testing.T, e engines) section {
	s := section{title: "Izhikevich", text: `
dv/dt = 0.04 v^2 + 5 v + 140 - u + I, du/dt = a (b v - u), and at v >= 30: v = c, u += d (Izhikevich 2003, IEEE
Transactions on Neural Networks 14:1569), with a, b, c, d as there, 40 neurons with inputs from 4 to 13.75, at 0.1 ms,
against the same scheme written by hand for these equations. v is compared every 1 ms. Each kind runs as long as a
start moved by 1e-5 mV leaves the spikes of the program by hand where they are; beyond that some of these neurons
are chaotic at this step.`}
	const dt = 0.1
	for _, k := range []struct {
		name       string
		a, b, c, d float64
		ms         int
	}{
		{"regular spiking", 0.02, 0.2, -65, 8, 500},
		{"intrinsically bursting", 0.02, 0.2, -55, 4, 130},
		{"chattering", 0.02, 0.2, -50, 2, 300},
		{"fast spiking", 0.1, 0.2, -65, 2, 80},
	} {
		hand := byHand{size: 40, steps: 10 * k.ms, every: 10, start: []float64{-65, -13}}
		hand.step = func(i int, y []float64) bool {
			v, u := y[0], y[1]
			// v has the coefficient 5 (its square is frozen), u has -a.
			y[0] = v + math.Expm1(5*dt)/5*(0.04*v*v+5*v+140-u+4+float64(i)/4)
			y[1] = u + math.Expm1(-k.a*dt)/-k.a*k.a*(k.b*v-u)
			if y[0] < 30 {
				return false
			}
			y[0], y[1] = k.c, y[1]+k.d
			return true
		}
		want, v := hand.run()
		moved := hand
		moved.start = []float64{-65 + 1e-5, -13}
		if spikes, _ := moved.run(); !slices.Equal(spikes, want) {
			t.Errorf("%s: a start moved by 1e-5 mV shows: these %d ms are no test", k.name, k.ms)
		}
		f := parse(t, izhikevichText, fmt.Sprint("cells.a=", k.a), fmt.Sprint("cells.b=", k.b),
			fmt.Sprint("cells.c=", k.c), fmt.Sprint("cells.d=", k.d), fmt.Sprint("run.duration=", k.ms))
		double, single := both(e, func(d network.Device) (x tally) {
			r := run(t, compile(t, f, d, 1), f.Run.Duration)
			x.add(r.Instances[0].Spikes[0], want)
			x.voltage(r.Instances[0].Traces[0].Data, v)
			x.cc = math.NaN()
			return x
		})
		s.compared(fmt.Sprintf("%s, %d ms", k.name, k.ms), double, single)
	}
	return s
}

// problems have known solutions: x and y turn on a circle, g is exp(sin t), l
// the logistic curve.
const problems = `gpusim: 1
dt: %g
method: %s
models:
  turn: {kind: neuron, state: {x: 1, y: 0}, equations: "dx/dt = -y; dy/dt = x"}
  grow: {kind: neuron, state: {g: 1}, equations: "dg/dt = g*cos(t)"}
  logistic: {kind: neuron, state: {l: 0.25}, equations: "dl/dt = l*(1 - l)"}
populations:
  a: {model: turn, size: 1}
  b: {model: grow, size: 1}
  c: {model: logistic, size: 1}
run: {duration: 2}
`

// orders: what halving the step makes of the error.
func orders(t *testing.T, e engines) section {
	s := section{title: "Methods, order of convergence", text: `
log2 of what the error at t = 2 becomes smaller by when the step is halved, from 0.02 to 0.01, for problems with a
known solution: a turn (dx/dt = -y, dy/dt = x; two variables that drive each other), growth (dg/dt = g cos(t);
an equation that reads t) and the logistic equation (dl/dt = l (1 - l)). In float64: the rounding of float32 hides it.`}
	const end = 2.0
	exact := map[string]float64{
		"a.x": math.Cos(end), "a.y": math.Sin(end), "b.g": math.Exp(math.Sin(end)), "c.l": 1 / (1 + 3*math.Exp(-end)),
	}
	for _, m := range []struct {
		method string
		order  float64
	}{{"euler", 1}, {"exponential_euler", 1}, {"rk2", 2}, {"heun", 2}, {"midpoint", 2}, {"rk3", 3}, {"rk4", 4}, {"rk4_alternative", 4}} {
		var errs [2]map[string]float64
		for k, dt := range []float64{0.02, 0.01} {
			n := compile(t, parse(t, fmt.Sprintf(problems, dt, m.method)), e.double, 1)
			run(t, n, end)
			errs[k] = map[string]float64{}
			for name, want := range exact {
				x, err := n.Get(name)
				ok(t, err)
				errs[k][name] = x[0] - want
			}
		}
		for _, p := range []struct {
			name      string
			variables []string
		}{{"turn", []string{"a.x", "a.y"}}, {"growth", []string{"b.g"}}, {"logistic", []string{"c.l"}}} {
			var sum [2]float64
			for k := range sum {
				for _, v := range p.variables {
					sum[k] = math.Hypot(sum[k], errs[k][v])
				}
			}
			s.add(m.method+", "+p.name, figure{math.Log2(sum[0] / sum[1]), within(m.order, 0.12)}, none)
		}
	}
	return s
}

// enginesApart: the examples, device against float64 engine.
func enginesApart(t *testing.T, e engines) section {
	s := section{title: "The examples, in float32 against float64", text: `
What gpusim compare finds for each example: windows of 10 ms that both engines begin from the device's own
state. A median difference is that of one variable over its elements and the steps of a window, as a share of the
limit, 1e-4 of its range.`}
	files, err := filepath.Glob(filepath.Join("..", "..", "examples", "*.yaml"))
	ok(t, err)
	if len(files) == 0 {
		t.Error("no examples")
	}
	for _, file := range files {
		name := filepath.Base(file)
		r, err := compare.Run(context.Background(), parse(t, example(t, name), "run.duration=200"), e.single, e.double, compare.Options{})
		ok(t, err)
		if r.Status != compare.Within {
			t.Errorf("%s: %s, %q", name, r.Status, r.Reasons)
		}
		share, alone, spikes, near := 0.0, 0, 0, 0
		for _, v := range r.Variables {
			share = max(share, v.WindowMedian/v.Limit)
		}
		for _, p := range r.Populations {
			alone += len(p.Alone)
			spikes += p.SpikesFloat64
			near += p.WithinOneStep
		}
		s.add(name+": largest median difference of a window, share of its limit", none, figure{share, atMost(1)})
		s.add(name+": spikes without a partner within one step", none, figure{float64(alone), equal(0)})
		s.add(name+": share of near spikes", none, figure{float64(near) / float64(spikes), atLeast(0.95)})
	}
	return s
}
