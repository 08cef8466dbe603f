package network

import (
	"fmt"
	"math"

	"gpusim/measure"
	"gpusim/model"
)

const (
	fluctuationKind = "voltage_fluctuation"
	voltage         = "V" // the state that fluctuation is of
)

// MeasureValue is a measure's result. Where it is not Defined, Value is NaN.
type MeasureValue struct {
	Key     string
	Value   float64
	Defined bool
}

// folded is a measure that was accumulated during the run.
type folded struct {
	value float64
	ok    bool
}

// Measure computes the measures of a file from a result, in file order. None
// is defined where a state of the instance is not finite.
func Measure(f *model.File, r *Result, instance int) ([]MeasureValue, error) {
	if instance < 0 || instance >= len(r.Instances) {
		return nil, errorOf(ErrShape, "there is no instance %d; there are %d, counted from 0", instance, len(r.Instances))
	}
	x := &r.Instances[instance]
	var out []MeasureValue
	for i, m := range f.Measures {
		v := MeasureValue{Key: m.Key, Value: math.NaN()}
		if x.Bad == nil {
			value, ok, err := x.measure(i, m, r)
			if err != nil {
				return nil, err
			}
			if v.Defined = ok && !math.IsNaN(value) && !math.IsInf(value, 0); v.Defined {
				v.Value = value
			}
		}
		out = append(out, v)
	}
	return out, nil
}

// window is the steps of a result that a measure is over.
func window(m *model.Measure, r *Result) (start, steps int64) {
	start, end := r.First, r.First+int64(r.Steps)
	if m.From != nil {
		start = max(start, model.StepOf(*m.From, r.Dt))
	}
	if m.To != nil {
		end = min(end, model.StepOf(*m.To, r.Dt))
	}
	return start, max(0, end-start)
}

func (x *InstanceResult) measure(i int, m *model.Measure, r *Result) (value float64, ok bool, err error) {
	start, nsteps := window(m, r)
	if m.Kind == fluctuationKind {
		if f, done := x.folded[i]; done {
			return f.value, f.ok, nil
		}
		return x.fluctuation(m, start, nsteps)
	}
	for p := range x.Spikes {
		t := &x.Spikes[p]
		if t.Population != m.Of.Name {
			continue
		}
		steps, neurons := measure.Window(t.Steps, t.Neurons, start, nsteps)
		first, stop := m.Of.Span(m.Group)
		size := stop - first
		if m.Group != nil {
			steps, neurons = within(steps, neurons, first, stop)
		}
		switch m.Kind {
		case "cross_correlation":
			value, ok = measure.CrossCorrelation(steps, neurons, size, start, nsteps, measure.BinSteps(m.Bin, r.Dt))
		case "rate":
			value, ok = measure.RateHz(int64(len(steps)), size, nsteps, r.Dt)
		case "isi_mean":
			value, ok = measure.ISIMean(steps, neurons, size, r.Dt)
		case "isi_cv":
			value, ok = measure.ISICV(steps, neurons, size)
		default:
			return 0, false, fmt.Errorf("there is no measure %q", m.Kind)
		}
		return value, ok, nil
	}
	return 0, false, errorOf(ErrUnknownName, "%s: the result has no spikes of %s", m.Key, m.Of.Name)
}

// within keeps the spikes of neurons first to stop-1, counted from first.
func within(steps []int64, neurons []int32, first, stop int) (s []int64, k []int32) {
	for i, n := range neurons {
		if int(n) >= first && int(n) < stop {
			s, k = append(s, steps[i]), append(k, n-int32(first))
		}
	}
	return s, k
}

// fluctuation computes the voltage fluctuation from a trace of every step.
func (x *InstanceResult) fluctuation(m *model.Measure, start, nsteps int64) (float64, bool, error) {
	name := m.Of.Name + "." + voltage
	for _, list := range [][]Trace{x.hidden, x.Traces} {
		for i := range list {
			t := &list[i]
			whole := len(t.Steps) < 2 || t.Steps[1] == t.Steps[0]+1
			if t.Name != name || t.Len != m.Of.Size || !whole {
				continue
			}
			first, stop := m.Of.Span(m.Group)
			f := measure.NewFluctuation(stop - first)
			for row, step := range t.Steps {
				if step >= start && step < start+nsteps {
					f.Add(t.Data[row*t.Len+first : row*t.Len+stop])
				}
			}
			value, ok := f.Value()
			return value, ok, nil
		}
	}
	return 0, false, errorOf(ErrUnknownName, "%s: the result has no record of %s at every step", m.Key, name)
}

// fold accumulates the measures that need a row of every step while a run
// goes on, so that the rows need not be kept.
type fold struct {
	of []*foldedMeasure
}

type foldedMeasure struct {
	index       int // of the measure
	record      int // of the program
	start, end  int64
	first, stop int                    // neurons
	acc         []*measure.Fluctuation // one an instance
}

// newFold prepares the accumulation of a run of steps from where n stands.
func (n *Network) newFold(steps int) *fold {
	f := &fold{}
	span := &Result{First: n.step, Steps: steps, Dt: n.file.Dt}
	for i, m := range n.file.Measures {
		if m.Kind != fluctuationKind {
			continue
		}
		start, count := window(m, span)
		x := &foldedMeasure{index: i, start: start, end: start + count, record: -1}
		x.first, x.stop = m.Of.Span(m.Group)
		for k := range n.built.records {
			r := &n.built.records[k]
			if r.name == m.Of.Name+"."+voltage && r.every == 1 && r.of == nil && !r.mean {
				x.record = k
			}
		}
		for range n.instances {
			x.acc = append(x.acc, measure.NewFluctuation(x.stop-x.first))
		}
		f.of = append(f.of, x)
	}
	return f
}

func (f *fold) add(record, instance int, step int64, row []float64) {
	for _, x := range f.of {
		if x.record == record && step >= x.start && step < x.end {
			x.acc[instance].Add(row[x.first:x.stop])
		}
	}
}

// finish puts the values into the result.
func (f *fold) finish(r *Result) {
	for k := range r.Instances {
		for _, x := range f.of {
			if r.Instances[k].folded == nil {
				r.Instances[k].folded = map[int]folded{}
			}
			value, ok := x.acc[k].Value()
			r.Instances[k].folded[x.index] = folded{value, ok}
		}
	}
}
