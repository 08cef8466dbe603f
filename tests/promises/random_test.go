package promises

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// randomSeeds are fixed: the networks are the same in every run, and their
// kernels those that the driver has compiled before.
var randomSeeds = []uint64{1, 2, 3, 4, 5, 6}

func randomNetworks() (list []testNet) {
	for _, seed := range randomSeeds {
		list = append(list, testNet{
			name: fmt.Sprintf("random %d", seed), text: randomText(seed),
			knob: "inputs.0.value", values: func(k int) float64 { return 16 + 0.125*float64(k) },
			silent: true, random: true,
		})
	}
	return list
}

// The models that random networks are made of. All neurons have a state V, an
// input I, and fire at some input of the order of 20.
const randomModels = `  lif:
    kind: neuron
    parameters: {tau: 10, rest: -65, up: -50, ref: 1.5}
    state: {V: -65}
    input: I
    equations: dV/dt = (rest - V + I)/tau (unless refractory)
    spike: V >= up
    reset: V = rest
    refractory: ref
  adaptive:
    kind: neuron
    parameters: {tau: 12, tw: 60, b: 1.5, up: -52}
    state: {V: -65, w: 0}
    input: I
    equations: |
      dV/dt = (-65 - V - w + I)/tau
      dw/dt = -w/tw
    spike: V > up
    reset: V = -66; w += b
  quadratic:
    kind: neuron
    parameters: {a: 0.02, b: 0.2, d: 4}
    state: {V: -65, u: -13}
    input: I
    equations: |
      dV/dt = 0.04*V**2 + 5*V + 140 - u + 0.6*I
      du/dt = a*(b*V - u)
    spike: V >= 30
    reset: V = -65; u += d
  slow:
    kind: neuron
    parameters: {tau: 12.5}
    state: {V: -1.2, w: -0.6}
    input: I
    equations: |
      dV/dt = V - V**3/3 - w + I/25
      dw/dt = (V + 0.7 - 0.8*w)/tau
    spike: V > 1
  decay:
    kind: synapse
    parameters: {tau: 3, w: 1}
    state: {s: 0}
    equations: ds/dt = -s/tau
    on_pre: s += 1
    output: post.I += w*s
  rise:
    kind: synapse
    parameters: {w: 1}
    state: {x: 0, s: 0}
    equations: |
      dx/dt = -x/2
      ds/dt = x*(1 - s) - s/5
    on_pre: x += 0.5
    output: post.I += w*s
  jump:
    kind: synapse
    parameters: {w: 1}
    on_pre: post.I += 5*w
  graded:
    kind: synapse
    parameters: {w: 1}
    state: {s: 0}
    equations: ds/dt = 1/(1 + exp(-(pre.V + 40)/4))*(1 - s) - s/4
    output: post.I += 0.1*w*s*(10 - post.V/10)
  gap:
    kind: synapse
    parameters: {w: 1}
    output: post.I += 0.02*w*(pre.V - post.V)
`

// randomText makes a network file of a seed: populations, groups, projections
// of any kind of connection with and without delays, inputs of any kind,
// records in all their forms.
func randomText(seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 0))
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	chance := func(p float64) bool { return r.Float64() < p }
	var b strings.Builder
	fmt.Fprintf(&b, "gpusim: 1\nname: random %d\ndt: 0.1\nmethod: %s\nmodels:\n%spopulations:\n",
		seed, pick("exponential_euler", "euler", "rk2", "heun", "midpoint", "rk4"), randomModels)

	type population struct {
		name, model string
		size        int
		groups      []string // with the whole population
		sizes       []int
	}
	var pops []population
	for k := range 2 + r.IntN(2) {
		p := population{name: fmt.Sprintf("P%d", k), model: pick("lif", "adaptive", "quadratic", "slow"), size: []int{1, 7, 16, 23, 35}[r.IntN(5)]}
		p.groups, p.sizes = []string{p.name}, []int{p.size}
		options := ""
		if p.size > 2 && chance(0.5) {
			cut := 1 + r.IntN(p.size-1)
			options = fmt.Sprintf(", groups: {left: [0, %d], right: [%d, %d]}", cut, cut, p.size)
			p.groups = append(p.groups, p.name+".left", p.name+".right")
			p.sizes = append(p.sizes, cut, p.size-cut)
		}
		switch {
		case p.model == "slow":
			options += `, init: {V: "uniform(-1.3, 1)"}`
		case chance(0.7):
			options += `, init: {V: "uniform(-66, -53)"}`
		default:
			options += ", init: {V: -65 + i/4}"
		}
		if p.model == "lif" && chance(0.6) {
			options += pick(", parameters: {ref: 1 + 0.05*i}", `, parameters: {tau: "uniform(8, 14)"}`, ", parameters: {up: -51}")
		}
		record := pick("spikes, V", "spikes, {V: {every: 7}}", fmt.Sprintf("spikes, {V: {every: 3, of: [0, %d]}}", p.size-1), "spikes, {V: {mean: true}}", "spikes, I")
		fmt.Fprintf(&b, "  %s: {model: %s, size: %d%s, record: [%s]}\n", p.name, p.model, p.size, options, record)
		pops = append(pops, p)
	}

	b.WriteString("projections:\n")
	for k := range 2 + r.IntN(3) {
		from, to := pops[r.IntN(len(pops))], pops[r.IntN(len(pops))]
		f, g := r.IntN(len(from.groups)), r.IntN(len(to.groups))
		nf, ng := from.sizes[f], to.sizes[g]
		connect := pick("all_to_all: {}", "all_to_all: {self: false}", "fixed_probability: {p: 0.3}",
			fmt.Sprintf("fixed_probability: {p: 0.15, seed: %d}", r.IntN(100)), "pairs", "one")
		if connect == "one" {
			if connect = "all_to_all: {}"; nf == ng {
				connect = "one_to_one: {}"
			}
		}
		if connect == "pairs" {
			var pairs []string
			for range 1 + r.IntN(30) {
				pairs = append(pairs, fmt.Sprintf("[%d, %d]", r.IntN(nf), r.IntN(ng)))
			}
			connect = "pairs: [" + strings.Join(pairs, ", ") + "]"
		}
		weight := pick("w: 1", "w: 8/(1 + N_pre)", `w: "uniform(-1, 2)"`, "w: -0.7", "w: 1 + i/N_pre", "w: 0.5 - j/N_post")
		delay := ""
		if chance(0.6) {
			delay = fmt.Sprintf(", delay: %.1f", 0.1*float64(1+r.IntN(30)))
		}
		fmt.Fprintf(&b, "  J%d: {model: %s, from: %s, to: %s, connect: {%s}, parameters: {%s}%s}\n",
			k, pick("decay", "rise", "jump", "graded", "gap"), from.groups[f], to.groups[g], connect, weight, delay)
	}

	b.WriteString("inputs:\n")
	for k, p := range pops {
		fmt.Fprintf(&b, "  - {to: %s.I, value: %d}\n", p.name, 16+3*k)
	}
	for range r.IntN(3) {
		p := pops[r.IntN(len(pops))]
		fmt.Fprintf(&b, "  - {to: %s.I, value: %s%s}\n", p.groups[r.IntN(len(p.groups))],
			pick("3*sin(t/5)", "i/10", "2", "0.9 + 0.1*cos(t + i)"),
			pick("", ", from: 4", ", until: 11", ", from: 3.3, until: 15", ", op: multiply, from: 6", ", op: subtract"))
	}
	fmt.Fprintf(&b, "run: {duration: %d, seed: %d}\n", 18+r.IntN(8), seed)
	fmt.Fprintf(&b, "measure: [{rate: {of: P0}}]\n")
	return b.String()
}
