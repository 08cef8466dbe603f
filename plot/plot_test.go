package plot_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"gpusim/plot"
)

var (
	blue      = color.RGBA{0x00, 0x72, 0xb2, 0xff}
	vermilion = color.RGBA{0xd5, 0x5e, 0x00, 0xff}
	undefined = color.RGBA{0xb0, 0xb0, 0xb0, 0xff}
)

// population returns spikes at random times between 0 and 1000 ms.
func population(name string, size, spikes int, seed uint64) plot.Population {
	rng := rand.New(rand.NewPCG(seed, 2))
	p := plot.Population{Name: name, Size: size}
	for range spikes {
		p.Times = append(p.Times, 1000*rng.Float64())
		p.Neurons = append(p.Neurons, rng.Int32N(int32(size)))
	}
	return p
}

// picture draws twice, expects the same bytes and returns the picture.
func picture(t *testing.T, draw func(path string) error) image.Image {
	t.Helper()
	dir := t.TempDir()
	var files [2][]byte
	for i := range files {
		path := filepath.Join(dir, "figure.png")
		if err := draw(path); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files[i] = b
	}
	if !bytes.Equal(files[0], files[1]) {
		t.Error("two pictures of the same data differ")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
	img, err := png.Decode(bytes.NewReader(files[0]))
	if err != nil {
		t.Fatal(err)
	}
	// Nothing may touch the edge, where it would be clipped.
	b := img.Bounds()
	for x := b.Min.X; x < b.Max.X; x++ {
		for y := b.Min.Y; y < b.Max.Y; y++ {
			edge := x == b.Min.X || y == b.Min.Y || x == b.Max.X-1 || y == b.Max.Y-1
			if edge && color.RGBAModel.Convert(img.At(x, y)) != (color.RGBA{255, 255, 255, 255}) {
				t.Fatalf("something is clipped at (%d, %d)", x, y)
			}
		}
	}
	return img
}

// pixels returns the number of pixels of exactly the color c, and the smallest
// rectangle around them.
func pixels(img image.Image, c color.RGBA) (n int, r image.Rectangle) {
	b := img.Bounds()
	for x := b.Min.X; x < b.Max.X; x++ {
		for y := b.Min.Y; y < b.Max.Y; y++ {
			if color.RGBAModel.Convert(img.At(x, y)) == c {
				n++
				r = r.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return n, r
}

func TestRaster(t *testing.T) {
	img := picture(t, func(path string) error {
		return plot.Raster(path, "two populations", []plot.Population{
			population("excitatory", 80, 400, 1), population("inhibitory", 20, 100, 2),
		}, 0, 1000)
	})
	_, low := pixels(img, blue)
	_, high := pixels(img, vermilion)
	// The names at the right have the colours too, in their band.
	if low.Empty() || high.Empty() || high.Max.Y > low.Min.Y+8 {
		t.Errorf("the first population is at %v, the second at %v", low, high)
	}
}

// TestRasterPlaces looks for the dots of single spikes.
func TestRasterPlaces(t *testing.T) {
	at := func(time float64, neuron int32) image.Rectangle {
		img := picture(t, func(path string) error {
			return plot.Raster(path, "", []plot.Population{
				{Name: "p", Size: 10, Times: []float64{time}, Neurons: []int32{neuron}},
			}, 0, 100)
		})
		_, r := pixels(img, blue)
		return r
	}
	// Of the neurons from number 40 on, 43 is in the place of 3.
	later := picture(t, func(path string) error {
		return plot.Raster(path, "", []plot.Population{
			{Name: "p", First: 40, Size: 10, Times: []float64{50, 50}, Neurons: []int32{43, 3}},
		}, 0, 100)
	})
	if _, r := pixels(later, blue); r.Empty() || r.Min.Y != at(50, 3).Min.Y || r.Max.Y != at(50, 3).Max.Y {
		t.Errorf("neuron 43 of 40 to 49 is at %v, neuron 3 of 0 to 9 at %v", r, at(50, 3))
	}
	a, b, c := at(0, 0), at(100, 0), at(0, 9)
	if a.Empty() || b.Min.X < a.Max.X || b.Min.Y != a.Min.Y || c.Max.Y > a.Min.Y || c.Min.X != a.Min.X {
		t.Errorf("neuron 0 at 0 ms is at %v, at 100 ms at %v; neuron 9 at 0 ms at %v", a, b, c)
	}
	for _, spike := range []struct {
		time   float64
		neuron int32
	}{{-1, 0}, {101, 0}, {math.NaN(), 0}, {math.Inf(1), 0}, {50, -1}, {50, 10}} {
		if r := at(spike.time, spike.neuron); !r.Empty() {
			t.Errorf("neuron %d at %v ms, outside the axes, is at %v", spike.neuron, spike.time, r)
		}
	}
}

func TestRasterEdges(t *testing.T) {
	many := make([]plot.Population, 60)
	for i := range many {
		many[i] = population(fmt.Sprintf("population %d of a network with many", i), 1+i%7*20, 50, uint64(i))
	}
	for name, pops := range map[string][]plot.Population{
		"none":  nil,
		"empty": {{Name: "p"}, {Name: "q"}},
		"still": {{Name: "p", Size: 1}},
		"many":  many,
	} {
		for _, end := range []float64{1000, 0, 1e7} {
			t.Run(fmt.Sprint(name, end), func(t *testing.T) {
				picture(t, func(path string) error {
					return plot.Raster(path, "a title that is far too long for the width of the picture and has to "+
						"be shortened, as the name of a network is the user's to choose", pops, 0, end)
				})
			})
		}
	}
}

func TestCurve(t *testing.T) {
	x := []float64{3, 1, 2, 4}
	cc := plot.Series{Name: "cross_correlation", Y: []float64{0.5, 0.3, math.NaN(), 0.6}}
	chi := plot.Series{Name: "voltage_fluctuation", Y: []float64{0.5, 0.4, 0.7, math.Inf(1)}}
	rate := plot.Series{Name: "rate", Unit: "Hz", Y: []float64{40, 42, 43, 44}}
	none := plot.Series{Name: "isi_cv", Y: []float64{math.NaN(), math.NaN(), math.NaN(), math.NaN()}}
	huge := plot.Series{Name: "huge", Y: []float64{math.MaxFloat64, -math.MaxFloat64, 1e299, -1e299}}
	close := plot.Series{Name: "close", Y: []float64{1e20, 1e20 + 65536, 1e20, 1e20}}
	for _, test := range []struct {
		name   string
		series []plot.Series
		height int
	}{
		{"one", []plot.Series{cc}, 691},
		{"two", []plot.Series{cc, chi}, 691},
		{"panels", []plot.Series{cc, chi, rate}, 749},
		{"undefined", []plot.Series{none}, 691},
		{"huge", []plot.Series{huge}, 691},
		{"close", []plot.Series{close}, 691},
		{"nothing", nil, 691},
	} {
		for _, log := range []bool{false, true} {
			t.Run(fmt.Sprint(test.name, log), func(t *testing.T) {
				img := picture(t, func(path string) error {
					return plot.Curve(path, "a sweep", plot.Axis{Label: "gaba.g_max", Values: x, Log: log}, test.series)
				})
				if h := img.Bounds().Dy(); h != test.height {
					t.Errorf("%d pixels high, want %d", h, test.height)
				}
			})
		}
	}
}

// TestCurveGap has the undefined value of three in the middle: no line may lead
// past it.
func TestCurveGap(t *testing.T) {
	count := func(middle float64) int {
		img := picture(t, func(path string) error {
			return plot.Curve(path, "", plot.Axis{Values: []float64{1, 2, 3}},
				[]plot.Series{{Name: "cc", Y: []float64{0.1, middle, 0.3}}})
		})
		n, _ := pixels(img, blue)
		return n
	}
	if with, without := count(0.2), count(math.NaN()); without == 0 || with < 3*without {
		t.Errorf("%d blue pixels with the value in the middle, %d without it", with, without)
	}
}

func TestHeat(t *testing.T) {
	x := plot.Axis{Label: "gaba.g_max", Values: []float64{0.001, 0.0005, 0.002}}
	y := plot.Axis{Label: "interneurons.inp", Values: []float64{1, 2}}
	img := picture(t, func(path string) error {
		return plot.Heat(path, "two parameters", x, y,
			plot.Series{Name: "cross_correlation", Y: []float64{0, 1, 2, 3, 4, math.NaN()}})
	})
	// The undefined value is at x = 0.002, the last column, and y = 2, the upper row.
	size := img.Bounds().Size()
	for _, at := range []struct {
		x, y float64
		want bool
	}{{0.7, 0.3, true}, {0.7, 0.7, false}, {0.45, 0.3, false}} {
		got := color.RGBAModel.Convert(img.At(int(at.x*float64(size.X)), int(at.y*float64(size.Y)))) == undefined
		if got != at.want {
			t.Errorf("at (%v, %v) of the picture: undefined is %v, want %v", at.x, at.y, got, at.want)
		}
	}
	for _, values := range [][]float64{
		{1, 1, 1, 1, 1, 1},
		{0, 0, 0, 0, 0, 0},
		{math.NaN(), math.Inf(1), math.NaN(), math.Inf(-1), math.NaN(), math.NaN()},
		{math.MaxFloat64, -math.MaxFloat64, 0, 1, 2, 3},
	} {
		picture(t, func(path string) error {
			return plot.Heat(path, "two parameters", x, y, plot.Series{Name: "rate", Unit: "Hz", Y: values})
		})
	}
}

func TestErrors(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "none", "figure.png")
	want := "plot: " + path + ": "
	for name, err := range map[string]error{
		"Raster":      plot.Raster(path, "", nil, 0, 1),
		"Curve":       plot.Curve(path, "", plot.Axis{}, nil),
		"Heat":        plot.Heat(path, "", plot.Axis{Values: []float64{1}}, plot.Axis{Values: []float64{1}}, plot.Series{Y: []float64{1}}),
		"Heat, empty": plot.Heat(path, "", plot.Axis{}, plot.Axis{}, plot.Series{}),
	} {
		if err == nil || !bytes.HasPrefix([]byte(err.Error()), []byte(want)) {
			t.Errorf("%s: got %v, want %s...", name, err, want)
		}
	}
	// What cannot be renamed leaves nothing behind.
	if err := os.MkdirAll(filepath.Join(dir, "folder.png", "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := plot.Raster(filepath.Join(dir, "folder.png"), "", nil, 0, 1); err == nil {
		t.Error("no error for a folder in the picture's place")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestPanics(t *testing.T) {
	axis := plot.Axis{Values: []float64{1, 2}}
	for _, test := range []struct {
		want string
		call func()
	}{
		{"plot: times and neurons differ in length", func() {
			_ = plot.Raster("", "", []plot.Population{{Times: []float64{1}}}, 0, 1)
		}},
		{"plot: a series has not one value for each of its axis", func() {
			_ = plot.Curve("", "", axis, []plot.Series{{Name: "cc", Y: []float64{1}}})
		}},
		{"plot: a series has not one value for each pair of its axes' values", func() {
			_ = plot.Heat("", "", axis, axis, plot.Series{Y: []float64{1}})
		}},
	} {
		func() {
			defer func() {
				if got := recover(); got != test.want {
					t.Errorf("got %v, want %s", got, test.want)
				}
			}()
			test.call()
		}()
	}
}

func ExampleCurve() {
	dir, err := os.MkdirTemp("", "plot")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	err = plot.Curve(filepath.Join(dir, "sweep.png"), "gamma oscillation",
		plot.Axis{Label: "gaba.g_max (mS/cm2)", Values: []float64{0.0005, 0.001, 0.0015}},
		[]plot.Series{
			{Name: "cross_correlation", Y: []float64{0.2832, 0.5637, 0.6647}},
			{Name: "rate", Unit: "Hz", Y: []float64{51.08, 42.68, 38.02}},
		})
	fmt.Println(err)
	// Output:
	// <nil>
}

func BenchmarkRaster(b *testing.B) {
	pops := []plot.Population{population("excitatory", 3200, 80000, 1), population("inhibitory", 800, 20000, 2)}
	path := filepath.Join(b.TempDir(), "raster.png")
	for b.Loop() {
		if err := plot.Raster(path, "100,000 spikes", pops, 0, 1000); err != nil {
			b.Fatal(err)
		}
	}
}
