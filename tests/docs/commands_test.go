package docs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gpusim/model/npy"
)

var program string // the path of gpusim, built for these tests

func TestMain(m *testing.M) {
	code, err := withProgram(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// withProgram builds gpusim in a folder of its own, for as long as run takes.
func withProgram(run func() int) (int, error) {
	dir, err := os.MkdirTemp("", "gpusim-docs-")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	if err := lookAtSources(); err != nil {
		return 1, err
	}
	program = filepath.Join(dir, "gpusim")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", program, "./cmd/gpusim")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return 1, fmt.Errorf("building gpusim: %w\n%s", err, out)
	}
	return run(), nil
}

// lookAtSources looks at all sources and documents: the go command remembers
// what a test has looked at, and runs it again where that has changed.
func lookAtSources() error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // gone meanwhile
		case err != nil:
			return err
		case d.IsDir() && path != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "tests" || d.Name() == "bin"):
			return filepath.SkipDir
		case d.Type().IsRegular() && slices.Contains([]string{".go", ".yaml", ".md", ".mod"}, filepath.Ext(path)):
			if _, err := os.Stat(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return nil
	})
}

// gpusim runs the program and gives what it printed.
func gpusim(t *testing.T, dir string, args ...string) (stdout string, code int) {
	t.Helper()
	cmd := exec.Command(program, args...)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String() + errs.String(), cmd.ProcessState.ExitCode()
}

// folder makes a folder as the reader of a page has it: its files, the
// examples, bin/gpusim, and arrays that the commands read.
func folder(t *testing.T, p page) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, sub := range []string{"bin", "examples"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(program, filepath.Join(dir, "bin", "gpusim")); err != nil {
		t.Fatal(err)
	}
	examples, err := filepath.Glob(filepath.Join(root, "examples", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range examples {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		write(filepath.Join("examples", filepath.Base(path)), string(b))
	}
	for _, b := range p.blocks {
		if name, ok := strings.CutPrefix(b.comment, "file: "); ok {
			write(name, b.text)
		}
	}
	v := make([]float64, 100) // of the interneurons
	for i := range v {
		v[i] = -70 + 0.2*float64(i)
	}
	if err := npy.Write(filepath.Join(dir, "v.npy"), []int{len(v)}, v); err != nil {
		t.Fatal(err)
	}
	return dir
}

var exitCode = regexp.MustCompile(`\s+# exit code (\d+)$`)

// TestCommands runs the commands of each page in order, and compares the lines
// of output that it shows with what the program prints: they are there, in
// this order, with the same words and near the same numbers.
func TestCommands(t *testing.T) {
	count := 0
	for _, p := range pages(t) {
		dir := folder(t, p)
		for _, b := range p.blocks {
			if b.lang != "console" {
				continue
			}
			var output, shown []string
			where := ""
			flush := func() { compare(t, where, shown, output) }
			for i, line := range strings.Split(strings.TrimSuffix(b.text, "\n"), "\n") {
				command, is := strings.CutPrefix(line, "$ ")
				if !is {
					shown = append(shown, line)
					continue
				}
				flush()
				count++
				where, shown = fmt.Sprintf("%s:%d: %s", p.path, b.line+i, command), nil
				output = shell(t, dir, where, command)
			}
			flush()
		}
	}
	if count < 10 {
		t.Errorf("%d commands found: the test reads the documents no more", count)
	}
}

// shell runs a command line, in which gpusim is the program.
func shell(t *testing.T, dir, where, command string) []string {
	t.Helper()
	want := 0
	if m := exitCode.FindStringSubmatch(command); m != nil {
		want, _ = strconv.Atoi(m[1])
	}
	cmd := exec.Command("sh", "-c", exitCode.ReplaceAllString(command, ""))
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(program)+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		t.Errorf("%s: exit code %d, want %d\n%s", where, got, want, out)
	}
	return strings.Split(string(out), "\n")
}

var (
	// plan is how a device was found to run a program best, which changes.
	plan   = regexp.MustCompile(`^(device: |against: |  (fused|stepped)|  \d+ invocations|  chosen in an earlier run)`)
	timing = regexp.MustCompile(`^built in `)
	digits = regexp.MustCompile(`[-+]?\d+(\.\d+)?([eE][-+]?\d+)?`)
	spaces = regexp.MustCompile(` +`)
)

func compare(t *testing.T, where string, shown, output []string) {
	t.Helper()
	at := 0
	for _, want := range shown {
		if strings.TrimSpace(want) == "" || plan.MatchString(want) {
			continue
		}
		i := slices.IndexFunc(output[at:], func(got string) bool { return alike(got, want) })
		if i < 0 {
			t.Errorf("%s: it does not print, or not there:\n%s\nbut\n%s", where, want, strings.Join(output, "\n"))
			return
		}
		at += i + 1
	}
}

// alike compares the words of two lines, and their numbers within a hundredth.
func alike(got, want string) bool {
	words := func(s string) string {
		return strings.TrimSpace(spaces.ReplaceAllString(digits.ReplaceAllString(s, "#"), " "))
	}
	if words(got) != words(want) {
		return false
	}
	if timing.MatchString(want) {
		return true
	}
	x, y := digits.FindAllString(got, -1), digits.FindAllString(want, -1)
	for i := range x {
		a, _ := strconv.ParseFloat(x[i], 64)
		b, _ := strconv.ParseFloat(y[i], 64)
		if math.Abs(a-b) > 0.01*max(1, math.Abs(b)) {
			return false
		}
	}
	return true
}

var (
	helpCommand = regexp.MustCompile(`(?m)^  ([a-z]+)\s+[A-Z]`)
	helpFlag    = regexp.MustCompile(`(?m)^\s+(?:-\w, )?(--[a-z][a-z-]*)`)
	anyCommand  = regexp.MustCompile("(?:`|\\$ |`bin/|\\$ bin/)gpusim ([a-z]+)")
	anyFlag     = regexp.MustCompile(`--[a-z][a-z-]*`)
	othersFlags = []string{"--no-install-recommends", "--array"}
)

// TestNames compares the commands and flags of the help with those of the
// documents, both ways.
func TestNames(t *testing.T) {
	help, _ := gpusim(t, t.TempDir(), "--help")
	flags := map[string]bool{}
	commands := map[string]bool{}
	for _, f := range helpFlag.FindAllStringSubmatch(help, -1) {
		flags[f[1]] = true
	}
	for _, m := range helpCommand.FindAllStringSubmatch(help, -1) {
		commands[m[1]] = true
		text, _ := gpusim(t, t.TempDir(), m[1], "--help")
		for _, f := range helpFlag.FindAllStringSubmatch(text, -1) {
			flags[f[1]] = true
		}
	}
	if len(commands) < 6 || len(flags) < 10 {
		t.Fatalf("help names the commands %v and the flags %v", commands, flags)
	}
	var results string
	for _, p := range pages(t) {
		for _, m := range anyCommand.FindAllStringSubmatch(p.text, -1) {
			if !commands[m[1]] {
				t.Errorf("%s: there is no command gpusim %s", p.path, m[1])
			}
		}
		for _, f := range anyFlag.FindAllString(p.prose(), -1) {
			if !flags[f] && !slices.Contains(othersFlags, f) {
				t.Errorf("%s: there is no flag %s", p.path, f)
			}
		}
		if p.path == "docs/results.md" {
			results = p.prose()
		}
	}
	for name := range commands {
		if name != "help" && !strings.Contains(results, "`gpusim "+name) {
			t.Errorf("docs/results.md does not say what gpusim %s does", name)
		}
	}
	for name := range flags {
		if !strings.Contains(results, name) {
			t.Errorf("docs/results.md does not say what %s does", name)
		}
	}
}

// TestResults compares what a run and a sweep leave with docs/results.md.
func TestResults(t *testing.T) {
	var results page
	for _, p := range pages(t) {
		if p.path == "docs/results.md" {
			results = p
		}
	}
	described := func(what string) {
		t.Helper()
		if !strings.Contains(results.text, "`"+what) && !strings.Contains(results.text, what+"`") {
			t.Errorf("docs/results.md does not describe %s", what)
		}
	}
	dir := folder(t, results)
	two, balanced := filepath.Join("examples", "two_populations.yaml"), filepath.Join("examples", "balanced.yaml")
	for _, args := range [][]string{
		{"run", two, "--to", "20", "--quiet", "--out", "out"},
		{"run", balanced, "--to", "5", "--quiet", "--out", "balanced.out", "--device", "cpu"},
		{"sweep", two, "--to", "20", "--quiet", "--out", "sweep.out"},
		{"fit", filepath.Join("examples", "gamma.yaml"), "--to", "60", "--quiet", "--out", "fit.out", "--param", "gaba.g_max=0.001:0.002",
			"--target", "cross_correlation=0.1", "--generations", "1"},
	} {
		if text, code := gpusim(t, dir, args...); code != 0 {
			t.Fatalf("gpusim %v: %s", args, text)
		}
	}
	for _, out := range []string{"out", "balanced.out", "sweep.out", "fit.out"} {
		entries, err := os.ReadDir(filepath.Join(dir, out))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			described(e.Name())
			if filepath.Ext(e.Name()) != ".npz" {
				continue
			}
			z, err := npy.ReadArchive(filepath.Join(dir, out, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			for name := range z {
				_, variable, _ := strings.Cut(name, ".")
				if !slices.Contains([]string{"V", "h", "n", "s", "inp", "ge", "gi"}, variable) {
					described(name[strings.LastIndex(name, ".")+1:])
				}
			}
		}
		b, err := os.ReadFile(filepath.Join(dir, out, "summary.json"))
		if err != nil {
			t.Fatal(err)
		}
		var summary map[string]any
		if err := json.Unmarshal(b, &summary); err != nil {
			t.Fatal(err)
		}
		for key, value := range summary {
			described(key)
			if inner, ok := value.(map[string]any); ok && (key == "counters" || key == "seconds" || key == "best") {
				for k := range inner {
					described(k)
				}
			}
		}
	}
}
