package measure

import (
	"math"
	"math/big"
	"math/bits"
)

// Intervals accumulates the intervals between the spikes of a population while
// they come in, so that they need not be kept. Intervals are whole numbers of
// steps, and their sum and the sum of their squares are kept exactly, in 64 and
// 128 bits: Mean is that of ISIMean to the bit, as long as the sum is below 2^53,
// and CV is rounded three times, where ISICV adds rounded squares. The two agree
// to about 1e-15.
type Intervals struct {
	last       []int64 // 1 + the step of a neuron's last spike, counted from the first step added; 0: none
	began      bool
	origin     int64 // the first step added
	count, sum int64
	high, low  uint64 // the sum of squares
}

// NewIntervals returns an empty accumulator for n neurons.
func NewIntervals(n int) *Intervals { return &Intervals{last: make([]int64, max(0, n))} }

// Add adds spikes, none of which is at a step before those added already.
func (x *Intervals) Add(steps []int64, neurons []int32) {
	checkSpikes(steps, neurons)
	for k, neuron := range neurons {
		checkNeuron(neuron, len(x.last))
		if !x.began {
			x.began, x.origin = true, steps[k]
		}
		at := steps[k] - x.origin + 1
		before := x.last[neuron]
		if x.last[neuron] = at; before == 0 {
			continue
		}
		d := at - before
		if d < 0 {
			panic("measure: the spikes are not in order")
		}
		x.count++
		x.sum += d
		high, low := bits.Mul64(uint64(d), uint64(d))
		var carry uint64
		x.low, carry = bits.Add64(x.low, low, 0)
		x.high, _ = bits.Add64(x.high, high, carry)
	}
}

// Mean returns what ISIMean does of the spikes added so far.
func (x *Intervals) Mean(dtMs float64) (ms float64, ok bool) {
	if x.count < 1 {
		return 0, false
	}
	return float64(x.sum) / float64(x.count) * dtMs, true
}

// CV returns what ISICV does of the spikes added so far: with the n intervals d,
// sqrt(n sum d^2 - (sum d)^2)/sum d.
func (x *Intervals) CV() (cv float64, ok bool) {
	if x.count < 2 {
		return 0, false
	}
	squares := new(big.Int).SetUint64(x.high)
	squares.Lsh(squares, 64).Add(squares, new(big.Int).SetUint64(x.low))
	sum := big.NewInt(x.sum)
	d := squares.Mul(squares, big.NewInt(x.count))
	d.Sub(d, sum.Mul(sum, sum))
	f, _ := new(big.Float).SetInt(d).Float64()
	return math.Sqrt(f) / float64(x.sum), true
}

// MarshalBinary implements encoding.BinaryMarshaler: it gives what was
// accumulated.
func (x *Intervals) MarshalBinary() ([]byte, error) {
	var w words
	began := int64(0)
	if x.began {
		began = 1
	}
	w.int(int64(len(x.last)), began, x.origin, x.count, x.sum)
	w = append(w, x.high, x.low)
	w.int(x.last...)
	return w.bytes(), nil
}

// UnmarshalBinary implements encoding.BinaryUnmarshaler, for an accumulator of
// as many neurons.
func (x *Intervals) UnmarshalBinary(data []byte) error {
	r := readWords(data)
	if n := r.int(); n != int64(len(x.last)) {
		return errOther
	}
	y := Intervals{began: r.int() == 1, origin: r.int(), count: r.int(), sum: r.int(), high: r.word(), low: r.word()}
	for range x.last {
		y.last = append(y.last, r.int())
	}
	if !r.end() {
		return errDamaged
	}
	if y.last == nil {
		y.last = x.last
	}
	*x = y
	return nil
}
