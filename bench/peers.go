package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

const brianScript = "bench/peers/brian2_gamma.py"

// findBrian is the Python that has Brian2, Debian's first, and its version; ""
// where there is none.
func findBrian(ctx context.Context) (python, version string) {
	for _, python := range []string{"/usr/bin/python3", "python3"} {
		text, err := exec.CommandContext(ctx, python, "-W", "ignore", "-c", "import brian2; print(brian2.__version__)").Output()
		if err == nil {
			return python, strings.TrimSpace(string(text))
		}
	}
	return "", ""
}

// brian runs the script; what it prints last is JSON.
func (t *task) brian(ctx context.Context, m *machine, args ...string) (sample, error) {
	args = append([]string{"-W", "ignore", brianScript, "--start", t.start, "--g-max", t.strength,
		"--steps", strconv.Itoa(t.steps), "--dt", strconv.FormatFloat(t.dt, 'g', -1, 64)}, args...)
	var errors strings.Builder
	cmd := exec.CommandContext(ctx, m.python, args...)
	cmd.Stderr = &errors
	text, err := cmd.Output()
	if err != nil {
		return sample{}, fmt.Errorf("%s: %w: %s", brianScript, err, errors.String())
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	var out struct {
		Seconds float64
		Spikes  [][]int `json:"spikes_per_neuron"`
	}
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &out); err != nil {
		return sample{}, fmt.Errorf("%s: %w", brianScript, err)
	}
	return sample{seconds: out.Seconds, spikes: out.Spikes}, nil
}

// brianCython is a process for each round, which times its second run.
func (t *task) brianCython(m *machine, name string) *program {
	if m.python == "" {
		return nil
	}
	return &program{name: name, run: func(ctx context.Context) (sample, error) {
		return t.brian(ctx, m, "--device", "cython")
	}}
}

// brianStandalone builds Brian2's program once; a round runs it and reads the
// seconds that it counted itself, those of the run alone.
func (t *task) brianStandalone(ctx context.Context, m *machine, name string, threads int) (*program, error) {
	if m.python == "" {
		return nil, nil
	}
	dir := filepath.Join(m.scratch, fmt.Sprintf("brian-%d-%d-%d", t.size, t.points, threads))
	if _, err := t.brian(ctx, m, "--dir", dir, "--threads", strconv.Itoa(threads)); err != nil {
		return nil, err
	}
	return &program{name: name, loose: threads > 1, run: func(ctx context.Context) (sample, error) {
		cmd := exec.CommandContext(ctx, "./main")
		cmd.Dir = dir
		// A thread that waits sleeps after some 30 us instead of milliseconds:
		// with other work on the machine a run could take 100 times as long.
		cmd.Env = append(os.Environ(), "GOMP_SPINCOUNT=10000")
		if text, err := cmd.CombinedOutput(); err != nil {
			return sample{}, fmt.Errorf("%w: %s", err, text)
		}
		info, err := os.ReadFile(filepath.Join(dir, "results/last_run_info.txt"))
		if err != nil {
			return sample{}, err
		}
		var s sample
		if _, err := fmt.Sscan(string(info), &s.seconds); err != nil {
			return sample{}, fmt.Errorf("last_run_info.txt: %w", err)
		}
		s.spikes, err = readCounts(dir, t.points, t.size)
		return s, err
	}}, nil
}

// readCounts reads the spikes of each neuron, an int32 each.
func readCounts(dir string, points, size int) ([][]int, error) {
	const pattern = "results/_array_spikes_count_*"
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(files) != 1 {
		return nil, fmt.Errorf("%s: %d files %s, not one", dir, len(files), pattern)
	}
	raw, err := os.ReadFile(files[0])
	if err != nil {
		return nil, err
	}
	if len(raw) != 4*points*size {
		return nil, fmt.Errorf("%s: %d bytes, not %d", files[0], len(raw), 4*points*size)
	}
	counts := make([][]int, points)
	for k := range counts {
		for range size {
			counts[k] = append(counts[k], int(int32(binary.LittleEndian.Uint32(raw))))
			raw = raw[4:]
		}
	}
	return counts, nil
}
