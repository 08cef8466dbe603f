package npy

import (
	"archive/zip"
	"bytes"
	"math"
	"os"
	"path/filepath"
	"testing"
)

func addFiles(f *testing.F, pattern string) {
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		f.Fatalf("%s: %d files, %v", pattern, len(paths), err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
}

// FuzzRead expects of any bytes an error or an array that is as large as its
// shape says and that comes back when it is written and read again.
func FuzzRead(f *testing.F) {
	addFiles(f, "testdata/*.npy")
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := decode(b)
		if err != nil {
			return
		}
		data := a.Float64()
		count, err := elements(a.Shape)
		if err != nil || count != len(data) || count > len(b) {
			t.Fatalf("%d elements of shape %v from %d bytes, %v", len(data), a.Shape, len(b), err)
		}
		if ints, err := a.Int64(); err == nil && len(ints) != count {
			t.Fatalf("%d elements, but %d integers", count, len(ints))
		}
		var again bytes.Buffer
		if err := encode(&again, a.Shape, data); err != nil {
			return // a shape that is too long
		}
		c, err := decode(again.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range c.Float64() {
			if math.Float64bits(v) != math.Float64bits(data[i]) {
				t.Fatalf("element %d: %v became %v", i, data[i], v)
			}
		}
	})
}

// FuzzReadArchive expects of any bytes an error or arrays.
func FuzzReadArchive(f *testing.F) {
	addFiles(f, "testdata/*.npz")
	f.Fuzz(func(t *testing.T, b []byte) {
		z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		arrays, err := unpack(z)
		if err != nil {
			return
		}
		for _, a := range arrays {
			a.Float64()
		}
	})
}
