package shaders_test

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/shaders"
)

var update = flag.Bool("update", false, "write the golden kernels anew")

// examples are the network files whose kernels are kept in testdata.
func examples(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../examples/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	return files
}

func lower(t *testing.T, file string, s model.Shapes) *ir.Program {
	t.Helper()
	f, _, err := model.Load(file, model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	// The kernels name the file: not by a path of this machine.
	f.Source.Name = filepath.Base(file)
	p, err := model.Lower(f, s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestGolden compares the generated kernel of every example with the one kept
// in testdata (go test ./shaders -update writes them).
func TestGolden(t *testing.T) {
	for _, file := range examples(t) {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		p := lower(t, file, model.Shapes{})
		compareGolden(t, name+".8.comp", shaders.Fused(p, 8).Source)
		if name == "gamma" {
			compareGolden(t, name+".128.comp", shaders.Fused(p, 128).Source)
			compareGolden(t, name+".weights.8.comp", shaders.Fused(lower(t, file, weights), 8).Source)
		}
		if name == "balanced" {
			text := ""
			for _, pass := range stepped(t, p) {
				text += pass.Source
			}
			compareGolden(t, name+".stepped.64.comp", text)
		}
	}
}

// stepped prints the passes of the stepped form, with that which checks states.
func stepped(t *testing.T, p *ir.Program) []shaders.Pass {
	t.Helper()
	s, err := shaders.NewLayout(p).Stepped(64, 60000)
	if err != nil {
		t.Fatal(err)
	}
	return append(s.Passes, s.Check)
}

// weights is the gamma network with one g_max for each synapse.
var weights = model.Shapes{Params: map[string]ir.Dim{"gaba.g_max": ir.PerSynapse}}

func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want, have := strings.Split(string(b), "\n"), strings.Split(got, "\n")
	for i := range max(len(want), len(have)) {
		line := func(l []string) string {
			if i < len(l) {
				return l[i]
			}
			return "(no line)"
		}
		if line(want) != line(have) {
			t.Errorf("%s:%d: the kernel has\n  %s\nand the golden file\n  %s", path, i+1, line(have), line(want))
			return
		}
	}
}

// TestValidator has glslangValidator accept every kernel: those of the
// examples at every number of invocations, in the stepped form, with state a
// synapse, and with weights a synapse.
func TestValidator(t *testing.T) {
	tool, err := exec.LookPath("glslangValidator")
	if err != nil {
		t.Fatal("glslangValidator is needed (Debian: glslang-tools): ", err)
	}
	check := func(what, source string) {
		cmd := exec.Command(tool, "--stdin", "-S", "comp")
		cmd.Stdin = strings.NewReader(source)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := cmd.Run(); err != nil {
			t.Errorf("%s: %v\n%s", what, err, out.String())
		}
	}
	for _, file := range examples(t) {
		for _, w := range []int{8, 16, 32, 64, 128, 256} {
			check(file, shaders.Fused(lower(t, file, model.Shapes{}), w).Source)
		}
		for _, pass := range stepped(t, lower(t, file, model.Shapes{})) {
			check(file+" "+pass.Name, pass.Source)
		}
		check(file+" per synapse", shaders.Fused(lower(t, file, model.Shapes{PerSynapse: true}), 8).Source)
	}
	check("weights", shaders.Fused(lower(t, "../examples/gamma.yaml", weights), 8).Source)
	check("lanes", shaders.Lanes(128))
}

// TestEveryFunction prints and checks a model that uses all of the language's
// functions and operators.
func TestEveryFunction(t *testing.T) {
	const text = `
gpusim: 1
name: all
dt: 0.1
method: euler
models:
  m:
    kind: neuron
    parameters: {a: 1.5, k: 2}
    state: {x: 0.5, y: 2}
    input: I
    equations: |
      q1 = exp(x) + log(y) + log10(y) + sqrt(y) + sin(x) + cos(x) + tan(x)
      q2 = tanh(x) + sinh(x) + cosh(x) + abs(x) + sign(x) + floor(x) + ceil(x)
      q3 = min(x, y) + max(x, y, 1) + clip(x, -1, 1) + exprel(x) + x**a + x**3 + y**-2 + y**0.5 + x**5
      b1 = (x < 1 and y >= 2) or not (x == y)
      q4 = (x if b1 else y) + t*1e-3 + pi*dt
      dx/dt = (I - x)/10 + 1e-9*(q1 + q2 + q3 + q4)
      dy/dt = (2 - y)/5
    spike: x > 1 and y != 0
    reset: x = 0
    refractory: k
populations:
  P: {model: m, size: 5, record: [spikes, q1, q4]}
inputs: [{to: P.I, value: 2}]
run: {duration: 10}
`
	f, _, err := model.Parse("all.yaml", []byte(text), "", model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := model.Lower(f, model.Shapes{})
	if err != nil {
		t.Fatal(err)
	}
	tool, err := exec.LookPath("glslangValidator")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(tool, "--stdin", "-S", "comp")
	source := shaders.Fused(p, 8).Source
	cmd.Stdin = strings.NewReader(source)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s\n%s", err, out, source)
	}
}

// TestBudget checks that slices stay within a number of loop passes, that one
// step more would not, and that a step which does not fit says so.
func TestBudget(t *testing.T) {
	for _, w := range []int{8, 32, 128} {
		k := shaders.Fused(lower(t, "../examples/gamma.yaml", model.Shapes{}), w)
		for _, budget := range []int{1000, 60000, 65535} {
			n := k.MaxSteps(budget)
			if k.Budget(n) > budget || k.Budget(n+1) <= budget {
				t.Errorf("%d invocations: %d steps for a budget of %d, which take %d, and %d one step more", w, n, budget, k.Budget(n), k.Budget(n+1))
			}
		}
		if n := k.MaxSteps(10); n != 0 {
			t.Errorf("%d steps fit ten passes", n)
		}
	}
}
