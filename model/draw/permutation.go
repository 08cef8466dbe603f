package draw

import "math/bits"

// Permutation puts the numbers from 0 to n-1 into a random order (Fisher and
// Yates), of words that Value does not take.
func (s Stream) Permutation(seed uint64, n int) []int {
	out := make([]int, n)
	for i := range out {
		w := s.Words(seed, i, 1)
		hi, _ := bits.Mul64(uint64(w[0])<<32|uint64(w[1]), uint64(i+1))
		j := int(hi)
		out[i] = out[j]
		out[j] = i
	}
	return out
}
