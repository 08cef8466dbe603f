package plot

import (
	"cmp"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Axis is a swept parameter: its name, with its unit, and its values.
type Axis struct {
	Label  string
	Values []float64
	// Log asks for a logarithmic axis, which needs positive values.
	Log bool
	// Words are categories: value k is labelled Words[k].
	Words []string
	// Dots asks for markers without lines between them: neighbours on the axis
	// are none otherwise.
	Dots bool
}

// label writes a value.
func (a Axis) label(v float64) string {
	if k := int(v); k >= 0 && k < len(a.Words) {
		return a.Words[k]
	}
	return shortest(v)
}

// scale gives an axis of a plot the range and the ticks of a.
func (a Axis) scale(p *plot.Axis) {
	if a.Words != nil {
		p.Min, p.Max = -0.5, float64(len(a.Words))-0.5
		p.Tick.Marker = valueTicks(Axis{Words: a.Words, Values: indices(len(a.Words))}, 12)
		return
	}
	p.Min, p.Max = extent(a.Values, a.Log)
	if a.Log {
		p.Scale = plot.LogScale{}
		p.Tick.Marker = plot.TickerFunc(logTicks)
	}
}

// indices are the numbers from 0 to n-1.
func indices(n int) []float64 {
	out := make([]float64, n)
	for k := range out {
		out[k] = float64(k)
	}
	return out
}

// Series is a measure at each value of a swept parameter, NaN where it is
// undefined.
type Series struct {
	Name string
	Unit string // such as Hz; empty for a measure without one
	Y    []float64
	Err  []float64 // what the bars of Y reach up and down, NaN for none; nil: no bars
}

// label is the text that stands for s at an axis.
func (s Series) label() string {
	if s.Unit == "" {
		return s.Name
	}
	return s.Name + " (" + s.Unit + ")"
}

// Curve writes a picture of series over x to path: a marker for each value and
// lines between neighbours, with a panel for each unit and a legend where there
// are several series. Values that are not finite are left out and interrupt the
// line.
func Curve(path, title string, x Axis, series []Series) error {
	panels := byUnit(series)
	plots := make([][]*plot.Plot, len(panels))
	legends := make([]plot.Legend, len(panels))
	var room vg.Length // for the legends
	drawn := 0         // series
	for i, panel := range panels {
		p := newPlot()
		plots[i] = []*plot.Plot{p}
		p.Add(grid{})
		legends[i] = plot.NewLegend()
		legends[i].TextStyle = p.Legend.TextStyle
		legends[i].Top = true
		legends[i].Left = true
		legends[i].Padding = 4
		legends[i].ThumbnailWidth = 22
		empty := true
		for _, s := range panel {
			l := newCurve(x, s, shade(drawn))
			drawn++
			empty = empty && len(l.runs) == 0
			p.Add(l)
			name := fit(s.Name, p.Legend.TextStyle, 2.4*vg.Inch)
			legends[i].Add(name, l)
			room = max(room, p.Legend.TextStyle.Width(name)+legends[i].ThumbnailWidth+16)
		}
		x.scale(&p.X)
		p.Y.Min, p.Y.Max = extent([]float64{p.Y.Min, p.Y.Max}, false)
		if empty {
			p.Add(note("no finite values"))
		}
		p.Y.Label.Text = panel[0].label()
		if len(panel) > 1 {
			p.Y.Label.Text = panel[0].Unit
		}
		if i < len(panels)-1 {
			p.X.Tick.Marker = withoutLabels{p.X.Tick.Marker}
			p.X.Tick.Label.Font.Size = 1
		}
	}

	panelHeight := 4.2 * vg.Inch
	if len(panels) > 1 {
		panelHeight = 2.3 * vg.Inch
	}
	f := newFigure(panelHeight*vg.Length(len(panels))+0.6*vg.Inch, title)
	c := f.canvas
	bottom := plots[len(plots)-1][0]
	bottom.X.Label.Text = fit(x.Label, bottom.X.Label.TextStyle, c.Max.X-c.Min.X)
	for _, row := range plots {
		label := &row[0].Y.Label
		label.Text = fit(label.Text, label.TextStyle, panelHeight-12)
	}
	several := len(panels) < len(series)
	if several {
		c = draw.Crop(c, 0, -room, 0, 0)
	}
	tiles := draw.Tiles{Rows: len(plots), Cols: 1, PadY: 8}
	for i, row := range plot.Align(plots, tiles, c) {
		p := plots[i][0]
		p.Draw(row[0])
		if several && len(panels[i]) > 1 {
			data := p.DataCanvas(row[0])
			legends[i].Draw(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
				Min: vg.Point{X: data.Max.X + 12, Y: data.Min.Y},
				Max: vg.Point{X: data.Max.X + 12 + room, Y: data.Max.Y},
			}})
		}
	}
	return f.save(path)
}

// byUnit groups series by their unit, in the order in which units first appear.
// Without series it returns one empty group with an empty series.
func byUnit(series []Series) [][]Series {
	if len(series) == 0 {
		return [][]Series{{{}}}
	}
	var panels [][]Series
	at := map[string]int{}
	for _, s := range series {
		i, ok := at[s.Unit]
		if !ok {
			i = len(panels)
			at[s.Unit] = i
			panels = append(panels, nil)
		}
		panels[i] = append(panels[i], s)
	}
	return panels
}

// extent returns a range a little larger than that of the finite values.
func extent(values []float64, log bool) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if usable(v, log) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	switch {
	case lo > hi && log:
		return 1, 10
	case lo > hi:
		return 0, 1
	case log && lo == hi:
		return lo / 2, hi * 2
	case log:
		pad := math.Pow(hi/lo, 0.03)
		return lo / pad, hi * pad
	case lo == hi:
		pad := max(0.5*math.Abs(lo), 1e-3)
		return lo - pad, hi + pad
	}
	pad := 0.05 * (hi - lo)
	return lo - pad, hi + pad
}

// usable reports whether v has a place on an axis. Of finite values, those near
// the end of the range of float64 have none, as no span could be computed.
func usable(v float64, log bool) bool {
	return math.Abs(v) < 1e300 && (!log || v > 1e-300)
}

// curve is a series as markers and lines.
type curve struct {
	runs   []plotter.XYs // without gaps
	bars   []bar
	marker draw.GlyphStyle
	line   draw.LineStyle
}

// bar is an error bar.
type bar struct{ x, low, high float64 }

func newCurve(x Axis, s Series, c color.Color) curve {
	l := curve{
		marker: draw.GlyphStyle{Color: c, Radius: 3, Shape: draw.CircleGlyph{}},
		line:   draw.LineStyle{Color: c, Width: 1.5},
	}
	if len(s.Y) > 150 {
		l.marker.Radius = 1.5
		l.line.Width = 1
	}
	if s.Name == "" && len(s.Y) == 0 {
		return l
	}
	if len(s.Y) != len(x.Values) {
		panic("plot: a series has not one value for each of its axis")
	}
	order := sorted(x.Values)
	joined := false
	for _, i := range order {
		if !usable(x.Values[i], x.Log) || !usable(s.Y[i], false) {
			joined = false
			continue
		}
		if s.Err != nil && usable(s.Err[i], false) {
			l.bars = append(l.bars, bar{x.Values[i], s.Y[i] - s.Err[i], s.Y[i] + s.Err[i]})
		}
		if !joined || x.Dots || x.Words != nil {
			l.runs = append(l.runs, nil)
			joined = true
		}
		last := &l.runs[len(l.runs)-1]
		*last = append(*last, plotter.XY{X: x.Values[i], Y: s.Y[i]})
	}
	return l
}

// sorted returns the indices of values in ascending order of these.
func sorted(values []float64) []int {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(values[i], values[j]) })
	return order
}

// Plot implements plot.Plotter.
func (l curve) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	const reach = 3 // points, to each side
	thin := l.line
	thin.Width = 1
	for _, b := range l.bars {
		at := x(b.x)
		c.StrokeLine2(thin, at, y(b.low), at, y(b.high))
		c.StrokeLine2(thin, at-reach, y(b.low), at+reach, y(b.low))
		c.StrokeLine2(thin, at-reach, y(b.high), at+reach, y(b.high))
	}
	for _, run := range l.runs {
		points := make([]vg.Point, len(run))
		for i, xy := range run {
			points[i] = vg.Point{X: x(xy.X), Y: y(xy.Y)}
		}
		if len(points) > 1 {
			c.StrokeLines(l.line, points)
		}
		for _, pt := range points {
			c.DrawGlyph(l.marker, pt)
		}
	}
}

// DataRange implements plot.DataRanger.
func (l curve) DataRange() (xmin, xmax, ymin, ymax float64) {
	xmin, xmax, ymin, ymax = math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, run := range l.runs {
		x0, x1, y0, y1 := plotter.XYRange(run)
		xmin, xmax, ymin, ymax = min(xmin, x0), max(xmax, x1), min(ymin, y0), max(ymax, y1)
	}
	for _, b := range l.bars {
		ymin, ymax = min(ymin, b.low), max(ymax, b.high)
	}
	return xmin, xmax, ymin, ymax
}

// Thumbnail implements plot.Thumbnailer.
func (l curve) Thumbnail(c *draw.Canvas) {
	y := c.Center().Y
	c.StrokeLine2(l.line, c.Min.X, y, c.Max.X, y)
	c.DrawGlyph(l.marker, c.Center())
}

// grid is thin lines at the labelled ticks.
type grid struct{}

// Plot implements plot.Plotter.
func (grid) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	sty := draw.LineStyle{Color: rgb(0xe6e6e6), Width: 0.5}
	marker := p.X.Tick.Marker
	if w, ok := marker.(withoutLabels); ok {
		marker = w.Ticker
	}
	for _, tick := range marker.Ticks(p.X.Min, p.X.Max) {
		if !tick.IsMinor() {
			c.StrokeLine2(sty, x(tick.Value), c.Min.Y, x(tick.Value), c.Max.Y)
		}
	}
	for _, tick := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		if !tick.IsMinor() {
			c.StrokeLine2(sty, c.Min.X, y(tick.Value), c.Max.X, y(tick.Value))
		}
	}
}

// withoutLabels is the ticks of a panel that stands on another one.
type withoutLabels struct{ plot.Ticker }

// Ticks implements plot.Ticker.
func (w withoutLabels) Ticks(min, max float64) []plot.Tick {
	ticks := slices.Clone(w.Ticker.Ticks(min, max))
	for i := range ticks {
		if !ticks[i].IsMinor() {
			ticks[i].Label = " "
		}
	}
	return ticks
}
