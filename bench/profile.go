package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"gpusim/examples"
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
func profile(ctx context.Context, w io.Writer, m *machine, o options) error {
	const steps = 12500
	var programs []*program
	add := func(name, text string, size int) error {
		f, err := load(text, size)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		n, err := compile(f, m.gpu, 1)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		programs = append(programs, runEngine(name, m.gpu.engine, steps))
		context.AfterFunc(ctx, func() { n.Close() })
		return nil
	}
	for _, v := range variants {
		text, err := v.text()
		if err != nil {
			return err
		}
		if err := add(v.name, text, 100); err != nil {
			return err
		}
	}
	sizes := []int{8, 16, 40, 104, 200, 400}
	for _, n := range sizes {
		if err := add(fmt.Sprintf("%d neurons", n), examples.Gamma, n); err != nil {
			return err
		}
	}
	if err := measure(ctx, programs, o.rounds); err != nil {
		return err
	}

	fmt.Fprintf(w, "\nwhat the parts of the kernel cost: 100 neurons, %d steps, engine only\n", steps)
	t := newTable(w, "variant", "median ms", "us/step", "ns/neuron-step", "less by ns")
	perStep := func(p *program) float64 { return median(p.seconds) / steps }
	ns := func(seconds float64) string { return fmt.Sprintf("%.2f", seconds*1e9) }
	full := programs[0]
	for _, p := range programs[:len(variants)] {
		t.row(p.name, ms(median(p.seconds)), us(perStep(p)), ns(perStep(p)/100), ns((perStep(full)-perStep(p))/100))
	}
	t.flush()

	fmt.Fprintf(w, "\nwhat a step costs by size\n")
	t = newTable(w, "size", "median ms", "us/step", "ns/neuron-step")
	for i, p := range programs[len(variants):] {
		t.row(p.name, ms(median(p.seconds)), us(perStep(p)), ns(perStep(p)/float64(sizes[i])))
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
