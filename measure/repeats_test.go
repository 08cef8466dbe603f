package measure

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"
)

// By hand: 2, 4, 4, 4, 5, 5, 7, 9 have the mean 5 and squares of differences that
// add to 32, so the deviation is sqrt(32/7) and the error sqrt(32/7/8).
func TestMeanStdErr(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		values       []float64
		mean, stderr float64
		n            int
	}{
		{[]float64{2, 4, 4, nan, 4, 5, 5, 7, 9}, 5, math.Sqrt(32.0 / 7 / 8), 8},
		{[]float64{3, 3}, 3, 0, 2},
		{[]float64{nan, 3}, 3, nan, 1},
		{[]float64{nan}, nan, nan, 0},
		{nil, nan, nan, 0},
	} {
		same := func(a, b float64) bool {
			return math.IsNaN(a) && math.IsNaN(b) || scalar.EqualWithinAbsOrRel(a, b, 0, 1e-15)
		}
		mean, stderr, n := MeanStdErr(c.values)
		if !same(mean, c.mean) || !same(stderr, c.stderr) || n != c.n {
			t.Errorf("%v: %v, %v, %d; want %v, %v, %d", c.values, mean, stderr, n, c.mean, c.stderr, c.n)
		}
	}
}
