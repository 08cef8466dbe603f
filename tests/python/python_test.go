package python

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../.."

// places is where things are, for the programs in Python.
type places struct{ python, program, root string }

// prepare builds gpusim and finds Python.
func prepare(t *testing.T) places {
	t.Helper()
	abs, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	p := places{program: filepath.Join(t.TempDir(), "gpusim"), root: abs}
	build := exec.Command("go", "build", "-buildvcs=false", "-o", p.program, "./cmd/gpusim")
	build.Dir = abs
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building gpusim: %v\n%s", err, out)
	}
	// Debian's first: another one that comes first in PATH need not have NumPy.
	var tried []string
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		out, err := exec.Command(name, "-c", "import numpy, pandas").CombinedOutput()
		if err == nil {
			p.python = name
			return p
		}
		tried = append(tried, fmt.Sprintf("%s: %v\n%s", name, err, out))
	}
	t.Fatalf("no Python with NumPy and pandas here (apt-get install python3-numpy python3-pandas):\n%s", strings.Join(tried, "\n"))
	return p
}

// run runs a program in Python and gives what it printed.
func (p places) run(t *testing.T, args ...string) string {
	t.Helper()
	for _, name := range []string{"gpusim.py"} { // the go command remembers what a test has looked at
		if _, err := os.Stat(filepath.Join(root, "python", name)); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range args {
		if strings.HasSuffix(name, ".py") || strings.HasSuffix(name, ".md") {
			if _, err := os.Stat(name); err != nil {
				t.Fatal(err)
			}
			args[i], _ = filepath.Abs(name)
		}
	}
	cmd := exec.Command(p.python, args...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "GPUSIM="+p.program, "PYTHONPATH="+filepath.Join(p.root, "python"), "PYTHONDONTWRITEBYTECODE=1",
		"GPUSIM_ROOT="+p.root, "PYTHONWARNINGS=error")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

func TestModule(t *testing.T) {
	out := prepare(t).run(t, "test_gpusim.py", "-v")
	if strings.Contains(out, "skipped") || !strings.Contains(out, "\nOK\n") {
		t.Errorf("not all of it was run:\n%s", out)
	}
}

func TestPage(t *testing.T) {
	prepare(t).run(t, "pages.py", "../../docs/python.md")
}
