package plot

import (
	"fmt"
	"image/color"
	"image/png"
	"os"
	"path/filepath"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

const (
	width = 8 * vg.Inch
	dpi   = 144

	margin    = 10 // points, around a figure
	titleSize = 13
	labelSize = 12
	tickSize  = 11
)

var (
	face = font.Font{Typeface: "Liberation", Variant: "Sans"}

	grey = color.Gray{Y: 0xb0}

	// shades tell populations and series apart.
	shades = []color.Color{
		rgb(0x0072b2), // blue
		rgb(0xd55e00), // vermilion
		rgb(0x009e73), // bluish green
		rgb(0xcc79a7), // reddish purple
		rgb(0xe69f00), // orange
		rgb(0x56b4e9), // sky blue
		rgb(0x404040), // nearly black
	}
)

func rgb(hex uint32) color.Color {
	return color.RGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 0xff}
}

func shade(i int) color.Color { return shades[i%len(shades)] }

// newPlot returns an empty plot in the style of this package.
func newPlot() *plot.Plot {
	p := plot.New()
	for _, axis := range []*plot.Axis{&p.X, &p.Y} {
		axis.Label.TextStyle.Font = font.From(face, labelSize)
		axis.Label.Padding = 4
		axis.Tick.Label.Font = font.From(face, tickSize)
		axis.Tick.Length = 5
		axis.Tick.Marker = plot.TickerFunc(linearTicks)
	}
	p.Legend.TextStyle.Font = font.From(face, tickSize)
	return p
}

// figure is a picture in the making.
type figure struct {
	img    *vgimg.Canvas
	canvas draw.Canvas // what its margin and its title leave
}

// newFigure returns a picture of the given height that has only its title, which
// is shortened to its width.
func newFigure(height vg.Length, title string) figure {
	img := vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(color.White))
	c := draw.Crop(draw.New(img), margin, -margin, margin, -margin)
	if title != "" {
		sty := plot.New().Title.TextStyle
		sty.Font = font.From(face, titleSize)
		c.FillText(sty, vg.Point{X: c.Center().X, Y: c.Max.Y + sty.FontExtents().Descent}, fit(title, sty, c.Max.X-c.Min.X))
		c = draw.Crop(c, 0, 0, 0, -sty.Height(title)-8)
	}
	return figure{img, c}
}

// save writes the picture to path.
func (f figure) save(path string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("plot: %s: %w", path, err)
		}
	}()
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // which fails once it is renamed
	// The user waits for it; the default compression makes a raster 6 % smaller.
	err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(file, f.img.Image())
	if err == nil {
		err = file.Chmod(0o644)
	}
	if err2 := file.Close(); err == nil {
		err = err2
	}
	if err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}

// fit shortens s until it is no wider than w.
func fit(s string, sty draw.TextStyle, w vg.Length) string {
	if sty.Width(s) <= w {
		return s
	}
	runes := []rune(s)
	for len(runes) > 0 && sty.Width(string(runes)+"...") > w {
		runes = runes[:len(runes)-1]
	}
	return string(runes) + "..."
}

// note writes s in the middle of a plot that has nothing else to show.
type note string

// Plot implements plot.Plotter.
func (s note) Plot(c draw.Canvas, p *plot.Plot) {
	sty := p.X.Label.TextStyle
	sty.YAlign = draw.YCenter
	c.FillText(sty, c.Center(), string(s))
}
