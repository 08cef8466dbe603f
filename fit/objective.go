package fit

import (
	"math"

	"gpusim/model"
	"gpusim/network"
)

// objectiveOf gives the objective of a goal: the measure that is maximized or
// minimized, or the weighted sum of squared differences from the targets. It is
// not ok where a measure is undefined, or the sum too large for a number.
func objectiveOf(g *model.Goal, measures []network.MeasureValue) (value float64, ok bool) {
	if g.Kind != model.MeetTargets {
		return find(measures, g.Measure)
	}
	for _, t := range g.Targets {
		m, ok := find(measures, t.Measure)
		if !ok {
			return 0, false
		}
		off := (m - t.Value) / t.Scale
		value += t.Weight * off * off
	}
	return value, !math.IsInf(value, 0) && !math.IsNaN(value)
}

// find gives a measure that is defined.
func find(measures []network.MeasureValue, key string) (float64, bool) {
	for _, m := range measures {
		if m.Key == key {
			return m.Value, m.Defined
		}
	}
	return 0, false
}

// loss is what the search makes small: +Inf for a point without an objective.
func loss(g *model.Goal, e *Evaluation) float64 {
	switch {
	case e.Status != StatusOK:
		return math.Inf(1)
	case g.Kind == model.Maximize:
		return -e.Objective
	}
	return e.Objective
}

// meets reports whether all measures are as near to their targets as the
// tolerance asks.
func meets(f *model.Fit, measures []network.MeasureValue) bool {
	for _, t := range f.Goal.Targets {
		m, ok := find(measures, t.Measure)
		if !ok || !(math.Abs(m-t.Value) <= f.Tolerance*t.Scale) {
			return false
		}
	}
	return f.Goal.Kind == model.MeetTargets
}

// alike reports whether the objectives of a generation differ by no more than
// the tolerance allows, as a share of the best.
func alike(f *model.Fit, generation []Evaluation) bool {
	low, high := math.Inf(1), math.Inf(-1)
	for i := range generation {
		x := loss(&f.Goal, &generation[i])
		low, high = min(low, x), max(high, x)
	}
	return f.Goal.Kind != model.MeetTargets && high-low <= f.Tolerance*math.Abs(low)
}
