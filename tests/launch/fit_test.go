package launch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"gpusim/gpu"
	"gpusim/gpu/glctx"
	"gpusim/network"
	"gpusim/tests/meter"
	"gpusim/tests/outcome"
)

// smallBlocks is a device that binds at most 512 KiB.
func smallBlocks() gpu.Options {
	return gpu.Options{Context: glctx.Options{Limits: &glctx.Limits{MaxStorageBlockSize: 1 << 19}}}
}

// TestSlicesFit: slices are cut to what a binding holds, those that the planner
// tries as well: here 50 steps of V of 100 neurons in 25 instances.
func TestSlicesFit(t *testing.T) {
	f := parse(t, "populations.interneurons.record=[spikes, V]", "run.duration=20")
	var results [2]*network.Result
	for i, o := range []gpu.Options{smallBlocks(), {}} {
		n, err := network.Compile(f, open(t, o), &network.Options{Instances: 25})
		ok(t, err)
		results[i], err = n.Run(context.Background(), f.Run.Duration)
		ok(t, err)
		if d := n.Counters().Dispatches; i == 0 && d < 500/52 {
			t.Errorf("500 steps in %d dispatches, whose rows of V take more than 512 KiB", d)
		}
		ok(t, n.Close())
	}
	for k := range results[0].Instances {
		same(t, "small slices", outcome.Of(t, f, results[0], nil, k), outcome.Of(t, f, results[1], nil, k))
	}
}

// TestTooMany: instances whose state a binding does not hold are refused with
// the numbers, and what was made until then is given back.
func TestTooMany(t *testing.T) {
	d := open(t, smallBlocks())
	// 6 arrays of 100 words an instance: 218 instances fit 512 KiB.
	_, err := network.Compile(parse(t), d, &network.Options{Instances: 230})
	if !errors.Is(err, glctx.ErrTooLarge) {
		t.Fatalf("230 instances: %v", err)
	}
	meter.Want(t, "the refusal", err.Error(), "building gamma oscillation: the state of 230 instances takes 552000 bytes, at most 524288 fit: too large for this device")
	c := d.Context().Counters()
	meter.Want(t, "buffers held", c.LiveBuffers, 0)
	meter.Want(t, "programs held", c.LivePrograms, 0)
}

// TestBatchIsCut: a sweep whose points' state no binding holds runs in several
// launches of one compiled network, and gives the same bits.
func TestBatchIsCut(t *testing.T) {
	values := make([]string, 500)
	for k := range values {
		values[k] = number(0.0005 + 0.000002*float64(k))
	}
	f := parse(t, "run.duration=20", "sweep:gaba.g_max="+strings.Join(values, ","))
	var results []*network.SweepResult
	for _, d := range []*gpu.Device{open(t, smallBlocks()), open(t, gpu.Options{})} {
		var last int
		r, err := network.Sweep(context.Background(), f, d, &network.SweepOptions{Batch: len(values), Progress: func(done, total int) {
			if done < last || done > total {
				t.Errorf("progress %d of %d after %d", done, total, last)
			}
			last = done
		}})
		ok(t, err)
		meter.Want(t, "points", len(r.Points), len(values))
		meter.Want(t, "programs built", r.Counters.ProgramsBuilt, 1)
		meter.Want(t, "rebuilds", r.Counters.Rebuilds, 0)
		results = append(results, r)
	}
	// 218 instances fit 512 KiB: 500 are halved to 250 and 125, in 4 launches.
	meter.Want(t, "points side by side on the lesser device", results[0].Instances, 125)
	meter.Want(t, "points side by side", results[1].Instances, 500)
	for k := range values {
		meter.Want(t, "point "+values[k], fmt.Sprint(results[0].Points[k]), fmt.Sprint(results[1].Points[k]))
	}
}
