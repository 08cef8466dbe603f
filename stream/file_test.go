package stream

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gpusim/model/npy"
)

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// whole reads a file as it is on the disk now, as numpy does: as many elements as
// the shape of its header says, whatever follows.
func whole(t testing.TB, path string) npy.Array {
	t.Helper()
	b, err := os.ReadFile(path)
	ok(t, err)
	f, err := Open(path)
	ok(t, err)
	size := headerBytes + f.rows*f.rowBytes()
	ok(t, f.file.Close())
	if int64(len(b)) < size {
		t.Fatalf("%s has %d bytes, and its header tells of %d", path, len(b), size)
	}
	copied := filepath.Join(t.(interface{ TempDir() string }).TempDir(), "copy.npy")
	ok(t, os.WriteFile(copied, b[:size], 0o600))
	data, shape, err := npy.Read(copied)
	ok(t, err)
	return npy.Array{Shape: shape, Data: data}
}

// At every moment the file has the rows of the last Commit.
func TestFileGrows(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.npy")
	f, err := Create(path, "<f8", 3)
	ok(t, err)
	want := []float64{}
	next := 0.0
	for k := range 200 {
		var more []float64
		for range 3 * (k % 7) * (k % 7) * 100 {
			more = append(more, next)
			next++
		}
		// In parts that are no rows, to the file more than once.
		cut := len(more) / 2
		ok(t, f.Append(more[:cut]))
		if k%20 == 0 {
			if got := whole(t, path); !slices.Equal(got.Float64(), want) {
				t.Fatalf("%d: before the Commit %d elements, want %d", k, len(got.Float64()), len(want))
			}
		}
		ok(t, f.Append(more[cut:]))
		ok(t, f.Commit())
		want = append(want, more...)
		if k%20 > 0 && k < 199 {
			continue
		}
		got := whole(t, path)
		if !slices.Equal(got.Float64(), want) || !slices.Equal(got.Shape, []int{len(want) / 3, 3}) || f.Rows() != int64(len(want)/3) {
			t.Fatalf("%d: %d elements of shape %v, want %d", k, len(got.Float64()), got.Shape, len(want))
		}
	}
	ok(t, f.Append([]float64{1})) // no whole row
	ok(t, f.Close())
	if got := whole(t, path); !slices.Equal(got.Float64(), want) {
		t.Error("the file is another after Close")
	}
}

// The types and shapes that there are, closed, opened and gone on with, are what
// npy reads.
func TestTypes(t *testing.T) {
	for _, c := range []struct {
		dtype      string
		width      int
		data, more any
		want       npy.Array
	}{
		{"<i8", 0, []int64{1, math.MinInt64}, []int64{7}, npy.Array{Shape: []int{3}, Data: []int64{1, math.MinInt64, 7}}},
		{"<i4", 0, []int32{}, []int32{7}, npy.Array{Shape: []int{1}, Data: []int32{7}}},
		{"<f8", 2, []float64{1, 2}, []float64{0.1, math.Inf(1)}, npy.Array{Shape: []int{2, 2}, Data: []float64{1, 2, 0.1, math.Inf(1)}}},
		{"<f4", 1, []float32{}, []float32{}, npy.Array{Shape: []int{0, 1}, Data: []float32{}}},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "v.npy")
		f, err := Create(path, c.dtype, c.width)
		ok(t, err)
		ok(t, f.Append(c.data))
		ok(t, f.Close())
		f, err = Open(path)
		ok(t, err)
		ok(t, f.Append(c.more))
		ok(t, f.Commit())
		if f.Path() != path || f.Type() != c.dtype || !slices.Equal(f.Shape(), c.want.Shape) {
			t.Errorf("%s of %s, %v", f.Path(), f.Type(), f.Shape())
		}
		var z npy.Archive
		z.AddFrom("v", f.Shape(), f.Type(), f.Data())
		ok(t, z.WriteFile(filepath.Join(dir, "v.npz")))
		ok(t, f.Close())
		got, err := npy.ReadArchive(filepath.Join(dir, "v.npz"))
		ok(t, err)
		if !reflect.DeepEqual(got["v"], c.want) {
			t.Errorf("%s: got %v, want %v", c.dtype, got["v"], c.want)
		}
		// The archive is that of the arrays themselves.
		var plain npy.Archive
		plain.Add("v", c.want.Shape, c.want.Data)
		ok(t, plain.WriteFile(filepath.Join(dir, "w.npz")))
		a, err := os.ReadFile(filepath.Join(dir, "v.npz"))
		ok(t, err)
		b, err := os.ReadFile(filepath.Join(dir, "w.npz"))
		ok(t, err)
		if !slices.Equal(a, b) {
			t.Errorf("%s: the archive has other bytes than of the array", c.dtype)
		}
		if x, _, err := npy.Read(path); err != nil || len(x) != len(c.want.Float64()) {
			t.Errorf("%s: %d elements, %v", c.dtype, len(x), err)
		}
	}
}

// A file is cut to what it had, and goes on from there: what was written between
// leaves no trace.
func TestTruncate(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(r *rapid.T) {
		path := filepath.Join(dir, "v.npy")
		ok(t, errors.Join(os.RemoveAll(path)))
		f, err := Create(path, "<i8", 0)
		ok(t, err)
		n := rapid.IntRange(0, 50).Draw(r, "rows")
		for i := range int64(n) {
			ok(t, f.Append([]int64{i}))
		}
		ok(t, f.Commit())
		ok(t, f.Append([]int64{-1, -1})) // lost
		keep := rapid.IntRange(0, n).Draw(r, "keep")
		if rapid.Bool().Draw(r, "opened") {
			ok(t, f.flush())
			ok(t, f.file.Close()) // as a killed program leaves it
			f, err = Open(path)
			ok(t, err)
			if f.Rows() != int64(n) {
				r.Fatalf("%d rows after opening, want %d", f.Rows(), n)
			}
		}
		ok(t, f.Truncate(int64(keep)))
		ok(t, f.Append([]int64{100}))
		ok(t, f.Close())
		got, _, err := npy.ReadInt(path)
		ok(t, err)
		want := []int64{}
		for i := range int64(keep) {
			want = append(want, i)
		}
		if want = append(want, 100); !slices.Equal(got, want) {
			r.Fatalf("got %v, want %v", got, want)
		}
	})
}

// A file that is abandoned has what was committed, and no more.
func TestAbandon(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.npy")
	f, err := Create(path, "<i4", 0)
	ok(t, err)
	ok(t, f.Append([]int32{1, 2}))
	ok(t, f.Commit())
	ok(t, f.Append(make([]int32, bufferBytes))) // more than the buffer holds
	ok(t, f.Abandon())
	if got, _, err := npy.ReadInt(path); err != nil || !slices.Equal(got, []int64{1, 2}) {
		t.Errorf("%v, %v", got, err)
	}
}

// After a loss of power a file may be shorter than its header says.
func TestOpenShortened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.npy")
	f, err := Create(path, "<f8", 3)
	ok(t, err)
	ok(t, f.Append(make([]float64, 30)))
	ok(t, f.Close())
	ok(t, os.Truncate(path, headerBytes+7*24+23))
	f, err = Open(path)
	ok(t, err)
	if f.Rows() != 7 {
		t.Errorf("%d rows, want 7", f.Rows())
	}
	ok(t, f.Close())
	if _, shape, err := npy.Read(path); err != nil || !slices.Equal(shape, []int{7, 3}) {
		t.Errorf("after it was opened and closed: shape %v, %v", shape, err)
	}
}

// Where the disk waits for nobody, headers do: not more than once a second.
func TestSyncsAreFew(t *testing.T) {
	f, err := Create(filepath.Join(t.TempDir(), "v.npy"), "<i4", 0)
	ok(t, err)
	f.synced = f.synced.Add(-time.Hour)
	ok(t, f.Append([]int32{1}))
	ok(t, f.Commit())
	first := f.synced
	ok(t, f.Append([]int32{1}))
	ok(t, f.Commit())
	if time.Since(first) < syncEvery && f.synced != first {
		t.Error("two Commits in a second wait for the disk")
	}
	ok(t, f.Close())
}

func TestErrors(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "v.npy")
	f, err := Create(path, "<i8", 0)
	ok(t, err)
	if _, err := Create(path, "<i8", 0); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a file that exists: %v", err)
	}
	ok(t, f.Append([]int64{1, 2, 3}))
	ok(t, f.Commit())
	if got, want := fmt.Sprint(f.Truncate(4)), path+": it has 3 rows, not the 4 that are to stay"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// The first error stays, and nothing is written after it.
	ok(t, f.file.Close())
	ok(t, f.Append([]int64{4}))
	want := path + ": file already closed; its first 3 rows are safe"
	for what, err := range map[string]error{"Commit": f.Commit(), "Append": f.Append([]int64{5}), "Truncate": f.Truncate(1), "Close": f.Close()} {
		var e *Error
		if fmt.Sprint(err) != want || !errors.As(err, &e) || !errors.Is(err, fs.ErrClosed) || e.Rows != 3 {
			t.Errorf("%s: got %v, want %s", what, err, want)
		}
	}
	for _, content := range []string{"", "text", "\x93NUMPY\x01\x00", strings.Repeat("x", 200)} {
		ok(t, os.WriteFile(path, []byte(content), 0o600))
		_, err := Open(path)
		if want := path + ": not an array that gpusim was writing: its first 128 bytes are not such a header"; fmt.Sprint(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	ok(t, npy.Write(path, []int{2}, []float64{1, 2}))
	if f, err := Open(path); err != nil || f.Rows() != 2 { // np.save's header has 128 bytes too
		t.Errorf("%v", err)
	}
	if _, err := Open(filepath.Join(dir, "none.npy")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}
