package cpuref

import (
	"math"

	"gpusim/model/ir"
)

// arity is the number of arguments of each operator and function.
var arity = [...]int{
	ir.Neg: 1, ir.Not: 1, ir.Add: 2, ir.Sub: 2, ir.Mul: 2, ir.Div: 2, ir.Pow: 2,
	ir.Lt: 2, ir.Le: 2, ir.Gt: 2, ir.Ge: 2, ir.Eq: 2, ir.Ne: 2, ir.And: 2, ir.Or: 2,
	ir.Exp: 1, ir.Log: 1, ir.Log10: 1, ir.Sqrt: 1, ir.Sin: 1, ir.Cos: 1, ir.Tan: 1,
	ir.Tanh: 1, ir.Sinh: 1, ir.Cosh: 1, ir.Abs: 1, ir.Sign: 1, ir.Floor: 1, ir.Ceil: 1,
	ir.Min: 2, ir.Max: 2, ir.Clip: 3, ir.Exprel: 1,
}

// unary is the functions of one argument. A boolean is 1 or 0.
var unary = [len(arity)]func(float64) float64{
	ir.Neg:    func(x float64) float64 { return -x },
	ir.Not:    func(x float64) float64 { return truth(x == 0) },
	ir.Exp:    math.Exp,
	ir.Log:    math.Log,
	ir.Log10:  math.Log10,
	ir.Sqrt:   math.Sqrt,
	ir.Sin:    math.Sin,
	ir.Cos:    math.Cos,
	ir.Tan:    math.Tan,
	ir.Tanh:   math.Tanh,
	ir.Sinh:   math.Sinh,
	ir.Cosh:   math.Cosh,
	ir.Abs:    math.Abs,
	ir.Sign:   sign,
	ir.Floor:  math.Floor,
	ir.Ceil:   math.Ceil,
	ir.Exprel: exprel,
}

// binary is the operators and functions of two arguments.
var binary = [len(arity)]func(x, y float64) float64{
	ir.Add: func(x, y float64) float64 { return x + y },
	ir.Sub: func(x, y float64) float64 { return x - y },
	ir.Mul: func(x, y float64) float64 { return x * y },
	ir.Div: func(x, y float64) float64 { return x / y },
	ir.Pow: power,
	ir.Lt:  func(x, y float64) float64 { return truth(x < y) },
	ir.Le:  func(x, y float64) float64 { return truth(x <= y) },
	ir.Gt:  func(x, y float64) float64 { return truth(x > y) },
	ir.Ge:  func(x, y float64) float64 { return truth(x >= y) },
	ir.Eq:  func(x, y float64) float64 { return truth(x == y) },
	ir.Ne:  func(x, y float64) float64 { return truth(x != y) },
	ir.And: func(x, y float64) float64 { return truth(x != 0 && y != 0) },
	ir.Or:  func(x, y float64) float64 { return truth(x != 0 || y != 0) },
	ir.Min: math.Min,
	ir.Max: math.Max,
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// sign is 1, -1, 0 or NaN.
func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return x
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

// maxPower is the largest exponent that is multiplied out.
const maxPower = 16

// smallPower reports whether y is an integer that is multiplied out.
func smallPower(y float64) bool {
	return y == math.Trunc(y) && math.Abs(y) <= maxPower
}

// power is x**y, by multiplication where y is a small integer.
func power(x, y float64) float64 {
	if smallPower(y) {
		return integerPower(x, int(y))
	}
	return math.Pow(x, y)
}

// integerPower is x*x*...*x from the left, and 1 over that for a negative k.
func integerPower(x float64, k int) float64 {
	if k < 0 {
		return 1 / integerPower(x, -k)
	}
	if k == 0 {
		return 1
	}
	p := x
	for range k - 1 {
		p *= x
	}
	return p
}
