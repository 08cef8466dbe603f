package model

import (
	"math"

	"gpusim/model/draw"
	"gpusim/model/yamltree"
)

// spread makes a value of an axis of a number in [0, 1).
type spread func(u float64) float64

// stream is that of the points of an axis: a point's number is the element.
func stream(name string) draw.Stream { return draw.StreamOf("sweep:"+name, 0) }

// unit is the random number of point k of an axis.
func (r *sweepReader) unit(name string, k int) float64 {
	w := stream(name).Words(r.seed, k, 0)
	return draw.Unit(w[0], w[1])
}

// drawAxis draws the values of an axis of a grid.
func (r *sweepReader) drawAxis(a *Axis, s fields) bool {
	n, ok := r.count(s["points"].Value)
	var spread spread
	switch {
	case s["random"] != nil:
		spread = r.uniform(r.pair(s["random"], "[a, b]", false))
	case s["log_random"] != nil:
		a.Log, spread = true, r.logUniform(r.pair(s["log_random"], "[a, b]", true))
	default:
		spread = r.normal(s["normal"])
	}
	if !ok || spread == nil {
		return false
	}
	r.drawn = true
	for k := range n {
		a.Values = append(a.Values, spread(r.unit(a.Name, k)))
	}
	return true
}

// pair reads a list of two numbers, nil where there is an error.
func (r *sweepReader) pair(e *yamltree.Entry, form string, positive bool) []float64 {
	n := e.Value
	if n.Kind != yamltree.Seq || len(n.Items) != 2 {
		r.errorf(n.Pos, "%s is a list of two numbers, %s; this is %s", e.Key, form, describe(n))
		return nil
	}
	var out []float64
	for _, x := range n.Items {
		v, ok := r.number(x, e.Key)
		if !ok || positive && !r.positive(x.Pos, e.Key, v) {
			return nil
		}
		out = append(out, v)
	}
	return out
}

func (r *sweepReader) uniform(ends []float64) spread {
	if ends == nil {
		return nil
	}
	return func(u float64) float64 { return ends[0] + (ends[1]-ends[0])*u }
}

func (r *sweepReader) logUniform(ends []float64) spread {
	if ends == nil {
		return nil
	}
	return func(u float64) float64 { return ends[0] * math.Pow(ends[1]/ends[0], u) }
}

// normal inverts the normal distribution.
func (r *sweepReader) normal(e *yamltree.Entry) spread {
	p := r.pair(e, "[mean, deviation]", false)
	if p == nil || !r.positive(e.Value.Items[1].Pos, "the deviation", p[1]) {
		return nil
	}
	return func(u float64) float64 {
		u = max(u, 1.0/(1<<54)) // 0 would be infinitely far
		return p[0] + p[1]*math.Sqrt2*math.Erfinv(2*u-1)
	}
}

// readDrawn reads the axes of a design whose points are drawn, and draws them.
func (r *sweepReader) readDrawn() {
	s := r.sweep
	r.drawn, s.Zip = true, true
	n, ok := r.count(r.words["points"].Value)
	if len(r.axes) == 0 {
		r.errorf(s.At, "a %s design needs names and their ranges", s.Design).Hint = "write NAME: {from: 0, to: 1}"
		return
	}
	if s.Design == Sobol && len(r.axes) > draw.SobolDims {
		r.errorf(r.axes[draw.SobolDims].KeyPos, "a sobol design has at most %d names; this has %d", draw.SobolDims, len(r.axes)).Hint =
			"latin_hypercube has any number"
		return
	}
	for dim, x := range r.axes {
		a := r.axis(x.Key, x.KeyPos)
		spread := r.readRange(a, x)
		if a == nil || spread == nil || !ok {
			continue
		}
		for _, u := range r.units(a.Name, dim, n) {
			a.Values = append(a.Values, spread(u))
		}
		s.Axes = append(s.Axes, a)
	}
}

// units are the n numbers of an axis of a design.
func (r *sweepReader) units(name string, dim, n int) []float64 {
	out := make([]float64, n)
	switch r.sweep.Design {
	case Sobol:
		v := draw.NewSobol(dim)
		for k := range out {
			out[k] = float64(stream(name).Owen(r.seed, v.Point(uint32(k)))) / (1 << 32)
		}
	case LatinHypercube:
		for k, stratum := range stream(name).Permutation(r.seed, n) {
			// A sum that rounds up would be in the next stratum.
			out[k] = min((float64(stratum)+r.unit(name, k))/float64(n), math.Nextafter(float64(stratum+1)/float64(n), 0))
		}
	default:
		for k := range out {
			out[k] = r.unit(name, k)
		}
	}
	return out
}

// readRange reads the range of an axis of a design. It is read where the axis is
// nil too, for its errors.
func (r *sweepReader) readRange(a *Axis, e *yamltree.Entry) spread {
	s := r.fields(e.Value, "an axis of this design", "from", "to", "log_from", "log_to", "random", "log_random", "normal", "values", "points")
	if s == nil {
		return nil
	}
	if a == nil {
		a = &Axis{}
	}
	if a.Structure && !s.has("values") {
		r.errorf(e.Value.Pos, "%s is structure, and each value of it is built anew: give the values to choose from", a.Name).Hint =
			"write " + a.Name + ": {values: [...]}"
		return nil
	}
	switch {
	case s.has("from", "to"):
		if from, to, ok := r.span(s, "from", "to", false); ok {
			return r.uniform([]float64{from, to})
		}
	case s.has("log_from", "log_to"):
		if from, to, ok := r.span(s, "log_from", "log_to", true); ok {
			a.Log = true
			return r.logUniform([]float64{from, to})
		}
	case s.has("random"):
		return r.uniform(r.pair(s["random"], "[a, b]", false))
	case s.has("log_random"):
		a.Log = true
		return r.logUniform(r.pair(s["log_random"], "[a, b]", true))
	case s.has("normal"):
		return r.normal(s["normal"])
	case s.has("values"):
		if r.values(a, s["values"].Value) {
			return r.choice(a)
		}
	default:
		for _, x := range e.Value.Entries {
			if s[x.Key] == nil {
				return nil // an unknown key: reported
			}
		}
		p := r.errorf(e.Value.Pos, "an axis of a %s design is {from, to}, {log_from, log_to}, {random: [a, b]}, {log_random: [a, b]}, {normal: [mean, deviation]} or {values: [...]}", r.sweep.Design)
		if e.Value.Entry("points") != nil {
			p.Hint = "points stands beside the design, for all axes"
		}
	}
	return nil
}

// choice takes one of the values that an axis has so far; it has none then.
func (r *sweepReader) choice(a *Axis) spread {
	values := a.Values
	a.Values, a.places = nil, nil
	return func(u float64) float64 { return values[int(u*float64(len(values)))] }
}

// readList reads points that are given one by one.
func (r *sweepReader) readList() {
	r.sweep.Zip = true
	if len(r.axes) > 0 {
		r.errorf(r.axes[0].KeyPos, "the points are listed, so %s cannot have an axis beside them", r.axes[0].Key)
		return
	}
	w := r.words["points"]
	if path, is := fileOf(w.Value); is {
		r.readPointFile(path, w)
		return
	}
	items := w.Value.Items
	if len(items) == 0 {
		r.errorf(w.Value.Pos, "points has no point")
		return
	}
	columns := map[string][]*yamltree.Node{}
	for k, item := range items {
		if item.Kind != yamltree.Map || len(item.Entries) == 0 {
			r.errorf(item.Pos, "a point is a map of names and their values; this is %s", describe(item))
			return
		}
		for _, x := range item.Entries {
			if len(columns[x.Key]) != k {
				r.errorf(x.KeyPos, "point %d gives %s a value, and the points before it do not", k, x.Key)
				return
			}
			columns[x.Key] = append(columns[x.Key], x.Value)
		}
		for _, x := range items[0].Entries {
			if len(columns[x.Key]) != k+1 {
				r.errorf(item.Pos, "point %d gives %s no value, and the points before it do", k, x.Key)
				return
			}
		}
	}
	for _, x := range items[0].Entries {
		if a := r.axis(x.Key, x.KeyPos); a != nil && r.column(a, columns[x.Key]) {
			r.sweep.Axes = append(r.sweep.Axes, a)
		}
	}
}

// readPointFile reads points from an array: a row a point, a column a name.
func (r *sweepReader) readPointFile(path string, w *yamltree.Entry) {
	names := r.words["names"]
	if names == nil {
		r.errorf(w.KeyPos, "an array of points needs the names of its columns").Hint = "write names: [gaba.g_max, inputs.0.value] beside it"
		return
	}
	for _, n := range r.items(names.Value, "names") {
		text, ok := r.text(n, "a name")
		if !ok {
			return
		}
		for _, a := range r.sweep.Axes {
			if a.Name == text {
				r.errorf(n.Pos, "%s is named twice", text)
				return
			}
		}
		a := r.axis(text, n.Pos)
		if a == nil {
			return
		}
		r.sweep.Axes = append(r.sweep.Axes, a)
	}
	array := r.array(path, w.Value.Pos)
	if array == nil {
		return
	}
	rows, columns := 0, 1
	if len(array.Shape) > 0 {
		rows = array.Shape[0]
	}
	if len(array.Shape) == 2 {
		columns = array.Shape[1]
	}
	if n := len(r.sweep.Axes); len(array.Shape) < 1 || len(array.Shape) > 2 || columns != n || rows == 0 {
		r.errorf(w.Value.Pos, "%s has the shape %s; points of %s are an array of the shape (points, %d)",
			path, shapeOf(array), plural(n, "name"), n)
		return
	}
	for k := range rows {
		for i, a := range r.sweep.Axes {
			a.Values = append(a.Values, array.Data[k*columns+i])
		}
	}
}
