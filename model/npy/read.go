package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"

	"codeberg.org/sbinet/npyio/npy"
)

// Array is an array as it was stored, in C order.
type Array struct {
	// Shape is the length of each dimension; a scalar has none.
	Shape []int
	// Data is a slice of bool, of a sized integer type, of float32 or of
	// float64.
	Data any
}

// Read reads the array of real numbers in the .npy file at path: floating point
// numbers, integers or booleans, which become 0 and 1. Integers beyond 2^53 are
// rounded. The data are in C order.
func Read(path string) (data []float64, shape []int, err error) {
	a, err := readFile(path)
	if err != nil {
		return nil, nil, err
	}
	return a.Float64(), a.Shape, nil
}

// ReadInt reads the array of integers in the .npy file at path. The data are in C
// order.
func ReadInt(path string) (data []int64, shape []int, err error) {
	a, err := readFile(path)
	if err != nil {
		return nil, nil, err
	}
	data, err = a.Int64()
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, a.Shape, nil
}

// maxBytes is the size of the largest file that is read: 2^28 numbers of 8 bytes,
// and a header.
const maxBytes = 1<<31 + 1<<20

func readFile(path string) (Array, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Array{}, err
	}
	if !info.Mode().IsRegular() {
		return Array{}, fmt.Errorf("%s: expected a .npy file, found something that is not a regular file", path)
	}
	if info.Size() > maxBytes {
		return Array{}, fmt.Errorf("%s: the file has %d bytes; the most that is read is %d", path, info.Size(), maxBytes)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Array{}, err
	}
	a, err := decode(b)
	if err != nil {
		return Array{}, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// Float64 returns the array's elements as float64, true as 1.
func (a Array) Float64() []float64 {
	switch data := a.Data.(type) {
	case []float64:
		return data
	case []bool:
		out := make([]float64, len(data))
		for i, v := range data {
			if v {
				out[i] = 1
			}
		}
		return out
	case []float32:
		return convert[float64](data)
	case []int8:
		return convert[float64](data)
	case []int16:
		return convert[float64](data)
	case []int32:
		return convert[float64](data)
	case []int64:
		return convert[float64](data)
	case []uint8:
		return convert[float64](data)
	case []uint16:
		return convert[float64](data)
	case []uint32:
		return convert[float64](data)
	case []uint64:
		return convert[float64](data)
	}
	panic(fmt.Sprintf("npy: an array of %T", a.Data))
}

// Int64 returns the array's elements as int64 where they are integers that fit.
func (a Array) Int64() ([]int64, error) {
	switch data := a.Data.(type) {
	case []int64:
		return data, nil
	case []int8:
		return convert[int64](data), nil
	case []int16:
		return convert[int64](data), nil
	case []int32:
		return convert[int64](data), nil
	case []uint8:
		return convert[int64](data), nil
	case []uint16:
		return convert[int64](data), nil
	case []uint32:
		return convert[int64](data), nil
	case []uint64:
		for i, v := range data {
			if v > math.MaxInt64 {
				return nil, fmt.Errorf("element %d is %d, expected no more than %d", i, v, int64(math.MaxInt64))
			}
		}
		return convert[int64](data), nil
	case []bool, []float32, []float64:
		return nil, fmt.Errorf("dtype %s, expected an integer type", strings.TrimPrefix(fmt.Sprintf("%T", data), "[]"))
	}
	panic(fmt.Sprintf("npy: an array of %T", a.Data))
}

type number interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | float32 | float64
}

func convert[To, From number](data []From) []To {
	out := make([]To, len(data))
	for i, v := range data {
		out[i] = To(v)
	}
	return out
}

// decode returns the array in b, the whole of a .npy file.
func decode(b []byte) (a Array, err error) {
	defer func() {
		// npyio slices headers at places that need not exist.
		if recover() != nil {
			a, err = Array{}, errors.New("damaged header")
		}
	}()
	left, err := checkHeader(b)
	if err != nil {
		return Array{}, err
	}
	r, err := npy.NewReader(bytes.NewReader(b))
	if err != nil {
		return Array{}, fmt.Errorf("damaged header: %w", err)
	}
	descr := r.Header.Descr
	t, err := findType(descr.Type)
	if err != nil {
		return Array{}, err
	}
	count, err := elements(descr.Shape)
	if err != nil {
		return Array{}, err
	}
	// Neither can overflow: left is a length in memory.
	if count > left/t.size || count*t.size != left {
		return Array{}, fmt.Errorf("%d bytes of data, which is not what shape %s of %s takes", left, tuple(descr.Shape), t.name)
	}
	data, err := t.read(r, descr.Shape, descr.Fortran)
	if err != nil {
		return Array{}, err
	}
	return Array{Shape: descr.Shape, Data: data}, nil
}

// checkHeader returns the number of bytes that follow the header of b.
func checkHeader(b []byte) (left int, err error) {
	if !bytes.HasPrefix(b, npy.Magic[:]) {
		return 0, errors.New("expected a .npy file, which begins with \\x93NUMPY")
	}
	const (
		atVersion = len(npy.Magic)
		atLength  = atVersion + 2
	)
	var start, length int
	switch {
	case len(b) >= atLength+2 && b[atVersion] == 1:
		start = atLength + 2
		length = int(binary.LittleEndian.Uint16(b[atLength:]))
	case len(b) >= atLength+4 && b[atVersion] == 2:
		start = atLength + 4
		length = int(binary.LittleEndian.Uint32(b[atLength:]))
	case len(b) > atVersion && b[atVersion] > 2:
		return 0, fmt.Errorf("version %d of the .npy format, expected 1 or 2", b[atVersion])
	default:
		return 0, errors.New("damaged header")
	}
	if length < 0 || length > len(b)-start {
		return 0, fmt.Errorf("the header claims %d bytes, but only %d follow", length, len(b)-start)
	}
	return len(b) - start - length, nil
}

// elements returns the number of elements of an array of the given shape.
func elements(shape []int) (int, error) {
	count := 1
	empty := false
	for _, n := range shape {
		switch {
		case n < 0:
			return 0, fmt.Errorf("shape %s, expected no negative length", tuple(shape))
		case n == 0:
			empty = true
		case count > math.MaxInt/n:
			return 0, fmt.Errorf("shape %s has more elements than can be counted", tuple(shape))
		default:
			count *= n
		}
	}
	if empty {
		return 0, nil
	}
	return count, nil
}

// elementType is how elements of a type are read.
type elementType struct {
	name string // NumPy's
	size int    // bytes
	read func(r *npy.Reader, shape []int, fortran bool) (any, error)
}

var elementTypes = map[string]elementType{
	"b1": {"bool", 1, read[bool]},
	"i1": {"int8", 1, read[int8]},
	"i2": {"int16", 2, read[int16]},
	"i4": {"int32", 4, read[int32]},
	"i8": {"int64", 8, read[int64]},
	"u1": {"uint8", 1, read[uint8]},
	"u2": {"uint16", 2, read[uint16]},
	"u4": {"uint32", 4, read[uint32]},
	"u8": {"uint64", 8, read[uint64]},
	"f4": {"float32", 4, read[float32]},
	"f8": {"float64", 8, read[float64]},
}

// otherTypes is what NumPy calls the types that are not read, by their code
// where it says the size, else by its first letter.
var otherTypes = map[string]string{
	"f2": "float16", "f12": "float96", "f16": "float128",
	"c8": "complex64", "c16": "complex128", "c24": "complex192", "c32": "complex256",
	"O": "object", "S": "bytes", "U": "str", "V": "void", "M": "datetime64", "m": "timedelta64",
}

// findType returns the type that a header describes, such as '<f8'.
func findType(descr string) (elementType, error) {
	code := strings.Trim(descr, "'")
	quoted := len(code) == len(descr)-2
	if quoted && code != "" && strings.ContainsRune("<>|=", rune(code[0])) {
		if t, ok := elementTypes[code[1:]]; ok && (code[0] != '|' || t.size == 1) {
			return t, nil
		}
		code = code[1:]
	}
	name := descr
	if len(name) > 60 {
		name = name[:60] + "..."
	}
	if other, ok := otherTypes[code]; quoted && ok {
		name = other
	} else if other, ok := otherTypes[code[:min(1, len(code))]]; quoted && ok {
		name = other
	}
	return elementType{}, fmt.Errorf("dtype %s, expected a real number type", name)
}

// read reads the elements that follow r's header, in C order.
func read[T number | bool](r *npy.Reader, shape []int, fortran bool) (any, error) {
	var data []T
	if err := r.Read(&data); err != nil {
		return nil, fmt.Errorf("damaged data: %w", err)
	}
	if fortran && len(shape) > 1 && len(data) > 0 {
		data = transpose(data, shape)
	}
	return data, nil
}

// transpose returns data, whose first index varies fastest, in C order, where
// the last one does.
func transpose[T any](data []T, shape []int) []T {
	out := make([]T, len(data))
	index := make([]int, len(shape))
	stride := make([]int, len(shape)) // in data
	for axis, s := 0, 1; axis < len(shape); axis++ {
		stride[axis] = s
		s *= shape[axis]
	}
	from := 0
	for to := range out {
		out[to] = data[from]
		for axis := len(shape) - 1; axis >= 0; axis-- {
			index[axis]++
			from += stride[axis]
			if index[axis] < shape[axis] {
				break
			}
			from -= stride[axis] * shape[axis]
			index[axis] = 0
		}
	}
	return out
}

// tuple writes a shape as Python does.
func tuple(shape []int) string {
	s := make([]string, len(shape))
	for i, n := range shape {
		s[i] = fmt.Sprint(n)
	}
	if len(s) == 1 {
		return "(" + s[0] + ",)"
	}
	return "(" + strings.Join(s, ", ") + ")"
}
