// Package draw makes the random numbers of a network: Philox 4x32-10 and the
// distributions of the language. Equal arguments give equal numbers, on any
// machine and in any order.
package draw

import (
	"fmt"
	"hash/fnv"
	"math"
)

// A Stream is the sequence of one draw of a network file: the random words of
// an element come from Philox with the run's seed as the key and the counter
// (element, step low, step high, id). The instance is not in the counter, so
// that instances of one seed start alike.
type Stream uint32

// StreamOf gives the stream of the draw with the given ordinal, in order of
// writing, in the value of a variable "object.variable".
func StreamOf(variable string, ordinal int) Stream {
	h := fnv.New32a()
	fmt.Fprintf(h, "%s#%d", variable, ordinal)
	return Stream(h.Sum32())
}

// Words gives the random words of an element at a step; starting values are
// those of step 0.
func (s Stream) Words(seed uint64, element int, step int64) [4]uint32 {
	return Philox(
		[4]uint32{uint32(element), uint32(step), uint32(uint64(step) >> 32), uint32(s)},
		[2]uint32{uint32(seed), uint32(seed >> 32)})
}

// Normal gives a number of mean 0 and variance 1 for an element at a step.
func (s Stream) Normal(seed uint64, element int, step int64) float64 {
	return standardNormal(s.Words(seed, element, step))
}

// Unit makes a number in [0, 1) of 53 random bits.
func Unit(a, b uint32) float64 {
	return float64(uint64(a>>5)<<26|uint64(b>>6)) / (1 << 53)
}

// standardNormal makes a number of mean 0 and variance 1 (Box and Muller,
// 1958).
func standardNormal(w [4]uint32) float64 {
	r := math.Sqrt(-2 * math.Log(1-Unit(w[0], w[1])))
	return r * math.Cos(2*math.Pi*Unit(w[2], w[3]))
}

// Value computes a draw of the language from random words.
func Value(name string, args []float64, w [4]uint32) (float64, error) {
	switch name {
	case "uniform": // in [a, b)
		return args[0] + (args[1]-args[0])*Unit(w[0], w[1]), nil
	case "normal", "lognormal":
		if args[1] < 0 {
			return 0, fmt.Errorf("%s with a standard deviation of %g", name, args[1])
		}
		x := args[0] + args[1]*standardNormal(w)
		if name == "lognormal" {
			x = math.Exp(x)
		}
		return x, nil
	case "exponential": // of mean m
		if args[0] < 0 {
			return 0, fmt.Errorf("exponential with a mean of %g", args[0])
		}
		return -args[0] * math.Log(1-Unit(w[0], w[1])), nil
	}
	return 0, fmt.Errorf("there is no draw %q", name)
}
