package plot

import (
	"cmp"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Population is the spikes of one population, or of some of its neurons: Size of
// them from number First on.
type Population struct {
	Name        string
	First, Size int
	// Times is the time of each spike in ms, Neurons its neuron.
	Times   []float64
	Neurons []int32
}

// Raster writes a raster plot of the spikes between tStart and tEnd ms to path:
// a dot for each spike, time to the right and the populations on top of each
// other, the first one lowest, each with its own neuron index. Spikes outside
// the axes are left out.
func Raster(path, title string, populations []Population, tStart, tEnd float64) error {
	p := newPlot()
	p.X.Label.Text = "time (ms)"
	p.Y.Label.Text = "neuron index"
	p.X.Min, p.X.Max = tStart, tEnd
	if !(tEnd > tStart) {
		p.X.Max = tStart + 1
	}

	var bands []band
	total := 0
	for i, pop := range populations {
		if len(pop.Times) != len(pop.Neurons) {
			panic("plot: times and neurons differ in length")
		}
		bands = append(bands, band{pop, total, shade(i)})
		total += pop.Size
	}
	p.Y.Min, p.Y.Max = -0.5, float64(max(1, total))-0.5
	p.Y.Tick.Marker = plot.ConstantTicks(indexTicks(bands, total))

	for _, b := range bands {
		if b.offset > 0 {
			p.Add(divider(float64(b.offset) - 0.5))
		}
	}
	spikes := 0
	for _, b := range bands {
		p.Add(b)
		spikes += len(b.Times)
	}
	if spikes == 0 {
		p.Add(note("no spikes"))
	}

	f := newFigure(4.8*vg.Inch, title)
	c := f.canvas
	if len(bands) < 2 {
		p.Draw(c)
		return f.save(path)
	}
	// The names of the populations stand to the right of their bands.
	sty := p.Legend.TextStyle
	var room vg.Length
	for i, b := range bands {
		bands[i].Name = fit(b.Name, sty, 1.6*vg.Inch)
		room = max(room, sty.Width(bands[i].Name))
	}
	c = draw.Crop(c, 0, -room-8, 0, 0)
	p.Draw(c)
	drawNames(c, p, bands)
	return f.save(path)
}

// band is where a population is in the picture.
type band struct {
	Population
	offset int // of its neuron 0
	color  color.Color
}

// Plot implements plot.Plotter.
func (b band) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	// A dot is as high as a neuron has room, within limits.
	room := (y(1) - y(0)).Points()
	side := math.Min(math.Max(0.8*room, 1.1), 5)
	const sideOfRadius = 1.7071 // what draw.BoxGlyph makes of a radius
	sty := draw.GlyphStyle{Color: b.color, Radius: vg.Points(side / sideOfRadius), Shape: draw.BoxGlyph{}}

	// What lies within half a pixel of another dot cannot be seen.
	const cell = vg.Inch / dpi / 2
	size := c.Size()
	columns, rows := int(size.X/cell)+2, int(size.Y/cell)+2
	drawn := make([]bool, columns*rows)
	for i, t := range b.Times {
		neuron := b.Neurons[i] - int32(b.First)
		if !(t >= p.X.Min && t <= p.X.Max) || neuron < 0 || int(neuron) >= b.Size {
			continue
		}
		pt := vg.Point{X: x(t), Y: y(float64(b.offset) + float64(neuron))}
		at := int((pt.Y-c.Min.Y)/cell)*columns + int((pt.X-c.Min.X)/cell)
		if !drawn[at] {
			drawn[at] = true
			c.DrawGlyph(sty, pt)
		}
	}
}

// divider is a thin line between two populations.
type divider float64

// Plot implements plot.Plotter.
func (d divider) Plot(c draw.Canvas, p *plot.Plot) {
	_, y := p.Transforms(&c)
	c.StrokeLine2(draw.LineStyle{Color: grey, Width: vg.Points(0.5)}, c.Min.X, y(float64(d)), c.Max.X, y(float64(d)))
}

// indexTicks returns ticks at round neuron indices of each population, none so
// close to another that their labels could touch. The larger populations choose
// first.
func indexTicks(bands []band, total int) []plot.Tick {
	const labels = 8 // over all populations
	near := float64(total) / 20
	bands = slices.Clone(bands)
	slices.SortStableFunc(bands, func(a, b band) int { return cmp.Compare(b.Size, a.Size) })
	var ticks []plot.Tick
	for _, b := range bands {
		n := max(1, labels*b.Size/max(1, total))
		first := float64(b.First)
		for _, tick := range roundTicks(first, first+math.Max(1, float64(b.Size-1)), n, 1) {
			tick.Value -= first
			if tick.Value < 0 || tick.Value >= float64(b.Size) {
				continue
			}
			tick.Value += float64(b.offset)
			if !slices.ContainsFunc(ticks, func(t plot.Tick) bool { return math.Abs(t.Value-tick.Value) < near }) {
				ticks = append(ticks, tick)
			}
		}
	}
	return ticks
}

// drawNames writes the name of each population to the right of its band, moved
// where bands are so thin that the names would overlap.
func drawNames(c draw.Canvas, p *plot.Plot, bands []band) {
	data := p.DataCanvas(c)
	_, y := p.Transforms(&data)
	sty := p.Legend.TextStyle
	sty.Font = font.From(face, tickSize)
	sty.YAlign = draw.YCenter
	height := 1.25 * sty.Height("X")
	space := data.Max.Y - data.Min.Y
	if n := int(space / height); len(bands) > n {
		// There is no room for all: the largest have it.
		bands = slices.Clone(bands)
		slices.SortStableFunc(bands, func(a, b band) int { return cmp.Compare(b.Size, a.Size) })
		bands = bands[:n]
		slices.SortFunc(bands, func(a, b band) int { return cmp.Compare(a.offset, b.offset) })
	}
	at := make([]vg.Length, len(bands))
	low := data.Min.Y + height/2
	for i, b := range bands {
		at[i] = max(low, y(float64(b.offset)+float64(b.Size-1)/2))
		low = at[i] + height
	}
	high := data.Max.Y - height/2
	for i := len(bands) - 1; i >= 0; i-- {
		at[i] = min(high, at[i])
		high = at[i] - height
	}
	for i, b := range bands {
		sty.Color = b.color
		c.FillText(sty, vg.Point{X: data.Max.X + 8, Y: at[i]}, b.Name)
	}
}
