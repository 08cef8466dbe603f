package model

import (
	"strings"

	"gpusim/model/lang"
	"gpusim/model/yamltree"
)

// readRecord reads a list of variables, of an object of n elements, which may
// have groups.
func (l *loader) readRecord(e *yamltree.Entry, info *modelInfo, object string, n int, groups []*Range) []*Record {
	var out []*Record
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
		if detail != nil {
			l.readRecordDetail(r, detail, object, n, groups)
		}
		out = append(out, r)
	}
	return l.oneOfEach(out)
}

// NameRecords gives each record of an object that has no key yet that of its
// variable, and variable.mean to a mean where the variable's elements are
// recorded too.
func NameRecords(list []*Record) {
	elements := map[string]bool{} // variables by whose name elements go
	for _, r := range list {
		if !r.Mean {
			elements[r.Called()] = true
		}
	}
	for _, r := range list {
		if r.Key == "" {
			r.Key = r.Name
			if r.Mean && elements[r.Name] {
				r.Key += ".mean"
			}
		}
	}
}

// oneOfEach names the records and reports those of a name that there is
// already.
func (l *loader) oneOfEach(list []*Record) (out []*Record) {
	NameRecords(list)
	seen := map[string]bool{}
	for _, r := range list {
		if seen[r.Key] {
			p := l.errorf(r.At, "%s is recorded twice", quoted(r.Key))
			if r.Name != "spikes" {
				p.Hint = "give one of the two a name: {" + r.Name + ": {name: ...}}"
			}
			continue
		}
		seen[r.Key] = true
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
	s := l.fields(n, "a recording", "every", "of", "mean", "name")
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
	if e := s["name"]; e != nil {
		if text, ok := l.text(e.Value, "the name of a recording"); ok {
			if !lang.IsName(text) || text == "spikes" {
				l.errorf(e.Value.Pos, "a recording cannot be called %s", quoted(text)).Hint = "names are of letters, digits and _, and begin with a letter; spikes are those of the population"
				text += "?" // no other goes by it, which would be a second error
			}
			r.Key = text
		}
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
