package promises

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"gpusim/gpu"
	"gpusim/gpu/glctx"
	"gpusim/network"
	"gpusim/tests/meter"
	"gpusim/tests/outcome"
)

// TestPlannedWithinLimits is the first half of promise 5: with nothing asked
// for, on a device that has no more than OpenGL 4.3 promises, every network
// runs, one instance and 64, to the bits that a device without such limits
// gives; and so it does in the forms that the planner did not choose, with
// numbers of invocations and pieces in turns.
func TestPlannedWithinLimits(t *testing.T) {
	lesser := glctx.MinimumLimits()
	for i, n := range networks() {
		t.Run(n.name, func(t *testing.T) {
			var want []outcome.Outcome
			limited := glctx.Options{Limits: &lesser}
			for j, o := range []gpu.Options{{}, {Context: limited}, {Context: limited}} {
				p := 1
				if j == 2 {
					p, o.Form, o.Invocations = turn(pieces, i), gpu.FormFused, turn(invocations, i/3)
					if i%2 == 0 || n.steppedOnly {
						o.Form = gpu.FormStepped
					}
				}
				d, err := gpu.Open(o)
				if err != nil {
					t.Fatal(err)
				}
				got := append(runAll(t, n, d, n.list(1), p), runAll(t, n, d, n.list(64), p)...)
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

var bytesThatFit = regexp.MustCompile(`the (state|scratch) of (\d+) instances takes (\d+) bytes, at most (\d+) fit`)

// TestRefusedBeforeItStarts is the second half: instances that do not fit the
// device are refused with the bytes that they take and that there are, before
// anything is compiled, dispatched or kept on the device. The numbers are true:
// with that many bytes it runs, with a word less it does not.
func TestRefusedBeforeItStarts(t *testing.T) {
	for i, n := range networks() {
		for j, form := range forms {
			if form == "fused" && n.steppedOnly {
				continue
			}
			count, w := []int{5, 64}[(i+j)%2], turn(invocations, i+j)
			t.Run(fmt.Sprintf("%s/%s/%d/%d", n.name, form, w, count), func(t *testing.T) {
				need := n.refused(t, form, w, count, 128)
				if other := n.refused(t, form, w, count, need-4); other != need {
					t.Errorf("%d bytes are needed, or %d", need, other)
				}
				net, err := n.within(t, form, w, count, need)
				if errors.Is(err, network.ErrTooLarge) { // the state fits; what passes hand on may not
					_, need = needed(t, err, count, need)
					net, err = n.within(t, form, w, count, need)
				}
				if err != nil {
					t.Fatal(err)
				}
				outcome.Run(t, net, 40, 1)
			})
		}
	}
}

// refused gives the bytes that instances of a network are said to need where
// fit bytes are not enough.
func (n testNet) refused(t *testing.T, form string, w, count int, fit int64) int64 {
	t.Helper()
	o := options(form, w)
	o.Context.Limits = &glctx.Limits{MaxStorageBlockSize: fit}
	d, m := meter.Open(t, o)
	_, err := network.Compile(n.file(t), d, &network.Options{Instances: count})
	if !errors.Is(err, network.ErrTooLarge) {
		t.Fatalf("%d instances in %d bytes: %v", count, fit, err)
	}
	work := m.Mark()
	meter.Want(t, "programs", work.Built(), 0)
	meter.Want(t, "dispatches", work.Calls["glDispatchCompute"], 0)
	c := d.Context().Counters()
	meter.Want(t, "what is held", fmt.Sprint(c.LiveBuffers, c.LiveBytes, c.LivePrograms), "0 0 0")
	what, need := needed(t, err, count, fit)
	meter.Want(t, "what does not fit", what, "state")
	return need
}

// needed is what a refusal says: of what, and how many bytes.
func needed(t *testing.T, refusal error, count int, fit int64) (what string, bytes int64) {
	t.Helper()
	x := bytesThatFit.FindStringSubmatch(refusal.Error())
	if x == nil || x[2] != fmt.Sprint(count) || x[4] != fmt.Sprint(fit) {
		t.Fatalf("the refusal does not say what is needed and what there is: %v", refusal)
	}
	bytes, err := strconv.ParseInt(x[3], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return x[1], bytes
}

// within compiles a network on a device that binds so many bytes.
func (n testNet) within(t *testing.T, form string, w, count int, fit int64) (*network.Network, error) {
	t.Helper()
	o := options(form, w)
	o.Context.Limits = &glctx.Limits{MaxStorageBlockSize: fit}
	d, err := gpu.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	net, err := network.Compile(n.file(t), d, &network.Options{Instances: count})
	if err == nil {
		t.Cleanup(func() { net.Close() })
	}
	return net, err
}
