package measure

import (
	"math"
	"math/bits"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// BinSteps returns the number of steps in a bin of binMs at a step of dtMs, both
// in ms: the whole steps that fit, and at least 1. A bin of 0.5 ms at a step of
// 0.04 ms has 12 steps, which is 0.48 ms.
func BinSteps(binMs, dtMs float64) int64 {
	if !(dtMs > 0) {
		panic("measure: the step is not positive")
	}
	// The addend keeps a quotient that rounding put just below a whole number.
	const longest = 1 << 62
	return max(1, int64(min(longest, math.Floor(binMs/dtMs+1e-9))))
}

// Window returns the part of the spikes that lies in the steps start to
// start+nsteps-1. The result shares the arguments' memory.
func Window(steps []int64, neurons []int32, start, nsteps int64) ([]int64, []int32) {
	checkSpikes(steps, neurons)
	lo, _ := slices.BinarySearch(steps, start)
	hi, _ := slices.BinarySearch(steps, start+max(0, nsteps))
	return steps[lo:hi], neurons[lo:hi]
}

// CrossCorrelation returns the cross-correlation, or coherence, of a population
// of n neurons over the steps start to start+nsteps-1: the steps are cut into
// bins of binSteps steps, of which the last may be shorter, X_i(l) is 1 where
// neuron i has at least one spike in bin l and 0 elsewhere, and the result is
// the mean over all pairs i < j of
//
//	k_ij = sum_l X_i(l) X_j(l) / sqrt(sum_l X_i(l) sum_l X_j(l))
//
// where a pair with a silent neuron has 0. See Wang and Buzsaki (1996). Spikes
// outside the steps are left out. It is undefined for fewer than two neurons or
// no steps.
//
// It takes n(n-1)/2 comparisons of bit sets with a bit a bin.
func CrossCorrelation(steps []int64, neurons []int32, n int, start, nsteps, binSteps int64) (value float64, ok bool) {
	if binSteps < 1 {
		panic("measure: a bin has less than one step")
	}
	steps, neurons = Window(steps, neurons, start, nsteps)
	if n < 2 || nsteps < 1 {
		return 0, false
	}

	// The neurons that spiked, each with a row of words.
	nbins := (nsteps-1)/binSteps + 1
	nwords := int((nbins-1)/64 + 1)
	rowOf := make([]int, n) // 1 + the row of a neuron
	var rows [][]uint64
	for k, neuron := range neurons {
		checkNeuron(neuron, n)
		if rowOf[neuron] == 0 {
			rows = append(rows, make([]uint64, nwords))
			rowOf[neuron] = len(rows)
		}
		bin := (steps[k] - start) / binSteps
		rows[rowOf[neuron]-1][bin/64] |= 1 << (bin % 64)
	}

	counts := make([]int, len(rows))
	for i, row := range rows {
		for _, w := range row {
			counts[i] += bits.OnesCount64(w)
		}
	}
	var sum float64
	for i, a := range rows {
		var sumOfRow float64
		for j, b := range rows[:i] {
			if both := coincidences(a, b); both > 0 {
				sumOfRow += float64(both) / math.Sqrt(float64(counts[i])*float64(counts[j]))
			}
		}
		sum += sumOfRow
	}
	pairs := float64(n) * float64(n-1) / 2
	return sum / pairs, true
}

// coincidences returns the number of bits that a and b, which are of one length,
// have in common.
func coincidences(a, b []uint64) (n int) {
	b = b[:len(a)]
	for k, w := range a {
		n += bits.OnesCount64(w & b[k])
	}
	return n
}

// RateHz returns the mean firing rate of n neurons that had count spikes in
// nsteps steps of dtMs ms, in spikes a second a neuron. It is undefined without
// neurons or time.
func RateHz(count int64, n int, nsteps int64, dtMs float64) (hz float64, ok bool) {
	seconds := float64(nsteps) * dtMs / 1000
	if n < 1 || !(seconds > 0) {
		return 0, false
	}
	return float64(count) / float64(n) / seconds, true
}

// ISIMean returns the mean interval between two successive spikes of one neuron,
// in ms, over the intervals of all n neurons pooled: each interval counts once,
// so that a neuron with many has more weight. It is undefined where no neuron
// spiked twice.
func ISIMean(steps []int64, neurons []int32, n int, dtMs float64) (ms float64, ok bool) {
	isi := intervals(steps, neurons, n)
	if len(isi) < 1 {
		return 0, false
	}
	return stat.Mean(isi, nil) * dtMs, true
}

// ISICV returns the coefficient of variation of the intervals between two
// successive spikes of one neuron, over the intervals of all n neurons pooled:
// their standard deviation over their mean. The standard deviation is that of
// the intervals themselves, with divisor the number of intervals; it contains
// both what varies in time and what differs between neurons. ISICV is undefined
// for fewer than two intervals.
func ISICV(steps []int64, neurons []int32, n int) (cv float64, ok bool) {
	isi := intervals(steps, neurons, n)
	if len(isi) < 2 {
		return 0, false
	}
	mean, std := stat.PopMeanStdDev(isi, nil)
	return std / mean, true
}

// intervals returns the intervals in steps between successive spikes of each
// neuron, in the order in which they end.
func intervals(steps []int64, neurons []int32, n int) []float64 {
	checkSpikes(steps, neurons)
	last := make([]int, n) // 1 + the index of a neuron's last spike
	var isi []float64
	for k, neuron := range neurons {
		checkNeuron(neuron, n)
		if before := last[neuron]; before > 0 {
			isi = append(isi, float64(steps[k]-steps[before-1]))
		}
		last[neuron] = k + 1
	}
	return isi
}

func checkSpikes(steps []int64, neurons []int32) {
	if len(steps) != len(neurons) {
		panic("measure: steps and neurons differ in length")
	}
}

func checkNeuron(neuron int32, n int) {
	if neuron < 0 || int(neuron) >= n {
		panic("measure: a neuron is outside its population")
	}
}
