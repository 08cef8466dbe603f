package process

import (
	"context"
	"errors"
	"testing"
	"time"

	"gpusim/cpuref"
	"gpusim/model"
	"gpusim/network"
	"gpusim/tests/outcome"
)

// TestCancelledRunGoesOn: a context that is cancelled ends a run between two
// slices. What was done stands, with its results, and the network goes on from
// there, or from a moved clock, or from Reset, to the bits of a run that was not
// broken.
func TestCancelledRunGoesOn(t *testing.T) {
	for name, d := range map[string]network.Device{"gpu": open(t, short()), "cpu": cpuref.New()} {
		for _, f := range []*model.File{gamma(t), parse(t, delayed)} {
			t.Run(name+"/"+f.Name, func(t *testing.T) { cancelled(t, d, f) })
		}
	}
}

func cancelled(t *testing.T, d network.Device, f *model.File) {
	steps := 40 * f.Steps() // of which a cpu's slice holds a part
	n := compile(t, f, d, nil)
	whole := outcome.Of(t, f, outcome.Run(t, n, steps, 1), n, 0)
	if whole.NumSpikes() == 0 {
		t.Fatal("no spikes")
	}

	// after cancels a run of the rest once so many steps are done.
	var cancel func()
	slice, after := 0, 0
	c := compile(t, f, d, &network.Options{Progress: func(done, total int) {
		if slice == 0 {
			slice = done
		}
		if done >= after {
			cancel()
		}
	}})
	run := func(want error, count int) *network.Result {
		t.Helper()
		var ctx context.Context
		ctx, cancel = context.WithCancel(context.Background())
		defer cancel()
		from := c.Step()
		r, err := c.RunSteps(ctx, count)
		if !errors.Is(err, want) || network.IsCancelled(err) != (want != nil) {
			t.Fatalf("the error is %v, want %v", err, want)
		}
		if r.First != from || c.Step() != from+int64(r.Steps) {
			t.Fatalf("%d steps from %d, and now it is step %d", r.Steps, r.First, c.Step())
		}
		return r
	}

	r := run(context.Canceled, steps) // after the first slice
	if r.Steps != slice || slice == 0 || slice >= steps {
		t.Fatalf("%d steps were done, a slice is %d", r.Steps, slice)
	}
	after = 2 * slice
	r.Append(run(context.Canceled, steps-r.Steps))
	if r.Steps < 2*slice || r.Steps >= steps {
		t.Fatalf("%d steps of %d were done, a slice is %d", r.Steps, steps, slice)
	}
	after = steps + 1
	r.Append(run(nil, steps-r.Steps))
	outcome.Of(t, f, r, c, 0).Same(t, "going on", whole)

	// A context that is done does nothing.
	done, stop := context.WithTimeout(context.Background(), -time.Second)
	defer stop()
	if r, err := c.RunSteps(done, 5); !errors.Is(err, context.DeadlineExceeded) || r.Steps != 0 || c.Step() != int64(steps) {
		t.Errorf("%v; now it is step %d", err, c.Step())
	}

	for _, move := range []string{"Reset", "Reset and SetClock", "SetClock"} {
		if err := c.Reset(); err != nil {
			t.Fatal(err)
		}
		after = 0
		cut := run(context.Canceled, steps)
		begin := func(n *network.Network) {
			if move != "SetClock" {
				if err := n.Reset(); err != nil {
					t.Fatal(err)
				}
			}
			if move != "Reset" {
				if err := n.SetClock(1000); err != nil {
					t.Fatal(err)
				}
			}
		}
		begin(c)
		after = steps + 1
		got := run(nil, slice)
		if err := n.Reset(); err != nil {
			t.Fatal(err)
		}
		if move == "SetClock" {
			outcome.Run(t, n, cut.Steps, 1)
		}
		begin(n)
		want := outcome.Run(t, n, slice, 1)
		outcome.Of(t, f, got, c, 0).Same(t, move, outcome.Of(t, f, want, n, 0))
		for _, x := range []*network.Network{n, c} { // SetClock before a step moves the start
			if err := errors.Join(x.Reset(), x.SetClock(0)); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestCancelledSweep: a sweep gives what was done of it: of a batch all points
// as far as they came, of points one after another those that are whole.
func TestCancelledSweep(t *testing.T) {
	for name, d := range map[string]network.Device{"gpu": open(t, short()), "cpu": cpuref.New()} {
		f := gamma(t)
		f.Sweep.Axes[0].Values = f.Sweep.Axes[0].Values[:4]
		f.Run.Duration = 600
		f.Measures = nil
		for _, mode := range []network.Mode{network.Batch, network.Repeat} {
			ctx, cancel := context.WithCancel(context.Background())
			share := map[network.Mode]float64{network.Batch: 0.2, network.Repeat: 0.6}[mode]
			r, err := network.Sweep(ctx, f, d, &network.SweepOptions{Mode: mode, Progress: func(done, total int) {
				if float64(done) > share*float64(total) {
					cancel()
				}
			}})
			cancel()
			if !errors.Is(err, context.Canceled) || !network.IsCancelled(err) || r == nil {
				t.Fatalf("%s, mode %d: %v, %v", name, mode, r, err)
			}
			want, status := 4, network.StatusInterrupted
			if mode == network.Repeat {
				want, status = 2, network.StatusOK
			}
			if len(r.Points) != want {
				t.Errorf("%s, mode %d: %d points", name, mode, len(r.Points))
			}
			for _, p := range r.Points {
				if p.Status != status {
					t.Errorf("%s, mode %d: %+v", name, mode, p)
				}
			}
		}
	}
}
