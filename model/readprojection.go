package model

import (
	"strings"

	"gpusim/model/diag"
	"gpusim/model/lang"
	"gpusim/model/yamltree"
)

var projectionKeys = []string{"model", "from", "to", "connect", "parameters", "init", "delay", "record"}

func (l *loader) readProjections(e *yamltree.Entry) {
	for _, p := range l.entries(e, "names and projections") {
		ok := l.declare(p.Key, p.KeyPos, "a projection")
		proj := l.readProjection(p)
		if proj != nil && ok {
			l.file.Projections = append(l.file.Projections, proj)
		}
	}
}

func (l *loader) readProjection(e *yamltree.Entry) *Projection {
	p := &Projection{At: e.KeyPos, Name: e.Key}
	s := l.fields(e.Value, "a projection", projectionKeys...)
	if s == nil {
		return nil
	}
	var info *modelInfo
	if n := l.need(s, e.Value, "model", "a projection"); n != nil {
		info = l.modelNamed(n.Value, SynapseModel, "a projection")
	}
	from, to := l.need(s, e.Value, "from", "a projection"), l.need(s, e.Value, "to", "a projection")
	connect := l.need(s, e.Value, "connect", "a projection")
	if from != nil {
		p.From, p.FromGroup = l.populationNamed(from.Value)
	}
	if to != nil {
		p.To, p.ToGroup = l.populationNamed(to.Value)
	}
	if info == nil || p.From == nil || p.To == nil || !l.grow(e.KeyPos, e.Key, info) {
		return nil
	}
	p.Model = info.m
	before := len(l.list.Problems)
	if connect != nil {
		l.readConnect(p, connect)
		l.checkListed(p)
	}
	n := -1
	if len(l.list.Problems) == before && connect != nil {
		n = p.Synapses()
	}
	if info.ok {
		l.checkSides(p, from.Value.Pos, to.Value.Pos)
	}
	p.Parameters = l.overrides(s["parameters"], info, "a parameter", info.m.Parameters)
	p.Init = l.overrides(s["init"], info, "a state", info.m.States)
	start, stop := p.From.Span(p.FromGroup)
	pre := stop - start
	l.checkStart(info, p.Parameters, p.Init, n, pre, p.Name, p.At)
	l.checkStartSides(p)
	if d := s["delay"]; d != nil {
		if p.Delay = l.value(d, "delay", false); p.Delay != nil && !l.checkExpr(p.Delay.Expr, l.fixedScope(info).as("delay"), lang.Num) {
			p.Delay = nil
		}
	}
	if info.ok && len(l.list.Problems) == before && l.file.Dt > 0 {
		l.fixDelay(p)
		if _, problem := l.file.DelaySteps(p); problem != nil {
			l.errorf(problem.Pos, "%s", problem.Msg)
		} else if at, note := l.file.delayNote(p); note != "" {
			l.notef(at, "%s", note)
		}
	}
	if r := s["record"]; r != nil {
		p.Record = l.readRecord(r, info, p.Name, n, nil)
	}
	return p
}

// populationNamed gives the population of a name, and of P.E the group.
func (l *loader) populationNamed(n *yamltree.Node) (*Population, *Range) {
	name, ok := l.text(n, "a population")
	if !ok {
		return nil, nil
	}
	object, group, dotted := strings.Cut(name, ".")
	p := l.file.Population(object)
	if p == nil {
		if pos, known := l.objects[object]; known && l.root.Get("populations", object) != nil && pos.IsValid() {
			return nil, nil // it has an error of its own
		}
		pr := l.errorf(n.Pos, "there is no population %s", quoted(object))
		var names []string
		for _, p := range l.file.Populations {
			names = append(names, p.Name)
		}
		if pr.Hint = didYouMean(object, names); pr.Hint == "" && len(names) > 0 {
			pr.Hint = "there are " + listed(names)
		}
		return nil, nil
	}
	if !dotted {
		return p, nil
	}
	var names []string
	for _, g := range p.Groups {
		if g.Name == group {
			return p, g
		}
		names = append(names, g.Name)
	}
	pr := l.errorf(n.Pos, "%s has no group %s", object, quoted(group))
	if pr.Hint = didYouMean(group, names); pr.Hint == "" && len(names) > 0 {
		pr.Hint = "it has " + listed(names)
	}
	return nil, nil
}

// sideNames are what pre and post give of a neuron model: states, parameters,
// inputs and quantities.
func sideNames(m *Model) []string {
	names := append(valueNames(m.States), valueNames(m.Parameters)...)
	for _, in := range m.Inputs {
		names = append(names, in.Name)
	}
	for _, i := range m.Order {
		names = append(names, m.Equations[i].Name)
	}
	return names
}

// checkSides checks pre.X and post.X of a synapse model against the
// populations of a projection: what is read, and what outputs and events
// change.
func (l *loader) checkSides(p *Projection, fromPos, toPos diag.Pos) {
	reported := map[string]bool{}
	side := func(owner string) (*Population, diag.Pos) {
		if owner == "pre" {
			return p.From, fromPos
		}
		return p.To, toPos
	}
	problem := func(n *lang.Name, format string, args ...any) *diag.Problem {
		if reported[n.String()] {
			return &diag.Problem{}
		}
		reported[n.String()] = true
		_, pos := side(n.Owner)
		return l.errorf(pos, format, args...)
	}
	read := func(x lang.Node) {
		for _, n := range lang.Names(x) {
			if n.Owner == "" {
				continue
			}
			pop, _ := side(n.Owner)
			target := l.models[pop.Model.Name]
			names := sideNames(pop.Model)
			switch {
			case !target.ok:
			case contains(names, n.Ident):
				if target.types[n.Ident] == lang.Bool {
					problem(n, "%s reads %s, but %s of %s is a condition, not a number", p.Model.Name, n, n.Ident, pop.Model.Name)
				}
			default:
				problem(n, "%s reads %s, but %s (of model %s) has no %s", p.Model.Name, n, pop.Name, pop.Model.Name, n.Ident).Hint = nearestOr(n.Ident, names, "it has "+listed(names))
			}
		}
	}
	m := p.Model
	for _, e := range m.Equations {
		read(e.Value)
	}
	for _, list := range [][]*lang.Assign{m.Outputs, m.OnPre, m.OnPost} {
		for _, a := range list {
			read(a.Value)
		}
	}
	for _, v := range append(append([]*Value{}, m.Parameters...), m.States...) {
		read(v.Expr)
	}
	if !l.models[p.To.Model.Name].ok {
		return
	}
	for _, a := range m.Outputs {
		if !p.To.Model.HasInput(a.Target.Ident) {
			pr := problem(a.Target, "%s adds to %s, but %s (of model %s) has no input %s", m.Name, a.Target, p.To.Name, p.To.Model.Name, a.Target.Ident)
			pr.Hint = nearestOr(a.Target.Ident, inputNames(p.To.Model), inputsOf(p.To.Model))
		}
	}
	for _, list := range [][]*lang.Assign{m.OnPre, m.OnPost} {
		for _, a := range list {
			if a.Target.Owner == "post" && !p.To.Model.HasInput(a.Target.Ident) && p.To.Model.State(a.Target.Ident) == nil {
				names := append(valueNames(p.To.Model.States), inputNames(p.To.Model)...)
				problem(a.Target, "%s adds to %s, but %s (of model %s) has no state or input %s", m.Name, a.Target, p.To.Name, p.To.Model.Name, a.Target.Ident).Hint =
					nearestOr(a.Target.Ident, names, "it has "+listed(names))
			}
		}
	}
}

// checkStartSides checks pre.X and post.X in a projection's own parameters
// and init.
func (l *loader) checkStartSides(p *Projection) {
	for _, list := range [][]*Value{p.Parameters, p.Init} {
		for _, v := range list {
			for _, n := range lang.Names(v.Expr) {
				pop := p.From
				if n.Owner == "post" {
					pop = p.To
				}
				if n.Owner != "" && !contains(sideNames(pop.Model), n.Ident) && l.models[pop.Model.Name].ok {
					names := sideNames(pop.Model)
					l.errorf(n.At, "%s (of model %s) has no %s", pop.Name, pop.Model.Name, n.Ident).Hint = nearestOr(n.Ident, names, "it has "+listed(names))
				}
			}
		}
	}
}

// inputsOf is the hint that lists a model's inputs.
func inputsOf(m *Model) string {
	names := inputNames(m)
	if len(names) == 0 {
		return m.Name + " declares no input"
	}
	return "the inputs of " + m.Name + ": " + listed(names)
}

func inputNames(m *Model) (names []string) {
	for _, in := range m.Inputs {
		names = append(names, in.Name)
	}
	return names
}
