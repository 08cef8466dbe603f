package shaders

import "gpusim/model/ir"

// trips are the loop iterations of a kernel. Some drivers give an invocation
// a number of them in all and then end every loop in silence (llvmpipe:
// 65,535), so a plan bounds them, the kernel counts them and the host checks.
type trips struct {
	fixed, step, flush cost                   // of one invocation
	total              func(steps int) uint32 // counted by all invocations of an instance
}

// cost is the passes through loop ends that an invocation makes: where it is
// active, and where it only follows others with a mask that lets nothing
// through. llvmpipe counts both: a loop of n trips makes n + 1 passes, the
// last with its body masked, and a masked loop makes one.
type cost struct{ active, masked int }

func (c cost) and(d cost) cost { return cost{c.active + d.active, c.masked + d.masked} }

func (c cost) times(n int) cost { return cost{n * c.active, n * c.masked} }

func loopOf(n int, body cost) cost {
	return cost{n*(1+body.active) + 1 + body.masked, 1 + body.masked}
}

// Budget is the most passes through loop ends that an invocation makes in a
// slice of that many steps.
func (k *Kernel) Budget(steps int) int {
	t := k.trips
	full, rest := steps/32, steps%32
	word := loopOf(32, t.step).and(t.flush)
	n := full * (1 + word.active)
	if rest > 0 {
		n += 1 + loopOf(rest, t.step).and(t.flush).active
	}
	return t.fixed.active + n + 1 + word.masked
}

// MaxSteps is the longest slice within a budget, 0 where not even one step
// fits.
func (k *Kernel) MaxSteps(budget int) int {
	low, high := 0, 1
	for k.Budget(high) <= budget {
		low, high = high, 2*high
	}
	for high-low > 1 {
		if m := (low + high) / 2; k.Budget(m) <= budget {
			low = m
		} else {
			high = m
		}
	}
	return low
}

// Trips is what the kernel's own counter must say after a slice, modulo 2^32.
func (k *Kernel) Trips(steps int) uint32 { return k.trips.total(steps) }

func (k *kernel) countTrips() trips {
	var t trips
	var fixed, word, step uint64 // counted by all invocations
	word += uint64(k.w)
	step += uint64(k.w)
	for pi := range k.p.Populations {
		p := &k.p.Populations[pi]
		per := k.perInvocation(p.Size)
		all := uint64(per * k.w)
		plain := loopOf(per, cost{})
		neurons := plain // the synaptic phase comes on top
		if k.named(pi) {
			neurons = cost{}
		}
		for _, j := range k.into(pi) {
			most, sum := k.rowTrips(j)
			neurons = neurons.and(most)
			step += sum
		}
		t.fixed = t.fixed.and(plain).and(plain).and(neurons) // prologue, epilogue
		fixed += 2 * all
		if !k.named(pi) {
			t.flush = t.flush.and(plain)
			word, step = word+all, step+all
		}
		t.step = t.step.and(neurons)
		if p.Flag != ir.None && per > 32 {
			t.fixed = t.fixed.and(loopOf((per+31)/32, cost{}))
			fixed += uint64((per + 31) / 32 * k.w)
		}
	}
	k.eachTotal(func(_ string, pr *ir.Projection, _ *ir.Term) {
		if k.held(pr) == inColumns {
			return
		}
		n := tiles(pr.Conn.NPre)
		if k.held(pr) == inShared {
			t.step = t.step.and(loopOf((columns*n+k.w-1)/k.w, loopOf(rows, cost{})))
			step += uint64(columns * n * (1 + rows))
		}
		if n > 1 {
			t.step = t.step.and(loopOf(n, cost{}))
			step += uint64(columns * n)
		}
	})
	t.total = func(steps int) uint32 {
		return uint32(fixed + uint64(words(steps))*word + uint64(steps)*step)
	}
	return t
}

func words(steps int) int { return (steps + 31) / 32 }

// rowTrips counts the synaptic phase of projection j: its cost in the loop over
// the neurons, where invocations go on until the longest of their rows ends,
// and the trips for all neurons of the population.
func (k *kernel) rowTrips(j int) (most cost, sum uint64) {
	pr := &k.p.Projections[j]
	longest := maxRow(&pr.Conn)
	// Loops over the row, one by one and in tiles. Those of records are not
	// counted by the kernel: not every step records.
	plain, recorded, tiled, updated := 0, 0, 0, 0
	switch {
	case sumsAsUpdated(k.p, j):
		updated, tiled = 1, -1 // its sum is not one by itself
	case ownUpdate(pr):
		plain = 1
	}
	for i := range pr.Records {
		if pr.Records[i].Dim == ir.PerSynapse {
			recorded++
		}
	}
	for _, o := range summed(j, pr) {
		if o.Form == ir.Rows && longest > 1 {
			tiled += len(o.Terms)
		}
	}
	if plain+recorded+tiled+updated == 0 {
		return cost{}, 0
	}
	inner := func(n int) int { return (n + columns - 1) / columns }
	phase := func(longest int) cost {
		c := loopOf(longest, cost{}).times(plain + recorded)
		for at := 0; at < longest; at += tile { // one tile after another
			body := loopOf(inner(min(tile, longest-at)), cost{})
			c = c.and(cost{1 + body.active, 0}.times(tiled))
		}
		c = c.and(cost{2, 2}.times(tiled)) // the ends of both loops, masked
		return c.and(updatedCost(longest).times(updated))
	}
	one := func(n int) uint64 {
		return uint64(plain*n + tiled*(tiles(n)+inner(n)) + updated*(tiles(n)+n))
	}
	length := make([]int, pr.Conn.NPost)
	for i := range length {
		length[i] = longest
	}
	if pr.Conn.Kind == ir.List {
		clear(length)
		for _, p := range pr.Conn.Post {
			length[p]++
		}
	}
	size := k.p.Populations[pr.To].Size
	per := k.perInvocation(size)
	for n := 0; n < per; n++ {
		widest := 0
		for w := 0; w < k.w; w++ {
			i := k.place(n, w) - pr.PostStart
			if k.place(n, w) >= size || i < 0 || i >= pr.Conn.NPost {
				continue // past the population's end, or not of the group
			}
			widest = max(widest, length[i])
			sum += one(length[i])
		}
		c := phase(widest)
		most.active += c.active
		most.masked = max(most.masked, c.masked)
	}
	most.active += most.masked // the loop's last pass, masked
	return most, sum
}
