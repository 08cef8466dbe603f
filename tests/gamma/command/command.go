// Package command runs the program gpusim in tests: it is built once from this
// checkout and then run as a user runs it. Only tests import it.
package command

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// Main runs a package's tests and takes away what was built for them. It is the
// body of TestMain, which exits with what it returns.
func Main(m *testing.M) int {
	var err error
	if folder, err = os.MkdirTemp("", "gpusim-test-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	return m.Run()
}

var folder string // for the program; set by Main

// program is the path of gpusim, which is built when it is first needed.
var program = sync.OnceValues(func() (string, error) {
	if folder == "" {
		return "", errors.New("command.Main is not the body of TestMain")
	}
	if err := touchSources(); err != nil {
		return "", err
	}
	path := filepath.Join(folder, "gpusim")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, "./cmd/gpusim")
	build.Dir = Root()
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return path, nil
})

// Root is the folder of the checkout.
func Root() string {
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		panic("command: no caller information")
	}
	return filepath.Join(filepath.Dir(file), "..", "..", "..")
}

// Path is the path of gpusim. A program that cannot be built ends the test.
func Path(t testing.TB) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatalf("building gpusim: %v", err)
	}
	return path
}

// A Result is what a run of the program left.
type Result struct {
	Stdout, Stderr string
	Code           int // its exit code; -1 where a signal ended it
}

// Run runs gpusim with these arguments in a folder, and with these settings of
// environment variables beside the test's own. A program that cannot be built
// or started ends the test; what it exits with is for the caller to judge. A
// panic fails the test in any case.
func Run(t testing.TB, dir string, env []string, args ...string) Result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(Path(t), args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &stdout, &stderr
	cmd.Env = append(os.Environ(), env...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("gpusim %s: %v", strings.Join(args, " "), err)
	}
	r := Result{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
	if strings.Contains(r.Stderr, "panic:") || strings.Contains(r.Stderr, "goroutine ") {
		t.Errorf("gpusim %s panics:\n%s", strings.Join(args, " "), r.Stderr)
	}
	return r
}

// MustRun is Run for what has to end with exit code 0.
func MustRun(t testing.TB, dir string, args ...string) Result {
	t.Helper()
	r := Run(t, dir, nil, args...)
	if r.Code != 0 {
		t.Fatalf("gpusim %s: exit code %d\n%s", strings.Join(args, " "), r.Code, r.Stderr)
	}
	return r
}

// touchSources looks at every source of the program. The go command remembers
// which files a test looked at, and so runs it again when one has changed,
// although the test does not import the program.
func touchSources() error {
	return filepath.WalkDir(Root(), func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // gone meanwhile
		case err != nil:
			return err
		case d.IsDir() && path != Root() && (strings.HasPrefix(d.Name(), ".") || d.Name() == "tests" || d.Name() == "bin"):
			return filepath.SkipDir
		case d.Type().IsRegular() && isSource(d.Name()):
			if _, err := os.Stat(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return nil
	})
}

func isSource(name string) bool {
	switch filepath.Ext(name) {
	case ".go":
		return !strings.HasSuffix(name, "_test.go")
	case ".yaml", ".glsl", ".mod":
		return true
	}
	return false
}
