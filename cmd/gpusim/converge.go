package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"gpusim/cpuref"
	"gpusim/measure"
	"gpusim/model"
	"gpusim/network"
)

func (a *app) convergeCommand() *cobra.Command {
	f := &flags{}
	halvings := 2
	cmd := &cobra.Command{
		Use:   "converge FILE",
		Short: "Run a network from the same start at dt, dt/2, dt/4",
		Long: `Run a network from the same start at its time step and at smaller ones, dt/2 and
dt/4 unless --halvings says another number, and print rates and measures at each,
and how they change. The starting values are evaluated once, at dt. --out writes
what was found to converge.json and converge.csv; otherwise no file is written.`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.converge(cmd.Context(), args[0], halvings, f)
		},
	}
	addRunFlags(cmd, f)
	cmd.Flags().Lookup("json").Usage = "print converge.json"
	cmd.Flags().Func("halvings", fmt.Sprintf("halve dt `N` times (default %d)", halvings), func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > maxHalvings {
			return fmt.Errorf("halvings are a whole number from 1 to %d", maxHalvings)
		}
		halvings = n
		return nil
	})
	return cmd
}

// maxHalvings is the most that dt is halved: a thousand times the steps and more.
const maxHalvings = 12

// convergence is converge.json.
type convergence struct {
	origin
	Status      string  `json:"status"` // ok, nan or interrupted
	Detail      string  `json:"detail,omitempty"`
	Points      []atDt  `json:"points"`
	Differences []delta `json:"differences"`
	Seconds     seconds `json:"seconds"`
}

// atDt is what the run at one time step gave.
type atDt struct {
	DtMs        float64   `json:"dt_ms"`
	Steps       int       `json:"steps"`
	Populations object    `json:"populations"`
	Measures    object    `json:"measures"`
	BinsMs      object    `json:"bins_ms,omitempty"`
	Status      string    `json:"status"`
	Detail      string    `json:"detail,omitempty"`
	values      []float64 // of columns; NaN where undefined
}

// delta is by how much the values at two time steps differ.
type delta struct {
	FromMs float64 `json:"from_dt_ms"`
	ToMs   float64 `json:"to_dt_ms"`
	Values object  `json:"values"`
	values []float64
}

func (a *app) converge(ctx context.Context, path string, halvings int, f *flags) error {
	source, err := a.read(path)
	if err != nil {
		return err
	}
	var files []*networkFile
	total := 0
	for k := 0; k <= halvings; k++ {
		o := f.load
		if k > 0 {
			dt := number(files[0].Dt / float64(int(1)<<k))
			o.Set = append(append([]model.Override(nil), o.Set...), model.Override{Name: "dt", Value: dt})
		}
		file, err := a.parse(source, o, f.quiet || k > 0)
		if err != nil {
			return err
		}
		// What the file records is of no use here; measures ask for what they need.
		for _, p := range file.Populations {
			p.Record = nil
		}
		for _, p := range file.Projections {
			p.Record = nil
		}
		files = append(files, file)
		total += file.Steps()
	}
	a.noteSweep(files[0], f)
	a.noteFit(files[0], f)
	if err := checkPieces(f, files[0]); err != nil {
		return err
	}
	out, err := optionalResults(path, f)
	if err != nil {
		return err
	}
	start, err := startOf(files[0])
	if err != nil {
		return err
	}
	device, err := a.openDevice(f.device, f.plan)
	if err != nil {
		return err
	}
	defer device.Close()

	c := &convergence{origin: newOrigin(files[0], device.Info()), Status: "ok", Points: []atDt{}, Differences: []delta{}}
	p := a.newProgress()
	p.begin(files[0].Name, total, f)
	var runErr error
	done := 0
	for _, file := range files {
		began := time.Now()
		point, took, err := a.runAt(ctx, device, file, start, f, func(n int) { p.at(done + n) })
		if network.IsCancelled(err) {
			runErr = err
			break
		}
		if err != nil {
			p.end(false)
			return err
		}
		c.Seconds.Run += took.Seconds()
		c.Seconds.Build += (time.Since(began) - took).Seconds()
		done += file.Steps()
		c.add(point, columns(files[0].File))
	}
	p.end(runErr == nil)
	if runErr != nil {
		c.Status, c.Detail = "interrupted", fmt.Sprintf("interrupted after %d of %s", len(c.Points), plural(len(files), "time step"))
	}
	table := c.table(columns(files[0].File), number)
	if out != nil {
		if err := out.write(func(dir string) error {
			if err := files[0].savePortable(dir); err != nil {
				return err
			}
			if err := saveCSV(filepath.Join(dir, "converge.csv"), table); err != nil {
				return err
			}
			return saveJSON(filepath.Join(dir, "converge.json"), c)
		}); err != nil {
			return err
		}
	}
	if f.json {
		err = a.printJSON(c)
	} else {
		a.printConvergence(c, files[0], out)
	}
	switch {
	case err != nil:
		return err
	case runErr != nil:
		return fmt.Errorf("%w after %d of %s", errInterrupted, len(c.Points), plural(len(files), "time step"))
	case c.Status != "ok":
		return errors.New(c.Detail)
	}
	return nil
}

// startOf evaluates the starting values of all states, in float64.
func startOf(file *networkFile) (map[string][]float64, error) {
	net, err := network.Compile(file.File, cpuref.New(), nil)
	if err != nil {
		return nil, err
	}
	defer net.Close()
	start := map[string][]float64{}
	get := func(object string, m *model.Model) error {
		for _, s := range m.States {
			name := object + "." + s.Name
			v, err := net.Get(name)
			if err != nil {
				return err
			}
			start[name] = v
		}
		return nil
	}
	for _, p := range file.Populations {
		if err := get(p.Name, p.Model); err != nil {
			return nil, err
		}
	}
	for _, p := range file.Projections {
		if err := get(p.Name, p.Model); err != nil {
			return nil, err
		}
	}
	return start, nil
}

// runAt runs a file from the given start, and says how long the run took.
func (a *app) runAt(ctx context.Context, device network.Device, file *networkFile, start map[string][]float64, f *flags, progress func(int)) (*atDt, time.Duration, error) {
	done := 0
	net, err := network.Compile(file.File, device, &network.Options{Note: a.noter(f), Progress: func(n, _ int) { progress(done + n) }})
	if err != nil {
		return nil, 0, err
	}
	defer net.Close()
	for _, name := range net.StateNames() {
		if v := start[name]; len(v) > 0 {
			if err := net.Set(name, v); err != nil {
				return nil, 0, err
			}
		}
	}
	began := time.Now()
	var all *network.Result
	for _, stop := range stops(file.Steps(), f.pieces, 0) {
		r, err := net.RunSteps(ctx, stop-done)
		if err != nil {
			return nil, 0, err
		}
		if all == nil {
			all = r
		} else {
			all.Append(r)
		}
		if err := net.Fits(all); err != nil {
			return nil, 0, err
		}
		done = stop
	}
	took := time.Since(began)
	point, err := pointAt(file, all)
	return point, took, err
}

// pointAt makes a row of a run's result.
func pointAt(file *networkFile, r *network.Result) (*atDt, error) {
	p := &atDt{DtMs: file.Dt, Steps: r.Steps, Status: "ok", Populations: object{}, Measures: object{}}
	one := &r.Instances[0]
	if one.Bad != nil {
		p.Status, p.Detail = network.StatusNaN, one.Bad.Error()
	}
	for _, train := range one.Spikes {
		rate, _ := measure.RateHz(int64(len(train.Steps)), train.Size, int64(r.Steps), r.Dt)
		p.Populations = append(p.Populations, member{train.Population, population{train.Size, len(train.Steps), rate}})
		p.values = append(p.values, float64(len(train.Steps)), rate)
	}
	values, err := network.Measure(file.File, r, 0)
	if err != nil {
		return nil, err
	}
	p.Measures = measured(values)
	for i, v := range values {
		if !v.Defined {
			v.Value = math.NaN()
		}
		p.values = append(p.values, v.Value)
		if m := file.Measures[i]; m.Kind == crossCorrelation {
			p.BinsMs = append(p.BinsMs, member{m.Key, binUsed(m, file.Dt)})
		}
	}
	return p, nil
}

// columns are the names of what is compared: spikes and rates, then measures.
func columns(f *model.File) []string {
	var out []string
	for _, p := range f.Populations {
		out = append(out, ofPopulation(f, p, "spikes"), ofPopulation(f, p, "rate_hz"))
	}
	for _, m := range f.Measures {
		out = append(out, m.Key)
	}
	return out
}

// add enters a point, and how it differs from the one before.
func (c *convergence) add(p *atDt, names []string) {
	if n := len(c.Points); n > 0 {
		last := &c.Points[n-1]
		d := delta{FromMs: last.DtMs, ToMs: p.DtMs, Values: object{}}
		for i, name := range names {
			v := p.values[i] - last.values[i]
			d.values = append(d.values, v)
			if math.IsNaN(v) {
				d.Values = append(d.Values, member{name, nil})
			} else {
				d.Values = append(d.Values, member{name, v})
			}
		}
		c.Differences = append(c.Differences, d)
	}
	if p.Status != "ok" && c.Status == "ok" {
		c.Status, c.Detail = p.Status, fmt.Sprintf("at dt %s ms: %s", number(p.DtMs), p.Detail)
	}
	c.Points = append(c.Points, *p)
}

// table has a row a time step.
func (c *convergence) table(names []string, number func(float64) string) *table {
	t := &table{head: append(append([]string{"dt_ms", "steps"}, names...), "status")}
	for _, p := range c.Points {
		row := append([]string{number(p.DtMs), count(p.Steps)}, cells(p.values, number)...)
		t.rows = append(t.rows, append(row, p.Status))
	}
	return t
}

// cells writes numbers; what is undefined is empty.
func cells(values []float64, number func(float64) string) []string {
	var out []string
	for _, v := range values {
		text := ""
		if !math.IsNaN(v) {
			text = number(v)
		}
		out = append(out, text)
	}
	return out
}

func (a *app) printConvergence(c *convergence, file *networkFile, out *results) {
	fmt.Fprintf(a.out, "%s: from %s ms to %s ms from the same start\n", c.Name, short(c.StartMs), short(c.StartMs+file.Run.Duration))
	fmt.Fprintf(a.out, "device: %s, %s\n", c.Device, c.Precision)
	names := columns(file.File)
	fmt.Fprintf(a.out, "\n%s", c.table(names, short))
	if len(c.Differences) > 0 {
		t := &table{head: append([]string{"from dt_ms", "to dt_ms"}, names...)}
		for _, d := range c.Differences {
			t.rows = append(t.rows, append([]string{number(d.FromMs), number(d.ToMs)}, cells(d.values, signed)...))
		}
		fmt.Fprintf(a.out, "\nchange\n%s", t)
	}
	fmt.Fprintf(a.out, "\nbuilt in %.3f s, run in %.3f s\n", c.Seconds.Build, c.Seconds.Run)
	if out != nil {
		fmt.Fprintf(a.out, "results: %s\n", out.dir)
	}
}

// signed is short with a sign.
func signed(v float64) string {
	if v > 0 {
		return "+" + short(v)
	}
	return short(v)
}
