package language

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/model"
	"gpusim/network"
	"gpusim/tests/outcome"
)

// array is what a .npy file of a test holds.
type array struct {
	shape []int
	data  []float64
}

func vector(x ...float64) array { return array{[]int{len(x)}, x} }

// parse reads a network file; NAME=VALUE in set are as of the flag.
func parse(text string, arrays map[string]array, set ...string) (*model.File, []string, error) {
	o := model.LoadOptions{ReadArray: func(path string) ([]float64, []int, error) {
		a, ok := arrays[filepath.Base(path)]
		if !ok {
			return nil, nil, fmt.Errorf("there is no %s", path)
		}
		return a.data, a.shape, nil
	}}
	for _, s := range set {
		name, value, _ := strings.Cut(s, "=")
		o.Set = append(o.Set, model.Override{Name: name, Value: value})
	}
	f, notes, err := model.Parse("test.yaml", []byte("gpusim: 1\n"+text), "", o)
	var remarks []string
	for _, n := range notes {
		remarks = append(remarks, n.Msg)
	}
	return f, remarks, err
}

func mustParse(t *testing.T, text string, arrays map[string]array, set ...string) *model.File {
	t.Helper()
	f, _, err := parse(text, arrays, set...)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return f
}

// engines are the float64 engine, and the device for both forms of kernel.
func engines(t *testing.T) map[string]network.Device {
	t.Helper()
	list := map[string]network.Device{"cpu": cpuref.New()}
	for _, form := range []string{gpu.FormFused, gpu.FormStepped} {
		d, err := gpu.Open(gpu.Options{Form: form, Invocations: 8})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
		list[form] = d
	}
	return list
}

// left is what a run left.
type left struct {
	file *model.File
	r    *network.Result
	net  *network.Network
}

// onEach runs a file on every engine, or on those that are named, in three pieces,
// and has what it left looked at.
func onEach(t *testing.T, f *model.File, look func(t *testing.T, x left), only ...string) {
	t.Helper()
	for name, dev := range engines(t) {
		if len(only) > 0 && !slices.Contains(only, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			net, err := network.Compile(f, dev, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer net.Close()
			r := outcome.Run(t, net, f.Steps(), 3)
			if bad := r.Instances[0].Bad; bad != nil {
				t.Fatal(bad)
			}
			look(t, left{f, r, net})
		})
	}
}

// trace gives a record: its steps, and a row for each.
func (x left) trace(t *testing.T, name string) (steps []int64, rows [][]float64) {
	t.Helper()
	for _, tr := range x.r.Instances[0].Traces {
		if tr.Name == name {
			for row := range tr.Steps {
				rows = append(rows, tr.Data[row*tr.Len:(row+1)*tr.Len])
			}
			return tr.Steps, rows
		}
	}
	t.Fatalf("%s is not recorded", name)
	return nil, nil
}

// same compares a record with the values wanted: after step s, of element k.
func (x left) same(t *testing.T, name string, width int, want func(step int64, k int) float64) {
	t.Helper()
	steps, rows := x.trace(t, name)
	if len(steps) == 0 {
		t.Errorf("%s: no rows", name)
	}
	for r, step := range steps {
		if len(rows[r]) != width {
			t.Fatalf("%s: %d elements a row, expected %d", name, len(rows[r]), width)
		}
		for k, got := range rows[r] {
			if w := want(step, k); !near(got, w) {
				t.Errorf("%s after step %d, element %d: %v, expected %v", name, step, k, got, w)
				return
			}
		}
	}
}

// near allows what float32 rounds.
func near(got, want float64) bool {
	return math.Abs(got-want) <= 1e-5*max(1, math.Abs(want)) || math.IsNaN(got) && math.IsNaN(want)
}

// start gives the starting values of a state or the value of a parameter.
func (x left) get(t *testing.T, name string) []float64 {
	t.Helper()
	v, err := x.net.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
