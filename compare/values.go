package compare

import (
	"math"

	"gpusim/model/ir"
)

// sizes counts differences by their size, so that quantiles of any number of them
// take a fixed room. Two sizes in one bin differ by at most 1/256.
type sizes struct {
	bins []uint32
	n    int
	most float64
}

const (
	binShift = 15 // of a float32's 31 bits
	binCount = 1 << (31 - binShift)
)

func (s *sizes) add(d float64) {
	if s.bins == nil {
		s.bins = make([]uint32, binCount)
	}
	s.bins[math.Float32bits(float32(d))>>binShift]++
	s.n++
	s.most = max(s.most, d)
}

// join adds the counts of o and empties o.
func (s *sizes) join(o *sizes) {
	if o.n == 0 {
		return
	}
	if s.bins == nil {
		s.bins = make([]uint32, binCount)
	}
	for i, n := range o.bins {
		s.bins[i] += n
	}
	s.n += o.n
	s.most = max(s.most, o.most)
	clear(o.bins)
	o.n, o.most = 0, 0
}

// quantile is a bound that the part q of the differences does not exceed, by at
// most 1/256 too large.
func (s *sizes) quantile(q float64) float64 {
	want, n := int(math.Ceil(q*float64(s.n))), 0
	for i, count := range s.bins {
		if n += int(count); n >= want && n > 0 {
			if i == 0 {
				return 0 // smaller than float32 can show
			}
			return min(s.most, float64(math.Float32frombits(uint32(i+1)<<binShift)))
		}
	}
	return 0
}

// values compares what two engines recorded of one variable.
type values struct {
	name, of  string // of: what an element is
	probe     int
	low, high float64 // in float64
	all       sizes
	window    sizes // of the window in hand
	medians   []float64
	at        Place // of the largest difference
	notFinite *Place
}

// elementOf says what the elements of a variable are.
func elementOf(d ir.Dim) string {
	switch d {
	case ir.PerPre:
		return "presynaptic neuron"
	case ir.PerSynapse:
		return "synapse"
	}
	return "neuron"
}

// firstMultiple is the first multiple of every that is not less than step.
func firstMultiple(step int64, every int) int64 {
	k := int64(every)
	if rest := ((step % k) + k) % k; rest > 0 {
		return step + k - rest
	}
	return step
}

// add compares the rows of a window, those of steps before end.
func (v *values) add(p *probe, first, end int64, device, reference []float64) {
	row := firstMultiple(first, p.every)
	for at := 0; row < end && at+p.len <= min(len(device), len(reference)); at, row = at+p.len, row+int64(p.every) {
		for i, x := range device[at : at+p.len] {
			y := reference[at+i]
			if math.IsNaN(x-y) || math.IsInf(x-y, 0) { // infinities that are equal too
				if v.notFinite == nil {
					v.notFinite = &Place{Element: i, Of: v.of, Step: row}
				}
				continue
			}
			if v.low > v.high {
				v.low, v.high = y, y
			}
			v.low, v.high = min(v.low, y), max(v.high, y)
			d := math.Abs(x - y)
			if d > v.all.most && d > v.window.most {
				v.at = Place{Element: i, Of: v.of, Step: row}
			}
			v.window.add(d)
		}
	}
}

// closeWindow takes the window's median down.
func (v *values) closeWindow() {
	v.medians = append(v.medians, v.window.quantile(0.5))
	v.all.join(&v.window)
}

// limit is what the median of a window may be.
func (v *values) limit() float64 { return limitOf(v.low, v.high) }

// limitOf is MedianLimit of a range, but not less than float32 can show of
// numbers in it.
func limitOf(low, high float64) float64 {
	if low > high {
		return 0
	}
	return max(MedianLimit*(high-low), float32Resolution*max(math.Abs(low), math.Abs(high)))
}

// float32Resolution is what some operations in float32 lose of a number: eight
// times half a unit in its last place.
const float32Resolution = 8 * 0x1p-24

// worstWindow is the window with the largest median, and that median.
func (v *values) worstWindow() (index int, median float64) {
	for i, m := range v.medians {
		if m > median {
			index, median = i, m
		}
	}
	return index, median
}
