package model

import (
	"sort"
	"strings"

	"gpusim/model/lang"
)

// scope says which names an expression may read.
type scope struct {
	what  string               // whose expression it is, for messages
	vars  map[string]lang.Type // Unknown: declared, but its definition has an error
	sides bool                 // pre.X and post.X
	draws bool                 // uniform(...) and the like

	consts map[string]float64 // numbers as well
}

// with gives a copy of the scope with more names, of type Num.
func (s *scope) with(names ...string) *scope {
	c := *s
	c.vars = make(map[string]lang.Type, len(s.vars)+len(names))
	for k, v := range s.vars {
		c.vars[k] = v
	}
	for _, n := range names {
		c.vars[n] = lang.Num
	}
	return &c
}

// names lists the scope's names in alphabetical order.
func (s *scope) names() []string {
	var out []string
	for n := range s.vars {
		out = append(out, n)
	}
	for n := range s.consts {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// checkExpr reports names that the scope has not, draws where there are none,
// operands of the wrong type, and a result that is not of type want.
func (l *loader) checkExpr(x lang.Node, sc *scope, want lang.Type) bool {
	if x == nil {
		return false
	}
	before := len(l.list.Problems)
	l.checkNames(x, sc)
	if len(l.list.Problems) > before {
		return false
	}
	got := lang.TypeOf(x, func(n *lang.Name) lang.Type { return typeIn(sc, n) }, l.list)
	if len(l.list.Problems) > before {
		return false
	}
	if got != want && got != lang.Unknown {
		p := l.errorf(x.Pos(), "%s is %s, but this is %s", sc.what, want, got)
		if want == lang.Num {
			p.Hint = "write (1 if condition else 0) for its value as a number"
		} else {
			p.Hint = "compare, as in V >= V_th"
		}
		return false
	}
	return true
}

func typeIn(sc *scope, n *lang.Name) lang.Type {
	if n.Owner != "" {
		return lang.Num // checked at each projection
	}
	if t, ok := sc.vars[n.Ident]; ok {
		return t
	}
	return lang.Num // a constant, or pi
}

func (l *loader) checkName(n *lang.Name, sc *scope) {
	if n.Owner != "" {
		if !sc.sides {
			l.errorf(n.At, "%s has no meaning here", quoted(n.String())).Hint = "pre and post are for the models of synapses"
		}
		return
	}
	if _, ok := sc.vars[n.Ident]; ok || n.Ident == "pi" {
		return
	}
	if _, ok := sc.consts[n.Ident]; ok {
		return
	}
	p := l.errorf(n.At, "unknown name %s in %s", quoted(n.Ident), sc.what)
	p.Hint = didYouMean(n.Ident, sc.names())
	switch {
	case n.Ident == "t":
		p.Hint = "t, the time, is for equations and inputs"
	case n.Ident == "dt":
		p.Hint = "dt is for equations, parameters and init"
	case n.Ident == "i" || n.Ident == "N":
		p.Hint = "N and i are for parameters and init of a population, and for inputs"
	case n.Ident == "j" || strings.HasPrefix(n.Ident, "N_"):
		p.Hint = "N_pre, N_post, i and j are for parameters and init of a projection"
	case n.Ident == "size":
		p.Hint = "the number of neurons is N"
	case n.Ident == "true" || n.Ident == "false":
		p.Hint = "write 1 == 1 for a condition that always holds"
	case n.Ident == "e":
		p.Hint = "write exp(1)"
	case n.Ident == "xi" || strings.HasPrefix(n.Ident, "xi_"):
		p.Hint = "there is no noise term in this version"
	case l.root.Get("populations", n.Ident) != nil || l.root.Get("projections", n.Ident) != nil:
		p.Hint = n.Ident + " is a population or projection, not a number"
	}
}

// cycle finds a circle in a graph of names: a path that ends where it begins,
// or nil. Names are tried in the order given; deps gives what a name depends
// on.
func cycle(names []string, deps func(string) []string) []string {
	const (
		open = 1
		done = 2
	)
	state := map[string]int{}
	var path, found []string
	var visit func(string) bool
	visit = func(n string) bool {
		switch state[n] {
		case done:
			return false
		case open:
			for i := range path {
				if path[i] == n {
					found = append(append([]string{}, path[i:]...), n)
					return true
				}
			}
		}
		state[n] = open
		path = append(path, n)
		for _, d := range deps(n) {
			if visit(d) {
				return true
			}
		}
		path = path[:len(path)-1]
		state[n] = done
		return false
	}
	for _, n := range names {
		if visit(n) {
			return found
		}
	}
	return nil
}
