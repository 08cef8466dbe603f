package main

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"

	"gpusim/model"
	"gpusim/network"
)

// addSweep enters what a sweep gave.
func (s *summary) addSweep(f *model.File, r *network.SweepResult, mode string) {
	s.Mode = mode
	s.Instances, s.Steps, s.Counters = r.Instances, r.Steps, r.Counters
	s.Seconds = seconds{r.BuildSeconds, r.RunSeconds}
	s.Plan = append(s.Plan, r.Plan...)
	for _, p := range f.Populations {
		s.Populations = append(s.Populations, member{p.Name, object{{"size", p.Size}}})
	}
	s.Means = means(f, r.Points)
	bad := 0
	s.Points = []object{}
	for _, p := range r.Points {
		point := object{}
		for i, name := range r.Names {
			point = append(point, member{name, jsonValue(f.Sweep, i, p.Values[i])})
		}
		point = append(point, measured(p.Measures)...)
		for i, pop := range f.Populations {
			point = append(point, member{ofPopulation(f, pop, "spikes"), p.Spikes[i]},
				member{ofPopulation(f, pop, "rate_hz"), p.RateHz[i]})
		}
		point = append(point, member{"status", p.Status})
		if p.Detail != "" {
			point = append(point, member{"detail", p.Detail})
		}
		s.Points = append(s.Points, point)
		if p.Status == network.StatusNaN {
			bad++
			if s.Status == "ok" {
				s.Status, s.Detail = "nan", p.Detail
			}
		}
	}
	if bad > 0 {
		s.Detail = fmt.Sprintf("%d of %s not finite; the first: %s", bad, plural(len(r.Points), "point"), s.Detail)
	}
}

// ofPopulation is the column of a population's spikes or rate: its name stands
// before it only where there are several.
func ofPopulation(f *model.File, p *model.Population, what string) string {
	if len(f.Populations) == 1 {
		return what
	}
	return p.Name + "." + what
}

// sweepTable has a row a point; sweep.csv writes all digits of a number, the
// table for people a few.
func sweepTable(f *model.File, r *network.SweepResult, number func(float64) string) *table {
	t := &table{head: append([]string{}, r.Names...)}
	for _, m := range f.Measures {
		t.head = append(t.head, m.Key)
	}
	for _, p := range f.Populations {
		t.head = append(t.head, ofPopulation(f, p, "spikes"), ofPopulation(f, p, "rate_hz"))
	}
	t.head = append(t.head, "status")
	for _, p := range r.Points {
		var row []string
		for i, v := range p.Values {
			row = append(row, textValue(f.Sweep, i, v, number))
		}
		for i := range f.Measures {
			cell := ""
			if v := measureAt(p, i); !math.IsNaN(v) {
				cell = number(v)
			}
			row = append(row, cell)
		}
		for i := range f.Populations {
			row = append(row, strconv.Itoa(p.Spikes[i]), number(p.RateHz[i]))
		}
		t.rows = append(t.rows, append(row, p.Status))
	}
	return t
}

func saveCSV(path string, t *table) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(t.writeCSV(file), file.Close())
}

// whole is the number of points that were run to their end.
func whole(r *network.SweepResult) int {
	n := 0
	for _, p := range r.Points {
		if p.Status != network.StatusInterrupted {
			n++
		}
	}
	return n
}
