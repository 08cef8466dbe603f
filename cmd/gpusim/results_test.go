package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gpusim/cpuref"
	"gpusim/gpu/glctx"
	"gpusim/gpu/gltest"
	"gpusim/model"
	"gpusim/model/npy"
)

// full makes name in dir a file of a full disk: what is written there fails with the
// system's own error.
func full(t *testing.T, dir, name string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.Symlink("/dev/full", path); err != nil {
		t.Fatal(err)
	}
	return path
}

// Whatever fails while results are written leaves nothing of them, and what was
// there before as it was.
func TestFullDisk(t *testing.T) {
	for _, c := range []struct {
		name string
		fill func(t *testing.T, dir string) error
		want string
	}{
		{"csv", func(t *testing.T, dir string) error {
			return saveCSV(full(t, dir, "sweep.csv"), &table{head: []string{"x"}, rows: [][]string{{"1"}}})
		}, "writing the results: write out/.out/sweep.csv: no space left on device"},
		{"json", func(t *testing.T, dir string) error { return saveJSON(full(t, dir, "summary.json"), 1) },
			"writing the results: write out/.out/summary.json: no space left on device"},
		{"network", func(t *testing.T, dir string) error {
			full(t, dir, "network.yaml")
			return (&networkFile{yaml: "gpusim: 1"}).savePortable(dir)
		}, "writing the results: write out/.out/network.yaml: no space left on device"},
		{"array of the network", func(t *testing.T, dir string) error {
			if err := os.Mkdir(filepath.Join(dir, "data"), 0o777); err != nil {
				return err
			}
			full(t, dir, "data/v.npy")
			return (&networkFile{arrays: map[string][]byte{"data/v.npy": []byte("x")}}).savePortable(dir)
		}, "writing the results: write out/.out/data/v.npy: no space left on device"},
		{"archive", func(t *testing.T, dir string) error {
			return (&npy.Archive{}).WriteFile(filepath.Join(dir, "gone", "spikes.npz"))
		}, "writing the results: open out/.out/gone/.spikes.npz.*: no such file or directory"},
	} {
		for _, there := range []bool{false, true} {
			t.Chdir(t.TempDir())
			if there { // results of an earlier run
				if err := errors.Join(os.MkdirAll("out/out", 0o777), os.WriteFile("out/out/summary.json", []byte("{}"), 0o666)); err != nil {
					t.Fatal(err)
				}
			}
			r := &results{dir: "out/out", force: there}
			var tmp string
			err := r.write(func(dir string) error {
				tmp = dir
				if err := os.WriteFile(filepath.Join(dir, "raster.png"), []byte("whole"), 0o666); err != nil {
					return err
				}
				return c.fill(t, dir)
			})
			if err == nil {
				t.Errorf("%s: no error", c.name)
				continue
			}
			got := strings.ReplaceAll(err.Error(), tmp, "out/.out")
			if i := strings.LastIndex(got, "."); strings.Contains(c.want, ".*:") { // a temporary name
				j := strings.Index(got[i+1:], ":")
				got = got[:i+1] + "*" + got[i+1+max(0, j):]
			}
			if got != c.want {
				t.Errorf("%s: got %s, want %s", c.name, got, c.want)
			}
			var left []string
			_ = filepath.Walk("out", func(path string, info os.FileInfo, err error) error {
				if err == nil && !info.IsDir() {
					left = append(left, path)
				}
				return nil
			})
			entries, _ := os.ReadDir("out")
			if want := map[bool]int{true: 1}[there]; len(entries) != want || len(left) != want {
				t.Errorf("%s: %v and %v are left, where %d were", c.name, entries, left, want)
			}
		}
	}
}

// A folder that appears while results are computed is not replaced, and they are
// not lost.
func TestFolderAppears(t *testing.T) {
	t.Chdir(t.TempDir())
	r := &results{dir: "out"}
	tmp := ""
	err := r.write(func(dir string) error {
		tmp = dir
		return errors.Join(os.WriteFile(filepath.Join(dir, "summary.json"), nil, 0o666), os.Mkdir("out", 0o777))
	})
	want := "out exists: --force replaces it, --out chooses another folder; the results are in " + tmp
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := os.Stat(filepath.Join(tmp, "summary.json")); err != nil {
		t.Error(err)
	}
}

// A folder that cannot be written at the end of a run: one error, and nothing
// beside it.
func TestFolderGone(t *testing.T) {
	gone := false
	take := gltest.Between("glDispatchCompute", func(_ []uintptr, pass func() uintptr) uintptr {
		if !gone { // a file in the place of the folder
			gone = true
			if err := errors.Join(os.RemoveAll("sub"), os.WriteFile("sub", nil, 0o666)); err != nil {
				t.Error(err)
			}
		}
		return pass()
	})
	for _, command := range []string{"run", "sweep", "compare", "converge"} {
		gone = false
		_, stderr, code := runOn(t, glctx.Options{ProcAddr: take}, command, "net.yaml", "--quiet", "--out", "sub/out")
		want := "gpusim: mkdir sub: not a directory\n"
		if command == "sweep" { // its folder is there from the start
			want = "gpusim: writing the results: open sub/out.part/sweep.csv: not a directory\n"
		}
		if stderr != want || code != exitFailed {
			t.Errorf("%s: exit code %d, %s", command, code, stderr)
		}
		entries, err := os.ReadDir(".")
		if err != nil || len(entries) != 2 {
			t.Errorf("%s left %v", command, entries)
		}
	}
}

// A sweep whose results cannot be written keeps all points, and a second try writes them.
func TestFullDiskAfterSweep(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("net.yaml", []byte(failingNet), 0o666); err != nil {
		t.Fatal(err)
	}
	a := &app{in: strings.NewReader(""), out: io.Discard, err: io.Discard}
	file, err := a.load("net.yaml", model.LoadOptions{}, true)
	if err != nil {
		t.Fatal(err)
	}
	f := &flags{quiet: true, mode: "batch", pieces: 1}
	rows := newSweepRows(file.File, nil)
	folder, err := openSweepFolder(&results{dir: "net.sweep.out"}, file, rows, newManifest(file, rows, cpuref.New().Info(), f), f)
	if err != nil {
		t.Fatal(err)
	}
	r, err := a.runSweep(context.Background(), cpuref.New(), file, folder, f)
	if err != nil {
		t.Fatal(err)
	}
	s := newSummary(file, cpuref.New().Info())
	s.addSweep(file.File, r, "batch")
	full(t, "net.sweep.out.part", "sweep.csv")
	err = a.finishSweep(folder, &sweepResults{rows: rows, summary: s}, file, nil, f)
	const want = "writing the results: write net.sweep.out.part/sweep.csv: no space left on device; all points are in net.sweep.out.part: --resume writes them again"
	if err == nil || strings.Split(err.Error(), "\n")[0] != want {
		t.Fatalf("%v, want %s", err, want)
	}
	if err := errors.Join(folder.ledger.Close(), os.Remove("net.sweep.out.part/sweep.csv")); err != nil {
		t.Fatal(err)
	}
	root := a.root()
	root.SetArgs([]string{"sweep", "net.yaml", "--device", "cpu", "--resume"})
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile("net.sweep.out/sweep.csv"); err != nil || strings.Count(string(text), ",ok\n") != 5 {
		t.Errorf("%s, %v", text, err)
	}
}
