package engines

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"

	"gpusim/cpuref"
	"gpusim/cpuref/handgamma"
	"gpusim/cpuref/handlif"
	"gpusim/examples"
	"gpusim/model"
)

// A lifCase is a random network of integrate-and-fire neurons twice: as a
// network file with its arrays, and written by hand.
type lifCase struct {
	text   string
	arrays map[string][]float64
	hand   *handlif.Network
	steps  int
	// The projections with a state, and whether theirs is one a synapse.
	currents map[string]*handlif.Synapses
}

const lifModels = `gpusim: 1
dt: %v
models:
  lif:
    kind: neuron
    parameters: {V_rest: -52, V_reset: -60, V_th: -50, R: %v, tau: %v, t_ref: %v}
    state: {V: -60}
    input: inp
    equations: dV/dt = (-(V - V_rest) + R*inp)/tau (unless refractory)
    spike: V >= V_th
    reset: V = V_reset
    refractory: t_ref
  current:
    kind: synapse
    parameters: {tau: 2, w: 1}
    state: {s: 0}
    equations: ds/dt = -s/tau
    on_pre: s += 1
    output: post.inp += w*s
  delta:
    kind: synapse
    parameters: {w: 1}
    on_pre: post.V += w
populations:
  cells: {model: lif, size: %d, groups: {A: [0, %d], B: [%d, %d]}, init: {V: file(v.npy)}, record: [spikes]}
`

// newLIF makes a network of a few dozen neurons in two groups that overlap,
// with one to four projections between them: delta synapses and currents, pairs
// in any order and repeated, all to all and one to one, weights that are shared
// and set for each synapse, delays of 0 to 15 steps.
func newLIF(seed uint64) *lifCase {
	r := rand.New(rand.NewPCG(seed, 3))
	pick := func(xs ...float64) float64 { return xs[r.IntN(len(xs))] }
	between := func(lo, hi float64) float64 { return lo + (hi-lo)*r.Float64() }

	n := 2 + r.IntN(60)
	if r.IntN(5) == 0 {
		n += 250 // more than a block of the float64 engine
	}
	stop, start := 1+r.IntN(n), r.IntN(n) // groups A and B
	v, input := make([]float64, n), make([]float64, n)
	for i := range v {
		v[i], input[i] = between(-60, -50), between(1.5, 5)
	}
	c := &lifCase{arrays: map[string][]float64{"v": v, "input": input}, hand: handlif.New(v), currents: map[string]*handlif.Synapses{}}
	h := c.hand
	h.Dt, h.R, h.Tau = pick(0.1, 0.05), pick(1, 1.5), pick(10, 5)
	refractory := r.IntN(80) // steps; 0 and 1 alike
	h.Refractory = int64(refractory)
	copy(h.Input, input)
	c.steps = 600

	var text strings.Builder
	fmt.Fprintf(&text, lifModels, h.Dt, h.R, h.Tau, float64(refractory)*h.Dt, n, stop, start, n)
	text.WriteString("projections:\n")
	groups := map[string][2]int{"cells": {0, n}, "cells.A": {0, stop}, "cells.B": {start, n}}
	names := []string{"cells", "cells.A", "cells.B"}
	for k := range 1 + r.IntN(4) {
		from, to := names[r.IntN(3)], names[r.IntN(3)]
		i0, i1, j0, j1 := groups[from][0], groups[from][1], groups[to][0], groups[to][1]
		s := &handlif.Synapses{Kind: handlif.Kind(r.IntN(2)), Tau: pick(2, 5), Delay: 1}
		rule := ""
		add := func(i, j int) { s.Pre, s.Post = append(s.Pre, int32(i)), append(s.Post, int32(j)) }
		switch what := r.IntN(4); {
		case what == 0 && i1-i0 == j1-j0:
			rule = "{one_to_one: {}}"
			for i := range i1 - i0 {
				add(i0+i, j0+i)
			}
		case what <= 1:
			self := r.IntN(2) == 0
			rule = fmt.Sprintf("{all_to_all: {self: %v}}", self)
			for i := i0; i < i1; i++ {
				for j := j0; j < j1; j++ {
					if self || i != j {
						add(i, j)
					}
				}
			}
		default:
			pre, post := fmt.Sprintf("pre%d", k), fmt.Sprintf("post%d", k)
			rule = fmt.Sprintf("{pairs: {pre: file(%s.npy), post: file(%s.npy)}}", pre, post)
			for range 1 + r.IntN(10*n) {
				i, j := i0+r.IntN(i1-i0), j0+r.IntN(j1-j0)
				add(i, j)
				c.arrays[pre] = append(c.arrays[pre], float64(i-i0))
				c.arrays[post] = append(c.arrays[post], float64(j-j0))
			}
		}
		// A neuron gets about this much from all its synapses.
		strength := between(-2, 1.5) / max(1, float64(len(s.Pre))/float64(j1-j0))
		weight := fmt.Sprint(strength)
		for range s.Pre {
			s.Weight = append(s.Weight, strength)
		}
		if r.IntN(2) == 0 && len(s.Pre) > 0 {
			for m := range s.Weight {
				s.Weight[m] *= between(0, 2)
			}
			name := fmt.Sprintf("w%d", k)
			weight, c.arrays[name] = "file("+name+".npy)", s.Weight
		}
		delay := r.IntN(16)
		s.Delay = max(1, delay)
		kind, params := "delta", "w: "+weight
		if s.Kind == handlif.Current {
			kind, params = "current", params+", tau: "+fmt.Sprint(s.Tau)
			c.currents[fmt.Sprintf("p%d", k)] = s
		}
		fmt.Fprintf(&text, "  p%d: {model: %s, from: %s, to: %s, connect: %s, parameters: {%s}, delay: %v}\n",
			k, kind, from, to, rule, params, float64(delay)*h.Dt)
		h.Connect(s)
	}
	fmt.Fprintf(&text, "inputs: [{to: cells.inp, value: {per_neuron: file(input.npy)}}]\nrun: {duration: %v}\n", float64(c.steps)*h.Dt)
	c.text = text.String()
	return c
}

func (c *lifCase) file(t *testing.T) *model.File {
	t.Helper()
	read := func(path string) ([]float64, []int, error) {
		x := c.arrays[strings.TrimSuffix(filepath.Base(path), ".npy")]
		return x, []int{len(x)}, nil
	}
	f, _, err := model.Parse("lif.yaml", []byte(c.text), t.TempDir(), model.LoadOptions{ReadArray: read})
	if err != nil {
		t.Fatalf("%v\n%s", err, c.text)
	}
	return f
}

// TestLIFByHand compares events, delays and groups with a program that shares
// nothing with the compiler and the engines, on random networks: every spike on
// its step, potentials, currents and the states of synapses to rounding.
func TestLIFByHand(t *testing.T) {
	total := 0
	for seed := range uint64(60) {
		c := newLIF(seed)
		f := c.file(t)
		got := run(t, f, cpuref.New(), 1+int(seed%4), nil)
		steps, neurons := c.hand.Run(c.steps)
		total += len(steps)
		spikes := got.result.Instances[0].Spikes[0]
		failed := false
		if !slices.Equal(spikes.Steps, steps) || !slices.Equal(spikes.Neurons, neurons) {
			failed = true
			t.Errorf("seed %d: %d spikes that are not the %d by hand", seed, len(spikes.Steps), len(steps))
		}
		compare := func(name string, want func(k int) float64) {
			x, ok := got.state[name]
			if !ok {
				t.Fatalf("seed %d: there is no %s", seed, name)
			}
			for k := range x {
				if w := want(k); !scalar.EqualWithinAbsOrRel(x[k], w, 1e-9, 1e-9) {
					failed = true
					t.Errorf("seed %d: element %d of %s is %v, by hand %v", seed, k, name, x[k], w)
					return
				}
			}
		}
		compare("cells.V", func(k int) float64 { return c.hand.V[k] })
		compare("cells.inp", func(k int) float64 { return c.hand.Inp[k] })
		for _, p := range f.Projections {
			s := c.currents[p.Name]
			if s == nil {
				continue
			}
			// A state one a presynaptic neuron is that of any of its synapses.
			of := func(k int) float64 { return s.S[k] }
			if len(got.state[p.Name+".s"]) != len(s.S) {
				start, _ := p.From.Span(p.FromGroup)
				of = func(e int) float64 {
					if k := slices.Index(s.Pre, int32(start+e)); k >= 0 {
						return s.S[k]
					}
					return got.state[p.Name+".s"][e] // no synapse has it
				}
			}
			compare(p.Name+".s", of)
		}
		if failed {
			t.Fatal(c.text)
		}
	}
	if total < 10_000 {
		t.Errorf("only %d spikes were compared", total)
	}
}

// TestRungeKuttaByHand compares the methods of Runge and Kutta, in which all
// variables of a neuron move together, with stages written out by hand, for two
// neurons of Hodgkin and Huxley's kind and their synapses: 200 steps, in which
// both spike. The tolerance is that of rounding, 1e-12 of a variable's range.
func TestRungeKuttaByHand(t *testing.T) {
	v := []float64{-64, -53}
	for name, method := range map[string]handgamma.Method{
		"exponential_euler": handgamma.ExponentialEuler, "euler": handgamma.Euler,
		"rk2": handgamma.RK2, "heun": handgamma.Heun, "midpoint": handgamma.Midpoint,
		"rk3": handgamma.RK3, "rk4": handgamma.RK4, "rk4_alternative": handgamma.RK4Alternative,
	} {
		read := func(string) ([]float64, []int, error) { return v, []int{2}, nil }
		o := model.LoadOptions{ReadArray: read, Set: []model.Override{
			{Name: "interneurons.size", Value: "2"}, {Name: "interneurons.V", Value: "file(v.npy)"},
			{Name: "method", Value: name}, {Name: "run.duration", Value: "8"},
			{Name: "gaba.g_max", Value: "0.1"}, {Name: "inputs.0.value", Value: "5"},
		}}
		f, _, err := model.Parse("pair.yaml", []byte(examples.Gamma), t.TempDir(), o)
		if err != nil {
			t.Fatal(err)
		}
		got := run(t, f, cpuref.New(), 3, nil)
		hand := handgamma.New(v, handgamma.Collapsed)
		hand.Method, hand.GMax, hand.Input = method, 0.1, []float64{5}
		steps, neurons := hand.Run(200)
		spikes := got.result.Instances[0].Spikes[0]
		if !slices.Equal(spikes.Steps, steps) || !slices.Equal(spikes.Neurons, neurons) || len(steps) < 2 {
			t.Errorf("%s: spikes of %v at %v, by hand %v at %v", name, spikes.Neurons, spikes.Steps, neurons, steps)
		}
		for _, x := range []struct {
			name  string
			hand  []float64
			scale float64
		}{
			{"interneurons.V", hand.V, 100}, {"interneurons.h", hand.H, 1}, {"interneurons.n", hand.N, 1}, {"gaba.s", hand.S, 1},
		} {
			for i, got := range got.state[x.name] {
				if !scalar.EqualWithinAbs(got, x.hand[i], 1e-12*x.scale) {
					t.Errorf("%s: %s of neuron %d is %v, by hand %v (%.2g)", name, x.name, i, got, x.hand[i], got-x.hand[i])
				}
			}
		}
	}
}
