package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gpusim/ledger"
	"gpusim/network"
)

// sweepFolder is the folder of a sweep while it runs: DIR.part, a ledger that grows by
// a batch at a time. With all points and what is made of them it takes the name DIR.
type sweepFolder struct {
	out      *results
	part     string
	rows     *sweepRows
	ledger   *ledger.Ledger
	keep     bool // the spikes of each point
	failed   error
	complete bool          // DIR is there, of the same sweep; nothing else is set
	cut      []*ledger.Row // the points that Ctrl-C has cut
}

// keptSpikes is the folder of what --keep spikes keeps: <point>.npz.
const keptSpikes = "spikes"

// newManifest says what a sweep is of.
func newManifest(file *networkFile, rows *sweepRows, d network.DeviceInfo, f *flags) *ledger.Manifest {
	m := &ledger.Manifest{Format: ledger.Format, Gpusim: version, Network: file.hash(), Design: network.DesignHash(file.Sweep), Points: len(rows.points),
		Shard: f.shard, Engine: d.Engine, Device: d.Device, Driver: d.Driver, Precision: d.Precision}
	if f.keepSpikes {
		m.Keep = "spikes"
	}
	return m
}

// hash is of the file as it runs, with all arrays.
func (f *networkFile) hash() string {
	h := sha256.New()
	add := func(text []byte) {
		fmt.Fprintf(h, "%d\n", len(text))
		h.Write(text)
	}
	add([]byte(f.yaml))
	for _, place := range slices.Sorted(maps.Keys(f.arrays)) {
		add([]byte(place))
		add(f.arrays[place])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// openSweepFolder begins a sweep's folder, or goes on with the one that there is where
// --resume says so.
func openSweepFolder(out *results, file *networkFile, rows *sweepRows, m *ledger.Manifest, f *flags) (*sweepFolder, error) {
	s := &sweepFolder{out: out, part: out.dir + ledger.PartSuffix, rows: rows, keep: f.keepSpikes}
	there, err := s.look(f)
	if err != nil {
		return nil, err
	}
	switch {
	case there && f.unfinished:
		if s.ledger, err = ledger.Open(s.part, m, rows.table); err != nil {
			return nil, s.refusal(err)
		}
		return s, s.clean()
	case f.unfinished && ledger.Begun(out.dir):
		s.complete = true
		return s, s.refusal(sameSweep(out.dir, m))
	}
	if err := s.create(file, m); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.part))
	}
	return s, nil
}

// look finds out whether there is a folder to go on with, and takes away one that
// is to be replaced, or did not get as far as to have a manifest.
func (s *sweepFolder) look(f *flags) (there bool, err error) {
	info, err := os.Lstat(s.part)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, &usageError{err}
	case !info.IsDir():
		return false, usagef("%s is in the way: choose another folder with --out", s.part)
	}
	begun := ledger.Begun(s.part)
	switch {
	case begun && f.unfinished:
		return true, nil
	case begun && !f.force:
		return false, usagef("%s is of a sweep that was not finished: --resume goes on with it, --force begins anew", s.part)
	}
	foreign, err := foreignInSweepPart(s.part)
	if err != nil {
		return false, &usageError{err}
	}
	if foreign != "" {
		return false, usagef("%s is not from gpusim, and only what gpusim wrote is replaced: choose another folder with --out", filepath.Join(s.part, foreign))
	}
	if ledger.Busy(s.part) {
		return false, usagef("%s: %w", s.part, ledger.ErrBusy)
	}
	return false, os.RemoveAll(s.part)
}

// foreignInSweepPart finds something in DIR.part that gpusim did not write. Files whose
// names begin with a dot, or end in .tmp, are such as were being written.
func foreignInSweepPart(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".tmp")
		if !slices.Contains(resultFiles, name) || e.IsDir() != (resultFolders[name] != "") {
			return e.Name(), nil
		}
	}
	return foreignInside(dir)
}

// sameSweep refuses results of another sweep.
func sameSweep(dir string, m *ledger.Manifest) error {
	there, err := ledger.ReadManifest(dir)
	if err != nil {
		return err
	}
	return there.Same(dir, m)
}

// refusal is an error of a ledger as a user sees it.
func (s *sweepFolder) refusal(err error) error {
	var other *ledger.OtherSweepError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &other):
		return usagef("%w; --force begins anew", err)
	case errors.Is(err, ledger.ErrBusy):
		return usagef("%s: %w", s.part, err)
	}
	return &usageError{err}
}

// clean removes files of spikes that were being written when a process was killed.
func (s *sweepFolder) clean() error {
	torn, err := filepath.Glob(filepath.Join(s.part, keptSpikes, ".*"))
	for _, path := range torn {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

func (s *sweepFolder) create(file *networkFile, m *ledger.Manifest) error {
	if err := os.Mkdir(s.part, 0o777); err != nil {
		return err
	}
	if err := file.savePortable(s.part); err != nil {
		return err
	}
	if s.keep {
		if err := os.Mkdir(filepath.Join(s.part, keptSpikes), 0o777); err != nil {
			return err
		}
	}
	var err error
	s.ledger, err = ledger.Create(s.part, m, s.rows.table)
	return err
}

// each enters a point. One that Ctrl-C has cut is not done, and is kept for the results
// of what was done.
func (s *sweepFolder) each(k int, p network.Point) error {
	if s.failed != nil {
		return s.failed
	}
	cells := s.rows.cells(k, p)
	if p.Status == network.StatusInterrupted {
		s.cut = append(s.cut, &ledger.Row{Point: k, Cells: cells, Detail: p.Detail})
		return nil
	}
	return s.ledger.Add(k, cells, p.Detail)
}

// keepSpikes writes the spikes of a point.
func (s *sweepFolder) keepSpikes(k int, r *network.Result) {
	if s.failed != nil {
		return
	}
	path := filepath.Join(s.part, keptSpikes, fmt.Sprintf("%d.npz", k))
	if s.failed = spikesArchive(r).WriteFile(path); s.failed == nil {
		s.failed = syncFile(path)
	}
}

// flush has the disk take a batch: spikes before the rows that say that they are there.
func (s *sweepFolder) flush() error {
	if s.keep {
		ledger.SyncDir(filepath.Join(s.part, keptSpikes))
	}
	return s.ledger.Flush()
}

func syncFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// finish writes the results beside the rows and gives the folder its name.
func (s *sweepFolder) finish(fill func(dir string) error) error {
	switch err := fill(s.part); {
	case err != nil && !ledger.Begun(s.part): // somebody took it away
		return errors.Join(fmt.Errorf("writing the results: %w", err), s.ledger.Close())
	case err != nil:
		return errors.Join(fmt.Errorf("writing the results: %w; all points are in %s: --resume writes them again", err, s.part), s.ledger.Close())
	}
	if err := s.ledger.Close(); err != nil {
		return err
	}
	s.out.force = true // what is there was looked at when the sweep began
	if err := s.out.take(s.part); err != nil {
		return err
	}
	ledger.SyncDir(filepath.Dir(s.out.dir))
	if s.rows.shard != nil {
		return nil // to merge
	}
	return os.Remove(filepath.Join(s.out.dir, ledger.RowsName))
}

// abandon ends a sweep that failed. What it has of points stays; with none, nothing
// does.
func (s *sweepFolder) abandon(err error) error {
	done := s.ledger.Done()
	closed := s.ledger.Close()
	if done == 0 {
		return errors.Join(err, os.RemoveAll(s.part))
	}
	return errors.Join(fmt.Errorf("%w; %d of %s are in %s: --resume goes on with them", err, done, plural(s.ledger.Points(), "point"), s.part), closed)
}
