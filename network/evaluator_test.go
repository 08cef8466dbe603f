package network_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gpusim/cpuref"
	"gpusim/model/ir"
	"gpusim/network"
)

const evaluated = `
sweep: {zip: true, gaba.g_max: {values: [0.001, 0.02, 0.003, 0.01, 0.005]}, inputs.0.value: {values: [1, 1.5, 1.2, 0, 2]}}`

// Whatever came before and however many run side by side, a point comes to what
// a sweep gives for it; and nothing is compiled for it.
func TestEvaluatorIsSweep(t *testing.T) {
	f := parse(t, gamma(6, drawnInit, "0.01", 40, evaluated))
	want, err := network.Sweep(context.Background(), f, cpuref.New(), nil)
	ok(t, err)
	names, points := network.SweepPoints(f.Sweep)
	for _, size := range []int{1, 2, 5, 8} {
		e := network.NewEvaluator(f, cpuref.New(), names, network.EvaluatorOptions{Instances: size})
		var got []network.Point
		for _, part := range [][][]float64{points[3:], points[:4], points} {
			if got, err = e.Run(context.Background(), part); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(want.Points, got, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%d side by side: %s", size, diff)
		}
		launches := 0
		for _, n := range []int{2, 4, 5} {
			launches += (n + size - 1) / size
		}
		if c := e.Counters(); c.ProgramsBuilt != 1 || c.Rebuilds != 0 || e.Launches != launches || e.Instances() != size {
			t.Errorf("%d side by side: %d launches, want %d; %+v", size, e.Launches, launches, c)
		}
		ok(t, e.Close())
	}
	if len(f.Populations[0].Record) == 0 {
		t.Error("the file's records are gone")
	}
}

// A point that is not finite, at its start or later, leaves the others as they are.
func TestEvaluatorBearsNaN(t *testing.T) {
	f := parse(t, gamma(5, "{V: -60, h: 0.5, n: 1/k}", "0.01", 8, "constants: {k: 1}"))
	e := network.NewEvaluator(f, cpuref.New(), []string{"k", "interneurons.C"}, network.EvaluatorOptions{Instances: 4})
	defer e.Close()
	alone, err := e.Run(context.Background(), [][]float64{{4, 1}})
	ok(t, err)
	got, err := e.Run(context.Background(), [][]float64{{0, 1}, {4, 1}, {4, 0}})
	ok(t, err)
	for k, want := range []struct{ status, detail string }{
		{"nan", "interneurons.n: the starting value is +Inf"}, {"ok", ""}, {"nan", got[2].Detail},
	} {
		p := got[k]
		if p.Status != want.status || p.Detail != want.detail || p.Measures[0].Defined != (want.status == "ok") || (p.Detail == "") != (want.status == "ok") {
			t.Errorf("point %d is %+v", k, p)
		}
	}
	if diff := cmp.Diff(alone[0], got[1]); diff != "" {
		t.Error(diff)
	}
}

// Points that memory does not hold side by side run in launches that fit.
func TestEvaluatorInMemory(t *testing.T) {
	var points [][]float64
	for k := range 64 {
		points = append(points, []float64{1 + float64(k)/64})
	}
	for _, c := range []struct {
		replace []string
		size    int // as in TestSweepInMemory
	}{
		{[]string{"DURATION", "1"}, 2},
		{[]string{"DURATION", "1", "V > -1", "V > 99"}, 8},
	} {
		e := network.NewEvaluator(loadMemory(t, 1<<19, c.replace...), cpuref.New(), []string{"p.a"}, network.EvaluatorOptions{Instances: 64})
		for range 2 {
			got, err := e.Run(context.Background(), points)
			ok(t, err)
			for k, p := range got {
				if p.Values[0] != points[k][0] || p.Status != "ok" {
					t.Errorf("point %d is %+v", k, p)
				}
			}
			if len(got) != 64 || e.Instances() != c.size {
				t.Errorf("%d points, %d side by side, want %d", len(got), e.Instances(), c.size)
			}
		}
		ok(t, e.Close())
	}
	e := network.NewEvaluator(loadMemory(t, 1<<18), cpuref.New(), []string{"p.a"}, network.EvaluatorOptions{Instances: 64})
	if _, err := e.Run(context.Background(), points); !errors.Is(err, ir.ErrTooLarge) {
		t.Errorf("a point that does not fit: %v", err)
	}
	ok(t, e.Close())
}

// A cancelled run gives the points whose launch was done, and the evaluator goes
// on from there.
func TestEvaluatorIsCancelled(t *testing.T) {
	f := parse(t, gamma(6, drawnInit, "0.01", 40, evaluated))
	names, points := network.SweepPoints(f.Sweep)
	ctx, cancel := context.WithCancel(context.Background())
	last, steps := 0.0, f.Steps()
	e := network.NewEvaluator(f, cpuref.New(), names, network.EvaluatorOptions{Instances: 2, Progress: func(done, total int) {
		share := float64(done) / float64(total)
		if share < last || total != 3*steps {
			t.Errorf("%d of %d after %v", done, total, last)
		}
		if last = share; done > steps {
			cancel()
		}
	}})
	defer e.Close()
	got, err := e.Run(ctx, points)
	if !network.IsCancelled(err) || len(got)%2 != 0 || len(got) == len(points) {
		t.Fatalf("%d points: %v", len(got), err)
	}
	last = 0
	again, err := e.Run(context.Background(), points)
	ok(t, err)
	if diff := cmp.Diff(got, again[:len(got)]); diff != "" || math.IsNaN(again[4].Measures[0].Value) {
		t.Error(diff)
	}
}
