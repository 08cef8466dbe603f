package measure

// Matching says how far the spikes of a population in two runs are apart.
type Matching struct {
	Spikes       int // of the second run, the reference
	CountsDiffer int // neurons whose numbers of spikes differ
	Same         int // spikes on the reference's step
	WithinOne    int // spikes within one step of it, those on it included
	// The first step at which one run has a spike that the other has not, and
	// the neuron; Differs is false where the spikes are the same.
	Differs bool
	Step    int64
	Neuron  int32
}

// Match compares the spikes of n neurons with those of a reference. The k-th
// spike of a neuron is compared with the k-th of the same neuron there. Both are
// sorted by step, then neuron.
func Match(steps []int64, neurons []int32, refSteps []int64, refNeurons []int32, n int) Matching {
	checkSpikes(steps, neurons)
	checkSpikes(refSteps, refNeurons)
	of := func(steps []int64, neurons []int32) [][]int64 {
		out := make([][]int64, n)
		for i, k := range neurons {
			checkNeuron(k, n)
			out[k] = append(out[k], steps[i])
		}
		return out
	}
	m := Matching{Spikes: len(refSteps)}
	a, b := of(steps, neurons), of(refSteps, refNeurons)
	for k := range a {
		if len(a[k]) != len(b[k]) {
			m.CountsDiffer++
		}
		for i := range min(len(a[k]), len(b[k])) {
			d := a[k][i] - b[k][i]
			if d == 0 {
				m.Same++
			}
			if -1 <= d && d <= 1 {
				m.WithinOne++
			}
		}
	}
	for i := range max(len(steps), len(refSteps)) {
		switch {
		case i < min(len(steps), len(refSteps)) && steps[i] == refSteps[i] && neurons[i] == refNeurons[i]:
			continue
		case i >= len(refSteps) || i < len(steps) && (steps[i] < refSteps[i] || steps[i] == refSteps[i] && neurons[i] < refNeurons[i]):
			m.Step, m.Neuron = steps[i], neurons[i]
		default:
			m.Step, m.Neuron = refSteps[i], refNeurons[i]
		}
		m.Differs = true
		break
	}
	return m
}
