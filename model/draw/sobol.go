package draw

// SobolDims is how many dimensions a Sobol' sequence may have here.
const SobolDims = 21

// sobolNumbers are the primitive polynomials and first direction numbers of
// dimensions 2 to 21: the degree s is len(m), a has the inner coefficients.
// They are the first rows of new-joe-kuo-6.21201, of Joe and Kuo (2008),
// Constructing Sobol' sequences with better two-dimensional projections, SIAM
// J. Sci. Comput. 30, 2635-2654.
var sobolNumbers = [SobolDims - 1]struct {
	a uint32
	m []uint32
}{
	{0, []uint32{1}},
	{1, []uint32{1, 3}},
	{1, []uint32{1, 3, 1}},
	{2, []uint32{1, 1, 1}},
	{1, []uint32{1, 1, 3, 3}},
	{4, []uint32{1, 3, 5, 13}},
	{2, []uint32{1, 1, 5, 5, 17}},
	{4, []uint32{1, 1, 5, 5, 5}},
	{7, []uint32{1, 1, 7, 11, 19}},
	{11, []uint32{1, 1, 5, 1, 1}},
	{13, []uint32{1, 1, 1, 3, 11}},
	{14, []uint32{1, 3, 5, 5, 31}},
	{1, []uint32{1, 3, 3, 9, 7, 49}},
	{13, []uint32{1, 1, 1, 15, 21, 21}},
	{16, []uint32{1, 3, 1, 13, 27, 49}},
	{19, []uint32{1, 1, 1, 15, 7, 5}},
	{22, []uint32{1, 3, 1, 15, 13, 25}},
	{25, []uint32{1, 1, 5, 5, 19, 61}},
	{1, []uint32{1, 3, 7, 11, 23, 15, 103}},
	{4, []uint32{1, 3, 7, 13, 13, 15, 69}},
}

// Sobol is a dimension of the Sobol' sequence: its direction numbers, the
// first of which stands for the lowest bit of a point's number.
type Sobol [32]uint32

// NewSobol gives dimension dim of the sequence, counted from 0, below SobolDims.
func NewSobol(dim int) *Sobol {
	v := &Sobol{}
	if dim == 0 { // van der Corput's sequence
		for i := range v {
			v[i] = 1 << (31 - i)
		}
		return v
	}
	p := sobolNumbers[dim-1]
	s := len(p.m)
	for i := range v {
		if i < s {
			v[i] = p.m[i] << (31 - i)
			continue
		}
		v[i] = v[i-s] ^ v[i-s]>>s
		for k := 1; k < s; k++ {
			if p.a>>(s-1-k)&1 == 1 {
				v[i] ^= v[i-k]
			}
		}
	}
	return v
}

// Point gives point k, in units of 2**-32, in the order of Gray's code, which
// is that of Joe and Kuo's program.
func (v *Sobol) Point(k uint32) uint32 {
	x := uint32(0)
	for i, gray := 0, k^k>>1; gray != 0; i, gray = i+1, gray>>1 {
		if gray&1 == 1 {
			x ^= v[i]
		}
	}
	return x
}

// Owen scrambles a number in units of 2**-32 (Owen 1995, Randomly permuted
// (t,m,s)-nets and (t,s)-sequences): each bit is flipped or not by a random bit
// that belongs to the bits before it. Points that are one to each stratum remain so.
func (s Stream) Owen(seed uint64, x uint32) uint32 {
	flips := uint32(0)
	for bit := range 32 {
		before := x >> (32 - bit) // 0 for the first
		flips = flips<<1 | s.Words(seed, int(before), int64(bit))[0]&1
	}
	return x ^ flips
}
