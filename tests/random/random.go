// Package random makes network files of random models: equations, quantities,
// synapses, resets, events, delays and draws that nobody would write, for tests that
// hold of any model. The same seed gives the same file.
//
// What is computed stays of the order of 1 and is continuous, so that two engines
// that compute it to the digits of float32 agree to about as many: equations pull a
// state towards a bounded target, quotients are by what is not near 0, and where a
// condition chooses, both sides meet.
package random

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// File is a network file of so many small networks side by side, each of one or two
// populations of 1 to 20 neurons of models of their own, with synapses among them.
func File(seed uint64, networks int) string {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
	for k := range networks {
		g.network(k)
	}
	return fmt.Sprintf("gpusim: 1\nname: random %d\ndt: 0.1\nmethod: %s\nconstants: {shared: %s}\nmodels:\n%spopulations:\n%sprojections:\n%sinputs:\n%srun: {duration: 20, seed: %d}\ncompare: {free_run: false}\n",
		seed, g.pick("exponential_euler", "exponential_euler", "euler", "heun", "rk4"), g.number(), g.models.String(), g.populations.String(), g.projections.String(), g.inputs.String(), 1+seed%1000)
}

type generator struct {
	*rand.Rand
	models, populations, projections, inputs strings.Builder
}

func (g *generator) pick(list ...string) string { return list[g.IntN(len(list))] }

// number writes a number from 0.2 to 2.
func (g *generator) number() string { return fmt.Sprintf("%.3g", 0.2+1.8*g.Float64()) }

// expr writes an expression of the names, of the order of 1.
func (g *generator) expr(depth int, names []string) string {
	if depth == 0 || g.IntN(6) == 0 {
		if g.IntN(3) == 0 {
			return g.pick("", "-") + g.number()
		}
		return g.pick(names...)
	}
	x := func() string { return "(" + g.expr(depth-1, names) + ")" }
	switch g.IntN(16) {
	case 0:
		return x() + " + " + x()
	case 1:
		return x() + " - " + x()
	case 2:
		return "0.5*" + x() + "*" + x()
	case 3:
		return x() + "/(1.2 + abs" + x() + ")"
	case 4:
		return "tanh" + x()
	case 5:
		return g.pick("sin", "cos") + x()
	case 6:
		return "exp(-abs" + x() + ")"
	case 7:
		return "log(1 + " + x() + "**2)"
	case 8:
		return "sqrt(1 + " + x() + "**2)"
	case 9:
		return g.pick("min", "max") + "(" + g.expr(depth-1, names) + ", " + g.expr(depth-1, names) + ")"
	case 10:
		return "clip(" + g.expr(depth-1, names) + ", -" + g.number() + ", " + g.number() + ")"
	case 11: // both sides are 0 where the condition turns
		d := "(" + g.expr(depth-1, names) + " - " + g.number() + ")"
		return "(" + g.number() + "*" + d + " if " + d + " > 0 else " + g.number() + "*" + d + ")"
	case 12:
		return "exprel(clip(" + g.expr(depth-1, names) + ", -2, 2))"
	case 13: // 0/0 at a place that a state can come to
		u := "(" + g.pick(names...) + " - " + g.number() + ")/" + g.number()
		return g.number() + "*(" + u + ")/(exp(" + u + ") - 1)*exp(-abs(" + u + "))"
	case 14:
		return "-" + x()
	}
	return "1/(1 + exp(-" + x() + "))"
}

// bounded writes an expression within -1.5 and 1.5.
func (g *generator) bounded(names []string) string {
	return "1.5*tanh(" + g.expr(3, names) + ")"
}

// neuron writes a model of a neuron; it has states V and maybe w, and an input I.
func (g *generator) neuron(name string) (fires bool) {
	w := &g.models
	fmt.Fprintf(w, "  %s:\n    kind: neuron\n    parameters: {a: %s, b: %s, tau: %.3g, up: %.3g}\n", name, g.number(), g.number(), 3+20*g.Float64(), 0.2+0.6*g.Float64())
	states, names := "V: 0.1", []string{"V", "a", "b", "shared"}
	second := g.IntN(2) == 0
	if second {
		states, names = "V: 0.1, w: "+g.number(), append(names, "w")
	}
	fmt.Fprintf(w, "    state: {%s}\n    input: I\n    equations: |\n", states)
	for k := range g.IntN(4) {
		fmt.Fprintf(w, "      q%d = %s\n", k, g.expr(3, names))
		names = append(names, fmt.Sprintf("q%d", k))
	}
	held := ""
	fires = g.IntN(3) > 0
	refractory := fires && g.IntN(2) == 0
	if refractory && g.IntN(2) == 0 {
		held = " (unless refractory)"
	}
	fmt.Fprintf(w, "      dV/dt = (%s + clip(I, -3, 3) - V)/tau%s\n", g.bounded(names), held)
	if second {
		fmt.Fprintf(w, "      dw/dt = %s\n", g.pick("("+g.bounded(names)+" - w)/20", "0.1*(V - w)", "-w/(5 + abs(V)) + 0.01*V"))
	}
	if !fires {
		return false
	}
	fmt.Fprintf(w, "    spike: V %s up%s\n", g.pick(">", ">="), g.pick("", " + 0.1*b", " and b > 0"))
	if reset := g.pick("", "V = -0.2", "V = -a", "V -= 1.5"); reset != "" {
		if second && g.IntN(2) == 0 {
			reset += "; w = 0.9*w + 0.1*b"
		}
		fmt.Fprintf(w, "    reset: %s\n", reset)
	}
	if refractory {
		fmt.Fprintf(w, "    refractory: %s\n", g.pick("1.5", "tau/10", "0.3 + a"))
	}
	return true
}

// synapse writes a model of a synapse; events need a presynaptic neuron that fires.
func (g *generator) synapse(name string, events bool) {
	w := &g.models
	fmt.Fprintf(w, "  %s:\n    kind: synapse\n    parameters: {g: %s, tau: %.3g, E: %s}\n", name, g.number(), 2+8*g.Float64(), g.number())
	names := []string{"s", "g", "E", "pre.V"}
	switch kind := g.IntN(4); {
	case kind == 0: // without a state
		fmt.Fprintf(w, "    output: post.I += %s\n", g.pick("0.1*g*(pre.V - post.V)", "0.2*g*tanh(pre.V - E)", "0.2*g*"+g.bounded([]string{"pre.V", "E", "post.V"})))
	case kind == 1 && events:
		fmt.Fprintf(w, "    state: {s: 0}\n    equations: ds/dt = -s/tau\n    on_pre: %s\n    output: post.I += 0.2*g*s*(E - post.V)\n",
			g.pick("s += 0.5", "s = 0.9*s + 0.3*g", "s = min(s + 1, 2)"))
	case kind == 2 && events:
		fmt.Fprintf(w, "    on_pre: post.I += %s\n", g.pick("g", "0.5*g*(E - post.V)", "-0.3*g"))
	default:
		fmt.Fprintf(w, "    state: {s: 0.1}\n    equations: |\n      r = %s\n      ds/dt = (%s - s)/tau\n    output: post.I %s 0.2*g*s%s\n",
			g.expr(2, names), g.bounded(append(names, "r")), g.pick("+=", "-="), g.pick("", "*(E - post.V)", "*tanh(post.V)", " + 0.1*g*pre.V"))
	}
}

// network writes network number k.
func (g *generator) network(k int) {
	var names []string // of populations and of groups of them
	var sizes []int
	var fires []bool
	for j := range 1 + g.IntN(2) {
		name := fmt.Sprintf("p%d_%d", k, j)
		size := 1 + g.IntN(20)
		fired, group, cut := g.neuron("n"+name), "", g.IntN(size)
		if cut > 0 {
			group = fmt.Sprintf(", groups: {upper: [%d, %d]}", cut, size)
			names, sizes, fires = append(names, name+".upper"), append(sizes, size-cut), append(fires, fired)
		}
		fmt.Fprintf(&g.populations, "  %s: {model: n%s, size: %d%s, init: {V: %s}, parameters: {b: %s}}\n", name, name, size, group,
			g.pick("0.1*i/N", `"uniform(-1, 1)"`, `"normal(0, 0.4)"`, "a - b"), g.pick("0.7", `"uniform(0.3, 1.5)"`, "0.4 + i/N", "shared"))
		fmt.Fprintf(&g.inputs, "  - {to: %s.I, value: %s%s}\n", name, g.pick(g.number(), "0.5 + 0.5*sin(t/3 + i)", "a", "i/N"), g.pick("", "", ", from: 3, until: 12", ", op: subtract"))
		names, sizes, fires = append(names, name), append(sizes, size), append(fires, fired)
	}
	for j := range 1 + g.IntN(2) {
		from, to := g.IntN(len(names)), g.IntN(len(names))
		name := fmt.Sprintf("j%d_%d", k, j)
		g.synapse("s"+name, fires[from])
		connect := g.pick("all_to_all: {}", "all_to_all: {self: false}", "fixed_probability: {p: 0.4}", fmt.Sprintf("pairs: [[%d, %d], [0, %d]]", g.IntN(sizes[from]), g.IntN(sizes[to]), g.IntN(sizes[to])))
		if sizes[from] == sizes[to] && g.IntN(2) == 0 {
			connect = "one_to_one: {}"
		}
		fmt.Fprintf(&g.projections, "  %s: {model: s%s, from: %s, to: %s, connect: {%s}, parameters: {g: %s}%s}\n", name, name, names[from], names[to], connect,
			g.pick("1/(1 + N_pre)", "0.3", `"uniform(0, 1)"`, "0.1 + 0.5*i/N_pre"), g.pick("", "", ", delay: 0.7", ", delay: 2"))
	}
}
