package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"gpusim/checkpoint"
	"gpusim/network"
	"gpusim/stream"
)

// find opens an array that the run left and that has the rows that the checkpoint
// says: a file that grew, or one of an archive, in the part or in the results. Where
// there is none it adds to why.
func (e *earlier) find(name string, why *[2]string) *stream.Source {
	look := func(k int, s *stream.Source, err error) *stream.Source {
		switch {
		case err != nil:
			if why[k] == "" || !errors.Is(err, fs.ErrNotExist) {
				why[k] = "which has none"
			}
		case s.Rows() < e.rows[name]:
			why[k] = fmt.Sprintf("which has %d", s.Rows())
			_ = s.Close() // it was read only
		default:
			return s
		}
		return nil
	}
	for k, dir := range []string{e.out.partDir(), e.out.dir} {
		if k == 0 && !e.inPart || k == 1 && !e.inResults {
			continue
		}
		s, err := stream.OpenSource(filepath.Join(dir, filepath.FromSlash(name)+".npy"))
		if s = look(k, s, err); s != nil {
			return s
		}
		folder, array, _ := strings.Cut(name, "/")
		s, err = stream.OpenEntry(filepath.Join(dir, folder+".npz"), array)
		if s = look(k, s, err); s != nil {
			return s
		}
	}
	return nil
}

// open is the opener of a run that goes on: the file as it was at the checkpoint.
func (e *earlier) open(dir, name, dtype string, width int) (*stream.File, error) {
	rows, ok := e.rows[name]
	if !ok {
		return nil, fmt.Errorf("%w: it does not know of %s", checkpoint.ErrDamaged, name)
	}
	path := filepath.Join(dir, filepath.FromSlash(name)+".npy")
	if f, err := stream.Open(path); err == nil {
		if f.Type() == dtype && f.Width() == width && f.Rows() >= rows {
			return f, f.Truncate(rows)
		}
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	var from *stream.Source
	if rows > 0 {
		var why [2]string
		if from = e.find(name, &why); from == nil {
			return nil, fmt.Errorf("%s has %d rows no longer", name, rows)
		}
		defer from.Close()
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	f, err := stream.Create(path, dtype, width)
	if err != nil || from == nil {
		return f, err
	}
	if err = f.CopyFrom(from, rows); err == nil {
		err = f.Commit()
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// reopen makes the run's folder what it was at the checkpoint, and its recorder.
func (e *earlier) reopen(file *networkFile, info *runInfo, net *network.Network, c *checkpoint.Checkpoint, s *runState) (p *part, r *recorder, err error) {
	if e.inPart {
		p, err = e.out.adopt(file, info)
	} else {
		p, err = e.out.begin(file, info)
	}
	if err != nil {
		return nil, nil, err
	}
	if r, err = newRecorder(p.dir, file.File, net, e.open); err == nil {
		r.first, r.bad = s.First, s.Bad
		if err = r.reload(); err == nil {
			err = r.measures.UnmarshalBinary(c.ExtraOf(measuresExtra))
		}
		if err != nil {
			err = errors.Join(err, r.abandon())
		}
	}
	if err == nil {
		return p, r, nil
	}
	err = fmt.Errorf("going on from the checkpoint: %w", err)
	if e.inPart {
		return nil, nil, errors.Join(err, p.unlock())
	}
	return nil, nil, errors.Join(err, p.drop())
}

// adopt takes over the part of a run that was not ended.
func (r *results) adopt(file *networkFile, info *runInfo) (*part, error) {
	p := &part{dir: r.partDir()}
	err := saveJSON(filepath.Join(p.dir, runFile), info)
	if err == nil {
		p.lock, err = lock(filepath.Join(p.dir, runFile))
	}
	if err == nil {
		err = p.tidy()
	}
	if err == nil {
		err = file.savePortableAgain(p.dir)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("writing the results: %w", err), p.unlock())
	}
	return p, nil
}

// tidy removes files that were not whole when the run was broken off.
func (p *part) tidy() error {
	entries, err := os.ReadDir(p.dir)
	for _, e := range entries {
		if isTemporary(e.Name()) {
			err = errors.Join(err, os.Remove(filepath.Join(p.dir, e.Name())))
		}
	}
	return err
}

// savePortableAgain is savePortable where there is an older one: it is whole at any
// moment.
func (f *networkFile) savePortableAgain(dir string) error {
	path := filepath.Join(dir, "network.yaml")
	old, err := os.ReadFile(path)
	if err == nil && bytes.Equal(old, []byte(f.yaml)) {
		return nil // with the arrays: it was found to be this network
	}
	temporary := filepath.Join(dir, ".network.yaml.new")
	if err := os.WriteFile(temporary, []byte(f.yaml), 0o666); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

// reload reads the spikes that are in the files, for what is kept of them in
// memory.
func (r *recorder) reload() error {
	for _, t := range r.trains {
		if t.step.Rows() != t.neuron.Rows() {
			return fmt.Errorf("%w: %d steps and %d neurons of spikes of %s", checkpoint.ErrDamaged, t.step.Rows(), t.neuron.Rows(), t.name)
		}
		steps, neurons := make([]int64, 1<<12), make([]int32, 1<<12)
		from, of := t.step.Data(), t.neuron.Data()
		for left := t.step.Rows(); left > 0; {
			n := min(left, int64(len(steps)))
			err := binary.Read(from, binary.LittleEndian, steps[:n])
			if err == nil {
				err = binary.Read(of, binary.LittleEndian, neurons[:n])
			}
			if err != nil {
				return fmt.Errorf("%s: %w", t.step.Path(), noEnd(err))
			}
			for i, k := range neurons[:n] {
				if k < 0 || int(k) >= len(t.last) || steps[i] < r.first || steps[i] >= r.next {
					return fmt.Errorf("%s: there is a spike of neuron %d at step %d: it is not of this run", t.step.Path(), k, steps[i])
				}
			}
			t.keep(steps[:n], neurons[:n])
			left -= n
		}
	}
	return nil
}

// noEnd is the error of a file that ends too early.
func noEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
