package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"
	"gonum.org/v1/gonum/stat"

	"gpusim/model"
	"gpusim/network"
)

// repeated is a sweep of two taus, each with seeds 1, 2, 3, and its points with
// the rates 10, 11, ..., but for one that is not finite and one without a measure.
func repeated() (*model.File, []network.Point) {
	f := &model.File{Name: "n",
		Populations: []*model.Population{{Name: "cells", Size: 2}},
		Measures:    []*model.Measure{{Kind: "rate", Key: "rate"}},
		Sweep:       &model.Sweep{Axes: []*model.Axis{{Name: "method", Words: []string{"euler", "rk4"}, Values: []float64{0, 1}}}, Seeds: []float64{1, 2, 3}}}
	_, values := network.SweepPoints(f.Sweep)
	var points []network.Point
	for k, v := range values {
		hz := float64(10 + k*k)
		points = append(points, network.Point{Values: v, Status: network.StatusOK, Spikes: []int{3}, RateHz: []float64{hz},
			Measures: []network.MeasureValue{{Key: "rate", Value: hz, Defined: k != 4}}})
	}
	points[1].Status = network.StatusNaN
	return f, points
}

// Means over seeds leave out runs that are not whole, and measures without a value.
func TestMeans(t *testing.T) {
	f, points := repeated()
	var all []object
	for _, same := range repeats(f.Sweep, points) {
		all = append(all, meansOf(f, same))
	}
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	var got []map[string]any
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		method string
		rate   []float64 // that count
		hz     []float64
	}{
		{"euler", []float64{10, 14}, []float64{10, 14}},
		{"rk4", []float64{19, 35}, []float64{19, 26, 35}},
	} {
		if got[i]["method"] != c.method {
			t.Errorf("%d: %v", i, got[i])
		}
		for key, values := range map[string][]float64{"rate": c.rate, "rate_hz": c.hz} {
			m := got[i][key].(map[string]any)
			mean, deviation := stat.MeanStdDev(values, nil)
			if !scalar.EqualWithinRel(m["mean"].(float64), mean, 1e-15) || m["seeds"] != float64(len(values)) ||
				!scalar.EqualWithinRel(m["standard_error"].(float64), stat.StdErr(deviation, float64(len(values))), 1e-15) {
				t.Errorf("%s of %s: %v", key, c.method, m)
			}
		}
	}
	if text, _ := json.Marshal(meansOf(f, points[:1])); !bytes.Contains(text, []byte(`"rate":{"mean":10,"standard_error":null,"seeds":1}`)) {
		t.Errorf("one seed: %s", text)
	}
}

// A point that a list has twice is two points.
func TestRepeats(t *testing.T) {
	s := &model.Sweep{Axes: []*model.Axis{{Name: "a.x", Values: []float64{5, 5}}}, Zip: true, Seeds: []float64{1, 2}}
	_, values := network.SweepPoints(s)
	var points []network.Point
	for _, v := range values {
		points = append(points, network.Point{Values: v})
	}
	if got := repeats(s, points); len(got) != 2 || len(got[0]) != 2 || len(got[1]) != 2 {
		t.Errorf("%v", got)
	}
}

// Figures of every design, of all points, some and none.
func TestFiguresOfDesigns(t *testing.T) {
	axis := func(i int) *model.Axis {
		return &model.Axis{Name: fmt.Sprintf("cells.x%d", i), Values: []float64{1, 4, 2}, Log: i == 1}
	}
	words := &model.Axis{Name: "method", Words: []string{"euler", "rk4"}, Values: []float64{0, 1, 0}}
	for _, design := range []string{model.Grid, model.Zip, model.Listed, model.Sobol} {
		for _, n := range []int{0, 1, 2, 3, 7} {
			for _, seeds := range [][]float64{nil, {1, 2}} {
				if (n == 0 || n == 2) == (seeds == nil) {
					continue
				}
				f, _ := repeated()
				f.Sweep = &model.Sweep{Design: design, Seeds: seeds, Zip: n > 3 || design != model.Grid}
				for i := range n {
					f.Sweep.Axes = append(f.Sweep.Axes, axis(i))
				}
				if n > 1 {
					f.Sweep.Axes[1] = words
				}
				_, values := network.SweepPoints(f.Sweep)
				for _, done := range []int{0, len(values)} {
					r := &network.SweepResult{}
					for k, v := range values[:done] {
						r.Points = append(r.Points, network.Point{Values: v, Status: network.StatusOK, Spikes: []int{3}, RateHz: []float64{math.Sqrt(float64(k))}})
					}
					dir := t.TempDir()
					figure, _, err := drawSweep(dir, f, r)
					if err != nil {
						t.Fatalf("%q, %d axes, %d points: %v", design, n, done, err)
					}
					if info, err := os.Stat(filepath.Join(dir, figure)); err != nil || info.Size() == 0 {
						t.Errorf("%q, %d axes, %d points: %v", design, n, done, err)
					}
				}
			}
		}
	}
}
