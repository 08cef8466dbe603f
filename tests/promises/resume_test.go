package promises

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"gpusim/checkpoint"
	"gpusim/gpu"
	"gpusim/model"
	"gpusim/network"
	"gpusim/tests/outcome"
)

// legs are the steps after which a run is broken off: none is a multiple of a word
// of spikes or of a slice, and there is one of a single step.
var legs = []int{1, 34, 97, 150}

// through takes a network through a checkpoint in a file, and closes it.
func through(t *testing.T, net *network.Network, dev network.Device) *network.Network {
	t.Helper()
	c, err := net.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "checkpoint")
	if err := c.Write(path); err != nil {
		t.Fatal(err)
	}
	if err := net.Close(); err != nil {
		t.Fatal(err)
	}
	if c, err = checkpoint.Read(path); err != nil {
		t.Fatal(err)
	}
	net, err = network.Resume(nil, dev, c, &network.Options{Note: func(s string) { t.Errorf("note: %s", s) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := net.Close(); err != nil {
			t.Error(err)
		}
	})
	return net
}

// TestResumed: a run that goes through checkpoints leaves the bits of the whole, on
// both engines, though each leg is on kernels of another form and other invocations;
// for one instance or three, whose knobs were set. Reset after it goes back to the
// start.
func TestResumed(t *testing.T) {
	type engine struct {
		name    string
		devices []network.Device // of the legs in turn
	}
	for i, n := range networks() {
		engines := []engine{{"cpu", []network.Device{cpuDevice()}}}
		for j := range 2 {
			var devices []network.Device
			for k := range 3 {
				form := turn(forms, j+k)
				if n.steppedOnly {
					form = gpu.FormStepped
				}
				devices = append(devices, gpuDevice(t, form, turn(invocations, i+j+k)))
			}
			engines = append(engines, engine{fmt.Sprint("gpu/", j), devices})
		}
		for j, e := range engines {
			count := 1 + 2*((i+j)%2)
			t.Run(fmt.Sprintf("%s/%s/%d", n.name, e.name, count), func(t *testing.T) {
				f := n.file(t)
				net := compile(t, n, f, e.devices[0], n.list(count))
				want := collect(t, f, net, 1)
				if err := net.Reset(); err != nil {
					t.Fatal(err)
				}
				var all *network.Result
				done := 0
				leg := func(steps int) {
					done += steps
					r := outcome.Run(t, net, steps, 1)
					if all == nil {
						all = r
					} else {
						all.Append(r)
					}
				}
				for k, steps := range legs {
					leg(min(steps, (f.Steps()-done)/2))
					net = through(t, net, turn(e.devices, k+1))
				}
				leg(f.Steps() - done)
				for k := range count {
					outcome.Of(t, f, all, net, k).Same(t, fmt.Sprint("instance ", k), want[k])
				}
				if err := net.Reset(); err != nil {
					t.Fatal(err)
				}
				for k, o := range collect(t, f, net, 3) {
					o.Same(t, fmt.Sprint("from Reset, instance ", k), want[k])
				}
			})
		}
	}
}

// TestResumedAfterChange: what was changed of a network that runs, whatever it was,
// is in its checkpoint. It goes on, and it starts anew, as the network itself does.
func TestResumedAfterChange(t *testing.T) {
	form := gpuDevice(t, gpu.FormFused, 8)
	for _, c := range lives() {
		for name, dev := range map[string]network.Device{"gpu": form, "cpu": cpuDevice()} {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				ok := func(err error) {
					t.Helper()
					if err != nil {
						t.Fatal(err)
					}
				}
				run := func(n *network.Network, ms float64) *network.Result {
					t.Helper()
					r, err := n.Run(context.Background(), ms)
					ok(err)
					return r
				}
				net, err := network.Compile(c.net.file(t), dev, &network.Options{Instances: 2})
				ok(err)
				defer net.Close()
				ok(net.SetInstances(c.net.knob, c.net.list(2)))
				ok(net.SetClock(3))
				run(net, liveMs)
				if c.changesFile() {
					ok(net.Change(c.file(t)))
				} else {
					ok(c.change(net))
				}
				kept, err := net.Checkpoint()
				ok(err)
				resumed, err := network.Resume(nil, dev, kept, nil)
				ok(err)
				defer resumed.Close()
				f, err := network.CheckpointFile(kept, model.LoadOptions{})
				ok(err)
				for _, what := range []string{"going on", "from Reset"} {
					got, want := run(resumed, liveMore), run(net, liveMore)
					for k := range 2 {
						outcome.Of(t, f, got, resumed, k).Same(t, what, outcome.Of(t, f, want, net, k))
					}
					if r, n := resumed.Rebuilds(), net.Rebuilds(); r > n {
						t.Errorf("%d rebuilds, in the network itself %d", r, n)
					}
					ok(resumed.Reset())
					ok(net.Reset())
				}
			})
		}
	}
}
