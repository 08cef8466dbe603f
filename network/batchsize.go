package network

import "time"

// batchSize chooses how many points run side by side. It begins with as many as
// a small sweep has, and goes on by what the batches took: twice as many where
// that makes points faster, half as many where a batch takes long and fewer are
// as fast, for its rows are seen, and saved, when it ends.
type batchSize struct {
	size    int
	most    int  // that is known, or thought, to fit
	settled bool // it changes no more, but where it does not fit
	best    int  // the size that was fastest, 0 at first
	rate    float64
	up      bool
}

// FirstBatch is the number of points that the first batch of a sweep has, unless
// there are fewer.
const FirstBatch = 64

const (
	longBatch = 10 * time.Second
	// A size is faster where it is by more than a tenth: less may be chance.
	faster = 1.1
)

func newBatchSize(o SweepOptions, todo int) batchSize {
	b := batchSize{size: min(FirstBatch, todo), most: max(1, todo)}
	switch {
	case o.Mode == Repeat:
		b.size, b.settled = 1, true
	case o.Batch > 0:
		b.size, b.settled = o.Batch, true
	}
	b.most = max(b.most, b.size)
	return b
}

// halve takes half of n, which did not fit. It cannot where that is 1.
func (b *batchSize) halve(n int) bool {
	if n <= 1 {
		return false
	}
	b.size = (n + 1) / 2
	b.most = b.size
	return true
}

// took enters how long a batch of n points took.
func (b *batchSize) took(n int, d time.Duration) {
	if b.settled || n < b.size {
		return // the last one
	}
	rate := float64(n) / max(d.Seconds(), 1e-9)
	first := b.best == 0
	if first {
		b.up = d < longBatch
	}
	switch {
	case !first && b.up && rate < faster*b.rate, !first && !b.up && rate < b.rate/faster:
		b.size, b.settled = min(b.best, b.most), true // it was better
		return
	}
	b.best, b.rate = n, max(b.rate, rate)
	switch {
	case b.up && 2*n <= b.most && d < longBatch:
		b.size = 2 * n
	case !b.up && n > 1 && d >= longBatch:
		b.size = (n + 1) / 2
	default:
		b.settled = true
	}
}
