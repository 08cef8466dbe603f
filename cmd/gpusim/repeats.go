package main

import (
	"math"
	"slices"

	"gpusim/measure"
	"gpusim/model"
	"gpusim/network"
)

// repeater puts together the points of a sweep that differ in run.seed only, where
// the sweep repeats them; each point stands by itself where it does not.
type repeater struct {
	sweep *model.Sweep
	each  func(same []network.Point) error
	same  []network.Point
	seeds map[float64]bool // of same
}

// add takes the next point.
func (r *repeater) add(p network.Point) error {
	axes := len(r.sweep.Axes)
	if len(r.same) > 0 && (r.sweep.Seeds == nil || !slices.Equal(r.same[0].Values[:axes], p.Values[:axes]) || r.seeds[p.Values[axes]]) {
		if err := r.end(); err != nil {
			return err
		}
	}
	if r.same = append(r.same, p); r.sweep.Seeds != nil {
		if r.seeds == nil {
			r.seeds = map[float64]bool{}
		}
		r.seeds[p.Values[axes]] = true
	}
	return nil
}

// end hands over the last points.
func (r *repeater) end() error {
	same := r.same
	r.same, r.seeds = nil, nil
	if len(same) == 0 {
		return nil
	}
	return r.each(same)
}

// repeats are all points so put together.
func repeats(s *model.Sweep, points []network.Point) (out [][]network.Point) {
	r := &repeater{sweep: s, each: func(same []network.Point) error {
		out = append(out, same)
		return nil
	}}
	for _, p := range points {
		_ = r.add(p) // each gives no error
	}
	_ = r.end()
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
// Those that did not come to their end, or are not finite, do not count.
func (q quantity) over(same []network.Point) (mean, stderr float64, n int) {
	var values []float64
	for _, p := range same {
		if p.Status == network.StatusOK {
			values = append(values, q.of(p))
		}
	}
	return measure.MeanStdErr(values)
}

// meansOf are the runs of a point for summary.json: its parameters, and of each
// measure and rate the mean over the seeds.
func meansOf(f *model.File, same []network.Point) object {
	measures, rates := quantities(f)
	o := object{}
	for i, a := range f.Sweep.Axes {
		o = append(o, member{a.Name, jsonValue(f.Sweep, i, same[0].Values[i])})
	}
	for _, q := range append(measures, rates...) {
		mean, stderr, n := q.over(same)
		o = append(o, member{q.key, object{{"mean", defined(mean)}, {"standard_error", defined(stderr)}, {"seeds", n}}})
	}
	return o
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
