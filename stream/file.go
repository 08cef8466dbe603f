package stream

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"time"

	"gpusim/model/npy"
)

const (
	headerBytes = 128
	bufferBytes = 1 << 18
	syncEvery   = time.Second // between two waits for the disk, at least
)

// File is a .npy file that grows by rows. It is used by one goroutine at a time.
type File struct {
	path   string
	file   *os.File
	dtype  string
	width  int // elements a row; 0: the array has one dimension
	rows   int64
	said   int64  // rows that the header tells of: more than there are, after a loss of power
	end    int64  // bytes in the file
	buffer []byte // of elements that follow
	synced time.Time
	failed error // the first error: nothing is written after it
}

// Create makes the file at path, which must not exist: an array without rows, of
// the type <f8, <f4, <i8 or <i4 as numpy calls it. The width is the number of
// elements of a row, 0 for an array of one dimension.
func Create(path, dtype string, width int) (*File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, file: file, dtype: dtype, width: width, end: headerBytes, synced: time.Now()}
	if err := f.writeHeader(0); err != nil {
		return nil, errors.Join(f.fail(err), file.Close())
	}
	return f, nil
}

// A header as it is written here, in two parts.
const magic = "\x93NUMPY\x01\x00v\x00"

var header = regexp.MustCompile(`^\{'descr': '(<[fi][48])', 'fortran_order': False, 'shape': \((\d{1,18}),(?: ([1-9]\d{0,11}))?\), \} *\n$`)

// Open opens a file that Create made, to append to it. It has the rows of its
// last Commit; what follows them is written over, or cut off by Close.
func Open(path string) (*File, error) {
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	f := &File{path: path, file: file, synced: time.Now()}
	if err := f.readHeader(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), file.Close())
	}
	return f, nil
}

func (f *File) readHeader() error {
	b := make([]byte, headerBytes)
	n, err := io.ReadFull(f.file, b)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	dict, ours := bytes.CutPrefix(b[:n], []byte(magic))
	m := header.FindSubmatch(dict)
	if !ours || m == nil {
		return errors.New("not an array that gpusim was writing: its first 128 bytes are not such a header")
	}
	f.dtype = string(m[1])
	rows, err := strconv.ParseInt(string(m[2]), 10, 64)
	if err == nil && len(m[3]) > 0 {
		f.width, err = strconv.Atoi(string(m[3]))
	}
	info, err2 := f.file.Stat()
	if err = errors.Join(err, err2); err != nil {
		return err
	}
	f.said, f.rows = rows, min(rows, (info.Size()-headerBytes)/f.rowBytes()) // a loss of power may have left less
	f.end = headerBytes + f.rows*f.rowBytes()
	return nil
}

// rowBytes is the length of a row.
func (f *File) rowBytes() int64 {
	size := int64(f.dtype[2] - '0')
	if f.width > 0 {
		return size * int64(f.width)
	}
	return size
}

// Path is where the file is.
func (f *File) Path() string { return f.path }

// Rows is the number of rows that the file holds whatever happens: those of the
// last Commit.
func (f *File) Rows() int64 { return f.rows }

// Shape is the array's as of the last Commit.
func (f *File) Shape() []int { return f.shape(f.rows) }

func (f *File) shape(rows int64) []int {
	if f.width > 0 {
		return []int{int(rows), f.width}
	}
	return []int{int(rows)}
}

// Type is the type of the elements, as numpy calls it.
func (f *File) Type() string { return f.dtype }

// Data reads the elements of the last Commit.
func (f *File) Data() io.Reader {
	return io.NewSectionReader(f.file, headerBytes, f.rows*f.rowBytes())
}

// Error is an error of writing a file, and what of it is safe.
type Error struct {
	Path string
	Rows int64 // that the file holds
	Err  error
}

// Error names the file, the reason and what is safe.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: %v; its first %d rows are safe", e.Path, e.Err, e.Rows)
}

// Unwrap gives the reason.
func (e *Error) Unwrap() error { return e.Err }

// fail keeps the first error.
func (f *File) fail(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // the name of the file is in Error
	}
	if f.failed == nil {
		f.failed = &Error{f.path, f.rows, err}
	}
	return f.failed
}

// Append adds elements, a slice of the file's type: rows, or a part of one.
// They are in the file after the next Commit.
func (f *File) Append(data any) error {
	if f.failed != nil {
		return f.failed
	}
	f.buffer = npy.AppendElements(f.buffer, f.dtype, data)
	if len(f.buffer) >= bufferBytes {
		return f.flush()
	}
	return nil
}

// flush brings the buffer into the file.
func (f *File) flush() error {
	n, err := f.file.WriteAt(f.buffer, f.end)
	f.end += int64(n)
	if err != nil {
		return f.fail(err)
	}
	f.buffer = f.buffer[:0]
	return nil
}

// Commit makes what was appended a part of the array: all whole rows of it.
func (f *File) Commit() error {
	switch {
	case f.failed != nil:
		return f.failed
	case len(f.buffer) > 0:
		if err := f.flush(); err != nil {
			return err
		}
	}
	rows := (f.end - headerBytes) / f.rowBytes()
	if rows == f.said {
		return nil
	}
	// The disk may take what is written in any order.
	if time.Since(f.synced) >= syncEvery {
		if err := f.file.Sync(); err != nil {
			return f.fail(err)
		}
		f.synced = time.Now()
	}
	if err := f.writeHeader(rows); err != nil {
		return f.fail(err)
	}
	f.rows = rows
	return nil
}

// writeHeader says that there are so many rows.
func (f *File) writeHeader(rows int64) error {
	b, err := npy.Header(f.dtype, f.shape(rows), headerBytes)
	if err == nil {
		_, err = f.file.WriteAt(b, 0)
	}
	if err == nil {
		f.said = rows
	}
	return err
}

// Truncate cuts the array to its first rows, of which it has no fewer, and drops
// what was appended since the last Commit.
func (f *File) Truncate(rows int64) error {
	if f.failed != nil {
		return f.failed
	}
	if rows < 0 || rows > f.rows {
		return fmt.Errorf("%s: it has %d rows, not the %d that are to stay", f.path, f.rows, rows)
	}
	f.buffer = f.buffer[:0]
	// The header first: it never tells of what is not there.
	if err := f.writeHeader(rows); err != nil {
		return f.fail(err)
	}
	f.rows, f.end = rows, headerBytes+rows*f.rowBytes()
	if err := f.file.Truncate(f.end); err != nil {
		return f.fail(err)
	}
	return nil
}

// Abandon closes the file with the rows of the last Commit and nothing behind
// them, also after an error.
func (f *File) Abandon() error {
	return errors.Join(f.file.Truncate(headerBytes+f.rows*f.rowBytes()), f.file.Close())
}

// Close commits what was appended, waits until all is on the disk, and closes the
// file.
func (f *File) Close() error {
	err := f.Commit()
	if err == nil {
		if e := errors.Join(f.file.Truncate(f.end), f.file.Sync()); e != nil {
			err = f.fail(e)
		}
	}
	if e := f.file.Close(); err == nil && e != nil {
		err = f.fail(e)
	}
	return err
}
