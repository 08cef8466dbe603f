package shaders

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gpusim/model/ir"
)

// literal prints a float32 constant with its type.
func literal(v float64) string {
	f := float32(v)
	if math.IsInf(float64(f), 0) || math.IsNaN(float64(f)) {
		return fmt.Sprintf("uintBitsToFloat(0x%08xu)", math.Float32bits(f))
	}
	s := strconv.FormatFloat(float64(f), 'g', -1, 32)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// context prints expressions at one place of a kernel.
type context struct {
	k    *kernel
	load func(*ir.Load) string // what a variable is called here
	temp map[int]string        // what a temporary is called here
	time string                // what t is called here
}

var infix = map[ir.Op]string{ir.Add: " + ", ir.Sub: " - ", ir.Mul: "*", ir.Div: "/",
	ir.Lt: " < ", ir.Le: " <= ", ir.Gt: " > ", ir.Ge: " >= ", ir.Eq: " == ", ir.Ne: " != ", ir.And: " && ", ir.Or: " || "}

var calls = map[ir.Op]string{ir.Exp: "exp", ir.Log: "gs_log", ir.Sqrt: "sqrt", ir.Sin: "sin", ir.Cos: "cos", ir.Tan: "tan",
	ir.Tanh: "gs_tanh", ir.Sinh: "gs_sinh", ir.Cosh: "cosh", ir.Abs: "abs", ir.Sign: "gs_sign", ir.Floor: "floor", ir.Ceil: "ceil",
	ir.Min: "gs_min", ir.Max: "gs_max", ir.Clip: "gs_clip", ir.Exprel: "gs_exprel"}

// expr prints e. Every operator with operands of its own stands in
// parentheses: GLSL's precedences are never relied on.
func (c *context) expr(e ir.Expr) string { return c.print(e, true) }

func (c *context) print(e ir.Expr, top bool) string {
	if name, ok := c.k.hoist(e); ok {
		return name
	}
	switch e := e.(type) {
	case *ir.Const:
		s := literal(e.V)
		if e.V < 0 && !top {
			return "(" + s + ")"
		}
		return s
	case *ir.Load:
		return c.load(e)
	case *ir.Temp:
		name, ok := c.temp[e.ID]
		if !ok {
			panic(fmt.Sprintf("shaders: temporary %d is read before it is named", e.ID))
		}
		return name
	case *ir.Time:
		c.k.times[c.time] = true
		return c.time
	case *ir.Index:
		return fmt.Sprintf("float(int(i) - %d)", e.Start)
	case *ir.Within:
		return fmt.Sprintf("(i >= %du && i < %du)", e.Start, e.Stop)
	case *ir.During:
		n := c.k.layout.window(*e)
		return fmt.Sprintf("(u >= u_from_%d && u < u_until_%d)", n, n)
	case *ir.Select:
		// A condition is named first: precise does not reach it in place.
		return "(" + c.named("bool", e.If) + " ? " + c.print(e.Then, false) + " : " + c.print(e.Else, false) + ")"
	case *ir.Apply:
		return c.apply(e, top)
	}
	panic(fmt.Sprintf("shaders: unknown expression %T", e))
}

func (c *context) apply(e *ir.Apply, top bool) string {
	arg := func(i int) string { return c.print(e.Args[i], false) }
	switch e.Op {
	case ir.Neg:
		return "(-" + arg(0) + ")"
	case ir.Not:
		return "(!" + arg(0) + ")"
	case ir.Pow:
		return c.pow(e)
	case ir.Div:
		if !c.k.hoisting {
			if s, ok := c.quotient(e, top); ok {
				return s
			}
		}
	case ir.Log10:
		c.k.used["gs_log"] = true
		return "(0.4342944819*gs_log(" + c.argument("gs_log", e.Args[0]) + "))"
	}
	if op, ok := infix[e.Op]; ok {
		s := arg(0) + op + arg(1)
		if top {
			return s
		}
		return "(" + s + ")"
	}
	return c.call(calls[e.Op], e.Args)
}

// call prints the call of a function. An exprel that is given its exponential,
// and an exponential whose powers are taken, are functions of their own; see
// algebra.ShareExps.
func (c *context) call(function string, list []ir.Expr) string {
	switch {
	case len(list) == 2 && function == "exp":
		function, list = "gs_exp", list[:1]
	case len(list) == 2 && strings.HasSuffix(function, "exprel"):
		function += "_of"
	}
	args := make([]string, len(list))
	for i, a := range list {
		args[i] = c.argument(function, a)
	}
	c.k.used[function] = true
	return function + "(" + strings.Join(args, ", ") + ")"
}

// quotient prints the divisions that need none in every step: by exprel, by a
// constant, and by what is shared by all neurons.
func (c *context) quotient(e *ir.Apply, top bool) (string, bool) {
	product := func(x, y string) (string, bool) {
		if top {
			return x + "*" + y, true
		}
		return "(" + x + "*" + y + ")", true
	}
	x, y := e.Args[0], e.Args[1]
	if d, ok := y.(*ir.Apply); ok && d.Op == ir.Exprel {
		r := c.call("gs_rexprel", d.Args)
		if n, ok := x.(*ir.Const); ok && n.V == 1 {
			return r, true
		}
		return product(c.print(x, false), r)
	}
	if n, ok := y.(*ir.Const); ok {
		if r := 1 / n.V; math.Abs(r) > 1e-30 && math.Abs(r) < 1e30 {
			return product(c.print(x, false), c.print(&ir.Const{V: r}, false))
		}
	}
	if c.k.shares(y) {
		if name, ok := c.k.hoist(&ir.Apply{Op: ir.Div, Args: []ir.Expr{&ir.Const{V: 1}, y}}); ok {
			return product(c.print(x, false), name)
		}
	}
	return "", false
}

// named prints e into a precise variable of its own, in a statement before the
// one that is being printed, and returns the variable's name.
func (c *context) named(kind string, e ir.Expr) string {
	if _, ok := e.(*ir.Apply); !ok {
		return c.print(e, false)
	}
	if name, ok := c.k.hoist(e); ok || c.k.hoisting {
		if !ok {
			name = c.print(e, false)
		}
		return name
	}
	value := c.print(e, true)
	name := c.k.ident("x_", fmt.Sprint(c.k.unnamed))
	c.k.unnamed++
	c.k.line("precise %s %s = %s;", kind, name, value)
	return name
}

// argument prints an argument of a function. precise does not reach through
// the parameters of functions that are not GLSL's own.
func (c *context) argument(function string, e ir.Expr) string {
	if strings.HasPrefix(function, "gs_") {
		return c.named("float", e)
	}
	return c.print(e, true)
}

// maxPower is the largest whole exponent that is multiplied out.
const maxPower = 16

// pow multiplies small whole powers out: GLSL's pow is undefined for a
// negative base and 18 ulp off elsewhere on some drivers.
func (c *context) pow(e *ir.Apply) string {
	x := c.argument("gs_pow", e.Args[0])
	n, ok := e.Args[1].(*ir.Const)
	switch {
	case ok && n.V == 0:
		return "1.0"
	case ok && n.V == 1:
		return "(" + x + ")"
	case ok && n.V == 0.5:
		return "sqrt(" + x + ")"
	case ok && n.V == math.Trunc(n.V) && math.Abs(n.V) <= maxPower:
		p := int(math.Abs(n.V))
		c.k.powers[p] = true
		s := fmt.Sprintf("gs_pow%d(%s)", p, x)
		if p == 1 {
			s = "(" + x + ")"
		}
		if n.V < 0 {
			return "(1.0/" + s + ")"
		}
		return s
	}
	c.k.used["gs_pow"] = true
	return "gs_pow(" + x + ", " + c.argument("gs_pow", e.Args[1]) + ")"
}

// powerHelper is the function that multiplies x**n out, by squares.
func powerHelper(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "float gs_pow%d(float x1) {\n", n)
	result := ""
	for bit, name := n, 1; ; name *= 2 {
		if bit&1 == 1 {
			if result == "" {
				result = fmt.Sprintf("x%d", name)
			} else {
				result = fmt.Sprintf("%s*x%d", result, name)
			}
		}
		if bit >>= 1; bit == 0 {
			break
		}
		fmt.Fprintf(&b, "  precise float x%d = x%d*x%d;\n", 2*name, name, name)
	}
	fmt.Fprintf(&b, "  precise float result = %s;\n  return result;\n}\n\n", result)
	return b.String()
}

// shares reports whether e depends on parameters of one value only, and on at
// least one: it has the same value for all neurons, from step to step.
func (k *kernel) shares(e ir.Expr) bool {
	reads, fixed := false, true
	ir.Walk(e, func(n ir.Expr) {
		switch n := n.(type) {
		case *ir.Load:
			v := &k.p.Vars[n.Var]
			fixed = fixed && v.Role == ir.Param && v.Dim == ir.One
			reads = true
		case *ir.Temp, *ir.Time, *ir.Select, *ir.Index, *ir.Within, *ir.During:
			fixed = false
		}
	})
	return reads && fixed
}

// hoist names expressions that neurons share: they are computed once, before
// the first step of a slice.
func (k *kernel) hoist(e ir.Expr) (string, bool) {
	a, ok := e.(*ir.Apply)
	if !ok || ir.IsBool(e) || k.hoisting || !k.shares(e) {
		return "", false
	}
	k.hoisting = true
	c := &context{k: k, load: func(l *ir.Load) string { return k.param(l.Var) }}
	text := c.expr(a)
	k.hoisting = false
	if name, ok := k.hoisted[text]; ok {
		return name, true
	}
	name := fmt.Sprintf("h_%d", len(k.hoisted))
	k.hoisted[text] = name
	k.hoistedText = append(k.hoistedText, fmt.Sprintf("precise float %s = %s;", name, text))
	return name, true
}
