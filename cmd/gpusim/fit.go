package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"gpusim/fit"
	"gpusim/model"
	"gpusim/network"
)

func (a *app) fitCommand() *cobra.Command {
	f := &flags{}
	cmd := &cobra.Command{
		Use:   "fit FILE",
		Short: "Search the parameters at which measures are as wanted",
		Long: `Search the parameters at which a measure of a network is largest or smallest, or
measures are near their targets, by CMA-ES: generation after generation of
points, each run as one batch on the device. FILE.fit.out gets fit.csv, with
every point, fit.png, summary.json, and network.yaml at the best point.`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.fit(cmd.Context(), args[0], f)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	o := &f.load.Fit
	fs.Func("param", "search `NAME=FROM:TO` instead of what the file says, or NAME=log:FROM:TO, in the logarithm; repeatable", func(s string) error {
		return addOverride(&o.Params, s, "NAME=FROM:TO or NAME=log:FROM:TO")
	})
	fs.Func("maximize", "make `MEASURE` large, instead of the goal of the file", measureFlag(&o.Maximize))
	fs.Func("minimize", "make `MEASURE` small, instead of the goal of the file", measureFlag(&o.Minimize))
	fs.Func("target", "bring a measure near a value, `MEASURE=VALUE`, instead of the goal of the file; repeatable", func(s string) error {
		return addOverride(&o.Targets, s, "MEASURE=VALUE")
	})
	fs.Func("evaluations", "try at most `N` points", textFlag(&o.Evaluations))
	fs.Func("generations", "do at most `N` generations", textFlag(&o.Generations))
	fs.Func("population", "try `N` points a generation", textFlag(&o.Population))
	fileFlags(fs, &f.load)
	addWorkFlags(fs, f)
	return cmd
}

// measureFlag takes the name of a measure, which the file is then asked for.
func measureFlag(to *string) func(string) error {
	return func(s string) error {
		if *to = strings.TrimSpace(s); *to == "" {
			return errors.New("it is the name of a measure")
		}
		return nil
	}
}

// textFlag takes a number as the file would have it.
func textFlag(to *string) func(string) error {
	return func(s string) error {
		if *to = strings.TrimSpace(s); *to == "" {
			return errors.New("it is a whole number")
		}
		return nil
	}
}

func (a *app) fit(ctx context.Context, path string, f *flags) error {
	file, err := a.load(path, f.load, f.quiet)
	if err != nil {
		return err
	}
	if file.Fit == nil {
		return usagef("%s has no fit: add one, or give --param NAME=FROM:TO and --maximize, --minimize or --target", file.Source.Name)
	}
	a.noteSweep(file, f)
	a.noteSetAndSearched(file, f)
	out, err := newResults(path, ".fit.out", f)
	if err != nil {
		return err
	}
	part, err := newPartial(out, file.File)
	if err != nil {
		return err
	}
	device, err := a.openDevice(f.device, f.plan)
	if err != nil {
		return errors.Join(err, part.remove())
	}
	defer device.Close()

	r, runErr := a.search(ctx, device, file, part, f)
	switch {
	case r == nil || len(r.History) == 0:
		return errors.Join(nothingDone(runErr), part.remove())
	case runErr != nil && !network.IsCancelled(runErr):
		return fmt.Errorf("%w; what was done before is in %s", runErr, part.path())
	}
	s := newFitSummary(file, device.Info(), r)
	if best := r.Best(); best != nil {
		file.yaml, _ = file.PortableAt(r.Names, best.Values)
	}
	note := ""
	err = out.write(func(dir string) error {
		if note, err = drawFit(filepath.Join(dir, "fit.png"), file.File, r); err != nil {
			return err
		}
		if err := saveCSV(filepath.Join(dir, "fit.csv"), fitTable(file.File, r, 0)); err != nil {
			return err
		}
		if err := file.savePortable(dir); err != nil {
			return err
		}
		return saveJSON(filepath.Join(dir, "summary.json"), s)
	})
	if err != nil {
		return fmt.Errorf("%w; the points are in %s", err, part.path())
	}
	if err := part.remove(); err != nil {
		return err
	}
	if note != "" && !f.quiet {
		a.notef("%s", note)
	}
	if f.json {
		err = a.printJSON(s)
	} else {
		a.printFit(s, file.File, r, out.dir)
	}
	switch {
	case err != nil:
		return err
	case runErr != nil:
		return fmt.Errorf("%w after %s; what was done is in %s", errInterrupted, plural(r.Generations, "generation"), out.dir)
	case s.Status != "ok":
		return errors.New(s.Detail)
	}
	return nil
}

// nothingDone is the error of a search that has not done one generation.
func nothingDone(err error) error {
	if network.IsCancelled(err) {
		return fmt.Errorf("%w before the first generation was done: nothing is saved", errInterrupted)
	}
	return err
}

// search does the search. What it returns is what was done, also where there
// is an error.
func (a *app) search(ctx context.Context, device network.Device, file *networkFile, part *partial, f *flags) (*fit.Result, error) {
	const total = 10000 // parts of a search that progress tells
	p := a.newProgress()
	timed := &timedDevice{Device: device, built: func(d time.Duration) {
		a.compiled(d, f)
		p.begin(file.Name, total, f)
	}}
	r, err := fit.Search(ctx, file.File, timed, &fit.Options{
		Note:       a.noter(f),
		Progress:   func(share float64) { p.at(int(total * share)) },
		Generation: part.add,
	})
	p.end(err == nil)
	return r, err
}

// noteFit tells that a command does not search.
func (a *app) noteFit(file *networkFile, f *flags) {
	if file.Fit != nil && !f.quiet {
		a.notef("the fit in %s is ignored; gpusim fit does it", file.Source.Name)
	}
}

// noteSetAndSearched tells of a --set that the search's own values replace.
func (a *app) noteSetAndSearched(file *networkFile, f *flags) {
	for _, set := range f.load.Set {
		for _, b := range file.Fit.Parameters {
			if set.Name == b.Name && !f.quiet {
				a.notef("--set %s has no effect: the fit gives its values", set.Name)
			}
		}
	}
}

// parameterNames lists what a search varies.
func parameterNames(f *model.Fit) string {
	var all []string
	for _, b := range f.Parameters {
		all = append(all, b.Name)
	}
	return strings.Join(all, ", ")
}

// goalText says what a search is after.
func goalText(g *model.Goal) string {
	switch g.Kind {
	case model.Maximize:
		return "maximize " + g.Measure
	case model.Minimize:
		return "minimize " + g.Measure
	}
	var all []string
	for _, t := range g.Targets {
		all = append(all, t.Measure+" = "+number(t.Value))
	}
	return strings.Join(all, ", ")
}
