package model

import (
	"math"

	"gpusim/model/diag"
	"gpusim/model/lang"
	"gpusim/model/yamltree"
)

// maxPoints is the largest number of points of a sweep.
const maxPoints = 1 << 20

// sweepWords are the keys of a sweep that are no names of what is swept. An axis is
// always a map and the value of a word never is, so a constant may be called so.
var sweepWords = []string{"design", "points", "seed", "seeds", "zip", "names"}

// sweepReader reads the section sweep.
type sweepReader struct {
	*loader
	sweep *Sweep
	words fields // its words that are given
	axes  []*yamltree.Entry
	seed  uint64 // of the points that are drawn
	drawn bool   // some are
}

func (l *loader) readSweep(e *yamltree.Entry) {
	if e == nil || e.Value.IsNull() {
		return
	}
	r := &sweepReader{loader: l, sweep: &Sweep{At: e.KeyPos}, words: fields{}, seed: 1}
	for _, x := range l.entries(e, "names and their points") {
		_, constant := l.consts[x.Key]
		if contains(sweepWords, x.Key) && !(constant && x.Value.Kind == yamltree.Map) {
			r.words[x.Key] = x
		} else {
			r.axes = append(r.axes, x)
		}
	}
	before := len(l.list.Problems)
	if r.readDesign(); len(l.list.Problems) > before {
		return
	}
	switch {
	case r.sweep.Design == Listed:
		r.readList()
	case r.sweep.Drawn():
		r.readDrawn()
	default:
		r.readGrid()
	}
	r.checkValues()
	r.readSeeds()
	if len(l.list.Problems) > before {
		return
	}
	if len(r.sweep.Axes) == 0 && r.sweep.Seeds == nil {
		if e.Value.Kind == yamltree.Map && len(r.axes) == 0 { // else its axes are of what is not right itself
			l.errorf(e.Value.Pos, "the sweep is empty").Hint = "write NAME: {from: 0, to: 1, points: 11}, or leave it out"
		}
		return
	}
	if w := r.words["seed"]; w != nil && !r.drawn {
		l.errorf(w.KeyPos, "seed is that of points which are drawn, and this sweep draws none").Hint =
			"seeds: 10 repeats each point with 10 values of run.seed; run.seed: {values: [1, 2]} sweeps it"
		return
	}
	if r.checkCount() {
		l.file.Sweep = r.sweep
	}
}

// readDesign reads the words that say what the axes have.
func (r *sweepReader) readDesign() {
	s := r.sweep
	if w := r.words["design"]; w != nil {
		text, ok := r.text(w.Value, "the design")
		all := append([]string{Grid, Zip}, drawnDesigns...)
		if ok && !contains(all, text) {
			r.errorf(w.Value.Pos, "there is no design %s; there are %s", quoted(text), listed(all)).Hint = didYouMean(text, all)
		}
		s.Design = text
	}
	if w := r.words["zip"]; w != nil {
		s.Zip = r.boolean(w.Value, "zip", false)
		if s.Zip && s.Design != "" && s.Design != Zip {
			r.errorf(w.KeyPos, "zip: true pairs the values of the axes, and the design is %s: one of them", s.Design)
		}
	}
	s.Zip = s.Zip || s.Design == Zip
	if w := r.words["seed"]; w != nil {
		r.seed, _ = r.loader.seed(w.Value, "the seed of the points")
	}
	w, names := r.words["points"], r.words["names"]
	if w == nil {
		if s.Drawn() {
			r.errorf(r.words["design"].KeyPos, "a %s design needs the number of its points", s.Design).Hint = "write points: 100 beside it"
		}
		if names != nil {
			r.errorf(names.KeyPos, "names are those of the columns of an array of points, and there is none").Hint = "write points: file(points.npy) beside it"
		}
		return
	}
	_, file := fileOf(w.Value)
	switch {
	case file || w.Value.Kind == yamltree.Seq:
		if s.Design != "" || s.Zip {
			r.errorf(w.KeyPos, "the points are listed, so there is no other design")
		}
		s.Design = Listed
	case !s.Drawn():
		r.errorf(w.KeyPos, "points is a list of points, file(points.npy), or the number of points of a design: %s", listed(drawnDesigns)).Hint =
			"the axes of a grid have points of their own: {from: 0, to: 1, points: 11}"
	}
	if names != nil && !file {
		r.errorf(names.KeyPos, "names are those of the columns of an array of points, and there is none").Hint = "write points: file(points.npy) beside it"
	}
}

// readGrid reads axes with values of their own.
func (r *sweepReader) readGrid() {
	for _, x := range r.axes {
		if a := r.readAxis(x); a != nil {
			r.sweep.Axes = append(r.sweep.Axes, a)
		}
	}
	for _, a := range r.sweep.Axes {
		if first := r.sweep.Axes[0]; r.sweep.Zip && len(a.Values) != len(first.Values) {
			r.errorf(a.At, "zip pairs the values, so there are as many of each; %s has %d, %s has %d",
				a.Name, len(a.Values), first.Name, len(first.Values))
			return
		}
	}
}

// axis begins an axis, nil where its name cannot be swept.
func (r *sweepReader) axis(name string, at diag.Pos) *Axis {
	structure, ok := r.sweepable(name, at)
	if !ok {
		return nil
	}
	return &Axis{At: at, Name: name, Structure: structure}
}

func (r *sweepReader) readAxis(e *yamltree.Entry) *Axis {
	a := r.axis(e.Key, e.KeyPos)
	s := r.fields(e.Value, "an axis of a sweep", "from", "to", "points", "log_from", "log_to", "values", "random", "log_random", "normal")
	if s == nil {
		return nil
	}
	if a == nil {
		a = &Axis{At: e.KeyPos, Structure: true} // its values are read for their errors; words are none
	}
	ok := false
	switch {
	case s.has("values"):
		ok = r.values(a, s["values"].Value)
	case s.has("from", "to", "points"):
		a.Values = r.points(s, "from", "to", false)
		ok = a.Values != nil
	case s.has("log_from", "log_to", "points"):
		a.Log, a.Values = true, r.points(s, "log_from", "log_to", true)
		ok = a.Values != nil
	case s.has("random", "points"), s.has("log_random", "points"), s.has("normal", "points"):
		ok = r.drawAxis(a, s)
	default:
		for _, x := range e.Value.Entries {
			if s[x.Key] == nil {
				return nil // an unknown key: reported
			}
		}
		r.errorf(e.Value.Pos, "an axis of a sweep is {from, to, points}, {log_from, log_to, points}, {values: [...]}, or drawn: "+
			"{random: [a, b], points}, {log_random: [a, b], points}, {normal: [mean, deviation], points}")
		return nil
	}
	if !ok || a.Name == "" {
		return nil
	}
	return a
}

// has reports whether the keys are those that there are.
func (s fields) has(keys ...string) bool {
	for _, k := range keys {
		if s[k] == nil {
			return false
		}
	}
	return len(s) == len(keys)
}

// values reads the values of an axis.
func (r *sweepReader) values(a *Axis, n *yamltree.Node) bool {
	if n.Kind != yamltree.Seq {
		r.errorf(n.Pos, "values is a list of numbers; this is %s", describe(n))
		return false
	}
	if len(n.Items) == 0 {
		r.errorf(n.Pos, "values has no value")
		return false
	}
	return r.column(a, n.Items)
}

// column gives an axis its values: numbers, or, of the structure, words.
func (r *sweepReader) column(a *Axis, nodes []*yamltree.Node) bool {
	for _, n := range nodes {
		if a.Structure && n.Kind == yamltree.Scalar && !n.IsNull() && !r.isNumber(n) {
			return r.wordColumn(a, nodes)
		}
	}
	good := true
	for _, n := range nodes {
		v, ok := r.number(n, "a value of a sweep")
		good = good && ok
		a.Values, a.places = append(a.Values, v), append(a.places, n.Pos)
	}
	return good
}

func (r *sweepReader) wordColumn(a *Axis, nodes []*yamltree.Node) bool {
	index := map[string]int{}
	for _, n := range nodes {
		text, ok := r.text(n, "a value of a sweep")
		if !ok {
			return false
		}
		if text == "" {
			r.errorf(n.Pos, "a value of a sweep is empty")
			return false
		}
		k, known := index[text]
		if !known {
			k = len(a.Words)
			index[text], a.Words = k, append(a.Words, text)
		}
		a.Values, a.places = append(a.Values, float64(k)), append(a.places, n.Pos)
	}
	return true
}

// isNumber reports whether a scalar is an expression of numbers and constants.
func (r *sweepReader) isNumber(n *yamltree.Node) bool {
	x := lang.ParseExpr(n.Expr(), &diag.List{})
	if x == nil {
		return false
	}
	for _, name := range lang.Names(x) {
		if _, known := r.consts[name.Ident]; !known {
			return false
		}
	}
	_, err := lang.Eval(x, func(n *lang.Name) (float64, bool) {
		v, ok := r.consts[n.Ident]
		return v, ok
	})
	return err == nil
}

func (r *sweepReader) points(s fields, fromKey, toKey string, log bool) []float64 {
	n, ok := r.count(s["points"].Value)
	from, to, ok2 := r.span(s, fromKey, toKey, log)
	if !ok || !ok2 {
		return nil
	}
	if n == 1 && from != to {
		r.errorf(s["points"].Value.Pos, "1 point cannot go from %s to %s", num(from), num(to))
		return nil
	}
	return Points(from, to, n, log)
}

// span reads the ends of an axis.
func (r *sweepReader) span(s fields, fromKey, toKey string, log bool) (from, to float64, ok bool) {
	from, ok1 := r.number(s[fromKey].Value, fromKey)
	to, ok2 := r.number(s[toKey].Value, toKey)
	if !ok1 || !ok2 {
		return 0, 0, false
	}
	return from, to, !log || r.positive(s[fromKey].Value.Pos, fromKey, from) && r.positive(s[toKey].Value.Pos, toKey, to)
}

func (r *sweepReader) positive(at diag.Pos, what string, v float64) bool {
	if v <= 0 {
		r.errorf(at, "%s is greater than 0, not %s", what, num(v))
	}
	return v > 0
}

// count reads a number of points.
func (r *sweepReader) count(n *yamltree.Node) (int, bool) {
	v, ok := r.whole(n, "points", 1)
	if ok && v > maxPoints {
		r.errorf(n.Pos, "points is %d; the most is %d", v, maxPoints)
		return 0, false
	}
	return v, ok
}

// Points gives n values from one to another, both included, evenly spaced, or
// evenly in their logarithms. They are computed by count: value k is
// from + (to - from)*k/(n - 1).
func Points(from, to float64, n int, log bool) []float64 {
	out := make([]float64, n)
	for k := range out {
		switch {
		case k == 0:
			out[k] = from
		case k == n-1:
			out[k] = to
		case log:
			out[k] = from * math.Pow(to/from, float64(k)/float64(n-1))
		default:
			out[k] = from + (to-from)*float64(k)/float64(n-1)
		}
	}
	return out
}

// readSeeds reads how each point is repeated.
func (r *sweepReader) readSeeds() {
	w := r.words["seeds"]
	if w == nil {
		return
	}
	for _, a := range r.sweep.Axes {
		if a.Name == runSeed {
			r.errorf(w.KeyPos, "seeds repeats each point with values of run.seed, and run.seed is swept too: one of them")
			return
		}
	}
	if w.Value.Kind == yamltree.Seq {
		for _, n := range w.Value.Items {
			v, ok := r.number(n, "a seed")
			if !ok || !r.goodSeed(n.Pos, v) {
				return
			}
			r.sweep.Seeds = append(r.sweep.Seeds, v)
		}
		if len(w.Value.Items) == 0 {
			r.errorf(w.Value.Pos, "seeds has no seed")
		}
		return
	}
	n, ok := r.whole(w.Value, "seeds", 1)
	if !ok {
		return
	}
	if n > maxPoints {
		r.errorf(w.Value.Pos, "seeds is %d; the most is %d", n, maxPoints)
		return
	}
	first := r.file.Run.Seed
	if first > 1<<53-uint64(n) {
		r.errorf(w.Value.Pos, "seeds: %d takes run.seed, %d, and those after it, and the last one is above 2**53", n, first).Hint =
			"give run another seed, or list the seeds: [1, 2, 3]"
		return
	}
	for k := range n {
		r.sweep.Seeds = append(r.sweep.Seeds, float64(first)+float64(k))
	}
}

func (r *sweepReader) goodSeed(at diag.Pos, v float64) bool {
	if v != math.Trunc(v) || v < 0 || v > 1<<53 {
		r.errorf(at, "run.seed is a whole number of at least 0, not %s", num(v))
		return false
	}
	return true
}

// checkValues reports values that nothing can have.
func (r *sweepReader) checkValues() {
	for _, a := range r.sweep.Axes {
		for k, v := range a.Values {
			at := a.At
			if a.places != nil {
				at = a.places[k]
			}
			if math.IsInf(v, 0) || math.IsNaN(v) {
				r.errorf(at, "a value of %s is not a finite number: %s", a.Name, num(v))
				break
			}
			if a.Name == runSeed && !r.goodSeed(at, v) {
				break
			}
		}
	}
}

// checkCount reports more points than a sweep may have.
func (r *sweepReader) checkCount() bool {
	points := float64(max(1, len(r.sweep.Seeds)))
	for i, a := range r.sweep.Axes {
		if i == 0 || !r.sweep.Zip {
			points *= float64(len(a.Values))
		}
	}
	if points > maxPoints {
		r.errorf(r.sweep.At, "the sweep has %s points; the most is %d", whole(points), maxPoints)
	}
	return points <= maxPoints
}
