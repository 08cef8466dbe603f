package model

import (
	"strings"

	"gpusim/model/diag"
	"gpusim/model/lang"
)

// startScope is what parameters and init may read: each other, the model's
// quantities, constants, and the names of elements and sizes.
func (l *loader) startScope(info *modelInfo) *scope {
	sc := &scope{consts: l.consts, vars: map[string]lang.Type{"dt": lang.Num}, draws: true}
	for name, t := range info.types {
		if info.role[name] != "an input" {
			sc.vars[name] = t
		}
	}
	if info.m.Kind == NeuronModel {
		return sc.with("N", "i")
	}
	sc.sides = true
	return sc.with("N_pre", "N_post", "i", "j")
}

// checkDefaults checks the values that a model gives its parameters and
// states. That they do not depend on each other in a circle is checked where
// the model is used, with the values that replace them.
func (l *loader) checkDefaults(info *modelInfo) {
	sc := l.startScope(info)
	for _, list := range [][]*Value{info.m.Parameters, info.m.States} {
		for _, v := range list {
			l.checkExpr(v.Expr, sc.as("the value of "+v.Name), lang.Num)
		}
	}
}

// checkStart checks the parameters and init that an object gives its model: n
// elements, which who has; init may have one a presynaptic neuron instead,
// where pre is their number. It reports a circle among all that decide the
// start.
func (l *loader) checkStart(info *modelInfo, params, init []*Value, n, pre int, who string, at diag.Pos) {
	if !info.ok {
		return
	}
	before := len(l.list.Problems)
	sc := l.startScope(info)
	values := map[string]*Value{}
	var names []string
	for _, list := range [][]*Value{info.m.Parameters, info.m.States} {
		for _, v := range list {
			values[v.Name] = v
			names = append(names, v.Name)
		}
	}
	for k, list := range [][]*Value{params, init} {
		for _, v := range list {
			values[v.Name] = v
			perPre := k == 1 && pre > 0 && v.Array != nil && len(v.Array.Shape) == 1 && len(v.Array.Data) == pre
			if v.Expr != nil {
				l.checkExpr(v.Expr, sc.as("the value of "+v.Name), lang.Num)
			} else if n >= 0 && !perPre {
				l.vector(v, n, who)
			}
		}
	}
	if len(l.list.Problems) > before {
		return
	}
	deps := func(name string) []string {
		var x lang.Node
		if v := values[name]; v != nil {
			x = v.Expr
		} else if q := info.m.Quantity(name); q != nil {
			x = q.Value
		}
		var out []string
		for _, n := range lang.Names(x) {
			if n.Owner == "" && (values[n.Ident] != nil || info.m.Quantity(n.Ident) != nil) {
				out = append(out, n.Ident)
			}
		}
		return out
	}
	if c := cycle(names, deps); c != nil {
		for _, name := range c {
			if v := values[name]; v != nil && v.At.Source == nil {
				at = v.At
				break
			}
		}
		l.errorf(at, "values of %s that depend on each other: %s", who, strings.Join(c, " -> "))
	}
}
