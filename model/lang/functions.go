package lang

import (
	"math"
	"sort"
)

// function is a row of the function table.
type function struct {
	args int
	eval func(x []float64) float64 // nil: a draw
}

// functions is every function of the language, draws included. min and max
// take two arguments or more; more are nested calls in the tree.
var functions = map[string]function{
	"exp":    {1, one(math.Exp)},
	"log":    {1, one(math.Log)},
	"log10":  {1, one(math.Log10)},
	"sqrt":   {1, one(math.Sqrt)},
	"sin":    {1, one(math.Sin)},
	"cos":    {1, one(math.Cos)},
	"tan":    {1, one(math.Tan)},
	"tanh":   {1, one(math.Tanh)},
	"sinh":   {1, one(math.Sinh)},
	"cosh":   {1, one(math.Cosh)},
	"abs":    {1, one(math.Abs)},
	"sign":   {1, one(sign)},
	"floor":  {1, one(math.Floor)},
	"ceil":   {1, one(math.Ceil)},
	"exprel": {1, one(exprel)},
	"min":    {2, func(x []float64) float64 { return math.Min(x[0], x[1]) }},
	"max":    {2, func(x []float64) float64 { return math.Max(x[0], x[1]) }},
	"clip":   {3, func(x []float64) float64 { return math.Min(math.Max(x[0], x[1]), x[2]) }},

	"uniform":     {2, nil},
	"normal":      {2, nil},
	"lognormal":   {2, nil},
	"exponential": {1, nil},
}

// IsFunction reports whether name is a function or a draw.
func IsFunction(name string) bool {
	_, ok := functions[name]
	return ok
}

// IsDraw reports whether name is a draw: uniform, normal, lognormal or
// exponential.
func IsDraw(name string) bool {
	f, ok := functions[name]
	return ok && f.eval == nil
}

// FunctionNames lists the functions and draws in alphabetical order.
func FunctionNames() []string {
	var names []string
	for n := range functions {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

func one(f func(float64) float64) func([]float64) float64 {
	return func(x []float64) float64 { return f(x[0]) }
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x // 0 and NaN
}

// exprel is (exp(x) - 1)/x without cancellation, 1 at 0.
func exprel(x float64) float64 {
	if x == 0 {
		return 1
	}
	if math.IsInf(x, 1) {
		return x
	}
	return math.Expm1(x) / x
}
