package sweeps

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"gpusim/model/npy"
)

// TestKilled kills a sweep at random moments, again and again, and goes on with it each
// time. What is on the disk is right after each kill: whole rows, each once, never
// fewer than before, and the spikes of each. In the end sweep.csv is that of the sweep
// that nobody killed, byte for byte.
func TestKilled(t *testing.T) {
	for _, c := range []struct {
		device string
		kills  int
		keep   bool
	}{{"cpu", 25, false}, {"cpu", 10, true}, {"gpu", 10, false}} {
		t.Run(fmt.Sprintf("%s, spikes %t", c.device, c.keep), func(t *testing.T) {
			const seed = 20261125
			random := rand.New(rand.NewPCG(seed, uint64(c.kills)))
			args := []string{"sweep", "net.yaml", "--device", c.device, "--quiet"}
			if c.keep {
				args = append(args, "--keep", "spikes")
			}
			whole := folder(t, net)
			begin := time.Now()
			run(t, whole, args...)
			takes := time.Since(begin)
			want := read(t, filepath.Join(whole, "net.sweep.out", "sweep.csv"))

			kills, ends := 0, 0
			for kills < c.kills {
				dir := folder(t, net)
				done := 0
				for finished := false; !finished; {
					cmd := exec.Command(gpusim, append(args, "--resume", "--batch", strconv.Itoa(1+random.IntN(7)))...)
					cmd.Dir = dir
					var said bytes.Buffer
					cmd.Stderr = &said
					if err := cmd.Start(); err != nil {
						t.Fatal(err)
					}
					timer := time.AfterFunc(time.Duration(random.Int64N(int64(takes))), func() { _ = cmd.Process.Kill() })
					err := cmd.Wait()
					timer.Stop()
					var exit *exec.ExitError
					switch {
					case err == nil:
						finished = true
					case errors.As(err, &exit) && exit.ExitCode() == -1:
						kills++
						n := rows(t, dir, c.keep)
						if n < done {
							t.Fatalf("seed %d: %d points after a kill, %d before", seed, n, done)
						}
						done = n
						if kills > 8*c.kills {
							t.Fatalf("seed %d: it does not get on: %d points", seed, done)
						}
					default:
						t.Fatalf("seed %d: %v\n%s", seed, err, said.String())
					}
				}
				ends++
				out := filepath.Join(dir, "net.sweep.out")
				if got := read(t, filepath.Join(out, "sweep.csv")); !bytes.Equal(got, want) {
					t.Fatalf("seed %d: after kills sweep.csv is\n%s\nwant\n%s", seed, got, want)
				}
				if _, err := os.Stat(out + ".part"); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("seed %d: the folder of what was not finished is still there: %v", seed, err)
				}
				if c.keep {
					sameSpikes(t, filepath.Join(out, "spikes"), filepath.Join(whole, "net.sweep.out", "spikes"))
				}
			}
			t.Logf("%d kills of %d sweeps, which take %v", kills, ends, takes)
		})
	}
}

// rows counts the points of a sweep that was killed, and looks at them: all lines but
// the last one are whole, and no point is there twice.
func rows(t *testing.T, dir string, keep bool) int {
	t.Helper()
	part := filepath.Join(dir, "net.sweep.out.part")
	text, err := os.ReadFile(filepath.Join(part, "rows.csv"))
	if errors.Is(err, os.ErrNotExist) {
		if text, err = os.ReadFile(filepath.Join(dir, "net.sweep.out", "sweep.csv")); err == nil {
			return bytes.Count(text, []byte{'\n'}) - 1 // killed after all was done
		}
		return 0 // before anything was
	}
	if err != nil {
		t.Fatal(err)
	}
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	table, err := csv.NewReader(bytes.NewReader(text)).ReadAll() // which wants as many cells in each
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	seen := map[string]bool{}
	for _, row := range table[min(1, len(table)):] {
		if seen[row[0]] {
			t.Fatalf("point %s is there twice:\n%s", row[0], text)
		}
		seen[row[0]] = true
		if keep {
			if _, err := npy.ReadArchive(filepath.Join(part, "spikes", row[0]+".npz")); err != nil {
				t.Fatalf("point %s is done: %v", row[0], err)
			}
		}
	}
	return len(seen)
}

func sameSpikes(t *testing.T, got, want string) {
	t.Helper()
	for k := range netPoints {
		name := strconv.Itoa(k) + ".npz"
		if !bytes.Equal(read(t, filepath.Join(got, name)), read(t, filepath.Join(want, name))) {
			t.Errorf("%s differs", name)
		}
	}
	entries, err := os.ReadDir(got)
	if err != nil || len(entries) != netPoints {
		t.Errorf("%d files of spikes, %v", len(entries), err)
	}
}
