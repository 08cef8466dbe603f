package network

import (
	"fmt"
	"math/bits"
	"slices"
)

// unpackSpikes decodes the spikes of a population in a slice, packed over time as
// ir.Slice says, and gives those of each instance in portions: by step, then
// neuron. Words without a spike cost a comparison.
func unpackSpikes(s *Slice, instances int, words []uint32, size int, give func(instance int, t *SpikeTrain) error) error {
	if want := instances * s.Words * size; len(words) != want {
		return fmt.Errorf("the device gave %d words of spikes, not %d", len(words), want)
	}
	var t SpikeTrain
	for k := range instances {
		for w := range s.Words {
			from := (k*s.Words + w) * size
			t.decode(words[from:from+size], s.First+int64(32*w))
			if len(t.Steps) == 0 || len(t.Steps) < portion && w < s.Words-1 {
				continue
			}
			if err := give(k, &t); err != nil {
				return err
			}
			t.Steps, t.Neurons = t.Steps[:0], t.Neurons[:0]
		}
	}
	return nil
}

// decode adds the spikes of 32 steps from first: bit b of word i is neuron i
// at step first+b. Spikes are counted for each step, which gives each step its
// place, and then put there.
func (t *SpikeTrain) decode(words []uint32, first int64) {
	var next [32]int
	total := 0
	for _, w := range words {
		total += bits.OnesCount32(w)
		for ; w != 0; w &= w - 1 {
			next[bits.TrailingZeros32(w)]++
		}
	}
	if total == 0 {
		return
	}
	place := len(t.Steps)
	t.Steps = slices.Grow(t.Steps, total)[:place+total]
	t.Neurons = slices.Grow(t.Neurons, total)[:place+total]
	for b, count := range next {
		next[b] = place
		for range count {
			t.Steps[place] = first + int64(b)
			place++
		}
	}
	for i, w := range words {
		for ; w != 0; w &= w - 1 {
			b := bits.TrailingZeros32(w)
			t.Neurons[next[b]] = int32(i)
			next[b]++
		}
	}
}
