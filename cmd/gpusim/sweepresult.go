package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"gpusim/ledger"
	"gpusim/model"
	"gpusim/network"
)

// sweepResults is what a sweep leaves, made of its rows one after another.
type sweepResults struct {
	rows    *sweepRows
	source  rowSource
	summary *summary

	// Found in the rows.
	count, whole int // points; those that ran to their end
	shown        *table
	figure, note string
}

const (
	mostShown = 200     // rows of the table for people
	someShown = 20      // of them where there are more
	mostDrawn = 1 << 17 // points of a figure
)

// addSweep enters what is known of a sweep beside its points.
func (s *summary) addSweep(f *model.File, r *network.SweepResult, mode string) {
	s.Mode = mode
	s.Instances, s.Steps, s.Counters = r.Instances, r.Steps, r.Counters
	s.Seconds = seconds{r.BuildSeconds, r.RunSeconds}
	s.Plan = append(s.Plan, r.Plan...)
	s.addSizes(f)
}

func (s *summary) addSizes(f *model.File) {
	for _, p := range f.Populations {
		s.Populations = append(s.Populations, member{p.Name, object{{"size", p.Size}}})
	}
}

// save writes sweep.csv, sweep.png and summary.json. Memory does not grow with the
// number of points beyond what the figure takes.
func (r *sweepResults) save(dir string) error {
	points, err := r.saveCSV(filepath.Join(dir, "sweep.csv"))
	if err != nil {
		return err
	}
	switch {
	case r.rows.shard != nil:
	case r.count > mostDrawn:
		r.note = fmt.Sprintf("no figure: there are %d points, and it can show %d", r.count, mostDrawn)
	default:
		if r.figure, r.note, err = drawSweep(dir, r.rows.file, &network.SweepResult{Names: r.rows.table.Names, Points: points}); err != nil {
			return err
		}
	}
	return r.saveSummary(filepath.Join(dir, "summary.json"))
}

// saveCSV writes sweep.csv. It gives the points where there are not too many for a
// figure.
func (r *sweepResults) saveCSV(path string) ([]network.Point, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	w := csv.NewWriter(file)
	points, err := r.writeCSV(w)
	w.Flush()
	return points, cmp.Or(err, w.Error(), file.Sync(), file.Close())
}

func (r *sweepResults) writeCSV(w *csv.Writer) (points []network.Point, err error) {
	r.shown = &table{head: r.rows.table.Columns()}
	if err := w.Write(r.shown.head); err != nil {
		return nil, err
	}
	bad, first := 0, ""
	err = r.source.Rows(func(row *ledger.Row) error {
		p := r.rows.point(row)
		r.count++
		switch p.Status {
		case network.StatusNaN:
			if bad++; bad == 1 {
				first = p.Detail
			}
			fallthrough
		case network.StatusOK:
			r.whole++
		}
		if r.count <= mostDrawn {
			points = append(points, p)
		}
		if r.count <= mostShown {
			r.shown.rows = append(r.shown.rows, r.rows.row(row.Point, p, short))
		}
		return w.Write(row.Cells)
	})
	if bad > 0 && r.summary.Status == "ok" {
		r.summary.Status = "nan"
	}
	if bad > 0 {
		r.summary.Detail = fmt.Sprintf("%d of %s not finite; the first: %s", bad, plural(r.count, "point"), first)
	}
	return points, err
}

// saveSummary writes summary.json, its points one by one, and so their means.
func (r *sweepResults) saveSummary(path string) error {
	// The summary is written with one point, which stands for all.
	const points, sums = "points of a sweep", "means of a sweep"
	s := *r.summary
	s.Points = []object{}
	if r.count > 0 {
		s.Points = append(s.Points, object{{points, nil}})
		if r.repeats() {
			s.Means = append(s.Means, object{{sums, nil}})
		}
	}
	text, err := jsonText(&s)
	if err != nil {
		return err
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(file)
	standIn := func(name string) []byte { return []byte("{\n      \"" + name + "\": null\n    }") }
	before, after, _ := bytes.Cut(text, standIn(points))
	_, _ = w.Write(before) // Flush gives its error
	each := listWriter(w)
	err = r.source.Rows(func(row *ledger.Row) error { return each(r.rows.object(r.rows.point(row))) })
	if r.count > 0 && r.repeats() {
		before, after, _ = bytes.Cut(after, standIn(sums))
		_, _ = w.Write(before)
		each := listWriter(w)
		m := &repeater{sweep: r.rows.file.Sweep, each: func(same []network.Point) error { return each(meansOf(r.rows.file, same)) }}
		err = errors.Join(err, r.source.Rows(func(row *ledger.Row) error { return m.add(r.rows.point(row)) }), m.end())
	}
	_, _ = w.Write(after)
	return cmp.Or(err, w.Flush(), file.Sync(), file.Close())
}

// repeats reports whether there are means over seeds. A shard has some of the
// seeds of a point only.
func (r *sweepResults) repeats() bool { return r.rows.file.Sweep.Seeds != nil && r.rows.shard == nil }

// listWriter writes the objects of a list in summary.json.
func listWriter(w *bufio.Writer) func(object) error {
	first := true
	return func(o object) error {
		if !first {
			_, _ = w.WriteString(",\n    ") // Flush gives its error
		}
		first = false
		text, err := json.MarshalIndent(o, "    ", "  ")
		_, _ = w.Write(text)
		return err
	}
}

// table is that for people: of a large sweep the first rows.
func (r *sweepResults) table() string {
	if r.count <= mostShown {
		return r.shown.String()
	}
	t := &table{head: r.shown.head, rows: r.shown.rows[:someShown]}
	return t.String() + fmt.Sprintf("... and %d rows more in sweep.csv\n", r.count-someShown)
}

func saveCSV(path string, t *table) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(t.writeCSV(file), file.Close())
}
