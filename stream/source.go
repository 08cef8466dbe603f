package stream

import (
	"archive/zip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"time"
)

// Source is an array that was written, a file that was growing or one of an
// archive, to be copied to a file that goes on growing.
type Source struct {
	path  string
	dtype string
	width int
	rows  int64
	data  io.Reader
	close func() error
}

// OpenSource opens a file that Create made, to be read.
func OpenSource(path string) (*Source, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	s := &Source{path: path, close: f.Close}
	info, err := f.Stat()
	if err == nil {
		err = s.open(f, info.Size())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), f.Close())
	}
	return s, nil
}

// OpenEntry opens an array of an archive that gpusim wrote. One that the archive
// has not is fs.ErrNotExist.
func OpenEntry(path, name string) (*Source, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%s: %w", path, err)
		}
		return nil, err
	}
	s := &Source{path: path + ": " + name, close: z.Close}
	err = fs.ErrNotExist
	for _, f := range z.File {
		if f.Name != name+".npy" {
			continue
		}
		var r io.Reader
		if r, err = f.Open(); err == nil {
			err = s.open(r, int64(min(f.UncompressedSize64, 1<<62)))
		}
		break
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", s.path, err), z.Close())
	}
	return s, nil
}

// open reads the header of an array of so many bytes.
func (s *Source) open(r io.Reader, size int64) error {
	b := make([]byte, 10)
	if _, err := io.ReadFull(r, b); err != nil || string(b[:8]) != magic[:8] {
		return errNotOurs
	}
	dict := make([]byte, binary.LittleEndian.Uint16(b[8:]))
	if _, err := io.ReadFull(r, dict); err != nil {
		return errNotOurs
	}
	m := header.FindSubmatch(dict)
	if m == nil {
		return errNotOurs
	}
	s.dtype = string(m[1])
	rows, err := strconv.ParseInt(string(m[2]), 10, 64)
	if err == nil && len(m[3]) > 0 {
		s.width, err = strconv.Atoi(string(m[3]))
	}
	if err != nil {
		return err
	}
	like := File{dtype: s.dtype, width: s.width}
	s.rows = max(0, min(rows, (size-int64(len(b)+len(dict)))/like.rowBytes()))
	s.data = r
	return nil
}

// Path says where the array is.
func (s *Source) Path() string { return s.path }

// Rows is the number of rows that are there.
func (s *Source) Rows() int64 { return s.rows }

// Close closes the file.
func (s *Source) Close() error { return s.close() }

// CopyFrom appends the first rows of a source, of which no row was read yet. They
// are in the file after the next Commit.
func (f *File) CopyFrom(s *Source, rows int64) error {
	switch {
	case f.failed != nil:
		return f.failed
	case s.dtype != f.dtype || s.width != f.width:
		return fmt.Errorf("%s: its elements are %s in rows of %d, expected %s in rows of %d", s.path, s.dtype, s.width, f.dtype, f.width)
	case rows < 0 || rows > s.rows:
		return tooFew(s.path, s.rows, rows)
	}
	for left := rows * f.rowBytes(); left > 0; {
		n := min(left, bufferBytes)
		at := len(f.buffer)
		f.buffer = append(f.buffer, make([]byte, n)...)
		if _, err := io.ReadFull(s.data, f.buffer[at:]); err != nil {
			return fmt.Errorf("%s: %w", s.path, err)
		}
		left -= n
		if err := f.flush(); err != nil {
			return err
		}
	}
	if rows < s.rows {
		return nil
	}
	// An archive's checksum is compared at the end of the array.
	if _, err := s.data.Read(make([]byte, 1)); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", s.path, err)
	}
	return nil
}

// Sync commits what was appended, and waits until it is on the disk.
func (f *File) Sync() error {
	if err := f.Commit(); err != nil {
		return err
	}
	if err := f.file.Sync(); err != nil {
		return f.fail(err)
	}
	f.synced = time.Now()
	return nil
}
