package model

import (
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
