package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const points = 12

// table is of a sweep over a, which is a tenth of the point's number.
func table() *Table {
	return &Table{
		Names:   []string{"a"},
		Values:  func(k int) []string { return []string{strconv.FormatFloat(float64(k)/10, 'g', -1, 64)} },
		Numbers: []Number{{Name: "rate", Optional: true}, {Name: "spikes", Whole: true}, {Name: "rate_hz"}},
		States:  []string{"ok", "nan"},
	}
}

func manifest() *Manifest {
	return &Manifest{Format: Format, Gpusim: "1", Network: strings.Repeat("1", 64), Design: strings.Repeat("2", 64), Points: points,
		Engine: "cpu", Device: "a processor", Driver: "go", Precision: "float64"}
}

// row is that of a point in sweep.csv.
func row(k int) []string {
	return append(table().Values(k), strconv.Itoa(k), strconv.Itoa(2*k), "0.5", "ok")
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// made is a ledger with these points, closed.
func made(t testing.TB, m *Manifest, done ...int) string {
	t.Helper()
	dir := t.TempDir()
	l, err := Create(dir, m, table())
	ok(t, err)
	for _, k := range done {
		ok(t, l.Add(k, row(k), ""))
	}
	ok(t, l.Flush())
	ok(t, l.Close())
	return dir
}

func has(t *testing.T, l *Ledger, want ...int) {
	t.Helper()
	var got []int
	ok(t, l.Rows(func(r *Row) error {
		if !slices.Equal(r.Cells, row(r.Point)) {
			t.Errorf("point %d: %q", r.Point, r.Cells)
		}
		got = append(got, r.Point)
		return nil
	}))
	if !slices.Equal(got, want) || l.Done() != len(want) || len(l.Todo()) != l.Points()-len(want) {
		t.Errorf("points %v, %d done, %v to do; want %v", got, l.Done(), l.Todo(), want)
	}
}

// What was flushed is there when it is opened again, in the order of points.
func TestLedger(t *testing.T) {
	dir := made(t, manifest(), 3, 1, 2)
	l, err := Open(dir, manifest(), table())
	ok(t, err)
	has(t, l, 1, 2, 3)
	ok(t, l.Add(0, append(row(0)[:4:4], "nan"), "V of\nneuron 1"))
	ok(t, l.Flush())
	ok(t, l.Add(7, row(7), "")) // not flushed
	ok(t, l.Close())
	l, err = Open(dir, manifest(), table())
	ok(t, err)
	defer l.Close()
	var details []string
	ok(t, l.Rows(func(r *Row) error { details = append(details, r.Cells[4]+r.Detail); return nil }))
	if want := []string{"nanV of neuron 1", "ok", "ok", "ok"}; !slices.Equal(details, want) {
		t.Errorf("%q, want %q", details, want)
	}
	for _, c := range []struct {
		point int
		cells []string
		want  string
	}{
		{3, row(3), "it is there already"},
		{5, row(4), `a of point 5 is "0.4", and 0.5 in this sweep`},
		{5, row(5)[1:], "the row has 6 columns, not 7"},
	} {
		want := fmt.Sprintf("entering point %d in %s: %s", c.point, dir, c.want)
		if err := l.Add(c.point, c.cells, ""); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if _, err := Open(dir, manifest(), table()); !errors.Is(err, ErrBusy) || err.Error() != "another gpusim is at work on it" || !Busy(dir) {
		t.Errorf("open twice: %v", err)
	}
	ok(t, l.Close())
	if Busy(dir) {
		t.Error("busy after it was closed")
	}
}

// A crash leaves the file cut at any byte: all whole lines count, the rest is done
// again, and the file is as if nothing had been.
func TestTorn(t *testing.T) {
	dir := made(t, manifest(), 0, 1, 2, 3)
	path := filepath.Join(dir, RowsName)
	whole, err := os.ReadFile(path)
	ok(t, err)
	for n := range len(whole) + 1 {
		ok(t, os.WriteFile(path, whole[:n], 0o666))
		l, err := Open(dir, manifest(), table())
		ok(t, err)
		if want := max(0, bytes.Count(whole[:n], []byte{'\n'})-1); l.Done() != want {
			t.Fatalf("%d bytes: %d points, want %d", n, l.Done(), want)
		}
		for _, k := range l.Todo()[:4-l.Done()] {
			ok(t, l.Add(k, row(k), ""))
		}
		ok(t, l.Flush())
		has(t, l, 0, 1, 2, 3)
		ok(t, l.Close())
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, whole) {
			t.Fatalf("%d bytes: %q, %v", n, got, err)
		}
	}
}

// What was changed by hand is refused with its line, and stays as it is.
func TestRefusedRows(t *testing.T) {
	const head, first = "point,a,rate,spikes,rate_hz,status,detail\n", "0,0,0,0,0.5,ok,\n"
	for _, c := range []struct{ text, want string }{
		{"point,a,rate,spikes,status,detail\n", "1: the columns are point,a,rate,spikes,status,detail; those of this sweep are point,a,rate,spikes,rate_hz,status,detail"},
		{head + first + first, "3: point 0 has a row already"},
		{head + "0,0,0,0,ok,\n", "2: the row has 6 columns, not 7"},
		{head + "12,1.2,0,0,0.5,ok,\n", `2: there is no point "12": the points are 0 to 11`},
		{head + "-1,1.2,0,0,0.5,ok,\n", `2: there is no point "-1": the points are 0 to 11`},
		{head + "01,0.1,0,0,0.5,ok,\n", `2: there is no point "01": the points are 0 to 11`},
		{head + first + "1,0.2,0,0,0.5,ok,\n", `3: a of point 1 is "0.2", and 0.1 in this sweep`},
		{head + "0,0,zero,0,0.5,ok,\n", `2: rate is "zero", and has to be a number`},
		{head + "0,0,,1.5,0.5,ok,\n", `2: spikes is "1.5", and has to be a whole number`},
		{head + "0,0,,-1,0.5,ok,\n", `2: spikes is "-1", and has to be a whole number`},
		{head + "0,0,,1,,ok,\n", `2: rate_hz is "", and has to be a number`},
		{head + "0,0,,1,0.5,interrupted,\n", `2: the status is "interrupted", and can be ok or nan`},
		{head + "0,0,,1,0.5,ok,\"\n", `2: no row of a CSV file: "0,0,,1,0.5,ok,\"\n"`},
		{head + "\n", `2: no row of a CSV file: "\n"`},
	} {
		dir := made(t, manifest())
		path := filepath.Join(dir, RowsName)
		ok(t, os.WriteFile(path, []byte(c.text), 0o666))
		if _, err := Open(dir, manifest(), table()); err == nil || err.Error() != path+":"+c.want {
			t.Errorf("%q:\n%v\nwant\n%s", c.text, err, path+":"+c.want)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != c.text {
			t.Errorf("%q became %q, %v", c.text, got, err)
		}
	}
	m := manifest()
	m.Shard = &Shard{1, 3}
	dir := made(t, m)
	ok(t, os.WriteFile(filepath.Join(dir, RowsName), []byte(head+first), 0o666))
	if _, err := Open(dir, m, table()); err == nil || !strings.HasSuffix(err.Error(), "rows.csv:2: point 0 is not in shard 1/3") {
		t.Error(err)
	}
}

// A ledger of another sweep is refused, with what differs.
func TestRefusedManifest(t *testing.T) {
	dir := made(t, manifest())
	for _, c := range []struct {
		change func(m *Manifest)
		want   string
	}{
		{func(m *Manifest) { m.Gpusim = "2" }, "gpusim is 1 in it, and 2 here"},
		{func(m *Manifest) { m.Network = strings.Repeat("3", 64) }, "network_sha256 is 111111111111 in it, and 333333333333 here"},
		{func(m *Manifest) { m.Design, m.Points = "x", 3 }, "design_sha256 is 222222222222 in it, and x here; points is 12 in it, and 3 here"},
		{func(m *Manifest) { m.Keep = "spikes" }, "keep is nothing in it, and spikes here"},
		{func(m *Manifest) { m.Engine, m.Device, m.Driver, m.Precision = "gpu", "card", "OpenGL", "float32" },
			"engine is cpu in it, and gpu here; device is a processor in it, and card here; driver is go in it, and OpenGL here; precision is float64 in it, and float32 here"},
		{func(m *Manifest) { m.Shard = &Shard{1, 2} }, "shard is none in it, and 1/2 here"},
	} {
		m := manifest()
		c.change(m)
		_, err := Open(dir, m, table())
		var other *OtherSweepError
		if want := dir + " is of another sweep: " + c.want; !errors.As(err, &other) || err.Error() != want {
			t.Errorf("got\n%v\nwant\n%s", err, want)
		}
	}
	for _, c := range []struct{ text, want string }{
		{"{", " is no manifest of a sweep: unexpected end of JSON input"},
		{`{"format": 2}`, " has format 2; this gpusim reads format 1"},
		{`{"format": 1}`, " is no manifest of a sweep: it has 0 points, shard none"},
		{`{"format": 1, "points": 4, "shard": "4/4"}`, " is no manifest of a sweep: a shard is I/N"},
	} {
		path := filepath.Join(dir, ManifestName)
		ok(t, os.WriteFile(path, []byte(c.text), 0o666))
		if _, err := Open(dir, manifest(), table()); err == nil || err.Error() != path+c.want {
			t.Errorf("got\n%v\nwant\n%s", err, path+c.want)
		}
	}
}

// On a full disk the error is the system's, and what was on it before is there.
func TestFull(t *testing.T) {
	dir := made(t, manifest(), 0, 1)
	l, err := Open(dir, manifest(), table())
	ok(t, err)
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	ok(t, err)
	ok(t, l.Add(2, row(2), ""))
	disk := l.file
	l.file = full
	if err := l.Flush(); err == nil || err.Error() != "write /dev/full: no space left on device" {
		t.Error(err)
	}
	ok(t, errors.Join(full.Close(), disk.Close()))
	l, err = Open(dir, manifest(), table())
	ok(t, err)
	defer l.Close()
	has(t, l, 0, 1)
}

func TestShard(t *testing.T) {
	env := func(pairs ...string) func(string) string {
		return func(name string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1]
				}
			}
			return ""
		}
	}
	for _, c := range []struct {
		text string
		env  func(string) string
		want string
	}{
		{"0/1", env(), "0/1"},
		{"3/4", env(), "3/4"},
		{"auto/4", env(slurmIndex, "2"), "2/4"},
		{"auto/4", env(kubernetesIndex, "0"), "0/4"},
		{"auto/4", env(kubernetesIndex, "0", slurmIndex, "1"), "1/4"},
		{"4/4", env(), `I is a whole number from 0 to 3 where there are 4 shards, not "4"`},
		{"-1/4", env(), `I is a whole number from 0 to 3 where there are 4 shards, not "-1"`},
		{"one/4", env(), `I is a whole number from 0 to 3 where there are 4 shards, not "one"`},
		{"auto/4", env(slurmIndex, "7"), `SLURM_ARRAY_TASK_ID is a whole number from 0 to 3 where there are 4 shards, not "7"`},
		{"auto/4", env(), "auto takes the number from SLURM_ARRAY_TASK_ID or JOB_COMPLETION_INDEX, and neither is set"},
		{"4", env(), "a shard is I/N or auto/N: number I, counted from 0, of N shards, 1 to 1048576"},
		{"0/0", env(), "a shard is I/N or auto/N: number I, counted from 0, of N shards, 1 to 1048576"},
		{"auto", env(slurmIndex, "0"), "a shard is I/N or auto/N: number I, counted from 0, of N shards, 1 to 1048576"},
	} {
		s, err := ParseShard(c.text, c.env)
		got := s.String()
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
	// Each point is in one shard.
	for n := 1; n < 9; n++ {
		sum := 0
		for i := range n {
			s, in := &Shard{i, n}, 0
			for k := range 23 {
				if s.Has(k) {
					in++
				}
			}
			if in != s.Count(23) {
				t.Errorf("shard %s has %d points, and counts %d", s, in, s.Count(23))
			}
			sum += in
		}
		if sum != 23 {
			t.Errorf("%d shards have %d points", n, sum)
		}
	}
	for _, c := range []struct {
		list []int
		want string
	}{{nil, ""}, {[]int{0}, "0"}, {[]int{1, 4, 5, 6}, "1,4-6"}, {[]int{0, 1, 3, 5, 6}, "0-1,3,5-6"}} {
		if got := Ranges(c.list); got != c.want {
			t.Errorf("%v: %s, want %s", c.list, got, c.want)
		}
	}
}

// shards makes the ledgers of all shards.
func shards(t *testing.T, n int, change func(i int, m *Manifest)) (dirs []string) {
	for i := range n {
		m := manifest()
		m.Shard = &Shard{i, n}
		if change != nil {
			change(i, m)
		}
		var mine []int
		for k := range points {
			if m.Shard.Has(k) {
				mine = append(mine, k)
			}
		}
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
		dirs = append(dirs, made(t, m, mine...))
	}
	return dirs
}

func TestMerge(t *testing.T) {
	for _, n := range []int{1, 2, 5, 12, 13} {
		dirs := shards(t, n, nil)
		slices.Reverse(dirs)
		s, err := FindShards(dirs)
		ok(t, err)
		m, err := s.Merge(table())
		ok(t, err)
		next := 0
		ok(t, m.Rows(func(r *Row) error {
			if r.Point != next || !slices.Equal(r.Cells, row(next)) {
				t.Errorf("%d shards: %+v after point %d", n, r, next-1)
			}
			next++
			return nil
		}))
		if next != points || s.Manifest.Shard != nil {
			t.Errorf("%d shards: %d points", n, next)
		}
		ok(t, m.Close())
	}
}

func TestMissing(t *testing.T) {
	dirs := shards(t, 5, nil)
	part := filepath.Join(t.TempDir(), "3.part")
	ok(t, os.Rename(dirs[3], part))
	ok(t, os.Truncate(filepath.Join(dirs[1], RowsName), 60)) // and shard 0 is not given
	s, err := FindShards([]string{dirs[4], dirs[1], dirs[2], part})
	ok(t, err)
	if got := Ranges(s.Missing()); got != "0-1,3" {
		t.Errorf("missing are %s", got)
	}
}

func TestRefusedShards(t *testing.T) {
	good := shards(t, 2, nil)
	other := shards(t, 2, func(_ int, m *Manifest) { m.Device = "another"; m.Network = strings.Repeat("a", 64) })
	three := shards(t, 3, nil)
	twice := shards(t, 2, nil)
	empty := t.TempDir()
	whole := made(t, manifest())
	for _, c := range []struct {
		dirs []string
		want string
	}{
		{[]string{good[0], other[1]}, fmt.Sprintf("%s and %s are of different sweeps: network_sha256 is aaaaaaaaaaaa in it, and 111111111111 here; device is another in it, and a processor here", other[1], good[0])},
		{[]string{good[0], three[1]}, fmt.Sprintf("%s and %s are of different sweeps: it is shard 1/3, and there are 2 here", three[1], good[0])},
		{[]string{good[0], good[1], twice[1]}, fmt.Sprintf("%s and %s are both shard 1/2", good[1], twice[1])},
		{[]string{empty}, empty + " is no folder of a shard: it has no manifest.json"},
		{[]string{whole}, whole + " is of a whole sweep, not of a shard"},
	} {
		if _, err := FindShards(c.dirs); err == nil || err.Error() != c.want {
			t.Errorf("got\n%v\nwant\n%s", err, c.want)
		}
	}
	// A shard with as many rows as it has points, of which one is another's.
	path := filepath.Join(good[1], RowsName)
	text, err := os.ReadFile(path)
	ok(t, err)
	lines := strings.SplitAfter(string(text), "\n")
	ok(t, os.WriteFile(path, []byte(strings.Join(lines[:6], "")+strings.Join(row(0), ",")+"\n"), 0o666))
	s, err := FindShards(good)
	ok(t, err)
	if _, err := s.Merge(table()); err == nil || err.Error() != path+":7: the row has 5 columns, not 7" {
		t.Error(err)
	}
	// One that has lost a row since it was looked at.
	ok(t, os.WriteFile(path, []byte(strings.Join(lines[:6], "")), 0o666))
	if _, err := s.Merge(table()); err == nil || err.Error() != path+" has no row of point 9" {
		t.Error(err)
	}
}

// FuzzRows: whatever is in rows.csv, a ledger opens and has whole rows of points of the
// sweep, each once, or it is refused; nothing panics.
func FuzzRows(f *testing.F) {
	dir := made(f, manifest(), 0, 1, 2)
	text, err := os.ReadFile(filepath.Join(dir, RowsName))
	ok(f, err)
	f.Add(text)
	f.Add(text[:len(text)-3])
	f.Add([]byte("point,a\n\"\n\"\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		dir := made(t, manifest())
		ok(t, os.WriteFile(filepath.Join(dir, RowsName), text, 0o666))
		l, err := Open(dir, manifest(), table())
		if err != nil {
			return
		}
		defer l.Close()
		last, count := -1, 0
		ok(t, l.Rows(func(r *Row) error {
			if r.Point <= last || r.Cells[0] != table().Values(r.Point)[0] {
				t.Errorf("%+v after %d", r, last)
			}
			last, count = r.Point, count+1
			return nil
		}))
		if count != l.Done() || count+len(l.Todo()) != points {
			t.Errorf("%d rows, %d done, %d to do", count, l.Done(), len(l.Todo()))
		}
	})
}
