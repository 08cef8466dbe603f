//go:build linux

package longrun

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gpusim/examples"
	"gpusim/model/npy"
	"gpusim/tests/gamma/command"
)

func TestMain(m *testing.M) { os.Exit(command.Main(m)) }

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// gamma writes the gamma network of n neurons that records spikes, and V at every
// so many steps, to a new folder.
func gamma(t *testing.T, n, every int) (dir string) {
	t.Helper()
	text := strings.NewReplacer("size: 100", fmt.Sprintf("size: %d", n),
		"record: [spikes]", fmt.Sprintf("record: [spikes, {V: {every: %d}}]", every)).Replace(examples.Gamma)
	if !strings.Contains(text, "every") || !strings.Contains(text, fmt.Sprintf("size: %d\n", n)) {
		t.Fatal("the example has another form")
	}
	dir = t.TempDir()
	ok(t, os.WriteFile(filepath.Join(dir, "gamma.yaml"), []byte(text), 0o666))
	return dir
}

// child is gpusim run gamma.yaml for a time, on the device, with the kernels of one
// plan, so that no planning is in its way.
func child(t *testing.T, dir string, ms int, out string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(command.Path(t), "run", "gamma.yaml", "--device", "gpu", "--plan", "fused:16:tiled", "--to", strconv.Itoa(ms), "--out", out, "--quiet")
	cmd.Dir = dir
	return cmd
}

// peak runs a child to its end and gives the most memory that it had resident, in
// bytes, as the system tells of it while the child runs: it tells of the most so
// far. (What it tells at the end is of the parent too, which the child was for a
// moment.)
func peak(t *testing.T, cmd *exec.Cmd) (most int64) {
	t.Helper()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	ok(t, cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case err := <-ended:
			if err != nil || most < 20<<20 {
				t.Fatalf("%v, %d bytes\n%s", err, most, &said)
			}
			return most
		case <-time.After(2 * time.Millisecond):
			text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
			m := regexp.MustCompile(`Name:\tgpusim\n(?s:.*)VmHWM:\s+(\d+) kB`).FindSubmatch(text)
			if m != nil {
				kb, _ := strconv.ParseInt(string(m[1]), 10, 64)
				most = max(most, kb<<10)
			}
		}
	}
}

// Sixty seconds of 200 neurons, with spikes and V every 25 steps, are 110 MB on the
// disk. They run in less than 200 MB, of which llvmpipe and its compiler have three quarters.
func TestMemory(t *testing.T) {
	dir := gamma(t, 200, 25)
	bytes := peak(t, child(t, dir, 60_000, "out"))
	t.Logf("peak of 60 s of 200 neurons: %d MB", bytes>>20)
	if bytes > 200e6 {
		t.Errorf("%d bytes resident", bytes)
	}
	z, err := npy.ReadArchive(filepath.Join(dir, "out", "traces.npz"))
	ok(t, err)
	if shape := z["interneurons.V"].Shape; fmt.Sprint(shape) != "[60000 200]" {
		t.Errorf("V has shape %v", shape)
	}
}

// Twice the duration takes about the memory of once. The rows of the longer run are
// 100 MB, those of the shorter 50 MB; the bound is generous, as the garbage
// collector's moments differ.
func TestMemoryDoesNotGrow(t *testing.T) {
	dir := gamma(t, 20, 5)
	once := peak(t, child(t, dir, 60_000, "once"))
	twice := peak(t, child(t, dir, 120_000, "twice"))
	t.Logf("peak of 60 s of 20 neurons: %d MB, of 120 s: %d MB", once>>20, twice>>20)
	if twice > once+25e6 {
		t.Errorf("%d bytes resident in 60 s, %d in 120 s", once, twice)
	}
}

// growing reads a .npy file as numpy does, by its header: so many elements as the
// shape says, whatever follows. It knows nothing of how gpusim writes them. Where
// there is no such file, there are none.
func growing(t *testing.T, path string) (words []uint64, rows int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, 0
	}
	ok(t, err)
	if len(b) < 10 || string(b[:8]) != "\x93NUMPY\x01\x00" {
		t.Fatalf("%s begins with %q", path, b[:min(len(b), 10)])
	}
	start := 10 + int(binary.LittleEndian.Uint16(b[8:]))
	m := regexp.MustCompile(`'<[if](\d)'.*'shape': \((\d+),(?: (\d+))?\)`).FindSubmatch(b[10:start])
	if m == nil {
		t.Fatalf("%s: %q", path, b[:start])
	}
	size, _ := strconv.Atoi(string(m[1]))
	rows, _ = strconv.Atoi(string(m[2]))
	count := rows
	if len(m[3]) > 0 {
		width, _ := strconv.Atoi(string(m[3]))
		count *= width
	}
	b = b[start:]
	if len(b) < size*count {
		t.Fatalf("%s: %d bytes of %d elements", path, len(b), count)
	}
	for range count {
		if size == 8 {
			words = append(words, binary.LittleEndian.Uint64(b))
		} else {
			words = append(words, uint64(binary.LittleEndian.Uint32(b)))
		}
		b = b[size:]
	}
	return words, rows
}

// wholeRun is what an unbroken run has left.
type wholeRun struct {
	step, neuron, rowStep, v []uint64
}

// fromArchive reads an array of a .npz file.
func fromArchive(t *testing.T, path, name string) []uint64 {
	t.Helper()
	z, err := npy.ReadArchive(path)
	ok(t, err)
	copied := filepath.Join(t.TempDir(), "v.npy")
	ok(t, npy.Write(copied, z[name].Shape, z[name].Data))
	words, _ := growing(t, copied)
	return words
}

func readWhole(t *testing.T, dir string) (w wholeRun) {
	t.Helper()
	for archive, arrays := range map[string]map[string]*[]uint64{
		"spikes.npz": {"interneurons.step": &w.step, "interneurons.neuron": &w.neuron},
		"traces.npz": {"interneurons.V.step": &w.rowStep, "interneurons.V": &w.v},
	} {
		for name, to := range arrays {
			*to = fromArchive(t, filepath.Join(dir, archive), name)
		}
	}
	return w
}

// prefix compares a part with what the whole run has, as far as it came, and gives
// the rows of V.
func prefix(t *testing.T, part string, w wholeRun) (rows int, err error) {
	t.Helper()
	// The files of steps are written last: what they tell of is there, and the
	// others may have a slice more. So they are read first, as the run may go on.
	rowStep, rows := growing(t, filepath.Join(part, "traces/interneurons.V.step.npy"))
	v, _ := growing(t, filepath.Join(part, "traces/interneurons.V.npy"))
	step, spikes := growing(t, filepath.Join(part, "spikes/interneurons.step.npy"))
	neuron, _ := growing(t, filepath.Join(part, "spikes/interneurons.neuron.npy"))
	for _, x := range []struct {
		name       string
		got, whole []uint64
		least      int // elements
	}{{"V.step", rowStep, w.rowStep, 0}, {"V", v, w.v, rows * len(w.v) / len(w.rowStep)}, {"step", step, w.step, 0}, {"neuron", neuron, w.neuron, spikes}} {
		if len(x.got) < x.least || len(x.got) > len(x.whole) {
			return rows, fmt.Errorf("%s: %d elements; at least %d are told of, and the whole run has %d", x.name, len(x.got), x.least, len(x.whole))
		}
		for i, word := range x.got {
			if word != x.whole[i] {
				return rows, fmt.Errorf("%s: element %d of %d is not that of the whole run", x.name, i, len(x.got))
			}
		}
	}
	return rows, nil
}

// wantPrefix holds that a part that is left has what the whole run has, as far as
// it came, and gives the rows of V.
func wantPrefix(t *testing.T, part string, w wholeRun) int {
	t.Helper()
	rows, err := prefix(t, part, w)
	ok(t, err)
	// Spikes are written before rows: all up to the last row are there.
	rowStep, _ := growing(t, filepath.Join(part, "traces/interneurons.V.step.npy"))
	_, spikes := growing(t, filepath.Join(part, "spikes/interneurons.step.npy"))
	if rows > 0 && spikes < len(w.step) && w.step[spikes] <= rowStep[rows-1] {
		t.Errorf("%d spikes, and the next is at step %d; rows go to step %d", spikes, w.step[spikes], rowStep[rows-1])
	}
	return rows
}

// A run that is killed leaves what it had done: at its begin, after the first slice,
// and later; between slices, while it writes, and at its end. The rows that were
// there before the kill are there after it.
func TestKilled(t *testing.T) {
	const ms, total = 12_000, 12_000 // a row a ms
	dir := gamma(t, 100, 25)
	whole := filepath.Join(dir, "whole")
	if out, err := child(t, dir, ms, whole).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w := readWhole(t, whole)
	if len(w.rowStep) != total {
		t.Fatalf("%d rows", len(w.rowStep))
	}
	seen := map[int]bool{}
	for i, target := range []int{0, 1, 600, 1800, 3000, 4500, 7000, 9000, 11_000, 11_900} {
		out := filepath.Join(dir, fmt.Sprintf("out%d", i))
		part := out + ".part"
		cmd := child(t, dir, ms, out)
		ok(t, cmd.Start())
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		before := 0
		for before < target || target == 0 && !exists(filepath.Join(part, "run.json")) {
			before = max(before, rowsOf(filepath.Join(part, "traces/interneurons.V.step.npy")))
			if len(ended) > 0 || exists(out) {
				break
			}
			time.Sleep(200 * time.Microsecond)
		}
		time.Sleep(time.Duration(i%5) * 700 * time.Microsecond) // within a slice
		ok(t, cmd.Process.Signal(syscall.SIGKILL))
		<-ended
		if exists(out) { // it was done before it was killed
			if got := readWhole(t, out); !slices.Equal(got.step, w.step) {
				t.Errorf("target %d: the whole run has other spikes", target)
			}
			continue
		}
		if exists(filepath.Join(part, "spikes.npz")) {
			continue // killed while archives were made: TestKilledAtItsEnd
		}
		after := wantPrefix(t, part, w)
		if after < before {
			t.Errorf("target %d: %d rows before the kill, %d after it", target, before, after)
		}
		seen[after] = true

		refused, err := child(t, dir, ms, out).CombinedOutput()
		if want := fmt.Sprintf("gpusim: %s has what a run left that was not ended: --force removes it, --out chooses another folder\n", part); string(refused) != want {
			t.Errorf("target %d: %v, %s", target, err, refused)
		}
	}
	if len(seen) < 5 {
		t.Errorf("the runs were killed at %v rows only", seen)
	}
}

// rowsOf reads the number of rows that a header tells of, as a run goes on; 0
// without the file.
func rowsOf(path string) (rows int) {
	file, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer file.Close()
	b := make([]byte, 128)
	if _, err := file.ReadAt(b, 0); err != nil {
		return 0
	}
	if m := regexp.MustCompile(`'shape': \((\d+),`).FindSubmatch(b); m != nil {
		rows, _ = strconv.Atoi(string(m[1]))
	}
	return rows
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// A run that is killed while its archives are made has everything either there or in
// the files that they are made of.
func TestKilledAtItsEnd(t *testing.T) {
	const ms = 4_000
	dir := gamma(t, 100, 5)
	whole := filepath.Join(dir, "whole")
	if out, err := child(t, dir, ms, whole).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w := readWhole(t, whole)
	seen := map[string]bool{}
	for i := range 12 {
		out := filepath.Join(dir, fmt.Sprintf("out%d", i))
		part := out + ".part"
		cmd := child(t, dir, ms, out)
		ok(t, cmd.Start())
		for rowsOf(filepath.Join(part, "traces/interneurons.V.step.npy")) < len(w.rowStep) && !exists(filepath.Join(part, "spikes.npz")) && !exists(out) {
			time.Sleep(100 * time.Microsecond)
		}
		time.Sleep(time.Duration(i) * 3 * time.Millisecond)
		ok(t, cmd.Process.Signal(syscall.SIGKILL))
		_ = cmd.Wait()
		at := part
		if exists(out) {
			at = out
		}
		state, step, v := "", []uint64(nil), []uint64(nil)
		if exists(filepath.Join(at, "spikes.npz")) {
			state, step = "spikes.npz ", fromArchive(t, filepath.Join(at, "spikes.npz"), "interneurons.step")
		} else {
			step, _ = growing(t, filepath.Join(at, "spikes/interneurons.step.npy"))
		}
		if exists(filepath.Join(at, "traces.npz")) {
			state, v = state+"traces.npz", fromArchive(t, filepath.Join(at, "traces.npz"), "interneurons.V")
		} else {
			v, _ = growing(t, filepath.Join(at, "traces/interneurons.V.npy"))
		}
		if !slices.Equal(step, w.step) || !slices.Equal(v, w.v) {
			t.Errorf("killed with %q in %s: %d spikes and %d values, want %d and %d", state, at, len(step), len(v), len(w.step), len(w.v))
		}
		seen[state] = true
	}
	t.Logf("killed with %q", slices.Collect(maps.Keys(seen)))
	if len(seen) < 2 {
		t.Errorf("the runs were killed with %v only", seen)
	}
}

// While a run goes on its files can be read.
func TestReadWhileItGrows(t *testing.T) {
	const ms = 12_000
	dir := gamma(t, 100, 25)
	whole := filepath.Join(dir, "whole")
	if out, err := child(t, dir, ms, whole).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w := readWhole(t, whole)
	out := filepath.Join(dir, "out")
	cmd := child(t, dir, ms, out)
	ok(t, cmd.Start())
	read := map[int]bool{}
	packed := func() bool { return exists(out) || exists(filepath.Join(out+".part", "spikes.npz")) }
	for !packed() {
		rows, err := prefix(t, out+".part", w)
		if packed() { // and the files are gone
			break
		}
		ok(t, err)
		read[rows] = true
		time.Sleep(time.Millisecond)
	}
	ok(t, cmd.Wait())
	if len(read) < 5 {
		t.Errorf("only %v rows were read", read)
	}
}

// Where a run may not write any further it ends with one error that says what is
// safe, and that is there. The system's limit for a file stands for a full disk: it
// is met in the same call.
func TestDiskIsFull(t *testing.T) {
	const ms = 12_000
	dir := gamma(t, 100, 25)
	whole := filepath.Join(dir, "whole")
	if out, err := child(t, dir, ms, whole).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	w := readWhole(t, whole)
	for _, c := range []struct {
		blocks int    // of 1024 bytes, that a file may have
		file   string // that becomes too large; V has 9.6 MB
		want   string
	}{
		{3000, "traces/interneurons.V.npy", `^gpusim: full\.part/traces/interneurons\.V\.npy: file too large; its first (\d+) rows are safe; (\d+) of 300000 steps are in full\.part\n$`},
		// The rows fit, and the archive of them does not, which has two headers more.
		{9377, "traces.npz", `^gpusim: writing the results: full\.part/traces\.npz: write full\.part/\.traces\.npz\.\d+: file too large; what was done is in full\.part\n$`},
	} {
		run := child(t, dir, ms, "full")
		cmd := exec.Command("bash", append([]string{"-c", fmt.Sprintf(`ulimit -f %d; exec "$@"`, c.blocks), "bash"}, run.Args...)...)
		cmd.Dir = dir
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		_ = cmd.Run()
		m := regexp.MustCompile(c.want).FindStringSubmatch(stderr.String())
		if cmd.ProcessState.ExitCode() != 1 || m == nil || stdout.Len() > 0 {
			t.Fatalf("%s: exit code %d, %s%s", c.file, cmd.ProcessState.ExitCode(), &stdout, &stderr)
		}
		part := filepath.Join(dir, "full.part")
		if len(m) > 1 {
			rows := wantPrefix(t, part, w)
			safe, _ := strconv.Atoi(m[1])
			steps, _ := strconv.Atoi(m[2])
			// 3072000 bytes less the header hold 3839 rows of 800.
			if rows != safe || steps < 25*(rows-1)+1 || rows > 3839 || rows < 1000 {
				t.Errorf("%d rows are there, %d are said to be safe, and %d steps", rows, safe, steps)
			}
		} else if got, rows := growing(t, filepath.Join(part, "traces/interneurons.V.npy")); rows != ms || len(got) != len(w.v) {
			t.Errorf("%d rows are left", rows)
		} else if z, err := npy.ReadArchive(filepath.Join(part, "spikes.npz")); err != nil || len(z["interneurons.step"].Float64()) != len(w.step) {
			t.Errorf("spikes.npz: %v", err)
		}
		again := child(t, dir, ms, "full")
		again.Args = append(again.Args, "--force")
		if out, err := again.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if got := readWhole(t, filepath.Join(dir, "full")); !slices.Equal(got.v, w.v) {
			t.Error("the run that came after has other rows")
		}
		ok(t, os.RemoveAll(filepath.Join(dir, "full")))
	}
}
