package model

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gpusim/model/lang"
)

const editBase = `gpusim: 1
dt: 0.1
constants: {drive: 2}
populations:
  cells: {model: lif, size: 10, parameters: {tau: 5}}
projections:
  gaba:
    model: syn
    from: cells
    to: cells
    connect: {all_to_all: {self: false}}
models:
  syn: {kind: synapse, parameters: {w: 1}, state: {s: 0}, equations: ds/dt = -s, output: post.inp += w*s}
inputs:
  - {to: cells.inp, value: drive}
run: {duration: 100}
measure:
  - cross_correlation: {of: cells, bin: 0.5}
`

func loadWith(t *testing.T, opts LoadOptions) (*File, error) {
	t.Helper()
	if opts.ReadArray == nil {
		opts.ReadArray = func(path string) ([]float64, []int, error) {
			if filepath.Base(path) != "v.npy" {
				return nil, nil, os.ErrNotExist
			}
			return []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, []int{10}, nil
		}
	}
	f, _, err := Parse("net.yaml", []byte(editBase), "folder", opts)
	return f, err
}

func TestSet(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"cells.tau", "7", "{model: lif, size: 10, parameters: {tau: 7}}"},
		{"cells.R", "2*tau", "{model: lif, size: 10, parameters: {tau: 5, R: 2*tau}}"},
		{"cells.V", "uniform(-70, -50)", `{model: lif, size: 10, parameters: {tau: 5}, init: {V: "uniform(-70, -50)"}}`},
		{"cells.size", "64", "{model: lif, size: 64, parameters: {tau: 5}}"},
		{"populations.cells.size", "64", "{model: lif, size: 64, parameters: {tau: 5}}"},
		{"cells.record", "[spikes, V]", "{model: lif, size: 10, parameters: {tau: 5}, record: [spikes, V]}"},
		{"gaba.w", "0.5", "parameters: {w: 0.5}"},
		{"gaba.connect", "{one_to_one: {}}", "connect: {one_to_one: {}}"},
		{"gaba.connect.all_to_all.self", "true", "connect: {all_to_all: {self: true}}"},
		{"drive", "3", "drive: 3"},
		{"constants.drive", "3", "drive: 3"},
		{"dt", "0.2", "dt: 0.2"},
		{"run.duration", "300", "run: {duration: 300}"},
		{"run.seed", "18446744073709551615", "run: {duration: 100, seed: 18446744073709551615}"},
		{"inputs.0.value", "1.5", "- {to: cells.inp, value: 1.5}"},
		{"inputs.0.value.per_neuron", "@/tmp/v.npy", "- {to: cells.inp, value: {per_neuron: file(/tmp/v.npy)}}"},
		{"measure.0.cross_correlation.bin", "1", "- cross_correlation: {of: cells, bin: 1}"},
		{"cells.V", "@/tmp/v.npy", "init: {V: file(/tmp/v.npy)}"},
		{"compare.free_run", "false", "compare:\n  free_run: false"},
		{"name", "other", "name: other"},
		{"models.syn.parameters.w", "4", "parameters: {w: 4}"},
	} {
		f, err := loadWith(t, LoadOptions{Set: []Override{{c.name, c.value}}})
		if err != nil {
			t.Errorf("--set %s=%s:\n%v", c.name, c.value, err)
		} else if !strings.Contains(f.YAML(), c.want) {
			t.Errorf("--set %s=%s: no %q in\n%s", c.name, c.value, c.want, f.YAML())
		}
	}
}

func TestSetErrors(t *testing.T) {
	for _, c := range []struct{ name, value, want string }{
		{"cells.taw", "7", `--set:1:1: cells has no parameter, state or key "taw"
  cells.taw=7
  ^
  hint: did you mean tau?`},
		{"cell.tau", "7", `--set:1:1: there is nothing called "cell" to set
  cell.tau=7
  ^
  hint: did you mean cells?`},
		{"cells", "7", `--set:1:1: "cells" is one of the populations; set one of its variables or keys, as in cells.NAME=VALUE
  cells=7
  ^`},
		{"cells.tau", "7 +", `--set:1:14: expected a number, a name or an expression, found the end
  cells.tau=7 +
               ^`},
		{"cells.tau", "foo", `--set:1:11: unknown name "foo" in the value of tau
  cells.tau=foo
            ^`},
		{"cells.tau", "", `--set:1:1: --set needs NAME=VALUE
  cells.tau=
  ^`},
		{"cells.tau", "[1, 2", `--set:1:11: this is not YAML: this "[" is never closed
  cells.tau=[1, 2
            ^`},
		{"cells.tau", "@no.npy", `--set:1:11: the array cannot be read: file does not exist
  cells.tau=@no.npy
            ^`},
		{"cells.V", "@", `--set:1:9: @ needs the path of a .npy file
  cells.V=@
          ^`},
		{"cells.size", "1.5", `--set:1:12: the size of cells is a whole number of at least 1, not 1.5
  cells.size=1.5
             ^`},
		{"inputs.3.value", "1", `--set:1:1: the file has no "inputs.3.value"
  inputs.3.value=1
  ^
  hint: the items of a list are counted from 0, and --set adds none`},
		{"run.durations", "1", `--set:1:15: unknown key "durations"; run has start, duration, seed
  run.durations=1
                ^
  hint: did you mean duration?`},
		{"cells.V", "@a\x01b", `--set:1:9: a path of a network file is printable text
  cells.V=@a?b
          ^`},
		{"cells.tau", strings.Repeat("1", 1<<20+1), `--set:1:11: this has 1048577 bytes; the most that is read is 1048576
  cells.tau=` + strings.Repeat("1", 140) + `...
            ^`},
		{"measure.0.rate.of", "cells", `net.yaml:18:5: a measure is one of cross_correlation, voltage_fluctuation, rate, isi_mean, isi_cv with its options, as in {rate: {of: population}}; this has cross_correlation, rate
    - cross_correlation: {of: cells, bin: 0.5}
      ^`},
		{"cells..tau", "1", `--set:1:1: "cells..tau" is no name to set
  cells..tau=1
  ^`},
	} {
		_, err := loadWith(t, LoadOptions{Set: []Override{{c.name, c.value}}})
		if err == nil {
			t.Errorf("--set %s=%s: no error", c.name, c.value)
		} else if got := err.Error(); got != c.want {
			t.Errorf("--set %s=%s: got\n%s\nwant\n%s", c.name, c.value, got, c.want)
		}
	}
}

func TestSpanAndSeed(t *testing.T) {
	number := func(v float64) *float64 { return &v }
	seed := uint64(7)
	f, err := loadWith(t, LoadOptions{Seed: &seed, From: number(50), To: number(120)})
	if err != nil {
		t.Fatal(err)
	}
	if f.Run != (RunSpec{Start: 50, Duration: 70, Seed: 7}) {
		t.Errorf("got %+v", f.Run)
	}
	if want := "run: {duration: 70, seed: 7, start: 50}"; !strings.Contains(f.YAML(), want) {
		t.Errorf("no %q in\n%s", want, f.YAML())
	}
	if f, err = loadWith(t, LoadOptions{From: number(20)}); err != nil || f.Run.Duration != 80 {
		t.Errorf("--from 20: %+v, %v", f, err)
	}
	if f, err = loadWith(t, LoadOptions{To: number(20)}); err != nil || f.Run.Duration != 20 {
		t.Errorf("--to 20: %+v, %v", f, err)
	}
	_, err = loadWith(t, LoadOptions{From: number(200)})
	const want = `--from:1:1: the run would end at 100 ms, not after its start at 200 ms
  200
  ^`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v", err)
	}
}

func TestParam(t *testing.T) {
	f, err := loadWith(t, LoadOptions{Params: []Override{{"gaba.w", "0:1:3"}, {"drive", "1, 2*2"}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Sweep.Axes) != 2 || f.Sweep.Axes[0].Values[1] != 0.5 || f.Sweep.Axes[1].Values[1] != 4 {
		t.Errorf("got %+v", f.Sweep)
	}
	if want := "sweep:\n  gaba.w: {from: 0, to: 1, points: 3}\n  drive: {values: [1, 2*2]}\n"; !strings.Contains(f.YAML(), want) {
		t.Errorf("no %q in\n%s", want, f.YAML())
	}
	for _, c := range []struct{ name, value, want string }{
		{"gaba.w", "", `--param:1:1: --param needs NAME=FROM:TO:POINTS or NAME=A,B,C
  gaba.w=
  ^`},
		{"gaba.v", "0:1:3", `--param:1:1: gaba has no parameter or state "v"
  gaba.v=0:1:3
  ^
  hint: did you mean gaba.w?`},
		{"gaba.w", "0:1", `--param:1:8: the points are FROM:TO:POINTS or A,B,C, or with --design FROM:TO, not "0:1"
  gaba.w=0:1
         ^`},
		{"gaba.w", "0:x:3", `--param:1:10: unknown name "x" in to
  gaba.w=0:x:3
           ^`},
		{"gaba.w", "0,,3", `--param:1:10: a value of a sweep has no value
  gaba.w=0,,3
           ^`},
		{"cells.size", "1,2.5", `--param:1:14: with cells.size=2.5 of the sweep: the size of cells is a whole number of at least 1, not 2.5
  cells.size=1,2.5
               ^`},
	} {
		_, err := loadWith(t, LoadOptions{Params: []Override{{c.name, c.value}}})
		if err == nil {
			t.Errorf("--param %s=%s: no error", c.name, c.value)
		} else if got := err.Error(); got != c.want {
			t.Errorf("--param %s=%s: got\n%s\nwant\n%s", c.name, c.value, got, c.want)
		}
	}
}

func TestPortable(t *testing.T) {
	f, err := loadWith(t, LoadOptions{Set: []Override{
		{"cells.V", "@/a/v.npy"}, {"cells.R", "@/b/v.npy"}, {"cells.tau", "file(v.npy)"}, {"cells.t_ref", "file(./v.npy)"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	text, copies := f.Portable()
	for _, want := range []string{"tau: file(data/v.npy), R: file(data/v_2.npy), t_ref: file(data/v.npy)", "V: file(data/v_3.npy)"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	want := map[string]string{"data/v.npy": "folder/v.npy", "data/v_2.npy": "/b/v.npy", "data/v_3.npy": "/a/v.npy"}
	for place, path := range want {
		if copies[place] != path {
			t.Errorf("%s is from %q, want %q", place, copies[place], path)
		}
	}
	if len(copies) != len(want) {
		t.Errorf("got %v", copies)
	}
	if strings.Contains(f.YAML(), "data/") {
		t.Error("Portable changed the file")
	}
}

func TestExamplesOfSweepsAndNames(t *testing.T) {
	f, _, err := Load("../examples/gamma.yaml", LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	m := f.Populations[0].Model
	if m.Quantity("alpha_h") == nil || m.Derivative("V") == nil || m.Parameter("gNa") == nil || m.State("h") == nil || !m.HasInput("inp") {
		t.Error("names of the model are missing")
	}
	if got := lang.Print(m.Spike); got != "V >= V_th" {
		t.Error(got)
	}
	if f.Projections[0].Synapses() != 9900 || f.Measures[0].Key != "cross_correlation" {
		t.Errorf("got %d, %s", f.Projections[0].Synapses(), f.Measures[0].Key)
	}
	// The values of numpy's linspace(0.0005, 0.0015, 11), which golden was made with.
	want := []float64{0.0005, 0.0006000000000000001, 0.0007, 0.0008, 0.0009, 0.001, 0.0011, 0.0012000000000000001, 0.0013, 0.0014000000000000002, 0.0015}
	for k, v := range f.Sweep.Axes[0].Values {
		if v != want[k] {
			t.Errorf("value %d is %v, want %v", k, v, want[k])
		}
	}
}
