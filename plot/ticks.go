package plot

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// linearTicks returns ticks at round numbers, about six of them with a label.
func linearTicks(min, max float64) []plot.Tick { return roundTicks(min, max, 6, 0) }

// roundTicks returns ticks at the multiples of 1, 2 or 5 times a power of ten
// that lie between min and max: the finest of these steps that is at least least
// and has no more than n+1 of them.
func roundTicks(min, max float64, n int, least float64) []plot.Tick {
	span := max - min
	if !(span > 0) || math.IsInf(span, 0) || n < 1 {
		return nil
	}
	step := math.Max(least, roundUp(span/float64(n+1)))
	// Rounding may put an end just outside.
	first := math.Ceil(min/step - 1e-9)
	last := math.Floor(max/step + 1e-9)
	if last-first > float64(n) {
		step = roundUp(1.5 * step)
		first = math.Ceil(min/step - 1e-9)
		last = math.Floor(max/step + 1e-9)
	}
	digits := math.Ceil(math.Log10(math.Max(math.Abs(min), math.Abs(max)) / step))
	var ticks []plot.Tick
	for i := 0; i <= n && first+float64(i) <= last; i++ {
		v := (first + float64(i)) * step
		ticks = append(ticks, plot.Tick{Value: math.Min(math.Max(v, min), max), Label: number(v, int(digits)+2)})
	}
	return ticks
}

// roundUp returns the smallest of 1, 2 and 5 times a power of ten that is not
// less than x.
func roundUp(x float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 5} {
		if m*power >= x*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// logTicks returns ticks at the powers of ten between min and max, with 2 and 5
// times these where they are few.
func logTicks(min, max float64) []plot.Tick {
	if !(min > 0) || !(max > min) || math.IsInf(max, 0) {
		return nil
	}
	decades := math.Log10(max / min)
	if decades < 0.5 {
		return linearTicks(min, max)
	}
	stride := int(math.Ceil(decades / 8))
	var ticks []plot.Tick
	for e := int(math.Floor(math.Log10(min))); e <= int(math.Ceil(math.Log10(max))); e++ {
		for m := 1.0; m < 10; m++ {
			v := m * math.Pow(10, float64(e))
			if v < min*(1-1e-9) || v > max*(1+1e-9) {
				continue
			}
			tick := plot.Tick{Value: math.Min(math.Max(v, min), max)}
			if m == 1 && e%stride == 0 || decades < 3 && (m == 2 || m == 5) {
				tick.Label = number(v, 3)
			}
			if stride == 1 || m == 1 {
				ticks = append(ticks, tick)
			}
		}
	}
	return ticks
}

// number writes v with up to digits significant digits, six if that is more.
func number(v float64, digits int) string {
	s := strconv.FormatFloat(v, 'g', max(digits, 6), 64)
	if s == "-0" {
		return "0"
	}
	mantissa, exponent, found := strings.Cut(s, "e")
	if !found {
		return s
	}
	sign := strings.TrimLeft(exponent[:1], "+")
	return mantissa + "e" + sign + strings.TrimLeft(exponent[1:], "0")
}

// shortest writes v with four significant digits or fewer.
func shortest(v float64) string {
	if r := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(v)))); v != 0 && !math.IsInf(r, 0) {
		v = math.Round(v*r) / r
	}
	return number(v, 6)
}
