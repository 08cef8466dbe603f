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

// draw finds which pairs are connected: in row i, of presynaptic neuron i, from
// one synapse to the next there are as many neurons without one as a geometric
// distribution of probability p says (Batagelj and Brandes, 2005, Phys. Rev. E
// 71:036113, algorithm 1), floor(ln(1 - u)/ln(1 - p)) with u the numbers in
// [0, 1) of element i of the stream "projection.connect", step 0, 1 and so on. The
// time is of the order of the synapses, and rows are dealt out to goroutines.
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
	if k.p <= 0 {
		return nil
	}
	stream := draw.StreamOf(k.name+".connect", 0)
	n, scale := k.j1-k.j0, math.Log1p(-k.p) // -Inf for p = 1: no gaps
	j := 0
	for draws := int64(0); ; draws++ {
		x := stream.Words(k.seed, i, draws)
		gap := math.Log1p(-draw.Unit(x[0], x[1])) / scale
		if !(gap < float64(n-j)) {
			return out
		}
		if j += int(gap); !(k.noSelf && i+k.i0 == j+k.j0) {
			out = append(out, int32(j))
		}
		j++
	}
}
