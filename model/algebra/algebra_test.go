package algebra

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"gpusim/model/ir"
)

// TestLinearIn: A x + B is the expression, with quantities named or written out, and
// where A does not read x the coefficient is that of x: f(x + d) - f(x) is A d for
// what is not frozen.
func TestLinearIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Two quantities, the second of which may read the first.
		first := number(3, ofNeuron).Draw(t, "first")
		second := number(3, ofNeuron).Draw(t, "second")
		u, v := &ir.Temp{ID: 0}, &ir.Temp{ID: 1}
		second = Add(second, Mul(number(1, ofNeuron).Draw(t, "factor"), u))
		f := Add(Mul(number(2, ofNeuron).Draw(t, "of u"), u), Sub(number(3, ofNeuron).Draw(t, "rest"), v))
		defs := map[int]ir.Expr{0: first, 1: second}

		form := LinearIn(0, f, defs)
		p := anywhere(t)
		p.temps[0] = p.value(first)
		p.temps[1] = p.value(second)
		x := p.loads[ir.Load{}]
		want := p.value(f)
		if got := p.value(form.A)*x + p.value(form.B); !near(got, want) {
			t.Fatalf("A x + B is %v, f is %v", got, want)
		}
		written := LinearIn(0, substitute(f, defs), nil)
		if a, b := p.value(form.A), p.value(written.A); !near(a, b) {
			t.Fatalf("A is %v, with the quantities written out %v", a, b)
		}
	})
}

// substitute writes quantities out.
func substitute(e ir.Expr, defs map[int]ir.Expr) ir.Expr {
	switch e := e.(type) {
	case *ir.Temp:
		return substitute(defs[e.ID], defs)
	case *ir.Select:
		return &ir.Select{If: substitute(e.If, defs), Then: substitute(e.Then, defs), Else: substitute(e.Else, defs)}
	case *ir.Apply:
		out := &ir.Apply{Op: e.Op}
		for _, a := range e.Args {
			out.Args = append(out.Args, substitute(a, defs))
		}
		return out
	}
	return e
}

// linear draws an expression that is linear in x, with coefficients that do not
// change.
func linear(depth int) *rapid.Generator[ir.Expr] {
	return rapid.Custom(func(t *rapid.T) ir.Expr {
		free := func(what string) ir.Expr { return number(2, fixedOnly).Draw(t, what) }
		if depth == 0 {
			return Mul(Num(float64(rapid.IntRange(1, 8).Draw(t, "of x"))/4), &ir.Load{})
		}
		x := linear(depth-1).Draw(t, "x")
		switch rapid.IntRange(0, 7).Draw(t, "kind") {
		case 0:
			return Neg(x)
		case 1:
			return Add(x, free("y"))
		case 2:
			return Sub(free("y"), x)
		case 3:
			return Mul(x, free("factor"))
		case 4:
			return Mul(free("factor"), x)
		case 5:
			return Div(x, Add(Num(1.5), Apply(ir.Abs, free("by"))))
		case 6:
			return Add(x, linear(depth-1).Draw(t, "y"))
		}
		return &ir.Select{If: Apply(ir.Lt, free("a"), free("b")), Then: x, Else: linear(depth-1).Draw(t, "else")}
	})
}

// TestExactForLinear: of a linear equation, exponential Euler's step is exact, whatever
// dt: a long step ends where many short ones do.
func TestExactForLinear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := linear(4).Draw(t, "f")
		form := LinearIn(0, f, nil)
		for _, part := range []ir.Expr{form.A, form.B} {
			if part != nil && (&lineariser{has: map[int]bool{}}).contains(part) {
				t.Fatal("a part of a linear expression is frozen")
			}
		}
		p := anywhere(t)
		a, b := p.value(form.A), p.value(form.B)
		if math.Abs(a) > 50 { // exp(a) leaves the range in which digits can be compared
			t.Skip()
		}
		step := func(x, dt float64) float64 {
			p.loads[ir.Load{}] = x
			return x + dt*p.value(Apply(ir.Exprel, Num(a*dt)))*p.value(f)
		}
		x0 := p.loads[ir.Load{}]
		dt := rapid.Float64Range(0.001, 1).Draw(t, "dt")
		n := rapid.IntRange(1, 20).Draw(t, "steps")
		whole, parts := step(x0, dt), x0
		for range n {
			parts = step(parts, dt/float64(n))
		}
		// The size of what is added up, with which rounding grows.
		size := math.Exp(math.Max(0, a*dt)) * (1 + math.Abs(x0) + math.Abs(b)*dt)
		if math.Abs(whole-parts) > 1e-12*size*float64(n) {
			t.Fatalf("one step of %v ms ends at %v, %d steps at %v (A = %v, B = %v)", dt, whole, n, parts, a, b)
		}
		if a != 0 {
			if exact := (x0+b/a)*math.Exp(a*dt) - b/a; math.Abs(whole-exact) > 1e-12*(size+math.Abs(b/a)*(1+math.Exp(a*dt))) {
				t.Fatalf("the step ends at %v, the solution at %v", whole, exact)
			}
		}
	})
}

// TestFactor: the sum of the products is the expression, sources do not read post, and
// what is multiplied on post's side does not read the source.
func TestFactor(t *testing.T) {
	factored := 0
	rapid.Check(t, func(t *rapid.T) {
		e := number(4, ofSynapse).Draw(t, "output")
		terms, ok := Factor(e, variables)
		if !ok {
			return
		}
		p := anywhere(t)
		sum := 0.0
		for _, term := range terms {
			if Sides(term.Source, variables)&Post != 0 || Sides(term.Post, variables)&(Source|Synapse) != 0 {
				t.Fatal("a side reads the other")
			}
			sum += p.value(term.Source) * p.value(term.Post)
		}
		if len(terms) > 1 {
			factored++
		}
		if want := p.value(e); !near(sum, want) {
			t.Fatalf("the products add up to %v, the expression is %v", sum, want)
		}
		if len(terms) > maxTerms {
			t.Fatalf("%d terms", len(terms))
		}
	})
	if factored == 0 {
		t.Error("no expression was taken apart")
	}
}

// TestShare: naming what occurs more than once changes no value, bit for bit, and
// leaves nothing that occurs twice.
func TestShare(t *testing.T) {
	shared := 0
	rapid.Check(t, func(t *rapid.T) {
		const given = 4
		parts := []ir.Expr{number(2, ofNeuron).Draw(t, "part"), number(2, ofNeuron).Draw(t, "part")}
		var stmts []ir.Stmt
		for k := range given {
			e := Add(number(3, ofNeuron).Draw(t, "expression"), rapid.SampledFrom(parts).Draw(t, "which"))
			if rapid.IntRange(0, 2).Draw(t, "whole") == 0 {
				e = parts[0]
			}
			if k > 0 && rapid.Bool().Draw(t, "chain") {
				e = Mul(e, &ir.Temp{ID: rapid.IntRange(0, k-1).Draw(t, "temp")})
			}
			stmts = append(stmts, &ir.Let{Temp: &ir.Temp{ID: k}, Expr: e})
		}
		stmts = append(stmts, &ir.Store{Var: 0, Expr: &ir.Temp{ID: given - 1}})
		next := given
		out := Share(stmts, func(isBool bool) *ir.Temp {
			next++
			return &ir.Temp{ID: next - 1, Bool: isBool}
		})
		before, after := anywhere(t), &place{temps: map[int]float64{}}
		after.loads = before.loads
		for _, s := range stmts[:given] {
			let := s.(*ir.Let)
			before.temps[let.Temp.ID] = before.value(let.Expr)
		}
		seen := map[int]bool{}
		keys := &keys{map[string]int{}, map[ir.Expr]int{}}
		for _, s := range out[:len(out)-1] {
			let := s.(*ir.Let)
			ir.Walk(let.Expr, func(e ir.Expr) {
				if temp, ok := e.(*ir.Temp); ok {
					if _, defined := after.temps[temp.ID]; !defined {
						t.Fatalf("temporary %d is read before it is there", temp.ID)
					}
				}
			})
			// What stands below a sign is not looked at, there and here.
			visible(let.Expr, func(e ir.Expr) {
				k := keys.of(e)
				if seen[k] {
					t.Fatalf("a subexpression occurs twice: %s in\n%s", text(e), lets(out))
				}
				seen[k] = true
			})
			after.temps[let.Temp.ID] = after.value(let.Expr)
		}
		if out[len(out)-1] != stmts[given] {
			t.Fatal("what follows the lets is another statement")
		}
		for k := range given {
			a, b := before.temps[k], after.temps[k]
			if math.Float64bits(a) != math.Float64bits(b) && !(math.IsNaN(a) && math.IsNaN(b)) {
				t.Fatalf("value %d is %v, was %v", k, b, a)
			}
		}
		shared += next - given
	})
	if shared == 0 {
		t.Error("nothing was shared")
	}
}

// visible calls f for what Share may name.
func visible(e ir.Expr, f func(ir.Expr)) {
	if !worthSharing(e) {
		return
	}
	f(e)
	switch e := e.(type) {
	case *ir.Apply:
		for _, a := range e.Args {
			visible(a, f)
		}
	case *ir.Select:
		visible(e.If, f)
		visible(e.Then, f)
		visible(e.Else, f)
	}
}

// TestRemovable: c u/(exp(u) - 1) and (exp(u) - 1)/(c u), in the ways they are
// written, are found; away from u = 0 the value is the same, and at u = 0 it is what
// it tends to.
func TestRemovable(t *testing.T) {
	fixed := func(e ir.Expr) bool {
		ok := true
		ir.Walk(e, func(n ir.Expr) {
			if l, is := n.(*ir.Load); is {
				ok = ok && variables[l.Var].Role == ir.Param
			}
		})
		return ok
	}
	rapid.Check(t, func(t *rapid.T) {
		// u = (x + shift)*scale/p, with p not 0 nor near it.
		shift := Num(float64(rapid.IntRange(-40, 40).Draw(t, "shift")) / 8)
		scale := float64(rapid.SampledFrom([]int{-20, -4, -1, 1, 2, 10}).Draw(t, "scale")) / 8
		factor := float64(rapid.SampledFrom([]int{-3, -1, 1, 2, 7}).Draw(t, "factor")) / 4
		load := rapid.SampledFrom([]ir.Load{{}, {Var: 3}}).Draw(t, "of") // a state, or a parameter
		x := ir.Expr(&load)
		by := Add(Num(1.5), Apply(ir.Abs, &ir.Load{Var: 2}))
		byParam := rapid.Bool().Draw(t, "over a parameter")
		base := Add(x, shift)
		if rapid.Bool().Draw(t, "turned") {
			base, scale = Sub(Neg(shift), x), -scale
		}
		u := Mul(Num(scale), base)
		if byParam {
			u = Div(u, by)
		}
		exp, one := Apply(ir.Exp, u), Num(1)
		minus, sign := ir.Expr(Apply(ir.Sub, exp, one)), 1.0
		switch rapid.IntRange(0, 4).Draw(t, "way") {
		case 1:
			minus = Apply(ir.Add, exp, Num(-1))
		case 2:
			minus = Apply(ir.Add, Num(-1), exp)
		case 3:
			minus, sign = Apply(ir.Sub, one, exp), -1
		case 4:
			minus, sign = Apply(ir.Neg, minus), -1
		}
		multiple := Mul(Num(factor), base)
		e := Div(multiple, minus)
		over := rapid.Bool().Draw(t, "over")
		if over {
			e = Div(minus, multiple)
		}
		r := Removable(e, fixed)
		found := false
		ir.Walk(r, func(n ir.Expr) {
			a, is := n.(*ir.Apply)
			found = found || is && a.Op == ir.Exprel
		})
		if !found {
			t.Fatal("the form was not found")
		}
		p := anywhere(t)
		c := factor / scale // multiple = c u
		if byParam {
			c *= p.value(by)
		}
		if v := p.value(u); math.Abs(v) > 1e-3 {
			if got, want := p.value(r), p.value(e); !near(got, want) && math.Abs(got-want) > 1e-12/math.Abs(v)*math.Abs(want) {
				t.Fatalf("at u = %v it is %v, was %v", v, got, want)
			}
		}
		// At u = 0: c u/(sign u (1 + u/2 + ...)) tends to sign c, the other to sign/c.
		p.loads[load] = -p.value(shift)
		want := sign * c
		if over {
			want = sign / c
		}
		if got := p.value(r); !near(got, want) {
			t.Fatalf("at u = 0 it is %v, want %v", got, want)
		}
	})
}

// TestConstructors: what folds constants and drops what is neutral has the value of
// the plain operation.
func TestConstructors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, y := number(2, ofNeuron).Draw(t, "x"), number(2, ofNeuron).Draw(t, "y")
		p := anywhere(t)
		a, b := p.value(x), p.value(y)
		for _, c := range []struct {
			name string
			got  ir.Expr
			want float64
		}{
			{"x + y", Add(x, y), a + b}, {"x - y", Sub(x, y), a - b}, {"x*y", Mul(x, y), a * b}, {"-x", Neg(x), -a},
			{"x + 0", Add(x, nil), a}, {"0 + y", Add(nil, y), b}, {"x - 0", Sub(x, nil), a}, {"0 - y", Sub(nil, y), -b}, {"x*0", Mul(x, nil), 0},
			{"x/1", Div(x, Num(1)), a}, {"x*1", Mul(x, Num(1)), a}, {"-1*y", Mul(Num(-1), y), -b}, {"0/y", Div(nil, y), 0},
		} {
			if got := p.value(c.got); !near(got, c.want) {
				t.Fatalf("%s is %v, want %v (x = %v, y = %v)", c.name, got, c.want, a, b)
			}
		}
		if b != 0 {
			if got := p.value(Div(x, y)); !near(got, a/b) {
				t.Fatalf("x/y is %v, want %v", got, a/b)
			}
		}
		if got, want := Size(x), walked(x); got != want {
			t.Fatalf("Size is %v, want %v", got, want)
		}
	})
}

func walked(e ir.Expr) (n float64) {
	ir.Walk(e, func(ir.Expr) { n++ })
	return n
}

func text(e ir.Expr) string { return (&ir.Program{Vars: variables}).ExprString(e) }

func lets(list []ir.Stmt) (s string) {
	for _, l := range list {
		if let, ok := l.(*ir.Let); ok {
			s += text(let.Temp) + " = " + text(let.Expr) + "\n"
		}
	}
	return s
}
