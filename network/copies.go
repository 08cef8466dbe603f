package network

import (
	"context"
	"slices"

	"gpusim/model"
)

// Copies is a compiled network of several instances, on which points of a
// parameter space run side by side, again and again. It is made of a network,
// follows what is set there, and leaves that network alone.
type Copies struct {
	of *Network
	n  *Network
}

// NewCopies gives so many instances of n, which has to be compiled of f. The
// first Run compiles them; more than the device holds is ErrTooLarge there.
func (n *Network) NewCopies(f *model.File, instances int) (*Copies, error) {
	if n.closed {
		return nil, ErrClosed
	}
	m, err := prepare(f, n.dev, &Options{Instances: instances, Note: n.opts.Note, Progress: n.opts.Progress,
		PerSynapse: n.opts.PerSynapse, Record: n.opts.Record})
	if err != nil {
		return nil, err
	}
	if len(m.inputs) != len(n.inputs) {
		return nil, errorOf(ErrStructure, "inputs were added or dropped: copies are made of the inputs of the file")
	}
	m.bear = true
	return &Copies{of: n, n: m}, nil
}

// Run runs points, at most as many as there are instances, from the start for a
// number of steps: names have the values of a point, and all else stands for
// what it does in the network that c is of. Nothing is compiled but for another
// structure. The result has an instance a point; where the context ends the run
// there is none.
func (c *Copies) Run(ctx context.Context, names []string, points [][]float64, steps int) ([]Point, *Result, error) {
	if err := c.follow(); err != nil {
		return nil, nil, err
	}
	if err := c.n.setPoints(names, points); err != nil {
		return nil, nil, err
	}
	if err := c.n.sync(); err != nil {
		return nil, nil, err
	}
	f := c.n.newFold()
	r, err := c.n.run(ctx, steps, f)
	if err != nil {
		return nil, nil, err
	}
	f.finish(r)
	r.Instances = r.Instances[:len(points)]
	out := make([]Point, len(points))
	for k := range points {
		if out[k], err = newPoint(c.n.file, points[k], r.instance(k), steps, c.n.badStart(k)); err != nil {
			return nil, nil, err
		}
	}
	return out, r, nil
}

// Get is Network.GetInstance of the copies, as they are after Run.
func (c *Copies) Get(name string, instance int) ([]float64, error) {
	return c.n.GetInstance(name, instance)
}

// Counters count what the copies did on the device.
func (c *Copies) Counters() Counters { return c.n.Counters() }

// Close frees what the copies have on the device.
func (c *Copies) Close() error { return c.n.Close() }

// follow takes the copies to the start, and gives them what was set of the
// network that they are of.
func (c *Copies) follow() error {
	n, m := c.of, c.n
	if n.closed {
		return ErrClosed
	}
	if err := m.Reset(); err != nil {
		return err
	}
	for i, s := range n.order {
		if i < len(m.order) && m.order[i].name == s.name { // what the compiler adds comes last
			m.take(m.order[i], s)
		}
	}
	for k, s := range n.inputs {
		to := m.inputs[k]
		to.input.Kind, to.input.Value, to.input.Op, to.input.Every = s.input.Kind, s.input.Value, s.input.Op, s.input.Every
		m.take(to, s)
	}
	if !slices.Equal(m.seeds, n.seeds) {
		m.redraw(n.seeds)
	}
	m.seedSet, m.dirty = n.seedSet, true
	if m.startMs != n.startMs {
		if err := m.SetClock(n.startMs); err != nil {
			return err
		}
	}
	m.takeRecords(n)
	return nil
}

// take gives a slot what a slot of the same name in another network has.
func (m *Network) take(to, from *slot) {
	if to.set = from.set; to.given != from.given && !(to.given != nil && to.given.equal(from.given)) {
		to.given = from.given
		m.invalidate(to)
	}
}

// takeRecords records what n does.
func (m *Network) takeRecords(n *Network) {
	for _, o := range n.objects {
		if !n.recordsSet[o.name] {
			continue
		}
		from, _, _ := n.recordsOf(o.name)
		to, _, _ := m.recordsOf(o.name)
		*to = nil
		for _, r := range *from {
			if !n.hidden[r] {
				*to = append(*to, r)
			}
		}
		m.recordsSet[o.name] = true
	}
	m.addHiddenRecords()
}
