package plot

import (
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Trials is what a search has tried, in its order.
type Trials struct {
	Objective Series    // NaN where a trial has none
	Best      []float64 // so far, NaN before the first
	Log       bool      // asks for a logarithmic axis of the objective; what is not positive is left out
	// Parameters are what was searched, with the value of each trial.
	Parameters []Axis
}

// Search writes a picture of a search to path: the objective of each trial and
// the best so far over their number, and below, a panel for each parameter, the
// objective over its values, in which the best is marked.
func Search(path, title string, s Trials) error {
	for _, x := range s.Parameters {
		if len(x.Values) != len(s.Objective.Y) || len(s.Best) != len(s.Objective.Y) {
			panic("plot: a search has not one value for each of its trials")
		}
	}
	number := Axis{Label: "evaluation"}
	for i := range s.Objective.Y {
		number.Values = append(number.Values, float64(i+1))
	}
	found := bestOf(s)
	first := s.panel(number)
	first.Add(s.dots(number, nil), curve{
		runs: s.dots(number, s.Best).runs,
		line: draw.LineStyle{Color: shade(1), Width: 1.5},
	})
	plots := [][]*plot.Plot{{first}}
	for _, x := range s.Parameters {
		p := s.panel(x)
		p.Add(s.dots(x, nil))
		if found >= 0 {
			best := s.dots(Axis{Values: x.Values[found : found+1], Log: x.Log}, s.Objective.Y[found:found+1])
			best.marker = draw.GlyphStyle{Color: shade(1), Radius: 4, Shape: draw.CircleGlyph{}}
			p.Add(best)
		}
		plots = append(plots, []*plot.Plot{p})
	}

	const height = 2.6 * vg.Inch
	f := newFigure(height*vg.Length(len(plots))+0.3*vg.Inch, title)
	c := f.canvas
	legend := plot.NewLegend()
	legend.TextStyle = first.Legend.TextStyle
	legend.Top, legend.Left = true, true
	legend.Padding, legend.ThumbnailWidth = 4, 22
	legend.Add("a trial", curve{marker: s.dots(Axis{}, []float64{}).marker})
	legend.Add("best so far", curve{line: draw.LineStyle{Color: shade(1), Width: 1.5}})
	room := legend.TextStyle.Width("best so far") + legend.ThumbnailWidth + 16
	for _, row := range plots {
		p := row[0]
		lo, hi := extent([]float64{p.Y.Min, p.Y.Max}, s.Log)
		p.Y.Min, p.Y.Max = lo, hi
		p.Y.Label.Text = fit(s.Objective.label(), p.Y.Label.TextStyle, height-1.1*vg.Inch)
		p.X.Label.Text = fit(p.X.Label.Text, p.X.Label.TextStyle, c.Max.X-c.Min.X-room)
	}
	tiles := draw.Tiles{Rows: len(plots), Cols: 1, PadY: 10}
	for i, row := range plot.Align(plots, tiles, draw.Crop(c, 0, -room, 0, 0)) {
		plots[i][0].Draw(row[0])
		if i == 0 {
			data := plots[i][0].DataCanvas(row[0])
			legend.Draw(draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
				Min: vg.Point{X: data.Max.X + 12, Y: data.Min.Y},
				Max: vg.Point{X: data.Max.X + 12 + room, Y: data.Max.Y},
			}})
		}
	}
	return f.save(path)
}

// panel is an empty plot of the objective over x.
func (s Trials) panel(x Axis) *plot.Plot {
	p := newPlot()
	p.X.Label.Text = x.Label
	p.X.Min, p.X.Max = extent(x.Values, x.Log)
	if x.Log {
		p.X.Scale = plot.LogScale{}
		p.X.Tick.Marker = plot.TickerFunc(logTicks)
	}
	if s.Log {
		p.Y.Scale = plot.LogScale{}
		p.Y.Tick.Marker = plot.TickerFunc(logTicks)
	}
	p.Add(grid{})
	if len(s.dots(x, nil).runs) == 0 {
		p.Add(note("no values"))
	}
	return p
}

// dots are markers of y, the objective where it is nil, over x, of which those
// that have no place are left out.
func (s Trials) dots(x Axis, y []float64) marks {
	if y == nil {
		y = s.Objective.Y
	}
	m := marks{marker: draw.GlyphStyle{Color: shade(0), Radius: 2, Shape: draw.CircleGlyph{}}}
	var run plotter.XYs
	for i, v := range x.Values {
		if usable(v, x.Log) && usable(y[i], s.Log) {
			run = append(run, plotter.XY{X: v, Y: y[i]})
		}
	}
	if len(run) > 0 {
		m.runs = append(m.runs, run)
	}
	return m
}

// bestOf is the first trial whose objective is the best of all, -1 where there
// is none.
func bestOf(s Trials) int {
	if len(s.Best) == 0 {
		return -1
	}
	last := s.Best[len(s.Best)-1]
	for i, v := range s.Objective.Y {
		if v == last && !math.IsNaN(v) {
			return i
		}
	}
	return -1
}

// marks are a curve's markers without its lines.
type marks curve

// Plot implements plot.Plotter.
func (m marks) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for _, run := range m.runs {
		for _, xy := range run {
			c.DrawGlyph(m.marker, vg.Point{X: x(xy.X), Y: y(xy.Y)})
		}
	}
}

// DataRange implements plot.DataRanger.
func (m marks) DataRange() (xmin, xmax, ymin, ymax float64) { return curve(m).DataRange() }
