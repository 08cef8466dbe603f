package cpuref

import "gpusim/model/ir"

// runStep does one step in the order that package ir states.
func (w *worker) runStep() {
	c := w.code
	w.scalars[c.timeSlot] = float64(w.step) * c.program.Dt
	w.scalars[c.stepSlot] = float64(w.step)
	w.runScalars(c.step)
	for i := range c.populations {
		w.population(i)
	}
	for i := range c.projections {
		p := &c.projections[i]
		w.loop(&p.update)
		for j := range p.events {
			w.output(&p.events[j])
		}
	}
	for i := range c.projections {
		for j := range c.projections[i].outputs {
			w.output(&c.projections[i].outputs[j])
		}
	}
	for i := range c.projections {
		for j := range c.projections[i].records {
			r := &c.projections[i].records[j]
			if row := w.row(r); row != nil {
				w.evaluate(&r.loop, row)
				w.keep(r)
			}
		}
	}
	for i := range c.populations {
		for _, l := range c.populations[i].lines {
			values := w.arrays[l.of]
			copy(w.arrays[l.line][rowOf(w.step, l.rows)*len(values):], values)
		}
	}
}

// population does the step of population i, for a block of neurons at a time:
// neurons are independent of each other in it.
func (w *worker) population(i int) {
	p := &w.code.populations[i]
	w.rows = w.rows[:0]
	for j := range p.records {
		w.rows = append(w.rows, w.row(&p.records[j]))
	}
	var words []uint32
	if p.spikes {
		at := (w.instance*w.slice.Words + int(w.step-w.slice.First)/32) * p.size
		words = w.slice.Spikes[i][at:][:p.size]
	}
	for lo := 0; lo < p.size; lo += block {
		hi := min(lo+block, p.size)
		w.run(p.main.ops, lo, hi)
		if p.spikes && w.spike(p, words[lo:hi], lo, hi) {
			w.run(p.reset.ops, lo, hi)
		}
		for j, row := range w.rows {
			if row != nil {
				r := &p.records[j]
				w.run(r.body.ops, lo, hi)
				copy(row[lo:hi], w.vector(r.value(), lo, hi))
			}
		}
	}
	for j, row := range w.rows {
		if row != nil {
			w.keep(&p.records[j])
		}
	}
	for _, v := range p.accums {
		clear(w.arrays[v])
	}
}

// spike tests which of the neurons lo to hi-1 spike, marks them in p's mask,
// and reports whether any does.
func (w *worker) spike(p *population, words []uint32, lo, hi int) (any bool) {
	results := p.main.results
	test := w.vector(results[len(results)-1], lo, hi)
	var hold, flag, last []float64
	if p.refractory {
		hold = w.vector(results[0], lo, hi)
	}
	if !p.hasReset {
		flag = w.arrays[p.flag][lo:hi]
	}
	if p.last != ir.None {
		last = w.arrays[p.last][lo:hi]
	}
	mask := w.arrays[p.mask][lo:hi]
	bit := uint32(1) << (uint(w.step-w.slice.First) % 32)
	for i, t := range test {
		mask[i] = 0
		if hold != nil && hold[i] != 0 {
			continue
		}
		spikes := t != 0
		if flag != nil {
			was := flag[i] != 0
			flag[i] = t
			spikes = spikes && !was
		}
		if !spikes {
			continue
		}
		any = true
		mask[i] = 1
		words[i] |= bit
		if last != nil {
			last[i] = float64(w.step)
		}
	}
	return any
}

// output adds what a projection gives to its target.
func (w *worker) output(o *output) {
	all, sums := w.all[:o.nPost], w.sums[:o.nPost]
	clear(all)
	for i := range o.terms {
		t := &o.terms[i]
		switch {
		case !w.any(t.arrives):
			clear(sums) // the sums of zeros
		case o.total:
			w.total(o, &t.source, sums)
		default:
			w.sumRows(o, t, sums)
		}
		for lo := 0; lo < o.nPost; lo += block {
			hi := min(lo+block, o.nPost)
			w.run(t.post.body.ops, lo, hi)
			for j, x := range w.vector(t.post.value(), lo, hi) {
				all[lo+j] += float64(sums[lo+j] * x)
			}
		}
	}
	target := w.arrays[o.target][o.postStart:]
	for i, x := range all {
		target[i] += x
	}
}

// sumRows sums the source of t over the synapses of each postsynaptic neuron. A
// block of synapses where no spike arrives would add zeros to sums that begin
// at 0, which changes no bit of them.
func (w *worker) sumRows(o *output, t *term, sums []float64) {
	clear(sums)
	source := &t.source
	w.sides(source)
	for lo := 0; lo < source.n; lo += block {
		if !w.anyOf(t.arrives, lo/block) {
			continue
		}
		hi := min(lo+block, source.n)
		w.run(source.body.ops, lo, hi)
		post := o.post[lo:hi]
		for i, x := range w.vector(source.value(), lo, hi) {
			sums[post[i]] += x
		}
	}
}

// total sums source over all presynaptic neurons but, where that is asked for,
// the neuron itself.
func (w *worker) total(o *output, source *loop, sums []float64) {
	sources := w.sources[:o.nPre]
	w.evaluate(source, sources)
	sum := 0.0
	for _, x := range sources {
		sum += x
	}
	fill(sums, sum)
	if o.noSelf {
		for i, x := range sources {
			sums[i] -= x
		}
	}
}

// loop does l for all its elements.
func (w *worker) loop(l *loop) {
	w.sides(l)
	for lo := 0; lo < l.n; lo += block {
		w.run(l.body.ops, lo, min(lo+block, l.n))
	}
}

// sides does what l needs of the neurons at both ends.
func (w *worker) sides(l *loop) {
	for i := range l.sides {
		w.loop(&l.sides[i])
	}
}

// evaluate sets to[i] to l's value of element i.
func (w *worker) evaluate(l *loop, to []float64) {
	for lo := 0; lo < l.n; lo += block {
		hi := min(lo+block, l.n)
		w.run(l.body.ops, lo, hi)
		copy(to[lo:hi], w.vector(l.value(), lo, hi))
	}
}

// notFinite finds the first state that is not finite after this step.
func (w *worker) notFinite() *ir.NotFinite {
	for _, v := range w.code.states {
		for i, x := range w.arrays[v] {
			if x-x != 0 {
				return &ir.NotFinite{Var: v, Element: i, Step: w.step}
			}
		}
	}
	return nil
}
