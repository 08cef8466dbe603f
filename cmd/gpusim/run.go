package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"gpusim/measure"
	"gpusim/network"
)

func (a *app) runCommand() *cobra.Command {
	f := &flags{}
	cmd := &cobra.Command{
		Use:   "run FILE",
		Short: "Run a network once, or go on with a run",
		Long: `Run a network once. FILE.out gets summary.json, spikes.npz, state.npz, traces.npz
where something is recorded, raster.png, and network.yaml, which runs again to
the same bits.

gpusim run --resume CHECKPOINT goes on with a run that was broken off, to the same
bits. It needs no FILE; one that is given has to be the run's.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if f.resume != "" && len(args) == 0 {
				return nil
			}
			return oneFile(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.resume != "" {
				if err := checkResume(cmd, args); err != nil {
					return err
				}
				return a.resume(cmd.Context(), args, f)
			}
			return a.run(cmd.Context(), args[0], f)
		},
	}
	addRunFlags(cmd, f)
	addCheckpointFlags(cmd.Flags(), f)
	return cmd
}

func (a *app) run(ctx context.Context, path string, f *flags) error {
	file, err := a.load(path, f.load, f.quiet)
	if err != nil {
		return err
	}
	a.noteSweep(file, f)
	a.noteFit(file, f)
	if err := checkPieces(f, file); err != nil {
		return err
	}
	out, err := newResults(path, ".out", f)
	if err != nil {
		return err
	}
	if err := out.partReplaceable(); err != nil {
		return err
	}
	saver, err := newSaver(f, out)
	if err != nil {
		return err
	}
	device, err := a.openDevice(f.device, f.plan)
	if err != nil {
		return err
	}
	defer device.Close()

	began := time.Now()
	p := a.newProgress()
	p.stepMs = file.Dt
	net, err := network.Compile(file.File, device, &network.Options{Note: a.noter(f), Progress: p.within})
	if err != nil {
		return err
	}
	defer net.Close()
	built := time.Since(began)
	a.compiled(built, f)

	if err := a.plan(file, net, device.Info(), out.dir, f); err != nil {
		return err
	}
	part, err := out.begin(file, &runInfo{origin: newOrigin(file, device.Info()), First: net.Step(), Steps: file.Steps()})
	if err != nil {
		return err
	}
	rec, err := newRecorder(part.dir, file.File, net, create)
	if err != nil {
		return errors.Join(fmt.Errorf("writing the results: %w", err), part.drop())
	}
	return a.work(ctx, &job{file: file, net: net, out: out, part: part, rec: rec, saver: saver, built: built}, p, f)
}

// plan says what a run takes before it starts, where that is much or somebody is
// looking, and refuses what the disk has no room for.
func (a *app) plan(file *networkFile, net *network.Network, d network.DeviceInfo, dir string, f *flags) error {
	recordings, err := net.Recordings()
	if err != nil {
		return err
	}
	bytes := 4
	if d.Precision == "float64" {
		bytes = 8
	}
	n := needsOf(file.File, net.Program(), recordings, bytes, dir)
	const much = 64 << 20
	tell := n.disk > 0 || n.memory > much || isTerminal(a.terminal)
	if tell && !f.quiet && f.report == 0 { // --report is for lines of progress alone
		a.notef("%s", n.line())
	}
	return n.refuse(file.Steps())
}

// errInterrupted is context.Canceled in the user's words.
var errInterrupted = &interrupted{}

type interrupted struct{}

func (*interrupted) Error() string { return "interrupted" }
func (*interrupted) Unwrap() error { return context.Canceled }

// noter gives the function that passes the network's messages on.
func (a *app) noter(f *flags) func(string) {
	if f.quiet {
		return nil
	}
	return func(msg string) { a.notef("%s", msg) }
}

func checkPieces(f *flags, file *networkFile) error {
	if total := file.Steps(); f.pieces > total {
		return usagef("--pieces %d: the run has %s", f.pieces, plural(total, "step"))
	}
	return nil
}

// addRun enters what a run of so many steps gave.
func (s *summary) addRun(r *recorder, steps int) error {
	s.Steps = steps
	for i, p := range r.file.Populations {
		count := r.trains[i].count
		rate, _ := measure.RateHz(int64(count), p.Size, int64(steps), r.file.Dt)
		s.Populations = append(s.Populations, member{p.Name, population{p.Size, count, rate}})
	}
	if r.bad != nil {
		s.Status, s.Detail = network.StatusNaN, r.bad.Error()
	}
	values, err := r.measures.Values(0, r.bad)
	if err != nil {
		return err
	}
	s.Measures = measured(values)
	return nil
}

// population is what summary.json says of a population.
type population struct {
	Size   int     `json:"size"`
	Spikes int     `json:"spikes"`
	RateHz float64 `json:"rate_hz"`
}
