package model

import (
	"math"
	"strconv"
	"strings"

	"gpusim/model/diag"
	"gpusim/model/yamltree"
)

// maxPoints is the largest number of points of a sweep.
const maxPoints = 1 << 20

func (l *loader) readSweep(e *yamltree.Entry) {
	if e == nil || e.Value.IsNull() {
		return
	}
	s := &Sweep{At: e.KeyPos}
	for _, x := range l.entries(e, "names and their points") {
		if x.Key == "zip" {
			s.Zip = l.boolean(x.Value, "zip", false)
			continue
		}
		if a := l.readAxis(x); a != nil {
			s.Axes = append(s.Axes, a)
		}
	}
	if len(s.Axes) == 0 {
		if e.Value.Kind == yamltree.Map && (len(e.Value.Entries) == 0 || s.Zip) {
			l.errorf(e.Value.Pos, "the sweep is empty").Hint = "write NAME: {from: 0, to: 1, points: 11}, or leave it out"
		}
		return
	}
	points := 1.0
	for _, a := range s.Axes {
		points *= float64(len(a.Values))
		if s.Zip && len(a.Values) != len(s.Axes[0].Values) {
			l.errorf(a.At, "zip pairs the values, so there are as many of each; %s has %d, %s has %d",
				a.Name, len(a.Values), s.Axes[0].Name, len(s.Axes[0].Values))
			return
		}
	}
	if !s.Zip && points > maxPoints {
		l.errorf(s.At, "the sweep has %s points; the most is %d", whole(points), maxPoints)
	}
	l.file.Sweep = s
}

func (l *loader) readAxis(e *yamltree.Entry) *Axis {
	ok := l.sweepable(e.Key, e.KeyPos)
	a := &Axis{At: e.KeyPos, Name: e.Key}
	s := l.fields(e.Value, "an axis of a sweep", "from", "to", "points", "log_from", "log_to", "values")
	if s == nil {
		return nil
	}
	has := func(keys ...string) bool {
		for _, k := range keys {
			if s[k] == nil {
				return false
			}
		}
		return len(s) == len(keys)
	}
	switch {
	case has("values"):
		a.Values = l.numbers(s["values"].Value)
	case has("from", "to", "points"):
		a.Values = l.points(s, "from", "to", false)
	case has("log_from", "log_to", "points"):
		a.Values = l.points(s, "log_from", "log_to", true)
	default:
		for _, x := range e.Value.Entries {
			if s[x.Key] == nil {
				return nil // an unknown key: reported
			}
		}
		l.errorf(e.Value.Pos, "an axis of a sweep is {from, to, points}, {log_from, log_to, points} or {values: [...]}")
		return nil
	}
	if a.Name == "run.seed" {
		for _, v := range a.Values {
			if v != math.Trunc(v) || v < 0 || v > 1<<53 {
				l.errorf(e.Value.Pos, "run.seed is a whole number of at least 0, not %s", num(v))
				return nil
			}
		}
	}
	if !ok || a.Values == nil {
		return nil
	}
	return a
}

func (l *loader) numbers(n *yamltree.Node) []float64 {
	if n.Kind != yamltree.Seq {
		l.errorf(n.Pos, "values is a list of numbers; this is %s", describe(n))
		return nil
	}
	var out []float64
	good := true
	for _, x := range n.Items {
		v, ok := l.number(x, "a value of a sweep")
		good = good && ok
		out = append(out, v)
	}
	if len(n.Items) == 0 {
		l.errorf(n.Pos, "values has no value")
	}
	if !good {
		return nil
	}
	return out
}

func (l *loader) points(s fields, fromKey, toKey string, log bool) []float64 {
	from, ok1 := l.number(s[fromKey].Value, fromKey)
	to, ok2 := l.number(s[toKey].Value, toKey)
	n, ok3 := l.whole(s["points"].Value, "points", 1)
	if !ok1 || !ok2 || !ok3 {
		return nil
	}
	if n > maxPoints {
		l.errorf(s["points"].Value.Pos, "points is %d; the most is %d", n, maxPoints)
		return nil
	}
	if log {
		for _, key := range []string{fromKey, toKey} {
			if v := map[string]float64{fromKey: from, toKey: to}[key]; v <= 0 {
				l.errorf(s[key].Value.Pos, "%s is greater than 0, not %s", key, num(v))
				return nil
			}
		}
	}
	if n == 1 && from != to {
		l.errorf(s["points"].Value.Pos, "1 point cannot go from %s to %s", num(from), num(to))
		return nil
	}
	return Points(from, to, n, log)
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

// sweepable reports a name that is no parameter, constant, starting value,
// value of an input, or run.seed.
func (l *loader) sweepable(name string, at diag.Pos) bool {
	structure := func(what string) bool {
		l.errorf(at, "%s is structure: a sweep cannot change it", what).Hint =
			"run gpusim once for each value, with --set " + name + "=VALUE"
		return false
	}
	if name == "run.seed" {
		return true
	}
	if _, ok := l.consts[name]; ok {
		if user := l.shaping[name]; user != "" {
			return structure("the constant " + name + " (which " + user + " depends on)")
		}
		return true
	}
	parts := strings.Split(name, ".")
	if parts[0] == "inputs" && len(parts) == 3 && parts[2] == "value" {
		return l.sweepableInput(parts[1], at)
	}
	switch {
	case name == "dt" || name == "method" || parts[0] == "connect" || parts[len(parts)-1] == "method":
		return structure(name)
	case parts[0] == "populations" || parts[0] == "projections" || parts[0] == "models":
		l.errorf(at, "a sweep takes object.variable, not %s", quoted(name)).Hint = "write it as gaba.g_max: the object, a point, the variable"
		return false
	}
	m := l.objectModel(parts[0])
	if m == nil {
		if pos, known := l.objects[parts[0]]; known && pos.IsValid() {
			return false // it has an error of its own
		}
		p := l.errorf(at, "there is nothing called %s to sweep", quoted(name))
		p.Hint = didYouMean(name, l.sweepNames())
		return false
	}
	if user := l.shaping[name]; user != "" {
		return structure(name + " (which " + user + " depends on)")
	}
	if len(parts) == 2 && (m.Parameter(parts[1]) != nil || m.State(parts[1]) != nil) {
		return true
	}
	if len(parts) >= 2 && contains([]string{"size", "connect", "delay", "model", "groups", "from", "to"}, parts[1]) {
		return structure(name)
	}
	p := l.errorf(at, "%s has no parameter or state %s", parts[0], quoted(strings.Join(parts[1:], ".")))
	if len(parts) == 1 {
		p.Msg = parts[0] + " is a population or projection; a sweep takes one of its variables"
	} else {
		p.Hint = didYouMean(name, l.sweepNames())
	}
	if p.Hint == "" {
		p.Hint = "it has " + listed(append(valueNames(m.Parameters), valueNames(m.States)...))
	}
	return false
}

func (l *loader) sweepableInput(index string, at diag.Pos) bool {
	n := l.root.Value("inputs")
	if n == nil {
		l.errorf(at, "the file has no inputs")
		return false
	}
	k, err := strconv.Atoi(index)
	if err != nil || k < 0 || k >= len(n.Items) {
		l.errorf(at, "there is no input %s; the file has %s, counted from 0", quoted(index), plural(len(n.Items), "input"))
		return false
	}
	if v := n.Items[k].Value("value"); v != nil && v.Kind == yamltree.Map {
		l.errorf(at, "the value of input %d is an array; a sweep gives it a number", k).Hint = "add a second input with the number that is swept"
		return false
	}
	return true
}

// objectModel gives the model of a population or projection, or nil.
func (l *loader) objectModel(name string) *Model {
	if p := l.file.Population(name); p != nil {
		return p.Model
	}
	if p := l.file.Projection(name); p != nil {
		return p.Model
	}
	return nil
}

// sweepNames lists all that can be swept.
func (l *loader) sweepNames() []string {
	names := []string{"run.seed"}
	for _, c := range l.file.Constants {
		names = append(names, c.Name)
	}
	add := func(object string, m *Model) {
		for _, v := range m.Parameters {
			names = append(names, object+"."+v.Name)
		}
		for _, v := range m.States {
			names = append(names, object+"."+v.Name)
		}
	}
	for _, p := range l.file.Populations {
		add(p.Name, p.Model)
	}
	for _, p := range l.file.Projections {
		add(p.Name, p.Model)
	}
	for k := range l.file.Inputs {
		names = append(names, "inputs."+strconv.Itoa(k)+".value")
	}
	return names
}
