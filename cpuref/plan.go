package cpuref

import (
	"errors"
	"fmt"
	"runtime"

	"gpusim/model/ir"
)

// threadsFor is how many instances run at a time.
func threadsFor(instances int) int { return min(instances, runtime.GOMAXPROCS(0)) }

// planSlice chooses how many steps a slice has.
func (e *Engine) planSlice() int { return e.code.sliceLen(e.instances, e.threads) }

// sliceLen is a number of steps, a multiple of 32, that takes a fraction of a
// second and leaves records of bounded size.
func (c *code) sliceLen(instances, threads int) int {
	const (
		shortest  = 32
		longest   = 1024
		work      = 200e6    // element operations
		recording = 64 << 20 // bytes
	)
	bytes := 0.0
	for _, r := range c.program.AllRecords() {
		bytes += 8 * float64(r.Width()) / float64(r.Every)
	}
	n := float64(longest)
	n = min(n, work/(c.work()*float64(instances)/float64(threads)+1))
	n = min(n, recording/(bytes*float64(instances)+1))
	return max(int(n)/shortest*shortest, shortest)
}

// work estimates the element operations of a step of one instance.
func (c *code) work() float64 {
	w := 0.0
	add := func(l *loop) {
		w += float64(l.n) * float64(len(l.body.ops)+2)
		for i := range l.sides {
			w += float64(l.sides[i].n) * float64(len(l.sides[i].body.ops))
		}
	}
	for i := range c.populations {
		p := &c.populations[i]
		w += float64(p.size) * float64(len(p.main.ops)+4)
	}
	for i := range c.projections {
		p := &c.projections[i]
		add(&p.update)
		for _, list := range [][]output{p.events, p.outputs} {
			for j := range list {
				for k := range list[j].terms {
					add(&list[j].terms[k].source)
					add(&list[j].terms[k].post)
				}
			}
		}
	}
	return w
}

// workSpace is the bytes that a thread takes for itself.
func (c *code) workSpace() int64 {
	n := int64(block*c.registers + 3*c.sums)
	for _, k := range c.arrays {
		n += int64(k)
	}
	return 8 * n
}

// Plan says how the program runs, a line a fact.
func (e *Engine) Plan() []string {
	bytes := 0
	for i := range e.vars {
		bytes += 8 * len(e.vars[i].data)
	}
	return append([]string{
		fmt.Sprintf("float64 engine, %s, %s, slices of %d steps", count(e.threads, "thread"), count(e.instances, "instance"), e.sliceLen),
		fmt.Sprintf("%d bytes of variables, %d bytes of work space a thread", bytes, e.code.workSpace()),
	}, e.code.parts()...)
}

// parts says what is done in a step.
func (c *code) parts() (lines []string) {
	line := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for i := range c.populations {
		p := &c.populations[i]
		line("population %s: %s for each of %s a step", p.name, count(len(p.main.ops), "operation"), count(p.size, "neuron"))
		for _, l := range p.lines {
			line("population %s: %s keeps %s of %s", p.name, c.program.Vars[l.line].Name, count(l.rows, "step"), c.program.Vars[l.of].Name)
		}
	}
	for i := range c.projections {
		p := &c.projections[i]
		if n := len(p.update.body.ops); n > 0 {
			line("projection %s: %s for each of %s a step", p.name, count(n, "operation"), count(p.update.n, p.kind.String()))
		}
		for _, s := range p.update.sides {
			line("projection %s: %s for each of %s a step", p.name, count(len(s.body.ops), "operation"), count(s.n, s.kind.String()))
		}
		for k, list := range [][]output{p.events, p.outputs} {
			for j := range list {
				how := "summed over the synapses"
				if list[j].total {
					how = "one sum over the presynaptic neurons"
				}
				if k == 0 && list[j].rare() {
					how += ", where spikes arrive"
				}
				line("projection %s, %s %d: %s", p.name, [...]string{"event", "output"}[k], j+1, how)
			}
		}
	}
	return lines
}

// rare reports whether nothing is summed where no spike arrives.
func (o *output) rare() bool {
	for i := range o.terms {
		if o.terms[i].arrives == nil {
			return false
		}
	}
	return true
}

// count writes n of something.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Estimate says what the program takes with that many instances, without
// allocating it. Parameters are counted as shared by all instances, as they
// are before one is set for each.
func (d *Device) Estimate(p *ir.Program, instances int) (*ir.Estimate, error) {
	c, err := prepare(p, instances, true)
	if err != nil {
		return nil, err
	}
	threads := threadsFor(instances)
	slice := c.sliceLen(instances, threads)
	est := &ir.Estimate{
		Form:  "vectors",
		Slice: slice,
		Why: append([]string{
			fmt.Sprintf("float64, %s at a time on %s", count(threads, "instance"), count(threads, "thread")),
		}, c.parts()...),
	}
	add := func(name string, shared, each int64) {
		if shared+each > 0 {
			est.Buffers = append(est.Buffers, ir.Buffer{Name: name, Bytes: shared + each*int64(instances), PerInstance: each})
		}
	}
	var state, params int64
	for i := range p.Vars {
		if v := &p.Vars[i]; v.Role.IsState() {
			state += 8 * int64(v.Len)
		} else {
			params += 8 * int64(v.Len)
		}
	}
	add("state", 0, state)
	add("state, saved", 0, state)
	add("parameters and samples", params, 0)
	var ends int64
	for i := range p.Projections {
		conn := &p.Projections[i].Conn
		if conn.Kind == ir.List || c.projections[i].ends.needed {
			ends += 2 * 4 * int64(conn.Len())
		}
	}
	add("ends of synapses", ends, 0)
	add("work space", c.workSpace()*int64(threads), 0)
	var spikes, records int64
	for i := range c.populations {
		if c.populations[i].spikes {
			spikes += 4 * int64((slice+31)/32) * int64(c.populations[i].size)
		}
	}
	for _, r := range p.AllRecords() {
		records += 8 * rowsBefore(int64(slice), r.Every) * int64(r.Width())
	}
	add("spikes of a slice", 0, spikes)
	add("records of a slice", 0, records)
	return est, nil
}

// prepare compiles p for a number of instances.
func prepare(p *ir.Program, instances int, dry bool) (*code, error) {
	if p == nil {
		return nil, errors.New("cpuref: there is no program")
	}
	if instances < 1 {
		return nil, fmt.Errorf("cpuref: %d instances, at least 1 is needed", instances)
	}
	c, err := compile(p, dry)
	if err != nil {
		return nil, fmt.Errorf("cpuref: %w", err)
	}
	return c, nil
}
