package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"gpusim/model"
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
	cmd.Flags().Func("param", "sweep this instead of what the file says: gaba.g_max=0.0005:0.0015:11 (from:to:points) or a,b,c; repeatable, `NAME=SPEC`", func(s string) error {
		return addOverride(&f.load.Params, s, "NAME=FROM:TO:POINTS or NAME=A,B,C")
	})
	cmd.Flags().Func("mode", "batch (default), all points in one launch, or repeat, one after another, `NAME`", oneOf(&f.mode, "batch", "repeat"))
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
	out, err := newResults(path, ".sweep.out", f)
	if err != nil {
		return err
	}
	device, err := a.openDevice(f.device)
	if err != nil {
		return err
	}
	defer device.Close()

	r, runErr := a.runSweep(ctx, device, file, f)
	if r == nil || runErr != nil && !errors.Is(runErr, context.Canceled) {
		return runErr
	}
	s := newSummary(file, device.Info())
	s.addSweep(file.File, r, f.mode)
	if runErr != nil {
		s.Status = "interrupted"
	}
	t := sweepTable(file.File, r)
	note := ""
	err = out.write(func(dir string) error {
		if note, err = drawSweep(filepath.Join(dir, "sweep.png"), file.File, r); err != nil {
			return err
		}
		if err := saveCSV(filepath.Join(dir, "sweep.csv"), t); err != nil {
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
	if err := a.printSweep(s, t, out.dir, f.json); err != nil {
		return err
	}
	switch {
	case runErr != nil:
		return fmt.Errorf("%w with %d of %d points whole; the results are in %s", errInterrupted, countOK(r), pointCount(file.Sweep), out.dir)
	case s.Status != "ok":
		return errors.New(s.Detail)
	}
	return nil
}

// runSweep computes all points. What it returns is what was done, also where
// there is an error.
func (a *app) runSweep(ctx context.Context, device network.Device, file *networkFile, f *flags) (*network.SweepResult, error) {
	mode := network.Batch
	if f.mode == "repeat" {
		mode = network.Repeat
	}
	var p *progress // begins when the network is built
	r, err := network.Sweep(ctx, file.File, device, &network.SweepOptions{
		Mode:   mode,
		Pieces: f.pieces,
		Note:   a.noter(f),
		Built: func(d time.Duration) {
			a.compiled(d, f)
			p = a.newProgress(file.Name, f)
		},
		Progress: func(done, total int) { p.at(done, total) },
	})
	if p != nil {
		p.end(err == nil)
	}
	return r, err
}
