package cpuref

import (
	"errors"
	"fmt"
	"math"
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
		threads:   threadsFor(instances),
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
		if (x.Role == ir.Flag || x.Role == ir.Spiked) && f != 0 && f != 1 {
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

// Resize takes another number of instances; variables are as in a new engine.
func (e *Engine) Resize(instances int) error {
	if e.vars == nil {
		return errClosed
	}
	if instances < 1 {
		return fmt.Errorf("cpuref: %d instances, at least 1 is needed", instances)
	}
	counters := e.counters
	*e = *newEngine(e.code, instances)
	e.counters = counters
	return nil
}

// Counters are what this engine has done since it was built: one program
// built, a dispatch for each slice, and 8 bytes for each number that Write took
// or Read gave. Spikes and records that Run hands on are where they are used
// and move no bytes.
func (e *Engine) Counters() ir.Counters { return e.counters }

// Close gives the arrays back.
func (e *Engine) Close() error {
	e.vars, e.saved = nil, nil
	return nil
}
