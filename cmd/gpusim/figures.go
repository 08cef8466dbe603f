package main

import (
	"slices"

	"gpusim/model"
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
