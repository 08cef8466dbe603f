package network

import (
	"math"

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
			v.set(value, ok)
		}
		out = append(out, v)
	}
	return out, nil
}

func (x *InstanceResult) measure(i int, m *model.Measure, r *Result) (value float64, ok bool, err error) {
	w, err := newMeter(m, r.First, r.Dt, 1)
	if err != nil {
		return 0, false, err
	}
	end := r.First + int64(r.Steps)
	if m.Kind == fluctuationKind {
		if f, done := x.folded[i]; done {
			return f.value, f.ok, nil
		}
		t := x.wholeTrace(m.Of)
		if t == nil {
			return 0, false, errorOf(ErrUnknownName, "%s: the result has no record of %s.%s at every step", m.Key, m.Of.Name, voltage)
		}
		w.rows(0, t.Steps, t.Data)
		value, ok = w.value(0, end)
		return value, ok, nil
	}
	for p := range x.Spikes {
		if t := &x.Spikes[p]; t.Population == m.Of.Name {
			w.spikes(0, t.Steps, t.Neurons)
			value, ok = w.value(0, end)
			return value, ok, nil
		}
	}
	return 0, false, errorOf(ErrUnknownName, "%s: the result has no spikes of %s", m.Key, m.Of.Name)
}

// wholeTrace finds the trace of a population's voltage that has every neuron at
// every step.
func (x *InstanceResult) wholeTrace(of *model.Population) *Trace {
	for _, list := range [][]Trace{x.hidden, x.Traces} {
		for i := range list {
			t := &list[i]
			whole := len(t.Steps) < 2 || t.Steps[1] == t.Steps[0]+1
			if t.Name == of.Name+"."+voltage && t.Len == of.Size && whole {
				return t
			}
		}
	}
	return nil
}

// fold accumulates the measures that need a row of every step while a run whose
// spikes are kept goes on, so that the rows need not be kept.
type fold struct{ *Measures }

// newFold prepares the accumulation of a run from where n stands.
func (n *Network) newFold() *fold {
	return &fold{n.measuresOf(func(m *model.Measure) bool { return m.Kind == fluctuationKind })}
}

// finish puts the values into the result.
func (f *fold) finish(r *Result) {
	for k := range r.Instances {
		for _, w := range f.of {
			if r.Instances[k].folded == nil {
				r.Instances[k].folded = map[int]folded{}
			}
			value, ok := w.value(k, r.First+int64(r.Steps))
			r.Instances[k].folded[w.index] = folded{value, ok}
		}
	}
}
