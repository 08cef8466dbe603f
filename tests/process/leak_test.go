package process

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"testing"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/model"
	"gpusim/network"
)

// small is a network with every kind of buffer: spikes, records, connections,
// delay lines.
func small(t testing.TB) *model.File {
	return parse(t, delayed, model.Override{Name: "cells.size", Value: "6"}, model.Override{Name: "run.duration", Value: "4"})
}

// held is what a process has.
type held struct {
	resident   int64 // bytes, as the system counts them
	heap       int64 // bytes, of Go
	goroutines int
	ledger     string // of OpenGL objects
}

func holds(t testing.TB, d *gpu.Device) held {
	t.Helper()
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h := held{heap: int64(m.HeapAlloc), goroutines: runtime.NumGoroutine()}
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	var size int64
	if _, err := fmt.Sscan(string(text), &size, &h.resident); err != nil {
		t.Fatal(err)
	}
	h.resident *= int64(os.Getpagesize())
	if d != nil {
		c := d.Context().Counters()
		h.ledger = fmt.Sprintf("%d buffers, %d bytes, %d programs", c.LiveBuffers, c.LiveBytes, c.LivePrograms)
	}
	return h
}

// more fails where a process has more than it had: what the system counts may
// move by some pages, and Go's heap by what a map keeps.
func (h held) more(t testing.TB, what string, before held) {
	t.Helper()
	const pages, kept = 4 << 20, 64 << 10
	if h.ledger != before.ledger {
		t.Errorf("%s: OpenGL has %s, before it had %s", what, h.ledger, before.ledger)
	}
	if h.goroutines > before.goroutines {
		t.Errorf("%s: %d goroutines, before %d", what, h.goroutines, before.goroutines)
	}
	if h.heap > before.heap+kept {
		t.Errorf("%s: Go's heap has %d bytes, before %d", what, h.heap, before.heap)
	}
	if h.resident > before.resident+pages {
		t.Errorf("%s: the process has %d bytes, before %d", what, h.resident, before.resident)
	}
	t.Logf("%s: %+v, before %+v", what, h, before)
}

// TestNothingIsLeftBehind: a thousand networks that were compiled, run and
// closed, ten thousand runs of one with a new value each and Reset, hundreds of
// changes of structure and tens of devices hold no more than the first ones: not
// of OpenGL's objects, Go's memory, goroutines, or what the system counts of the
// process, in which the driver's memory is.
func TestNothingIsLeftBehind(t *testing.T) {
	fused := open(t, gpu.Options{})
	stepped := open(t, gpu.Options{Form: gpu.FormStepped})
	f := small(t)
	finer := parse(t, delayed, model.Override{Name: "cells.size", Value: "6"}, model.Override{Name: "dt", Value: "0.05"})
	for _, c := range []struct {
		name     string
		dev      network.Device
		networks int
		runs     int
		changes  int
	}{
		{"gpu", fused, 1000, 10000, 200},
		{"stepped", stepped, 200, 500, 0},
		{"cpu", cpuref.New(), 1000, 10000, 200},
	} {
		d, _ := c.dev.(*gpu.Device)
		run := func(n *network.Network) {
			if _, err := n.Run(context.Background(), 4); err != nil {
				t.Fatal(err)
			}
		}
		repeat(t, c.name+", compile, run, close", d, c.networks, func(int) {
			n, err := network.Compile(f, c.dev, nil)
			if err != nil {
				t.Fatal(err)
			}
			run(n)
			if err := n.Close(); err != nil {
				t.Fatal(err)
			}
		})
		n := compile(t, f, c.dev, nil)
		repeat(t, c.name+", Set, Run, Reset", d, c.runs, func(k int) {
			if err := n.Set("exc.w", float64(k%7)); err != nil {
				t.Fatal(err)
			}
			run(n)
			if err := n.Reset(); err != nil {
				t.Fatal(err)
			}
		})
		repeat(t, c.name+", Change", d, c.changes, func(k int) {
			for _, other := range []*model.File{finer, f} {
				if err := n.Change(other); err != nil {
					t.Fatal(err)
				}
				run(n)
			}
		})
	}
	repeat(t, "devices", nil, 60, func(int) {
		d, err := gpu.Open(gpu.Options{Form: gpu.FormFused, Invocations: 8})
		if err != nil {
			t.Fatal(err)
		}
		n, err := network.Compile(f, d, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := n.Close(); err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

// repeat does something many times, and compares what is held at the end with
// what was after the first tenth.
func repeat(t testing.TB, what string, d *gpu.Device, times int, do func(k int)) {
	t.Helper()
	var before held
	for k := range times {
		if k == times/10 {
			before = holds(t, d)
		}
		do(k)
	}
	if times > 0 {
		holds(t, d).more(t, fmt.Sprintf("%s, %d times", what, times), before)
	}
}
