package resume

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gpusim/examples"
	"gpusim/tests/gamma/command"
)

func TestMain(m *testing.M) { os.Exit(command.Main(m)) }

// lif has a random start, delays, a refractory time, groups, synapses that are drawn,
// an array, an input that is an equation, traces of every kind and measures of every
// kind: voltage_fluctuation records what no file has.
const lif = `gpusim: 1
name: delays
dt: 0.1
models:
  cell:
    kind: neuron
    parameters: {V_rest: -52, V_reset: -60, V_th: -50, R: 1, tau: 10, t_ref: 5}
    state: {V: -60}
    input: inp
    equations: dV/dt = (-(V - V_rest) + R*inp)/tau (unless refractory)
    spike: V >= V_th
    reset: V = V_reset
    refractory: t_ref
  current:
    kind: synapse
    parameters: {tau: 2, w: 1}
    state: {s: 0}
    equations: ds/dt = -s/tau
    on_pre: s += 1
    output: post.inp += w*s
populations:
  cells: {model: cell, size: 40, groups: {E: [0, 32], I: [32, 40]}, parameters: {t_ref: 2 + 0.1*i}, init: {V: "uniform(-60, -50)"}, record: [spikes, {V: {every: 50, of: ["0:10"]}}, {inp: {mean: true, every: 10}}]}
projections:
  exc: {model: current, from: cells.E, to: cells, connect: {fixed_probability: {p: 0.2, self: false}}, parameters: {w: 0.3}, delay: 1.0, record: [{s: {every: 200, of: [0, 5]}}]}
  inh: {model: current, from: cells.I, to: cells, connect: {fixed_probability: {p: 0.3, seed: 5}}, parameters: {w: "uniform(-0.8, -0.4)"}, delay: 1.3}
inputs:
  - {to: cells.inp, value: {per_neuron: file(drive.npy)}}
  - {to: cells.E.inp, value: 0.5*sin(t/4) + i/100, from: 500}
run: {duration: DURATION, seed: 1}
measure: [{rate: {of: cells}}, {isi_cv: {of: cells.E, from: 5}}, {isi_mean: {of: cells}}, {cross_correlation: {of: cells, bin: 1}}, {voltage_fluctuation: {of: cells}}]
`

// network is one that is broken off, on an engine.
type network struct {
	name, device string
	args         []string // of gpusim run
}

// networks writes the networks into a folder. They take about half a second each.
func networks(t *testing.T, dir string) []network {
	t.Helper()
	// An array of int32, which the results have to have as it is.
	header := "\x93NUMPY\x01\x00v\x00{'descr': '<i4', 'fortran_order': False, 'shape': (40,), }"
	file := []byte(header + strings.Repeat(" ", 127-len(header)) + "\n")
	for i := range 40 {
		file = append(file, byte(2+i%3), 0, 0, 0)
	}
	for name, text := range map[string][]byte{
		"drive.npy": file,
		"lif.cpu":   []byte(strings.Replace(lif, "DURATION", "4000", 1)),
		"lif.gpu":   []byte(strings.Replace(lif, "DURATION", "2500", 1)),
		"gamma":     []byte(examples.Gamma),
	} {
		if filepath.Ext(name) != ".npy" {
			name += ".yaml"
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return []network{
		{"lif", "cpu", []string{"lif.cpu.yaml"}},
		{"lif", "gpu", []string{"lif.gpu.yaml"}},
		{"gamma", "cpu", []string{"gamma.yaml", "--to", "1200", "--set", "interneurons.size=40"}},
		{"gamma", "gpu", []string{"gamma.yaml", "--to", "6000", "--seed", "3"}},
	}
}

// run gives the command of a network's run.
func (n network) run(more ...string) []string {
	return append(append([]string{"run", "--quiet", "--device", n.device}, n.args...), more...)
}

// same fails unless two folders have the same files and bytes, but for what
// summary.json says of times and work.
func same(t *testing.T, got, want string) {
	t.Helper()
	list := func(dir string) (names []string) {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				name, _ := filepath.Rel(dir, path)
				names = append(names, filepath.ToSlash(name))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	names := list(want)
	if d := cmp.Diff(names, list(got)); d != "" {
		t.Fatalf("the files are others:\n%s", d)
	}
	for _, name := range names {
		var text [2][]byte
		for k, dir := range []string{want, got} {
			var err error
			if text[k], err = os.ReadFile(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
		if name == "summary.json" {
			var s [2]map[string]any
			for k := range s {
				if err := json.Unmarshal(text[k], &s[k]); err != nil {
					t.Fatal(err)
				}
				for _, key := range []string{"seconds", "counters", "plan"} {
					delete(s[k], key)
				}
			}
			if d := cmp.Diff(s[0], s[1]); d != "" {
				t.Errorf("summary.json differs:\n%s", d)
			}
		} else if !bytes.Equal(text[0], text[1]) {
			t.Errorf("%s differs", name)
		}
	}
}

// ended waits for a program and gives its exit code, -1 for that of a signal.
func ended(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

// start starts gpusim.
func start(t *testing.T, dir string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	cmd := exec.Command(command.Path(t), args...)
	stderr := &bytes.Buffer{}
	cmd.Dir, cmd.Stderr = dir, stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, stderr
}

const seed = 20261125

// TestKilled: a run that is killed without warning, again and again, and goes on from
// its last checkpoint each time, leaves what an unbroken run leaves.
func TestKilled(t *testing.T) {
	dir := t.TempDir()
	for i, n := range networks(t, dir) {
		t.Run(n.name+"/"+n.device, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, uint64(i)))
			whole, broken := filepath.Join(dir, n.name+n.device), filepath.Join(dir, n.name+n.device+".broken")
			began := time.Now()
			command.MustRun(t, dir, n.run("--out", whole)...)
			took := time.Since(began)
			file := broken + ".checkpoint"
			killed, resumed := 0, 0
			for killed < 6 {
				args := n.run("--out", broken, "--checkpoint", file, "--checkpoint-every", "0.02", "--force")
				if _, err := os.Stat(file); err == nil {
					args = []string{"run", "--quiet", "--resume", file}
					resumed++
				}
				before, _ := os.Stat(file)
				cmd, stderr := start(t, dir, args...)
				// At any moment, or soon after a checkpoint: so it gets on.
				ready, pause := random.IntN(3) == 0, time.Duration(random.Int64N(int64(min(took, 500*time.Millisecond))/3))
				done := make(chan struct{})
				go func() {
					for !ready {
						select {
						case <-done:
							return
						case <-time.After(time.Millisecond):
						}
						now, err := os.Stat(file)
						ready = err == nil && (before == nil || !os.SameFile(before, now))
					}
					select {
					case <-done:
					case <-time.After(pause):
						_ = cmd.Process.Kill()
					}
				}()
				code := ended(t, cmd)
				close(done)
				if code == 0 {
					break
				}
				if code != -1 {
					t.Fatalf("seed %d: %s: exit code %d\n%s", seed, args, code, stderr)
				}
				killed++
			}
			if _, err := os.Stat(broken); err != nil {
				args := []string{"run", "--quiet", "--resume", file}
				if _, err := os.Stat(file); err != nil {
					args = n.run("--out", broken, "--force")
				}
				command.MustRun(t, dir, args...)
			}
			t.Logf("killed %d times, resumed %d times", killed, resumed)
			same(t, broken, whole)
			if _, err := os.Stat(broken + ".part"); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("%s.part is left: %v", broken, err)
			}
		})
	}
}

var goesOn = regexp.MustCompile(`(?m)^gpusim: interrupted after (\d+) of \d+ steps; what was done is in (\S+); to go on: gpusim (run --resume \S+)$`)

// TestInterrupted: a run that is interrupted says how to go on, and what it says leads
// to what an unbroken run leaves.
func TestInterrupted(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals")
	}
	dir := t.TempDir()
	for i, n := range networks(t, dir) {
		t.Run(n.name+"/"+n.device, func(t *testing.T) {
			whole, broken := n.name+n.device, n.name+n.device+".broken"
			began := time.Now()
			command.MustRun(t, dir, n.run("--out", whole)...)
			took := time.Since(began)
			args := n.run("--out", broken)
			signals, last := 0, "0"
			for k := range 4 {
				cmd, stderr := start(t, dir, args...)
				signal := []os.Signal{os.Interrupt, syscall.SIGTERM}[(i+k)%2]
				wait := time.AfterFunc(took*time.Duration(2+k)/8, func() { _ = cmd.Process.Signal(signal) })
				code := ended(t, cmd)
				wait.Stop()
				if code == -1 {
					continue // before it heeds signals
				}
				late := code == 130 && (strings.HasSuffix(stderr.String(), "\ngpusim: interrupted when all was done; the results are in "+broken+"\n") ||
					strings.HasSuffix(stderr.String(), "\ngpusim: interrupted\n")) // later still
				if code == 0 || late {
					args = nil
					break
				}
				m := goesOn.FindStringSubmatch(stderr.String())
				if code != 130 || m == nil || m[2] != broken {
					t.Fatalf("exit code %d\n%s", code, stderr)
				}
				signals++
				last, args = m[1], append(strings.Fields(m[3]), "--quiet")
				if text, err := os.ReadFile(filepath.Join(dir, broken, "summary.json")); err != nil || !bytes.Contains(text, []byte(`"status": "interrupted"`)) {
					t.Fatalf("summary.json: %v\n%s", err, text)
				}
			}
			if args != nil {
				command.MustRun(t, dir, args...)
			}
			t.Logf("interrupted %d times, last after %s steps", signals, last)
			same(t, filepath.Join(dir, broken), filepath.Join(dir, whole))
		})
	}
}

// TestLonger: a run that was finished goes on to a later time, and is then the run to
// that time.
func TestLonger(t *testing.T) {
	dir := t.TempDir()
	for _, n := range networks(t, dir)[:2] {
		t.Run(n.device, func(t *testing.T) {
			short, long := n.device, n.device+".long"
			command.MustRun(t, dir, n.run("--to", "300.3", "--out", short, "--checkpoint", short+".checkpoint")...)
			command.MustRun(t, dir, n.run("--to", "700", "--out", long)...)
			command.MustRun(t, dir, "run", "--resume", short+".checkpoint", "--to", "500", "--quiet", "--pieces", "3")
			command.MustRun(t, dir, "run", n.args[0], "--resume", short+".checkpoint", "--to", "700", "--quiet")
			same(t, filepath.Join(dir, short), filepath.Join(dir, long))
		})
	}
}
