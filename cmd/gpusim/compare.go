package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"gpusim/compare"
	"gpusim/cpuref"
	"gpusim/gpu/glctx"
	"gpusim/network"
)

func (a *app) compareCommand() *cobra.Command {
	f := &flags{}
	cmd := &cobra.Command{
		Use:   "compare FILE",
		Short: "Compare the device with the float64 engine",
		Long: `Run a network on the device and on the float64 engine, from the same start, and
again from the device's own state every 10 ms for 10 ms, and say how far apart
the two are and where they first part. The exit code is 1 where they are
further apart than float32 explains. --out writes what was found to
compare.json; otherwise no file is written.`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.compare(cmd.Context(), args[0], f)
		},
	}
	addRunFlags(cmd, f)
	cmd.Flags().Lookup("json").Usage = "print compare.json"
	cmd.Flags().Lookup("device").Usage = "compare `NAME`: auto (default) or gpu, both OpenGL"
	return cmd
}

// comparison is compare.json.
type comparison struct {
	origin
	Against origin64 `json:"against"`
	Seconds seconds  `json:"seconds"`
	compare.Report
}

// origin64 is the engine that a device is compared with.
type origin64 struct {
	Device    string `json:"device"`
	Engine    string `json:"engine"`
	Precision string `json:"precision"`
}

func (a *app) compare(ctx context.Context, path string, f *flags) error {
	if f.device == "cpu" {
		return usagef("--device cpu: it would compare the float64 engine with itself; compare needs OpenGL")
	}
	file, err := a.load(path, f.load, f.quiet)
	if err != nil {
		return err
	}
	a.noteSweep(file, f)
	a.noteFit(file, f)
	if err := checkPieces(f, file); err != nil {
		return err
	}
	out, err := optionalResults(path, f)
	if err != nil {
		return err
	}
	device, err := a.openDevice("gpu", f.plan)
	if err != nil {
		if errors.Is(err, glctx.ErrNoContext) {
			err = fmt.Errorf("nothing to compare with the float64 engine: %w", err)
		}
		return err
	}
	defer device.Close()
	reference := cpuref.New()

	p := a.newProgress()
	timed := &timedDevice{Device: device, built: func(d time.Duration) {
		a.compiled(d, f)
		p.begin(file.Name, file.Steps(), f)
	}}
	began := time.Now()
	report, runErr := compare.Run(ctx, file.File, timed, reference, compare.Options{
		Pieces: f.pieces, Note: a.noter(f), Progress: func(done, _ int) { p.at(done) },
	})
	p.end(runErr == nil)
	if report == nil || runErr != nil && !network.IsCancelled(runErr) {
		return runErr
	}
	r := reference.Info()
	c := &comparison{origin: newOrigin(file, device.Info()), Against: origin64{r.Device, r.Engine, r.Precision}, Report: *report}
	c.Seconds = seconds{timed.took.Seconds(), (time.Since(began) - timed.took).Seconds()}
	if out != nil {
		if err := out.write(func(dir string) error {
			if err := file.savePortable(dir); err != nil {
				return err
			}
			return saveJSON(filepath.Join(dir, "compare.json"), c)
		}); err != nil {
			return err
		}
	}
	if f.json {
		err = a.printJSON(c)
	} else {
		a.printComparison(c, file, out)
	}
	switch {
	case err != nil:
		return err
	case runErr != nil:
		return fmt.Errorf("%w after %d of %s", errInterrupted, c.Steps, plural(file.Steps(), "step"))
	case c.Status == compare.Apart:
		return fmt.Errorf("the device and the float64 engine are apart: %s", c.Reasons[0])
	}
	return nil
}

// optionalResults is the folder that --out names, nil without.
func optionalResults(path string, f *flags) (*results, error) {
	if f.out == "" {
		return nil, nil
	}
	return newResults(path, "", f)
}

// noteSweep tells that a command runs one network, not the file's sweep.
func (a *app) noteSweep(file *networkFile, f *flags) {
	if file.Sweep != nil && !f.quiet {
		a.notef("the sweep in %s is ignored; gpusim sweep runs it", file.Source.Name)
	}
}

// printComparison writes what was found for people.
func (a *app) printComparison(c *comparison, file *networkFile, out *results) {
	fmt.Fprintf(a.out, "%s: %s of %s ms\n", c.Name, plural(c.Steps, "step"), number(c.DtMs))
	fmt.Fprintf(a.out, "device: %s, %s\n", c.Device, c.Precision)
	for _, line := range c.Plan {
		fmt.Fprintf(a.out, "  %s\n", line)
	}
	fmt.Fprintf(a.out, "against: %s, %s\n", c.Against.Device, c.Against.Precision)

	fmt.Fprintf(a.out, "\nfrom the device's state every %s ms for %s ms: %s\n\n", short(c.WindowMs), short(c.WindowMs), plural(c.Windows, "window"))
	t := &table{head: []string{"population", "spikes", "float64", "same step", "within a step", "near threshold", "apart"}, text: 1}
	for _, p := range c.Populations {
		t.rows = append(t.rows, []string{p.Name, count(p.Spikes), count(p.SpikesFloat64), count(p.SameStep), count(p.WithinOneStep),
			count(p.NearThreshold), count(len(p.Alone))})
	}
	if len(t.rows) > 0 {
		fmt.Fprintf(a.out, "%s\n", t)
	}
	t = &table{head: []string{"variable", "lowest", "highest", "median", "95 %", "worst", "where the worst is", "worst window", "limit"}, text: 1}
	for _, v := range c.Variables {
		at := "-"
		if w := v.WorstAt; w != nil {
			at = fmt.Sprintf("%s %d at %s ms", w.Of, w.Element, short(w.Ms))
		}
		t.rows = append(t.rows, []string{v.Name, optional(v.Low), optional(v.High), brief(v.Median), brief(v.P95), brief(v.Worst), at,
			brief(v.WindowMedian), brief(v.Limit)})
	}
	fmt.Fprintf(a.out, "%s(differences; worst window: the largest median of a window, which has the limit)\n", t)
	a.printParting(c.FirstParted, len(c.Populations))

	fmt.Fprintf(a.out, "\nfree run from the same start%s\n\n", map[bool]string{true: "", false: " (reported, not judged: compare: {free_run: false})"}[c.FreeRun.Judged])
	t = &table{head: []string{"population", "spikes", "float64", "rate_hz", "float64", "other counts", "same step", "within a step"}, text: 1}
	for _, p := range c.FreeRun.Populations {
		t.rows = append(t.rows, []string{p.Name, count(p.Spikes), count(p.SpikesFloat64), short(p.RateHz), short(p.RateHzFloat64),
			plural(p.CountsDiffer, "neuron"), count(p.SameStep), count(p.WithinOneStep)})
	}
	fmt.Fprintf(a.out, "%s\n", t)
	t = &table{head: []string{"measure", "device", "float64", "difference", "limit"}, text: 1}
	for _, v := range c.FreeRun.Voltages {
		t.rows = append(t.rows, []string{fmt.Sprintf("%s, median over %s ms", v.Name, short(min(compare.VoltageMs, float64(c.Steps)*c.DtMs))), "", "", brief(v.Median), brief(v.Limit)})
	}
	for _, m := range c.FreeRun.Measures {
		row := []string{m.Key, optional(m.Value), optional(m.Float64), "", ""}
		if m.Value != nil && m.Float64 != nil {
			row[3] = brief(math.Abs(*m.Value - *m.Float64))
		}
		if m.Limit != nil {
			row[4] = brief(*m.Limit)
		}
		t.rows = append(t.rows, row)
	}
	if len(t.rows) > 0 {
		fmt.Fprintf(a.out, "%s", t)
	}
	a.printParting(c.FreeRun.FirstParted, len(c.Populations))

	fmt.Fprintln(a.out)
	switch {
	case c.Status == compare.Within:
		fmt.Fprintln(a.out, "within the limits of float32")
	case len(c.Reasons) == 0:
		fmt.Fprintln(a.out, "within the limits of float32 as far as it came")
	}
	for _, reason := range c.Reasons {
		fmt.Fprintf(a.out, "apart: %s\n", reason)
	}
	if out != nil {
		fmt.Fprintf(a.out, "results: %s\n", out.dir)
	}
}

// printParting says where the spikes of so many spiking populations first differ.
func (a *app) printParting(p *compare.Parting, spiking int) {
	switch {
	case spiking == 0:
		return
	case p == nil:
		fmt.Fprintln(a.out, "every spike is on the same step")
		return
	}
	fmt.Fprintf(a.out, "first spike that differs: neuron %d of %s at %s ms (step %d), where %s has it\n", p.Neuron, p.Population,
		short(p.Ms), p.Step, map[string]string{"device": "the device", "float64": "float64"}[p.By])
}
