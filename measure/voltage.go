package measure

// VoltageFluctuation returns the voltage fluctuation, Golomb's chi squared, of a
// population of n neurons: rows holds the voltages V_i(t) of its n neurons at
// one step after those at another, and the result is
//
//	var_t(mean_i V_i) / mean_i var_t(V_i)
//
// which is 1 for neurons that move as one and of order 1/n for independent ones.
// It is 1 where no voltage moves, and undefined without neurons or rows.
func VoltageFluctuation(rows []float64, n int) (value float64, ok bool) {
	f := NewFluctuation(n)
	if n > 0 && len(rows)%n != 0 {
		panic("measure: the last row is not whole")
	}
	for n > 0 && len(rows) > 0 {
		f.Add(rows[:n])
		rows = rows[n:]
	}
	return f.Value()
}

// Fluctuation accumulates the voltage fluctuation of a population step by step,
// so that no trace has to be kept. The variances are Welford's: B. P. Welford
// (1962), Technometrics 4:419-420.
type Fluctuation struct {
	rows int64
	mean []float64 // of each neuron
	m2   []float64 // sum of the squares of the deviations of each neuron

	popMean, popM2 float64 // the same of the mean over the population
}

// NewFluctuation returns an empty accumulator for n neurons.
func NewFluctuation(n int) *Fluctuation {
	return &Fluctuation{mean: make([]float64, n), m2: make([]float64, n)}
}

// Add adds the voltages of all neurons at one step.
func (f *Fluctuation) Add(row []float64) {
	if len(row) != len(f.mean) {
		panic("measure: the row has not one voltage a neuron")
	}
	f.rows++
	var sum float64
	for i, v := range row {
		sum += v
		f.mean[i], f.m2[i] = f.welford(f.mean[i], f.m2[i], v)
	}
	f.popMean, f.popM2 = f.welford(f.popMean, f.popM2, sum/float64(len(row)))
}

// welford adds x, the value number f.rows, to a mean and a sum of squares.
func (f *Fluctuation) welford(mean, m2, x float64) (newMean, newM2 float64) {
	d := x - mean
	mean += d / float64(f.rows)
	return mean, m2 + d*(x-mean)
}

// Rows returns the number of steps added.
func (f *Fluctuation) Rows() int64 { return f.rows }

// Value returns the voltage fluctuation of the steps added so far, as
// VoltageFluctuation does.
func (f *Fluctuation) Value() (value float64, ok bool) {
	if f.rows == 0 || len(f.mean) == 0 {
		return 0, false
	}
	// The divisor of the variances is the same above and below.
	var sum float64
	for _, m2 := range f.m2 {
		sum += m2
	}
	if sum == 0 {
		return 1, true
	}
	return f.popM2 / (sum / float64(len(f.m2))), true
}

// Reset empties the accumulator.
func (f *Fluctuation) Reset() {
	f.rows, f.popMean, f.popM2 = 0, 0, 0
	clear(f.mean)
	clear(f.m2)
}

// MarshalBinary implements encoding.BinaryMarshaler: it gives what was
// accumulated.
func (f *Fluctuation) MarshalBinary() ([]byte, error) {
	var w words
	w.int(int64(len(f.mean)), f.rows)
	w.float(f.popMean, f.popM2)
	w.float(f.mean...)
	w.float(f.m2...)
	return w.bytes(), nil
}

// UnmarshalBinary implements encoding.BinaryUnmarshaler, for an accumulator of
// as many neurons.
func (f *Fluctuation) UnmarshalBinary(data []byte) error {
	r := readWords(data)
	if n := r.int(); n != int64(len(f.mean)) {
		return errOther
	}
	x := NewFluctuation(len(f.mean))
	x.rows, x.popMean, x.popM2 = r.int(), r.float(), r.float()
	for _, list := range [][]float64{x.mean, x.m2} {
		for i := range list {
			list[i] = r.float()
		}
	}
	if !r.end() {
		return errDamaged
	}
	*f = *x
	return nil
}
