package model

import (
	"fmt"

	"gpusim/model/algebra"
	"gpusim/model/ir"
	"gpusim/model/lang"
)

// tableau is an explicit Runge-Kutta method: stage k is evaluated at time
// t + c[k] dt and at state + dt sum_l a[k][l] stage l; the step is dt times the
// sum of the stages by their weights b.
type tableau struct {
	a [][]float64
	b []float64
	c []float64
}

// tableaux are the Runge-Kutta methods by name, after Butcher, Numerical Methods
// for Ordinary Differential Equations (2016), sections 232 to 235: Ralston's method of
// second order with the smallest error bound (Ralston 1962), the trapezium rule
// (Heun 1900), the midpoint rule (Runge 1895), Kutta's method of third order and
// his two of fourth order (Kutta 1901): the classical one and the 3/8 rule.
var tableaux = map[string]tableau{
	"rk2":      {a: [][]float64{{}, {2. / 3}}, b: []float64{1. / 4, 3. / 4}, c: []float64{0, 2. / 3}},
	"heun":     {a: [][]float64{{}, {1}}, b: []float64{1. / 2, 1. / 2}, c: []float64{0, 1}},
	"midpoint": {a: [][]float64{{}, {1. / 2}}, b: []float64{0, 1}, c: []float64{0, 1. / 2}},
	"rk3":      {a: [][]float64{{}, {1. / 2}, {-1, 2}}, b: []float64{1. / 6, 2. / 3, 1. / 6}, c: []float64{0, 1. / 2, 1}},
	"rk4": {a: [][]float64{{}, {1. / 2}, {0, 1. / 2}, {0, 0, 1}}, b: []float64{1. / 6, 1. / 3, 1. / 3, 1. / 6},
		c: []float64{0, 1. / 2, 1. / 2, 1}},
	"rk4_alternative": {a: [][]float64{{}, {1. / 3}, {-1. / 3, 1}, {1, -1, 1}}, b: []float64{1. / 8, 3. / 8, 3. / 8, 1. / 8},
		c: []float64{0, 1. / 3, 2. / 3, 1}},
}

// rungeKutta lowers a step in which all states move together through the
// stages. Inputs, and pre and post of a synapse, keep their values; t is that
// of the stage. A held equation stands still in every stage.
func (s *lowerScope) rungeKutta(t tableau, equations []*lang.Equation, held *ir.Temp) (lets []ir.Stmt, next map[string]*ir.Temp) {
	dt := s.l.f.Dt
	load := func(eq *lang.Equation) ir.Expr { return &ir.Load{Var: s.l.vars[s.object+"."+eq.Name]} }
	name := func(text string, eq *lang.Equation, e ir.Expr) *ir.Temp {
		temp := s.l.newTemp(false)
		lets = append(lets, &ir.Let{Temp: temp, Name: text, Expr: e, At: eq.At})
		return temp
	}
	// moved is the state of an equation after the stages so far, by their weights.
	moved := func(eq *lang.Equation, weights []float64, slopes []map[string]*ir.Temp) ir.Expr {
		var sum ir.Expr
		for k, w := range weights {
			if w != 0 {
				sum = algebra.Add(sum, algebra.Mul(algebra.Num(w*dt), slopes[k][eq.Name]))
			}
		}
		return algebra.Add(load(eq), sum)
	}
	var slopes []map[string]*ir.Temp
	for k := range t.b {
		stage := map[string]ir.Expr{}
		if k > 0 {
			for _, eq := range equations {
				stage[eq.Name] = name(fmt.Sprintf("%s_%d", eq.Name, k+1), eq, moved(eq, t.a[k], slopes))
			}
		}
		c := s.at(stage, t.c[k]*dt)
		slope := map[string]*ir.Temp{}
		for _, eq := range equations {
			e := c.expr(eq.Value)
			if held != nil && eq.UnlessRefractory {
				e = &ir.Select{If: held, Then: algebra.Num(0), Else: e}
			}
			lets = append(lets, c.takeLets()...)
			slope[eq.Name] = name(fmt.Sprintf("k%d_%s", k+1, eq.Name), eq, e)
		}
		slopes = append(slopes, slope)
	}
	next = map[string]*ir.Temp{}
	for _, eq := range equations {
		next[eq.Name] = name("new_"+eq.Name, eq, moved(eq, t.b, slopes))
	}
	return algebra.Share(lets, s.l.newTemp), next
}
