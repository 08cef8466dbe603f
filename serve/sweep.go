package serve

import (
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/network"
)

// warm is a compiled network of several instances, kept for the next sweep of
// as many points.
type warm struct {
	points int // that it was made for
	size   int // instances; fewer than the points where they do not fit
	copies *network.Copies
}

// The most networks that are kept for sweeps, and points of one sweep.
const (
	maxWarm   = 4
	maxPoints = 1 << 20
)

// sweep runs all points side by side, each from the start.
func (s *session) sweep(j *job) (object, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	f := j.fields
	values, err := s.given(f, "set")
	if err != nil {
		return nil, err
	}
	w, err := s.wants(f)
	if err != nil {
		return nil, err
	}
	grid, err := s.axes(f)
	if err != nil {
		return nil, err
	}
	steps := s.span(f).of(s.file)
	if err := f.end(); err != nil {
		return nil, err
	}
	undo, err := s.setAll(values)
	if err != nil {
		return nil, err
	}
	defer undo()
	began := time.Now()
	names, points := network.SweepPoints(grid)
	out, err := s.runPoints(j.ctx, names, points, steps, w)
	status := network.StatusOK
	if network.IsCancelled(err) {
		status, err = network.StatusInterrupted, nil
	}
	if err != nil {
		return nil, faultOf(err, "points")
	}
	return out.json(s.file, status, time.Since(began)), nil
}

// axes reads what is swept: names, each with its values; without any, the
// sweep of the file.
func (s *session) axes(f *fields) (*model.Sweep, error) {
	o, zip := f.object("points"), f.boolean("zip", false)
	if f.wrong != nil {
		return nil, f.wrong
	}
	if o == nil {
		if zip {
			f.reject("zip", "it goes with points")
		}
		if s.file.Sweep == nil {
			f.reject("points", "the file has no sweep: give names, each with its values")
		}
		if f.wrong != nil {
			return nil, f.wrong
		}
		return s.file.Sweep, nil
	}
	grid := &model.Sweep{Zip: zip}
	count := 1
	for i := range o.list {
		x := &o.list[i]
		x.read = true
		axis, err := s.axis(x, o.at+short(x.key), grid)
		if err != nil {
			return nil, err
		}
		if n := len(axis.Values); zip {
			if first := len(grid.Axes[0].Values); n != first {
				return nil, faultf(badRequest, o.at+short(x.key), "points.%s: %d values, and %d of %s: zip takes as many of each", short(x.key), n, first, grid.Axes[0].Name)
			}
			count = n
		} else {
			count = min(count*n, math.MaxInt32)
		}
	}
	switch {
	case len(grid.Axes) == 0 || count == 0:
		return nil, faultf(badRequest, "points", "points: a sweep has at least one name with at least one value")
	case count > maxPoints:
		return nil, faultf(badRequest, "points", "points: %d points; the most is %d", count, maxPoints)
	}
	return grid, nil
}

// axis adds an axis.
func (s *session) axis(x *field, place string, grid *model.Sweep) (*model.Axis, error) {
	name, err := s.resolve(x.key, place)
	if err != nil {
		return nil, err
	}
	for _, other := range grid.Axes {
		if other.Name == name {
			return nil, faultf(badRequest, place, "%s: %s is given twice", place, name)
		}
	}
	value, err := readValue(x.value, place)
	if err != nil {
		return nil, err
	}
	values, many := value.([]float64)
	if one, ok := value.(float64); !many && ok {
		values = []float64{one}
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, faultf(notFinite, place, "%s: value %d is %s", place, i, strconv.FormatFloat(v, 'g', -1, 64))
		}
	}
	axis := &model.Axis{Name: name, Values: values}
	grid.Axes = append(grid.Axes, axis)
	return axis, nil
}

// runPoints runs launch after launch. Where it is cut short there are the
// points of whole launches, and the error of the context.
func (s *session) runPoints(ctx context.Context, names []string, points [][]float64, steps int, w wants) (*table, error) {
	b, err := s.batch(len(points))
	for err == nil {
		out := &table{names: names, wants: w, steps: steps}
		if err = s.launches(ctx, b, points, out); err == nil || network.IsCancelled(err) {
			return out, err
		}
		// What does not fit is halved until it does: the network, or its spikes
		// and rows.
		if !errors.Is(err, ir.ErrTooLarge) || b.size == 1 {
			break
		}
		b, err = s.smaller(b)
	}
	return nil, err
}

func (s *session) launches(ctx context.Context, b *warm, points [][]float64, out *table) error {
	for first := 0; first < len(points); first += b.size {
		part := points[first:min(first+b.size, len(points))]
		rows, r, err := b.copies.Run(ctx, out.names, part, out.steps)
		if err != nil {
			return err
		}
		if err := out.add(rows, r, b.copies, s.net); err != nil {
			return err
		}
	}
	return nil
}

// batch gives the network for a number of points, compiled before or now, and
// forgets the one that was not used for longest where there are too many.
func (s *session) batch(points int) (*warm, error) {
	for i, b := range s.warm {
		if b.points == points {
			s.warm = append(append(s.warm[:i:i], s.warm[i+1:]...), b)
			return b, nil
		}
	}
	if len(s.warm) >= maxWarm {
		if err := s.drop(s.warm[0]); err != nil {
			return nil, err
		}
	}
	return s.compileFor(points, points)
}

// compileFor makes a network of a size for a number of points.
func (s *session) compileFor(points, size int) (*warm, error) {
	copies, err := s.net.NewCopies(s.file, size)
	if err != nil {
		return nil, err
	}
	b := &warm{points, size, copies}
	s.warm = append(s.warm, b)
	return b, nil
}

// smaller puts a network of half as many instances in the place of one.
func (s *session) smaller(b *warm) (*warm, error) {
	if err := s.drop(b); err != nil {
		return nil, err
	}
	return s.compileFor(b.points, (b.size+1)/2)
}

// drop closes a network and keeps what it counted.
func (s *session) drop(b *warm) error {
	var kept []*warm
	for _, x := range s.warm {
		if x != b {
			kept = append(kept, x)
		}
	}
	s.warm = kept
	err := b.copies.Close()
	s.past = s.past.Add(b.copies.Counters())
	return err
}
