package network

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"gpusim/measure"
	"gpusim/model"
)

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

// batch is points that run side by side, and what they leave. It is the host's,
// which reads of the network only what does not change while that goes on.
type batch struct {
	file   *model.File
	points []int
	values [][]float64 // of points
	view   *Network    // a copy, to decode by
	fold   *fold
	keeper *keeper
	result *Result      // the keeper's
	plan   []string     // that it ran by; nil where the last of a full size says it
	bad    []string     // of each point, what does not start finite
	bytes  atomic.Int64 // about what result takes
}

// newBatch is the batch that the network is prepared for.
func (w *sweep) newBatch(points []int) *batch {
	b := &batch{file: w.file, points: points, view: w.net.view(), fold: w.net.newFold()}
	b.keeper = b.view.newKeeper(b.fold)
	b.result = b.keeper.r
	for i, k := range points {
		b.values = append(b.values, w.points[k])
		b.bad = append(b.bad, w.net.badStart(i))
	}
	return b
}

// collect adds what a slice left.
func (b *batch) collect(s *Slice) error {
	if err := b.keeper.expect(s); err != nil {
		return err
	}
	for k, bad := range s.Bad {
		if x := &b.result.Instances[k]; bad != nil && x.Bad == nil {
			x.Bad = b.view.nonFinite(bad)
		}
	}
	err := b.view.hand(s, b.keeper)
	b.bytes.Store(int64(resultBytes(b.result)))
	return err
}

// hand measures the points of a batch and hands them out.
func (w *sweep) hand(b *batch) error {
	w.handled = len(b.points)
	if b.plan != nil || w.out.Plan == nil {
		w.out.Instances, w.out.Plan = len(b.points), b.plan
	}
	b.fold.finish(b.result)
	points, err := b.measure()
	if err != nil {
		return err
	}
	for i, p := range points {
		if w.opts.Keep != nil && p.Status != StatusInterrupted {
			w.opts.Keep(b.points[i], b.result.instance(i))
		}
		if w.opts.Each == nil {
			w.out.Points, w.kept = append(w.out.Points, p), append(w.kept, b.points[i])
		} else if err := w.opts.Each(b.points[i], p); err != nil {
			return err
		}
		w.done++
	}
	if w.opts.Flush != nil {
		return w.opts.Flush()
	}
	return nil
}

// setPoints gives the instances points: for each the values of the names. Instances
// beyond the last point have its values.
func (n *Network) setPoints(names []string, points [][]float64) error {
	for a, name := range names {
		column := make([]float64, n.instances)
		for k := range column {
			column[k] = points[min(k, len(points)-1)][a]
		}
		if err := n.SetInstances(name, column); err != nil {
			return err
		}
	}
	return nil
}

// measure measures all points, on all processors.
func (b *batch) measure() ([]Point, error) {
	points, errs := make([]Point, len(b.points)), make([]error, len(b.points))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(len(points), runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(points); i = int(next.Add(1)) - 1 {
				points[i], errs[i] = b.point(i)
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return points, nil
}

// point measures a point.
func (b *batch) point(i int) (Point, error) {
	return newPoint(b.file, b.values[i], b.result.instance(i), b.file.Steps(), b.bad[i])
}

// newPoint measures a point that was to run for a number of steps; r is the result of
// its instance alone, and bad what is not finite at its start.
func newPoint(f *model.File, values []float64, r *Result, steps int, bad string) (Point, error) {
	x := &r.Instances[0]
	p := Point{Values: values, Status: StatusOK}
	if bad == "" && x.Bad != nil {
		bad = x.Bad.Error()
	}
	if bad != "" && x.Bad == nil {
		x.Bad = &NonFinite{Name: bad, Step: r.First, Ms: float64(r.First) * r.Dt, atStart: true}
	}
	switch {
	case bad != "":
		p.Status, p.Detail = StatusNaN, bad
	case r.Steps < steps:
		p.Status, p.Detail = StatusInterrupted, fmt.Sprintf("interrupted after %d of %d steps", r.Steps, steps)
	}
	for i := range x.Spikes {
		t := &x.Spikes[i]
		p.Spikes = append(p.Spikes, len(t.Steps))
		hz, _ := measure.RateHz(int64(len(t.Steps)), t.Size, int64(r.Steps), r.Dt)
		p.RateHz = append(p.RateHz, hz)
	}
	var err error
	p.Measures, err = Measure(f, r, 0)
	return p, err
}
