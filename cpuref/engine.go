package cpuref

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"

	"gpusim/model/ir"
)

// Engine is a program and the state of its instances. It is used by one
// goroutine at a time.
type Engine struct {
	code      *code
	instances int
	vars      []storage
	saved     [][]float64 // the data of state variables; nil before Save
	threads   int
	sliceLen  int // steps
	counters  ir.Counters
	origin    int64 // the step that samples count from
}

// SetOrigin sets the step that the samples of inputs count from.
func (e *Engine) SetOrigin(step int64) { e.origin = step }

var errClosed = errors.New("cpuref: the engine is closed")

// storage is the data of a variable.
type storage struct {
	data   []float64
	stride int // from an instance's values to the next's; 0: all share them
}

// of gives the values of an instance.
func (s *storage) of(instance, n int) []float64 {
	return s.data[instance*s.stride:][:n:n]
}

func newEngine(c *code, instances int) *Engine {
	e := &Engine{
		code:      c,
		instances: instances,
		vars:      make([]storage, len(c.program.Vars)),
		threads:   min(instances, runtime.GOMAXPROCS(0)),
		counters:  ir.Counters{ProgramsBuilt: 1},
	}
	for i := range c.program.Vars {
		v := &c.program.Vars[i]
		s := &e.vars[i]
		if !v.Role.IsState() {
			s.data = make([]float64, v.Len)
			continue
		}
		s.stride = v.Len
		s.data = make([]float64, v.Len*instances)
		if v.Role == ir.Last {
			fill(s.data, ir.NeverSpiked)
		}
	}
	e.sliceLen = e.planSlice()
	return e
}

// planSlice chooses how many steps a slice has: a multiple of 32 that takes a
// fraction of a second and leaves records of bounded size.
func (e *Engine) planSlice() int {
	const (
		shortest  = 32
		longest   = 1024
		work      = 200e6    // element operations
		recording = 64 << 20 // bytes
	)
	bytes := 0.0
	for _, r := range e.code.program.AllRecords() {
		bytes += 8 * float64(r.Len) / float64(r.Every)
	}
	n := float64(longest)
	n = min(n, work/(e.code.work()*float64(e.instances)/float64(e.threads)+1))
	n = min(n, recording/(bytes*float64(e.instances)+1))
	return max(int(n)/shortest*shortest, shortest)
}

// variable returns variable v.
func (e *Engine) variable(v ir.VarID) (*ir.Var, error) {
	if e.vars == nil {
		return nil, errClosed
	}
	if v < 0 || int(v) >= len(e.vars) {
		return nil, fmt.Errorf("cpuref: there is no variable %d", v)
	}
	return &e.code.program.Vars[v], nil
}

// Write sets a variable: data has its Len elements, which all instances then
// share, or Len for each instance one after another. Parameters and samples
// that all instances share are stored once.
func (e *Engine) Write(v ir.VarID, data []float64) error {
	x, err := e.variable(v)
	if err != nil {
		return err
	}
	if len(data) != x.Len && len(data) != x.Len*e.instances {
		return fmt.Errorf("cpuref: %s has %d values for each of %d instances, and %d were given", x.Name, x.Len, e.instances, len(data))
	}
	for i, f := range data {
		if x.Role == ir.Flag && f != 0 && f != 1 {
			return fmt.Errorf("cpuref: %s is 0 or 1, and value %d is %v", x.Name, i, f)
		}
		if x.Role == ir.Last && (f != math.Trunc(f) || f < ir.NeverSpiked || f > -ir.NeverSpiked) {
			return fmt.Errorf("cpuref: %s is a step, and value %d is %v", x.Name, i, f)
		}
	}
	s := &e.vars[v]
	switch {
	case !x.Role.IsState():
		s.data = slices.Clone(data)
		s.stride = 0
		if len(data) != x.Len {
			s.stride = x.Len
		}
	case len(data) == len(s.data):
		copy(s.data, data)
	default:
		for i := range e.instances {
			copy(s.of(i, x.Len), data)
		}
	}
	e.counters.BytesUploaded += 8 * int64(len(data))
	return nil
}

// Read gets the variable's Len elements of one instance.
func (e *Engine) Read(v ir.VarID, instance int) ([]float64, error) {
	x, err := e.variable(v)
	if err != nil {
		return nil, err
	}
	if instance < 0 || instance >= e.instances {
		return nil, fmt.Errorf("cpuref: there is no instance %d of %d", instance, e.instances)
	}
	e.counters.BytesDownloaded += 8 * int64(x.Len)
	return slices.Clone(e.vars[v].of(instance, x.Len)), nil
}

// Save copies all state aside.
func (e *Engine) Save() error {
	if e.vars == nil {
		return errClosed
	}
	if e.saved == nil {
		e.saved = make([][]float64, len(e.vars))
	}
	for i := range e.vars {
		if e.code.program.Vars[i].Role.IsState() {
			e.saved[i] = append(e.saved[i][:0], e.vars[i].data...)
		}
	}
	return nil
}

// Restore copies back the state that Save kept.
func (e *Engine) Restore() error {
	if e.saved == nil {
		return errors.New("cpuref: there is nothing to restore")
	}
	for i := range e.vars {
		if e.code.program.Vars[i].Role.IsState() {
			copy(e.vars[i].data, e.saved[i])
		}
	}
	return nil
}

// Counters are what this engine has done since it was built: one program
// built, a dispatch for each slice, and 8 bytes for each number that Write took
// or Read gave. Spikes and records that Run hands on are where they are used
// and move no bytes.
func (e *Engine) Counters() ir.Counters { return e.counters }

// Plan says how the program runs, a line a fact.
func (e *Engine) Plan() []string {
	bytes := 0
	for i := range e.vars {
		bytes += 8 * len(e.vars[i].data)
	}
	perThread := 8 * (block*e.code.registers + 3*e.code.sums)
	for _, n := range e.code.arrays {
		perThread += 8 * n
	}
	lines := []string{
		fmt.Sprintf("float64 engine, %s, %s, slices of %d steps", count(e.threads, "thread"), count(e.instances, "instance"), e.sliceLen),
		fmt.Sprintf("%d bytes of variables, %d bytes of work space a thread", bytes, perThread),
	}
	for i := range e.code.populations {
		p := &e.code.populations[i]
		lines = append(lines, fmt.Sprintf("population %s: %s for each of %s a step", p.name, count(len(p.main.ops), "operation"), count(p.size, "neuron")))
	}
	for i := range e.code.projections {
		p := &e.code.projections[i]
		lines = append(lines, fmt.Sprintf("projection %s: %s for each of %s a step", p.name, count(len(p.update.body.ops), "operation"), count(p.update.n, p.kind.String())))
		for j := range p.outputs {
			o := &p.outputs[j]
			how := "summed over the synapses"
			if o.total {
				how = "one sum over the presynaptic neurons"
			}
			lines = append(lines, fmt.Sprintf("projection %s, output %d: %s", p.name, j+1, how))
		}
	}
	return lines
}

// count writes n of something.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Close gives the arrays back.
func (e *Engine) Close() error {
	e.vars, e.saved = nil, nil
	return nil
}

// work estimates the element operations of a step of one instance.
func (c *code) work() float64 {
	w := 0.0
	add := func(l *loop) { w += float64(l.n) * float64(len(l.body.ops)+2) }
	for i := range c.populations {
		p := &c.populations[i]
		w += float64(p.size) * float64(len(p.main.ops)+4)
	}
	for i := range c.projections {
		p := &c.projections[i]
		add(&p.update)
		for j := range p.outputs {
			for k := range p.outputs[j].terms {
				add(&p.outputs[j].terms[k].source)
				add(&p.outputs[j].terms[k].post)
			}
		}
	}
	return w
}
