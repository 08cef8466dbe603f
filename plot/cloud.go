package plot

import (
	"errors"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Cloud writes a picture of the series z at points of two swept parameters to
// path: a coloured dot for each point, with a colour bar. Point k is at
// x.Values[k] and y.Values[k]. Dots whose value is not finite are grey.
func Cloud(path, title string, x, y Axis, z Series) error {
	if len(z.Y) != len(x.Values) || len(z.Y) != len(y.Values) {
		panic("plot: a series has not one value for each point")
	}
	if len(z.Y) == 0 {
		return errors.New("plot: " + path + ": no values to draw")
	}
	colors, undefined, err := colorMap(z.Y)
	if err != nil {
		return err
	}
	p := newPlot()
	p.X.Label.Text, p.Y.Label.Text = x.Label, y.Label
	p.Add(grid{}, dots{x: x, y: y, values: z.Y, colors: colors})
	x.scale(&p.X)
	y.scale(&p.Y)
	return coloured(path, title, p, z, colors, undefined)
}

// dots are coloured dots.
type dots struct {
	x, y   Axis
	values []float64
	colors palette.ColorMap
}

// Plot implements plot.Plotter.
func (d dots) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	radius := vg.Length(4)
	if len(d.values) > 300 {
		radius = 2.5
	}
	for k, v := range d.values {
		if !usable(d.x.Values[k], d.x.Log) || !usable(d.y.Values[k], d.y.Log) {
			continue
		}
		fill, err := d.colors.At(v)
		if err != nil {
			fill = grey
		}
		at := vg.Point{X: x(d.x.Values[k]), Y: y(d.y.Values[k])}
		c.DrawGlyph(draw.GlyphStyle{Color: fill, Radius: radius, Shape: draw.CircleGlyph{}}, at)
	}
}

// MostPanels is how many axes Panels shows.
const MostPanels = 6

// Panels writes a picture of the series z at points of several swept parameters
// to path: a panel for each of the axes, of which there are at most MostPanels,
// with the series over that axis as dots.
func Panels(path, title string, axes []Axis, z Series) error {
	axes = axes[:min(len(axes), MostPanels)]
	rows := (len(axes) + 1) / 2
	const height = 2.5 * vg.Inch
	f := newFigure(height*vg.Length(rows)+0.4*vg.Inch, title)
	plots := make([][]*plot.Plot, rows)
	for row := range plots {
		plots[row] = make([]*plot.Plot, 2)
	}
	for i, x := range axes {
		x.Dots = true
		p := newPlot()
		l := newCurve(x, z, shade(0))
		l.marker.Radius = 2
		p.Add(grid{}, l)
		x.scale(&p.X)
		p.Y.Min, p.Y.Max = extent([]float64{p.Y.Min, p.Y.Max}, false)
		if len(l.runs) == 0 {
			p.Add(note("no finite values"))
			p.Y.Min, p.Y.Max = 0, 1
		}
		p.X.Tick.Marker = sparse{p.X.Tick.Marker}
		p.X.Label.Text = fit(x.Label, p.X.Label.TextStyle, 3*vg.Inch)
		p.Y.Label.Text = fit(z.label(), p.Y.Label.TextStyle, height-40)
		plots[i/2][i%2] = p
	}
	tiles := draw.Tiles{Rows: rows, Cols: 2, PadX: 14, PadY: 10}
	for row, canvases := range plot.Align(plots, tiles, f.canvas) {
		for column, c := range canvases {
			if p := plots[row][column]; p != nil {
				p.Draw(c)
			}
		}
	}
	return f.save(path)
}

// sparse is ticks with every other label left out where there are many.
type sparse struct{ plot.Ticker }

// Ticks implements plot.Ticker.
func (s sparse) Ticks(min, max float64) []plot.Tick {
	ticks := slices.Clone(s.Ticker.Ticks(min, max))
	var major []int
	for i, t := range ticks {
		if !t.IsMinor() {
			major = append(major, i)
		}
	}
	for k, i := range major {
		if len(major) > 5 && k%2 == 1 {
			ticks[i].Label = " "
		}
	}
	return ticks
}
