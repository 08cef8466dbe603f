package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"gpusim/model"
)

const stdinPath = "-"

// networkFile is a network file as a command runs it.
type networkFile struct {
	*model.File
	sha256 string // of the bytes read
}

// load reads and checks a network file and prints what there is to remark.
func (a *app) load(path string, o model.LoadOptions, quiet bool) (*networkFile, error) {
	name, dir := path, filepath.Dir(path)
	var text []byte
	var err error
	if path == stdinPath {
		name, dir = "<stdin>", "."
		text, err = io.ReadAll(a.in)
	} else {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, &usageError{err}
	}
	f, notes, err := model.Parse(name, text, dir, o)
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
	sum := sha256.Sum256(text)
	return &networkFile{f, hex.EncodeToString(sum[:])}, nil
}

// savePortable writes network.yaml and the arrays that it reads, so that it
// runs again from wherever the folder is.
func (f *networkFile) savePortable(dir string) error {
	text, copies := f.Portable()
	if err := os.WriteFile(filepath.Join(dir, "network.yaml"), []byte(text), 0o666); err != nil {
		return err
	}
	for place, path := range copies {
		to := filepath.Join(dir, filepath.FromSlash(place))
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(to, data, 0o666); err != nil {
			return err
		}
	}
	return nil
}
