package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/network"
)

func (a *app) sweepCommand() *cobra.Command {
	f := &flags{mode: "batch"}
	cmd := &cobra.Command{
		Use:   "sweep FILE",
		Short: "Run a network at all points of its sweep",
		Long: `Run a network at all points of its sweep, side by side on the device.
FILE.sweep.out gets sweep.csv, sweep.png, summary.json and network.yaml, which
runs again to the same bits.`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.sweep(cmd.Context(), args[0], f)
		},
	}
	cmd.Flags().Func("param", "sweep `NAME=SPEC` instead of what the file says: gaba.g_max=0.0005:0.0015:11 (from:to:points) or a,b,c; repeatable", func(s string) error {
		return addOverride(&f.load.Params, s, "NAME=FROM:TO:POINTS or NAME=A,B,C")
	})
	cmd.Flags().Func("mode", "run as `NAME`: batch (default), all points in one launch, or repeat, one after another", oneOf(&f.mode, "batch", "repeat"))
	addRunFlags(cmd, f)
	return cmd
}

func (a *app) sweep(ctx context.Context, path string, f *flags) error {
	file, err := a.load(path, f.load, f.quiet)
	if err != nil {
		return err
	}
	if file.Sweep == nil {
		return usagef("%s has no sweep: add one, or give --param NAME=FROM:TO:POINTS", file.Source.Name)
	}
	if err := checkPieces(f, file); err != nil {
		return err
	}
	a.noteSetAndSwept(file, f)
	a.noteFit(file, f)
	out, err := newResults(path, ".sweep.out", f)
	if err != nil {
		return err
	}
	device, err := a.openDevice(f.device, f.plan)
	if err != nil {
		return err
	}
	defer device.Close()

	r, runErr := a.runSweep(ctx, device, file, f)
	if r == nil || runErr != nil && !network.IsCancelled(runErr) {
		return runErr
	}
	s := newSummary(file, device.Info())
	s.addSweep(file.File, r, f.mode)
	if runErr != nil {
		s.Status = "interrupted"
	}
	figure, note := "", ""
	err = out.write(func(dir string) error {
		if figure, note, err = drawSweep(dir, file.File, r); err != nil {
			return err
		}
		if err := saveCSV(filepath.Join(dir, "sweep.csv"), sweepTable(file.File, r, number)); err != nil {
			return err
		}
		if err := file.savePortable(dir); err != nil {
			return err
		}
		return s.save(dir)
	})
	if err != nil {
		return err
	}
	if note != "" && !f.quiet {
		a.notef("%s", note)
	}
	if err := a.printSweep(s, sweepTable(file.File, r, short), out.dir, figure, f.json); err != nil {
		return err
	}
	switch {
	case runErr != nil:
		return fmt.Errorf("%w with %d of %s done; what was done is in %s", errInterrupted, whole(r), plural(pointCount(file.Sweep), "point"), out.dir)
	case s.Status != "ok":
		return errors.New(s.Detail)
	}
	return nil
}

// runSweep computes all points. What it returns is what was done, also where
// there is an error.
func (a *app) runSweep(ctx context.Context, device network.Device, file *networkFile, f *flags) (*network.SweepResult, error) {
	mode, total := network.Batch, file.Steps()
	if f.mode == "repeat" {
		mode, total = network.Repeat, total*pointCount(file.Sweep)
	}
	p := a.newProgress()
	timed := &timedDevice{Device: device, built: func(d time.Duration) {
		a.compiled(d, f)
		p.begin(file.Name, total, f)
	}}
	r, err := network.Sweep(ctx, file.File, timed, &network.SweepOptions{
		Mode:     mode,
		Pieces:   f.pieces,
		Note:     a.noter(f),
		Progress: func(done, of int) { p.at(int(float64(total) * float64(done) / float64(of))) },
	})
	p.end(err == nil)
	return r, err
}

// noteSetAndSwept tells of a --set that the sweep's own values replace.
func (a *app) noteSetAndSwept(file *networkFile, f *flags) {
	for _, set := range f.load.Set {
		for _, axis := range file.Sweep.Axes {
			if set.Name == axis.Name && !f.quiet {
				a.notef("--set %s has no effect: the sweep gives its values", set.Name)
			}
		}
	}
}

func pointCount(s *model.Sweep) int {
	_, points := network.SweepPoints(s)
	return len(points)
}

// timedDevice is a device that tells when its first program is built, which
// is when a sweep begins to run.
type timedDevice struct {
	network.Device
	built func(time.Duration)
	took  time.Duration // to build that program
	once  sync.Once
}

// Build implements network.Device.
func (d *timedDevice) Build(p *ir.Program, instances int) (network.Engine, error) {
	began := time.Now()
	engine, err := d.Device.Build(p, instances)
	if err == nil {
		d.once.Do(func() {
			d.took = time.Since(began)
			d.built(d.took)
		})
	}
	return engine, err
}
