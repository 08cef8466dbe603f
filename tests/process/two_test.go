package process

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/model"
	"gpusim/network"
	"gpusim/tests/outcome"
)

// lives is the life of a network on a device: compiled for two instances, run,
// set, run in pieces from the start again, closed. It gives what was left.
// A nil device is one that is opened for it.
func lives(f *model.File, knob string, d network.Device) (list []outcome.Outcome, err error) {
	if d == nil {
		d, err := gpu.Open(gpu.Options{Slice: 96})
		if err != nil {
			return nil, err
		}
		list, err := lives(f, knob, d)
		return list, errors.Join(err, d.Close())
	}
	n, err := network.Compile(f, d, &network.Options{Instances: 2})
	if err != nil {
		return nil, err
	}
	defer n.Close()
	for round, pieces := range []int{1, 3} {
		if err := n.SetInstances(knob, []float64{0.005, 0.01 * float64(1+round)}); err != nil {
			return nil, err
		}
		r, err := outcome.RunPieces(n, f.Steps(), pieces)
		if err != nil {
			return nil, err
		}
		for i := range 2 {
			o, err := outcome.Collect(f, r, n, i)
			if err != nil {
				return nil, err
			}
			list = append(list, o)
		}
		if err := n.Reset(); err != nil {
			return nil, err
		}
	}
	return list, n.Close()
}

// TestTwoNetworks: networks do not know of each other. Each in a goroutine of its
// own, on devices of their own or on one that they share, of two files or of
// one, they leave what each leaves alone. scripts/test runs it with the detector
// of data races.
func TestTwoNetworks(t *testing.T) {
	const rounds = 3
	files := []*model.File{gamma(t), parse(t, delayed)}
	knobs := []string{"gaba.g_max", "exc.w"}
	one := open(t, gpu.Options{Slice: 96})
	var cpu network.Device = cpuref.New()
	for _, c := range []struct {
		name    string
		devices [2]network.Device
		of      [2]int // which file
	}{
		{"two devices", [2]network.Device{one, open(t, gpu.Options{Slice: 96})}, [2]int{0, 1}},
		{"devices that come and go", [2]network.Device{nil, one}, [2]int{1, 0}},
		{"one device", [2]network.Device{one, one}, [2]int{0, 1}},
		{"one device and one file", [2]network.Device{one, one}, [2]int{1, 1}},
		{"the processor", [2]network.Device{cpu, cpu}, [2]int{0, 1}},
		{"the processor and one file", [2]network.Device{cpu, cpu}, [2]int{1, 1}},
		{"a device and the processor", [2]network.Device{one, cpu}, [2]int{0, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var want [2][]outcome.Outcome
			for i, d := range c.devices {
				var err error
				if want[i], err = lives(files[c.of[i]], knobs[c.of[i]], d); err != nil {
					t.Fatal(err)
				}
				if want[i][0].NumSpikes() == 0 {
					t.Fatal("no spikes")
				}
			}
			var got [2][rounds][]outcome.Outcome
			var errs [2]error
			var wg sync.WaitGroup
			for i, d := range c.devices {
				wg.Go(func() {
					for round := 0; round < rounds && errs[i] == nil; round++ {
						got[i][round], errs[i] = lives(files[c.of[i]], knobs[c.of[i]], d)
					}
				})
			}
			wg.Wait()
			for i := range got {
				if errs[i] != nil {
					t.Fatal(errs[i])
				}
				for round := range got[i] {
					for k := range want[i] {
						got[i][round][k].Same(t, fmt.Sprintf("network %d, round %d, outcome %d", i, round, k), want[i][k])
					}
				}
			}
		})
	}
}
