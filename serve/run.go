package serve

import (
	"context"
	"math"
	"time"

	"gpusim/measure"
	"gpusim/model"
	"gpusim/network"
)

// wants is what is asked for of a run.
type wants struct {
	spikes, traces, measures bool
	names                    []string // values as they are after it
}

// wants reads the member want: kinds of results, and names.
func (s *session) wants(f *fields, otherwise ...string) (w wants, err error) {
	list := f.texts("want")
	if f.wrong != nil {
		return w, f.wrong
	}
	if list == nil {
		list = otherwise
	}
	var names []string
	for _, x := range list {
		switch x {
		case "spikes":
			w.spikes = true
		case "traces":
			w.traces = true
		case "measures":
			w.measures = true
		case "state":
			names = append(names, s.net.StateNames()...)
		default:
			names = append(names, x)
		}
	}
	w.names, err = s.resolveAll(names, "want")
	return w, err
}

// span is how long a run is: a number of steps, or of ms.
type span struct {
	steps int // -1: ms
	ms    float64
}

func (s *session) span(f *fields) span {
	steps, ms := f.whole("steps"), f.number("duration")
	switch {
	case steps >= 0 && ms != nil:
		f.reject("steps", "a run has steps or a duration, not both")
	case ms != nil && !(*ms >= 0 && *ms/s.file.Dt <= 1<<53):
		f.reject("duration", "expected a time in ms from 0")
	case ms != nil:
		return span{-1, *ms}
	case steps < 0:
		return span{s.file.Steps(), 0}
	}
	return span{steps, 0}
}

// run runs the network, from the start or from where it stands. What is set for
// it is set for it alone.
func (s *session) run(j *job) (object, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	f := j.fields
	values, err := s.given(f, "set")
	if err != nil {
		return nil, err
	}
	w, err := s.wants(f, "spikes", "traces", "measures")
	if err != nil {
		return nil, err
	}
	anew, length := f.boolean("reset", true), s.span(f)
	if err := f.end(); err != nil {
		return nil, err
	}
	if anew {
		if err := s.net.Reset(); err != nil {
			return nil, err
		}
	}
	undo, err := s.setAll(values)
	if err != nil {
		return nil, err
	}
	defer undo()
	began := time.Now()
	r, runErr := s.goOn(j.ctx, length)
	if r == nil || runErr != nil && !network.IsCancelled(runErr) {
		return nil, runErr
	}
	status, detail := network.StatusOK, ""
	if bad := r.Instances[0].Bad; bad != nil {
		status, detail = network.StatusNaN, bad.Error()
	}
	if runErr != nil {
		status = network.StatusInterrupted
	}
	out := object{{"status", status}}
	if detail != "" {
		out = append(out, member{"detail", detail})
	}
	out = append(out, member{"first", r.First}, member{"steps", r.Steps}, member{"dt_ms", r.Dt},
		member{"seconds", time.Since(began).Seconds()}, member{"populations", populations(r)})
	return s.results(out, w, r)
}

func (s *session) goOn(ctx context.Context, l span) (*network.Result, error) {
	if l.steps >= 0 {
		return s.net.RunSteps(ctx, l.steps)
	}
	return s.net.Run(ctx, l.ms)
}

// populations counts the spikes of a run.
func populations(r *network.Result) object {
	out := object{}
	for _, t := range r.Instances[0].Spikes {
		hz, _ := measure.RateHz(int64(len(t.Steps)), t.Size, int64(r.Steps), r.Dt)
		out = append(out, member{t.Population, object{{"size", t.Size}, {"spikes", len(t.Steps)}, {"rate_hz", hz}}})
	}
	return out
}

// results adds what is asked for to an answer.
func (s *session) results(out object, w wants, r *network.Result) (object, error) {
	if w.measures {
		values, err := network.Measure(s.file, r, 0)
		if err != nil {
			return nil, err
		}
		measured := object{}
		for _, v := range values {
			measured = append(measured, member{v.Key, v.Value}) // NaN is null
		}
		out = append(out, member{"measures", measured})
	}
	if w.spikes {
		spikes := object{}
		for _, t := range r.Instances[0].Spikes {
			spikes = append(spikes, member{t.Population, object{{"step", vector(t.Steps)}, {"neuron", vector(t.Neurons)}}})
		}
		out = append(out, member{"spikes", spikes})
	}
	if w.traces {
		var traces []any
		for _, t := range r.Instances[0].Traces {
			traces = append(traces, object{{"name", t.Name}, {"step", vector(t.Steps)}, {"values", array{[]int{len(t.Steps), t.Len}, t.Data}}})
		}
		out = append(out, member{"traces", traces})
	}
	values, err := s.readValues(w.names, "want")
	return append(out, member{"values", values}), err
}

// of is the number of steps that a run from the start has.
func (l span) of(f *model.File) int {
	if l.steps >= 0 {
		return l.steps
	}
	start := f.Run.Start
	return int(min(model.StepOf(start+l.ms, f.Dt)-model.StepOf(start, f.Dt), math.MaxInt32))
}
