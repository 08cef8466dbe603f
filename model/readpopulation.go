package model

import (
	"strings"

	"gpusim/model/lang"
	"gpusim/model/yamltree"
)

var populationKeys = []string{"model", "size", "groups", "parameters", "init", "record"}

func (l *loader) readPopulations(e *yamltree.Entry) {
	list := l.entries(e, "names and populations")
	if len(list) == 0 && e.Value.Kind == yamltree.Map {
		l.errorf(e.Value.Pos, "a network needs a population")
	}
	for _, p := range list {
		ok := l.declare(p.Key, p.KeyPos, "a population")
		pop := l.readPopulation(p)
		if pop != nil && ok {
			l.file.Populations = append(l.file.Populations, pop)
		}
	}
}

// readPopulation gives nil where the model or the size has an error.
func (l *loader) readPopulation(e *yamltree.Entry) *Population {
	p := &Population{At: e.KeyPos, Name: e.Key}
	s := l.fields(e.Value, "a population", populationKeys...)
	if s == nil {
		return nil
	}
	var info *modelInfo
	if n := l.need(s, e.Value, "model", "a population"); n != nil {
		info = l.modelNamed(n.Value, NeuronModel, "a population")
	}
	if n := l.need(s, e.Value, "size", "a population"); n != nil {
		what := "the size of " + e.Key
		if size, ok := l.whole(n.Value, what, 1); ok && size > maxNeurons {
			bytes := 8 * float64(size)
			if info != nil {
				bytes *= float64(max(1, len(info.m.States)+len(info.m.Inputs)))
			}
			l.errorf(n.Value.Pos, "%s is %d neurons, whose state takes %s bytes; the most is %d neurons", what, size, whole(bytes), maxNeurons)
		} else if ok {
			p.Size = size
		}
	}
	if info == nil || p.Size == 0 || !l.grow(e.KeyPos, e.Key, info) {
		return nil
	}
	p.Model = info.m
	l.readGroups(p, info, s["groups"])
	p.Parameters = l.overrides(s["parameters"], info, "a parameter", info.m.Parameters)
	p.Init = l.overrides(s["init"], info, "a state", info.m.States)
	l.checkStart(info, p.Parameters, p.Init, p.Size, 0, p.Name, p.At)
	if n := s["record"]; n != nil {
		p.Record = l.readRecord(n, info, p.Name, p.Size, p.Groups)
	}
	return p
}

func (l *loader) readGroups(p *Population, info *modelInfo, e *yamltree.Entry) {
	for _, g := range l.entries(e, "names and ranges [start, stop]") {
		if !l.goodName(g.Key, g.KeyPos, "a group", false) {
			continue
		}
		if role := info.role[g.Key]; role != "" {
			l.errorf(g.KeyPos, "%s is %s of %s; the group needs another name", quoted(g.Key), role, info.m.Name)
			continue
		}
		if g.Value.Kind != yamltree.Seq || len(g.Value.Items) != 2 {
			l.errorf(g.Value.Pos, "a group is a range [start, stop], not %s", describe(g.Value))
			continue
		}
		start, ok := l.whole(g.Value.Items[0], "the start of a group", 0)
		stop, ok2 := l.whole(g.Value.Items[1], "the stop of a group", 0)
		if ok && ok2 {
			if start >= stop || stop > p.Size {
				l.errorf(g.Value.Pos, "the group [%d, %d] does not fit: 0 <= start < stop <= %d", start, stop, p.Size)
				continue
			}
			p.Groups = append(p.Groups, &Range{At: g.KeyPos, Name: g.Key, Start: start, Stop: stop})
		}
	}
}

// overrides reads the values that an object gives parameters or states of its
// model.
func (l *loader) overrides(e *yamltree.Entry, info *modelInfo, role string, of []*Value) []*Value {
	var out []*Value
	for _, v := range l.entries(e, "names and values") {
		if info.role[v.Key] != role {
			names := valueNames(of)
			p := l.errorf(v.KeyPos, "%s is no %s of %s", quoted(v.Key), role[2:], info.m.Name)
			if p.Hint = didYouMean(v.Key, names); p.Hint == "" {
				p.Hint = info.m.Name + " has " + listed(names)
				if len(names) == 0 {
					p.Hint = info.m.Name + " has no " + role[2:]
				}
			}
			if other := info.role[v.Key]; other != "" {
				p.Msg = quoted(v.Key) + " is " + other + " of " + info.m.Name + ", not " + role
				p.Hint = map[string]string{"a parameter": "parameters are set under parameters", "a state": "states are set under init"}[other]
			}
			continue
		}
		if x := l.value(v, "the value of "+v.Key, true); x != nil {
			out = append(out, x)
		}
	}
	return out
}

// readRecord reads a list of variables, of an object of n elements, which may
// have groups.
func (l *loader) readRecord(e *yamltree.Entry, info *modelInfo, object string, n int, groups []*Range) []*Record {
	var out []*Record
	seen := map[string]bool{}
	for _, x := range l.items(e.Value, "record") {
		r := &Record{At: x.Pos, Every: 1}
		var detail *yamltree.Node
		switch {
		case x.Kind == yamltree.Map && len(x.Entries) == 1:
			r.Name, r.At, detail = x.Entries[0].Key, x.Entries[0].KeyPos, x.Entries[0].Value
		case x.Kind == yamltree.Scalar && !x.IsNull():
			r.Name = x.Text
		default:
			l.errorf(x.Pos, "record is a list of names and of {name: {every: 25}}; this is %s", describe(x))
			continue
		}
		if !l.recordable(r, info, object) {
			continue
		}
		if seen[r.Name] {
			l.errorf(r.At, "%s is recorded twice", quoted(r.Name))
			continue
		}
		seen[r.Name] = true
		if detail != nil {
			l.readRecordDetail(r, detail, object, n, groups)
		}
		out = append(out, r)
	}
	return out
}

func (l *loader) recordable(r *Record, info *modelInfo, object string) bool {
	if r.Name == "spikes" {
		if info.m.Kind == SynapseModel {
			l.errorf(r.At, "a projection has no spikes; record those of its populations")
			return false
		}
		if info.m.Spike == nil {
			l.errorf(r.At, "%s has no spikes: its model %s has no spike condition", object, info.m.Name)
			return false
		}
		return true
	}
	if !info.ok {
		return false
	}
	names := []string{}
	for _, v := range info.m.States {
		names = append(names, v.Name)
	}
	for _, v := range info.m.Inputs {
		names = append(names, v.Name)
	}
	for _, q := range info.m.Order {
		names = append(names, info.m.Equations[q].Name)
	}
	if info.m.Spike != nil {
		names = append(names, "spikes")
	}
	if !contains(names, r.Name) {
		p := l.errorf(r.At, "%s has no %s to record", object, quoted(r.Name))
		if info.role[r.Name] == "a parameter" {
			p.Msg = quoted(r.Name) + " is a parameter: it does not change, so it cannot be recorded"
		} else if p.Hint = didYouMean(r.Name, names); p.Hint == "" {
			p.Hint = "it has " + listed(names)
		}
		return false
	}
	if info.types[r.Name] == lang.Bool {
		l.errorf(r.At, "%s is a condition; only numbers are recorded", quoted(r.Name))
		return false
	}
	return true
}

func (l *loader) readRecordDetail(r *Record, n *yamltree.Node, object string, size int, groups []*Range) {
	s := l.fields(n, "a recording", "every", "of", "mean")
	if r.Name == "spikes" && len(s) > 0 {
		l.errorf(n.Pos, "spikes are recorded at every step, of all neurons")
		return
	}
	if e := s["every"]; e != nil {
		if v, ok := l.whole(e.Value, "every (steps between rows)", 1); ok {
			r.Every = v
		}
	}
	if e := s["of"]; e != nil {
		if len(l.items(e.Value, "of")) == 0 && e.Value.Kind == yamltree.Seq {
			l.errorf(e.Value.Pos, "of lists no elements")
		}
		for _, x := range l.items(e.Value, "of") {
			r.Of = append(r.Of, l.elements(x, object, size, groups, len(r.Of))...)
		}
	}
	if e := s["mean"]; e != nil {
		r.Mean = l.boolean(e.Value, "mean", false)
	}
}

// elements reads an item of the elements that are recorded: the number of one,
// a range start:stop, or a group. Items before it have so many.
func (l *loader) elements(x *yamltree.Node, object string, size int, groups []*Range, have int) (out []int) {
	if x.Kind != yamltree.Scalar {
		l.errorf(x.Pos, "of lists numbers, ranges and groups; this is %s", describe(x)).Hint = `a range stands in quotes: "10:20"`
		return nil
	}
	start, stop, ok := l.rangeOf(x, object, groups)
	if !ok {
		return nil
	}
	switch {
	case size >= 0 && stop > size:
		l.errorf(x.Pos, "there is no element %d; they are 0 to %d", max(start, size), size-1)
		return nil
	case have+stop-start > maxKept:
		l.errorf(x.Pos, "of lists %d elements; the most is %d", have+stop-start, maxKept)
		return nil
	}
	for i := start; i < stop; i++ {
		out = append(out, i)
	}
	return out
}

func (l *loader) rangeOf(x *yamltree.Node, object string, groups []*Range) (start, stop int, ok bool) {
	var names []string
	for _, g := range groups {
		if x.Text == g.Name || x.Text == object+"."+g.Name {
			return g.Start, g.Stop, true
		}
		names = append(names, g.Name)
	}
	if _, known := l.consts[x.Text]; lang.IsName(x.Text) && !known {
		p := l.errorf(x.Pos, "%s has no group %s", object, quoted(x.Text))
		if p.Hint = didYouMean(x.Text, names); p.Hint == "" && len(names) > 0 {
			p.Hint = "it has " + listed(names)
		}
		return 0, 0, false
	}
	first, last, is := strings.Cut(x.Text, ":")
	if !is {
		start, ok = l.whole(x, "an element in of", 0)
		return start, start + 1, ok
	}
	if strings.Contains(last, ":") {
		l.errorf(x.Pos, "a range is start:stop, not %s", quoted(x.Text))
		return 0, 0, false
	}
	start, ok = l.whole(trimmed(first, x.Pos), "the start of a range in of", 0)
	stop, ok2 := l.whole(trimmed(last, x.Pos), "the stop of a range in of", 0)
	if ok = ok && ok2; ok && start >= stop {
		l.errorf(x.Pos, "the range %s has no element: it is start:stop, without stop", quoted(x.Text))
		return 0, 0, false
	}
	return start, stop, ok
}
