package launch

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"gpusim/examples"
	"gpusim/gpu"
	"gpusim/gpu/glctx"
	"gpusim/network"
	"gpusim/tests/gamma/command"
	"gpusim/tests/meter"
	"gpusim/tests/outcome"
)

// TestMinimum runs the gamma network on a device that has no more than OpenGL
// 4.3 promises, alone and in a batch: the same bits as without limits.
func TestMinimum(t *testing.T) {
	f := parseText(t, measuring())
	free := open(t, gpu.Options{})
	lesser := open(t, limited(gpu.Options{}))
	limits := lesser.Context().Info().Limits
	promised := glctx.MinimumLimits()
	t.Logf("without limits: %+v", free.Context().Info().Limits)
	meter.Want(t, "bytes of a binding", limits.MaxStorageBlockSize, promised.MaxStorageBlockSize)
	meter.Want(t, "storage blocks", limits.MaxComputeStorageBlocks, promised.MaxComputeStorageBlocks)
	meter.Want(t, "shared bytes", limits.MaxSharedBytes, promised.MaxSharedBytes)
	same(t, "one run", alone(t, f, lesser), alone(t, f, free))

	// Enough instances, with V recorded at every step, for one slice not to
	// hold them within 16 MiB.
	const instances = 40
	values := make([]float64, instances)
	for k := range values {
		values[k] = 0.0005 + 0.00002*float64(k)
	}
	var results []*network.Result
	for _, d := range []*gpu.Device{lesser, free} {
		n, err := network.Compile(f, d, &network.Options{Instances: instances})
		ok(t, err)
		ok(t, n.SetInstances("gaba.g_max", values))
		r, err := n.Run(context.Background(), f.Run.Duration)
		ok(t, err)
		results = append(results, r)
		t.Logf("%d dispatches; %s", n.Counters().Dispatches, n.Plan()[0])
		ok(t, n.Close())
	}
	for k := range values {
		same(t, "batch, g_max "+number(values[k]), outcome.Of(t, f, results[0], nil, k), outcome.Of(t, f, results[1], nil, k))
	}
}

// TestRefused: where the fused kernel is asked for, what does not fit it is
// refused before anything runs, with the numbers.
func TestRefused(t *testing.T) {
	d, m := meter.Open(t, gpu.Options{Form: gpu.FormFused, Invocations: 8})
	_, err := network.Compile(parse(t, "interneurons.size=50000"), d, nil)
	if err == nil {
		t.Fatal("50,000 neurons are not refused")
	}
	// 6,250 neurons an invocation, with V, h, n, inp, s and a word of spikes
	// each: 37,500 words, and the stored bits of the spike condition.
	for _, part := range []string{"gamma oscillation does not fit the fused kernel", "8 invocations: ", "at most 16384"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the refusal does not say %q:\n%v", part, err)
		}
	}
	w := m.Mark()
	meter.Want(t, "programs", w.Built(), 0)
	meter.Want(t, "dispatches", w.Calls["glDispatchCompute"], 0)
	meter.Want(t, "buffers held", d.Context().Counters().LiveBuffers, 0)

	// A device with little shared memory, of which a sum takes some.
	lesser := open(t, gpu.Options{Form: gpu.FormFused, Context: glctx.Options{Limits: &glctx.Limits{MaxSharedBytes: 32}}})
	_, err = network.Compile(parse(t, "interneurons.size=1000"), lesser, nil)
	if err == nil || !strings.Contains(err.Error(), "bytes of shared memory needed, the device has 32") {
		t.Errorf("the refusal does not say how much shared memory there is: %v", err)
	}
	// A loop budget that not even one step fits.
	lesser = open(t, gpu.Options{Iterations: 10, Invocations: 8})
	_, err = network.Compile(parse(t), lesser, nil)
	if err == nil || !strings.Contains(err.Error(), "loop iterations, at most 10 a dispatch") {
		t.Errorf("the refusal does not say how many loop iterations there are: %v", err)
	}
}

// TestStepped: what does not fit the fused kernel runs in the stepped form,
// asked for or not, and the plan says why.
func TestStepped(t *testing.T) {
	dir := t.TempDir()
	r := command.Run(t, dir, nil, "run", "--quiet", "--device", "gpu", "--set", "interneurons.size=25000", "--to", "1", "--out", "out", example())
	meter.Want(t, "exit code", r.Code, 0)
	for _, part := range []string{"stepped kernels, ", "not fused, 8 rolled invocations: 18750 words of state an invocation, at most 16384"} {
		if !strings.Contains(r.Stdout, part) {
			t.Errorf("the plan does not say %q:\n%s", part, r.Stdout)
		}
	}
	meter.Want(t, "standard error", r.Stderr, "")

	f := parse(t, "run.duration=20")
	fused := open(t, gpu.Options{Form: gpu.FormFused})
	// With so little shared memory there is no fused kernel.
	lesser := open(t, gpu.Options{Context: glctx.Options{Limits: &glctx.Limits{MaxSharedBytes: 32}}})
	same(t, "stepped and fused", alone(t, f, lesser), alone(t, f, fused))
}

// TestSameKernel: where a file lies and what it is called, whatever characters
// are in that, does not show in the kernel but for its name, so that a driver
// finds a network compiled.
func TestSameKernel(t *testing.T) {
	var texts []string
	for _, name := range []string{"net.yaml", "net.yaml", "n\u00e4t.yaml", "n\nt.yaml"} {
		dir := t.TempDir()
		write(t, dir, name, examples.Gamma)
		r := command.Run(t, dir, nil, "show", "--to", "10", filepath.Join(dir, name))
		meter.Want(t, "exit code", r.Code, 0)
		texts = append(texts, r.Stdout)
		r = command.Run(t, dir, nil, "run", "--quiet", "--device", "gpu", "--to", "1", filepath.Join(dir, name))
		meter.Want(t, "exit code", r.Code, 0)
	}
	if !strings.Contains(texts[0], "// net.yaml:") || texts[0] != texts[1] {
		t.Error("the kernel depends on the folder that the file is in")
	}
	if texts[2] != texts[3] || texts[2] != strings.ReplaceAll(texts[0], "// net.yaml:", "// n_t.yaml:") {
		t.Error("a file's name shows otherwise than as its name")
	}
}
