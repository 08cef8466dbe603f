package network

import (
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"gpusim/measure"
	"gpusim/model"
)

// Measures computes the measures of a network's file while a run goes on: it is
// a Recorder, and its memory does not grow with the duration. Its values are
// those of Measure over the whole result, to the bit, whatever the portions.
type Measures struct {
	net   *Network
	first int64 // the step that the run began with
	next  int64 // the step to which all is there
	only  func(*model.Measure) bool
	of    []*meter
}

// NewMeasures prepares the measures of a run, in pieces or not, from where the
// network stands.
func (n *Network) NewMeasures() *Measures {
	return n.measuresOf(func(*model.Measure) bool { return true })
}

// measuresOf prepares some of the measures.
func (n *Network) measuresOf(only func(*model.Measure) bool) *Measures {
	m := &Measures{net: n, only: only}
	m.begin(n.step)
	return m
}

// begin empties the measures of a run that began with a step.
func (m *Measures) begin(first int64) {
	m.first, m.next, m.of = first, first, nil
	f := m.net.file
	for i, x := range f.Measures {
		if !m.only(x) {
			continue
		}
		w, err := newMeter(x, first, f.Dt, m.net.instances)
		if err != nil {
			panic(err) // the file was checked
		}
		w.index = i
		m.of = append(m.of, w)
	}
}

// Spikes implements Recorder.
func (m *Measures) Spikes(instance, population int, steps []int64, neurons []int32) error {
	for _, w := range m.of {
		if w.of.Kind != fluctuationKind && w.of.Of == m.net.file.Populations[population] {
			w.spikes(instance, steps, neurons)
		}
	}
	return nil
}

// Rows implements Recorder.
func (m *Measures) Rows(instance, recording int, steps []int64, data []float64) error {
	for _, w := range m.of {
		if w.of.Kind == fluctuationKind && m.net.wholeRecord(w.of.Of) == recording {
			w.rows(instance, steps, data)
		}
	}
	return nil
}

// Done implements Recorder.
func (m *Measures) Done(next int64) error {
	m.next = next
	return nil
}

// wholeRecord is the recording that has the voltage of every neuron of a
// population at every step, -1 where there is none.
func (n *Network) wholeRecord(of *model.Population) int {
	for i := range n.built.records {
		r := &n.built.records[i]
		if r.name == of.Name+"."+voltage && r.every == 1 && r.of == nil && !r.mean {
			return i
		}
	}
	return -1
}

// Values gives the measures of an instance over the slices that are done, in
// file order. None is defined where bad says that its state is not finite.
func (m *Measures) Values(instance int, bad *NonFinite) ([]MeasureValue, error) {
	if instance < 0 || instance >= m.net.instances {
		return nil, errorOf(ErrShape, "there is no instance %d; there are %d, counted from 0", instance, m.net.instances)
	}
	var out []MeasureValue
	for _, w := range m.of {
		v := MeasureValue{Key: w.of.Key, Value: math.NaN()}
		if bad == nil {
			value, ok := w.value(instance, m.next)
			v.set(value, ok)
		}
		out = append(out, v)
	}
	return out, nil
}

// set enters a value, where it is defined.
func (v *MeasureValue) set(value float64, ok bool) {
	if v.Defined = ok && !math.IsNaN(value) && !math.IsInf(value, 0); v.Defined {
		v.Value = value
	}
}

// MarshalBinary implements encoding.BinaryMarshaler: it gives what was
// accumulated, so that a run goes on elsewhere to the same values.
func (m *Measures) MarshalBinary() ([]byte, error) {
	out := binary.LittleEndian.AppendUint64(nil, uint64(m.first))
	out = binary.LittleEndian.AppendUint64(out, uint64(m.next))
	for _, w := range m.of {
		for _, a := range w.acc {
			state, err := a.MarshalBinary()
			if err != nil {
				return nil, err
			}
			out = binary.LittleEndian.AppendUint64(out, uint64(len(state)))
			out = append(out, state...)
		}
	}
	return out, nil
}

var errDamagedState = errors.New("the state of the measures is damaged")

// UnmarshalBinary implements encoding.BinaryUnmarshaler, for the measures of a
// network of the same file and as many instances. The run goes on as the one that
// they are from: with its first step.
func (m *Measures) UnmarshalBinary(data []byte) error {
	if len(data) < 16 {
		return errDamagedState
	}
	x := &Measures{net: m.net, only: m.only}
	x.begin(int64(binary.LittleEndian.Uint64(data)))
	x.next = int64(binary.LittleEndian.Uint64(data[8:]))
	data = data[16:]
	for _, w := range x.of {
		for _, a := range w.acc {
			if len(data) < 8 {
				return errDamagedState
			}
			n := binary.LittleEndian.Uint64(data)
			if data = data[8:]; n > uint64(len(data)) {
				return errDamagedState
			}
			if err := a.UnmarshalBinary(data[:n]); err != nil {
				return fmt.Errorf("%s: %w", w.of.Key, err)
			}
			data = data[n:]
		}
	}
	if len(data) > 0 {
		return errDamagedState
	}
	*m = *x
	return nil
}

// meter is one measure being accumulated.
type meter struct {
	of          *model.Measure
	index       int // among the file's
	dt          float64
	start, end  int64 // the steps of its window; end is MaxInt64 where it has none
	first, stop int   // neurons
	acc         []accumulator
	steps       []int64 // of the spikes of a group, to be reused
	neurons     []int32
}

// accumulator is what a measure keeps of an instance.
type accumulator interface {
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

// newMeter prepares a measure of a run from a step on.
func newMeter(m *model.Measure, first int64, dt float64, instances int) (*meter, error) {
	w := &meter{of: m, dt: dt, start: first, end: math.MaxInt64}
	if m.From != nil {
		w.start = max(first, model.StepOf(*m.From, dt))
	}
	if m.To != nil {
		w.end = model.StepOf(*m.To, dt)
	}
	w.first, w.stop = m.Of.Span(m.Group)
	size := w.stop - w.first
	for range instances {
		var a accumulator
		switch m.Kind {
		case "cross_correlation":
			a = measure.NewCorrelator(size, w.start, measure.BinSteps(m.Bin, dt))
		case "rate":
			a = new(count)
		case "isi_mean", "isi_cv":
			a = measure.NewIntervals(size)
		case fluctuationKind:
			a = measure.NewFluctuation(size)
		default:
			return nil, fmt.Errorf("there is no measure %q", m.Kind)
		}
		w.acc = append(w.acc, a)
	}
	return w, nil
}

// spikes adds spikes of the measure's population.
func (w *meter) spikes(instance int, steps []int64, neurons []int32) {
	steps, neurons = measure.Window(steps, neurons, w.start, max(0, w.end-w.start))
	if w.of.Group != nil {
		w.steps, w.neurons = within(w.steps[:0], w.neurons[:0], steps, neurons, w.first, w.stop)
		steps, neurons = w.steps, w.neurons
	}
	switch a := w.acc[instance].(type) {
	case *count:
		*a += count(len(steps))
	case *measure.Correlator:
		a.Add(steps, neurons)
	case *measure.Intervals:
		a.Add(steps, neurons)
	}
}

// within appends the spikes of neurons first to stop-1, counted from first.
func within(s []int64, k []int32, steps []int64, neurons []int32, first, stop int) ([]int64, []int32) {
	for i, n := range neurons {
		if int(n) >= first && int(n) < stop {
			s, k = append(s, steps[i]), append(k, n-int32(first))
		}
	}
	return s, k
}

// rows adds rows of the voltages of the measure's population.
func (w *meter) rows(instance int, steps []int64, data []float64) {
	f := w.acc[instance].(*measure.Fluctuation)
	size := w.of.Of.Size
	for row, step := range steps {
		if step >= w.start && step < w.end {
			f.Add(data[row*size+w.first : row*size+w.stop])
		}
	}
}

// value is the measure over what was added, of a run as far as the step end.
func (w *meter) value(instance int, end int64) (float64, bool) {
	nsteps := max(0, min(end, w.end)-w.start)
	switch a := w.acc[instance].(type) {
	case *count:
		return measure.RateHz(int64(*a), w.stop-w.first, nsteps, w.dt)
	case *measure.Correlator:
		if nsteps < 1 {
			return 0, false
		}
		return a.Value()
	case *measure.Intervals:
		if w.of.Kind == "isi_cv" {
			return a.CV()
		}
		return a.Mean(w.dt)
	case *measure.Fluctuation:
		return a.Value()
	}
	return 0, false
}

// count is what rate keeps: the number of spikes.
type count int64

// MarshalBinary implements encoding.BinaryMarshaler.
func (c *count) MarshalBinary() ([]byte, error) {
	return binary.LittleEndian.AppendUint64(nil, uint64(*c)), nil
}

// UnmarshalBinary implements encoding.BinaryUnmarshaler.
func (c *count) UnmarshalBinary(data []byte) error {
	if len(data) != 8 {
		return errDamagedState
	}
	*c = count(binary.LittleEndian.Uint64(data))
	return nil
}
