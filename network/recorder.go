package network

import "fmt"

// Recorder takes what a run leaves while it goes on, slice after slice, so that
// nobody has to hold all of it: files that grow, measures that accumulate
// (Measures), or both (Recorders). An error of a Recorder ends the run, and is
// its error.
//
// The slices that its methods are given are the network's: they are good until
// the method returns. Which populations, instances and recordings there are does
// not change during a run; in what portions things come depends on the device.
type Recorder interface {
	// Spikes takes spikes of a population of the file of an instance, sorted by
	// step, then neuron. What comes later is at later steps.
	Spikes(instance, population int, steps []int64, neurons []int32) error
	// Rows takes rows of one of Network.Recordings: one after each of steps, of
	// as many numbers as the recording is long.
	Rows(instance, recording int, steps []int64, data []float64) error
	// Done ends a slice: all of the steps before next has been handed over.
	Done(next int64) error
}

// Recording is a variable that a run records, as the file or Options.Record asks,
// or for a measure.
type Recording struct {
	Name   string // object.variable
	Len    int    // numbers a row
	Every  int64  // steps from row to row: rows are after its multiples
	Hidden bool   // only measures need it: it is not among a result's traces
}

// Rows is the number of rows that a recording has of the steps first to
// first+steps-1.
func (r *Recording) Rows(first, steps int64) int64 {
	from := firstMultiple(first, r.Every)
	if from >= first+steps {
		return 0
	}
	return (first+steps-1-from)/r.Every + 1
}

// Recordings lists what a run records beside spikes: populations in file order,
// then projections.
func (n *Network) Recordings() ([]Recording, error) {
	if err := n.sync(); err != nil {
		return nil, err
	}
	var out []Recording
	for i := range n.built.records {
		r := &n.built.records[i]
		out = append(out, Recording{Name: r.name, Len: r.rowLen(), Every: r.every, Hidden: r.hidden})
	}
	return out, nil
}

// Recorders hands everything to each of several in turn.
type Recorders []Recorder

// Spikes implements Recorder.
func (all Recorders) Spikes(instance, population int, steps []int64, neurons []int32) error {
	for _, r := range all {
		if err := r.Spikes(instance, population, steps, neurons); err != nil {
			return err
		}
	}
	return nil
}

// Rows implements Recorder.
func (all Recorders) Rows(instance, recording int, steps []int64, data []float64) error {
	for _, r := range all {
		if err := r.Rows(instance, recording, steps, data); err != nil {
			return err
		}
	}
	return nil
}

// Done implements Recorder.
func (all Recorders) Done(next int64) error {
	for _, r := range all {
		if err := r.Done(next); err != nil {
			return err
		}
	}
	return nil
}

// How much a Recorder is given at a time: at least so many spikes or numbers, as
// far as there are, and not many more.
const portion = 1 << 13

// hand gives a recorder what a slice left.
func (n *Network) hand(s *Slice, to Recorder) error {
	b := n.built
	spiking := 0
	for i := range b.prog.Populations {
		p := &b.prog.Populations[i]
		if p.Spike == nil {
			if len(s.Spikes) == len(b.prog.Populations) {
				spiking++
			}
			continue
		}
		if spiking >= len(s.Spikes) {
			return fmt.Errorf("the device gave the spikes of %d populations only", len(s.Spikes))
		}
		err := unpackSpikes(s, n.instances, s.Spikes[spiking], p.Size, func(instance int, t *SpikeTrain) error {
			return to.Spikes(instance, i, t.Steps, t.Neurons)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", p.Name, err)
		}
		spiking++
	}
	if len(s.Records) != len(b.records) {
		return fmt.Errorf("the device gave %d records of %d", len(s.Records), len(b.records))
	}
	for i := range b.records {
		if err := n.handRows(s, i, to); err != nil {
			return err
		}
	}
	return to.Done(s.First + int64(s.Steps))
}

// handRows gives the rows of record i.
func (n *Network) handRows(s *Slice, i int, to Recorder) error {
	p := &n.built.records[i]
	width := p.length * n.instances
	if width == 0 {
		return nil
	}
	rows := len(s.Records[i]) / width
	first := firstMultiple(s.First, p.every)
	var steps []int64
	var data []float64
	for k := range n.instances {
		for row := range rows {
			from := (row*n.instances + k) * p.length
			data = p.keep(data, s.Records[i][from:from+p.length])
			steps = append(steps, first+int64(row)*p.every)
			if len(data) < portion && row < rows-1 {
				continue
			}
			if err := to.Rows(k, i, steps, data); err != nil {
				return err
			}
			steps, data = steps[:0], data[:0]
		}
	}
	return nil
}
