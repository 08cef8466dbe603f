package resume

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"gpusim/checkpoint"
	"gpusim/examples"
	"gpusim/model/npy"
	"gpusim/tests/gamma/command"
)

// refusal is something that was done to a checkpoint or to what it goes on from, and
// all that gpusim then says, behind "gpusim: ".
type refusal struct {
	name string
	code int
	edit func(t *testing.T, c *checkpoint.Checkpoint, dir string) // nil: of the bytes
	text func(b []byte) []byte
	want string
}

// replace changes the text of what gpusim run keeps.
func replace(old, with string) func(*testing.T, *checkpoint.Checkpoint, string) {
	return func(t *testing.T, c *checkpoint.Checkpoint, _ string) {
		if !bytes.Contains(c.Run, []byte(old)) {
			t.Fatalf("there is no %s in %s", old, c.Run)
		}
		c.Run = bytes.Replace(c.Run, []byte(old), []byte(with), 1)
	}
}

// rewrite writes an array of a run's results again.
func rewrite(array string, data any, n int) func(*testing.T, *checkpoint.Checkpoint, string) {
	return func(t *testing.T, c *checkpoint.Checkpoint, dir string) {
		old, err := npy.ReadArchive(filepath.Join(dir, "out", "spikes.npz"))
		if err != nil {
			t.Fatal(err)
		}
		var z npy.Archive
		for name, a := range old {
			if name == array {
				z.Add(name, []int{n}, data)
			} else {
				z.Add(name, a.Shape, a.Data)
			}
		}
		if err := z.WriteFile(filepath.Join(dir, "out", "spikes.npz")); err != nil {
			t.Fatal(err)
		}
	}
}

// TestRefused: a checkpoint that is damaged, of another version, or whose recordings
// are not what they were, is refused in one message; the results that there are stay.
func TestRefused(t *testing.T) {
	first := t.TempDir()
	if err := os.WriteFile(filepath.Join(first, "gamma.yaml"), []byte(examples.Gamma), 0o666); err != nil {
		t.Fatal(err)
	}
	command.MustRun(t, first, "run", "gamma.yaml", "--device", "cpu", "--to", "40", "--set", "interneurons.size=20", "--quiet", "--out", "out", "--checkpoint", "ck")
	whole, err := checkpoint.Read(filepath.Join(first, "ck"))
	if err != nil {
		t.Fatal(err)
	}
	z, err := npy.ReadArchive(filepath.Join(first, "out", "spikes.npz"))
	if err != nil {
		t.Fatal(err)
	}
	spikes := z["interneurons.step"].Shape[0]
	if spikes == 0 {
		t.Fatal("no spikes")
	}
	rows := func(name string) string { return fmt.Sprintf(`"spikes/interneurons.%s":%d`, name, spikes) }
	for _, x := range []refusal{
		{"one bit", 2, nil, func(b []byte) []byte { b[len(b)/2] ^= 1; return b }, "ck: the checkpoint is damaged: its checksum is not that of its content"},
		{"cut", 2, nil, func(b []byte) []byte { return b[:60] }, fmt.Sprintf("ck: the checkpoint is cut short: it has 60 of %d bytes", size(t, filepath.Join(first, "ck")))},
		{"newer", 2, nil, func(b []byte) []byte { b[16] = 9; return b }, "ck: the checkpoint has a newer format, version 9: this gpusim reads version 1"},
		{"another version", 2, func(_ *testing.T, c *checkpoint.Checkpoint, _ string) { c.Gpusim = "0.0.9" }, nil,
			"ck: gpusim 0.0.9 wrote it, and this is gpusim " + whole.Gpusim + ", which may compute other bits: go on with the version that began"},
		{"of a program", 2, func(_ *testing.T, c *checkpoint.Checkpoint, _ string) { c.Run = nil }, nil, "ck: it is no checkpoint of gpusim run"},
		{"first step", 2, replace(`"first_step":0`, `"first_step":2000`), nil, "ck: the checkpoint is damaged: it is at step 1000 of a run from step 2000"},
		{"a file that it does not know of", 1, replace("interneurons.neuron", "interneurons.neuran"), nil,
			fmt.Sprintf("ck goes on from what the run has recorded, and that is gone: %d rows of spikes/interneurons.neuran, looked for in out.part, which is not there, and in out, which has none; --out DIR says where it is", spikes)},
		{"nothing of a file", 1, replace(rows("neuron")+",", ""), nil, "going on from the checkpoint: the checkpoint is damaged: it does not know of spikes/interneurons.neuron"},
		{"fewer of one", 1, replace(rows("neuron"), `"spikes/interneurons.neuron":3`), nil,
			fmt.Sprintf("going on from the checkpoint: the checkpoint is damaged: %d steps and 3 neurons of spikes of interneurons", spikes)},
		{"more than there are", 2, replace(rows("neuron"), `"spikes/interneurons.neuron":99999`), nil,
			fmt.Sprintf("ck goes on from what the run has recorded, and that is gone: 99999 rows of spikes/interneurons.neuron, looked for in out.part, which is not there, and in out, which has %d; --out DIR says where it is", spikes)},
		{"another's spikes", 1, rewrite("interneurons.neuron", make20(spikes), spikes), nil,
			fmt.Sprintf("going on from the checkpoint: out.part/spikes/interneurons.step.npy: there is a spike of neuron 20 at step %d: it is not of this run", z["interneurons.step"].Data.([]int64)[0])},
		{"numbers of another type", 1, rewrite("interneurons.neuron", make([]float64, spikes), spikes), nil,
			"going on from the checkpoint: out/spikes.npz: interneurons.neuron: its elements are <f8 in rows of 0, expected <i4 in rows of 0"},
		{"another program", 2, func(_ *testing.T, c *checkpoint.Checkpoint, _ string) { c.Program = "" }, nil,
			"ck: the checkpoint is of another step program: another version of gpusim has written it"},
	} {
		t.Run(x.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(first)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, "ck")
			if x.edit != nil {
				c, err := checkpoint.Read(path)
				if err != nil {
					t.Fatal(err)
				}
				x.edit(t, c, dir)
				if err := c.Write(path); err != nil {
					t.Fatal(err)
				}
			} else {
				b, err := os.ReadFile(path)
				if err == nil {
					err = os.WriteFile(path, x.text(b), 0o666)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			r := command.Run(t, dir, nil, "run", "--resume", "ck", "--to", "60", "--quiet")
			if !strings.HasPrefix(r.Stderr, "gpusim: "+x.want) || strings.Count(r.Stderr, "\n") != 1 || r.Code != 1 && r.Code != 2 {
				t.Errorf("exit code %d, got\n%s\nwant\n%s", r.Code, r.Stderr, x.want)
			}
			if _, err := os.Stat(filepath.Join(dir, "out", "summary.json")); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(filepath.Join(dir, "out.part")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("out.part is left: %v", err)
			}
		})
	}
}

func size(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// make20 are spikes of a neuron that there is not.
func make20(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = 20
	}
	return out
}

// TestFullDisk: where a checkpoint cannot be written, a message says so, the old one
// stays whole, and the run ends with its results. The disk is full for large files:
// what a measure of 700 neurons accumulates is larger than the results.
func TestFullDisk(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no ulimit")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "gamma.yaml"), []byte(examples.Gamma), 0o666); err != nil {
		t.Fatal(err)
	}
	args := "run --quiet --device cpu --checkpoint-every 0.001"
	command.MustRun(t, dir, strings.Fields(args+" gamma.yaml --set interneurons.size=700 --set measure.0.cross_correlation.bin=0.04 --to 60 --checkpoint ck")...)
	before, err := os.ReadFile(filepath.Join(dir, "ck"))
	if err != nil {
		t.Fatal(err)
	}
	limit := len(before)/512 - 8 // blocks
	cmd := exec.Command("sh", "-c", fmt.Sprintf("ulimit -f %d; exec %s run --quiet --resume ck --checkpoint-every 0.001 --to 75", limit, command.Path(t)))
	var stderr bytes.Buffer
	cmd.Dir, cmd.Stderr = dir, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if code := ended(t, cmd); code != 1 {
		t.Errorf("exit code %d\n%s", code, &stderr)
	}
	lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
	going := "gpusim: the checkpoint cannot be written: ck: file too large; the last one, of step 1500, stays, and the run goes on"
	last := "gpusim: the results are in gamma.out; the checkpoint cannot be written: ck: file too large"
	for i, line := range lines {
		if want := going; i < len(lines)-1 && line != want || i == len(lines)-1 && line != last {
			t.Errorf("line %d is\n%s", i, line)
		}
	}
	if after, err := os.ReadFile(filepath.Join(dir, "ck")); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the checkpoint has changed: %v", err)
	}
	// With room it goes on from there.
	command.MustRun(t, dir, "run", "--quiet", "--resume", "ck", "--to", "76")
}

// TestFullDiskOfRecordings: a run that cannot record any further ends, and says from
// which checkpoint it goes on; that gives what an unbroken run gives.
func TestFullDiskOfRecordings(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no ulimit")
	}
	dir := t.TempDir()
	text := strings.Replace(examples.Gamma, "record: [spikes]", "record: [spikes, V]", 1)
	if err := os.WriteFile(filepath.Join(dir, "gamma.yaml"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	run := "run gamma.yaml --quiet --device cpu --to 400 --set interneurons.size=20"
	command.MustRun(t, dir, append(strings.Fields(run), "--out", "whole")...)
	// 5,120 rows of 20 numbers are 800 KiB, and a slice is about a thousand steps.
	cmd := exec.Command("sh", "-c", "ulimit -f 1600; exec "+command.Path(t)+" "+run+" --checkpoint ck --checkpoint-every 0")
	broken := exec.Command("sh", "-c", "ulimit -f 1600; exec "+command.Path(t)+" "+run+" --checkpoint ck --checkpoint-every 0.00001")
	for k, c := range []*exec.Cmd{cmd, broken} {
		var stderr bytes.Buffer
		c.Dir, c.Stderr = dir, &stderr
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		code := ended(t, c)
		m := full.FindStringSubmatch(stderr.String())
		if code != 1 || m == nil || (m[1] != "") != (k == 1) {
			t.Fatalf("exit code %d\n%s", code, &stderr)
		}
		if k == 0 {
			if err := os.RemoveAll(filepath.Join(dir, "gamma.out.part")); err != nil {
				t.Fatal(err)
			}
		}
	}
	command.MustRun(t, dir, "run", "--resume", "ck", "--quiet")
	same(t, filepath.Join(dir, "gamma.out"), filepath.Join(dir, "whole"))
}

var full = regexp.MustCompile(`^gpusim: gamma.out.part/traces/interneurons.V.npy: file too large; its first \d+ rows are safe(; gpusim run --resume ck goes on from step \d+)?; \d+ of 10000 steps are in gamma.out.part\n$`)

// TestStillGoesOn: a run that goes on is not gone on with beside.
func TestStillGoesOn(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such locks here")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "gamma.yaml"), []byte(examples.Gamma), 0o666); err != nil {
		t.Fatal(err)
	}
	cmd, _ := start(t, dir, strings.Fields("run gamma.yaml --quiet --device cpu --to 1e7 --checkpoint ck --checkpoint-every 0.01")...)
	defer func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}()
	for range 2000 {
		if _, err := os.Stat(filepath.Join(dir, "ck")); err == nil {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	r := command.Run(t, dir, nil, "run", "--resume", "ck", "--quiet")
	if want := "gpusim: gamma.out.part is of a run that still goes on\n"; r.Code != 2 || r.Stderr != want {
		t.Errorf("exit code %d, got\n%s\nwant\n%s", r.Code, r.Stderr, want)
	}
}
