package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"gpusim/ledger"
	"gpusim/model/ir"
	"gpusim/network"
)

func (a *app) sweepCommand() *cobra.Command {
	f := &flags{mode: "batch"}
	cmd := &cobra.Command{
		Use:   "sweep FILE",
		Short: "Run a network at all points of its sweep",
		Long: `Run a network at all points of its sweep, side by side on the device.
Where it changes the structure, networks are built one after another.
FILE.sweep.out gets sweep.csv, sweep.png, summary.json and network.yaml, which
runs again to the same bits. While it runs, what is done is in FILE.sweep.out.part,
and with --resume it goes on from there, also after a crash.`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.sweep(cmd.Context(), args[0], f)
		},
	}
	cmd.Flags().Func("param", "sweep `NAME=SPEC` instead of what the file says: gaba.g_max=0.0005:0.0015:11 (from:to:points) or a,b,c; repeatable", func(s string) error {
		return addOverride(&f.load.Params, s, "NAME=FROM:TO:POINTS or NAME=A,B,C")
	})
	designFlags(cmd.Flags(), &f.load)
	cmd.Flags().Func("mode", "run as `NAME`: batch (default), all points in one launch, or repeat, one after another", oneOf(&f.mode, "batch", "repeat"))
	addSearchFlags(cmd.Flags(), f)
	addRunFlags(cmd, f)
	return cmd
}

// addSearchFlags adds the flags of sweeps that are large.
func addSearchFlags(fs *pflag.FlagSet, f *flags) {
	fs.Func("batch", "run `N` points side by side; without it gpusim measures how many are best, and no result depends on it", func(s string) error {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return errors.New("it is a whole number of at least 1")
		}
		f.batch = n
		return nil
	})
	fs.BoolVar(&f.unfinished, "resume", false, "go on with a sweep that was not finished; begin it where there is none")
	fs.Func("keep", "keep `WHAT` of each point: spikes, as spikes/POINT.npz", func(s string) error {
		if s != "spikes" {
			return errors.New("it is spikes")
		}
		f.keepSpikes = true
		return nil
	})
	fs.Func("shard", "run shard `I/N` of the points, I counted from 0; auto/N takes I from SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX", func(s string) (err error) {
		f.shard, err = ledger.ParseShard(s, os.Getenv)
		return err
	})
}

func (a *app) sweep(ctx context.Context, path string, f *flags) error {
	if f.unfinished && f.force {
		return usagef("--resume goes on with a sweep and --force begins it anew: give one of them")
	}
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
	out, err := newSweepResults(path, f)
	if err != nil {
		return err
	}
	device, err := a.openDevice(f.device, f.plan)
	if err != nil {
		return err
	}
	defer device.Close()

	rows := newSweepRows(file.File, f.shard)
	folder, err := openSweepFolder(out, file, rows, newManifest(file, rows, device.Info(), f), f)
	if err != nil {
		return err
	}
	if folder.complete {
		fmt.Fprintf(a.out, "%s is complete: nothing to do\n", out.dir)
		return nil
	}
	if done := folder.ledger.Done(); done > 0 && !f.quiet {
		a.notef("%d of %s are done already", done, plural(folder.ledger.Points(), "point"))
	}
	r, runErr := a.runSweep(ctx, device, file, folder, f)
	if runErr != nil && !network.IsCancelled(runErr) {
		return folder.abandon(runErr)
	}
	s := newSummary(file, device.Info())
	s.addSweep(file.File, r, f.mode)
	return a.finishSweep(folder, &sweepResults{rows: rows, summary: s}, file, runErr, f)
}

// finishSweep writes the results of a sweep that was done, or interrupted.
func (a *app) finishSweep(folder *sweepFolder, r *sweepResults, file *networkFile, runErr error, f *flags) error {
	out := folder.out
	r.source = folder.ledger
	var err error
	switch {
	case runErr == nil:
		err = folder.finish(r.save)
	case f.shard != nil: // which is nothing by itself: the next task goes on with it
		a.notef("to go on: %s", a.again())
		return fmt.Errorf("%w with %d of %s done, which are in %s", errInterrupted, folder.ledger.Done(), plural(folder.ledger.Points(), "point"), folder.part)
	default:
		r.summary.Status = "interrupted"
		slices.SortFunc(folder.cut, func(x, y *ledger.Row) int { return x.Point - y.Point })
		r.source = &withCut{folder.ledger, folder.cut}
		err = errors.Join(out.write(func(dir string) error {
			if err := file.savePortable(dir); err != nil {
				return err
			}
			return r.save(dir)
		}), folder.ledger.Close())
	}
	if err != nil {
		return err
	}
	if r.note != "" && !f.quiet {
		a.notef("%s", r.note)
	}
	if err := a.printSweep(r, out.dir, f.json); err != nil {
		return err
	}
	switch {
	case runErr != nil:
		a.notef("to go on: %s", a.again())
		return fmt.Errorf("%w with %d of %s done; what was done is in %s", errInterrupted, r.whole, plural(folder.ledger.Points(), "point"), out.dir)
	case r.summary.Status != "ok":
		return errors.New(r.summary.Detail)
	}
	return nil
}

// again is the command that goes on with the sweep at hand.
func (a *app) again() string {
	words := []string{"gpusim"}
	for _, arg := range a.args {
		if arg != "--resume" && arg != "--force" {
			words = append(words, shellQuoted(arg))
		}
	}
	return strings.Join(append(words, "--resume"), " ")
}

// shellQuoted is a word as a shell reads it back.
func shellQuoted(s string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+.,:/@%"
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// newSweepResults chooses the folder of a sweep, or of a shard of one: its number
// stands before the ending.
func newSweepResults(path string, f *flags) (*results, error) {
	shard := ""
	if f.shard != nil {
		shard = fmt.Sprintf(".%d-of-%d", f.shard.I, f.shard.N)
	}
	g := *f
	g.force = f.force || f.unfinished // what is replaced is looked at by openSweepFolder
	if f.out != "" {
		g.out = filepath.Clean(f.out) + shard
	}
	dir := resultsDir(path, ".sweep"+shard+".out", g.out)
	if part := dir + ledger.PartSuffix; ledger.Begun(part) && !g.force {
		return nil, usagef("%s is of a sweep that was not finished: --resume goes on with it, --force begins anew", part)
	}
	return newResults(path, ".sweep"+shard+".out", &g)
}

// runSweep computes the points that are not done. What it returns is what was done,
// also where there is an error.
func (a *app) runSweep(ctx context.Context, device network.Device, file *networkFile, folder *sweepFolder, f *flags) (*network.SweepResult, error) {
	todo := folder.ledger.Todo()
	mode, total := network.Batch, file.Steps()
	if f.mode == "repeat" {
		mode, total = network.Repeat, total*len(todo)
	}
	p := a.newProgress()
	p.points = len(todo)
	timed := &timedDevice{Device: device, built: func(d time.Duration) {
		a.compiled(d, f)
		p.begin(file.Name, total, f)
	}}
	o := &network.SweepOptions{
		Mode:   mode,
		Only:   todo,
		Batch:  f.batch,
		Pieces: f.pieces,
		Note:   a.noter(f),
		Each: func(k int, point network.Point) error {
			p.point()
			return folder.each(k, point)
		},
		Flush:    folder.flush,
		Progress: func(done, of int) { p.at(int(float64(total) * float64(done) / float64(of))) },
	}
	if f.keepSpikes {
		o.Keep = folder.keepSpikes
	}
	r, err := network.Sweep(ctx, file.File, timed, o)
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
