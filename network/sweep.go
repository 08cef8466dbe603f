package network

import (
	"context"
	"errors"
	"slices"
	"time"

	"gpusim/model"
	"gpusim/model/ir"
)

// Mode says how the points of a sweep are run.
type Mode uint8

// The modes of a sweep. Their results are equal bit for bit.
const (
	Batch  Mode = iota // many points in one launch, an instance each
	Repeat             // one after another on the compiled network, Reset between
)

// SweepOptions are those of Sweep. The zero value is a sweep of all points in
// batches.
type SweepOptions struct {
	Mode Mode
	// Only are the points to do, ascending; nil: all.
	Only []int
	// Batch is the number of points side by side; 0 lets the sweep choose, by
	// what fits and by measuring how many keep the device busy. Fewer are taken
	// where so many do not fit. No result depends on it.
	Batch int
	// Note is called with remarks for the user.
	Note func(msg string)
	// Keep is called with the result of each point that ran to its end, of one
	// instance.
	Keep func(point int, r *Result)
	// Each is called with each point as its batch is done, in ascending order of
	// those of one structure; the points are then not kept for the SweepResult.
	// Flush is called after the last of a batch. An error of either ends the sweep.
	//
	// Keep, Each and Flush are called one at a time, by another goroutine than
	// Sweep's, and not after Sweep has returned.
	Each  func(point int, p Point) error
	Flush func() error
	// Progress is called with the steps done and the steps to do, of all points.
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
	Points       []Point  // in grid order; those done, where there is no Each
	Counters     Counters
	Instances    int // points of a batch
	Steps        int // of each point, by the file as it stands
	BuildSeconds float64
	RunSeconds   float64
	Plan         []string
}

// Sweep runs the file at the points of its sweep. When the context is
// cancelled it gives the points that were done, of a batch all of its points as
// far as they came, with the context's error.
//
// The points of a batch are measured and handed out beside the next one, so
// that memory holds two batches at most, however many points there are.
func Sweep(ctx context.Context, f *model.File, dev Device, opts *SweepOptions) (*SweepResult, error) {
	w := &sweep{base: f, dev: dev, out: &SweepResult{Steps: f.Steps()}}
	if opts != nil {
		w.opts = *opts
	}
	w.out.Names, w.points = SweepPoints(f.Sweep)
	if len(w.points) == 0 {
		return nil, errors.New("the file has no sweep")
	}
	if err := w.chooseTodo(); err != nil {
		return nil, err
	}
	w.host = newBeside()
	begin := time.Now()
	err := w.runGroups(ctx)
	w.host.stop()
	w.out.RunSeconds = time.Since(begin).Seconds() - w.out.BuildSeconds
	w.sort()
	if err != nil && !IsCancelled(err) {
		return nil, err
	}
	return w.out, err
}

// sweep is a sweep being run.
type sweep struct {
	base   *model.File
	dev    Device
	opts   SweepOptions
	points [][]float64
	all    []int // to do, of points
	host   *beside
	kept   []int // where there is no Each, the points that out has, in the order in which they were done
	out    *SweepResult
	shown  int // of progress
	before int // points of groups that are done

	// Of the group of points in hand, which have one structure.
	file  *model.File
	given []int    // the numbers of a point that its instance is given
	net   *Network // nil before the first batch, and where one did not fit
	todo  []int    // of points
	size  batchSize
	begun int // of todo, those that the device has done or is at
	tried int // points of the batch that the device is at

	// The host's, until it was waited for.
	done    int // of todo, those that it is done with
	handled int // points of the batch that it is at
}

// sort brings the points that were kept into grid order.
func (w *sweep) sort() {
	points := make([]Point, len(w.kept))
	for to, from := range sortedBy(w.kept) {
		points[to] = w.out.Points[from]
	}
	if w.kept != nil {
		w.out.Points = points
	}
}

// sortedBy lists the indices of numbers in the order of the numbers.
func sortedBy(numbers []int) []int {
	list := make([]int, len(numbers))
	for i := range list {
		list[i] = i
	}
	slices.SortFunc(list, func(i, j int) int { return numbers[i] - numbers[j] })
	return list
}

// close closes the network and keeps what it counted.
func (w *sweep) close() error {
	if w.net == nil {
		return nil
	}
	w.out.Counters = w.out.Counters.Add(w.net.Counters())
	net := w.net
	w.net = nil
	return net.Close()
}

// runAll runs batch after batch. One that does not fit is halved, and what was
// not handed out is done again.
func (w *sweep) runAll(ctx context.Context) error {
	for w.begun < len(w.todo) {
		err := ctx.Err()
		if err == nil {
			err = w.batch(ctx)
		}
		if err != nil || w.begun == len(w.todo) {
			// The host's error is the earlier one.
			if e := w.host.wait(); e != nil {
				err, w.tried = e, w.handled
			}
		}
		if errors.Is(err, ir.ErrTooLarge) && w.size.halve(w.tried) {
			w.begun = w.done
			err = w.close()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// batch runs the next points, and leaves it to the host to measure them. Of a
// launch that was cut short, a batch keeps the points as far as they came; a
// single point is left out.
func (w *sweep) batch(ctx context.Context) error {
	points := w.todo[w.begun:]
	points = points[:min(w.size.size, len(points))]
	w.tried = len(points)
	if err := w.prepare(points); err != nil {
		return err
	}
	b := w.newBatch(points)
	begin := time.Now()
	err := w.run(ctx, b)
	if err != nil && (w.opts.Mode == Repeat || !IsCancelled(err)) {
		return err
	}
	if w.begun == 0 || len(points) == w.size.size { // not of those that were left at the end
		b.plan = slices.Clone(w.net.Plan())
	}
	if e := w.host.do(func() error { return w.hand(b) }); e != nil {
		return e
	}
	if err != nil {
		return err
	}
	if float64(b.bytes.Load()) > b.view.memory()/4 {
		err = w.host.wait() // the next one beside it would be too much
	}
	w.begun += len(points)
	w.size.took(len(points), time.Since(begin))
	return err
}

// prepare makes the network one of as many instances as points, and gives it
// their values.
func (w *sweep) prepare(points []int) error {
	if w.net == nil {
		begin := time.Now()
		err := w.build(points)
		w.out.BuildSeconds += time.Since(begin).Seconds()
		return err
	}
	if len(points) != w.net.instances {
		err := w.net.resize(len(points))
		if err == nil {
			err = w.set(points)
		}
		if err == nil {
			err = w.net.restart()
		}
		if err == nil {
			err = w.net.checkRows(w.file.Steps(), true)
		}
		return err
	}
	if err := w.net.Reset(); err != nil {
		return err
	}
	if err := w.set(points); err != nil {
		return err
	}
	return w.net.sync()
}

// build makes the network.
func (w *sweep) build(points []int) error {
	n, err := prepare(w.file, w.dev, &Options{Instances: len(points), Note: w.opts.Note, PerSynapse: w.opts.PerSynapse})
	if err != nil {
		return err
	}
	n.bear = true
	w.net = n
	if err = w.set(points); err == nil {
		err = n.sync()
	}
	if err == nil {
		err = n.checkRows(w.file.Steps(), true)
	}
	if err != nil {
		w.net = nil
		_ = n.Close() // of a device that has failed, which is the error
	}
	return err
}

// set gives the instances the values of points.
func (w *sweep) set(points []int) error {
	for _, a := range w.given {
		name := w.out.Names[a]
		if w.opts.Mode == Repeat {
			if err := w.net.Set(name, w.points[points[0]][a]); err != nil {
				return err
			}
			continue
		}
		column := make([]float64, len(points))
		for i, k := range points {
			column[i] = w.points[k][a]
		}
		if err := w.net.SetInstances(name, column); err != nil {
			return err
		}
	}
	return nil
}

// run does the steps of the file's run, in pieces; the host collects what they
// leave.
func (w *sweep) run(ctx context.Context, b *batch) error {
	total, pieces := w.file.Steps(), max(1, w.opts.Pieces)
	done := 0
	for k := range pieces {
		stop := total / pieces * (k + 1) // without overflow: total*(k+1)/pieces
		stop += total % pieces * (k + 1) / pieces
		n, err := w.net.steps(ctx, stop-done, func(s *Slice) error {
			err := w.host.do(func() error {
				w.handled = len(b.points)
				return b.collect(s)
			})
			w.progress(len(b.points), int(s.First-b.result.First)+s.Steps)
			return err
		})
		done += n
		if err != nil {
			return err
		}
	}
	return nil
}

// progress says how many steps are done; steps are those of the batch in hand.
// Where the structure changes how many a point has, they are counted as the
// file's own.
func (w *sweep) progress(points, steps int) {
	if w.opts.Progress == nil {
		return
	}
	each := w.base.Steps()
	if n := w.file.Steps(); n != each {
		steps = int(float64(steps) * float64(each) / float64(n))
	}
	w.shown = max(w.shown, (w.before+w.begun)*each+points*steps) // it goes back where a batch does not fit
	w.opts.Progress(w.shown, len(w.all)*each)
}
