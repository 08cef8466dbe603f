package promises

import (
	"fmt"
	"strings"
	"testing"

	"gpusim/gpu"
)

// TestRaces: the device's kernels order their invocations. Watched for races
// (shaders.Checked), which a software renderer hides, they have none, and leave
// what they leave without. Compiling them takes long: each random network has
// one number of invocations, in turn. (The gamma network is watched in
// tests/engines.)
func TestRaces(t *testing.T) {
	for k, n := range networks() {
		if strings.HasPrefix(n.name, "gamma") {
			continue
		}
		widths := []int{8, 128} // sums are printed in one way for 8, in another for more
		if n.random {
			widths = []int{invocations[k%len(invocations)]}
		}
		t.Run(n.name, func(t *testing.T) {
			t.Parallel()
			values := []float64{n.values(0), n.values(3)} // two workgroups side by side
			want := runAll(t, n, gpuDevice(t, gpu.FormStepped, 32), values, 1)
			watched := func(form string, w int) {
				o := options(form, w)
				o.CheckRaces = true
				dev, err := gpu.Open(o)
				if err != nil {
					t.Fatal(err)
				}
				defer dev.Close()
				for k, got := range runAll(t, n, dev, values, 2) {
					got.Same(t, fmt.Sprintf("%s, %d invocations, instance %d", form, w, k), want[k])
				}
			}
			watched(gpu.FormStepped, 32)
			if !n.steppedOnly {
				for _, w := range widths {
					watched(gpu.FormFused, w)
				}
			}
		})
	}
}
