package promises

import (
	"errors"
	"fmt"
	"regexp"
	"testing"

	"gpusim/gpu"
	"gpusim/gpu/glctx"
	"gpusim/model/ir"
	"gpusim/network"
	"gpusim/tests/meter"
	"gpusim/tests/outcome"
)

// TestPlannedWithinLimits is the first half of promise 5: with nothing asked
// for, on a device that has no more than OpenGL 4.3 promises, every network
// runs, one instance and 64, to the bits that a device without such limits
// gives.
func TestPlannedWithinLimits(t *testing.T) {
	lesser := glctx.MinimumLimits()
	for _, n := range networks() {
		t.Run(n.name, func(t *testing.T) {
			var want []outcome.Outcome
			for _, o := range []gpu.Options{{}, {Context: glctx.Options{Limits: &lesser}}} {
				d, err := gpu.Open(o)
				if err != nil {
					t.Fatal(err)
				}
				got := append(runAll(t, n, d, n.list(1), 1), runAll(t, n, d, n.list(64), 1)...)
				if err := d.Close(); err != nil {
					t.Fatal(err)
				}
				if want == nil {
					want = got
				}
				for k := range got {
					got[k].Same(t, fmt.Sprintf("instance %d", k), want[k])
				}
			}
		})
	}
}

var bytesThatFit = regexp.MustCompile(`the state of 64 instances takes (\d+) bytes, at most (\d+) fit`)

// TestRefusedBeforeItStarts is the second half: instances that do not fit the
// device are refused with the bytes that they take and that there are, before
// anything is compiled, dispatched or kept on the device.
func TestRefusedBeforeItStarts(t *testing.T) {
	const fit = 2048
	for _, n := range networks() {
		for _, form := range forms {
			if form == "fused" && n.steppedOnly {
				continue
			}
			t.Run(n.name+"/"+form, func(t *testing.T) {
				o := options(form, 8)
				o.Context.Limits = &glctx.Limits{MaxStorageBlockSize: fit}
				d, m := meter.Open(t, o)
				_, err := network.Compile(n.file(t), d, &network.Options{Instances: 64})
				if !errors.Is(err, ir.ErrTooLarge) {
					t.Fatalf("64 instances in %d bytes: %v", fit, err)
				}
				if x := bytesThatFit.FindStringSubmatch(err.Error()); x == nil || x[2] != fmt.Sprint(fit) {
					t.Errorf("the refusal does not say what is needed and what there is: %v", err)
				}
				w := m.Mark()
				meter.Want(t, "programs", w.Built(), 0)
				meter.Want(t, "dispatches", w.Calls["glDispatchCompute"], 0)
				c := d.Context().Counters()
				meter.Want(t, "what is held", fmt.Sprint(c.LiveBuffers, c.LiveBytes, c.LivePrograms), "0 0 0")
			})
		}
	}
}
