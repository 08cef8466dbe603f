package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gpusim/model"
	"gpusim/network"
)

// A sweep that was interrupted has a figure of the points that were done, even
// of none.
func TestDrawSweepOfSomePoints(t *testing.T) {
	pop := &model.Population{Name: "cells", Size: 2}
	x := &model.Axis{Name: "cells.tau", Values: []float64{3, 1, 2}}
	y := &model.Axis{Name: "cells.R", Values: []float64{1, 10}}
	for _, axes := range [][]*model.Axis{{x}, {x, y}} {
		f := &model.File{Name: "n", Populations: []*model.Population{pop}, Sweep: &model.Sweep{Axes: axes}}
		for done := range 3 {
			r := &network.SweepResult{}
			_, values := network.SweepPoints(f.Sweep)
			for k := range done {
				r.Points = append(r.Points, network.Point{Values: values[k], Spikes: []int{3}, RateHz: []float64{4.5}})
			}
			dir := t.TempDir()
			figure, _, err := drawSweep(dir, f, r)
			if err != nil {
				t.Fatalf("%d axes, %d points: %v", len(axes), done, err)
			}
			if info, err := os.Stat(filepath.Join(dir, figure)); err != nil || info.Size() == 0 {
				t.Errorf("%d axes, %d points: %v", len(axes), done, err)
			}
		}
	}
}

// A raster has a band for each group, and for what is between; where groups
// overlap it has one.
func TestBands(t *testing.T) {
	group := func(name string, start, stop int) *model.Range {
		return &model.Range{Name: name, Start: start, Stop: stop}
	}
	for _, c := range []struct {
		groups []*model.Range
		want   string
	}{
		{nil, "P 0+10"},
		{[]*model.Range{group("I", 8, 10), group("E", 0, 8)}, "P.E 0+8, P.I 8+2"},
		{[]*model.Range{group("a", 2, 4), group("b", 6, 7)}, "P 0+2, P.a 2+2, P 4+2, P.b 6+1, P 7+3"},
		{[]*model.Range{group("a", 2, 4), group("b", 3, 7)}, "P 0+10"},
	} {
		var got []string
		for _, b := range bands(&model.Population{Name: "P", Size: 10, Groups: c.groups}) {
			got = append(got, fmt.Sprintf("%s %d+%d", b.Name, b.First, b.Size))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("bands %v, expected %s", got, c.want)
		}
	}
}

func TestStops(t *testing.T) {
	tests := []struct {
		total, pieces int
		report        float64
		want          []int
	}{
		{10, 1, 0, []int{10}},
		{10, 3, 0, []int{3, 6, 10}},
		{10, 1, 20, []int{2, 4, 6, 8, 10}},
		{10, 1, 30, []int{3, 6, 9, 10}},
		{10, 3, 50, []int{3, 5, 6, 10}},
		{10, 2, 50, []int{5, 10}},
		{3, 3, 10, []int{1, 2, 3}},
		{3, 1, 100, []int{3}},
	}
	for _, tt := range tests {
		if got := stops(tt.total, tt.pieces, tt.report); !slices.Equal(got, tt.want) {
			t.Errorf("stops(%d, %d, %v) = %v, want %v", tt.total, tt.pieces, tt.report, got, tt.want)
		}
	}
}

func TestNumber(t *testing.T) {
	tests := []struct {
		v    float64
		want string
	}{
		{0, "0"}, {0.0005, "0.0005"}, {0.0006000000000000001, "0.0006000000000000001"}, {12500, "12500"}, {-1.5, "-1.5"},
		{1e-7, "1e-07"}, {1e300, "1e+300"}, {1 << 53, "9007199254740992"},
	}
	for _, tt := range tests {
		if got := number(tt.v); got != tt.want {
			t.Errorf("number(%v) = %s, want %s", tt.v, got, tt.want)
		}
	}
}
