package network

import (
	"context"
	"errors"
	"time"

	"gpusim/model"
	"gpusim/model/ir"
)

// Evaluator runs a file at points that are found as it goes, those of a search
// for one: a network that is compiled once, with an instance for each point
// that runs at the same time.
type Evaluator struct {
	file  *model.File
	dev   Device
	names []string
	opts  EvaluatorOptions
	size  int      // points side by side
	net   *Network // nil before the first launch
	past  Counters // of networks that were too large

	// Launches counts the times that the network ran.
	Launches int
	// BuildSeconds and RunSeconds are what compiling and running took.
	BuildSeconds, RunSeconds float64
}

// EvaluatorOptions are those of NewEvaluator.
type EvaluatorOptions struct {
	// Instances is how many points run side by side, as far as the device and
	// the memory allow it: it is halved until they do. 0 is 1.
	Instances int
	// Note is called with remarks for the user.
	Note func(msg string)
	// Progress is called during Run with the steps done and those to do;
	// points that run side by side do their steps at once.
	Progress func(done, total int)
}

// NewEvaluator prepares to run a file at points of the names given, which are
// those that Network.Set takes. Nothing is recorded but what measures need. The
// network is compiled when the first points are there.
func NewEvaluator(f *model.File, dev Device, names []string, opts EvaluatorOptions) *Evaluator {
	c := copyFile(f)
	for _, p := range c.Populations {
		p.Record = nil
	}
	for _, p := range c.Projections {
		p.Record = nil
	}
	return &Evaluator{file: c, dev: dev, names: names, opts: opts, size: max(1, opts.Instances)}
}

// Run gives what the file's run comes to at each of the points: a list of the
// values of the names. The results depend neither on how many there are nor on
// the points before. Where there is an error, that of the context too, it gives
// the points whose launch was done.
func (e *Evaluator) Run(ctx context.Context, points [][]float64) ([]Point, error) {
	var out []Point
	for len(out) < len(points) {
		rest := points[len(out):]
		if e.net != nil {
			if err := e.again(rest); err != nil {
				return out, err
			}
		}
		got, err := e.launch(ctx, rest, len(out), len(points))
		if errors.Is(err, ir.ErrTooLarge) && e.size > 1 {
			if err := e.Close(); err != nil {
				return out, err
			}
			e.size = (e.size + 1) / 2
			continue
		}
		if err != nil {
			return out, err
		}
		out = append(out, got...)
	}
	return out, nil
}

// build compiles the network at the first of the points.
func (e *Evaluator) build(points [][]float64) error {
	begin := time.Now()
	defer func() { e.BuildSeconds += time.Since(begin).Seconds() }()
	n, err := prepare(e.file, e.dev, &Options{Instances: e.size, Note: e.opts.Note})
	if err != nil {
		return err
	}
	n.bear = true
	e.net = n
	if err = e.net.setPoints(e.names, points); err == nil {
		err = n.sync()
	}
	if err == nil {
		err = n.checkRows(e.file.Steps(), true)
	}
	if err != nil {
		_ = e.Close() // of a device that has failed, which is the error
	}
	return err
}

// again takes the network back to its start, at other points.
func (e *Evaluator) again(points [][]float64) error {
	if err := e.net.Reset(); err != nil {
		return err
	}
	return e.net.setPoints(e.names, points)
}

// launch runs the first of the points, as many as run side by side, before
// which done of total were run.
func (e *Evaluator) launch(ctx context.Context, points [][]float64, done, total int) ([]Point, error) {
	if e.net == nil {
		if err := e.build(points); err != nil {
			return nil, err
		}
	}
	begin := time.Now()
	defer func() { e.RunSeconds += time.Since(begin).Seconds() }()
	steps := e.file.Steps()
	if e.opts.Progress != nil {
		launches := (total + e.size - 1) / e.size
		before := done / e.size * steps
		e.net.opts.Progress = func(at, _ int) { e.opts.Progress(before+at, launches*steps) }
	}
	if err := e.net.sync(); err != nil {
		return nil, err
	}
	f := e.net.newFold()
	e.Launches++
	r, err := e.net.run(ctx, steps, f)
	if err != nil {
		return nil, err
	}
	f.finish(r)
	if err := e.net.Fits(r); err != nil {
		return nil, err
	}
	var out []Point
	for k := range min(e.size, len(points)) {
		p, err := newPoint(e.file, points[k], r.instance(k), steps, e.net.badStart(k))
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// Instances is how many points run side by side.
func (e *Evaluator) Instances() int { return e.size }

// Counters count the work done on the device.
func (e *Evaluator) Counters() Counters {
	if e.net == nil {
		return e.past
	}
	return e.past.Add(e.net.Counters())
}

// Plan says how the network runs on the device, a line a fact.
func (e *Evaluator) Plan() []string {
	if e.net == nil {
		return nil
	}
	return e.net.Plan()
}

// Close frees what the network has on the device. A later Run builds it anew.
func (e *Evaluator) Close() error {
	if e.net == nil {
		return nil
	}
	err := e.net.Close()
	e.past = e.past.Add(e.net.Counters())
	e.net = nil
	return err
}
