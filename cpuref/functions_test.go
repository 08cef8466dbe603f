package cpuref

import (
	"fmt"
	"math"
	"testing"

	"gpusim/model/ir"
)

// TestOperators evaluates every operator and function, with each argument a
// scalar or a vector, and compares it with Go's.
func TestOperators(t *testing.T) {
	xs := []float64{-3.5, -1, -0.3, 0, 1e-9, 0.25, 1, 2, 700, math.Inf(1), math.NaN()}
	// More than a block, so that blocks are joined too.
	for len(xs) < block+44 {
		xs = append(xs, xs[len(xs)-11]/2)
	}
	y, z := 0.75, 1.5
	tests := map[string]func(x float64) float64{
		"-x":            func(x float64) float64 { return -x },
		"x + y":         func(x float64) float64 { return x + y },
		"y + x":         func(x float64) float64 { return x + y },
		"x - y":         func(x float64) float64 { return x - y },
		"y - x":         func(x float64) float64 { return y - x },
		"x*y":           func(x float64) float64 { return x * y },
		"y*x":           func(x float64) float64 { return x * y },
		"x/y":           func(x float64) float64 { return x / y },
		"y/x":           func(x float64) float64 { return y / x },
		"x**0":          func(x float64) float64 { return 1 },
		"x**1":          func(x float64) float64 { return x },
		"x**2":          func(x float64) float64 { return x * x },
		"x**3":          func(x float64) float64 { return x * x * x },
		"x**4":          func(x float64) float64 { return x * x * x * x },
		"x**5":          func(x float64) float64 { return x * x * x * x * x },
		"x**(-2)":       func(x float64) float64 { return 1 / (x * x) },
		"x**17":         func(x float64) float64 { return math.Pow(x, 17) },
		"x**0.5":        func(x float64) float64 { return math.Pow(x, 0.5) },
		"x**y":          func(x float64) float64 { return math.Pow(x, y) },
		"y**x":          func(x float64) float64 { return power(y, x) },
		"exp(x)":        math.Exp,
		"log(x)":        math.Log,
		"log10(x)":      math.Log10,
		"sqrt(x)":       math.Sqrt,
		"sin(x)":        math.Sin,
		"cos(x)":        math.Cos,
		"tan(x)":        math.Tan,
		"tanh(x)":       math.Tanh,
		"sinh(x)":       math.Sinh,
		"cosh(x)":       math.Cosh,
		"abs(x)":        math.Abs,
		"sign(x)":       sign,
		"floor(x)":      math.Floor,
		"ceil(x)":       math.Ceil,
		"min(x, y)":     func(x float64) float64 { return math.Min(x, y) },
		"max(x, y)":     func(x float64) float64 { return math.Max(x, y) },
		"clip(x, y, z)": func(x float64) float64 { return math.Min(math.Max(x, y), z) },
		"exprel(x)":     exprel,
		"x if x < y else z": func(x float64) float64 {
			if x < y {
				return x
			}
			return z
		},
		"1 if x < y else 0":             func(x float64) float64 { return truth(x < y) },
		"1 if x <= y else 0":            func(x float64) float64 { return truth(x <= y) },
		"1 if x > y else 0":             func(x float64) float64 { return truth(x > y) },
		"1 if x >= y else 0":            func(x float64) float64 { return truth(x >= y) },
		"1 if x == 1 else 0":            func(x float64) float64 { return truth(x == 1) },
		"1 if x != 1 else 0":            func(x float64) float64 { return truth(x != 1) },
		"1 if not x < y else 0":         func(x float64) float64 { return truth(!(x < y)) },
		"1 if x > 0 and x < y else 0":   func(x float64) float64 { return truth(x > 0 && x < y) },
		"1 if x < 0 or x > y else 0":    func(x float64) float64 { return truth(x < 0 || x > y) },
		"x*x + y*x - (x - y)/(x + z)*x": func(x float64) float64 { return x*x + y*x - (x-y)/(x+z)*x },
	}
	for text, want := range tests {
		t.Run(text, func(t *testing.T) {
			m := newMaker(t)
			p := m.population("P", len(xs))
			s := scope{own: "P"}
			m.add("P.x", ir.State, ir.PerNeuron, len(xs))
			m.add("P.y", ir.Param, ir.One, 1)
			m.add("P.z", ir.Param, ir.One, 1)
			vectors := m.record(s, "vector", text, 1, ir.PerNeuron, len(xs))
			// With y and z a value each neuron; with x one value.
			m.add("P.yv", ir.Param, ir.PerNeuron, len(xs))
			m.add("P.zv", ir.Param, ir.PerNeuron, len(xs))
			m.add("P.xs", ir.Param, ir.One, 1)
			m.vars["P.y"], m.vars["P.z"] = m.vars["P.yv"], m.vars["P.zv"]
			allVectors := m.record(s, "all", text, 1, ir.PerNeuron, len(xs))
			m.vars["P.x"], m.vars["P.y"], m.vars["P.z"] = m.vars["P.xs"], 1, 2
			scalars := m.record(s, "scalar", text, 1, ir.One, 1)
			p.Records = []ir.Record{vectors, allVectors, scalars}

			e := m.build(len(xs)) // instance k has xs[k] as the scalar
			same := make([]float64, len(xs))
			m.write(e, "P.x", xs...)
			m.write(e, "P.xs", xs...)
			m.write(e, "P.y", y)
			m.write(e, "P.z", z)
			fill(same, y)
			m.write(e, "P.yv", same...)
			fill(same, z)
			m.write(e, "P.zv", same...)
			r := run(t, e, 0, 1)
			for i, x := range xs {
				w := want(x)
				check(t, fmt.Sprintf("vector, x = %v", x), r.records[0][0][0][i], w)
				check(t, fmt.Sprintf("all vectors, x = %v", x), r.records[0][1][0][i], w)
				check(t, fmt.Sprintf("scalar, x = %v", x), r.records[i][2][0][0], w)
			}
		})
	}
}

// check compares bits, but that a NaN is a NaN.
func check(t *testing.T, what string, got, want float64) {
	t.Helper()
	if got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// TestConstants checks that what has no variable in it is computed at Build.
func TestConstants(t *testing.T) {
	m := newMaker(t)
	p := m.population("P", 1)
	s := scope{own: "P"}
	p.Records = []ir.Record{
		m.record(s, "a", "exp(2)*3 - 1/(4 if 1 < 2 else 5)", 1, ir.One, 1),
		m.record(s, "b", "1 + clip(7, 2, 3)", 1, ir.PerNeuron, 1),
	}
	e := m.build(1)
	if n := len(e.code.slice) + len(e.code.step); n != 0 {
		t.Errorf("%d scalar operations are left", n)
	}
	r := run(t, e, 0, 1)
	check(t, "a", r.records[0][0][0][0], math.Exp(2)*3-0.25)
	check(t, "b", r.records[0][1][0][0], 4)
}

func TestExprel(t *testing.T) {
	for _, test := range []struct{ x, want float64 }{
		{0, 1},
		{1e-20, 1},
		{1e-8, 1 + 0.5e-8},
		{-1e-8, 1 - 0.5e-8},
		{1, math.E - 1},
		{-800, 1.0 / 800},
		{math.Inf(-1), 0},
		{math.Inf(1), math.Inf(1)},
	} {
		got := exprel(test.x)
		if got != test.want && math.Abs(got-test.want) > 1e-15*test.want {
			t.Errorf("exprel(%v) is %v, want %v", test.x, got, test.want)
		}
	}
}

// TestRegisters checks that registers are given again and unused operations
// left out.
func TestRegisters(t *testing.T) {
	m := newMaker(t)
	p := m.population("P", 3)
	s := scope{own: "P"}
	m.add("P.x", ir.State, ir.PerNeuron, 3)
	p.Update = []ir.Stmt{
		m.let(s, "unused", "exp(x)*cosh(x)"),
		m.let(s, "a", "x + 1"),
		m.let(s, "b", "a*a + x"),
		m.store(s, "x", "b + sqrt(b*b)*(a - b)"),
	}
	e := m.build(1)
	if got := len(e.code.populations[0].main.ops); got != 9 {
		t.Errorf("%d operations, want 9: 8 and the store", got)
	}
	if got := e.code.registers; got != 3 {
		t.Errorf("%d registers, want 3: a, b, and one for the root", got)
	}
	m.write(e, "P.x", 1, 2, 3)
	run(t, e, 0, 1)
	for i, got := range read(t, e, "P.x", 0) {
		x := float64(i + 1)
		a := x + 1
		b := a*a + x
		check(t, "x", got, b+math.Sqrt(b*b)*(a-b))
	}
}
