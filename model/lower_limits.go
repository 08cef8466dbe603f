package model

import (
	"strconv"
	"strings"

	"gpusim/model/algebra"
	"gpusim/model/diag"
	"gpusim/model/ir"
	"gpusim/model/lang"
)

// checkVars reports variables of a step program that are too large, at the
// objects that they are of.
func (l *lowerer) checkVars() {
	b := &budget{file: l.f, list: &l.list}
	for i := range l.prog.Vars {
		v := &l.prog.Vars[i]
		at := l.placeOf(v.Name)
		if v.Len > maxValues {
			which := map[ir.Dim]string{ir.PerSynapse: ", one a synapse", ir.PerNeuron: ", one a neuron", ir.PerPre: ", one a presynaptic neuron"}[v.Dim]
			l.list.Addf(at, "%s has %d values%s, which take %s bytes; the most is %d values", v.Name, v.Len, which, whole(8*float64(v.Len)), maxValues)
			continue
		}
		each := float64(NumberBytes)
		if v.Role.IsState() {
			each = StateBytes
		}
		b.add(at, v.Name, float64(v.Len), each)
	}
	for _, p := range l.f.Projections {
		b.add(p.At, "the synapses of "+p.Name, p.listedSynapses(), SynapseBytes)
	}
}

// placeOf is the place of what a variable belongs to.
func (l *lowerer) placeOf(name string) diag.Pos {
	object, rest, _ := strings.Cut(name, ".")
	if p := l.f.Population(object); p != nil {
		return p.At
	}
	if p := l.f.Projection(object); p != nil {
		return p.At
	}
	if k, err := strconv.Atoi(strings.TrimSuffix(rest, ".value")); object == "inputs" && err == nil && k < len(l.f.Inputs) {
		return l.f.Inputs[k].At
	}
	if c := l.f.Constant(object); c != nil {
		return c.At
	}
	return diag.Pos{Line: 1, Col: 1}
}

// fits reports an expression that is too large once the quantities in it are
// written out, as the sums of synapses and a reset need it: quantities that each
// read the one before twice double with every one of them.
func (s *lowerScope) fits(x lang.Node, at diag.Pos, what string) bool {
	n := s.written(x)
	if n > maxWritten {
		s.l.list.Addf(at, "%s has %s operations and names once its quantities are written out; the most is %d", what, whole(n), maxWritten)
		return false
	}
	if s.l.terms += n; s.l.terms > maxTerms && s.l.terms-n <= maxTerms {
		s.l.list.Addf(at, "with %s there are %s operations and names of outputs and statements once their quantities are written out; the most is %d",
			what, whole(s.l.terms), maxTerms)
	}
	return s.l.terms <= maxTerms
}

// written counts the operators, functions and names of x with its quantities
// written out.
func (s *lowerScope) written(x lang.Node) float64 {
	n := 0.0
	lang.Walk(x, func(x lang.Node) {
		n++
		if name, ok := x.(*lang.Name); ok {
			n += s.sizeOf(name)
		}
	})
	return n
}

// sizeOf is what a quantity adds to the name of it, 0 for other names.
func (s *lowerScope) sizeOf(name *lang.Name) float64 {
	of := s
	switch name.Owner {
	case "pre":
		of = s.pre
	case "post":
		of = s.post
	}
	eq := of.model.Quantity(name.Ident)
	if eq == nil {
		return 0
	}
	n, known := of.sizes[eq.Name]
	if !known {
		n = of.written(eq.Value) - 1
		of.sizes[eq.Name] = n
	}
	return n
}

// fitsA reports a coefficient of exponential Euler that is too large with its
// quantities written out.
func (s *lowerScope) fitsA(eq *lang.Equation, a ir.Expr) bool {
	n := algebra.Size(a)
	if n > maxWritten {
		s.l.list.Addf(eq.At, "the coefficient of %s in d%s/dt has %s operations and names once quantities are written out; the most is %d",
			eq.Name, eq.Name, whole(n), maxWritten).Hint = "method: euler and the Runge-Kutta methods need no coefficient"
	}
	return n <= maxWritten
}
