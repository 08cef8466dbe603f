package native

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gpusim/tests/golden"
)

// build makes the program with the flags that the benchmarks use and returns its path.
func build(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("make", "-s", "-C", root, "bin/gamma-native")
	// Not as a part of the make that may be running this test.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(s string) bool {
		return strings.HasPrefix(s, "MAKE") || strings.HasPrefix(s, "MFLAGS=")
	})
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	return filepath.Join(root, "bin", "gamma-native")
}

// A result is what the program prints.
type result struct {
	Spikes          []int   `json:"spikes"`
	SpikesPerNeuron [][]int `json:"spikes_per_neuron"`
}

func run(t *testing.T, program string, args ...string) result {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", cmd, err)
	}
	var r result
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v: %v\n%s", cmd, err, out)
	}
	return r
}

func writeFloat64(t *testing.T, path string, values []float64) {
	t.Helper()
	var raw []byte
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
	}
	if err := os.WriteFile(path, raw, 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestGolden holds the program to the limits of float32: every neuron's number of spikes
// equal, and 95 % of the spikes of a sweep within one step.
func TestGolden(t *testing.T) {
	program := build(t)
	for _, name := range []string{"n100", "n100b"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			start, _ := golden.Float64(t, name+"_v_init")
			writeFloat64(t, filepath.Join(dir, "v"), start)
			gmax, _ := golden.Float64(t, name+"_g_max")
			var list []string
			for _, g := range gmax {
				list = append(list, strconv.FormatFloat(g, 'g', -1, 64))
			}
			got := run(t, program, "-n", strconv.Itoa(len(start)), "-t", "12500", "-d", "0.04", "-r", "1", "-c",
				"-i", filepath.Join(dir, "v"), "-g", strings.Join(list, ","), "-o", filepath.Join(dir, "spikes"))

			near, all := 0, 0
			for k := range gmax {
				want := golden.Spikes(t, fmt.Sprintf("%s_spikes_%02d", name, k))
				wantSteps := perNeuron(len(start), want)
				gotSteps := perNeuron(len(start), readSpikes(t, filepath.Join(dir, fmt.Sprintf("spikes_%02d.i32", k))))
				if got.Spikes[k] != len(want) {
					t.Errorf("g_max %g: %d spikes, want %d", gmax[k], got.Spikes[k], len(want))
				}
				for i := range start {
					if len(gotSteps[i]) != len(wantSteps[i]) || got.SpikesPerNeuron[k][i] != len(wantSteps[i]) {
						t.Errorf("g_max %g, neuron %d: %d spikes (%d in JSON), want %d",
							gmax[k], i, len(gotSteps[i]), got.SpikesPerNeuron[k][i], len(wantSteps[i]))
						continue
					}
					for j, step := range wantSteps[i] {
						all++
						if d := gotSteps[i][j] - step; -1 <= d && d <= 1 {
							near++
						}
					}
				}
			}
			if share := float64(near) / float64(all); share < 0.95 {
				t.Errorf("%.4f of the spikes are within one step, want 0.95", share)
			}
		})
	}
}

// TestGuards starts neurons where x/(exp(x) - 1) is 0/0: one NaN would silence all of them
// through the sum. N is no multiple of the vectors' length and steps none of a word's.
func TestGuards(t *testing.T) {
	program := build(t)
	start := filepath.Join(t.TempDir(), "v")
	exact := []float64{-35, -34, -28, -60, -58, -44, -55, -65, -75, -35, -34, -28, -60, -58, -44, -55, -65}
	near := slices.Clone(exact)
	for i := range near {
		near[i] += 1e-4
	}
	var results []result
	for _, v := range [][]float64{exact, near} {
		writeFloat64(t, start, v)
		results = append(results, run(t, program, "-n", strconv.Itoa(len(v)), "-t", "5001", "-r", "1", "-c", "-i", start))
	}
	for i := range exact {
		a, b := results[0].SpikesPerNeuron[0][i], results[1].SpikesPerNeuron[0][i]
		if a == 0 || a != b {
			t.Errorf("from V = %g: %d spikes; from 0.0001 mV above: %d", exact[i], a, b)
		}
	}
}

// TestForms has the same spikes with threads, with more of them than vectors, and with a
// state for each synapse, which sums in another order: over 100 ms no count changes by that.
func TestForms(t *testing.T) {
	program := build(t)
	for _, n := range []string{"17", "100"} {
		args := []string{"-n", n, "-t", "2500", "-r", "1", "-c"}
		want := run(t, program, args...)
		if want.Spikes[0] == 0 {
			t.Errorf("%s neurons: no spike", n)
		}
		for _, form := range [][]string{{"-p", "2"}, {"-p", "3"}, {"-y"}, {"-y", "-p", "2"}} {
			got := run(t, program, append(slices.Clone(args), form...)...)
			if !slices.Equal(got.SpikesPerNeuron[0], want.SpikesPerNeuron[0]) {
				t.Errorf("%s neurons, %v: spikes %v, want %v", n, form, got.SpikesPerNeuron[0], want.SpikesPerNeuron[0])
			}
		}
	}
}

// TestWrongUse: bad arguments end it with 2 and a word on what is wrong.
func TestWrongUse(t *testing.T) {
	program := build(t)
	for _, test := range []struct{ args, want string }{
		{"-q 1", "usage: gamma"},
		{"-n", "usage: gamma"},
		{"-n ten", "gamma: not a number in range: ten"},
		{"-g 0.1, -w", "gamma: give one of: -g and -w"},
		{"-i nowhere", "gamma: nowhere: No such file or directory"},
		{"-i doc.go", "gamma: doc.go: neither N float64 nor N float32"},
	} {
		out, err := exec.Command(program, strings.Fields(test.args)...).CombinedOutput()
		exit, ok := err.(*exec.ExitError)
		if !ok || exit.ExitCode() != 2 || !strings.HasPrefix(string(out), test.want) {
			t.Errorf("%s: %v, %q; want exit 2, %q", test.args, err, out, test.want)
		}
	}
}

func perNeuron(n int, spikes []golden.Spike) [][]int64 {
	steps := make([][]int64, n)
	for _, s := range spikes {
		steps[s.Neuron] = append(steps[s.Neuron], s.Step)
	}
	return steps
}

func readSpikes(t *testing.T, path string) []golden.Spike {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var spikes []golden.Spike
	for ; len(raw) >= 8; raw = raw[8:] {
		spikes = append(spikes, golden.Spike{
			Step:   int64(int32(binary.LittleEndian.Uint32(raw))),
			Neuron: int32(binary.LittleEndian.Uint32(raw[4:])),
		})
	}
	return spikes
}
