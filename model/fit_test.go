package model

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gpusim/model/diag"
	"gpusim/model/lang"
)

const fitFile = `gpusim: 1
dt: 0.1
constants: {drive: 12, top: 30}
populations:
  cells: {model: lif, size: 10, parameters: {tau: 10 + i}}
inputs:
  - {to: cells.inp, value: drive}
run: {duration: 100, seed: 7}
measure:
  - rate: {of: cells}
  - isi_cv: {of: cells}
`

func parseFit(t *testing.T, text string, o FitOptions) *File {
	t.Helper()
	f, _, err := Parse("fit.yaml", []byte(text), ".", LoadOptions{Fit: o})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func compareFit(t *testing.T, got, want *Fit) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreTypes(diag.Pos{})); diff != "" {
		t.Error(diff)
	}
}

// What a section says, and what it has where it does not say it.
func TestFitSection(t *testing.T) {
	f := parseFit(t, fitFile+`fit:
  parameters:
    cells.tau: {log_from: 4, log_to: 25}
    drive: {from: 2*5, to: top}
    cells.V: {from: -70, to: -50, at: -52}
  goal: {targets: {rate: 40, isi_cv: {value: 0, weight: 0.5}}}
`, FitOptions{})
	compareFit(t, f.Fit, &Fit{
		Parameters: []*Bounds{
			{Name: "cells.tau", From: 4, To: 25, Log: true, Start: 10},
			{Name: "drive", From: 10, To: 30, Start: 20},
			{Name: "cells.V", From: -70, To: -50, Start: -52},
		},
		Goal: Goal{Kind: MeetTargets, Targets: []*Target{
			{Measure: "rate", Value: 40, Weight: 1, Scale: 40}, {Measure: "isi_cv", Value: 0, Weight: 0.5, Scale: 1},
		}},
		Population: 16, Evaluations: 400, Seed: 7, Seeds: 1, Tolerance: 0.01,
	})
	if f.Shaped("top") != "" {
		t.Errorf("a bound made the constant structure: %s", f.Shaped("top"))
	}
	f = parseFit(t, fitFile+`fit:
  parameters: {inputs.0.value: {from: 1, to: 3}}
  goal: {minimize: isi_cv}
  population: 8
  generations: 5
  evaluations: 80
  seed: 18446744073709551615
  seeds: 3
  tolerance: 0
`, FitOptions{})
	compareFit(t, f.Fit, &Fit{
		Parameters: []*Bounds{{Name: "inputs.0.value", From: 1, To: 3, Start: 2}},
		Goal:       Goal{Kind: Minimize, Measure: "isi_cv"},
		Population: 8, Generations: 5, Evaluations: 80, Seed: 1<<64 - 1, Seeds: 3,
	})
}

// Flags make the section, or replace what it says.
func TestFitFlags(t *testing.T) {
	o := FitOptions{Params: []Override{{"drive", "1:3"}, {"cells.R", "log:0.1:10"}}, Maximize: "rate", Evaluations: "100"}
	want := &Fit{
		Parameters: []*Bounds{{Name: "drive", From: 1, To: 3, Start: 2}, {Name: "cells.R", From: 0.1, To: 10, Log: true, Start: 1}},
		Goal:       Goal{Kind: Maximize, Measure: "rate"},
		Population: 16, Evaluations: 100, Seed: 7, Seeds: 1, Tolerance: 0.01,
	}
	f := parseFit(t, fitFile, o)
	compareFit(t, f.Fit, want)
	again := parseFit(t, f.YAML(), FitOptions{})
	compareFit(t, again.Fit, want)

	o.Maximize, o.Targets, o.Population, o.Generations = "", []Override{{"rate", "20"}}, "4", "2"
	want.Goal = Goal{Kind: MeetTargets, Targets: []*Target{{Measure: "rate", Value: 20, Weight: 1, Scale: 20}}}
	want.Population, want.Generations, want.Tolerance = 4, 2, 0.2
	compareFit(t, parseFit(t, fitFile+`fit:
  parameters: {cells.tau: {from: 1, to: 2}}
  goal: {minimize: rate}
  population: 100
  tolerance: 0.2
`, o).Fit, want)
}

// The values of a point go where their names stand, with all their digits.
func TestPortableAt(t *testing.T) {
	f := parseFit(t, fitFile, FitOptions{})
	names := []string{"drive", "cells.tau", "cells.V", "inputs.0.value"}
	values := []float64{1.0 / 3, 1e-7, -62.5, 6.02214076e23}
	text, _ := f.PortableAt(names, values)
	for _, want := range []string{"drive: 0.3333333333333333", "tau: 1e-07", "V: -62.5", "value: 6.02214076e+23"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	g := parseFit(t, text, FitOptions{})
	cells := g.Population("cells")
	for i, v := range []*Value{g.Constant("drive"), find(cells.Parameters, "tau"), find(cells.Init, "V"), g.Inputs[0].Value} {
		got, err := lang.Eval(v.Expr, func(*lang.Name) (float64, bool) { return 0, false })
		if got != values[i] || err != nil {
			t.Errorf("%s is %v, want %v: %v", names[i], got, values[i], err)
		}
	}
	if f.YAML() == text || strings.Contains(f.YAML(), "1e-07") {
		t.Error("the file itself was changed")
	}
}
