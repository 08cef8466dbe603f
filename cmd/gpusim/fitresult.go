package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gpusim/fit"
	"gpusim/model"
	"gpusim/network"
	"gpusim/plot"
)

// fitSummary is summary.json of a search.
type fitSummary struct {
	origin
	Parameters  object           `json:"parameters"` // their bounds
	Goal        object           `json:"goal"`
	Population  int              `json:"population"`
	SearchSeed  uint64           `json:"search_seed"`
	Seeds       int              `json:"seeds"`
	Tolerance   float64          `json:"tolerance"`
	Status      string           `json:"status"` // ok, interrupted, or undefined: no point has an objective
	Detail      string           `json:"detail,omitempty"`
	Ended       fit.End          `json:"ended"`
	Reached     *bool            `json:"reached,omitempty"` // with targets
	Generations int              `json:"generations"`
	Evaluations int              `json:"evaluations"`
	Undefined   int              `json:"undefined"` // evaluations without an objective
	Best        *fitBest         `json:"best"`
	BinsMs      object           `json:"bins_ms,omitempty"`
	Instances   int              `json:"instances"`
	Launches    int              `json:"launches"`
	Steps       int              `json:"steps"` // of a run
	Counters    network.Counters `json:"counters"`
	Seconds     seconds          `json:"seconds"`
	Plan        []string         `json:"plan"`
}

// fitBest is the best point of a search.
type fitBest struct {
	Generation int     `json:"generation"`
	Evaluation int     `json:"evaluation"`
	Parameters object  `json:"parameters"`
	Measures   object  `json:"measures"`
	Objective  float64 `json:"objective"`
}

func newFitSummary(f *networkFile, d network.DeviceInfo, r *fit.Result) *fitSummary {
	s := &fitSummary{
		origin: newOrigin(f, d), Parameters: boundsOf(f.Fit), Goal: goalOf(&f.Fit.Goal),
		Population: f.Fit.Population, SearchSeed: f.Fit.Seed, Seeds: f.Fit.Seeds, Tolerance: f.Fit.Tolerance,
		Status: "ok", Ended: r.Ended, Generations: r.Generations, Evaluations: len(r.History),
		BinsMs: newSummary(f, d).BinsMs, Instances: r.Instances, Launches: r.Launches, Steps: r.Steps,
		Counters: r.Counters, Seconds: seconds{r.BuildSeconds, r.RunSeconds}, Plan: append([]string{}, r.Plan...),
	}
	if f.Fit.Goal.Kind == model.MeetTargets {
		s.Reached = &r.Reached
	}
	for _, e := range r.History {
		if e.Status != fit.StatusOK {
			s.Undefined++
		}
	}
	best := r.Best()
	switch {
	case r.Ended == fit.Interrupted:
		s.Status = "interrupted"
	case best == nil:
		s.Status, s.Detail = "undefined", "no point has an objective; of the first: "+r.History[0].Detail
	}
	if best != nil {
		s.Best = &fitBest{best.Generation, r.BestAt + 1, object{}, measured(best.Measures), best.Objective}
		for i, name := range r.Names {
			s.Best.Parameters = append(s.Best.Parameters, member{name, best.Values[i]})
		}
	}
	return s
}

// boundsOf gives the bounds of a search as its file has them.
func boundsOf(f *model.Fit) object {
	o := object{}
	for _, b := range f.Parameters {
		keys := []string{"from", "to"}
		if b.Log {
			keys = []string{"log_from", "log_to"}
		}
		o = append(o, member{b.Name, object{{keys[0], b.From}, {keys[1], b.To}, {"at", b.Start}}})
	}
	return o
}

// goalOf gives a goal as its file has it, with the weights and scales that it
// has where the file does not say them.
func goalOf(g *model.Goal) object {
	switch g.Kind {
	case model.Maximize:
		return object{{"maximize", g.Measure}}
	case model.Minimize:
		return object{{"minimize", g.Measure}}
	}
	targets := object{}
	for _, t := range g.Targets {
		targets = append(targets, member{t.Measure, object{{"value", t.Value}, {"weight", t.Weight}, {"scale", t.Scale}}})
	}
	return object{{"targets", targets}}
}

// fitTable is fit.csv from the evaluation first on.
func fitTable(f *model.File, r *fit.Result, first int) *table {
	t := &table{head: append([]string{"generation", "evaluation"}, r.Names...)}
	for _, m := range f.Measures {
		t.head = append(t.head, m.Key)
	}
	t.head = append(t.head, "objective", "best", "status")
	cell := func(v float64) string {
		if math.IsNaN(v) {
			return ""
		}
		return number(v)
	}
	best := bestSoFar(f.Fit, r)
	for i := first; i < len(r.History); i++ {
		e := &r.History[i]
		row := []string{strconv.Itoa(e.Generation), strconv.Itoa(i + 1)}
		for _, v := range e.Values {
			row = append(row, number(v))
		}
		for _, m := range e.Measures {
			if !m.Defined {
				m.Value = math.NaN()
			}
			row = append(row, cell(m.Value))
		}
		t.rows = append(t.rows, append(row, cell(e.Objective), cell(best[i]), e.Status))
	}
	return t
}

// bestSoFar is the best objective of each evaluation and those before it, NaN
// before the first.
func bestSoFar(f *model.Fit, r *fit.Result) []float64 {
	var out []float64
	best := math.NaN()
	for _, e := range r.History {
		better := e.Objective < best
		if f.Goal.Kind == model.Maximize {
			better = e.Objective > best
		}
		if better || math.IsNaN(best) {
			best = e.Objective
		}
		out = append(out, best)
	}
	return out
}

// maxFitPanels is how many parameters fit.png shows.
const maxFitPanels = 4

// drawFit draws fit.png, and gives a note on what is not in it.
func drawFit(path string, f *model.File, r *fit.Result) (note string, err error) {
	t := plot.Trials{Best: bestSoFar(f.Fit, r)}
	t.Objective.Name = "objective"
	if g := f.Fit.Goal; g.Kind != model.MeetTargets {
		t.Objective.Name = strings.ReplaceAll(g.Measure, "_", " ")
		for _, m := range f.Measures {
			if m.Key == g.Measure {
				t.Objective.Unit = units[m.Kind]
			}
		}
	} else {
		t.Log = true
	}
	for _, e := range r.History {
		t.Objective.Y = append(t.Objective.Y, e.Objective)
	}
	for i, b := range f.Fit.Parameters[:min(maxFitPanels, len(f.Fit.Parameters))] {
		x := plot.Axis{Label: b.Name, Log: b.Log}
		for _, e := range r.History {
			x.Values = append(x.Values, e.Values[i])
		}
		t.Parameters = append(t.Parameters, x)
	}
	if n := len(f.Fit.Parameters); n > maxFitPanels {
		note = fmt.Sprintf("the figure shows the first %d of %d parameters; fit.csv has all", maxFitPanels, n)
	}
	return note, plot.Search(path, f.Name, t)
}

// printFit writes what was found for people.
func (a *app) printFit(s *fitSummary, f *model.File, r *fit.Result, dir string) {
	fmt.Fprintf(a.out, "%s: %s, by %s\n", s.Name, goalText(&f.Fit.Goal), parameterNames(f.Fit))
	fmt.Fprintf(a.out, "%s in %s, of %s of %s ms\n", plural(s.Evaluations, "evaluation"), plural(s.Generations, "generation"),
		plural(s.Steps, "step"), number(s.DtMs))
	shown := &summary{origin: s.origin, Plan: s.Plan, Counters: s.Counters, Seconds: s.Seconds}
	a.printDevice(shown)
	fmt.Fprintln(a.out)
	if best := r.Best(); best != nil {
		t := &table{head: []string{"best point", fmt.Sprint("evaluation ", r.BestAt+1)}, text: 1}
		for i, name := range r.Names {
			t.rows = append(t.rows, []string{name, number(best.Values[i])})
		}
		for i, m := range best.Measures {
			text := "undefined"
			if m.Defined {
				text = withUnit(short(m.Value), units[f.Measures[i].Kind])
			}
			t.rows = append(t.rows, []string{m.Key, text})
		}
		if f.Fit.Goal.Kind == model.MeetTargets {
			t.rows = append(t.rows, []string{"objective", short(best.Objective)})
		}
		fmt.Fprintf(a.out, "%s\n", t)
	}
	if s.Undefined > 0 {
		fmt.Fprintf(a.out, "%s without an objective\n", plural(s.Undefined, "point"))
	}
	fmt.Fprintf(a.out, "ended: %s\n", endText(f.Fit, r.Ended))
	if s.Reached != nil && !*s.Reached {
		for _, line := range misses(f.Fit, r.Best()) {
			fmt.Fprintf(a.out, "not reached: %s\n", line)
		}
	}
	a.printCost(shown)
	fmt.Fprintf(a.out, "results: %s\n", dir)
}

// endText says why a search ended.
func endText(f *model.Fit, end fit.End) string {
	return map[fit.End]string{
		fit.Reached:     "the targets are reached",
		fit.Alike:       "the points of the last generation are alike, within the tolerance",
		fit.Narrow:      "the points have come together",
		fit.Evaluations: fmt.Sprintf("another generation would be more than %s", plural(f.Evaluations, "evaluation")),
		fit.Generations: fmt.Sprintf("%s done", plural(f.Generations, "generation")),
		fit.Interrupted: "interrupted",
	}[end]
}

// misses says which targets the best point is not near enough to.
func misses(f *model.Fit, best *fit.Evaluation) []string {
	if best == nil {
		return nil
	}
	var out []string
	for _, t := range f.Goal.Targets {
		for _, m := range best.Measures {
			if m.Key == t.Measure && !(math.Abs(m.Value-t.Value) <= f.Tolerance*t.Scale) {
				out = append(out, fmt.Sprintf("%s is %s, not within %s of %s", m.Key, short(m.Value), short(f.Tolerance*t.Scale), number(t.Value)))
			}
		}
	}
	return out
}
