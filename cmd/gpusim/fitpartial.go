package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"gpusim/fit"
	"gpusim/model"
)

// partial is the folder DIR.part of a search that is being done: its fit.csv
// has the points of all generations that are done, whatever happens. It goes
// when DIR is there.
type partial struct {
	dir  string
	file *os.File
	of   *model.File
}

// newPartial makes the folder. One that is there is left from a search that was
// killed, and is replaced with --force only.
func newPartial(out *results, f *model.File) (*partial, error) {
	p := &partial{dir: out.dir + ".part", of: f}
	if _, err := os.Lstat(p.dir); err == nil {
		if !out.force {
			return nil, usagef("%s has the points of a search that did not end: --force replaces it, --out chooses another folder", p.dir)
		}
		if err := p.remove(); err != nil {
			return nil, usagef("%s cannot be replaced: %w", p.dir, err)
		}
	}
	if err := os.Mkdir(p.dir, 0o777); err != nil {
		return nil, &usageError{err}
	}
	file, err := os.Create(p.path())
	if err != nil {
		return nil, &usageError{errors.Join(err, os.Remove(p.dir))}
	}
	p.file = file
	return p, nil
}

func (p *partial) path() string { return filepath.Join(p.dir, "fit.csv") }

// add appends the points of a generation, and has them on the disk.
func (p *partial) add(r *fit.Result, first int) error {
	t := fitTable(p.of, r, first)
	if first > 0 {
		t.head = nil
	}
	var rows bytes.Buffer // written at once, so that none is torn
	if err := t.writeCSV(&rows); err != nil {
		return err
	}
	_, err := p.file.Write(rows.Bytes())
	return errors.Join(err, p.file.Sync())
}

// remove takes the folder away, unless there is something in it that is not of
// gpusim.
func (p *partial) remove() error {
	if p.file != nil {
		p.file.Close() // its content goes too
	}
	if err := os.Remove(p.path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.Remove(p.dir)
}
