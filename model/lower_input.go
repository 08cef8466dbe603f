package model

import (
	"fmt"
	"math"

	"gpusim/model/algebra"
	"gpusim/model/ir"
	"gpusim/model/lang"
)

// lowerInput lowers input number k of the file to a store of its accumulator.
func (l *lowerer) lowerInput(k int, in *Input, p *Population) ir.Stmt {
	target := l.vars[p.Name+"."+in.Target]
	acc, val := &ir.Load{Var: target}, l.inputValue(k, in, p)
	e := val
	if op, ok := map[string]ir.Op{"": ir.Add, "add": ir.Add, "subtract": ir.Sub, "multiply": ir.Mul, "divide": ir.Div}[in.Op]; ok {
		e = algebra.Apply(op, acc, val)
	}
	if in.From != nil || in.Until != nil {
		w := &ir.During{From: math.MinInt64, Until: math.MaxInt64}
		if in.From != nil {
			w.From = StepOf(*in.From, l.f.Dt)
		}
		if in.Until != nil {
			w.Until = StepOf(*in.Until, l.f.Dt)
		}
		e = &ir.Select{If: w, Then: e, Else: acc}
	}
	if start, stop := p.Span(in.Group); start > 0 || stop < p.Size {
		e = &ir.Select{If: &ir.Within{Start: start, Stop: stop}, Then: e, Else: acc}
	}
	return &ir.Store{Var: target, Expr: e, At: in.At}
}

// inputValue is the value of an input: a variable that the host sets, or an
// expression of t that the device evaluates.
func (l *lowerer) inputValue(k int, in *Input, p *Population) ir.Expr {
	shape := InputShape{Dim: ir.One}
	if k < len(l.shapes.Inputs) {
		shape = l.shapes.Inputs[k]
	} else {
		shape.Equation = in.ReadsTime()
	}
	if shape.Equation {
		s := l.populationScope(p, ir.Own)
		start, stop := p.Span(in.Group)
		s.values = map[string]ir.Expr{"i": &ir.Index{Start: start}, "N": algebra.Num(float64(stop - start))}
		return s.fresh(true).expr(in.Value.Expr)
	}
	v := ir.Var{Name: fmt.Sprintf("inputs.%d.value", k), Role: ir.Param, Dim: shape.Dim, Len: 1, Population: l.pops[p]}
	switch shape.Dim {
	case ir.PerNeuron:
		v.Len = p.Size
	case ir.PerSample:
		v.Role, v.Len = ir.Samples, shape.Samples
	case ir.PerSampleNeuron:
		v.Role, v.Len = ir.Samples, shape.Samples*p.Size
	}
	if v.Role == ir.Samples {
		v.Every = int(max(1, StepOf(in.Every, l.f.Dt)))
	}
	return &ir.Load{Var: l.newVar(v)}
}

// ReadsTime reports whether the input's value is an expression of t, which the
// device evaluates in every step.
func (in *Input) ReadsTime() bool {
	if in.Kind != Constant || in.Value == nil {
		return false
	}
	for _, n := range lang.Names(in.Value.Expr) {
		if n.Owner == "" && n.Ident == "t" {
			return true
		}
	}
	return false
}
