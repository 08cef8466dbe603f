package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"gpusim/network"
)

// job is a run that has begun: from its start, or from a checkpoint.
type job struct {
	file  *networkFile
	net   *network.Network
	out   *results
	part  *part
	rec   *recorder
	saver *saver

	done  int // steps
	began time.Time
	// What earlier processes took of the run, and what building it took.
	before   seconds
	built    time.Duration
	counters network.Counters
}

// spent is what the run took so far.
func (j *job) spent() seconds {
	return seconds{j.before.Build + j.built.Seconds(), j.before.Run + time.Since(j.began).Seconds()}
}

// work does what is left of a run, and leaves its results.
func (a *app) work(ctx context.Context, j *job, p *progress, f *flags) error {
	total := j.file.Steps()
	j.began = time.Now()
	p.begin(j.file.Name, total, f)
	p.skip(j.done)
	runErr := a.runPieces(ctx, j, p, f)
	if runErr != nil && !network.IsCancelled(runErr) {
		return j.part.keep(j.rec, j.withCheckpoint(runErr), total)
	}
	s := newSummary(j.file, j.net.Info())
	s.Seconds = j.spent()
	if err := s.addRun(j.rec, j.done); err != nil {
		return j.part.keep(j.rec, err, total)
	}
	if runErr != nil {
		s.Status = "interrupted"
	}
	saveErr := j.lastCheckpoint(runErr != nil)
	err := j.part.finish(j.out, j.rec, j.net, func(dir string) error {
		if err := drawRaster(filepath.Join(dir, "raster.png"), j.rec, j.done); err != nil {
			return err
		}
		s.Counters, s.Plan = j.counters.Add(j.net.Counters()), append(s.Plan, j.net.Plan()...)
		return s.save(dir)
	})
	if err != nil {
		return errors.Join(err, saveErr)
	}
	if err := a.printRun(s, j.file.File, j.out.dir, f.json); err != nil {
		return err
	}
	switch {
	case runErr != nil && saveErr != nil:
		return fmt.Errorf("%w after %d of %s; what was done is in %s; %w", errInterrupted, j.done, plural(total, "step"), j.out.dir, saveErr)
	case runErr != nil:
		return fmt.Errorf("%w after %d of %s; what was done is in %s; to go on: gpusim run --resume %s",
			errInterrupted, j.done, plural(total, "step"), j.out.dir, quoted(j.savedAt()))
	case ctx.Err() != nil:
		return errors.Join(fmt.Errorf("%w when all was done; the results are in %s", errInterrupted, j.out.dir), saveErr)
	case saveErr != nil:
		return fmt.Errorf("the results are in %s; %w", j.out.dir, saveErr)
	case s.Status != "ok":
		return errors.New(s.Detail)
	}
	return nil
}

// runPieces runs what is left of the file's time span, in the pieces that the user
// asked for and from checkpoint to checkpoint. Where there is an error, what was
// done is done.
func (a *app) runPieces(ctx context.Context, j *job, p *progress, f *flags) error {
	for _, stop := range stops(p.total, f.pieces, p.report) {
		if stop <= j.done {
			continue
		}
		for j.done < stop {
			leg, cancel := j.saver.leg(ctx)
			ran, err := j.net.RunStepsTo(leg, stop-j.done, network.Recorders{j.rec, j.saver})
			due := leg.Err() != nil && ctx.Err() == nil
			cancel()
			if ran != nil {
				j.done += ran.Steps
				if j.rec.bad == nil {
					j.rec.bad = ran.Bad[0]
				}
			}
			if err != nil && !(due && network.IsCancelled(err)) {
				p.end(false)
				return err
			}
			if due {
				p.done = j.done
				a.saveNow(j)
			}
		}
		p.at(j.done)
	}
	p.end(true)
	return nil
}

// saveNow writes a checkpoint that is due. The run goes on where that fails.
func (a *app) saveNow(j *job) {
	if err := j.save(); err != nil {
		last := "there is none yet"
		if j.saver.step >= 0 {
			last = fmt.Sprintf("the last one, of step %d, stays", j.saver.step)
		}
		a.notef("%v; %s, and the run goes on", err, last)
	}
	j.saver.next = time.Now().Add(j.saver.every)
}

// lastCheckpoint writes the checkpoint at the end of a run, or where it was
// interrupted. Without a name of the user's it is there for runs that were.
func (j *job) lastCheckpoint(interrupted bool) error {
	if interrupted || j.saver.path != "" {
		return j.save()
	}
	err := os.Remove(j.checkpointPath())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// savedAt is where the checkpoint is when the run has ended.
func (j *job) savedAt() string {
	if j.saver.path != "" {
		return j.saver.path
	}
	return filepath.Join(j.out.dir, checkpointFile)
}

// withCheckpoint adds to an error how to go on after it, where there is a checkpoint.
func (j *job) withCheckpoint(err error) error {
	if j.saver.step < 0 {
		return err
	}
	return fmt.Errorf("%w; gpusim run --resume %s goes on from step %d", err, quoted(j.saver.last), j.saver.step)
}
