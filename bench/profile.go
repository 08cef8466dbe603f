package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"gpusim/examples"
	"gpusim/gpu"
	"gpusim/network"
)

// variant is the gamma network with something taken out of its text. Its
// numbers mean nothing: only what its kernel takes does.
type variant struct {
	name    string
	replace []string // pairs: old, new
}

// The parts of the model that variants lack. An exponential is replaced by its
// argument, so that what surrounds it stays.
var (
	noPlainExps = []string{
		"0.07*exp(-(V + 58)/20)", "0.07*(-(V + 58)/20)",
		"(exp(-0.1*(V + 28)) + 1)", "((-0.1*(V + 28)) + 1)",
		"0.125*exp(-(V + 44)/80)", "0.125*(-(V + 44)/80)",
		"4*exp(-(V + 60)/18)", "4*(-(V + 60)/18)",
		"(1 + exp(-(pre.V - V_th)/2))", "(1 + (-(pre.V - V_th)/2))",
	}
	noQuotients = []string{
		"-0.01*(V + 34)/(exp(-0.1*(V + 34)) - 1)", "-0.01*(V + 34)/(-0.1*(V + 34) - 2)",
		"-0.1*(V + 35)/(exp(-0.1*(V + 35)) - 1)", "-0.1*(V + 35)/(-0.1*(V + 35) - 2)",
	}
	euler = []string{"method: exponential_euler", "method: euler"}
	// Without synapses the measure and the sweep stay; what they name goes.
	noSynapses = []string{
		"projections:\n", "", "  gaba:\n", "", "    model: gaba_a\n", "", "    from: interneurons\n", "",
		"    to: interneurons\n", "", "    connect: {all_to_all: {self: false}}\n", "", "    parameters: {g_max: 0.1/N_pre}\n", "",
		"sweep:\n  gaba.g_max: {from: 0.0005, to: 0.0015, points: 11}", "",
	}
	// The initial values would not be finite.
	plainStart = []string{"h: alpha_h/(alpha_h + beta_h), n: alpha_n/(alpha_n + beta_n)", "h: 0.5, n: 0.5"}
)

func join(parts ...[]string) (out []string) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

var variants = []variant{
	{"the model as it is", nil},
	{"euler: without 4 (exp(z) - 1)/z of the method", join(euler, plainStart)},
	{"without 5 exp", join(noPlainExps, plainStart)},
	{"without 2 x/(exp(x) - 1)", join(noQuotients, plainStart)},
	{"without any of these 11 exponentials", join(euler, noPlainExps, noQuotients, plainStart)},
	{"without synapses (1 exp, 1 of the method, sums)", noSynapses},
}

// profile prints what the kernel of variants of the model takes, and of sizes:
// a step costs something for each row of neurons, and something for itself.
// All have the number of invocations that the plan has chosen. The least of the
// rounds is printed, not the median: other work on the machine adds more to it
// than what most parts cost.
func profile(ctx context.Context, w io.Writer, m *machine, chosen int, o options) error {
	const steps = 12500
	d := &tap{Device: gpu.New(m.gpu.Context(), gpu.Options{Invocations: chosen})}
	var programs []*program
	add := func(name, text string, size int) (*network.Network, error) {
		f, err := load(text, size)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		n, err := compile(f, d, 1, false)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		programs = append(programs, runEngine(name, d.engine, steps))
		return n, nil
	}
	for _, v := range variants {
		text, err := v.text()
		if err != nil {
			return err
		}
		n, err := add(v.name, text, 100)
		if err != nil {
			return err
		}
		defer n.Close()
	}
	sizes := []int{8, 16, 40, 104, 200, 400}
	for _, size := range sizes {
		n, err := add(fmt.Sprintf("%d neurons", size), examples.Gamma, size)
		if err != nil {
			return err
		}
		defer n.Close()
	}
	if err := measure(ctx, programs, o.rounds); err != nil {
		return err
	}

	fmt.Fprintf(w, "\nwhat the parts of the kernel cost: 100 neurons, %d steps, %d invocations\n", steps, chosen)
	t := newTable(w, "variant", "min ms", "us/step", "ns/neuron-step", "less by ns", "first run ms")
	perStep := func(p *program) float64 { return slices.Min(p.seconds) / steps }
	ns := func(seconds float64) string { return fmt.Sprintf("%.2f", seconds*1e9) }
	full := programs[0]
	for _, p := range programs[:len(variants)] {
		t.row(p.name, ms(slices.Min(p.seconds)), us(perStep(p)), ns(perStep(p)/100), ns((perStep(full)-perStep(p))/100), ms(p.first))
	}
	t.flush()

	fmt.Fprintf(w, "\nwhat a step costs by size, and what the driver's compiler does (it waits for the first run)\n")
	t = newTable(w, "size", "min ms", "us/step", "ns/neuron-step", "first run ms")
	for i, p := range programs[len(variants):] {
		t.row(p.name, ms(slices.Min(p.seconds)), us(perStep(p)), ns(perStep(p)/float64(sizes[i])), ms(p.first))
	}
	t.flush()
	return nil
}

// text is the gamma network with the replacements done, each exactly once.
func (v *variant) text() (string, error) {
	text := examples.Gamma
	for i := 0; i < len(v.replace); i += 2 {
		if n := strings.Count(text, v.replace[i]); n != 1 {
			return "", fmt.Errorf("%s: examples/gamma.yaml has %q %d times", v.name, v.replace[i], n)
		}
		text = strings.Replace(text, v.replace[i], v.replace[i+1], 1)
	}
	return text, nil
}
