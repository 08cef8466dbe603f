package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"gpusim/measure"
	"gpusim/model"
	"gpusim/network"
)

func (a *app) runCommand() *cobra.Command {
	f := &flags{}
	cmd := &cobra.Command{
		Use:   "run FILE",
		Short: "Run a network once",
		Long: `Run a network once. FILE.out gets summary.json, spikes.npz, state.npz, traces.npz
where something is recorded, raster.png, and network.yaml, which runs again to
the same bits.`,
		Args: oneFile,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.run(cmd.Context(), args[0], f)
		},
	}
	addRunFlags(cmd, f)
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
	device, err := a.openDevice(f.device, f.plan)
	if err != nil {
		return err
	}
	defer device.Close()

	began := time.Now()
	p := a.newProgress()
	net, err := network.Compile(file.File, device, &network.Options{Note: a.noter(f), Progress: p.within})
	if err != nil {
		return err
	}
	defer net.Close()
	built := time.Since(began)
	a.compiled(built, f)

	began = time.Now()
	p.begin(file.Name, file.Steps(), f)
	result, runErr := runPieces(ctx, net, p, f)
	if result == nil || runErr != nil && !network.IsCancelled(runErr) {
		return runErr
	}
	s := newSummary(file, device.Info())
	s.Seconds = seconds{built.Seconds(), time.Since(began).Seconds()}
	if err := s.addRun(file.File, result); err != nil {
		return err
	}
	if runErr != nil {
		s.Status = "interrupted"
	}
	err = out.write(func(dir string) error {
		if err := saveArrays(dir, file.File, net, result); err != nil {
			return err
		}
		if err := drawRaster(filepath.Join(dir, "raster.png"), file.File, result); err != nil {
			return err
		}
		s.Counters, s.Plan = net.Counters(), append(s.Plan, net.Plan()...)
		if err := file.savePortable(dir); err != nil {
			return err
		}
		return s.save(dir)
	})
	if err != nil {
		return err
	}
	if err := a.printRun(s, file.File, out.dir, f.json); err != nil {
		return err
	}
	switch {
	case runErr != nil:
		return fmt.Errorf("%w after %d of %s; what was done is in %s", errInterrupted, result.Steps, plural(file.Steps(), "step"), out.dir)
	case s.Status != "ok":
		return errors.New(s.Detail)
	}
	return nil
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

// runPieces runs the file's time span in the pieces that the user asked for.
// The result is that of the steps done, also where there is an error.
func runPieces(ctx context.Context, net *network.Network, p *progress, f *flags) (*network.Result, error) {
	var all *network.Result
	done := 0
	for _, stop := range stops(p.total, f.pieces, p.report) {
		piece, err := net.RunSteps(ctx, stop-done)
		if piece != nil && all == nil {
			all = piece
		} else if piece != nil {
			all.Append(piece)
		}
		if err == nil {
			err = net.Fits(all)
		}
		if err != nil {
			p.end(false)
			return all, err
		}
		done = stop
		p.at(done)
	}
	p.end(true)
	return all, nil
}

func checkPieces(f *flags, file *networkFile) error {
	if total := file.Steps(); f.pieces > total {
		return usagef("--pieces %d: the run has %s", f.pieces, plural(total, "step"))
	}
	return nil
}

// addRun enters what a run gave.
func (s *summary) addRun(f *model.File, r *network.Result) error {
	s.Steps = r.Steps
	one := r.Instances[0]
	for _, train := range one.Spikes {
		rate, _ := measure.RateHz(int64(len(train.Steps)), train.Size, int64(r.Steps), r.Dt)
		s.Populations = append(s.Populations, member{train.Population, population{
			train.Size, len(train.Steps), rate}})
	}
	if one.Bad != nil {
		s.Status, s.Detail = network.StatusNaN, one.Bad.Error()
	}
	values, err := network.Measure(f, r, 0)
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
