package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"gpusim/checkpoint"
	"gpusim/model"
	"gpusim/network"
)

// checkResume reports flags that have no place beside --resume.
func checkResume(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return nil // they are of the file that is compared
	}
	for _, name := range []string{"set", "seed", "from"} {
		if cmd.Flags().Changed(name) {
			return usagef("--resume goes on with the network of the checkpoint as it is: --%s has no place", name)
		}
	}
	return nil
}

// resume goes on with a run from its checkpoint. A network file is none, or that of
// the run.
func (a *app) resume(ctx context.Context, args []string, f *flags) error {
	c, s, err := readCheckpoint(f.resume)
	if err != nil {
		return err
	}
	file, err := fileOf(c, s, f)
	if err != nil {
		return err
	}
	if err := a.sameFile(args, c, f); err != nil {
		return err
	}
	done := int(c.Clock.Step - s.First)
	if err := checkPieces(f, file); err != nil {
		return err
	}
	old, err := findEarlier(c, s, f)
	if err != nil {
		return err
	}
	if err := old.enough(c, s, file, f); err != nil {
		return err
	}
	saver, err := resumedSaver(c, s, f, old.out)
	if err != nil {
		return err
	}
	device, err := a.deviceOf(c, f)
	if err != nil {
		return err
	}
	defer device.Close()

	began := time.Now()
	p := a.newProgress()
	p.stepMs = file.Dt
	net, err := network.Resume(file.File, device, c, &network.Options{Note: a.noter(f), Progress: p.within})
	if err != nil {
		if errors.Is(err, network.ErrOther) || errors.Is(err, checkpoint.ErrDamaged) {
			return usagef("%s: %w", f.resume, err)
		}
		return err
	}
	defer net.Close()
	j := &job{file: file, net: net, out: old.out, saver: saver, done: done, before: s.Seconds, counters: s.Counters, built: time.Since(began)}
	a.compiled(j.built, f)
	info := &runInfo{origin: newOrigin(file, device.Info()), First: s.First, Steps: file.Steps()}
	if j.part, j.rec, err = old.reopen(file, info, net, c, s); err != nil {
		return err
	}
	if !f.quiet {
		a.notef("going on from step %d of %d", done, file.Steps())
	}
	return a.work(ctx, j, p, f)
}

// readCheckpoint reads the checkpoint of a run.
func readCheckpoint(path string) (*checkpoint.Checkpoint, *runState, error) {
	c, err := checkpoint.Read(path)
	if err != nil {
		return nil, nil, &usageError{err}
	}
	if c.Gpusim != version {
		return nil, nil, usagef("%s: gpusim %s wrote it, and this is gpusim %s, which may compute other bits: go on with the version that began", path, c.Gpusim, version)
	}
	s := &runState{}
	if err := json.Unmarshal(c.Run, s); err != nil || c.Instances != 1 {
		return nil, nil, usagef("%s: it is no checkpoint of gpusim run", path)
	}
	done := c.Clock.Step - s.First
	if done < 0 || done > 1<<53 || s.First < 0 || !(s.EveryS >= 0 && s.EveryS < 1e9) {
		return nil, nil, usagef("%s: %w: it is at step %d of a run from step %d", path, checkpoint.ErrDamaged, c.Clock.Step, s.First)
	}
	return c, s, nil
}

// fileOf is the network file of a checkpoint, as it goes on.
func fileOf(c *checkpoint.Checkpoint, s *runState, f *flags) (*networkFile, error) {
	parsed, err := network.CheckpointFile(c, model.LoadOptions{To: f.load.To})
	if err != nil {
		return nil, &usageError{err}
	}
	if at := c.Clock.Step - s.First; int64(parsed.Steps()) < at {
		return nil, usagef("%s: the checkpoint is at %s ms, and the run would end before, at %s ms", f.resume,
			number(c.Clock.Ms), number(parsed.Run.Start+parsed.Run.Duration))
	}
	file := &networkFile{File: parsed, sha256: s.FileSHA256, arrays: map[string][]byte{}}
	file.yaml, _ = parsed.Portable()
	for _, a := range c.Arrays {
		file.arrays[a.Path] = a.File.Data
	}
	return file, nil
}

// sameFile reports a network file that is not the checkpoint's.
func (a *app) sameFile(args []string, c *checkpoint.Checkpoint, f *flags) error {
	if len(args) == 0 {
		return nil
	}
	o := f.load
	o.To = nil
	other, err := a.load(args[0], o, f.quiet)
	if err != nil {
		return err
	}
	if other.Identity() != c.Identity {
		return usagef("%s: the checkpoint is of another network than %s", f.resume, args[0])
	}
	return nil
}

// deviceOf opens the device that can go on with a checkpoint.
func (a *app) deviceOf(c *checkpoint.Checkpoint, f *flags) (network.Device, error) {
	name := f.device
	if name == "auto" {
		name = "gpu"
		if c.Device.Engine == "cpu" {
			name = "cpu"
		}
	}
	device, err := a.openDevice(name, f.plan)
	if err != nil && f.device == "auto" {
		return nil, fmt.Errorf("%s was computed on OpenGL in float32, and only so it goes on: %w", f.resume, err)
	}
	return device, err
}

// resumedSaver goes on saving where and as often as before, but for what flags say.
func resumedSaver(c *checkpoint.Checkpoint, s *runState, f *flags, out *results) (*saver, error) {
	g := *f
	if g.every == nil {
		g.every = &s.EveryS
	}
	if g.checkpoint != "" && filepath.Clean(g.checkpoint) != filepath.Clean(f.resume) {
		return newSaver(&g, out)
	}
	v := &saver{every: time.Duration(*g.every * float64(time.Second)), step: c.Clock.Step, last: f.resume}
	if !s.Given && g.checkpoint == "" {
		return v, nil
	}
	v.path = f.resume
	return v, v.writable(out)
}

// earlier is what the run left before its checkpoint, and where.
type earlier struct {
	out  *results
	rows map[string]int64 // of the files that grow
	// Where they may be: the part, if it is the run's, and the results, if they are.
	inPart, inResults bool
	whyNot            [2]string // of each, where not
}

// findEarlier looks for the run's folder: where --out says, else where it was from
// the checkpoint, else where it was.
func findEarlier(c *checkpoint.Checkpoint, s *runState, f *flags) (*earlier, error) {
	dirs := []string{f.out}
	if f.out == "" {
		dirs = []string{filepath.Join(filepath.Dir(f.resume), filepath.FromSlash(s.Dir)), s.DirAt}
	}
	var first *earlier
	for _, dir := range dirs {
		e := &earlier{out: &results{dir: filepath.Clean(dir), force: f.force}, rows: s.Rows}
		e.inPart, e.whyNot[0] = leftBy(e.out.partDir(), c)
		e.inResults, e.whyNot[1] = leftBy(e.out.dir, c)
		if e.inPart || e.inResults {
			return e, nil
		}
		if first == nil {
			first = e
		}
	}
	return first, nil
}

// leftBy reports whether a folder is what a checkpoint's run left, so far as its
// bits are those: of the same network, on the same engine. It says why not.
func leftBy(dir string, c *checkpoint.Checkpoint) (bool, string) {
	path := filepath.Join(dir, "network.yaml")
	if _, err := os.Stat(path); err != nil {
		if _, err := os.Stat(dir); err != nil {
			return false, "which is not there"
		}
		return false, "which has no network.yaml"
	}
	f, _, err := model.Load(path, model.LoadOptions{})
	if err != nil || f.Identity() != c.Identity {
		return false, "which is of another network"
	}
	var o origin
	text, err := os.ReadFile(filepath.Join(dir, runFile))
	if errors.Is(err, os.ErrNotExist) {
		text, err = os.ReadFile(filepath.Join(dir, "summary.json"))
	}
	if err == nil {
		err = json.Unmarshal(text, &o)
	}
	if err != nil || o.Engine != c.Device.Engine || o.Precision != c.Device.Precision || o.Gpusim != c.Gpusim {
		return false, "which is of another engine"
	}
	return true, ""
}

// enough refuses to go on where what the checkpoint goes on from is gone, or where
// there is something that would be lost.
func (e *earlier) enough(c *checkpoint.Checkpoint, s *runState, file *networkFile, f *flags) error {
	part, dir := e.out.partDir(), e.out.dir
	if e.inPart && isLocked(filepath.Join(part, runFile)) {
		return usagef("%s is of a run that still goes on", part)
	}
	for _, name := range slices.Sorted(maps.Keys(e.rows)) {
		why := e.whyNot
		if e.rows[name] == 0 || e.find(name, &why) != nil {
			continue
		}
		return usagef("%s goes on from what the run has recorded, and that is gone: %d rows of %s, looked for in %s, %s, and in %s, %s; --out DIR says where it is",
			f.resume, e.rows[name], name, part, why[0], dir, why[1])
	}
	if c.Clock.Step-s.First == int64(file.Steps()) && !e.inPart && e.inResults {
		return usagef("%s: the run is at its end, at %s ms, and its results are in %s: --to MS goes on from there", f.resume, number(c.Clock.Ms), dir)
	}
	if !e.inPart {
		if err := e.out.partReplaceable(); err != nil {
			return err
		}
	}
	// Results of the same run that are no longer are a beginning of those to come.
	if e.inResults && stepsIn(dir) <= file.Steps() {
		e.out.force = true
	}
	return e.out.replaceable()
}

// stepsIn is how many steps results are of.
func stepsIn(dir string) int {
	var s struct{ Steps int }
	text, err := os.ReadFile(filepath.Join(dir, "summary.json"))
	if err != nil || json.Unmarshal(text, &s) != nil {
		return 0
	}
	return s.Steps
}
