package promises

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"gpusim/gpu"
	"gpusim/model"
	"gpusim/network"
	"gpusim/tests/outcome"
)

// sweep runs the network's knob over so many values and gives what each point
// left, by its index.
func (n testNet) sweep(t *testing.T, dev network.Device, count int, o network.SweepOptions) (map[int]outcome.Outcome, *network.SweepResult) {
	t.Helper()
	f := n.file(t)
	f.Sweep = &model.Sweep{Axes: []*model.Axis{{Name: n.knob, Values: n.list(count)}}}
	left := map[int]outcome.Outcome{}
	o.Keep = func(k int, r *network.Result) { left[k] = outcome.Of(t, f, r, nil, 0) }
	r, err := network.Sweep(context.Background(), f, dev, &o)
	if err != nil {
		t.Fatal(err)
	}
	return left, r
}

// TestBatches is promise 3 for sweeps: what a point leaves does not depend on how
// many run beside it, on which others are done, nor on pieces; and another number of
// instances compiles nothing.
func TestBatches(t *testing.T) {
	const count = 11
	few := []int{1, 4, 5, 10}
	for _, n := range networks() {
		if n.random {
			continue // there are many, and TestSameBits has them
		}
		devices := map[string]network.Device{"cpu": cpuDevice()}
		for _, form := range forms {
			if form == gpu.FormStepped || !n.steppedOnly {
				devices[form] = gpuDevice(t, form, 32)
			}
		}
		for name, dev := range devices {
			t.Run(n.name+"/"+name, func(t *testing.T) {
				want, _ := n.sweep(t, dev, count, network.SweepOptions{})
				if len(want) != count {
					t.Fatalf("%d points", len(want))
				}
				for what, o := range map[string]network.SweepOptions{
					"one by one":       {Batch: 1},
					"by four":          {Batch: 4}, // 4, 4, 3
					"by seven, pieces": {Batch: 7, Pieces: 3},
					"repeat":           {Mode: network.Repeat},
					"some":             {Only: few},
					"some by three":    {Only: few, Batch: 3},
				} {
					left, r := n.sweep(t, dev, count, o)
					if len(left) != max(len(o.Only), count*(1-min(1, len(o.Only)))) {
						t.Errorf("%s: %d points", what, len(left))
					}
					for k, x := range left {
						x.Same(t, fmt.Sprintf("%s, point %d", what, k), want[k])
						if o.Only != nil && !slices.Contains(o.Only, k) {
							t.Errorf("%s: point %d was not asked for", what, k)
						}
					}
					if c := r.Counters; c.Rebuilds != 0 || c.ProgramsBuilt != 1 && name != gpu.FormStepped {
						t.Errorf("%s: %+v", what, c)
					}
				}
			})
		}
	}
}
