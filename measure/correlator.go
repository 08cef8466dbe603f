package measure

import (
	"errors"
	"math"
)

// Correlator accumulates the cross-correlation of a population while its spikes
// come in, so that they need not be kept: its value is that of CrossCorrelation
// to the bit, as it adds the same numbers in the same order.
//
// Each neuron that spiked has a row of bits, one a bin, of the newest bins only.
// When a row is full, the coincidences of every two rows are added to a count
// for that pair, and the rows are empty again. A row is as long as the counts of
// a neuron's pairs would be, so that of the plain rows and the counts the
// smaller is kept: n neurons take no more than 2 n^2 bytes of counts and 2 n^2
// of rows (n = 1,000: 4 MB; n = 10,000: 400 MB), and in a run of b bins n b/8
// bytes where that is less.
type Correlator struct {
	n        int
	start    int64 // the first step
	binSteps int64

	rowOf  []int      // 1 + the row of a neuron
	counts []int64    // for each row the bins with a spike
	words  int        // of a full row
	block  int64      // the first bin of the rows
	rows   [][]uint64 // as far as there are spikes
	pairs  [][]uint32 // for each row its coincidences with the rows before it, before the block
}

// NewCorrelator returns an empty accumulator for n neurons, of bins of binSteps
// steps from the step start on.
func NewCorrelator(n int, start, binSteps int64) *Correlator {
	if binSteps < 1 {
		panic("measure: a bin has less than one step")
	}
	const fewest = 64 // words of a row
	return &Correlator{n: n, start: start, binSteps: binSteps, rowOf: make([]int, max(0, n)), words: max(fewest, n/4)}
}

// Add adds spikes, none of which is at a step before those added already, nor
// before the first.
func (c *Correlator) Add(steps []int64, neurons []int32) {
	checkSpikes(steps, neurons)
	for k, neuron := range neurons {
		checkNeuron(neuron, c.n)
		bin := (steps[k] - c.start) / c.binSteps
		if steps[k] < c.start || bin < c.block {
			panic("measure: the spikes are not in order")
		}
		if bin >= c.block+int64(64*c.words) {
			c.fold()
			c.block = bin - bin%64
		}
		if c.rowOf[neuron] == 0 {
			c.rows = append(c.rows, nil)
			c.counts = append(c.counts, 0)
			c.rowOf[neuron] = len(c.rows)
		}
		r := c.rowOf[neuron] - 1
		word, bit := int((bin-c.block)/64), uint64(1)<<((bin-c.block)%64)
		for len(c.rows[r]) <= word {
			c.rows[r] = append(c.rows[r], 0)
		}
		if c.rows[r][word]&bit == 0 {
			c.rows[r][word] |= bit
			c.counts[r]++
		}
	}
}

// fold takes the coincidences of the rows into the counts of pairs, and empties
// the rows.
func (c *Correlator) fold() {
	for len(c.pairs) < len(c.rows) {
		c.pairs = append(c.pairs, make([]uint32, len(c.pairs)))
	}
	for i, a := range c.rows {
		for j := range c.pairs[i] {
			c.pairs[i][j] += uint32(common(a, c.rows[j]))
		}
	}
	for i := range c.rows {
		c.rows[i] = c.rows[i][:0]
	}
}

// common returns the number of bits that a and b have in common.
func common(a, b []uint64) int {
	if len(b) < len(a) {
		a, b = b, a
	}
	return coincidences(a, b)
}

// Value returns the cross-correlation of what was added so far. It is undefined
// for fewer than two neurons, and where a neuron spiked in more than 2^32-1 bins,
// beyond which coincidences are not counted.
func (c *Correlator) Value() (value float64, ok bool) {
	if c.n < 2 {
		return 0, false
	}
	var sum float64
	for i, a := range c.rows {
		if c.counts[i] > math.MaxUint32 {
			return 0, false
		}
		var sumOfRow float64
		for j, b := range c.rows[:i] {
			both := int64(common(a, b))
			if i < len(c.pairs) {
				both += int64(c.pairs[i][j])
			}
			if both > 0 {
				sumOfRow += float64(both) / math.Sqrt(float64(c.counts[i])*float64(c.counts[j]))
			}
		}
		sum += sumOfRow
	}
	return sum / (float64(c.n) * float64(c.n-1) / 2), true
}

// MarshalBinary implements encoding.BinaryMarshaler: it gives what was
// accumulated.
func (c *Correlator) MarshalBinary() ([]byte, error) {
	var w words
	w.int(int64(c.n), c.start, c.binSteps, c.block, int64(len(c.rows)), int64(len(c.pairs)))
	for _, r := range c.rowOf {
		w.int(int64(r))
	}
	w.int(c.counts...)
	for _, row := range c.rows {
		w.int(int64(len(row)))
		w = append(w, row...)
	}
	for _, row := range c.pairs {
		for _, x := range row {
			w.int(int64(x))
		}
	}
	return w.bytes(), nil
}

// UnmarshalBinary implements encoding.BinaryUnmarshaler, for an accumulator that
// NewCorrelator made with the same arguments.
func (c *Correlator) UnmarshalBinary(data []byte) error {
	r := readWords(data)
	n, start, binSteps, block, rows, pairs := r.int(), r.int(), r.int(), r.int(), r.int(), r.int()
	if n != int64(c.n) || start != c.start || binSteps != c.binSteps {
		return errOther
	}
	if rows < 0 || rows > n || pairs < 0 || pairs > rows || block < 0 {
		return errDamaged
	}
	x := NewCorrelator(c.n, c.start, c.binSteps)
	x.block = block
	seen := make([]bool, rows)
	for i := range x.rowOf {
		at := r.int()
		if at < 0 || at > rows || at > 0 && seen[at-1] {
			return errDamaged
		}
		if x.rowOf[i] = int(at); at > 0 {
			seen[at-1] = true
		}
	}
	for range rows {
		x.counts = append(x.counts, r.int())
	}
	for range rows {
		row, ok := r.take(r.int())
		if !ok || len(row) > x.words {
			return errDamaged
		}
		x.rows = append(x.rows, row)
	}
	for i := range pairs {
		row, ok := r.take(i)
		if !ok {
			return errDamaged
		}
		counts := make([]uint32, len(row))
		for j, v := range row {
			counts[j] = uint32(v)
		}
		x.pairs = append(x.pairs, counts)
	}
	if !r.end() {
		return errDamaged
	}
	*c = *x
	return nil
}

// What UnmarshalBinary says.
var (
	errOther   = errors.New("the state is of a measure with other neurons, bins or times")
	errDamaged = errors.New("the state of a measure is damaged")
)
