package draw

import "math/bits"

// The constants of Philox 4x32: the multipliers, and what is added to the key
// after each round.
const (
	philoxM0 = 0xD2511F53
	philoxM1 = 0xCD9E8D57
	philoxW0 = 0x9E3779B9
	philoxW1 = 0xBB67AE85
)

// Philox is Philox 4x32-10, the counter-based generator of Salmon, Moraes,
// Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, SC '11:
// the random words of a counter under a key. It has no state: equal arguments
// give equal words, on any machine and in any order.
func Philox(counter [4]uint32, key [2]uint32) [4]uint32 {
	c0, c1, c2, c3 := counter[0], counter[1], counter[2], counter[3]
	k0, k1 := key[0], key[1]
	for range 10 {
		hi0, lo0 := bits.Mul32(philoxM0, c0)
		hi1, lo1 := bits.Mul32(philoxM1, c2)
		c0, c1, c2, c3 = hi1^c1^k0, lo1, hi0^c3^k1, lo0
		k0, k1 = k0+philoxW0, k1+philoxW1
	}
	return [4]uint32{c0, c1, c2, c3}
}
