package main

import (
	"math"
	"strconv"
	"strings"

	"gpusim/ledger"
	"gpusim/model"
	"gpusim/network"
)

// sweepRows turns the points of a sweep into rows of sweep.csv and back.
type sweepRows struct {
	file   *model.File
	points [][]float64
	shard  *ledger.Shard // nil: all points
	table  *ledger.Table
}

func newSweepRows(f *model.File, shard *ledger.Shard) *sweepRows {
	r := &sweepRows{file: f, shard: shard}
	t := &ledger.Table{States: []string{network.StatusOK, network.StatusNaN}}
	t.Names, r.points = network.SweepPoints(f.Sweep)
	t.Values = func(k int) []string { return r.values(k, number) }
	for _, m := range f.Measures {
		t.Numbers = append(t.Numbers, ledger.Number{Name: m.Key, Optional: true})
	}
	for _, p := range f.Populations {
		t.Numbers = append(t.Numbers, ledger.Number{Name: ofPopulation(f, p, "spikes"), Whole: true},
			ledger.Number{Name: ofPopulation(f, p, "rate_hz")})
	}
	r.table = t
	return r
}

// ofPopulation is the column of a population's spikes or rate: its name stands
// before it only where there are several.
func ofPopulation(f *model.File, p *model.Population, what string) string {
	if len(f.Populations) == 1 {
		return what
	}
	return p.Name + "." + what
}

// values are the parameters of a point.
func (r *sweepRows) values(k int, number func(float64) string) []string {
	var cells []string
	for i, v := range r.points[k] {
		if w := r.file.Sweep.Word(i, v); w != "" {
			cells = append(cells, w)
		} else {
			cells = append(cells, number(v))
		}
	}
	return cells
}

// cells is the row of a point, with all digits.
func (r *sweepRows) cells(k int, p network.Point) []string { return r.row(k, p, number) }

// row is that of a point, with numbers as they are written for people or for files.
func (r *sweepRows) row(k int, p network.Point, number func(float64) string) []string {
	cells := r.values(k, number)
	for i := range r.file.Measures {
		cell := ""
		if v := measureAt(p, i); !math.IsNaN(v) {
			cell = number(v)
		}
		cells = append(cells, cell)
	}
	for i := range r.file.Populations {
		cells = append(cells, strconv.Itoa(p.Spikes[i]), number(p.RateHz[i]))
	}
	return append(cells, p.Status)
}

// point reads a row.
func (r *sweepRows) point(row *ledger.Row) network.Point {
	// Points are kept for the figure: they must not hold on to the line that they are from.
	p := network.Point{Values: r.points[row.Point], Detail: strings.Clone(row.Detail)}
	for _, status := range []string{network.StatusOK, network.StatusNaN, network.StatusInterrupted} {
		if status == row.Cells[len(row.Cells)-1] {
			p.Status = status
		}
	}
	cells := row.Cells[len(r.table.Names):]
	for i, m := range r.file.Measures {
		v, err := strconv.ParseFloat(cells[i], 64)
		x := network.MeasureValue{Key: m.Key, Value: v, Defined: err == nil}
		if err != nil { // it is empty
			x.Value = math.NaN()
		}
		p.Measures = append(p.Measures, x)
	}
	cells = cells[len(r.file.Measures):]
	for i := range r.file.Populations {
		spikes, _ := strconv.Atoi(cells[2*i]) // they were looked at when they were read
		hz, _ := strconv.ParseFloat(cells[2*i+1], 64)
		p.Spikes, p.RateHz = append(p.Spikes, spikes), append(p.RateHz, hz)
	}
	return p
}

// object is a point as summary.json has it.
func (r *sweepRows) object(p network.Point) object {
	o := object{}
	for i, name := range r.table.Names {
		o = append(o, member{name, jsonValue(r.file.Sweep, i, p.Values[i])})
	}
	o = append(o, measured(p.Measures)...)
	for i, pop := range r.file.Populations {
		o = append(o, member{ofPopulation(r.file, pop, "spikes"), p.Spikes[i]}, member{ofPopulation(r.file, pop, "rate_hz"), p.RateHz[i]})
	}
	o = append(o, member{"status", p.Status})
	if p.Detail != "" {
		o = append(o, member{"detail", p.Detail})
	}
	return o
}

// rowSource is rows in the order of points.
type rowSource interface {
	Rows(func(*ledger.Row) error) error
}

// withCut is the rows of a source and those of points that were cut, in the order
// of points.
type withCut struct {
	rowSource
	cut []*ledger.Row // ascending
}

func (w *withCut) Rows(f func(*ledger.Row) error) error {
	rest := w.cut
	before := func(point int) error {
		for len(rest) > 0 && rest[0].Point < point {
			row := rest[0]
			rest = rest[1:]
			if err := f(row); err != nil {
				return err
			}
		}
		return nil
	}
	err := w.rowSource.Rows(func(row *ledger.Row) error {
		if err := before(row.Point); err != nil {
			return err
		}
		return f(row)
	})
	if err != nil {
		return err
	}
	return before(math.MaxInt)
}
