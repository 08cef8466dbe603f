package npy_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gpusim/model/npy"
)

// TestReadNumPy reads what testdata/make.py wrote with NumPy.
func TestReadNumPy(t *testing.T) {
	ramps, err := filepath.Glob("testdata/ramp_*.npy")
	if err != nil || len(ramps) != 8*2+2+4 {
		t.Fatalf("%d ramps, %v", len(ramps), err)
	}
	for _, path := range ramps {
		wantShape := []int{6}
		switch {
		case strings.Contains(path, "1x3x2"):
			wantShape = []int{1, 3, 2}
		case strings.Contains(path, "2x3"):
			wantShape = []int{2, 3}
		}
		data, shape, err := npy.Read(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if !slices.Equal(data, []float64{0, 1, 2, 3, 4, 5}) || !slices.Equal(shape, wantShape) {
			t.Errorf("%s: got %v of shape %v", path, data, shape)
		}
		ints, shape, err := npy.ReadInt(path)
		if strings.Contains(path, "_f4") || strings.Contains(path, "_f8") || strings.Contains(path, "_2x3_") {
			if err == nil {
				t.Errorf("%s: read as integers", path)
			}
			continue
		}
		if err != nil || !slices.Equal(ints, []int64{0, 1, 2, 3, 4, 5}) || !slices.Equal(shape, wantShape) {
			t.Errorf("%s: got %v of shape %v, %v", path, ints, shape, err)
		}
	}
	for _, test := range []struct {
		name  string
		data  []float64
		shape []int
	}{
		{"bool", []float64{1, 0, 1}, []int{3}},
		{"scalar", []float64{1.5}, nil},
		{"empty", []float64{}, []int{0, 3}},
		{"large", []float64{1, 1 << 63}, []int{2}},
	} {
		data, shape, err := npy.Read("testdata/" + test.name + ".npy")
		if err != nil || !slices.Equal(data, test.data) || !slices.Equal(shape, test.shape) {
			t.Errorf("%s: got %v of shape %v, %v", test.name, data, shape, err)
		}
	}
}

func TestReadArchiveNumPy(t *testing.T) {
	want := map[string]npy.Array{
		"v": {Shape: []int{6}, Data: []float64{0, 0.5, 1, 1.5, 2, 2.5}},
		"i": {Shape: []int{6}, Data: []int32{0, 1, 2, 3, 4, 5}},
	}
	for _, name := range []string{"stored", "packed"} {
		got, err := npy.ReadArchive("testdata/" + name + ".npz")
		if err != nil {
			t.Error(err)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", name, diff)
		}
	}
}

// header returns the start of a .npy file with the given dictionary.
func header(dict string) string {
	return "\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(dict)+1))) + dict + "\n"
}

func TestErrors(t *testing.T) {
	dir := t.TempDir()
	file := func(content string) string {
		path := filepath.Join(dir, "v.npy")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	read := func(path string) error { _, _, err := npy.Read(path); return err }
	readInt := func(path string) error { _, _, err := npy.ReadInt(path); return err }
	data := strings.Repeat("\x00", 16)
	for _, test := range []struct {
		path string
		read func(string) error
		want string
	}{
		{"testdata/bad_complex128.npy", read, "dtype complex128, expected a real number type"},
		{"testdata/bad_float16.npy", read, "dtype float16, expected a real number type"},
		{"testdata/bad_str.npy", read, "dtype str, expected a real number type"},
		{"testdata/bad_bytes.npy", read, "dtype bytes, expected a real number type"},
		{"testdata/bad_datetime64.npy", read, "dtype datetime64, expected a real number type"},
		{"testdata/bad_object.npy", read, "dtype object, expected a real number type"},
		{"testdata/bad_record.npy", read, "dtype [('a', '<f8'), ('b', '<i4')], expected a real number type"},
		{"testdata/version3.npy", read, "version 3 of the .npy format, expected 1 or 2"},
		{"testdata/ramp_f8_little.npy", readInt, "dtype float64, expected an integer type"},
		{"testdata/bool.npy", readInt, "dtype bool, expected an integer type"},
		{"testdata/large.npy", readInt, "element 1 is 9223372036854775808, expected no more than 9223372036854775807"},
		{"testdata/make.py", read, `expected a .npy file, which begins with \x93NUMPY`},
		{"testdata/stored.npz", read, `expected a .npy file, which begins with \x93NUMPY`},
		{dir, read, "expected a .npy file, found something that is not a regular file"},
		{os.DevNull, read, "expected a .npy file, found something that is not a regular file"},
	} {
		if got := fmt.Sprint(test.read(test.path)); got != test.path+": "+test.want {
			t.Errorf("got  %s\nwant %s: %s", got, test.path, test.want)
		}
	}
	large := filepath.Join(dir, "large.npy") // a hole: it takes no room on the disk
	if err := errors.Join(os.WriteFile(large, nil, 0o600), os.Truncate(large, 3<<30)); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(read(large)), large+": the file has 3221225472 bytes; the most that is read is 2148532224"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, test := range []struct{ content, want string }{
		{"", `expected a .npy file, which begins with \x93NUMPY`},
		{"\x93NUMPY", "damaged header"},
		{"\x93NUMPY\x01\x00\xff", "damaged header"},
		{"\x93NUMPY\x02\x00\x00\x00", "damaged header"},
		{"\x93NUMPY\x00\x00\x00\x00\x00\x00", "damaged header"},
		{"\x93NUMPY\x02\x00\xff\xff\xff\xff{}", "the header claims 4294967295 bytes, but only 2 follow"},
		{"\x93NUMPY\x01\x00\x02\x00{}", "damaged header"},
		{header("{}"), "damaged header: npy: invalid dictionary format"},
		{header("{'descr': '<f8', 'fortran_order': Maybe, 'shape': (2,), }") + data, "damaged header: npy: invalid 'fortran_order' value (Maybe)"},
		{header("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }") + data[:15], "15 bytes of data, which is not what shape (2,) of float64 takes"},
		{header("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }") + data + "\x00", "17 bytes of data, which is not what shape (2,) of float64 takes"},
		{header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000,), }") + data, "16 bytes of data, which is not what shape (1000000000000,) of float64 takes"},
		{header("{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }") + data, "shape (4294967296, 4294967296) has more elements than can be counted"},
		{header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, -2), }") + data, "shape (-1, -2), expected no negative length"},
		{header("{'descr': '<f8', 'fortran_order': False, 'shape': (0, -2), }"), "shape (0, -2), expected no negative length"},
		{header("{'descr': '|f8', 'fortran_order': False, 'shape': (2,), }") + data, "dtype '|f8', expected a real number type"},
		{header("{'descr': '', 'fortran_order': False, 'shape': (2,), }") + data, "dtype '', expected a real number type"},
		{header("{'descr': '" + strings.Repeat("x", 99) + "', 'fortran_order': False, 'shape': (2,), }"), "dtype '" + strings.Repeat("x", 59) + "..., expected a real number type"},
	} {
		path := file(test.content)
		if got := fmt.Sprint(read(path)); got != path+": "+test.want {
			t.Errorf("got  %s\nwant %s: %s", got, path, test.want)
		}
	}
	if err := read(filepath.Join(dir, "none.npy")); !os.IsNotExist(err) {
		t.Errorf("a file that is not there: got %v", err)
	}
}

func TestArchiveErrors(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npz")
	for _, test := range []struct{ name, content, want string }{
		{"notes.txt", "text", `holds "notes.txt", expected .npy files only`},
		{"v.npy", "text", `v: expected a .npy file, which begins with \x93NUMPY`},
	} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create(test.name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, test.content)
		z.Close()
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := npy.ReadArchive(path); fmt.Sprint(err) != path+": "+test.want {
			t.Errorf("got  %v\nwant %s: %s", err, path, test.want)
		}
	}
	if _, err := npy.ReadArchive("testdata/bool.npy"); fmt.Sprint(err) != "testdata/bool.npy: zip: not a valid zip file" {
		t.Errorf("got %v", err)
	}
}

func drawShape(t *rapid.T) (shape []int, count int) {
	shape = rapid.SliceOfN(rapid.IntRange(0, 5), 0, 4).Draw(t, "shape")
	count = 1
	for _, n := range shape {
		count *= n
	}
	return shape, count
}

// TestRoundTrip expects every bit back, those of NaN included.
func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.npy")
	rapid.Check(t, func(t *rapid.T) {
		shape, count := drawShape(t)
		bits := rapid.SliceOfN(rapid.Uint64(), count, count).Draw(t, "bits")
		data := make([]float64, count)
		for i, b := range bits {
			data[i] = math.Float64frombits(b)
		}
		if err := npy.Write(path, shape, data); err != nil {
			t.Fatal(err)
		}
		got, gotShape, err := npy.Read(path)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(gotShape, shape) {
			t.Fatalf("shape %v became %v", shape, gotShape)
		}
		for i, v := range got {
			if math.Float64bits(v) != bits[i] {
				t.Fatalf("element %d: %x became %x", i, bits[i], math.Float64bits(v))
			}
		}
	})
}

func TestArchiveRoundTrip(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.npz")
	want := map[string]npy.Array{
		"interneurons.V": {Shape: []int{2, 2}, Data: []float64{-65, -64.5, math.Inf(1), 0}},
		"f":              {Shape: []int{1}, Data: []float32{0.1}},
		"step":           {Shape: []int{3}, Data: []int64{1, math.MinInt64, math.MaxInt64}},
		"neuron":         {Shape: []int{2}, Data: []int32{7, -1}},
		"dt":             {Data: []float64{0.04}},
		"none":           {Shape: []int{0, 4}, Data: []int64{}},
		"long":           {Shape: []int{100000}, Data: make([]int32, 100000)},
	}
	var first []byte
	for range 2 {
		var a npy.Archive
		for _, name := range []string{"interneurons.V", "f", "step", "neuron", "dt", "none", "long"} {
			a.Add(name, want[name].Shape, want[name].Data)
		}
		if err := a.WriteFile(path); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if first != nil && !bytes.Equal(b, first) {
			t.Error("two archives of the same arrays differ")
		}
		first = b
	}
	got, err := npy.ReadArchive(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// TestHeader expects the bytes that NumPy writes: 'v.npy' is np.save's.
func TestHeader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.npy")
	for _, test := range []struct {
		file  string
		shape []int
		data  any
	}{
		{"ramp_f8_little", []int{6}, []float64{0, 1, 2, 3, 4, 5}},
		{"ramp_f4_little", []int{6}, []float32{0, 1, 2, 3, 4, 5}},
		{"ramp_i8_little", []int{6}, []int64{0, 1, 2, 3, 4, 5}},
		{"ramp_i4_little", []int{6}, []int32{0, 1, 2, 3, 4, 5}},
		{"ramp_2x3_c", []int{2, 3}, []float64{0, 1, 2, 3, 4, 5}},
		{"scalar", nil, []float64{1.5}},
		{"empty", []int{0, 3}, []float64{}},
	} {
		if err := npy.Write(path, test.shape, test.data); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile("testdata/" + test.file + ".npy")
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: got\n%q\nwant\n%q", test.file, got, want)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	dir := t.TempDir()
	if err := npy.Write(filepath.Join(dir, "none", "v.npy"), nil, []float64{1}); !os.IsNotExist(err) {
		t.Errorf("a folder that is not there: got %v", err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "v.npy", "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := npy.Write(filepath.Join(dir, "v.npy"), nil, []float64{1}); err == nil {
		t.Error("no error for a folder in the file's place")
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestPanics(t *testing.T) {
	var a npy.Archive
	a.Add("v", nil, []float64{1})
	for _, test := range []struct {
		want string
		call func()
	}{
		{"npy: two arrays of one name", func() { a.Add("v", nil, []float64{1}) }},
		{"npy: 1 elements for shape (2, 3)", func() { a.Add("w", []int{2, 3}, []float64{1}) }},
		{"npy: cannot write []string", func() { a.Add("w", nil, []string{"a"}) }},
		{"npy: shape (-1,), expected no negative length", func() { a.Add("w", []int{-1}, []float64{}) }},
	} {
		func() {
			defer func() {
				if got := recover(); got != test.want {
					t.Errorf("got %v, want %s", got, test.want)
				}
			}()
			test.call()
		}()
	}
}

func ExampleArchive() {
	dir, err := os.MkdirTemp("", "npy")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "spikes.npz")

	var a npy.Archive
	a.Add("interneurons.step", []int{3}, []int64{17, 17, 20})
	a.Add("interneurons.neuron", []int{3}, []int32{0, 4, 2})
	a.Add("dt", nil, []float64{0.04})
	if err := a.WriteFile(path); err != nil {
		fmt.Println(err)
	}

	arrays, err := npy.ReadArchive(path)
	fmt.Println(arrays["interneurons.step"].Data, arrays["dt"].Data, err)
	// Output:
	// [17 17 20] [0.04] <nil>
}
