package model

import (
	"strconv"
	"strings"

	"gpusim/model/diag"
	"gpusim/model/yamltree"
)

// structureKeys are the keys of populations and projections that a sweep may
// change, each value in a network of its own.
var structureKeys = []string{"size", "connect", "delay", "model", "groups", "from", "to"}

// sweepable reports a name that is no parameter, constant, starting value,
// value of an input, run.seed, nor a name of the structure; and says whether it is
// the last.
func (l *loader) sweepable(name string, at diag.Pos) (structure, ok bool) {
	if name == runSeed {
		return false, true
	}
	if _, ok := l.consts[name]; ok {
		return l.shaping[name] != "", true
	}
	parts := strings.Split(name, ".")
	if parts[0] == "inputs" && len(parts) == 3 && parts[2] == "value" {
		return false, l.sweepableInput(parts[1], at)
	}
	switch {
	case name == "dt" || name == "method":
		return true, true
	case parts[0] == "models" && len(parts) == 3 && parts[2] == "method":
		if l.root.Get(parts[:2]...) == nil {
			l.errorf(at, "the file has no model %s", quoted(parts[1]))
			return false, false
		}
		return true, true
	case parts[0] == "populations" || parts[0] == "projections" || parts[0] == "models":
		l.errorf(at, "a sweep takes object.variable, not %s", quoted(name)).Hint = "write it as gaba.g_max: the object, a point, the variable"
		return false, false
	}
	m := l.objectModel(parts[0])
	if m == nil {
		_, constant := l.consts[parts[0]]
		if pos, known := l.objects[parts[0]]; known && pos.IsValid() && !constant {
			return false, false // it has an error of its own
		}
		p := l.errorf(at, "there is nothing called %s to sweep", quoted(name))
		p.Hint = didYouMean(name, l.sweepNames())
		if len(parts) == 2 && parts[1] == "method" && l.root.Get("models", parts[0]) != nil {
			p.Hint = "the method of a model is models." + name
		}
		return false, false
	}
	if l.shaping[name] != "" {
		return true, true
	}
	if len(parts) == 2 && (m.Parameter(parts[1]) != nil || m.State(parts[1]) != nil) {
		return false, true
	}
	if len(parts) >= 2 && contains(structureKeys, parts[1]) {
		return true, true
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
	return false, false
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
	names := []string{runSeed}
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
