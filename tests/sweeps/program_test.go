package sweeps

import (
	"bytes"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// net is a network that takes about a millisecond a point, with draws, delays and a
// measure that can be undefined.
const net = `gpusim: 1
name: chain
dt: 0.1
models:
  lif:
    kind: neuron
    parameters: {V_th: -50, tau: 10}
    state: {V: -60}
    input: I
    equations: dV/dt = (-52 - V + I)/tau
    spike: V >= V_th
    reset: V = -60
  jump: {kind: synapse, parameters: {w: 0.4}, on_pre: post.V += w}
populations:
  cells: {model: lif, size: 30, init: {V: "uniform(-60, -50)"}}
projections:
  ring: {model: jump, from: cells, to: cells, connect: {fixed_probability: {p: 0.2}}, delay: 1.5}
inputs: [{to: cells.I, value: 4}]
run: {duration: 100, seed: 1}
measure: [{rate: {of: cells}}, {isi_cv: {of: cells}}, {cross_correlation: {of: cells, bin: 1}}]
sweep:
  cells.tau: {from: 5, to: 40, points: 8}
  run.seed: {values: [1, 2, 3, 4, 5]}
`

const netPoints = 40

// gpusim is the program.
var gpusim string

func TestMain(m *testing.M) {
	os.Exit(withProgram(m))
}

func withProgram(m *testing.M) int {
	dir, err := os.MkdirTemp("", "gpusim-sweeps-")
	if err != nil {
		log.Print(err)
		return 1
	}
	defer os.RemoveAll(dir)
	gpusim = filepath.Join(dir, "gpusim")
	out, err := exec.Command("go", "build", "-buildvcs=false", "-o", gpusim, "gpusim/cmd/gpusim").CombinedOutput()
	if err != nil {
		log.Printf("%v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// folder is an empty one, with net.yaml.
func folder(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "net.yaml"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

// run runs a command in a folder, to its good end.
func run(t *testing.T, dir string, args ...string) (stdout string) {
	t.Helper()
	cmd := exec.Command(gpusim, args...)
	cmd.Dir = dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		t.Fatalf("%q: %v\n%s%s", args, err, out.String(), errs.String())
	}
	return out.String()
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
