package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// PartSuffix ends the name of a folder that is not complete.
const PartSuffix = ".part"

// Shards are the shards of a sweep that there are.
type Shards struct {
	Manifest *Manifest // of the whole sweep
	N        int
	Dirs     []string // of each shard, "" where there is none that is complete
}

// FindShards looks at folders of shards, complete or not. They have to be of one
// sweep, each shard once.
func FindShards(dirs []string) (*Shards, error) {
	var s *Shards
	var first string
	seen := map[int]string{}
	for _, dir := range dirs {
		m, err := ReadManifest(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("%s is no folder of a shard: it has no %s", dir, ManifestName)
		case err != nil:
			return nil, err
		case m.Shard == nil:
			return nil, fmt.Errorf("%s is of a whole sweep, not of a shard", dir)
		}
		whole := *m
		whole.Shard = nil
		if s == nil {
			s, first = &Shards{Manifest: &whole, N: m.Shard.N, Dirs: make([]string, m.Shard.N)}, dir
		}
		list := m.Differences(s.Manifest)
		if m.Shard.N != s.N {
			list = append(list, fmt.Sprintf("it is shard %s, and there are %d here", m.Shard, s.N))
		}
		if len(list) > 0 {
			return nil, fmt.Errorf("%s and %s are of different sweeps: %s", dir, first, strings.Join(list, "; "))
		}
		if other, has := seen[m.Shard.I]; has {
			return nil, fmt.Errorf("%s and %s are both shard %s", other, dir, m.Shard)
		}
		seen[m.Shard.I] = dir
		done, err := complete(dir, m)
		if err != nil {
			return nil, err
		}
		if done {
			s.Dirs[m.Shard.I] = dir
		}
	}
	return s, nil
}

// Missing lists the shards that are not there or not complete.
func (s *Shards) Missing() []int {
	var list []int
	for i, dir := range s.Dirs {
		if dir == "" {
			list = append(list, i)
		}
	}
	return list
}

// complete reports whether a shard has a row for each of its points.
func complete(dir string, m *Manifest) (bool, error) {
	if strings.HasSuffix(filepath.Clean(dir), PartSuffix) {
		return false, nil
	}
	file, err := os.Open(filepath.Join(dir, RowsName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close()
	lines, buf := -1, make([]byte, 1<<16) // without the head
	for {
		n, err := file.Read(buf)
		lines += bytes.Count(buf[:n], []byte{'\n'})
		if errors.Is(err, io.EOF) {
			return lines >= m.Shard.Count(m.Points), nil
		}
		if err != nil {
			return false, err
		}
	}
}

// Merged is the rows of all shards of a sweep.
type Merged struct{ ledgers []*Ledger }

// Merge reads all shards, of which none may be missing.
func (s *Shards) Merge(t *Table) (*Merged, error) {
	m := &Merged{}
	for i, dir := range s.Dirs {
		manifest := *s.Manifest
		manifest.Shard = &Shard{i, s.N}
		l, err := open(dir, &manifest, t, os.O_RDONLY)
		if err != nil {
			return nil, errors.Join(err, m.Close())
		}
		m.ledgers = append(m.ledgers, l)
		if todo := l.Todo(); len(todo) > 0 {
			return nil, errors.Join(fmt.Errorf("%s has no row of point %d", filepath.Join(dir, RowsName), todo[0]), m.Close())
		}
	}
	return m, nil
}

// Rows calls f with all points, ascending.
func (m *Merged) Rows(f func(*Row) error) error {
	var scanners []*scanner
	for _, l := range m.ledgers {
		scanners = append(scanners, l.scan())
	}
	n := len(m.ledgers)
	for k := range m.ledgers[0].at {
		row, err := scanners[k%n].row(m.ledgers[k%n].at[k])
		if err == nil {
			err = f(row)
		}
		if err != nil {
			return fmt.Errorf("point %d: %w", k, err)
		}
	}
	return nil
}

// Close closes the files.
func (m *Merged) Close() error {
	var err error
	for _, l := range m.ledgers {
		err = errors.Join(err, l.Close())
	}
	return err
}
