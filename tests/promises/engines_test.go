package promises

import (
	"context"
	"fmt"
	"testing"

	"gpusim/compare"
)

// TestComparedWithFloat64 is promise 4: every network runs on the float64
// engine too, and what compare finds, window by window from the device's own
// state and over the free run, is within its limits. Forms of
// kernel, invocations and pieces take turns over the networks. It looks at one
// instance: the others have its bits (TestSameBits).
func TestComparedWithFloat64(t *testing.T) {
	for i, n := range networks() {
		for j, form := range forms {
			if form == "fused" && n.steppedOnly {
				continue
			}
			w, p := turn(invocations, i+j), turn(pieces, i/3+j)
			t.Run(fmt.Sprintf("%s/%s/%d/%d", n.name, form, w, p), func(t *testing.T) {
				r, err := compare.Run(context.Background(), n.file(t), gpuDevice(t, form, w), cpuDevice(), compare.Options{Pieces: p})
				if err != nil {
					t.Fatal(err)
				}
				if r.Status != compare.Within {
					t.Errorf("%s: %q", r.Status, r.Reasons)
				}
				if len(r.Variables) == 0 || r.Windows == 0 {
					t.Errorf("nothing was compared: %+v", r)
				}
			})
		}
	}
}
