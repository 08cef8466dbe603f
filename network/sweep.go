package network

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gpusim/measure"
	"gpusim/model"
	"gpusim/model/ir"
)

// Mode says how the points of a sweep are run.
type Mode uint8

// The modes of a sweep. Their results are equal bit for bit.
const (
	Batch  Mode = iota // all points in one launch, an instance each; as many as fit the device
	Repeat             // one after another on the compiled network, Reset between
)

// SweepOptions are those of Sweep. The zero value is a batch.
type SweepOptions struct {
	Mode Mode
	// Note is called with remarks for the user.
	Note func(msg string)
	// Keep is called with the result of each point, of one instance.
	Keep func(point int, r *Result)
	// Progress is called with the steps done and the steps to do; a batch
	// does the steps of all its points at once.
	Progress func(done, total int)
	// PerSynapse asks for the plain form.
	PerSynapse bool
	// Pieces runs each point in that many pieces that carry state on; 0 is 1.
	// Piece k of n steps does step k n/Pieces to (k+1) n/Pieces - 1.
	Pieces int
}

// SweepResult is what a sweep left.
type SweepResult struct {
	Names        []string // of what was swept
	Points       []Point  // in grid order; those done
	Counters     Counters
	Instances    int
	Steps        int // of each point
	BuildSeconds float64
	RunSeconds   float64
	Plan         []string
}

// Point is one point of a sweep.
type Point struct {
	Values   []float64 // of Names
	Measures []MeasureValue
	Spikes   []int     // of each population
	RateHz   []float64 // of each population
	Status   string    // ok, nan where a state is not finite, or interrupted
	Detail   string    // why
}

// The statuses of a point.
const (
	StatusOK          = "ok"
	StatusNaN         = "nan"
	StatusInterrupted = "interrupted" // its numbers are those of the steps that were done
)

// Sweep runs the file at all points of its sweep. When the context is
// cancelled it gives the points that were done, or in a batch all of them as
// far as they came, with the context's error.
func Sweep(ctx context.Context, f *model.File, dev Device, opts *SweepOptions) (*SweepResult, error) {
	w := &sweep{file: f, out: &SweepResult{}}
	if opts != nil {
		w.opts = *opts
	}
	w.out.Names, w.points = SweepPoints(f.Sweep)
	if len(w.points) == 0 {
		return nil, errors.New("the file has no sweep")
	}
	w.size = 1
	if w.opts.Mode == Batch {
		w.size = len(w.points)
	}
	begin := time.Now()
	// A batch that does not fit the device is halved until it does.
	err := w.build(dev)
	for errors.Is(err, ir.ErrTooLarge) && w.size > 1 {
		w.size = (w.size + 1) / 2
		err = w.build(dev)
	}
	if err != nil {
		return nil, err
	}
	w.out.BuildSeconds = time.Since(begin).Seconds()

	begin = time.Now()
	err = w.runAll(ctx)
	// Nor one whose spikes do not fit this machine's memory.
	for errors.Is(err, ir.ErrTooLarge) && w.size > 1 {
		w.size = (w.size + 1) / 2
		if err = w.close(); err == nil {
			err = w.build(dev)
		}
		if err == nil {
			err = w.runAll(ctx)
		}
	}
	w.out.Instances, w.out.Plan = w.size, w.net.Plan()
	w.out.RunSeconds = time.Since(begin).Seconds()
	if e := w.close(); err == nil {
		err = e
	}
	if err != nil && !IsCancelled(err) {
		return nil, err
	}
	return w.out, err
}

// sweep is a sweep being run.
type sweep struct {
	file   *model.File
	opts   SweepOptions
	net    *Network
	points [][]float64
	size   int // points side by side
	out    *SweepResult
	before int // points done
	within int // steps done of the point in hand, in pieces before this one
}

// close closes the network and keeps what it counted.
func (w *sweep) close() error {
	w.out.Counters = addCounters(w.out.Counters, w.net.Counters())
	return w.net.Close()
}

// progress counts the steps of all launches.
func (w *sweep) progress(done, _ int) {
	launches := (len(w.points) + w.size - 1) / w.size
	w.opts.Progress(w.before/w.size*w.file.Steps()+w.within+done, launches*w.file.Steps())
}

// build makes a network of as many instances as points run side by side, at
// the first points.
func (w *sweep) build(dev Device) error {
	o := &Options{Instances: w.size, Note: w.opts.Note, PerSynapse: w.opts.PerSynapse}
	if w.opts.Progress != nil {
		o.Progress = w.progress
	}
	n, err := prepare(w.file, dev, o)
	if err != nil {
		return err
	}
	n.bear = true
	w.net = n
	if err = w.set(0); err == nil {
		err = n.sync()
	}
	if err == nil {
		err = n.checkRows(w.file.Steps(), true)
	}
	if err != nil {
		_ = n.Close() // of a device that has failed, which is the error
		return err
	}
	return nil
}

// set gives the instances the points from the given one on. Instances beyond
// the last point have the last point's values.
func (w *sweep) set(first int) error {
	for a, name := range w.out.Names {
		if w.opts.Mode == Repeat {
			if err := w.net.Set(name, w.points[first][a]); err != nil {
				return err
			}
			continue
		}
		column := make([]float64, w.size)
		for k := range column {
			column[k] = w.points[min(first+k, len(w.points)-1)][a]
		}
		if err := w.net.SetInstances(name, column); err != nil {
			return err
		}
	}
	return nil
}

// runAll runs launch after launch. Of one that was cut short, a batch keeps
// the points as far as they came; a single point is left out.
func (w *sweep) runAll(ctx context.Context) error {
	for w.before < len(w.points) {
		if w.before > 0 {
			if err := w.net.Reset(); err != nil {
				return err
			}
			if err := w.set(w.before); err != nil {
				return err
			}
		}
		r, err := w.run(ctx)
		if r == nil || err != nil && (w.opts.Mode == Repeat || !IsCancelled(err)) {
			return err
		}
		w.out.Steps = r.Steps
		for k := 0; k < w.size && w.before+k < len(w.points); k++ {
			if e := w.add(w.before+k, r.instance(k), w.net.badStart(k)); e != nil {
				return e
			}
		}
		if err != nil {
			return err
		}
		w.before += w.size
	}
	return nil
}

// run does the steps of the file's run, in pieces. What it returns is what was
// done, also where there is an error.
func (w *sweep) run(ctx context.Context) (all *Result, err error) {
	if err := w.net.sync(); err != nil {
		return nil, err
	}
	total, pieces := w.file.Steps(), max(1, w.opts.Pieces)
	f := w.net.newFold(total)
	w.within = 0
	for k := 0; k < pieces && err == nil; k++ {
		stop := total / pieces * (k + 1) // without overflow: total*(k+1)/pieces
		stop += total % pieces * (k + 1) / pieces
		var r *Result
		if r, err = w.net.run(ctx, stop-w.within, f); r == nil {
			break
		}
		if w.within = stop; all == nil {
			all = r
		} else {
			all.Append(r)
		}
		if err == nil {
			err = w.net.Fits(all)
		}
	}
	if all != nil {
		f.finish(all)
	}
	return all, err
}

// add measures a point, which r is the result of.
func (w *sweep) add(k int, r *Result, bad string) error {
	x := &r.Instances[0]
	p := Point{Values: w.points[k], Status: StatusOK}
	if bad == "" && x.Bad != nil {
		bad = x.Bad.Error()
	}
	if bad != "" && x.Bad == nil {
		x.Bad = &NonFinite{Name: bad, Step: r.First, Ms: float64(r.First) * r.Dt, atStart: true}
	}
	switch {
	case bad != "":
		p.Status, p.Detail = StatusNaN, bad
	case r.Steps < w.file.Steps():
		p.Status, p.Detail = StatusInterrupted, fmt.Sprintf("interrupted after %d of %d steps", r.Steps, w.file.Steps())
	}
	for i := range x.Spikes {
		t := &x.Spikes[i]
		p.Spikes = append(p.Spikes, len(t.Steps))
		hz, _ := measure.RateHz(int64(len(t.Steps)), t.Size, int64(r.Steps), r.Dt)
		p.RateHz = append(p.RateHz, hz)
	}
	var err error
	if p.Measures, err = Measure(w.file, r, 0); err != nil {
		return err
	}
	if w.opts.Keep != nil {
		w.opts.Keep(k, r)
	}
	w.out.Points = append(w.out.Points, p)
	return nil
}
