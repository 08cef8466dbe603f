package fit

import (
	"math"

	"gpusim/model"
)

// valueOf gives the value of a parameter at a coordinate of the search, in
// which the bounds are 0 and 1; beyond them it is reflected.
func valueOf(b *model.Bounds, x float64) float64 {
	x = math.Abs(math.Mod(x, 2))
	if x > 1 {
		x = 2 - x
	}
	v := b.From + x*(b.To-b.From)
	if b.Log {
		v = b.From * math.Exp(x*math.Log(b.To/b.From))
	}
	return min(max(v, b.From), b.To) // rounding may lead past them
}

// coordinateOf gives the coordinate of a value within the bounds.
func coordinateOf(b *model.Bounds, v float64) float64 {
	if b.Log {
		return math.Log(v/b.From) / math.Log(b.To/b.From)
	}
	return (v - b.From) / (b.To - b.From)
}
