package shaders

import "gpusim/model/ir"

// trips are the loop iterations of a kernel. Some drivers give an invocation
// a number of them in all and then end every loop in silence (llvmpipe:
// 65,535), so a plan bounds them, the kernel counts them and the host checks.
type trips struct {
	fixed, word, step int                    // of one invocation, loop ends included, at most
	total             func(steps int) uint32 // counted by all invocations of an instance
}

// Budget is the most loop iterations that an invocation makes in a slice of
// that many steps, each loop's end counted as one.
func (k *Kernel) Budget(steps int) int {
	return k.trips.fixed + words(steps)*k.trips.word + steps*k.trips.step
}

// MaxSteps is the longest slice within a budget, 0 where not even one step
// fits.
func (k *Kernel) MaxSteps(budget int) int {
	n := (budget - k.trips.fixed) * 32 / (k.trips.word + 32*k.trips.step)
	for n > 0 && k.Budget(n) > budget {
		n--
	}
	return max(n, 0)
}

// Trips is what the kernel's own counter must say after a slice, modulo 2^32.
func (k *Kernel) Trips(steps int) uint32 { return k.trips.total(steps) }

func words(steps int) int { return (steps + 31) / 32 }

func (k *kernel) countTrips() trips {
	const end = 1 // of each loop
	t := trips{fixed: 1 + end, word: 1 + end, step: 1}
	var fixed, word, step uint64 // counted by all invocations
	word += uint64(k.w)
	step += uint64(k.w)
	for pi := range k.p.Populations {
		p := &k.p.Populations[pi]
		per := k.perInvocation(p.Size)
		all := uint64(per * k.w)
		t.fixed += 2 * (per + end) // prologue, epilogue
		t.word += per + end
		t.step += per + end
		fixed += 2 * all
		word += all
		step += all
		if p.Flag != ir.None && per > 32 {
			t.fixed += (per+31)/32 + end
			fixed += uint64((per + 31) / 32 * k.w)
		}
		for _, j := range k.into(pi) {
			most, sum := k.rowTrips(j)
			t.step += per * most
			t.fixed += per * most // step 0 skips the phase, but not its loop ends
			step += sum
		}
	}
	if k.w != columns {
		k.eachTotal(func(_ string, pr *ir.Projection, _ *ir.Term) {
			n := columns * tiles(pr.Conn.NPre)
			t.step += (n+k.w-1)/k.w*(1+rows+end) + end
			step += uint64(n * (1 + rows))
		})
	}
	t.total = func(steps int) uint32 {
		return uint32(fixed + uint64(words(steps))*word + uint64(steps)*step)
	}
	return t
}

// rowTrips counts the synaptic phase of projection j: the most iterations for
// one neuron, ends included, and those of all neurons that all invocations
// hold, the copies past the population's end included.
func (k *kernel) rowTrips(j int) (most int, sum uint64) {
	pr := &k.p.Projections[j]
	if !k.hasRows(pr) {
		return 0, 0
	}
	// Loops over the row, one by one and in tiles.
	plain, tiled := 0, 0
	if ownUpdate(pr) {
		plain++
	}
	every := 0
	for i := range pr.Records {
		if pr.Records[i].Dim == ir.PerSynapse {
			every++
		}
	}
	for i := range pr.Outputs {
		if pr.Outputs[i].Form == ir.Rows && maxRow(&pr.Conn) > 1 {
			tiled += len(pr.Outputs[i].Terms)
		}
	}
	inner := func(n int) int { return (n + columns - 1) / columns }
	longest := maxRow(&pr.Conn)
	most = (plain+every)*(longest+1) + tiled*(2*tiles(longest)+inner(longest)+1)
	one := func(n int) uint64 {
		return uint64(plain*n + tiled*(tiles(n)+inner(n)))
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
	held := k.perInvocation(pr.Conn.NPost) * k.w
	for i := 0; i < held; i++ {
		sum += one(length[min(i, pr.Conn.NPost-1)])
	}
	return most, sum
}
