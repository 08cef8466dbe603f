package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gpusim/network"
	"gpusim/stream"
)

// A part is the folder of a run that goes on: the results' with .part behind its
// name. It holds what the run has left so far, and becomes the folder of results.
type part struct {
	dir  string
	lock *os.File // run.json, while the run goes on
}

// partSuffix stands behind the name of the folder of results.
const partSuffix = ".part"

// runFile says what a part is of. It is locked while the run goes on.
const runFile = "run.json"

// runInfo is run.json.
type runInfo struct {
	origin
	T0    float64 `json:"t0"`         // the spike of step k is at t0 + k dt
	First int64   `json:"first_step"` // of the run
	Steps int     `json:"steps"`      // that the run has when it is whole
}

// partNames are what a part has beside run.json and results.
var partNames = []string{spikesFolder, tracesFolder}

// partDir is where the part is.
func (r *results) partDir() string { return r.dir + partSuffix }

// partReplaceable returns an error where there is something in the place of the
// part that must not be replaced.
func (r *results) partReplaceable() error {
	dir := r.partDir()
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return &usageError{err}
	case !info.IsDir():
		return usagef("%s exists and is not a folder; the run would write there: choose another with --out", dir)
	}
	foreign, err := foreignInPart(dir)
	if err != nil {
		return err
	}
	switch {
	case foreign != "":
		return usagef("%s is not from gpusim, and the run would write there: choose another folder with --out", filepath.Join(dir, foreign))
	case isLocked(filepath.Join(dir, runFile)):
		return usagef("%s is of a run that still goes on: choose another folder with --out", dir)
	case !r.force:
		return usagef("%s has what a run left that was not ended: --force removes it, --out chooses another folder", dir)
	}
	return nil
}

// foreignInPart finds something in a part that gpusim did not write, "" where
// there is nothing. A part has run.json, unless it is empty, or was about to
// become the folder of results.
func foreignInPart(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	if !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == runFile && e.Type().IsRegular() }) {
		return foreignIn(dir)
	}
	for _, e := range entries {
		name := e.Name()
		folder := slices.Contains(partNames, name) || name == "data"
		switch {
		case folder && e.IsDir():
			inner, err := foreignArray(dir, name)
			if inner != "" || err != nil {
				return inner, err
			}
		case folder || !e.Type().IsRegular():
			return name, nil
		case name == runFile || slices.Contains(resultFiles, name) || isTemporary(name):
		default:
			return name, nil
		}
	}
	return "", nil
}

// isTemporary reports whether a file has the name of one of results before it is
// whole.
func isTemporary(name string) bool {
	return slices.ContainsFunc(resultFiles, func(of string) bool { return strings.HasPrefix(name, "."+of+".") })
}

// begin makes the part of a run, in the place of one that was not ended. It has
// all that is known before the run begins.
func (r *results) begin(file *networkFile, info *runInfo) (p *part, err error) {
	if err := os.MkdirAll(filepath.Dir(r.dir), 0o777); err != nil {
		return nil, err
	}
	if err := r.partReplaceable(); err != nil { // it has appeared meanwhile
		return nil, err
	}
	p = &part{dir: r.partDir()}
	if err := os.RemoveAll(p.dir); err != nil {
		return nil, err
	}
	if err := os.Mkdir(p.dir, 0o777); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("writing the results: %w", err), p.drop())
		}
	}()
	if err := saveJSON(filepath.Join(p.dir, runFile), info); err != nil {
		return nil, err
	}
	if p.lock, err = lock(filepath.Join(p.dir, runFile)); err != nil {
		return nil, err
	}
	return p, file.savePortable(p.dir)
}

// drop removes a part of which nothing is worth keeping.
func (p *part) drop() error {
	return errors.Join(p.unlock(), os.RemoveAll(p.dir))
}

// unlock ends the lock, so that the part is one that was not ended.
func (p *part) unlock() (err error) {
	if p.lock != nil {
		err = p.lock.Close()
		p.lock = nil
	}
	return err
}

// keep ends a part whose run failed: it stays where something of the run is in it,
// and the error says so.
func (p *part) keep(rec *recorder, err error, all int) error {
	steps, failed := rec.steps(), rec.abandon()
	if steps == 0 {
		return errors.Join(err, p.drop())
	}
	if errors.As(err, new(*stream.Error)) {
		failed = nil // it is known
	}
	return errors.Join(fmt.Errorf("%w; %d of %s are in %s", err, steps, plural(all, "step"), p.dir), failed, p.unlock())
}

// finish makes the part the folder of results: what is in files that grew goes to
// archives, fill writes the rest, and the folder takes its name. Where that fails
// the part stays, and the error says so.
func (p *part) finish(r *results, rec *recorder, net *network.Network, fill func(dir string) error) error {
	err := p.pack(rec, net)
	if err == nil {
		err = fill(p.dir)
	}
	if err == nil {
		err = errors.Join(p.unlock(), os.Remove(filepath.Join(p.dir, runFile)))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing the results: %w; what was done is in %s", err, p.dir), rec.abandon(), p.unlock())
	}
	return r.take(p.dir)
}

// pack writes the arrays. The files that grew are removed as soon as what was in
// them is in an archive.
func (p *part) pack(rec *recorder, net *network.Network) error {
	if err := rec.spikesArchive().WriteFile(filepath.Join(p.dir, "spikes.npz")); err != nil {
		return err
	}
	state, err := stateArchive(rec, net)
	if err != nil {
		return err
	}
	if err := state.WriteFile(filepath.Join(p.dir, "state.npz")); err != nil {
		return err
	}
	for _, t := range rec.trains {
		if err := errors.Join(t.step.Close(), t.neuron.Close()); err != nil {
			return err
		}
		t.step, t.neuron = nil, nil
	}
	if err := os.RemoveAll(filepath.Join(p.dir, spikesFolder)); err != nil {
		return err
	}
	if z := rec.tracesArchive(); z != nil {
		if err := z.WriteFile(filepath.Join(p.dir, "traces.npz")); err != nil {
			return err
		}
	}
	for _, t := range rec.traces {
		if t == nil {
			continue
		}
		if err := errors.Join(t.step.Close(), t.data.Close()); err != nil {
			return err
		}
		t.step, t.data = nil, nil
	}
	return os.RemoveAll(filepath.Join(p.dir, tracesFolder))
}
