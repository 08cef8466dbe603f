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
	c, k := counter, key
	for round := range 10 {
		if round > 0 {
			k[0] += philoxW0
			k[1] += philoxW1
		}
		hi0, lo0 := bits.Mul32(philoxM0, c[0])
		hi1, lo1 := bits.Mul32(philoxM1, c[2])
		c = [4]uint32{hi1 ^ c[1] ^ k[0], lo1, hi0 ^ c[3] ^ k[1], lo0}
	}
	return c
}
