package npy

import (
	"archive/zip"
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Write writes data, a slice of float64, float32, int64 or int32 in C order, as
// an array of the given shape to the .npy file at path. A nil shape is that of a
// scalar.
func Write(path string, shape []int, data any) error {
	check(shape, data)
	return create(path, func(w io.Writer) error { return encode(w, shape, data) })
}

// Archive is the arrays of an .npz file in the making.
type Archive struct {
	names  []string
	arrays []Array
}

// Add adds an array: its name, its shape, nil for a scalar, and its elements, a
// slice of float64, float32, int64 or int32 in C order, which must not be changed
// before the archive is written.
func (a *Archive) Add(name string, shape []int, data any) {
	check(shape, data)
	a.add(name, shape, data)
}

// AddFrom adds an array of the type code '<f8', '<f4', '<i8' or '<i4' whose
// elements are read, as a .npy file has them, when the archive is written, so that
// they need not fit the memory.
func (a *Archive) AddFrom(name string, shape []int, code string, data io.Reader) {
	a.add(name, shape, stored{code, data})
}

func (a *Archive) add(name string, shape []int, data any) {
	for _, n := range a.names {
		if n == name {
			panic("npy: two arrays of one name")
		}
	}
	a.names = append(a.names, name)
	a.arrays = append(a.arrays, Array{Shape: shape, Data: data})
}

// WriteFile writes the arrays to the .npz file at path, in the order in which
// they were added, without compression.
func (a *Archive) WriteFile(path string) error {
	return create(path, func(w io.Writer) error {
		z := zip.NewWriter(w)
		for i, name := range a.names {
			entry, err := z.CreateHeader(&zip.FileHeader{
				Name:     name + ".npy",
				Method:   zip.Store,
				Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), // the format's first
			})
			if err != nil {
				return err
			}
			if err := encode(entry, a.arrays[i].Shape, a.arrays[i].Data); err != nil {
				return err
			}
		}
		return z.Close()
	})
}

// maxUnpacked is the size to which ReadArchive unpacks an archive at most. What
// an archive holds cannot be judged by its own size where it is compressed.
const maxUnpacked = 4 << 30

// ReadArchive reads all arrays of the .npz file at path, by name.
func ReadArchive(path string) (map[string]Array, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	defer z.Close()
	arrays, err := unpack(&z.Reader)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return arrays, nil
}

func unpack(z *zip.Reader) (map[string]Array, error) {
	arrays := make(map[string]Array)
	budget := int64(maxUnpacked)
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return nil, fmt.Errorf("holds %q, expected .npy files only", f.Name)
		}
		b, err := unpackFile(f, budget)
		if err == nil && int64(len(b)) > budget {
			err = fmt.Errorf("the archive unpacks to more than %d bytes", int64(maxUnpacked))
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		budget -= int64(len(b))
		if arrays[name], err = decode(b); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return arrays, nil
}

// unpackFile returns the first limit+1 bytes of f.
func unpackFile(f *zip.File, limit int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, limit+1))
}

// check panics where data is no slice that can be written, or not of the shape.
func check(shape []int, data any) {
	count, err := elements(shape)
	if err != nil {
		panic("npy: " + err.Error())
	}
	if _, n := describe(data); n != count {
		panic(fmt.Sprintf("npy: %d elements for shape %s", n, tuple(shape)))
	}
}

// describe returns the code of data's type in a header and its length.
func describe(data any) (code string, n int) {
	switch data := data.(type) {
	case []float64:
		return "<f8", len(data)
	case []float32:
		return "<f4", len(data)
	case []int64:
		return "<i8", len(data)
	case []int32:
		return "<i4", len(data)
	}
	panic(fmt.Sprintf("npy: cannot write %T", data))
}

// Header returns the header of a .npy file, version 1.0 of the format: of the type
// code '<f8', '<f4', '<i8' or '<i4', at least so many bytes long. The data begin
// behind it, at a multiple of 64 bytes.
func Header(code string, shape []int, atLeast int) ([]byte, error) {
	dict := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': %s, }", code, tuple(shape))
	const fixed = 6 + 2 + 2
	length := max(fixed+len(dict)+1, atLeast)
	length += 63 - (length+63)%64
	dict += strings.Repeat(" ", length-fixed-len(dict)-1) + "\n"
	if len(dict) > 0xffff {
		return nil, fmt.Errorf("shape %s is too long for the .npy format", tuple(shape))
	}
	header := []byte("\x93NUMPY\x01\x00")
	header = binary.LittleEndian.AppendUint16(header, uint16(len(dict)))
	return append(header, dict...), nil
}

// AppendElements appends the bytes of elements, a slice of float64, float32, int64
// or int32, as a .npy file of the type code has them. It panics where they are of
// another type.
func AppendElements(to []byte, code string, data any) []byte {
	if c, _ := describe(data); c != code {
		panic(fmt.Sprintf("npy: %T in an array of %s", data, code))
	}
	to, err := binary.Append(to, binary.LittleEndian, data)
	if err != nil {
		panic("npy: " + err.Error())
	}
	return to
}

// encode writes an array in version 1.0 of the .npy format.
func encode(w io.Writer, shape []int, data any) error {
	if s, ok := data.(stored); ok {
		return s.copyTo(w, shape)
	}
	code, _ := describe(data)
	header, err := Header(code, shape, 0)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	switch data := data.(type) {
	case []float64:
		return writeChunks(w, data)
	case []float32:
		return writeChunks(w, data)
	case []int64:
		return writeChunks(w, data)
	case []int32:
		return writeChunks(w, data)
	}
	panic("unreachable")
}

// stored is elements that are read when they are written.
type stored struct {
	code string
	data io.Reader
}

// copyTo writes the array, of which no less than all has to be there.
func (s stored) copyTo(w io.Writer, shape []int) error {
	header, err := Header(s.code, shape, 0)
	if err != nil {
		return err
	}
	count, err := elements(shape)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	size := int64(s.code[2] - '0')
	_, err = io.CopyN(w, s.data, size*int64(count))
	return err
}

func writeChunks[T number](w io.Writer, data []T) error {
	const chunk = 1 << 13
	for len(data) > 0 {
		n := min(chunk, len(data))
		if err := binary.Write(w, binary.LittleEndian, data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// create makes the file at path of what write writes: whole, or not at all, and on
// the disk before it has its name.
func create(path string, write func(io.Writer) error) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // which fails once it is renamed
	w := bufio.NewWriterSize(file, 1<<16)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = file.Chmod(0o644)
	}
	if err == nil {
		err = file.Sync()
	}
	if err2 := file.Close(); err == nil {
		err = err2
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.Rename(file.Name(), path)
}
