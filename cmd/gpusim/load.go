package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"gpusim/model"
)

const stdinPath = "-"

// networkFile is a network file as a command runs it.
type networkFile struct {
	*model.File
	sha256 string            // of the bytes read
	yaml   string            // the file as it runs
	arrays map[string][]byte // the files that it reads, by their places beside yaml
}

// sourceText is the text of a network file.
type sourceText struct {
	name, dir string // in messages; what paths in it are relative to
	text      []byte
}

// read reads a network file.
func (a *app) read(path string) (*sourceText, error) {
	s := &sourceText{name: path, dir: filepath.Dir(path)}
	var err error
	if path == stdinPath {
		s.name, s.dir = "<stdin>", "."
		s.text, err = model.ReadText(a.in)
	} else {
		s.text, err = model.ReadFile(path)
	}
	if err != nil {
		return nil, &usageError{err}
	}
	return s, nil
}

// load reads and checks a network file and prints what there is to remark.
func (a *app) load(path string, o model.LoadOptions, quiet bool) (*networkFile, error) {
	s, err := a.read(path)
	if err != nil {
		return nil, err
	}
	return a.parse(s, o, quiet)
}

// parse checks a network file and prints what there is to remark.
func (a *app) parse(s *sourceText, o model.LoadOptions, quiet bool) (*networkFile, error) {
	f, notes, err := model.Parse(s.name, s.text, s.dir, o)
	if !quiet {
		for _, n := range notes {
			fmt.Fprintln(a.err, n)
		}
	}
	if err != nil {
		return nil, &usageError{err}
	}
	if err := model.NotBuilt(f); err != nil {
		return nil, &usageError{err}
	}
	sum := sha256.Sum256(s.text)
	n := &networkFile{File: f, sha256: hex.EncodeToString(sum[:]), arrays: map[string][]byte{}}
	// The arrays are kept as they are now: the files may change during a run.
	var copies map[string]string
	n.yaml, copies = f.Portable()
	for place, path := range copies {
		if n.arrays[place], err = os.ReadFile(path); err != nil {
			return nil, &usageError{err}
		}
	}
	return n, nil
}

// savePortable writes network.yaml and the arrays that it reads, so that it
// runs again from wherever the folder is.
func (f *networkFile) savePortable(dir string) error {
	if err := os.WriteFile(filepath.Join(dir, "network.yaml"), []byte(f.yaml), 0o666); err != nil {
		return err
	}
	for place, data := range f.arrays {
		to := filepath.Join(dir, filepath.FromSlash(place))
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o666); err != nil {
			return err
		}
	}
	return nil
}
