package fit

import (
	"context"
	"errors"
	"math"

	"gpusim/model"
	"gpusim/network"
)

// The statuses of an evaluation.
const (
	StatusOK        = "ok"
	StatusNaN       = "nan"       // a state is not finite
	StatusUndefined = "undefined" // a measure of the goal is
)

// End says why a search ended.
type End string

// The ends of a search.
const (
	Reached     End = "reached"     // the best point has all measures within tolerance of their targets
	Alike       End = "alike"       // the points of the last generation have the same objective, within tolerance
	Narrow      End = "narrow"      // they lie closer together than float32 tells apart
	Evaluations End = "evaluations" // another generation would be more evaluations than were allowed
	Generations End = "generations" // as many generations as were allowed
	Interrupted End = "interrupted" // by its context
)

// narrow is the deviation at which points are the same, as a share of the bounds.
const narrow = 1e-6

// Evaluation is a point of a search, with what it came to: the means over its
// seeds, where it has several.
type Evaluation struct {
	Generation int // from 1
	Values     []float64
	Measures   []network.MeasureValue
	Objective  float64 // NaN where the status is not ok
	Status     string
	Detail     string // why it is not ok
}

// Result is what a search found.
type Result struct {
	Names        []string // of the parameters
	History      []Evaluation
	Generations  int
	BestAt       int // of History; -1 where no point has an objective
	Ended        End // "" while it goes on
	Reached      bool
	Counters     network.Counters
	Instances    int // runs side by side
	Launches     int
	Steps        int // of a run
	BuildSeconds float64
	RunSeconds   float64
	Plan         []string
}

// Best is the best evaluation, nil where no point has an objective.
func (r *Result) Best() *Evaluation {
	if r.BestAt < 0 {
		return nil
	}
	return &r.History[r.BestAt]
}

// Options are those of Search. The zero value has none.
type Options struct {
	// Note is called with remarks for the user.
	Note func(msg string)
	// Progress is called with the share of the evaluations allowed that is done.
	Progress func(share float64)
	// Generation is called after each generation, whose evaluations are those
	// of the history from first on. Its error ends the search.
	Generation func(r *Result, first int) error
}

// Search does the search that a file's section fit asks for. Where the context
// is cancelled, or something fails on the way, it gives the generations that
// were done, with the error.
func Search(ctx context.Context, f *model.File, dev network.Device, opts *Options) (*Result, error) {
	if f == nil || f.Fit == nil {
		return nil, errors.New("the file has no fit")
	}
	s := &search{file: f, fit: f.Fit, out: &Result{BestAt: -1, Steps: f.Steps()}}
	if opts != nil {
		s.opts = *opts
	}
	var start []float64
	for _, b := range s.fit.Parameters {
		s.out.Names = append(s.out.Names, b.Name)
		start = append(start, coordinateOf(b, b.Start))
	}
	names := s.out.Names
	if s.fit.Seeds > 1 {
		names = append(append([]string(nil), names...), "run.seed")
	}
	e := network.NewEvaluator(f, dev, names, network.EvaluatorOptions{
		Instances: s.fit.Population * s.fit.Seeds, Note: s.opts.Note, Progress: s.progress,
	})
	err := s.run(ctx, e, newCMA(start, s.fit.Population, s.fit.Seed))
	s.count(e)
	if e := e.Close(); err == nil {
		err = e
	}
	if network.IsCancelled(err) {
		s.out.Ended = Interrupted
	}
	return s.out, err
}

// search is a search being done.
type search struct {
	file *model.File
	fit  *model.Fit
	opts Options
	out  *Result
}

// run does generation after generation until there is a reason to end.
func (s *search) run(ctx context.Context, e *network.Evaluator, m *cma) error {
	for s.out.Ended == "" {
		points := m.ask()
		for _, x := range points {
			for i, b := range s.fit.Parameters {
				x[i] = valueOf(b, x[i])
			}
		}
		got, err := e.Run(ctx, s.seeded(points))
		if err != nil {
			return err
		}
		first := len(s.out.History)
		s.out.Generations++
		var losses []float64
		for k, x := range points {
			one := s.judge(x, got[k*s.fit.Seeds:(k+1)*s.fit.Seeds])
			s.out.History = append(s.out.History, one)
			losses = append(losses, loss(&s.fit.Goal, &one))
			if best := s.out.Best(); losses[k] < math.Inf(1) && (best == nil || losses[k] < loss(&s.fit.Goal, best)) {
				s.out.BestAt = first + k
			}
		}
		m.tell(losses)
		s.out.Ended = s.end(m, first)
		s.count(e)
		if s.opts.Generation != nil {
			if err := s.opts.Generation(s.out, first); err != nil {
				return err
			}
		}
	}
	return nil
}

// end gives the reason to end after the generation that begins at first, if
// there is one.
func (s *search) end(m *cma, first int) End {
	best := s.out.Best()
	s.out.Reached = best != nil && meets(s.fit, best.Measures)
	switch {
	case s.out.Reached:
		return Reached
	case alike(s.fit, s.out.History[first:]):
		return Alike
	case m.deviation() < narrow:
		return Narrow
	case s.out.Generations == s.fit.Generations:
		return Generations
	case len(s.out.History)+s.fit.Population > s.fit.Evaluations:
		return Evaluations
	}
	return ""
}

// seeded gives each point once for each of its seeds.
func (s *search) seeded(points [][]float64) [][]float64 {
	if s.fit.Seeds == 1 {
		return points
	}
	var rows [][]float64
	for _, x := range points {
		for k := range s.fit.Seeds {
			rows = append(rows, append(append([]float64(nil), x...), float64(s.file.Run.Seed+uint64(k))))
		}
	}
	return rows
}

// judge gives the evaluation of a point from its runs, one for each seed.
func (s *search) judge(values []float64, runs []network.Point) Evaluation {
	e := Evaluation{Generation: s.out.Generations, Values: values, Objective: math.NaN(), Status: StatusOK}
	for i, m := range runs[0].Measures {
		mean := network.MeasureValue{Key: m.Key, Defined: true}
		for _, r := range runs {
			mean.Value += r.Measures[i].Value / float64(len(runs))
			mean.Defined = mean.Defined && r.Measures[i].Defined
		}
		e.Measures = append(e.Measures, mean)
	}
	for _, r := range runs {
		if r.Status != network.StatusOK {
			e.Status, e.Detail = StatusNaN, r.Detail
			return e
		}
	}
	if v, ok := objectiveOf(&s.fit.Goal, e.Measures); ok {
		e.Objective = v
	} else {
		e.Status, e.Detail = StatusUndefined, "a measure of the goal is undefined"
	}
	return e
}

// count takes over what the evaluator has counted.
func (s *search) count(e *network.Evaluator) {
	s.out.Counters, s.out.Instances, s.out.Launches = e.Counters(), e.Instances(), e.Launches
	s.out.BuildSeconds, s.out.RunSeconds = e.BuildSeconds, e.RunSeconds
	if plan := e.Plan(); plan != nil {
		s.out.Plan = plan
	}
}

// progress tells how far the search is, of a generation that is so far.
func (s *search) progress(done, total int) {
	if s.opts.Progress == nil {
		return
	}
	all := s.fit.Evaluations / s.fit.Population
	if g := s.fit.Generations; g > 0 {
		all = min(all, g)
	}
	s.opts.Progress((float64(s.out.Generations) + float64(done)/float64(total)) / float64(all))
}
