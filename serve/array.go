package serve

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"gpusim/model/npy"
)

// array is an array of an answer: data is []float64, []int64 or []int32.
type array struct {
	shape []int
	data  any
}

func vector[T float64 | int64 | int32](data []T) array {
	return array{[]int{len(data)}, data}
}

// files is where large arrays go.
type files struct {
	dir  string // "" is nowhere
	over int    // bytes
	made int    // number of the last
}

// largeArray is how many bytes an array has at least that goes into a file,
// where the client gives a folder and says nothing else.
const largeArray = 1 << 18

// array writes an array: its bytes, little-endian, in base64, or the path of a
// .npy file that has it.
func (e *encoder) array(a array) {
	dtype, raw := bytesOf(a.data)
	o := object{{"dtype", dtype}, {"shape", numbers(a.shape)}}
	if e.files != nil && e.files.dir != "" && len(raw) > e.files.over {
		e.files.made++
		path := filepath.Join(e.files.dir, strconv.Itoa(os.Getpid())+"-"+strconv.Itoa(e.files.made)+".npy")
		if err := npy.Write(path, a.shape, a.data); err != nil {
			e.err = err
		}
		e.object(append(o, member{"npy", path}))
		return
	}
	e.object(o)
	e.b = append(e.b[:len(e.b)-1], `,"base64":"`...)
	e.b = base64.StdEncoding.AppendEncode(e.b, raw)
	e.b = append(e.b, `"}`...)
}

func bytesOf(data any) (dtype string, raw []byte) {
	switch data := data.(type) {
	case []int64:
		for _, x := range data {
			raw = binary.LittleEndian.AppendUint64(raw, uint64(x))
		}
		return "<i8", raw
	case []int32:
		for _, x := range data {
			raw = binary.LittleEndian.AppendUint32(raw, uint32(x))
		}
		return "<i4", raw
	}
	floats, _ := data.([]float64)
	raw = make([]byte, 0, 8*len(floats))
	for _, x := range floats {
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(x))
	}
	return "<f8", raw
}

// readValue reads a value of a request: a number, a list of numbers, an array
// in base64 or the path of a .npy file. It is a float64, or a []float64 and not
// one number.
func readValue(raw json.RawMessage, place string) (any, error) {
	if x, ok := numberOf(raw); ok {
		return x, nil
	}
	wrong := func(format string, args ...any) error {
		return faultf(badRequest, place, "%s: %s", place, fmt.Sprintf(format, args...))
	}
	switch {
	case len(raw) > 0 && raw[0] == '[':
		list := []*float64{}
		if json.Unmarshal(raw, &list) != nil {
			return nil, wrong("expected a list of numbers, one for each element")
		}
		data := make([]float64, len(list))
		for i, x := range list {
			if x == nil {
				return nil, wrong("element %d is null, expected a number", i)
			}
			data[i] = *x
		}
		return data, nil
	case len(raw) == 0 || raw[0] != '{':
		return nil, wrong("expected a number or an array, found %s", kindOf(raw))
	}
	f, err := readObject(raw, place+".")
	if err != nil {
		return nil, wrong("%v", err)
	}
	return f.array()
}

// array reads {"dtype", "shape", "base64"} or {"npy"}.
func (f *fields) array() (any, error) {
	path, code, dtype := f.text("npy"), f.text("base64"), f.text("dtype")
	shape := []int{}
	if raw := f.get("shape"); raw != nil && json.Unmarshal(raw, &shape) != nil {
		f.reject("shape", "expected a list of whole numbers")
	}
	coded := f.has("base64")
	if coded == (path != "") {
		f.reject("base64", "an array has base64, with dtype and shape, or npy, the path of a file")
	}
	if err := f.end(); err != nil {
		return nil, err
	}
	if path != "" {
		data, shape, err := npy.Read(path)
		if err != nil {
			return nil, faultf(badFile, f.at+"npy", "%snpy: %v", f.at, err)
		}
		return single(data, shape), nil
	}
	raw, err := base64.StdEncoding.DecodeString(code)
	if err != nil {
		f.reject("base64", "%v", err)
		return nil, f.end()
	}
	data, size := decode(dtype, raw)
	if size == 0 {
		f.reject("dtype", "expected %s, found %s", strings.Join(dtypes, ", "), quoted(dtype))
		return nil, f.end()
	}
	if n := product(shape); n != len(data) || len(raw)%size != 0 {
		f.reject("shape", "there are %d bytes, which are not the %s of %d bytes each of the shape", len(raw), countOf(n), size)
		return nil, f.end()
	}
	return single(data, shape), nil
}

// single is the number of an array without dimensions, or the array.
func single(data []float64, shape []int) any {
	if len(shape) == 0 && len(data) == 1 {
		return data[0]
	}
	return data
}

// product is the number of elements of a shape; -1 where it is none, or more
// than there can be.
func product(shape []int) int {
	n := 1
	for _, d := range shape {
		if d < 0 || d > 0 && n > math.MaxInt32/d {
			return -1
		}
		n *= d
	}
	return n
}

func countOf(n int) string {
	if n < 0 {
		return "elements"
	}
	return strconv.Itoa(n) + " elements"
}

// dtypes are the types of the elements of arrays in requests.
var dtypes = []string{"<f8", "<f4", "<i8", "<i4"}

// decode gives numbers of their bytes, and how many bytes each has; 0 where the
// type is none of dtypes.
func decode(dtype string, raw []byte) (data []float64, size int) {
	switch dtype {
	case "<f8", "<i8":
		size = 8
	case "<f4", "<i4":
		size = 4
	default:
		return nil, 0
	}
	data = make([]float64, len(raw)/size)
	for i := range data {
		b := raw[i*size:]
		switch dtype {
		case "<f8":
			data[i] = math.Float64frombits(binary.LittleEndian.Uint64(b))
		case "<f4":
			data[i] = float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
		case "<i8":
			data[i] = float64(int64(binary.LittleEndian.Uint64(b)))
		case "<i4":
			data[i] = float64(int32(binary.LittleEndian.Uint32(b)))
		}
	}
	return data, size
}
