package network

import (
	"fmt"

	"gpusim/model"
	"gpusim/model/ir"
)

// Network is a network file on a device: compiled once, then set, run, read
// and reset as often as wanted. It is used by one goroutine at a time; other
// networks, of the same file or on the same device too, may be used by others.
//
// Values that are set, and the messages of a rebuild that they need, take
// effect at the next Run, Get or other call that needs the device.
type Network struct {
	file *model.File // a copy
	dev  Device
	opts Options

	instances int
	seeds     []uint64 // one, or one an instance
	objects   []*object
	slots     map[string]*slot // those with a name for Set and Get, but inputs
	order     []*slot
	inputs    []*slot // in file order, then those that were added
	dropped   []*slot // inputs of the file

	built   *build            // nil before the first
	dirty   bool              // something was set since the device last had all of it
	pending map[string]*value // states set after the first step, for the device
	past    Counters          // of engines that are closed
	bear    bool              // values that are not finite are noted, not refused
	closed  bool
	unequal map[string]bool // while it is built from a checkpoint: build.unequal of that

	startStep int64 // where Reset sets the clock
	origin    int64 // the step that samples of inputs count from
	startMs   float64
	step      int64
	clock     float64 // ms; step is the step of it
	started   bool    // a step was done since the start or the last Reset
	hidden    map[*model.Record]bool

	// What was set by the user, beside slots.
	seedSet, startSet bool
	recordsSet        map[string]bool // objects
	computed          int64           // bytes of the slots' values that were computed
}

// Options are those of Compile. The zero value is one instance.
type Options struct {
	// Instances is the number of independent copies of the network; 0 is 1.
	Instances int
	// PerSynapse asks for the plain form: state a synapse, sums a synapse.
	PerSynapse bool
	// Note is called with remarks for the user: why the network is rebuilt.
	// Nil discards them.
	Note func(msg string)
	// Progress is called during a run, after each slice, with the steps done
	// and the steps of the run. It is called by the goroutine that runs, and may
	// cancel the run's context; it must not use the network.
	Progress func(done, total int)
	// Record asks for recordings beside those of the file.
	Record []Extra
}

// Extra is a recording beside those of the file, of a state, quantity or input of
// an object.
type Extra struct {
	Object string // population or projection
	Record model.Record
}

// Compile builds the network of a file on a device and writes its starting
// values. Nil options are the zero ones. The file is not changed and may be used
// again; the device is not closed with the network. An error that a value of the
// file leads to has its place in the file; more than fits the device is
// ErrTooLarge.
func Compile(f *model.File, dev Device, opts *Options) (*Network, error) {
	n, err := prepare(f, dev, opts)
	if err != nil {
		return nil, err
	}
	if err := n.sync(); err != nil {
		return nil, err
	}
	return n, nil
}

// prepare makes a network that is built when it is first used.
func prepare(f *model.File, dev Device, opts *Options) (*Network, error) {
	if f == nil || dev == nil {
		return nil, errNoFile
	}
	if err := model.NotBuilt(f); err != nil {
		return nil, err
	}
	n := &Network{file: copyFile(f), dev: dev, slots: map[string]*slot{}, pending: map[string]*value{},
		seeds: []uint64{f.Run.Seed}, dirty: true, hidden: map[*model.Record]bool{}, recordsSet: map[string]bool{}}
	if opts != nil {
		n.opts = *opts
	}
	n.instances = max(1, n.opts.Instances)
	n.clock, n.startMs = f.Run.Start, f.Run.Start
	n.step = model.StepOf(n.clock, f.Dt)
	n.startStep, n.origin = n.step, n.step
	if err := n.addObjects(); err != nil {
		return nil, err
	}
	for k, in := range n.file.Inputs {
		s, err := n.newInput(in)
		if err != nil {
			return nil, err
		}
		s.number = k
		n.inputs = append(n.inputs, s)
	}
	for _, x := range n.opts.Record {
		if err := n.addRecord(x); err != nil {
			return nil, err
		}
	}
	n.addHiddenRecords()
	return n, nil
}

func (n *Network) addObjects() error {
	for _, c := range n.file.Constants {
		n.addSlot(&slot{name: c.Name, kind: constantSlot, at: c.At, expr: c.Expr})
	}
	byPop := map[*model.Population]*object{}
	for _, p := range n.file.Populations {
		o := &object{name: p.Name, pop: p}
		byPop[p] = o
		if err := n.addObject(o, p.Model, p.Parameters, p.Init); err != nil {
			return err
		}
	}
	for _, p := range n.file.Projections {
		o := &object{name: p.Name, proj: p, ends: n.endsOf(p), from: byPop[p.From], to: byPop[p.To]}
		if err := n.addObject(o, p.Model, p.Parameters, p.Init); err != nil {
			return err
		}
	}
	return nil
}

func (n *Network) note(format string, args ...any) {
	if n.opts.Note != nil {
		n.opts.Note(fmt.Sprintf(format, args...))
	}
}

// Close frees what the network has on the device. Closing twice is no error;
// every other call after it is ErrClosed.
func (n *Network) Close() error {
	if n.closed {
		return nil
	}
	n.closed = true
	if n.built == nil {
		return nil
	}
	n.past = n.Counters()
	eng := n.built.eng
	n.built = nil
	return eng.Close()
}

// Instances is the number of copies of the network.
func (n *Network) Instances() int { return n.instances }

// Step is the step that the next run begins with, counted from time 0.
func (n *Network) Step() int64 { return n.step }

// Dt is the length of a step in ms.
func (n *Network) Dt() float64 { return n.file.Dt }

// Rebuilds is how often the network was built anew since Compile.
func (n *Network) Rebuilds() int { return n.past.Rebuilds }

// Counters count the work done on the device since Compile, in all builds:
// programs, dispatches, bytes each way.
func (n *Network) Counters() Counters {
	c := n.past
	if n.built != nil {
		c = c.Add(n.built.eng.Counters())
	}
	return c
}

// Plan says how the network runs on the device, a line a fact.
func (n *Network) Plan() []string {
	if n.built == nil {
		return nil
	}
	return n.built.eng.Plan()
}

// Program is the step program as last built, for readers.
func (n *Network) Program() *ir.Program {
	if n.built == nil {
		return nil
	}
	return n.built.prog
}

// Info describes the device.
func (n *Network) Info() DeviceInfo { return n.dev.Info() }
