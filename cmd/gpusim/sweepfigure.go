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

// drawSweep draws the measures over one swept parameter, or the first of them
// over several, into dir; where points are repeated, means. It gives the name of
// the figure, and a note on what is not in it.
func drawSweep(dir string, f *model.File, r *network.SweepResult) (figure, note string, err error) {
	d := newSweepFigure(f, r.Points)
	figure = "sweep.png"
	path := filepath.Join(dir, figure)
	axes := d.axes
	free := f.Sweep.Drawn() || f.Sweep.Design == model.Listed
	curve := len(axes) == 1 || f.Sweep.Zip && !free
	title := f.Name
	if n := len(f.Sweep.Seeds); n > 1 && len(f.Sweep.Axes) > 0 {
		title += ": mean of " + plural(n, "seed")
		if curve {
			title += ", with its standard error"
		}
	}
	switch {
	case curve:
		x := d.axis(0)
		x.Dots = f.Sweep.Drawn()
		for _, other := range axes[1:] {
			x.Label += ", with " + other.Name
		}
		return figure, "", plot.Curve(path, title, x, d.series)
	case len(d.points) == 0: // of a sweep that was interrupted
		return figure, "", plot.Curve(path, title, d.axis(0), d.series)
	}
	var missing []string
	if len(d.series) > 1 {
		missing = append(missing, fmt.Sprintf("the figure shows %s; sweep.csv has the other measures too", d.series[0].Name))
	}
	switch {
	case len(axes) == 2 && free:
		err = plot.Cloud(path, title, d.axis(0), d.axis(1), d.series[0])
	case len(axes) == 2:
		x, y, z := d.grid()
		err = plot.Heat(path, title, x, y, z)
	default:
		if len(axes) > plot.MostPanels {
			missing = append(missing, fmt.Sprintf("the figure shows %d of %d parameters", plot.MostPanels, len(axes)))
		}
		var all []plot.Axis
		for i := range axes[:min(len(axes), plot.MostPanels)] {
			all = append(all, d.axis(i))
		}
		err = plot.Panels(path, title, all, d.series[0])
	}
	return figure, strings.Join(missing, "; "), err
}

// sweepFigure is what a figure of a sweep shows: points, without their
// repetitions, and the series over them.
type sweepFigure struct {
	axes   []*model.Axis
	points [][]float64 // numbers of the axes
	series []plot.Series
}

func newSweepFigure(f *model.File, points []network.Point) *sweepFigure {
	s := f.Sweep
	d := &sweepFigure{axes: s.Axes}
	if len(s.Axes) == 0 { // repetitions and nothing else
		seeds := &model.Axis{Name: s.Names()[0], Values: s.Seeds}
		s = &model.Sweep{Axes: []*model.Axis{seeds}}
		d.axes = s.Axes
	}
	all := repeats(s, points)
	for _, same := range all {
		d.points = append(d.points, same[0].Values)
	}
	measures, rates := quantities(f)
	if len(measures) == 0 {
		measures = rates
	}
	for _, q := range measures {
		x := plot.Series{Name: q.name, Unit: q.unit}
		for _, same := range all {
			if s.Seeds == nil {
				x.Y = append(x.Y, q.of(same[0]))
				continue
			}
			mean, stderr, _ := q.over(same)
			x.Y, x.Err = append(x.Y, mean), append(x.Err, stderr)
		}
		d.series = append(d.series, x)
	}
	return d
}

// axis is a swept parameter as an axis of a figure, with its value at each of
// the points; logarithmic where the sweep's values were spaced so.
func (d *sweepFigure) axis(i int) plot.Axis {
	a := d.axes[i]
	x := plot.Axis{Label: a.Name, Words: a.Words, Log: a.Log || geometric(a.Values), Values: []float64{}}
	for _, p := range d.points {
		x.Values = append(x.Values, p[i])
	}
	return x
}

// grid gives the axes of a grid with their values in ascending order, as
// plot.Heat takes them, and the first series on it: NaN at points that were not
// done. Of a value that an axis has twice it shows the last.
func (d *sweepFigure) grid() (x, y plot.Axis, z plot.Series) {
	x, y, z = d.axis(0), d.axis(1), d.series[0]
	x.Values, y.Values = distinct(d.axes[0].Values), distinct(d.axes[1].Values)
	z.Y = make([]float64, len(x.Values)*len(y.Values))
	for k := range z.Y {
		z.Y[k] = math.NaN()
	}
	for k, p := range d.points {
		i, _ := slices.BinarySearch(x.Values, p[0])
		j, _ := slices.BinarySearch(y.Values, p[1])
		z.Y[i*len(y.Values)+j] = d.series[0].Y[k]
	}
	return x, y, z
}

// distinct sorts values, without those that there are already.
func distinct(v []float64) []float64 {
	out := slices.Clone(v)
	slices.Sort(out)
	return slices.Compact(out)
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

// spaced is a key as words.
func spaced(key string) string { return strings.ReplaceAll(key, "_", " ") }

// measureAt is the i-th measure of a point, NaN where it has none.
func measureAt(p network.Point, i int) float64 {
	if i >= len(p.Measures) || !p.Measures[i].Defined {
		return math.NaN()
	}
	return p.Measures[i].Value
}
