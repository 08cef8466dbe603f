package network_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"gpusim/model"
	"gpusim/network"
)

// all is everything that a network's names stand for.
func all(t *testing.T, n *network.Network) string {
	t.Helper()
	text := ""
	for _, name := range n.Names() {
		v, err := n.Get(name)
		ok(t, err)
		text += fmt.Sprintf("%s %x\n", name, v)
	}
	return text
}

// TestKeepTakesBack sets what others read, what a state starts with and what is
// drawn, and has it taken back: all is as if it had not been.
func TestKeepTakesBack(t *testing.T) {
	f := parse(t, gamma(6, drawnInit, "k/N_pre", 20, "constants: {k: 0.06}"))
	n := compile(t, f, nil)
	before := all(t, n)
	first := trains(run(t, n, 20))
	names := []string{"k", "run.seed", "interneurons.V", "inputs.0.value", "gaba.alpha"}
	set := func() {
		t.Helper()
		ok(t, n.Set("k", 0.6))
		ok(t, n.Set("run.seed", uint64(7)))
		ok(t, n.Set("inputs.0.value", []float64{1, 2, 3, 4, 5, 6}))
		ok(t, n.Set("gaba.alpha", 5.0))
		ok(t, n.Set("interneurons.V", -61.0))
	}
	for range 2 {
		ok(t, n.Reset())
		back, err := n.Keep(names)
		ok(t, err)
		set()
		if trains(run(t, n, 20)) == first {
			t.Error("what was set changes nothing")
		}
		back()
		ok(t, n.Reset())
		if now := all(t, n); now != before {
			t.Errorf("it is\n%s, and was\n%s", now, before)
		}
		if trains(run(t, n, 20)) != first {
			t.Error("the run after it is another")
		}
	}

	// Between two steps: what waits for the device is forgotten, what the network
	// has gone on from stays.
	ok(t, n.Reset())
	run(t, n, 5)
	now := all(t, n)
	back, err := n.Keep([]string{"interneurons.V", "k"})
	ok(t, err)
	ok(t, n.Set("interneurons.V", -61.0))
	ok(t, n.Set("k", 1.0))
	back()
	if all(t, n) != now {
		t.Error("a state that waited is not forgotten")
	}
	back, err = n.Keep([]string{"interneurons.V"})
	ok(t, err)
	ok(t, n.Set("interneurons.V", -61.0))
	run(t, n, 0)
	back()
	if V, _ := n.Get("interneurons.V"); V[0] != -61 {
		t.Errorf("the state is %v", V[0])
	}

	if _, err := n.Keep([]string{"gaba.g_mx"}); !errors.Is(err, network.ErrUnknownName) {
		t.Error(err)
	}
	ok(t, n.Close())
	back()
	if _, err := n.Keep(nil); !errors.Is(err, network.ErrClosed) {
		t.Error(err)
	}
}

func TestDescribe(t *testing.T) {
	f := parse(t, gamma(4, drawnInit, "k", 20, "constants: {k: 0.06}"))
	n := compile(t, f, nil)
	infos, err := n.Describe()
	ok(t, err)
	byName := map[string]network.ValueInfo{}
	for _, x := range infos {
		byName[x.Name] = x
		v, err := n.Get(x.Name)
		ok(t, err)
		count := 1
		for _, d := range x.Shape {
			count *= d
		}
		if len(v) != count {
			t.Errorf("%s: %d values, and the shape is %v", x.Name, len(v), x.Shape)
		}
		if err := n.Set(x.Name, v); (err == nil) != x.Settable {
			t.Errorf("%s: settable is %v, and Set says %v", x.Name, x.Settable, err)
		}
	}
	for _, want := range []network.ValueInfo{
		{"k", "constant", "", nil, 1, true},
		{"interneurons.C", "parameter", "interneurons", nil, 4, true},
		{"interneurons.V", "state", "interneurons", []int{4}, 4, true},
		{"interneurons.inp", "accumulator", "interneurons", []int{4}, 4, true},
		{"interneurons.spike_condition", "kept", "interneurons", []int{4}, 4, true},
		{"gaba.g_max", "parameter", "gaba", nil, 12, true},
		{"gaba.s", "state", "gaba", []int{4}, 12, true},
		{"inputs.0.value", "input", "interneurons", nil, 4, true},
		{"run.seed", "seed", "", nil, 1, true},
	} {
		if got := byName[want.Name]; !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	ok(t, n.Set("gaba.g_max", make([]float64, 12)))
	ok(t, n.SetInput(0, model.PerTimeAndNeuron, "", make([]float64, 12), 1))
	for name, want := range map[string][]int{"gaba.g_max": {12}, "inputs.0.value": {3, 4}} {
		if got, err := n.Shape(name); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s has the shape %v, %v, want %v", name, got, err, want)
		}
	}
	if _, err := n.Shape("gaba.x"); !errors.Is(err, network.ErrUnknownName) {
		t.Error(err)
	}
}

// TestCopiesEqualSweeps runs points again and again on one compiled network,
// between changes of the network that it follows, and compares each time with a
// sweep of a file that says the same, bit for bit.
func TestCopiesEqualSweeps(t *testing.T) {
	text := func(more string) *model.File {
		return parse(t, gamma(12, drawnInit, "k", 30, "constants: {k: 0.01}\n"+more))
	}
	f := text("")
	n := compile(t, f, nil)
	copies, err := n.NewCopies(f, 3)
	ok(t, err)
	defer func() { ok(t, copies.Close()) }()
	compare := func(what string, swept *model.File) {
		t.Helper()
		results, want := kept(t, swept, network.Batch)
		_, points := network.SweepPoints(swept.Sweep)
		got, r, err := copies.Run(context.Background(), want.Names, points, f.Steps())
		ok(t, err)
		if fmt.Sprintf("%v", got) != fmt.Sprintf("%v", want.Points) { // NaN is not equal to itself
			t.Errorf("%s: %+v\nwant %+v", what, got, want.Points)
		}
		for k := range points {
			one := *r
			one.Instances = r.Instances[k : k+1]
			if trains(&one) != results[k] {
				t.Errorf("%s: the spikes of point %d differ", what, k)
			}
		}
	}
	compare("a constant", text("sweep: {k: {values: [0.001, 0.1, 0.05]}}"))
	run(t, n, 7) // which is nothing to the copies
	compare("fewer points", text("sweep: {gaba.g_max: {values: [0.001, 0.1]}}"))
	compare("seeds", text("sweep: {run.seed: {values: [3, 4, 1]}}"))
	compare("starts", text("sweep: {interneurons.V: {values: [-60, -55, -20]}}"))
	compare("not finite", text("sweep: {interneurons.C: {values: [1, 0, 2]}}"))
	compare("two names", text("sweep: {inputs.0.value: {values: [0, 1, 2]}, k: {values: [1, 2, 3]}, zip: true}"))
	compare("again", text("sweep: {k: {values: [0.001, 0.1, 0.05]}}"))
	if built := copies.Counters().ProgramsBuilt; built != 1 {
		t.Errorf("%d programs built, want 1", built)
	}

	// It follows the network.
	ok(t, n.Reset())
	ok(t, n.Set("k", 0.02))
	ok(t, n.Set("run.seed", uint64(9)))
	ok(t, n.Set("interneurons.phi", []float64{5, 5, 4, 4, 5, 5, 4, 4, 5, 5, 4, 4}))
	ok(t, n.SetRecords("interneurons", []model.Record{{Name: "h", Every: 50}}))
	_, r, err := copies.Run(context.Background(), []string{"inputs.0.value"}, [][]float64{{1.3}, {1}}, f.Steps())
	ok(t, err)
	for k, value := range []float64{1.3, 1} {
		ok(t, n.Reset())
		ok(t, n.Set("inputs.0.value", value))
		single := run(t, n, 30)
		one := *r
		one.Instances = r.Instances[k : k+1]
		if trains(&one) != trains(single) {
			t.Errorf("point %d is not the run of the network that is followed", k)
		}
		V, err := n.Get("interneurons.V")
		ok(t, err)
		if W, err := copies.Get("interneurons.V", k); err != nil || !reflect.DeepEqual(V, W) {
			t.Errorf("point %d ends in %v, %v, the run in %v", k, W, err, V)
		}
	}

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, r, err := copies.Run(ctx, []string{"k"}, [][]float64{{1}}, 10); r != nil || !network.IsCancelled(err) {
		t.Errorf("cancelled: %v, %v", r, err)
	}
	if _, _, err := copies.Run(context.Background(), []string{"x"}, [][]float64{{1}}, 10); !errors.Is(err, network.ErrUnknownName) {
		t.Error(err)
	}
	ok(t, n.DropInput(0))
	if _, err := n.NewCopies(f, 2); !errors.Is(err, network.ErrStructure) || err.Error() != "inputs were added or dropped: copies are made of the inputs of the file" {
		t.Error(err)
	}
	ok(t, n.Close())
	if _, _, err := copies.Run(context.Background(), []string{"k"}, [][]float64{{1}}, 10); !errors.Is(err, network.ErrClosed) {
		t.Error(err)
	}
	if _, err := n.NewCopies(f, 2); !errors.Is(err, network.ErrClosed) {
		t.Error(err)
	}
}
