package promises

import (
	"fmt"
	"testing"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/model"
	"gpusim/network"
	"gpusim/tests/outcome"
)

// The matrix that results must not show.
var (
	forms       = []string{gpu.FormFused, gpu.FormStepped}
	invocations = []int{8, 32, 128}
	instances   = []int{1, 5, 64}
	pieces      = []int{1, 3, 77}
)

func cpuDevice() network.Device { return cpuref.New() }

// gpuDevice opens the device for one form of kernel and number of invocations;
// without OpenGL the test fails.
func gpuDevice(t testing.TB, form string, w int) *gpu.Device {
	t.Helper()
	d, err := gpu.Open(options(form, w))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// options force a form and a number of invocations; slices are short, so that a
// run has several and no piece ends where a slice does.
func options(form string, w int) gpu.Options {
	return gpu.Options{Form: form, Invocations: w, Slice: 96}
}

// compile builds a network with a value of its knob for each instance.
func compile(t testing.TB, n testNet, f *model.File, dev network.Device, values []float64) *network.Network {
	t.Helper()
	net, err := network.Compile(f, dev, &network.Options{Instances: len(values)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := net.Close(); err != nil {
			t.Error(err)
		}
	})
	if len(values) == 1 {
		err = net.Set(n.knob, values[0])
	} else {
		err = net.SetInstances(n.knob, values)
	}
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// collect runs a network whole or in pieces and gives what each instance left.
func collect(t testing.TB, f *model.File, net *network.Network, pieces int) []outcome.Outcome {
	t.Helper()
	r := outcome.Run(t, net, f.Steps(), pieces)
	var list []outcome.Outcome
	for k := range net.Instances() {
		list = append(list, outcome.Of(t, f, r, net, k))
	}
	return list
}

// runAll compiles a network with these values of its knob and runs it.
func runAll(t testing.TB, n testNet, dev network.Device, values []float64, pieces int) []outcome.Outcome {
	t.Helper()
	f := n.file(t)
	net := compile(t, n, f, dev, values)
	defer net.Close()
	return collect(t, f, net, pieces)
}

func (n testNet) list(count int) []float64 {
	values := make([]float64, count)
	for k := range values {
		values[k] = n.values(k)
	}
	return values
}

// alone runs each value of the knob by itself, one after another on one
// network of one instance.
func alone(t testing.TB, n testNet, dev network.Device, count int) []outcome.Outcome {
	t.Helper()
	f := n.file(t)
	net := compile(t, n, f, dev, n.list(1))
	var list []outcome.Outcome
	for k := range count {
		for _, err := range []error{net.Reset(), net.Set(n.knob, n.values(k))} {
			if err != nil {
				t.Fatal(err)
			}
		}
		list = append(list, collect(t, f, net, 1)...)
	}
	if net.Rebuilds() != 0 {
		t.Errorf("%d rebuilds for new values of %s", net.Rebuilds(), n.knob)
	}
	return list
}

// TestSameBits is promise 3. What a network leaves, all of it, is one and the
// same for each of its instances: alone on a network that was compiled for it,
// alone after others and Reset, among 5 or 64; whole or in pieces; and on the
// device with every form of kernel and number of invocations.
func TestSameBits(t *testing.T) {
	most := instances[len(instances)-1]
	for _, n := range networks() {
		t.Run(n.name, func(t *testing.T) {
			t.Run("cpu", func(t *testing.T) {
				n.matrix(t, cpuDevice(), alone(t, n, cpuDevice(), most))
			})
			var want []outcome.Outcome
			for _, form := range forms {
				if form == "fused" && n.steppedOnly {
					continue
				}
				for _, w := range invocations {
					t.Run(fmt.Sprintf("gpu/%s/%d", form, w), func(t *testing.T) {
						dev := gpuDevice(t, form, w)
						if want == nil {
							want = alone(t, n, dev, most)
						}
						n.matrix(t, dev, want)
					})
				}
			}
		})
	}
}

// matrix compares what instances leave, side by side and in pieces, with what
// they leave alone.
func (n testNet) matrix(t *testing.T, dev network.Device, want []outcome.Outcome) {
	for _, k := range []int{0, len(want) - 1} {
		set := n.file(t, fmt.Sprintf("%s=%.17g", n.knob, n.values(k)))
		net, err := network.Compile(set, dev, nil)
		if err != nil {
			t.Fatal(err)
		}
		collect(t, set, net, 1)[0].Same(t, fmt.Sprintf("compiled with the value of instance %d", k), want[k])
		if err := net.Close(); err != nil {
			t.Fatal(err)
		}
	}
	f := n.file(t)
	for _, count := range instances {
		net := compile(t, n, f, dev, n.list(count))
		for _, p := range pieces {
			for k, got := range collect(t, f, net, p) {
				got.Same(t, fmt.Sprintf("instance %d of %d, %d pieces", k, count, p), want[k])
			}
			if t.Failed() {
				return
			}
			if err := net.Reset(); err != nil {
				t.Fatal(err)
			}
		}
		if net.Rebuilds() != 0 {
			t.Errorf("%d rebuilds", net.Rebuilds())
		}
		if err := net.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
