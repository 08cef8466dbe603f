package model

import (
	"fmt"
	"math"

	"gpusim/model/diag"
	"gpusim/model/lang"
)

// maxDelay is the longest delay in steps.
const maxDelay = 1 << 24

// DelaySteps is D of the projection in steps: what a spike of step k causes
// first enters post's update at step k + D. It is at least 1, the lag that the
// order of a step has.
func (f *File) DelaySteps(p *Projection) (int64, *diag.Problem) {
	ms, at, problem := f.delay(p)
	if problem != nil {
		return 1, problem
	}
	d := StepOf(ms, f.Dt)
	if d > maxDelay {
		return 1, f.problem(at, "a delay of %s ms is %d steps; the most is %d", num(ms), d, maxDelay)
	}
	return max(1, d), nil
}

// delayNote is a remark for the user where the delay is no multiple of dt, or
// less than a step; "" where it is exact, or none is given.
func (f *File) delayNote(p *Projection) (diag.Pos, string) {
	ms, at, problem := f.delay(p)
	if problem != nil || ms == 0 || !(f.Dt > 0) {
		return at, ""
	}
	d := max(1, StepOf(ms, f.Dt))
	if exact := float64(d) * f.Dt; math.Abs(exact-ms) > 1e-9*ms {
		return at, fmt.Sprintf("the delay of %s, %s ms, is no multiple of dt: it is %s, %s ms", p.Name, num(ms), plural(int(d), "step"), product(exact))
	}
	return at, ""
}

func (f *File) problem(at diag.Pos, format string, args ...any) *diag.Problem {
	src := at.Source
	if src == nil {
		src = f.Source
	}
	return &diag.Problem{Source: src, Pos: at, Msg: fmt.Sprintf(format, args...)}
}

// delay evaluates the delay of a projection in ms: one number, of constants and
// of parameters that all synapses share.
func (f *File) delay(p *Projection) (ms float64, at diag.Pos, problem *diag.Problem) {
	v := p.Delay
	if v == nil {
		v = p.Model.Delay
	}
	if v == nil {
		return 0, p.At, nil
	}
	open := map[string]bool{}
	known := map[string]float64{}
	var eval func(x lang.Node) (float64, error)
	eval = func(x lang.Node) (float64, error) {
		var inner error
		out, err := (&lang.Evaluator{
			Lookup: func(n *lang.Name) (float64, bool) {
				if n.Owner == "" && n.Ident == "dt" {
					return f.Dt, true
				}
				if n.Owner == "" {
					if size, ok := p.sizeNamed(n.Ident); ok {
						return float64(size), true
					}
				}
				y := p.valueOf(n.Ident)
				for _, c := range f.Constants {
					if c.Name == n.Ident {
						y = c
					}
				}
				switch {
				case n.Owner != "" || y == nil:
					inner = fmt.Errorf("%s is no number that all synapses share", n)
					return 0, true
				case y.Expr == nil:
					inner = fmt.Errorf("%s is an array; a delay is one number for all synapses", n.Ident)
					return 0, true
				case open[n.Ident]:
					return 0, false
				}
				val, done := known[n.Ident]
				if done {
					return val, true
				}
				open[n.Ident] = true
				defer delete(open, n.Ident)
				val, err := eval(y.Expr)
				if err != nil && inner == nil {
					inner = err
				}
				known[n.Ident] = val
				return val, true
			},
			Draw: func(c *lang.Call, _ []float64) (float64, error) {
				return 0, fmt.Errorf("%s draws a number; a delay is one number for all synapses", c.Func)
			},
		}).Eval(x)
		if inner != nil {
			err = inner
		}
		return out, err
	}
	ms, err := eval(v.Expr)
	switch {
	case err != nil:
		return 0, v.At, f.problem(v.At, "the delay of %s has no value: %s", p.Name, err)
	case math.IsNaN(ms) || math.IsInf(ms, 0):
		return 0, v.At, f.problem(v.At, "the delay of %s is not a finite number: %s is %s", p.Name, lang.Print(v.Expr), num(ms))
	case ms < 0:
		return 0, v.At, f.problem(v.At, "the delay of %s is %s ms; a delay is a time of at least 0", p.Name, num(ms))
	}
	return ms, v.At, nil
}

// fixDelay notes what the delay of a projection depends on: constants by their
// names, and its own parameters as object.variable. The delay is structure.
func (l *loader) fixDelay(p *Projection) {
	v := p.Delay
	if v == nil {
		v = p.Model.Delay
	}
	if v == nil {
		return
	}
	what := "the delay of " + p.Name
	var fix func(x lang.Node)
	fix = func(x lang.Node) {
		l.fix(x, what)
		for _, n := range lang.Names(x) {
			name := p.Name + "." + n.Ident
			if y := p.valueOf(n.Ident); y != nil && n.Owner == "" && l.shaping[name] == "" {
				l.shaping[name] = what
				fix(y.Expr)
			}
		}
	}
	fix(v.Expr)
}

// sizeNamed gives N_pre and N_post their values.
func (p *Projection) sizeNamed(name string) (int, bool) {
	switch name {
	case "N_pre":
		start, stop := p.From.Span(p.FromGroup)
		return stop - start, true
	case "N_post":
		start, stop := p.To.Span(p.ToGroup)
		return stop - start, true
	}
	return 0, false
}

// valueOf is what the projection, else its model, gives a parameter.
func (p *Projection) valueOf(name string) *Value {
	for _, list := range [][]*Value{p.Parameters, p.Model.Parameters} {
		for _, v := range list {
			if v.Name == name {
				return v
			}
		}
	}
	return nil
}
