package model

import (
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

// draw finds which pairs are connected: pair (i, j) has the element i N_post + j
// of the stream "projection.connect", and is where its number in [0, 1) is less
// than p. Rows are dealt out to goroutines; a pair's number depends on nothing
// but the pair.
func (k drawnKey) draw() (pre, post []int32) {
	nPre, nPost := k.i1-k.i0, k.j1-k.j0
	stream := draw.StreamOf(k.name+".connect", 0)
	rows := make([][]int32, nPre)
	var wg sync.WaitGroup
	workers := runtime.GOMAXPROCS(0)
	for w := range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := w; i < nPre; i += workers {
				for j := range nPost {
					if k.noSelf && i+k.i0 == j+k.j0 {
						continue
					}
					e := uint64(i)*uint64(nPost) + uint64(j)
					x := stream.Words(k.seed, int(uint32(e)), int64(e>>32))
					if draw.Unit(x[0], x[1]) < k.p {
						rows[i] = append(rows[i], int32(j))
					}
				}
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
