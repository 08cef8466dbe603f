package launch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gpusim/examples"
	"gpusim/gpu"
	"gpusim/gpu/glctx"
	"gpusim/model"
	"gpusim/network"
	"gpusim/tests/gamma/command"
	"gpusim/tests/outcome"
)

func TestMain(m *testing.M) { os.Exit(command.Main(m)) }

// parse reads examples/gamma.yaml for a run of a tenth of a second, with values
// set, NAME=VALUE, and the sweep of the file or another one, "sweep:NAME=SPEC".
func parse(t *testing.T, set ...string) *model.File {
	t.Helper()
	return parseText(t, examples.Gamma, set...)
}

func parseText(t *testing.T, text string, set ...string) *model.File {
	t.Helper()
	var o model.LoadOptions
	for _, s := range append([]string{"run.duration=100"}, set...) {
		to := &o.Set
		if rest, ok := strings.CutPrefix(s, "sweep:"); ok {
			s, to = rest, &o.Params
		}
		name, value, _ := strings.Cut(s, "=")
		*to = append(*to, model.Override{Name: name, Value: value})
	}
	f, _, err := model.Parse("gamma.yaml", []byte(text), t.TempDir(), o)
	ok(t, err)
	return f
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open opens the device; where there is none, the test fails.
func open(t *testing.T, o gpu.Options) *gpu.Device {
	t.Helper()
	d, err := gpu.Open(o)
	ok(t, err)
	t.Cleanup(func() { ok(t, d.Close()) })
	return d
}

// plain is what fixes the plan: one candidate, and slices of which a run of
// 100 ms, 2,500 steps, needs five.
func plain() gpu.Options { return gpu.Options{Invocations: 8, Slice: 512} }

const slices100 = 5

// alone compiles and runs a file's network.
func alone(t *testing.T, f *model.File, d *gpu.Device) outcome.Outcome {
	t.Helper()
	n, err := network.Compile(f, d, nil)
	ok(t, err)
	defer func() { ok(t, n.Close()) }()
	r, err := n.Run(context.Background(), f.Run.Duration)
	ok(t, err)
	return outcome.Of(t, f, r, n, 0)
}

// same fails unless two outcomes are equal bit for bit, and there are spikes.
func same(t *testing.T, what string, got, want outcome.Outcome) {
	t.Helper()
	got.Same(t, what, want)
	if want.NumSpikes() == 0 {
		t.Errorf("%s: no neuron spikes: nothing was compared", what)
	}
}

// gMax are the values of the sweep in examples/gamma.yaml.
func gMax(t *testing.T) []float64 {
	t.Helper()
	names, points := network.SweepPoints(parse(t).Sweep)
	if len(names) != 1 || names[0] != "gaba.g_max" || len(points) != 11 {
		t.Fatalf("examples/gamma.yaml sweeps %v over %d points", names, len(points))
	}
	var list []float64
	for _, p := range points {
		list = append(list, p[0])
	}
	return list
}

// limited is a device with no more than OpenGL 4.3 promises.
func limited(o gpu.Options) gpu.Options {
	l := glctx.MinimumLimits()
	o.Context.Limits = &l
	return o
}

func number(x float64) string { return fmt.Sprintf("%.17g", x) }

// example is the network file of the gamma oscillation.
func example() string { return filepath.Join(command.Root(), "examples", "gamma.yaml") }
