package plot_test

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"gpusim/plot"
)

// scattered is n points of a few axes in [0, 1), of seed 5, and the sum of each.
func scattered(n, axes int) ([]plot.Axis, plot.Series) {
	rng := rand.New(rand.NewPCG(5, 1))
	out := make([]plot.Axis, axes)
	z := plot.Series{Name: "sum", Unit: "Hz", Y: make([]float64, n)}
	for i := range out {
		out[i].Label = "object.axis_" + string(rune('a'+i))
		for k := range n {
			v := rng.Float64()
			out[i].Values = append(out[i].Values, v)
			z.Y[k] += v
		}
	}
	return out, z
}

// TestCloud: the highest point has the lightest colour; what is not finite is grey.
func TestCloud(t *testing.T) {
	axes, z := scattered(60, 2)
	z.Y[0] = math.NaN()
	img := picture(t, func(path string) error { return plot.Cloud(path, "cloud", axes[0], axes[1], z) })
	if n, _ := pixels(img, undefined); n < 20 {
		t.Errorf("%d grey pixels", n)
	}
	axes[0].Words, axes[1].Log = []string{"one"}, true
	for k := range axes[0].Values {
		axes[0].Values[k] = 0
		axes[1].Values[k] += 0.1
	}
	picture(t, func(path string) error { return plot.Cloud(path, "cloud", axes[0], axes[1], z) })
}

func TestPanels(t *testing.T) {
	for _, n := range []int{1, 3, plot.MostPanels + 1} {
		axes, z := scattered(100, n)
		axes[0].Label = "a very long name of an object.and a very long name of a variable of it"
		z.Y[1] = math.Inf(1)
		img := picture(t, func(path string) error { return plot.Panels(path, "panels", axes, z) })
		if count, _ := pixels(img, blue); count < 100*20 {
			t.Errorf("%d axes: %d blue pixels", n, count)
		}
		for k := range z.Y {
			z.Y[k] = math.NaN()
		}
		picture(t, func(path string) error { return plot.Panels(path, "panels", axes, z) })
	}
}

// TestCurveBars: bars reach as far as they say, those that are not finite are not
// drawn, and dots and words are not joined by lines.
func TestCurveBars(t *testing.T) {
	x := plot.Axis{Label: "x", Values: []float64{0, 1, 2}}
	y := []float64{1, 2, 1}
	count := func(x plot.Axis, bars []float64) (int, image.Rectangle) {
		img := picture(t, func(path string) error {
			return plot.Curve(path, "bars", x, []plot.Series{{Name: "y", Y: y, Err: bars}})
		})
		return pixels(img, blue)
	}
	bare, _ := count(x, nil)
	nan, _ := count(x, []float64{math.NaN(), math.NaN(), math.NaN()})
	if bare != nan {
		t.Errorf("bars of nothing take %d pixels", nan-bare)
	}
	if with, _ := count(x, []float64{0.2, 0.2, 0.2}); with <= bare*3/4 {
		t.Errorf("%d pixels with bars, %d without", with, bare)
	}
	x.Dots = true
	dots, _ := count(x, nil)
	x.Dots, x.Words = false, []string{"euler", "rk4", "exponential_euler"}
	words, _ := count(x, nil)
	if dots >= bare/2 || words >= bare/2 {
		t.Errorf("%d pixels of dots, %d of words, %d with lines", dots, words, bare)
	}
	picture(t, func(path string) error {
		return plot.Heat(path, "words", x, plot.Axis{Label: "y", Values: []float64{1, 2}}, plot.Series{Name: "z", Y: []float64{1, 2, 3, 4, 5, 6}})
	})
	const want = "plot: c.png: no values to draw"
	for _, err := range []error{
		plot.Cloud("c.png", "", plot.Axis{}, plot.Axis{}, plot.Series{}),
		plot.Heat("c.png", "", plot.Axis{}, plot.Axis{}, plot.Series{}),
	} {
		if err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
