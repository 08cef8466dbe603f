package measure

import (
	"math"

	"gonum.org/v1/gonum/stat"
)

// MeanStdErr gives the mean of repetitions of a measurement and its standard
// error, the deviation of one over the root of how many there are. NaN stands for a
// repetition without a value, which is left out. n is how many have one: without
// any the mean is NaN, and with fewer than two the error.
func MeanStdErr(values []float64) (mean, stderr float64, n int) {
	var there []float64
	for _, v := range values {
		if !math.IsNaN(v) {
			there = append(there, v)
		}
	}
	n = len(there)
	switch n {
	case 0:
		return math.NaN(), math.NaN(), 0
	case 1:
		return there[0], math.NaN(), 1
	}
	mean, deviation := stat.MeanStdDev(there, nil)
	return mean, stat.StdErr(deviation, float64(n)), n
}
