package network

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gpusim/measure"
	"gpusim/model"
)

// Mode says how the points of a sweep are run.
type Mode uint8

// The modes of a sweep. Their results are equal bit for bit.
const (
	Batch  Mode = iota // all points in one launch, an instance each
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

// SweepPoints lists the points of a sweep: the grid of its axes in file order,
// the last varying fastest, or with Zip the axes side by side.
func SweepPoints(s *model.Sweep) (names []string, points [][]float64) {
	if s == nil {
		return nil, nil
	}
	for _, a := range s.Axes {
		names = append(names, a.Name)
	}
	if len(s.Axes) == 0 {
		return nil, nil
	}
	if s.Zip {
		count := len(s.Axes[0].Values)
		for _, a := range s.Axes {
			count = min(count, len(a.Values))
		}
		for i := range count {
			var p []float64
			for _, a := range s.Axes {
				p = append(p, a.Values[i])
			}
			points = append(points, p)
		}
		return names, points
	}
	points = [][]float64{nil}
	for _, a := range s.Axes {
		var next [][]float64
		for _, p := range points {
			for _, v := range a.Values {
				next = append(next, append(p[:len(p):len(p)], v))
			}
		}
		points = next
	}
	return names, points
}

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
	w.out.Instances = 1
	if w.opts.Mode == Batch {
		w.out.Instances = len(w.points)
	}
	begin := time.Now()
	o := &Options{Instances: w.out.Instances, Note: w.opts.Note, PerSynapse: w.opts.PerSynapse}
	if w.opts.Progress != nil {
		o.Progress = w.progress
	}
	n, err := prepare(f, dev, o)
	if err != nil {
		return nil, err
	}
	w.net = n
	n.bear = true
	if w.opts.Mode == Batch {
		err = w.setAll()
	} else {
		err = w.setPoint(0)
	}
	if err == nil {
		err = n.sync()
	}
	if err != nil {
		return nil, errors.Join(err, n.Close())
	}
	w.out.BuildSeconds = time.Since(begin).Seconds()
	w.out.Plan = n.Plan()

	begin = time.Now()
	if w.opts.Mode == Batch {
		err = w.batch(ctx)
	} else {
		err = w.repeat(ctx)
	}
	w.out.RunSeconds = time.Since(begin).Seconds()
	w.out.Counters = n.Counters()
	if e := n.Close(); e != nil {
		err = errors.Join(err, e)
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
	out    *SweepResult
	before int // points done
	within int // steps done of the point in hand, in pieces before this one
}

func (w *sweep) progress(done, _ int) {
	total := w.steps()
	done += w.within
	if w.opts.Mode == Repeat {
		done, total = w.before*total+done, len(w.points)*total
	}
	w.opts.Progress(done, total)
}

// setAll gives each instance its point.
func (w *sweep) setAll() error {
	for a, name := range w.out.Names {
		var column []float64
		for _, p := range w.points {
			column = append(column, p[a])
		}
		if err := w.net.SetInstances(name, column); err != nil {
			return err
		}
	}
	return nil
}

func (w *sweep) setPoint(k int) error {
	for a, name := range w.out.Names {
		if err := w.net.Set(name, w.points[k][a]); err != nil {
			return err
		}
	}
	return nil
}

// steps is the number of steps of the file's run.
func (w *sweep) steps() int {
	run := w.file.Run
	return int(model.StepOf(run.Start+run.Duration, w.file.Dt) - model.StepOf(run.Start, w.file.Dt))
}

func (w *sweep) batch(ctx context.Context) error {
	r, err := w.run(ctx)
	if r == nil {
		return err
	}
	w.out.Steps = r.Steps
	for k := range w.points {
		if e := w.add(k, r.instance(k), w.net.badStart(k)); e != nil {
			return e
		}
	}
	return err
}

func (w *sweep) repeat(ctx context.Context) error {
	for k := range w.points {
		if k > 0 {
			if err := w.net.Reset(); err != nil {
				return err
			}
			if err := w.setPoint(k); err != nil {
				return err
			}
		}
		r, err := w.run(ctx)
		if err != nil {
			return err // a point that was not finished is left out
		}
		if err := w.add(k, r, w.net.badStart(0)); err != nil {
			return err
		}
		w.out.Steps = r.Steps
		w.before++
	}
	return nil
}

// run does the steps of the file's run, in pieces. What it returns is what was
// done, also where there is an error.
func (w *sweep) run(ctx context.Context) (all *Result, err error) {
	if err := w.net.sync(); err != nil {
		return nil, err
	}
	total, pieces := w.steps(), max(1, w.opts.Pieces)
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
	case r.Steps < w.steps():
		p.Status, p.Detail = StatusInterrupted, fmt.Sprintf("interrupted after %d of %d steps", r.Steps, w.steps())
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
