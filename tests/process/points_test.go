package process

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"gpusim/cpuref"
	"gpusim/model"
	"gpusim/network"
)

// tiny is a network of which a point takes microseconds.
const tiny = `gpusim: 1
dt: 0.1
models:
  m: {kind: neuron, parameters: {a: 1}, state: {V: 0}, equations: dV/dt = a - V, spike: V > 0.5, reset: V = 0}
populations:
  p: {model: m, size: 2}
run: {duration: 3}
measure: [{rate: {of: p}}]
sweep: {p.a: {from: 0, to: 5, points: 1}}
`

// TestManyPoints: a sweep hands its points out and forgets them, so that the memory
// it takes is that of the list of points.
func TestManyPoints(t *testing.T) {
	heap := func(points int) uint64 {
		f, _, err := model.Parse("tiny.yaml", []byte(tiny), ".", model.LoadOptions{Set: []model.Override{
			{Name: "sweep", Value: fmt.Sprintf("{p.a: {from: 0, to: 5, points: %d}}", points)}}})
		if err != nil {
			t.Fatal(err)
		}
		var last uint64
		next := 0
		_, err = network.Sweep(context.Background(), f, cpuref.New(), &network.SweepOptions{
			Batch: 500,
			Each: func(k int, _ network.Point) error {
				if k != next {
					t.Fatalf("point %d after %d", k, next-1)
				}
				next++
				return nil
			},
			Flush: func() error {
				if next == points {
					var m runtime.MemStats
					runtime.GC()
					runtime.ReadMemStats(&m)
					last = m.HeapAlloc
				}
				return nil
			},
		})
		if err != nil || next != points {
			t.Fatal(next, err)
		}
		return last
	}
	few, many := heap(2000), heap(50000)
	t.Logf("%d bytes of heap at the end of 2000 points, %d of 50000", few, many)
	// A point of the list is a slice, its value, its number, and the axis's value.
	const each = 24 + 8 + 8 + 8
	if more := int64(many) - int64(few); more > 48000*each+1<<20 {
		t.Errorf("48000 points more take %d bytes more", more)
	}
}
