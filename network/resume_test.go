package network_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gpusim/checkpoint"
	"gpusim/cpuref"
	"gpusim/model"
	"gpusim/model/npy"
	"gpusim/network"
)

// resumeText has a delay line, a flag, a refractory time, arrays, and values to set.
const resumeText = `gpusim: 1
dt: 0.1
constants: {k: 1}
models:
  lif: {kind: neuron, parameters: {tau: 10}, state: {V: 0}, input: I, equations: "dV/dt = (I - V)/tau", spike: V > 1, reset: V = 0, refractory: 2}
  osc: {kind: neuron, parameters: {a: 1}, state: {x: 0}, input: I, equations: dx/dt = a*sin(x + 1) + I, spike: x > 1}
  kick: {kind: synapse, parameters: {w: 0.1}, state: {s: 0}, equations: ds/dt = -s, on_pre: s += w, output: post.I += s}
populations:
  cells: {model: lif, size: 4, groups: {E: [0, 3]}, init: {V: file(v.npy)}, record: [spikes, V]}
  others: {model: osc, size: 2, parameters: {a: k}}
projections:
  p: {model: kick, from: cells, to: others, connect: {all_to_all: {}}, delay: 1}
inputs: [{to: cells.I, value: 2}, {to: others.I, value: "0.1*sin(t)"}, {to: cells.I, value: 0.5}]
run: {duration: 40, seed: 1}
measure: [{voltage_fluctuation: {of: cells}}]
`

func resumeFile(t testing.TB, text string) *model.File {
	t.Helper()
	f, _, err := model.Parse("net.yaml", []byte(text), "d", model.LoadOptions{
		ReadArray: func(string) ([]float64, []int, error) { return []float64{0, 0.3, 0.6, 0.9}, []int{4}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// checkpointOf gives a checkpoint of a network of two instances in which everything
// was changed that can be.
func checkpointOf(t testing.TB) *checkpoint.Checkpoint {
	t.Helper()
	f := resumeFile(t, resumeText)
	n, err := network.Compile(f, cpuref.New(), &network.Options{Instances: 2})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	_, err = n.RunSteps(context.Background(), 30)
	added := *f.Inputs[1]
	added.Group = nil
	toGroup := *f.Inputs[0]
	toGroup.Group = f.Populations[0].Groups[0]
	for _, err := range []error{
		err,
		n.SetEach("cells.tau", [][]float64{{8, 9, 10, 11}, {9, 9, 9, 9}}),
		n.SetInstances("run.seed", []float64{4, 5}),
		n.Set("k", 2),
		n.SetInput(0, model.PerTime, "add", slices.Repeat([]float64{2, 3}, 100), 1),
		n.DropInput(2),
		n.AddInput(added, toGroup),
		n.SetRecords("others", []model.Record{{Name: "x", Every: 5, Of: []int{1}}}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := n.RunSteps(context.Background(), 11); err != nil {
		t.Fatal(err)
	}
	c, err := n.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// read takes a checkpoint through a file.
func read(t testing.TB, c *checkpoint.Checkpoint) *checkpoint.Checkpoint {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c")
	if err := c.Write(path); err != nil {
		t.Fatal(err)
	}
	c, err := checkpoint.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCheckpointAgain: a network that was resumed has the checkpoint that it was
// resumed from.
func TestCheckpointAgain(t *testing.T) {
	c := read(t, checkpointOf(t))
	n, err := network.Resume(nil, cpuref.New(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	again, err := n.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	if again = read(t, again); !reflect.DeepEqual(c, again) {
		was, _ := json.MarshalIndent(c, "", " ")
		is, _ := json.MarshalIndent(again, "", " ")
		t.Errorf("the checkpoint was\n%s\nand is\n%s", was, is)
	}
	if !reflect.DeepEqual(c.Array("data/v.npy"), again.Array("data/v.npy")) {
		t.Error("the array is another")
	}
	data, _, err := npy.Decode(c.Array("data/v.npy"))
	if err != nil || !slices.Equal(data, []float64{0, 0.3, 0.6, 0.9}) {
		t.Errorf("%v, %v", data, err)
	}
}

// TestEveryVariable: nothing that a step carries on is left out.
func TestEveryVariable(t *testing.T) {
	var names []string
	for _, v := range checkpointOf(t).Variables {
		names = append(names, v.Name)
	}
	want := "cells.V cells.I cells.last_spike_step cells.spiked others.x others.I others.spike_condition cells.spiked.line p.s"
	slices.Sort(names)
	if got := strings.Fields(want); !slices.Equal(names, slices.Sorted(slices.Values(got))) {
		t.Errorf("variables %v, want %v", names, got)
	}
}

// TestNaNGoesThrough: a state that is not finite is resumed as it is.
func TestNaNGoesThrough(t *testing.T) {
	c := checkpointOf(t)
	for i := range c.Variables {
		if v := &c.Variables[i]; v.Name == "others.x" {
			copy(v.Data.Data, []float64{math.NaN(), math.Inf(-1), 1, 2})
		}
	}
	n, err := network.Resume(nil, cpuref.New(), read(t, c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	x, err := n.Get("others.x")
	if err != nil || !math.IsNaN(x[0]) || !math.IsInf(x[1], -1) {
		t.Errorf("%v, %v", x, err)
	}
	r, err := n.RunSteps(context.Background(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if r.Instances[0].Bad == nil || r.Instances[1].Bad != nil {
		t.Errorf("%v and %v", r.Instances[0].Bad, r.Instances[1].Bad)
	}
}

// played is the float64 engine under another name.
type played struct {
	network.Device
	info network.DeviceInfo
}

func (p played) Info() network.DeviceInfo { return p.info }

// TestOtherCheckpoints: what a checkpoint cannot go on with is refused with the reason.
func TestOtherCheckpoints(t *testing.T) {
	c := checkpointOf(t)
	dev := cpuref.New()
	gpu := played{dev, network.DeviceInfo{Device: "a card", Driver: "4.3", Engine: "gpu", Precision: "float32"}}
	longer := resumeFile(t, strings.Replace(resumeText, "duration: 40", "duration: 90", 1))
	for _, x := range []struct {
		name string
		file *model.File
		dev  network.Device
		edit func(c *checkpoint.Checkpoint)
		is   error
		want string
	}{
		{"the same", nil, dev, func(*checkpoint.Checkpoint) {}, nil, ""},
		{"a longer run", longer, dev, func(*checkpoint.Checkpoint) {}, nil, ""},
		{"another network", resumeFile(t, strings.Replace(resumeText, "tau: 10", "tau: 11", 1)), dev, nil, network.ErrOther, "the checkpoint is of another network than net.yaml"},
		{"another engine", nil, gpu, nil, network.ErrOther, "the checkpoint was computed in float64 on the engine cpu, which cannot be continued in float32 on the engine gpu"},
		{"another compiler", nil, dev, func(c *checkpoint.Checkpoint) { c.Program = "0" }, network.ErrOther, "the checkpoint is of another step program: another version of gpusim has written it"},
		{"no array", nil, dev, func(c *checkpoint.Checkpoint) { c.Arrays = nil }, nil, "net.yaml:31:63: the array cannot be read: data/v.npy is not in the checkpoint"},
		{"no instances", nil, dev, func(c *checkpoint.Checkpoint) { c.Instances = 0 }, checkpoint.ErrDamaged, "the checkpoint is damaged: it has 0 instances"},
		{"seeds", nil, dev, func(c *checkpoint.Checkpoint) { c.Seeds = nil }, checkpoint.ErrDamaged, "the checkpoint is damaged: it has 0 seeds for 2 instances"},
		{"step", nil, dev, func(c *checkpoint.Checkpoint) { c.Clock.Step = -1 }, checkpoint.ErrDamaged, "the checkpoint is damaged: its clock is at step -1 of a run from step 0"},
		{"clock", nil, dev, func(c *checkpoint.Checkpoint) { c.Clock.StartMs = 3 }, checkpoint.ErrDamaged, "the checkpoint is damaged: its clock is at 4.1000000000000005 ms of a run from 3 ms in steps of 0.1 ms"},
		{"rows", nil, dev, func(c *checkpoint.Checkpoint) { c.Values[0].Rows = 3 }, checkpoint.ErrDamaged, `the checkpoint is damaged: "k" has 1 numbers in 3 rows`},
		{"value", nil, dev, func(c *checkpoint.Checkpoint) { c.Values[1].Dim = "synapse" }, checkpoint.ErrDamaged, `the checkpoint is damaged: "cells.tau" has 4 numbers for each of dimension "synapse"`},
		{"value of nothing", nil, dev, func(c *checkpoint.Checkpoint) { c.Values[0].Name = "cells.taw" }, checkpoint.ErrDamaged, `the checkpoint is damaged: there is no "cells.taw" in this network; did you mean cells.tau?`},
		{"input", nil, dev, func(c *checkpoint.Checkpoint) { c.Inputs[1].Number = 7 }, checkpoint.ErrDamaged, "the checkpoint is damaged: there is no input 7"},
		{"inputs", nil, dev, func(c *checkpoint.Checkpoint) { c.DroppedInputs = nil }, checkpoint.ErrDamaged, "the checkpoint is damaged: it has 2 inputs of the file, expected 3"},
		{"kind of input", nil, dev, func(c *checkpoint.Checkpoint) { c.Inputs[0].Op = "plus" }, checkpoint.ErrDamaged, `the checkpoint is damaged: the input to cells.I cannot be of kind "per_time" and operation "plus"`},
		{"samples", nil, dev, func(c *checkpoint.Checkpoint) { c.Inputs[0].Given.Dim = "neuron" }, checkpoint.ErrDamaged, `the checkpoint is damaged: the input to cells.I has 200 numbers of dimension "neuron"`},
		{"input to nothing", nil, dev, func(c *checkpoint.Checkpoint) { c.Inputs[2].Target = "J" }, checkpoint.ErrDamaged, "the checkpoint is damaged: there is no others.J"},
		{"input to no group", nil, dev, func(c *checkpoint.Checkpoint) { c.Inputs[3].Group = "F" }, checkpoint.ErrDamaged, "the checkpoint is damaged: there is no cells.F"},
		{"expression", nil, dev, func(c *checkpoint.Checkpoint) { c.Inputs[2].Expression = "x + t" }, checkpoint.ErrDamaged, `the checkpoint is damaged: the input to others.I cannot have the value "x + t"`},
		{"record", nil, dev, func(c *checkpoint.Checkpoint) { c.Records[0].List[0].Name = "y" }, checkpoint.ErrDamaged, "the checkpoint is damaged: others.y cannot be recorded every 5 steps"},
		{"state missing", nil, dev, func(c *checkpoint.Checkpoint) { c.Variables = c.Variables[1:] }, checkpoint.ErrDamaged, "the checkpoint is damaged: it has no cells.V"},
		{"state too much", nil, dev, func(c *checkpoint.Checkpoint) { c.Variables = append(c.Variables, c.Variables[0]) }, checkpoint.ErrDamaged, "the checkpoint is damaged: it has 10 variables, expected 9"},
		{"state of another length", nil, dev, func(c *checkpoint.Checkpoint) { c.Variables[0].Data.Data = c.Variables[0].Data.Data[1:] }, checkpoint.ErrDamaged, `the checkpoint is damaged: cells.V has 7 numbers of dimension "neuron", expected 8 of "neuron"`},
		{"impossible flag", nil, dev, func(c *checkpoint.Checkpoint) {
			for i := range c.Variables {
				if c.Variables[i].Name == "cells.spiked" {
					c.Variables[i].Data.Data[0] = 0.5
				}
			}
		}, checkpoint.ErrDamaged, "the checkpoint is damaged: cells.spiked cannot be 0.5"},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := read(t, c)
			if x.edit != nil {
				x.edit(c)
			}
			n, err := network.Resume(x.file, x.dev, c, nil)
			switch {
			case x.want == "" && err == nil:
				if err := n.Close(); err != nil {
					t.Error(err)
				}
			case err == nil || !strings.HasPrefix(err.Error(), x.want) || x.want == "" || x.is != nil && !errors.Is(err, x.is):
				t.Errorf("got %v, want %s", err, x.want)
			}
		})
	}
	var told []string
	other := played{dev, dev.Info()}
	other.info.Device = "another processor"
	n, err := network.Resume(nil, other, c, &network.Options{Note: func(s string) { told = append(told, s) }})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if len(told) != 1 || !strings.HasPrefix(told[0], "The checkpoint was written on ") || !strings.Contains(told[0], "On another processor (") ||
		!strings.HasSuffix(told[0], ") the results may differ in their last bits.") {
		t.Errorf("told %q", told)
	}
}

// TestSpoiledAnywhere: whatever field of a checkpoint is another, resuming refuses it
// or makes a network that runs; nothing panics.
func TestSpoiledAnywhere(t *testing.T) {
	whole := read(t, checkpointOf(t))
	tries := 0
	try := func(what string) {
		t.Helper()
		tries++
		defer func() {
			if r := recover(); r != nil {
				t.Errorf("%s: panic: %v", what, r)
			}
		}()
		n, err := network.Resume(nil, cpuref.New(), whole, nil)
		if err != nil {
			return
		}
		defer n.Close()
		_, _ = n.RunSteps(context.Background(), 3) // an error is one way to refuse
		_ = n.Reset()
		_, _ = n.RunSteps(context.Background(), 3)
	}
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		with := func(values ...any) {
			for _, x := range values {
				v.Set(reflect.ValueOf(x).Convert(v.Type()))
				try(path)
			}
			v.Set(old)
		}
		switch v.Kind() {
		case reflect.String:
			with("", "x", "t", "cells", "per_neuron", "sample", "row")
		case reflect.Bool:
			with(!v.Bool())
		case reflect.Int, reflect.Int64:
			with(-2, -1, 0, 1, 3, 1<<40, math.MaxInt64)
		case reflect.Float64:
			with(math.NaN(), math.Inf(1), -1.0, 0.0, 1e300)
		case reflect.Pointer:
			if !v.IsNil() {
				v.SetZero()
				try(path)
				v.Set(old)
				walk(path, v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i))
			}
		case reflect.Slice:
			if bytes.HasSuffix([]byte(path), []byte(".Run")) {
				return
			}
			v.SetZero()
			try(path + " gone")
			if v.Set(old); v.Len() > 0 {
				v.Set(v.Slice(0, v.Len()-1))
				try(path + " shorter")
				v.Set(reflect.AppendSlice(reflect.MakeSlice(v.Type(), 0, 0), old))
				v.Set(reflect.Append(v, old.Index(0)))
				try(path + " longer")
				v.Set(old)
				walk(path+"[0]", v.Index(0))
			}
			if v.Type().Elem().Kind() == reflect.Struct {
				for i := 1; i < v.Len(); i++ {
					walk(path, v.Index(i))
				}
			}
		}
	}
	walk("", reflect.ValueOf(whole).Elem())
	t.Logf("%d tries", tries)
	if tries < 300 {
		t.Errorf("%d tries are too few", tries)
	}
}

// TestResumedRecordsKeepTheirNames: two recordings of one variable that were asked for
// through the API go by the names that they had.
func TestResumedRecordsKeepTheirNames(t *testing.T) {
	f := resumeFile(t, resumeText)
	n, err := network.Compile(f, cpuref.New(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	err = n.SetRecords("cells", []model.Record{{Name: "V", Of: []int{0, 2}}, {Name: "V", Mean: true}, {Name: "I", Key: "current"}})
	if err != nil {
		t.Fatal(err)
	}
	want, err := n.Recordings()
	if err != nil {
		t.Fatal(err)
	}
	c, err := n.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	r, err := network.Resume(f, cpuref.New(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := r.Recordings()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) || len(want) != 4 { // one is the measure's
		t.Errorf("recordings %v, want %v", got, want)
	}
}
