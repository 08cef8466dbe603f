package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gpusim/checkpoint"
	"gpusim/network"
)

// checkpointFile is the checkpoint in the folder of results, where the user gave
// no other.
const checkpointFile = "checkpoint.gpusim"

// checkpointSeconds are from one checkpoint to the next, where the user did not
// say.
const checkpointSeconds = 300

// saver says when a run is saved, and where. It is a network.Recorder: after each
// slice it looks at the time.
type saver struct {
	path  string        // that the user gave; "" for checkpointFile
	every time.Duration // 0: not while the run goes on
	next  time.Time
	due   func() // ends the leg of the run; nil between legs
	step  int64  // of the last checkpoint; -1: there is none
	last  string // where that is
}

// newSaver chooses where the run that leaves out is saved, and refuses a place that
// could not be written, or that has something else.
func newSaver(f *flags, out *results) (*saver, error) {
	s := &saver{path: f.checkpoint, step: -1}
	switch {
	case f.every != nil:
		s.every = time.Duration(*f.every * float64(time.Second))
	case s.path != "":
		s.every = checkpointSeconds * time.Second
	}
	if s.path == "" {
		return s, nil
	}
	if err := s.writable(out); err != nil {
		return nil, err
	}
	_, err := checkpoint.Read(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist), f.force && !errors.Is(err, checkpoint.ErrNotOne):
		return s, nil
	case errors.Is(err, checkpoint.ErrNotOne):
		return nil, usagef("--checkpoint %s: the file exists and is not a checkpoint of gpusim: choose another", s.path)
	}
	return nil, usagef("--checkpoint %s: the file exists: gpusim run --resume %s goes on from it, --force replaces it", s.path, quoted(s.path))
}

// writable finds out now, not after hours of computing, whether a checkpoint can
// be written.
func (s *saver) writable(out *results) error {
	for _, dir := range []string{out.dir, out.partDir()} {
		if within(s.path, dir) {
			return usagef("--checkpoint %s: %s is replaced when the run is done: choose another place", s.path, dir)
		}
	}
	if info, err := os.Stat(s.path); err == nil && !info.Mode().IsRegular() {
		return usagef("--checkpoint %s: it exists and is not a file: choose another", s.path)
	}
	if err := checkpoint.Writable(s.path); err != nil {
		return usagef("--checkpoint %w", err)
	}
	return nil
}

// within reports whether a file is in a folder.
func within(file, dir string) bool {
	file, err := filepath.Abs(file)
	if err != nil {
		return false
	}
	dir, err = filepath.Abs(dir)
	return err == nil && strings.HasPrefix(file, dir+string(filepath.Separator))
}

// leg gives the context of a part of the run that ends, when the next checkpoint is
// due, after at least one slice.
func (s *saver) leg(ctx context.Context) (context.Context, context.CancelFunc) {
	leg, cancel := context.WithCancel(ctx)
	if s.next.IsZero() {
		s.next = time.Now().Add(s.every)
	}
	s.due = cancel
	return leg, cancel
}

// Spikes implements network.Recorder.
func (s *saver) Spikes(int, int, []int64, []int32) error { return nil }

// Rows implements network.Recorder.
func (s *saver) Rows(int, int, []int64, []float64) error { return nil }

// Done implements network.Recorder.
func (s *saver) Done(int64) error {
	if s.every > 0 && !time.Now().Before(s.next) {
		s.due()
	}
	return nil
}

// runState is what a checkpoint has of a run beside its network.
type runState struct {
	// Dir is the folder of results, relative to the checkpoint's folder, and DirAt
	// the same from the root.
	Dir   string `json:"dir"`
	DirAt string `json:"dir_at"`
	// Given: the user gave the checkpoint's name. Else it is in the folder of results.
	Given      bool               `json:"given"`
	EveryS     float64            `json:"every_s"`
	FileSHA256 string             `json:"file_sha256"`
	First      int64              `json:"first_step"`
	Bad        *network.NonFinite `json:"bad,omitempty"`
	// Rows is how many rows each of the files that grow has, by their names in the
	// folder of results.
	Rows     map[string]int64 `json:"rows"`
	Seconds  seconds          `json:"seconds"`
	Counters network.Counters `json:"counters"`
}

// measuresExtra is the name in a checkpoint of what the measures accumulated.
const measuresExtra = "measures"

// checkpointPath is where the run is saved while it goes on.
func (j *job) checkpointPath() string {
	if j.saver.path != "" {
		return j.saver.path
	}
	return filepath.Join(j.part.dir, checkpointFile)
}

// save writes the checkpoint of the run as it stands.
func (j *job) save() error {
	path := j.checkpointPath()
	c, err := j.checkpointAt(path)
	if err == nil {
		err = c.Write(path)
	}
	if err != nil {
		return fmt.Errorf("the checkpoint cannot be written: %w", err)
	}
	j.saver.step, j.saver.last = c.Clock.Step, path
	return nil
}

// checkpointAt makes the checkpoint that is to be at path. What the files have of
// the run is on the disk before.
func (j *job) checkpointAt(path string) (*checkpoint.Checkpoint, error) {
	s := runState{
		Given: j.saver.path != "", EveryS: j.saver.every.Seconds(), FileSHA256: j.file.sha256,
		First: j.rec.first, Bad: j.rec.bad, Rows: map[string]int64{},
		Seconds: j.spent(), Counters: j.counters.Add(j.net.Counters()),
	}
	for _, f := range j.rec.files() {
		if err := f.Sync(); err != nil {
			return nil, err
		}
		name, err := filepath.Rel(j.part.dir, f.Path())
		if err != nil {
			return nil, err
		}
		s.Rows[strings.TrimSuffix(filepath.ToSlash(name), ".npy")] = f.Rows()
	}
	var err error
	if s.DirAt, err = filepath.Abs(j.out.dir); err != nil {
		return nil, err
	}
	at, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if s.Dir, err = filepath.Rel(filepath.Dir(at), s.DirAt); err != nil {
		s.Dir = s.DirAt // of another volume
	}
	c, err := j.net.Checkpoint()
	if err != nil {
		return nil, err
	}
	c.Gpusim = version
	for i := range c.Arrays {
		if b, ok := j.file.arrays[c.Arrays[i].Path]; ok {
			c.Arrays[i].File.Data = b // as it was, of any type
		}
	}
	measures, err := j.rec.measures.MarshalBinary()
	if err != nil {
		return nil, err
	}
	c.AddExtra(measuresExtra, measures)
	c.Run, err = json.Marshal(s)
	return c, err
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-+:,@%=", r)
	}
	if path != "" && !strings.HasPrefix(path, "-") && strings.IndexFunc(path, func(r rune) bool { return !plain(r) }) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
