package main

import (
	"math"
	"slices"

	"gpusim/measure"
	"gpusim/model"
	"gpusim/network"
)

// repeats are the points of a sweep that differ in run.seed only, where the
// sweep repeats them; each point by itself where it does not.
func repeats(s *model.Sweep, points []network.Point) [][]network.Point {
	var out [][]network.Point
	var seeds map[float64]bool // of the last one
	axes := len(s.Axes)
	for _, p := range points {
		last := len(out) - 1
		if s.Seeds == nil || last < 0 || !slices.Equal(out[last][0].Values[:axes], p.Values[:axes]) || seeds[p.Values[axes]] {
			out, seeds = append(out, nil), map[float64]bool{}
			last++
		}
		out[last] = append(out[last], p)
		if s.Seeds != nil {
			seeds[p.Values[axes]] = true
		}
	}
	return out
}

// quantity is something that each point of a sweep has: a measure, or a rate.
type quantity struct {
	key  string // in results
	name string // in figures
	unit string
	of   func(p network.Point) float64 // NaN where it is undefined
}

// quantities are the measures of a sweep and the rates of its populations.
func quantities(f *model.File) (measures, rates []quantity) {
	for i, m := range f.Measures {
		measures = append(measures, quantity{m.Key, spaced(m.Key), units[m.Kind], func(p network.Point) float64 { return measureAt(p, i) }})
	}
	for i, pop := range f.Populations {
		rates = append(rates, quantity{ofPopulation(f, pop, "rate_hz"), "rate of " + pop.Name, "Hz",
			func(p network.Point) float64 { return p.RateHz[i] }})
	}
	return measures, rates
}

// over gives the mean of a quantity over repetitions, with its standard error.
// Of several, those that did not come to their end, or are not finite, do not count.
func (q quantity) over(points []network.Point) (mean, stderr float64, n int) {
	if len(points) == 1 {
		return q.of(points[0]), math.NaN(), 1
	}
	var values []float64
	for _, p := range points {
		if p.Status == network.StatusOK {
			values = append(values, q.of(p))
		}
	}
	return measure.MeanStdErr(values)
}

// means are the points of a sweep that repeats them, for summary.json: their
// parameters, and of each measure and rate the mean over the seeds.
func means(f *model.File, points []network.Point) []object {
	if f.Sweep.Seeds == nil {
		return nil
	}
	measures, rates := quantities(f)
	out := []object{}
	for _, same := range repeats(f.Sweep, points) {
		o := object{}
		for i, a := range f.Sweep.Axes {
			o = append(o, member{a.Name, jsonValue(f.Sweep, i, same[0].Values[i])})
		}
		for _, q := range append(measures, rates...) {
			mean, stderr, n := q.over(same)
			o = append(o, member{q.key, object{{"mean", defined(mean)}, {"standard_error", defined(stderr)}, {"seeds", n}}})
		}
		out = append(out, o)
	}
	return out
}

// defined is a number, or null where there is none.
func defined(v float64) any {
	if math.IsNaN(v) {
		return nil
	}
	return v
}

// jsonValue is number i of a point, or the word that it stands for.
func jsonValue(s *model.Sweep, i int, v float64) any {
	if w := s.Word(i, v); w != "" {
		return w
	}
	return v
}

// textValue is the same in a table.
func textValue(s *model.Sweep, i int, v float64, number func(float64) string) string {
	if w := s.Word(i, v); w != "" {
		return w
	}
	return number(v)
}
