package main

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"gpusim/model"
	"gpusim/network"
	"gpusim/plot"
)

// drawRaster draws the spikes of all populations, those of groups in bands of
// their own.
func drawRaster(path string, r *recorder, steps int) error {
	f := r.file
	var pops []plot.Population
	for i, t := range r.trains {
		times := make([]float64, len(t.raster.steps))
		for i, step := range t.raster.steps {
			times[i] = float64(step) * f.Dt
		}
		for _, b := range bands(f.Populations[i]) {
			b.Times, b.Neurons = times, t.raster.neurons
			pops = append(pops, b)
		}
	}
	begin, end := float64(r.first)*f.Dt, float64(r.first+int64(steps))*f.Dt
	return plot.Raster(path, f.Name, pops, round(begin, 12), round(end, 12))
}

// bands are the parts of a population that a raster tells apart: its groups, and
// the neurons between them; all of it where groups overlap.
func bands(p *model.Population) []plot.Population {
	groups := slices.Clone(p.Groups)
	slices.SortFunc(groups, func(a, b *model.Range) int { return a.Start - b.Start })
	var out []plot.Population
	at := 0
	rest := func(until int) {
		if at < until {
			out = append(out, plot.Population{Name: p.Name, First: at, Size: until - at})
		}
	}
	for _, g := range groups {
		if g.Start < at {
			return []plot.Population{{Name: p.Name, Size: p.Size}}
		}
		rest(g.Start)
		out = append(out, plot.Population{Name: p.Name + "." + g.Name, First: g.Start, Size: g.Stop - g.Start})
		at = g.Stop
	}
	rest(p.Size)
	return out
}

// drawSweep draws the measures over one swept parameter, or the first of them
// over two, into dir. It gives the name of the figure, "" where there is none,
// and a note on what is not in it.
func drawSweep(dir string, f *model.File, r *network.SweepResult) (figure, note string, err error) {
	figure = "sweep.png"
	path := filepath.Join(dir, figure)
	series := sweepSeries(f, r)
	axes := f.Sweep.Axes
	switch {
	case len(axes) == 1 || f.Sweep.Zip:
		x := axis(axes[0])
		for _, other := range axes[1:] {
			x.Label += ", with " + other.Name
		}
		x.Values = x.Values[:len(r.Points)] // fewer where it was interrupted
		return figure, "", plot.Curve(path, f.Name, x, series)
	case len(axes) == 2:
		// plot.Heat wants ascending values; the grid has them in file order.
		x, y, z := ascending(axis(axes[0]), axis(axes[1]), series[0])
		if len(series) > 1 {
			note = fmt.Sprintf("the figure shows %s; sweep.csv has the other measures too", series[0].Name)
		}
		return figure, note, plot.Heat(path, f.Name, x, y, z)
	}
	return "", fmt.Sprintf("no figure: %d parameters are swept, and it can show two", len(axes)), nil
}

// axis is a swept parameter as an axis of a figure; logarithmic where its
// values were spaced so.
func axis(a *model.Axis) plot.Axis {
	return plot.Axis{Label: a.Name, Values: a.Values, Log: geometric(a.Values)}
}

// geometric reports whether each value is the one before times one factor.
func geometric(v []float64) bool {
	if len(v) < 3 || v[0] <= 0 || v[1] <= v[0] {
		return false
	}
	factor := v[1] / v[0]
	for i := 2; i < len(v); i++ {
		if math.Abs(v[i]/v[i-1]/factor-1) > 1e-6 {
			return false
		}
	}
	return true
}

// sweepSeries are the measures of a sweep, or the rates of the populations
// where it has none.
func sweepSeries(f *model.File, r *network.SweepResult) []plot.Series {
	var out []plot.Series
	for i, m := range f.Measures {
		s := plot.Series{Name: strings.ReplaceAll(m.Key, "_", " "), Unit: units[m.Kind]}
		for _, p := range r.Points {
			s.Y = append(s.Y, measureAt(p, i))
		}
		out = append(out, s)
	}
	if len(out) > 0 {
		return out
	}
	for i, pop := range f.Populations {
		s := plot.Series{Name: "rate of " + pop.Name, Unit: "Hz"}
		for _, p := range r.Points {
			s.Y = append(s.Y, p.RateHz[i])
		}
		out = append(out, s)
	}
	return out
}

// measureAt is the i-th measure of a point, NaN where it has none.
func measureAt(p network.Point, i int) float64 {
	if i >= len(p.Measures) || !p.Measures[i].Defined {
		return math.NaN()
	}
	return p.Measures[i].Value
}

// ascending sorts a grid by the values of both axes.
func ascending(x, y plot.Axis, z plot.Series) (plot.Axis, plot.Axis, plot.Series) {
	orderX, orderY := order(x.Values), order(y.Values)
	sorted := z
	sorted.Y = nil
	for _, i := range orderX {
		for _, j := range orderY {
			v := math.NaN()
			if at := i*len(y.Values) + j; at < len(z.Y) {
				v = z.Y[at]
			}
			sorted.Y = append(sorted.Y, v)
		}
	}
	x.Values, y.Values = pick(x.Values, orderX), pick(y.Values, orderY)
	return x, y, sorted
}

// order is the indices of v by ascending value.
func order(v []float64) []int {
	out := make([]int, len(v))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(i, j int) int {
		switch {
		case v[i] < v[j]:
			return -1
		case v[i] > v[j]:
			return 1
		}
		return 0
	})
	return out
}

func pick(v []float64, at []int) []float64 {
	out := make([]float64, len(at))
	for i, k := range at {
		out[i] = v[k]
	}
	return out
}
