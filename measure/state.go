package measure

import (
	"encoding/binary"
	"math"
	"slices"
)

// words is the state of an accumulator as 64-bit words, in which integers and
// floats keep every bit.
type words []uint64

func (w *words) int(v ...int64) {
	for _, x := range v {
		*w = append(*w, uint64(x))
	}
}

func (w *words) float(v ...float64) {
	for _, x := range v {
		*w = append(*w, math.Float64bits(x))
	}
}

// bytes are the words, little-endian.
func (w words) bytes() []byte {
	out := make([]byte, 0, 8*len(w))
	for _, x := range w {
		out = binary.LittleEndian.AppendUint64(out, x)
	}
	return out
}

// reader reads words. Beyond their end it gives zeros, and end is false.
type reader struct {
	left  []byte
	short bool
}

func readWords(data []byte) *reader { return &reader{left: data} }

func (r *reader) word() uint64 {
	if len(r.left) < 8 {
		r.short = true
		return 0
	}
	x := binary.LittleEndian.Uint64(r.left)
	r.left = r.left[8:]
	return x
}

func (r *reader) int() int64     { return int64(r.word()) }
func (r *reader) float() float64 { return math.Float64frombits(r.word()) }

// take reads n words, where there are so many.
func (r *reader) take(n int64) (words, bool) {
	if r.short || n < 0 || n > int64(len(r.left)/8) {
		return nil, false
	}
	out := slices.Grow(words{}, int(n))
	for range n {
		out = append(out, r.word())
	}
	return out, true
}

// end reports whether all was there, and nothing more.
func (r *reader) end() bool { return !r.short && len(r.left) == 0 }
