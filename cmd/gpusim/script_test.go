package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"gpusim/model/npy"
)

// The scripts in tests/cli/testdata run this package's main as the command
// gpusim. They are driven from here, as only a test of this package can be the
// program: so -race, coverage and the test cache see it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"gpusim": main})
}

func TestScripts(t *testing.T) {
	dir := filepath.Join("..", "..", "tests", "cli", "testdata")
	examples, err := filepath.Abs(filepath.Join("..", "..", "examples"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: dir,
		Setup: func(e *testscript.Env) error {
			device := os.Getenv("DEVICE")
			if device == "" {
				device = "cpu"
			}
			e.Setenv("DEVICE", device)
			e.Setenv("EXAMPLES", examples)
			e.Setenv("XDG_CACHE_HOME", filepath.Join(e.WorkDir, ".cache"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"refused":   refused,
			"npzequal":  npzEqual,
			"npzhas":    npzHas,
			"json":      jsonHas,
			"interrupt": interrupt,
			"npywrite":  npyWrite,
		},
	})
}

// exits CODE COMMAND... runs a command that has to end with that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND...")
	}
	if got := code(ts.Exec(args[1], args[2:]...)); strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit code %d, want %s", got, args[0])
	}
}

// refused CODE COMMAND... runs a command that has to end with that exit code and
// nothing on standard output. What it says is added to the file refused.txt,
// below a line with the command.
func refused(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: refused CODE COMMAND...")
	}
	exits(ts, false, args)
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("on standard output: %s", out)
	}
	file, err := os.OpenFile(ts.MkAbs("refused.txt"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	ts.Check(err)
	defer file.Close()
	_, err = fmt.Fprintf(file, "> %s\n%s", strings.Join(args[1:], " "), ts.ReadFile("stderr"))
	ts.Check(err)
}

// code is the exit code that a command's error stands for.
func code(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	return -1
}

// npzequal A B compares two archives bit for bit: names, types, shapes, values.
func npzEqual(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: npzequal A B")
	}
	differ := npzDiff(ts, args[0], args[1])
	switch {
	case neg && differ == "":
		ts.Fatalf("%s and %s are equal", args[0], args[1])
	case !neg && differ != "":
		ts.Fatalf("%s and %s differ in %s", args[0], args[1], differ)
	}
}

func npzDiff(ts *testscript.TestScript, pathA, pathB string) string {
	a, err := npy.ReadArchive(ts.MkAbs(pathA))
	ts.Check(err)
	b, err := npy.ReadArchive(ts.MkAbs(pathB))
	ts.Check(err)
	if len(a) != len(b) {
		return "the number of arrays"
	}
	for name, x := range a {
		y, ok := b[name]
		same := func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) }
		if !ok || !slices.Equal(x.Shape, y.Shape) || !slices.EqualFunc(x.Float64(), y.Float64(), same) {
			return name
		}
	}
	return ""
}

// npzhas FILE NAME SHAPE... has arrays of these shapes, as in 100 or 50x5; a
// scalar is "-" and any length "*".
func npzHas(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 || len(args)%2 == 0 {
		ts.Fatalf("usage: npzhas FILE (NAME SHAPE)...")
	}
	z, err := npy.ReadArchive(ts.MkAbs(args[0]))
	ts.Check(err)
	for i := 1; i < len(args); i += 2 {
		a, ok := z[args[i]]
		if !ok {
			ts.Fatalf("%s has no %s", args[0], args[i])
		}
		got := make([]string, len(a.Shape))
		for k, n := range a.Shape {
			got[k] = strconv.Itoa(n)
		}
		shape := strings.Join(got, "x")
		if len(got) == 0 {
			shape = "-"
		}
		if args[i+1] != "*" && shape != args[i+1] {
			ts.Fatalf("%s of %s has shape %s, want %s", args[i], args[0], shape, args[i+1])
		}
	}
}

// json FILE (PATH VALUE)... has these values at these paths, whose parts are
// divided by / ; * is any value. FILE may be stdout.
func jsonHas(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args)%2 == 0 {
		ts.Fatalf("usage: json FILE (PATH VALUE)...")
	}
	var root any
	if err := json.Unmarshal([]byte(ts.ReadFile(args[0])), &root); err != nil {
		ts.Fatalf("%s is not JSON: %v", args[0], err)
	}
	for i := 1; i < len(args); i += 2 {
		at := root
		for _, part := range strings.Split(args[i], "/") {
			switch x := at.(type) {
			case map[string]any:
				var ok bool
				if at, ok = x[part]; !ok {
					ts.Fatalf("%s has no %s", args[0], args[i])
				}
			case []any:
				k, err := strconv.Atoi(part)
				if err != nil || k >= len(x) {
					ts.Fatalf("%s has no %s", args[0], args[i])
				}
				at = x[k]
			default:
				ts.Fatalf("%s has no %s", args[0], args[i])
			}
		}
		got, err := json.Marshal(at)
		ts.Check(err)
		if args[i+1] != "*" && string(got) != args[i+1] {
			ts.Fatalf("%s of %s is %s, want %s", args[i], args[0], got, args[i+1])
		}
	}
}

// interrupt COMMAND... runs a command, sends it an interrupt once it has
// reported progress, and wants the exit code 130. It leaves the files out.txt
// and err.txt.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: interrupt COMMAND...")
	}
	// The command's path is that of the script's environment, not this test's.
	path := ""
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if _, err := os.Stat(filepath.Join(dir, args[0])); err == nil && path == "" {
			path = filepath.Join(dir, args[0])
		}
	}
	stdout, err := os.Create(ts.MkAbs("out.txt"))
	ts.Check(err)
	defer stdout.Close()
	stderr, err := os.Create(ts.MkAbs("err.txt"))
	ts.Check(err)
	defer stderr.Close()
	cmd := exec.Command(path, args[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), stdout, stderr
	ts.Check(cmd.Start())
	for range 600 {
		time.Sleep(50 * time.Millisecond)
		if text, _ := os.ReadFile(stderr.Name()); strings.Contains(string(text), "Run ") {
			break
		}
	}
	ts.Check(cmd.Process.Signal(syscall.SIGINT))
	if got := code(cmd.Wait()); got != exitInterrupted {
		ts.Fatalf("exit code %d, want %d\n%s", got, exitInterrupted, ts.ReadFile("err.txt"))
	}
}

// npywrite FILE NUMBER... writes a .npy file.
func npyWrite(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: npywrite FILE NUMBER...")
	}
	var data []float64
	for _, s := range args[1:] {
		v, err := strconv.ParseFloat(s, 64)
		ts.Check(err)
		data = append(data, v)
	}
	ts.Check(npy.Write(ts.MkAbs(args[0]), []int{len(data)}, data))
}
