package model

import (
	"math"
	"runtime"
	"sync"

	"gpusim/model/draw"
	"gpusim/model/ir"
)

// Conn is the synapses that the projection's rule makes. Rules that draw do it
// once: the same file gives the same synapses to all that ask, on any goroutine.
func (f *File) Conn(p *Projection) *ir.Conn {
	i0, i1 := p.From.Span(p.FromGroup)
	j0, j1 := p.To.Span(p.ToGroup)
	c := &ir.Conn{NPre: i1 - i0, NPost: j1 - j0}
	noSelf := p.From == p.To && !p.Connect.Self
	switch p.Connect.Kind {
	case AllToAll:
		c.Kind = ir.AllToAll
		switch {
		case noSelf && i0 == j0 && i1 == j1:
			c.NoSelf = true
		case noSelf && i0 < j1 && j0 < i1: // groups that share neurons
			c.Kind = ir.List
			for i := i0; i < i1; i++ {
				for j := j0; j < j1; j++ {
					if i != j {
						c.Pre, c.Post = append(c.Pre, int32(i-i0)), append(c.Post, int32(j-j0))
					}
				}
			}
		}
	case OneToOne:
		c.Kind = ir.OneToOne
	case FixedProbability:
		c.Kind = ir.List
		seed := f.Run.Seed
		if p.Connect.Seed != nil {
			seed = *p.Connect.Seed
		}
		c.Pre, c.Post = p.drawn.synapses(drawnKey{p.Name, p.Connect.P, seed, i0, i1, j0, j1, noSelf})
	default:
		c.Kind, c.Pre, c.Post = ir.List, p.Connect.Pre, p.Connect.Post
	}
	return c
}

// drawnKey is all that the synapses of fixed_probability depend on.
type drawnKey struct {
	name           string
	p              float64
	seed           uint64
	i0, i1, j0, j1 int
	noSelf         bool
}

// drawn keeps the synapses that were drawn last. Copies of a projection share it.
type drawn struct {
	mu        sync.Mutex
	key       drawnKey
	pre, post []int32
}

func (d *drawn) synapses(key drawnKey) (pre, post []int32) {
	if d == nil {
		return key.draw()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.key != key {
		d.pre, d.post = key.draw()
		d.key = key
	}
	return d.pre, d.post
}

// draw finds which pairs are connected: synapse (i, j) exists if its own draw is
// less than p, so that it stays with a larger p, and whatever others there are.
// The draw is a number in [0, 1) of 64 bits. Its upper word is word j mod 4 of the
// numbers of element i at step j/4 of the stream "projection.connect"; the lower
// word, of a second stream, is looked at only where the upper does not decide, once
// in 2**32 draws. The time is of the order of the pairs, some
// nanoseconds each on a core; rows are dealt out to goroutines.
func (k drawnKey) draw() (pre, post []int32) {
	rows := make([][]int32, k.i1-k.i0)
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := w; i < len(rows); i += workers {
				rows[i] = k.row(i)
			}
		}()
	}
	wg.Wait()
	n := 0
	for _, r := range rows {
		n += len(r)
	}
	pre, post = make([]int32, 0, n), make([]int32, 0, n)
	for i, r := range rows {
		for _, j := range r {
			pre, post = append(pre, int32(i)), append(post, j)
		}
	}
	return pre, post
}

// row draws the postsynaptic neurons of presynaptic neuron i.
func (k drawnKey) row(i int) (out []int32) {
	upper, lower := draw.StreamOf(k.name+".connect", 0), draw.StreamOf(k.name+".connect", 1)
	limit, rest := math.Modf(k.p * (1 << 32))
	most, below := uint64(limit), uint32(rest*(1<<32))
	n := k.j1 - k.j0
	out = make([]int32, 0, int(1.1*k.p*float64(n))+8)
	for j := 0; j < n; j += 4 {
		for c, word := range upper.Words(k.seed, i, int64(j/4)) {
			if uint64(word) > most || j+c >= n {
				continue
			}
			if uint64(word) == most && lower.Words(k.seed, i, int64(j+c))[0] >= below {
				continue
			}
			if !(k.noSelf && i+k.i0 == j+c+k.j0) {
				out = append(out, int32(j+c))
			}
		}
	}
	return out
}
