package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"gpusim/model"
	"gpusim/model/ir"
)

// small is a device that holds 1,000 bytes in a buffer.
type small struct{ each int64 }

func (s small) Estimate(_ *ir.Program, instances int) (*ir.Estimate, error) {
	return &ir.Estimate{Form: "fused", Buffers: []ir.Buffer{{Name: "state", Bytes: s.each * int64(instances), PerInstance: s.each, Limit: 1000}}}, nil
}

// TestSweepPlan: a batch is halved until it fits, as a sweep does it; what does
// not fit alone is refused with the numbers.
func TestSweepPlan(t *testing.T) {
	sweep := &model.Sweep{Axes: []*model.Axis{{Name: "a.x", Values: make([]float64, 11)}}}
	p := &ir.Program{Name: "net"}
	for _, c := range []struct {
		each int64
		want string
	}{{90, "11 points, all at once"}, {100, "11 points, in batches, the first of 6"}, {200, "11 points, in batches, the first of 3"}, {1000, "11 points, in batches, the first of 1"}} {
		var out bytes.Buffer
		a := &app{out: &out, err: &out}
		if err := a.printSweepPlan(small{c.each}, p, sweep); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "sweep over a.x: "+c.want+"\n") {
			t.Errorf("%d bytes an instance: %q, want %q", c.each, out.String(), c.want)
		}
	}
	_, err := estimate(small{1001}, p, 1)
	const want = "net: the buffer state of 1 instance takes 1001 bytes, and the device holds 1000 in one: too large for this device"
	if !errors.Is(err, ir.ErrTooLarge) || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
