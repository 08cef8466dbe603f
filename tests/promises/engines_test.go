package promises

import (
	"context"
	"testing"

	"gpusim/compare"
)

// TestComparedWithFloat64 is promise 4: every network runs on the float64
// engine too, and what compare finds, window by window from the device's own
// state and over the free run, is within its limits, for every form of kernel.
func TestComparedWithFloat64(t *testing.T) {
	for _, n := range networks() {
		for _, form := range forms {
			if form == "fused" && n.steppedOnly {
				continue
			}
			t.Run(n.name+"/"+form, func(t *testing.T) {
				r, err := compare.Run(context.Background(), n.file(t), gpuDevice(t, form, 8), cpuDevice(), compare.Options{})
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
