package model

import (
	"strings"

	"gpusim/model/lang"
)

// checkModel checks the equations, events and outputs of a model whose names
// are declared, and fills Order.
func (l *loader) checkModel(info *modelInfo) {
	m := info.m
	l.declareEquations(info)
	l.order(info)
	sc := l.modelScope(info)
	for _, i := range m.Order {
		e := m.Equations[i]
		before := len(l.list.Problems)
		named := *sc
		named.what = "the equations of " + m.Name
		l.checkNames(e.Value, &named)
		if len(l.list.Problems) > before {
			info.types[e.Name], sc.vars[e.Name] = lang.Unknown, lang.Unknown
			continue
		}
		t := lang.TypeOf(e.Value, func(n *lang.Name) lang.Type { return typeIn(sc, n) }, l.list)
		info.types[e.Name], sc.vars[e.Name] = t, t
	}
	for _, e := range m.Equations {
		if e.Derivative {
			l.checkExpr(e.Value, sc.as("d"+e.Name+"/dt"), lang.Num)
		}
		if e.EventDriven && m.Kind == NeuronModel {
			l.errorf(e.At, "(event-driven) is for the equations of synapses")
		}
		if e.UnlessRefractory && m.Refractory == nil && info.ok {
			l.errorf(e.At, "(unless refractory) needs the key \"refractory\" in the model %s", m.Name)
		}
	}
	l.checkDefaults(info)
	if m.Kind == NeuronModel {
		l.checkNeuron(info, sc)
	} else {
		l.checkSynapse(info, sc)
	}
	for _, s := range m.States {
		if m.Derivative(s.Name) == nil && !assigns(s.Name, "", m.Reset, m.OnPre, m.OnPost) && info.ok && !m.BuiltIn {
			l.notef(info.at[s.Name], "nothing changes the state %s of %s", s.Name, m.Name)
		}
	}
}

func (s *scope) as(what string) *scope {
	c := *s
	c.what = what
	return &c
}

// modelScope is what the equations, conditions and statements of a model may
// read.
func (l *loader) modelScope(info *modelInfo) *scope {
	sc := &scope{consts: l.consts, vars: map[string]lang.Type{"t": lang.Num, "dt": lang.Num}, sides: info.m.Kind == SynapseModel}
	for name, t := range info.types {
		sc.vars[name] = t
	}
	return sc
}

// checkNames reports the names that a scope has not, and draws.
func (l *loader) checkNames(x lang.Node, sc *scope) {
	lang.Walk(x, func(n lang.Node) {
		switch n := n.(type) {
		case *lang.Name:
			l.checkName(n, sc)
		case *lang.Call:
			if lang.IsDraw(n.Func) && !sc.draws {
				l.errorf(n.At, "%s draws a random number; that is for parameters and init of populations and projections", n.Func)
			}
		}
	})
}

// declareEquations enters the quantities into the model's names and matches
// the differential equations with its states.
func (l *loader) declareEquations(info *modelInfo) {
	m := info.m
	seen := map[string]*lang.Equation{}
	for _, e := range m.Equations {
		if !e.Derivative {
			if role := info.role[e.Name]; role != "" && role != "a quantity" {
				p := l.errorf(e.At, "%s is %s of %s; an equation cannot define it again", quoted(e.Name), role, m.Name)
				if role == "a state" {
					p.Hint = "write d" + e.Name + "/dt = ... for a state"
				}
				info.ok = false
				continue
			}
			l.local(info, e.Name, e.At, "a quantity")
			continue
		}
		if first := seen[e.Name]; first != nil {
			l.errorf(e.At, "there is a second equation for %s; the first is in line %d", quoted(e.Name), first.At.Line)
			continue
		}
		seen[e.Name] = e
		if m.State(e.Name) == nil && info.role[e.Name] != "a state" {
			p := l.errorf(e.At, "%s is no state of %s", quoted(e.Name), m.Name)
			if role := info.role[e.Name]; role != "" {
				p.Msg = quoted(e.Name) + " is " + role + " of " + m.Name + ", not a state"
				continue
			}
			if p.Hint = didYouMean(e.Name, valueNames(m.States)); p.Hint == "" {
				p.Hint = "declare it under state with its start: state: {" + e.Name + ": 0}"
			}
			if info.role[e.Name] == "" {
				info.types[e.Name] = lang.Unknown // known, so that it is reported once
			}
		}
	}
}

// order fills Order, or reports a circle of quantities.
func (l *loader) order(info *modelInfo) {
	m := info.m
	index := map[string]int{}
	var names []string
	for i, e := range m.Equations {
		if _, dup := index[e.Name]; !e.Derivative && !dup && info.role[e.Name] == "a quantity" {
			index[e.Name] = i
			names = append(names, e.Name)
		}
	}
	deps := func(name string) []string {
		var out []string
		for _, n := range lang.Names(m.Equations[index[name]].Value) {
			if _, is := index[n.Ident]; is && n.Owner == "" {
				out = append(out, n.Ident)
			}
		}
		return out
	}
	placed := map[string]bool{}
	for c := cycle(names, deps); c != nil; c = cycle(names, deps) {
		p := l.errorf(m.Equations[index[c[0]]].At, "quantities that depend on each other: %s", strings.Join(c, " -> "))
		p.Hint = "what carries a value from step to step is a state"
		for _, name := range c {
			info.types[name] = lang.Unknown
			placed[name] = true
			delete(index, name)
		}
		names = keep(names, func(name string) bool { return !placed[name] })
	}
	var place func(string)
	place = func(name string) {
		if placed[name] {
			return
		}
		placed[name] = true
		for _, d := range deps(name) {
			place(d)
		}
		m.Order = append(m.Order, index[name])
	}
	for _, name := range names {
		place(name)
	}
}

func (l *loader) checkNeuron(info *modelInfo, sc *scope) {
	m := info.m
	if m.Spike != nil {
		l.checkExpr(m.Spike, sc.as("the spike condition"), lang.Bool)
	}
	if m.Spike == nil && info.ok {
		if len(m.Reset) > 0 {
			l.errorf(m.Reset[0].At, "reset needs a spike condition: the key \"spike\" is missing in %s", m.Name)
		}
		if m.Refractory != nil {
			l.errorf(m.Refractory.Pos(), "refractory needs a spike condition: the key \"spike\" is missing in %s", m.Name)
		}
	}
	for _, a := range m.Reset {
		l.checkAssign(info, a, sc, "reset")
	}
	if m.Refractory != nil {
		l.checkExpr(m.Refractory, l.fixedScope(info).as("refractory"), lang.Num)
	}
}

// fixedScope is what does not change during a run: parameters and constants.
func (l *loader) fixedScope(info *modelInfo) *scope {
	sc := &scope{consts: l.consts, vars: map[string]lang.Type{"dt": lang.Num}}
	for _, p := range info.m.Parameters {
		sc.vars[p.Name] = lang.Num
	}
	return sc
}

// checkAssign checks a statement that changes a state of the model itself.
func (l *loader) checkAssign(info *modelInfo, a *lang.Assign, sc *scope, where string) {
	m := info.m
	switch {
	case a.Target.Owner != "":
		p := l.errorf(a.At, "%s changes states of its own model, not %s", where, a.Target)
		if where == "reset" {
			p.Hint = "write the bare name of the state"
		}
		return
	case info.role[a.Target.Ident] != "a state":
		p := l.errorf(a.At, "%s is no state of %s", quoted(a.Target.Ident), m.Name)
		if role := info.role[a.Target.Ident]; role != "" {
			p.Msg = quoted(a.Target.Ident) + " is " + role + " of " + m.Name + "; " + where + " changes states"
		} else {
			p.Hint = didYouMean(a.Target.Ident, valueNames(m.States))
		}
	}
	l.checkExpr(a.Value, sc.as("the value of "+a.Target.Ident), lang.Num)
}

func (l *loader) checkSynapse(info *modelInfo, sc *scope) {
	m := info.m
	for _, a := range m.Outputs {
		switch {
		case a.Target.Owner != "post":
			p := l.errorf(a.At, "an output goes to an input of post, not to %s", quoted(a.Target.String()))
			p.Hint = "write post.NAME += expression"
		case a.Op != "+=" && a.Op != "-=":
			l.errorf(a.At, "outputs of many synapses are summed: write += or -=, not %s", a.Op)
		}
		l.checkExpr(a.Value, sc.as("an output"), lang.Num)
	}
	for _, x := range []struct {
		where string
		list  []*lang.Assign
	}{{"on_pre", m.OnPre}, {"on_post", m.OnPost}} {
		for _, a := range x.list {
			if a.Target.Owner == "" {
				l.checkAssign(info, a, sc, x.where)
				continue
			}
			switch {
			case a.Target.Owner != "post":
				l.errorf(a.At, "%s cannot change %s: only states of the synapse and of post", x.where, a.Target)
			case a.Op != "+=" && a.Op != "-=":
				l.errorf(a.At, "what many synapses do to post is summed: write += or -=, not %s", a.Op)
			}
			l.checkExpr(a.Value, sc.as("the value of "+a.Target.String()), lang.Num)
		}
	}
	if m.Delay != nil {
		l.checkExpr(m.Delay.Expr, l.fixedScope(info).as("delay"), lang.Num)
	}
	if len(m.Outputs)+len(m.OnPre)+len(m.OnPost) == 0 && info.ok {
		l.notef(m.At, "the synapse %s has no output, no on_pre and no on_post: it has no effect", m.Name)
	}
}

// assigns reports whether a statement of one of the lists assigns a name.
func assigns(name, owner string, lists ...[]*lang.Assign) bool {
	for _, list := range lists {
		for _, a := range list {
			if a.Target.Ident == name && a.Target.Owner == owner {
				return true
			}
		}
	}
	return false
}

// keep gives the names for which f holds.
func keep(names []string, f func(string) bool) []string {
	var out []string
	for _, n := range names {
		if f(n) {
			out = append(out, n)
		}
	}
	return out
}

func valueNames(list []*Value) []string {
	var names []string
	for _, v := range list {
		names = append(names, v.Name)
	}
	return names
}
