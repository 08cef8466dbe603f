package model

import (
	"math"
	"strconv"
	"strings"

	"gpusim/model/diag"
	"gpusim/model/yamltree"
)

// What a fit has where its section does not say it.
const (
	fitPopulation  = 16
	fitEvaluations = 400
	fitTolerance   = 0.01

	leastPopulation = 4 // a search learns from the better half of a generation
)

// fitColumns are those of fit.csv beside parameters and measures.
var fitColumns = []string{"generation", "evaluation", "objective", "best", "status"}

func (l *loader) readFit(e *yamltree.Entry) {
	if e == nil || e.Value.IsNull() {
		return
	}
	s := l.fields(e.Value, "a fit", "parameters", "goal", "population", "generations", "evaluations", "seed", "seeds", "tolerance")
	if s == nil {
		return
	}
	f := &Fit{At: e.KeyPos, Population: fitPopulation, Evaluations: fitEvaluations, Seed: l.file.Run.Seed, Seeds: 1, Tolerance: fitTolerance}
	if n := s["parameters"]; n != nil {
		for _, x := range l.entries(n, "names and their bounds") {
			if b := l.readBounds(x); b != nil {
				f.Parameters = append(f.Parameters, b)
			}
		}
		if n.Value.Kind == yamltree.Map && len(n.Value.Entries) == 0 && len(l.list.Problems) == 0 { // else --param may have one
			l.errorf(n.Value.Pos, "the fit has no parameter").Hint = "write NAME: {from: 0, to: 1}"
		}
	} else if s[misspelled+"parameters"] == nil {
		l.errorf(e.Value.Pos, "a fit needs parameters, with their bounds").Hint = "write parameters: {NAME: {from: 0, to: 1}}, or give --param NAME=FROM:TO"
	}
	if n := s["goal"]; n != nil {
		l.readGoal(n, &f.Goal)
	} else if s[misspelled+"goal"] == nil {
		l.errorf(e.Value.Pos, "a fit needs a goal").Hint = "write goal: {maximize: MEASURE}, or give --maximize, --minimize or --target"
	}
	l.readEffort(s, f)
	if n := s["seed"]; n != nil {
		if v, ok := l.seed(n.Value, "the seed of a fit"); ok {
			f.Seed = v
		}
	}
	if n := s["tolerance"]; n != nil {
		if v, ok := l.once(n.Value, "the tolerance"); ok {
			f.Tolerance = v
			if v < 0 {
				l.errorf(n.Value.Pos, "the tolerance is at least 0, not %s", num(v))
			}
		}
	}
	l.checkFitColumns(f)
	l.file.Fit = f
}

// readEffort reads how much a fit may compute.
func (l *loader) readEffort(s fields, f *Fit) {
	for _, x := range []struct {
		key   string
		least int
		to    *int
	}{
		{"population", leastPopulation, &f.Population}, {"generations", 1, &f.Generations},
		{"evaluations", 1, &f.Evaluations}, {"seeds", 1, &f.Seeds},
	} {
		n := s[x.key]
		if n == nil {
			continue
		}
		v, ok := l.once(n.Value, x.key)
		switch {
		case !ok:
		case v != math.Trunc(v) || v < float64(x.least) || v > maxPoints:
			l.errorf(n.Value.Pos, "%s is a whole number from %d to %d, not %s", x.key, x.least, maxPoints, num(v))
		default:
			*x.to = int(v)
		}
	}
	at := f.At
	if n := s["evaluations"]; n != nil {
		at = n.Value.Pos
	}
	if f.Evaluations < f.Population {
		l.errorf(at, "evaluations is %d, which is less than one generation of %s", f.Evaluations, plural(f.Population, "point"))
	}
	if n := s["seeds"]; n != nil && f.Seeds > 1 {
		if f.Population*f.Seeds > maxPoints {
			l.errorf(n.Value.Pos, "a generation of %d points with %d seeds is %d runs; the most is %d", f.Population, f.Seeds, f.Population*f.Seeds, maxPoints)
		}
		if l.file.Run.Seed > 1<<53-uint64(f.Seeds) {
			l.errorf(n.Value.Pos, "%d seeds from run.seed %d on go beyond %d, the last that an instance can have", f.Seeds, l.file.Run.Seed, int64(1)<<53)
		}
	}
}

// readBounds reads the bounds of a parameter.
func (l *loader) readBounds(e *yamltree.Entry) *Bounds {
	b := &Bounds{At: e.KeyPos, Name: e.Key}
	ok := l.fittable(b.Name, b.At)
	s := l.fields(e.Value, "a parameter of a fit", "from", "to", "log_from", "log_to", "at")
	if s == nil {
		return nil
	}
	fromKey, toKey := "from", "to"
	if s["log_from"] != nil || s["log_to"] != nil {
		fromKey, toKey, b.Log = "log_from", "log_to", true
	}
	count := 2
	if s["at"] != nil {
		count++
	}
	if s[fromKey] == nil || s[toKey] == nil || len(s) != count {
		for _, x := range e.Value.Entries {
			if s[x.Key] == nil {
				return nil // an unknown key: reported
			}
		}
		l.errorf(e.Value.Pos, "a parameter of a fit is {from, to} or {log_from, log_to}, with at where the search is to begin")
		return nil
	}
	var ok1, ok2 bool
	b.From, ok1 = l.once(s[fromKey].Value, fromKey)
	b.To, ok2 = l.once(s[toKey].Value, toKey)
	switch {
	case !ok1 || !ok2:
		return nil
	case b.Log && b.From <= 0:
		l.errorf(s[fromKey].Value.Pos, "%s is greater than 0, not %s", fromKey, num(b.From))
		return nil
	case b.From >= b.To || math.IsInf(b.To-b.From, 0):
		l.errorf(s[toKey].Value.Pos, "%s (%s) is not above %s (%s)", toKey, num(b.To), fromKey, num(b.From))
		return nil
	}
	b.Start = b.From + (b.To-b.From)/2
	if b.Log {
		b.Start = math.Sqrt(b.From) * math.Sqrt(b.To)
	}
	if n := s["at"]; n != nil {
		v, good := l.once(n.Value, "at")
		if good && (v < b.From || v > b.To) {
			l.errorf(n.Value.Pos, "the search of %s would begin at %s, outside its bounds %s and %s", b.Name, num(v), num(b.From), num(b.To))
			good = false
		}
		ok, b.Start = ok && good, v
	}
	if !ok {
		return nil
	}
	return b
}

func (l *loader) readGoal(e *yamltree.Entry, g *Goal) {
	s := l.fields(e.Value, "the goal of a fit", "maximize", "minimize", "targets")
	if s == nil {
		return
	}
	g.At = e.KeyPos
	if len(e.Value.Entries) != 1 {
		l.errorf(e.Value.Pos, "the goal of a fit is one of maximize, minimize, targets, not %s", plural(len(e.Value.Entries), "key"))
		return
	}
	if e.Value.Entries[0].Value.IsNull() {
		return // reported by fields
	}
	for kind, key := range []string{Maximize: "maximize", Minimize: "minimize"} {
		if n := s[key]; n != nil {
			g.Kind = GoalKind(kind)
			if text, ok := l.text(n.Value, key); ok && l.isMeasure(text, n.Value.Pos) {
				g.Measure = text
			}
		}
	}
	n := s["targets"]
	if n == nil {
		return
	}
	g.Kind = MeetTargets
	for _, x := range l.entries(n, "measures and the values that they are to have") {
		if t := l.readWanted(x); t != nil {
			g.Targets = append(g.Targets, t)
		}
	}
	if n.Value.Kind == yamltree.Map && len(n.Value.Entries) == 0 {
		l.errorf(n.Value.Pos, "the fit has no target").Hint = "write MEASURE: VALUE"
	}
}

func (l *loader) readWanted(e *yamltree.Entry) *Target {
	t := &Target{At: e.KeyPos, Measure: e.Key, Weight: 1}
	ok := l.isMeasure(e.Key, e.KeyPos)
	if e.Value.Kind != yamltree.Map {
		v, good := l.once(e.Value, "a target")
		t.Value = v
		t.Scale = scaleOf(v)
		if !ok || !good {
			return nil
		}
		return t
	}
	s := l.fields(e.Value, "a target", "value", "weight", "scale")
	n := l.need(s, e.Value, "value", "a target")
	if n == nil {
		return nil
	}
	v, good := l.once(n.Value, "a target")
	t.Value, t.Scale = v, scaleOf(v)
	for _, x := range []struct {
		key string
		to  *float64
	}{{"weight", &t.Weight}, {"scale", &t.Scale}} {
		if n := s[x.key]; n != nil {
			v, fine := l.once(n.Value, x.key)
			if fine && v <= 0 {
				l.errorf(n.Value.Pos, "%s is greater than 0, not %s", x.key, num(v))
			}
			*x.to, good = v, good && fine && v > 0
		}
	}
	if !ok || !good {
		return nil
	}
	return t
}

// scaleOf is what the difference from a target is divided by where the file
// does not say it: the target itself, so that each target counts by the share
// that its measure is off, whatever its unit.
func scaleOf(target float64) float64 {
	if target == 0 {
		return 1
	}
	return math.Abs(target)
}

// isMeasure reports a name that is no measure of the file.
func (l *loader) isMeasure(key string, at diag.Pos) bool {
	var keys []string
	for _, m := range l.file.Measures {
		if m.Key == key {
			return true
		}
		keys = append(keys, m.Key)
	}
	if n := l.root.Value("measure"); n != nil && len(n.Items) > len(keys) {
		return false // one of those that have errors of their own may be it
	}
	p := l.errorf(at, "the file measures no %s", quoted(key))
	p.Hint = "add it to the section measure"
	if len(keys) > 0 {
		p.Hint = nearestOr(key, keys, "it measures "+listed(keys))
	}
	return false
}

// once evaluates a number of a fit. Unlike number it leaves the constants that
// it reads free: they may be what is searched.
func (l *loader) once(n *yamltree.Node, what string) (float64, bool) {
	x := l.expr(n, what)
	if x == nil {
		return 0, false
	}
	return l.constant(x, what)
}

// fittable reports a name that a search cannot give numbers to.
func (l *loader) fittable(name string, at diag.Pos) bool {
	first, _, _ := strings.Cut(name, ".")
	path := l.file.placeOf(name)
	switch {
	case path == nil && l.broken(first):
		return false
	case path == nil:
		p := l.errorf(at, "a fit cannot search %s: it is no constant, parameter, starting value or value of an input", quoted(name))
		var names []string
		for _, n := range l.sweepNames() {
			if l.file.placeOf(n) != nil {
				names = append(names, n)
			}
		}
		p.Hint = nearestOr(name, names, "write it as gaba.g_max: the object, a point, the variable; or as inputs.0.value")
		return false
	case l.shaping[name] != "":
		l.errorf(at, "a fit cannot search %s: it is structure, as %s depends on it", quoted(name), l.shaping[name])
		return false
	case path[0] == "inputs":
		if k, _ := strconv.Atoi(path[1]); k < len(l.file.Inputs) && l.file.Inputs[k].Kind != Constant {
			l.errorf(at, "a fit cannot search %s: it is an array", quoted(name)).Hint = "add a second input with the number that is searched"
			return false
		}
	}
	return true
}

// broken reports an object, a constant, or the inputs, that have errors of
// their own.
func (l *loader) broken(name string) bool {
	if name == "inputs" {
		n := l.root.Value("inputs")
		return n != nil && len(n.Items) > len(l.file.Inputs)
	}
	return l.objects[name].IsValid() && l.objectModel(name) == nil && l.file.Constant(name) == nil
}

// placeOf gives the path in the tree of the value of a name that takes any
// number: a constant, a parameter or starting value object.variable, or
// inputs.K.value; nil for any other name.
func (f *File) placeOf(name string) []string {
	if f.Constant(name) != nil {
		return []string{"constants", name}
	}
	parts := strings.Split(name, ".")
	if len(parts) == 3 && parts[0] == "inputs" && parts[2] == "value" {
		k, err := strconv.Atoi(parts[1])
		if err != nil || k < 0 || k >= len(f.Inputs) || strconv.Itoa(k) != parts[1] {
			return nil
		}
		return parts
	}
	if len(parts) != 2 {
		return nil
	}
	section, m := "populations", (*Model)(nil)
	if p := f.Population(parts[0]); p != nil {
		m = p.Model
	} else if p := f.Projection(parts[0]); p != nil {
		section, m = "projections", p.Model
	}
	switch {
	case m == nil:
	case m.Parameter(parts[1]) != nil:
		return []string{section, parts[0], "parameters", parts[1]}
	case m.State(parts[1]) != nil:
		return []string{section, parts[0], "init", parts[1]}
	}
	return nil
}

// checkFitColumns reports names that fit.csv would have twice.
func (l *loader) checkFitColumns(f *Fit) {
	taken := map[string]string{}
	for _, name := range fitColumns {
		taken[name] = "a column of fit.csv"
	}
	for _, b := range f.Parameters {
		if taken[b.Name] != "" {
			l.errorf(b.At, "a parameter is called %s, and so is %s", quoted(b.Name), taken[b.Name]).Hint = "give the constant another name"
		}
		taken[b.Name] = "a parameter of the fit"
	}
	for _, m := range l.file.Measures {
		if taken[m.Key] != "" {
			l.errorf(m.At, "a measure is called %s, and so is %s", quoted(m.Key), taken[m.Key]).Hint = "give it another name: {name: ...}"
		}
	}
}
