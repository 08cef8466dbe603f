package plot_test

import (
	"image"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"gpusim/plot"
)

// trials has the objective (x - 3)**2 at x = 0, 1, ... of a search, undefined at 5.
func trials(log bool) plot.Trials {
	s := plot.Trials{Objective: plot.Series{Name: "objective"}, Log: log}
	x := plot.Axis{Label: "drive"}
	best := math.NaN()
	for i := range 8 {
		x.Values = append(x.Values, float64(i))
		v := float64((i - 3) * (i - 3))
		if i == 5 {
			v = math.NaN()
		} else if !(v >= best) {
			best = v
		}
		s.Objective.Y, s.Best = append(s.Objective.Y, v), append(s.Best, best)
	}
	s.Parameters = []plot.Axis{x}
	return s
}

func TestSearch(t *testing.T) {
	draw := func(s plot.Trials) image.Image {
		return picture(t, func(path string) error { return plot.Search(path, "a search", s) })
	}
	img := draw(trials(false))
	if h := img.Bounds().Dy(); h != 792 {
		t.Errorf("%d pixels high, want 2 panels of 374 and 43 for the title", h)
	}
	// The best is marked in the lower panel, below the middle of its width: 3 of 0 to 7.
	lower := img.(interface {
		SubImage(r image.Rectangle) image.Image
	}).SubImage(image.Rect(0, 420, img.Bounds().Dx(), img.Bounds().Dy()))
	n, at := pixels(lower, vermilion)
	if n < 50 || at.Dx() > 25 || at.Dy() > 25 || at.Min.X < 350 || at.Max.X > 560 {
		t.Errorf("%d pixels of the best, at %v", n, at)
	}
	blues, _ := pixels(lower, blue)
	if logBlues, _ := pixels(draw(trials(true)), blue); blues == 0 || logBlues == 0 {
		t.Error("no trials to be seen")
	}

	log := trials(true)
	log.Parameters[0].Log = true
	many := trials(false)
	for range 3 {
		many.Parameters = append(many.Parameters, plot.Axis{Label: strings.Repeat("long", 40), Values: many.Parameters[0].Values})
	}
	many.Objective.Name, many.Objective.Unit = strings.Repeat("long", 40), "Hz"
	nothing := trials(true)
	for i := range nothing.Best {
		nothing.Objective.Y[i], nothing.Best[i] = math.NaN(), math.NaN()
	}
	for _, s := range []plot.Trials{log, many, nothing, {}} {
		draw(s)
	}
	defer func() {
		if got := recover(); got != "plot: a search has not one value for each of its trials" {
			t.Error(got)
		}
	}()
	short := trials(false)
	short.Best = short.Best[1:]
	_ = plot.Search(filepath.Join(t.TempDir(), "x.png"), "", short)
}
