package model

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gpusim/model/diag"
	"gpusim/tests/random"
)

// FuzzLoad holds that no text makes reading panic, that every problem has a
// message in ASCII and a place, and that a good file printed and read again
// is the same.
func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob("testdata/bad/*.yaml")
	examples, _ := filepath.Glob("../examples/*.yaml")
	for _, path := range append(files, examples...) {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), "", "")
	}
	for seed := range uint64(6) {
		f.Add(random.File(seed, 1), "p0_0.b", "1.5")
	}
	f.Add(everything, "cells.V", "uniform(-70, -50)")
	f.Add(editBase, "inputs.0.value", "[1, {a: b}]")
	f.Add(editBase, "cells.R", "@x.npy")
	f.Fuzz(func(t *testing.T, text, name, value string) {
		opts := LoadOptions{}
		if name != "" {
			opts.Set = []Override{{name, value}}
			opts.Params = []Override{{name, value}}
		}
		load(t, text, opts)
	})
}

// FuzzSet holds the same of what --set gives, on a file with a part of each kind.
func FuzzSet(f *testing.F) {
	for _, s := range [][2]string{
		{"cells.V", "uniform(-70, -50)"}, {"cells.R", "@x.npy"}, {"cells.size", "10**12"}, {"cells.model", "lif"}, {"cells.groups.E", "[0, 2]"},
		{"inputs.0.value", "[1, {a: b}]"}, {"inputs.0.value", "@x.npy"}, {"inputs.0.to", "cells.E.inp"}, {"exc.w", "file(x.npy)"}, {"exc.connect", "{all_to_all: {self: false}}"},
		{"exc.delay", "2*dt"}, {"dt", "0.05"}, {"run.duration", "1e3"}, {"run", "{duration: 3}"}, {"measure.0.rate.of", "cells.I"}, {"models.lif2.equations", "dV/dt = -V"},
		{"models.lif2.spike", "V > 0 and not V > 1"}, {"method", "rk4"}, {"drive", "1 +"}, {"drive", "sqrt(2)*drive"}, {"constants.new", "3"}, {"sweep", "{drive: {values: [1, 2]}}"},
		{"sweep", "{design: sobol, points: 3, seed: 2, seeds: 2, drive: {from: 0, to: 1}, cells.size: {values: [8, 9]}}"},
		{"sweep", "{points: [{drive: 1, method: rk4}, {method: euler, drive: 2}]}"}, {"sweep", "{points: file(x.npy), names: [drive]}"},
		{"sweep", "{drive: {normal: [0, 1], points: 3}, dt: {log_random: [0.1, 1], points: 2}, seed: 3}"},
		{"cells.record", "[spikes, {V: {every: 3, of: [1]}}]"}, {"a..b", "1"}, {"", ""}, {"cells", "null"}, {"inputs.9.value", "1"}, {"cells.tau", "1 if i > 2 else 0x3"},
		{"gpusim", "2"}, {"name", "\"a\\x01\""}, {"measure", "[]"}, {"projections.exc.from", "cells.I"}, {"compare.free_run", "false"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		load(t, fuzzBase, LoadOptions{Set: []Override{{name, value}}})
	})
}

// FuzzParam holds the same of what --param gives: no more points than a sweep may
// have, and as many as were asked for.
func FuzzParam(f *testing.F) {
	for _, s := range [][2]string{
		{"cells.tau", "1:2:3"}, {"cells.tau", "1,2,3"}, {"drive", "0:1:1e12"}, {"drive", "1:1:1"}, {"drive", "1:2:1"}, {"run.seed", "1:9:9"}, {"inputs.0.value", "1, 2*2"},
		{"cells.size", "1,2"}, {"exc.w", ":::"}, {"exc.w", ",,"}, {"exc.w", "a:b:c"}, {"exc.w", "-1e308:1e308:5"}, {"exc.w", "1:nan:3"}, {"cells.V", "0:1:0x3"}, {"", "1,2"}, {"zip", "1,2"},
	} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, name, spec string) {
		file := load(t, fuzzBase, LoadOptions{Params: []Override{{name, spec}}})
		if file == nil {
			return
		}
		if len(file.Sweep.Axes) != 1 || file.Sweep.Axes[0].Name != name {
			t.Fatalf("--param %s=%s: %+v", name, spec, file.Sweep.Axes)
		}
		values := file.Sweep.Axes[0].Values
		if strings.Count(spec, ":") == 0 && len(values) != strings.Count(spec, ",")+1 || len(values) == 0 || len(values) > maxPoints {
			t.Fatalf("--param %s=%s: %d values", name, spec, len(values))
		}
	})
}

// fuzzBase has a part of each kind that can be set.
var fuzzBase = strings.NewReplacer("file(v.npy)", "-60", "file(ep.npy)", "[0, 1]", "file(eq.npy)", "[1, 2]", " (event-driven)", "", "run:", "constants: {drive: 3}\nrun:").Replace(everything)

// load holds of a file: it is read or has problems, each with a place and a message
// in ASCII; what is read is the same when it is printed and read again, and has
// a step program or a problem.
func load(t *testing.T, text string, opts LoadOptions) *File {
	opts.Memory = 1 << 26
	opts.ReadArray = func(path string) ([]float64, []int, error) { return []float64{0, 1, 2}, []int{3}, nil }
	file, _, err := Parse("fuzz.yaml", []byte(text), ".", opts)
	if err != nil {
		checkProblems(t, err)
		return nil
	}
	printed := file.YAML()
	again, _, err := Parse("fuzz.yaml", []byte(printed), ".", LoadOptions{ReadArray: opts.ReadArray, Memory: opts.Memory})
	if err != nil {
		t.Fatalf("%s\n%v", printed, err)
	}
	if !again.tree.Equal(file.tree) {
		t.Fatalf("another tree:\n%s\n%s", printed, again.YAML())
	}
	file.Portable()
	if err := NotBuilt(file); err != nil {
		checkProblems(t, err)
		return file
	}
	p, err := Lower(file, Shapes{})
	if err != nil {
		checkProblems(t, err)
		return file
	}
	if q, err := Lower(again, Shapes{}); err != nil || q.String() != p.String() {
		t.Fatalf("another step program, %v:\n%s\n%s", err, p, q)
	}
	return file
}

func checkProblems(t *testing.T, err error) {
	var list *diag.Errors
	if !errors.As(err, &list) {
		t.Fatalf("%T", err)
	}
	for _, p := range list.Problems {
		if !p.Pos.IsValid() || p.Msg == "" {
			t.Fatalf("no place or message: %v", p)
		}
		for _, r := range p.Msg + p.Hint {
			if r < ' ' || r > '~' {
				t.Fatalf("not ASCII: %q %q", p.Msg, p.Hint)
			}
		}
	}
}
