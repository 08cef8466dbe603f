package plot

import (
	"errors"
	"image/color"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/palette"
	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Heat writes a picture of the series z over two swept parameters to path: a
// coloured cell for each pair of their values, all of one size and in ascending
// order, with a colour bar. The value at x.Values[i] and y.Values[j] is
// z.Y[i*len(y.Values)+j], so that y varies fastest. Cells whose value is not
// finite are grey.
func Heat(path, title string, x, y Axis, z Series) error {
	if len(z.Y) != len(x.Values)*len(y.Values) {
		panic("plot: a series has not one value for each pair of its axes' values")
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
	p.Add(cells{columns: sorted(x.Values), rows: sorted(y.Values), values: z.Y, colors: colors})
	p.X.Tick.Marker = valueTicks(x, 9)
	p.Y.Tick.Marker = valueTicks(y, 12)
	p.X.Padding, p.Y.Padding = 0, 0

	return coloured(path, title, p, z, colors, undefined)
}

// coloured writes p, whose labels are shortened to their room, with a bar of its
// colours beside it.
func coloured(path, title string, p *plot.Plot, z Series, colors palette.ColorMap, undefined bool) error {
	f := newFigure(5.2*vg.Inch, title)
	c := f.canvas
	p.X.Label.Text = fit(p.X.Label.Text, p.X.Label.TextStyle, 6*vg.Inch)
	p.Y.Label.Text = fit(p.Y.Label.Text, p.Y.Label.TextStyle, 4*vg.Inch)
	const barWidth = 1.25 * vg.Inch
	main := draw.Crop(c, 0, -barWidth, 0, 0)
	p.Draw(main)
	data := p.DataCanvas(main)

	bar := newPlot()
	bar.Add(&plotter.ColorBar{ColorMap: colors, Vertical: true, Colors: 256})
	bar.HideX()
	bar.X.Padding, bar.Y.Padding = 0, 0
	bar.Y.Label.Text = fit(z.label(), bar.Y.Label.TextStyle, data.Max.Y-data.Min.Y)
	// The bar is as high as the cells; what its own axes need is measured first.
	right := draw.Crop(c, c.Max.X-c.Min.X-barWidth+12, 0, 0, 0)
	inner := bar.DataCanvas(right)
	bar.Draw(draw.Crop(right, 0, 0, data.Min.Y-inner.Min.Y, data.Max.Y-inner.Max.Y))
	if undefined {
		sty := p.X.Tick.Label
		sty.XAlign, sty.YAlign = draw.XRight, draw.YBottom
		c.FillText(sty, vg.Point{X: c.Max.X, Y: c.Min.Y}, "grey: undefined")
	}
	return f.save(path)
}

// viridis is nine shades of matplotlib's colour map of this name (S. van der
// Walt and N. Smith, 2015), evenly spaced.
var viridis = []color.Color{
	rgb(0x440154), rgb(0x472d7b), rgb(0x3b528b), rgb(0x2c728e), rgb(0x21918c),
	rgb(0x28ae80), rgb(0x5ec962), rgb(0xaddc30), rgb(0xfde725),
}

// colorMap returns viridis over the range of the finite values, and whether
// there are others.
func colorMap(values []float64) (colors palette.ColorMap, undefined bool, err error) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if usable(v, false) {
			lo, hi = min(lo, v), max(hi, v)
		} else {
			undefined = true
		}
	}
	switch {
	case lo > hi:
		lo, hi = 0, 1
	case lo == hi:
		lo, hi = extent([]float64{lo}, false)
	}
	colors, err = moreland.NewLuminance(viridis)
	if err != nil {
		return nil, false, err
	}
	colors.SetMin(lo)
	colors.SetMax(hi)
	return colors, undefined, nil
}

// cells is a grid of coloured cells.
type cells struct {
	columns, rows []int // index of the value of the axis by place
	values        []float64
	colors        palette.ColorMap
}

// Plot implements plot.Plotter.
func (g cells) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	// Edges lie between pixels, lest a light seam shows.
	const pixel = vg.Inch / dpi
	edge := func(l vg.Length) vg.Length { return vg.Length(math.Round(float64(l/pixel))) * pixel }
	for column, i := range g.columns {
		x0, x1 := edge(x(float64(column)-0.5)), edge(x(float64(column)+0.5))
		for row, j := range g.rows {
			y0, y1 := edge(y(float64(row)-0.5)), edge(y(float64(row)+0.5))
			fill, err := g.colors.At(g.values[i*len(g.rows)+j])
			if err != nil {
				fill = grey
			}
			c.FillPolygon(fill, []vg.Point{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}})
		}
	}
}

// DataRange implements plot.DataRanger.
func (g cells) DataRange() (xmin, xmax, ymin, ymax float64) {
	return -0.5, float64(len(g.columns)) - 0.5, -0.5, float64(len(g.rows)) - 0.5
}

// valueTicks returns a tick in the middle of each cell of an axis, labelled with
// its value, or of every few cells so that there are no more than n labels.
func valueTicks(a Axis, n int) plot.ConstantTicks {
	stride := (len(a.Values) + n - 1) / n
	var ticks []plot.Tick
	for place, i := range sorted(a.Values) {
		if place%stride == 0 {
			ticks = append(ticks, plot.Tick{Value: float64(place), Label: a.label(a.Values[i])})
		}
	}
	return ticks
}
