package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gpusim/gpu/glctx"
	"gpusim/model"
	"gpusim/network"
)

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// leave makes a folder with files of these names; those that end with / are folders.
func leave(t *testing.T, dir string, names ...string) {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o777))
	for _, name := range names {
		path := filepath.Join(dir, name)
		if strings.HasSuffix(name, "/") {
			must(t, os.MkdirAll(path, 0o777))
			continue
		}
		must(t, os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte("x"), 0o666))
	}
}

// What stands where a run would write is replaced only by --force, and only where
// all of it is from gpusim.
func TestPartInTheWay(t *testing.T) {
	const (
		exists  = "gpusim: net.out.part has what a run left that was not ended: --force removes it, --out chooses another folder\n"
		foreign = "gpusim: net.out.part/%s is not from gpusim, and the run would write there: choose another folder with --out\n"
	)
	for _, c := range []struct {
		name   string
		left   []string
		plain  string // what is said without --force
		forced string // and with it; "" where the run goes on
	}{
		{"of a killed run", []string{"run.json", "network.yaml", "data/v.npy", "spikes/cells.step.npy", "traces/cells.V.npy"}, exists, ""},
		{"killed at its end", []string{"run.json", "network.yaml", "spikes.npz", "state.npz", ".traces.npz.123", "traces/cells.V.npy"}, exists, ""},
		{"whole but for its name", []string{"summary.json", "spikes.npz"}, exists, ""},
		{"empty", []string{"spikes/"}, fmt.Sprintf(foreign, "spikes"), fmt.Sprintf(foreign, "spikes")},
		{"notes", []string{"run.json", "notes.txt"}, fmt.Sprintf(foreign, "notes.txt"), fmt.Sprintf(foreign, "notes.txt")},
		{"notes deeper", []string{"run.json", "traces/notes.txt"}, fmt.Sprintf(foreign, "traces/notes.txt"), fmt.Sprintf(foreign, "traces/notes.txt")},
		{"no file", []string{"run.json", "spikes.npz/x"}, fmt.Sprintf(foreign, "spikes.npz"), fmt.Sprintf(foreign, "spikes.npz")},
		{"no folder", []string{"run.json", "spikes"}, fmt.Sprintf(foreign, "spikes"), fmt.Sprintf(foreign, "spikes")},
		{"another's", []string{"spikes.npz"}, fmt.Sprintf(foreign, "spikes.npz"), fmt.Sprintf(foreign, "spikes.npz")},
	} {
		for _, force := range []bool{false, true} {
			t.Chdir(t.TempDir())
			must(t, os.WriteFile("net.yaml", []byte(failingNet), 0o666))
			leave(t, "net.out.part", c.left...)
			want, args := c.plain, []string{"run", "net.yaml", "--device", "cpu", "--quiet"}
			if force {
				want, args = c.forced, append(args, "--force")
			}
			_, stderr, code := runHere(t, glctx.Options{}, args...)
			if wantCode := map[bool]int{true: 0, false: exitUsage}[want == ""]; stderr != want || code != wantCode {
				t.Errorf("%s, --force %v: exit code %d, %swant %s", c.name, force, code, stderr, want)
			}
			if _, err := os.Stat("net.out.part"); (err == nil) != (want != "") {
				t.Errorf("%s, --force %v: the part: %v", c.name, force, err)
			}
		}
	}
	t.Chdir(t.TempDir())
	must(t, os.WriteFile("net.yaml", []byte(failingNet), 0o666), os.WriteFile("net.out.part", nil, 0o666))
	_, stderr, code := runHere(t, glctx.Options{}, "run", "net.yaml", "--device", "cpu", "--quiet", "--force")
	if want := "gpusim: net.out.part exists and is not a folder; the run would write there: choose another with --out\n"; stderr != want || code != exitUsage {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

// A run that goes on is not taken away from under its feet, even with --force. What
// a run of network.yaml in a folder of results was killed in is the folder's.
func TestPartOfARunThatGoesOn(t *testing.T) {
	t.Chdir(t.TempDir())
	must(t, os.WriteFile("net.yaml", []byte(failingNet), 0o666))
	leave(t, "net.out.part", "run.json")
	held, err := lock("net.out.part/run.json")
	must(t, err)
	_, stderr, code := runHere(t, glctx.Options{}, "run", "net.yaml", "--device", "cpu", "--quiet", "--force")
	if want := "gpusim: net.out.part is of a run that still goes on: choose another folder with --out\n"; stderr != want || code != exitUsage {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	must(t, held.Close())
	_, stderr, code = runHere(t, glctx.Options{}, "run", "net.yaml", "--device", "cpu", "--quiet", "--force")
	if stderr != "" || code != 0 {
		t.Errorf("after the other has ended: exit code %d, %s", code, stderr)
	}

	leave(t, "net.out/network.out.part", "run.json", "spikes/cells.step.npy")
	_, stderr, code = runHere(t, glctx.Options{}, "run", "net.yaml", "--device", "cpu", "--quiet", "--force")
	if stderr != "" || code != 0 {
		t.Errorf("with a nested part: exit code %d, %s", code, stderr)
	}
	leave(t, "net.out/network.out.part", "run.json", "mine.txt")
	_, stderr, code = runHere(t, glctx.Options{}, "run", "net.yaml", "--device", "cpu", "--quiet", "--force")
	if want := "gpusim: net.out/network.out.part/mine.txt is not from gpusim, and --force replaces only what gpusim wrote: choose another folder with --out\n"; stderr != want || code != exitUsage {
		t.Errorf("exit code %d, %s", code, stderr)
	}
}

// What the disk has no room for is refused with the numbers and with what would fit.
func TestNeedsRefuse(t *testing.T) {
	v := rowNeed{network.Recording{Name: "cells.V", Len: 10, Every: 25}, 1000, 88000}
	i := rowNeed{network.Recording{Name: "cells.I", Len: 1, Every: 1}, 1000, 16000}
	dir := filepath.Join("gone", "out")
	for _, c := range []struct {
		rows []rowNeed
		free int64
		want string
	}{
		{nil, 0, ""},
		{[]rowNeed{v}, -1, ""}, // not known
		{[]rowNeed{v}, 176000, ""},
		{[]rowNeed{v}, 175999, "1000 rows of cells.V take 88000 bytes on the disk, and as much again while traces.npz is made of them, and . has 175999 free: " +
			"{every: 26} in place of {every: 25} would fit; so would fewer elements, with of, their mean, or fewer steps than 25000"},
		{[]rowNeed{i, v}, 104000, "the rows of 2 variables take 104000 bytes on the disk, most of it cells.V, and as much again while traces.npz is made of them, and . has 104000 free: " +
			"{every: 50} in place of {every: 25} would fit; so would fewer elements, with of, their mean, or fewer steps than 25000"},
		{[]rowNeed{i}, 0, "1000 rows of cells.I take 16000 bytes on the disk, and as much again while traces.npz is made of them, and . has 0 free: nothing fits there"},
	} {
		n := &needs{rows: c.rows, free: c.free, dir: dir}
		for _, r := range c.rows {
			n.disk += r.bytes
		}
		got := ""
		if err := n.refuse(25000); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%d free: got\n%s\nwant\n%s", c.free, got, c.want)
		}
	}
}

// A duration whose rows no disk holds ends before it begins, in run and in check.
func TestTooMuchForTheDisk(t *testing.T) {
	for _, command := range []string{"run", "check"} {
		_, stderr, code := runOn(t, glctx.Options{}, command, "net.yaml", "--device", "cpu", "--to", "1e13")
		const want = "100000000000000 rows of cells.V take 32800000000000000 bytes on the disk, and as much again while traces.npz is made of them, and . has "
		if code != exitFailed || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d, %s", command, code, stderr)
		}
		leftAlone(t)
	}
}

// What a run needs of memory and of the disk, counted by hand.
func TestNeedsOf(t *testing.T) {
	f, _, err := model.Parse("net.yaml", []byte(failingNet), ".", model.LoadOptions{})
	must(t, err)
	p, recordings, err := planned(f)
	must(t, err)
	n := needsOf(f, p, recordings, 4, filepath.Join(t.TempDir(), "out"))
	// 1000 rows of 40 numbers and a step, of 8 bytes.
	if n.disk != 1000*41*8 || len(n.rows) != 1 || n.rows[0].lines != 1000 || n.free < 1 {
		t.Errorf("%+v", n)
	}
	state, others := 0.0, 0.0
	for _, v := range p.Vars {
		if v.Role.IsState() {
			state += float64(v.Len)
		} else {
			others += float64(v.Len)
		}
	}
	if want := 4 * (2*state + others); n.device != want || state < 80 {
		t.Errorf("%v bytes on the device, want %v", n.device, want)
	}
	for bytes, want := range map[float64]string{0: "0 B", 999: "999 B", 1000: "1 kB", 999499: "999 kB", 999600: "1 MB", 96.48e6: "96.5 MB", 7.84e10: "78.4 GB", 1e30: "1000000000000 EB"} {
		if got := bytesText(bytes); got != want {
			t.Errorf("%v bytes: %s, want %s", bytes, got, want)
		}
	}
}
