package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gpusim/ledger"
)

// resultFiles are the names that gpusim writes into a folder of results, and
// the only ones that --force removes.
var resultFiles = []string{
	"summary.json", "network.yaml", "data",
	"spikes.npz", "state.npz", "traces.npz", "raster.png",
	"sweep.csv", "sweep.png", "spikes", ledger.ManifestName, ledger.RowsName, "fit.csv", "fit.png",
	"compare.json", "converge.json", "converge.csv", checkpointFile,
}

// resultFolders are those of them that are folders, and the ending of the files in them.
var resultFolders = map[string]string{"data": ".npy", "spikes": ".npz"}

// resultSummaries are those of them of which a folder of results has one.
var resultSummaries = []string{"summary.json", "compare.json", "converge.json"}

// nestedResults are the folders that running network.yaml in a folder of
// results leaves there.
var nestedResults = []string{"network.out", "network.sweep.out", "network.fit.out"}

// results is the folder that a command leaves. All of it is written to a
// hidden folder beside it, which takes its name when it is whole.
type results struct {
	dir   string
	force bool
}

// newResults chooses the folder, --out or else the file's path without its
// ending + suffix, and refuses one that could not be written at the end.
func newResults(file, suffix string, f *flags) (*results, error) {
	r := &results{dir: resultsDir(file, suffix, f.out), force: f.force}
	if err := r.replaceable(); err != nil {
		return nil, err
	}
	if file, err := filepath.Abs(file); err == nil && r.force {
		if dir, err := filepath.Abs(r.dir); err == nil && strings.HasPrefix(file, dir+string(filepath.Separator)) {
			return nil, usagef("%s would be replaced, and the network file is in it: choose another folder with --out", r.dir)
		}
	}
	// Find out now, not after hours of computing, whether it can be written.
	tmp, err := r.temporary()
	if err != nil {
		return nil, &usageError{err}
	}
	return r, os.Remove(tmp)
}

// resultsDir is the folder of the results of a file: out, where it is said.
func resultsDir(file, suffix, out string) string {
	if out == "" {
		if file == stdinPath {
			file = "stdin"
		}
		out = strings.TrimSuffix(file, filepath.Ext(file)) + suffix
	}
	return filepath.Clean(out)
}

// replaceable returns an error where there is something at r.dir that must not
// be replaced.
func (r *results) replaceable() error {
	info, err := os.Lstat(r.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return &usageError{err}
	case !info.IsDir():
		return usagef("%s exists and is not a folder: choose another with --out", r.dir)
	case !r.force:
		return usagef("%s exists: --force replaces it, --out chooses another folder", r.dir)
	}
	foreign, err := foreignIn(r.dir)
	if err != nil {
		return err
	}
	if foreign != "" {
		return usagef("%s is not from gpusim, and --force replaces only what gpusim wrote: choose another folder with --out",
			filepath.Join(r.dir, foreign))
	}
	return nil
}

// foreignIn finds something in a folder of results that gpusim did not write,
// "" where there is nothing. Files under the right names do not make a folder
// one of results: it has a summary, unless it is empty.
func foreignIn(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	summary := false
	for _, e := range entries {
		if e.IsDir() && slices.Contains(nestedResults, e.Name()) {
			if inner, err := foreignIn(filepath.Join(dir, e.Name())); inner != "" || err != nil {
				return filepath.Join(e.Name(), inner), err
			}
			continue
		}
		if whole, ok := strings.CutSuffix(e.Name(), partSuffix); ok && e.IsDir() && slices.Contains(nestedResults, whole) {
			if inner, err := foreignInPart(filepath.Join(dir, e.Name())); inner != "" || err != nil {
				return filepath.Join(e.Name(), inner), err
			}
			continue
		}
		if !slices.Contains(resultFiles, e.Name()) || e.IsDir() != (resultFolders[e.Name()] != "") {
			return e.Name(), nil
		}
		summary = summary || slices.Contains(resultSummaries, e.Name())
	}
	if !summary && len(entries) > 0 {
		return entries[0].Name(), nil
	}
	return foreignInside(dir)
}

// foreignInside looks into the folders that results have.
func foreignInside(dir string) (string, error) {
	for name, ext := range resultFolders {
		if foreign, err := foreignFile(dir, name, ext); foreign != "" || err != nil {
			return foreign, err
		}
	}
	return "", nil
}

// foreignArray finds something in a folder of arrays, where there is one, that
// is no .npy file.
func foreignArray(dir, folder string) (string, error) { return foreignFile(dir, folder, ".npy") }

// foreignFile finds something in a folder that is no file of one kind. Files whose names
// begin with a dot were being written when a process was killed.
func foreignFile(dir, folder, ext string) (string, error) {
	entries, err := os.ReadDir(filepath.Join(dir, folder))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	for _, e := range entries {
		if e.IsDir() || filepath.Ext(e.Name()) != ext && !strings.HasPrefix(e.Name(), ".") {
			return filepath.Join(folder, e.Name()), nil
		}
	}
	return "", nil
}

// temporary makes the hidden folder.
func (r *results) temporary() (string, error) {
	parent := filepath.Dir(r.dir)
	if err := os.MkdirAll(parent, 0o777); err != nil {
		return "", err
	}
	tmp := filepath.Join(parent, fmt.Sprintf(".%s.%d", filepath.Base(r.dir), os.Getpid()))
	return tmp, os.Mkdir(tmp, 0o777)
}

// write lets fill write all files into a folder and gives that folder its name.
func (r *results) write(fill func(dir string) error) error {
	tmp, err := r.temporary()
	if err != nil {
		return err
	}
	if err := fill(tmp); err != nil {
		return errors.Join(fmt.Errorf("writing the results: %w", err), os.RemoveAll(tmp))
	}
	return r.take(tmp)
}

// take gives a folder that is whole its name.
func (r *results) take(tmp string) error {
	if err := r.replaceable(); err != nil { // it has appeared meanwhile
		return fmt.Errorf("%w; the results are in %s", err, tmp)
	}
	old := tmp + ".old"
	if _, err := os.Lstat(r.dir); err == nil {
		// A process that was killed here has left it.
		if err := os.RemoveAll(old); err != nil {
			return err
		}
	}
	err := os.Rename(r.dir, old)
	replaced := err == nil
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err == nil {
		err = os.Rename(tmp, r.dir)
	}
	switch {
	case err != nil && replaced:
		return errors.Join(fmt.Errorf("%w; the results are in %s", err, tmp), os.Rename(old, r.dir))
	case err != nil:
		return fmt.Errorf("%w; the results are in %s", err, tmp)
	}
	return os.RemoveAll(old) // nothing, where nothing was replaced
}
