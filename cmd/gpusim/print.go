package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gpusim/model"
)

// printJSON writes v, summary.json for one, to standard output.
func (a *app) printJSON(v any) error {
	text, err := jsonText(v)
	if err == nil {
		_, err = a.out.Write(text)
	}
	return err
}

// printRun writes the result of a run for people, or as JSON.
func (a *app) printRun(s *summary, f *model.File, dir string, asJSON bool) error {
	if asJSON {
		return a.printJSON(s)
	}
	fmt.Fprintf(a.out, "%s: %s of %s ms\n", s.Name, plural(s.Steps, "step"), number(s.DtMs))
	a.printDevice(s)
	for _, m := range s.Populations {
		p := m.value.(population)
		fmt.Fprintf(a.out, "%s: %s, %s, %s Hz\n", m.key, plural(p.Size, "neuron"), plural(p.Spikes, "spike"), short(p.RateHz))
	}
	for i, m := range s.Measures {
		text := "undefined"
		if v, ok := m.value.(float64); ok {
			text = withUnit(short(v), units[f.Measures[i].Kind])
		}
		if f.Measures[i].Kind == crossCorrelation {
			text += " in bins of " + number(binUsed(f.Measures[i], s.DtMs)) + " ms"
		}
		fmt.Fprintf(a.out, "%s: %s\n", m.key, text)
	}
	a.printCost(s)
	fmt.Fprintf(a.out, "results: %s\n", dir)
	return nil
}

// printSweep writes the table for people, or the summary as JSON.
func (a *app) printSweep(r *sweepResults, dir string, asJSON bool) error {
	s := r.summary
	if asJSON {
		file, err := os.Open(filepath.Join(dir, "summary.json"))
		if err != nil {
			return err
		}
		defer file.Close()
		_, err = io.Copy(a.out, file)
		return err
	}
	fmt.Fprintf(a.out, "%s: %s of %s of %s ms\n", s.Name, plural(r.count, "point"), plural(s.Steps, "step"), number(s.DtMs))
	a.printDevice(s)
	fmt.Fprintf(a.out, "\n%s\n", r.table())
	a.printCost(s)
	fmt.Fprintf(a.out, "results: %s\n", dir)
	if r.figure != "" {
		fmt.Fprintf(a.out, "figure: %s\n", filepath.Join(dir, r.figure))
	}
	return nil
}

// printDevice writes what computes, and how.
func (a *app) printDevice(s *summary) {
	fmt.Fprintf(a.out, "device: %s, %s\n", s.Device, s.Precision)
	for _, line := range s.Plan {
		fmt.Fprintf(a.out, "  %s\n", line)
	}
}

// printCost writes what the work took.
func (a *app) printCost(s *summary) {
	fmt.Fprintf(a.out, "built in %.3f s, run in %.3f s; %s up, %s down\n", s.Seconds.Build, s.Seconds.Run,
		plural(int(s.Counters.BytesUploaded), "byte"), plural(int(s.Counters.BytesDownloaded), "byte"))
}

// units are those of the measures that have one.
var units = map[string]string{"rate": "Hz", "isi_mean": "ms"}

func withUnit(text, unit string) string {
	if unit == "" {
		return text
	}
	return text + " " + unit
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
