package launch

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"gpusim/gpu"
	"gpusim/model"
	"gpusim/network"
	"gpusim/tests/meter"
)

// TestBatchLaunch: all points of a sweep in one launch build what one run
// builds and dispatch as often.
func TestBatchLaunch(t *testing.T) {
	f := parse(t)
	d, m := meter.Open(t, plain())
	n, err := network.Compile(f, d, nil)
	ok(t, err)
	_, err = n.Run(context.Background(), f.Run.Duration)
	ok(t, err)
	c := n.Counters()
	ok(t, n.Close())
	one := m.Mark()
	one.Agree(t, "one run", c)
	meter.Want(t, "one run: glLinkProgram", one.Calls["glLinkProgram"], 1)
	meter.Want(t, "one run: glDispatchCompute", one.Calls["glDispatchCompute"], slices100)
	meter.Want(t, "one run: programs that the planner tried", c.Plan.Programs, 0)

	r, err := network.Sweep(context.Background(), f, d, nil)
	ok(t, err)
	batch := m.Mark()
	batch.Agree(t, "batch", r.Counters)
	meter.Want(t, "batch: points", len(r.Points), 11)
	meter.Want(t, "batch: instances", r.Instances, 11)
	for _, name := range []string{"glCompileShader", "glLinkProgram", "glDispatchCompute", "glBufferSubData", "glGetBufferSubData", "glGenBuffers"} {
		meter.Want(t, "batch: "+name, batch.Calls[name], one.Calls[name]+map[string]int{
			"glBufferSubData": 1, // the parameter table: g_max has a value an instance now
		}[name])
	}
	meter.Want(t, "batch: rebuilds", r.Counters.Rebuilds, 0)
	// 11 values of g_max instead of one, and the table a second time.
	if more := int(meter.Total(batch.Up) - meter.Total(one.Up)); !slices.Contains(one.Up, more-40) {
		t.Errorf("batch: uploads of %v bytes, want those of one run, %v, 40 more for g_max, and the table again", batch.Up, one.Up)
	}
}

// TestPlanCounts: where the planner chooses, its work is counted apart, and
// nothing is left out.
func TestPlanCounts(t *testing.T) {
	f := parse(t)
	d, m := meter.Open(t, gpu.Options{})
	for _, mode := range []network.Mode{network.Batch, network.Repeat} {
		r, err := network.Sweep(context.Background(), f, d, &network.SweepOptions{Mode: mode})
		ok(t, err)
		w := m.Mark()
		w.Agree(t, fmt.Sprintf("mode %d", mode), r.Counters)
		meter.Want(t, "programs built", r.Counters.ProgramsBuilt, 1)
		if len(w.Down) == 0 || len(w.Up) == 0 {
			t.Error("the meter saw nothing")
		}
	}
}

// TestRepeatUploads: one point after another builds nothing after the first,
// and uploads the four bytes of g_max a point.
func TestRepeatUploads(t *testing.T) {
	f := parse(t)
	d, m := meter.Open(t, plain())
	n, err := network.Compile(f, d, nil)
	ok(t, err)
	_, err = n.Run(context.Background(), f.Run.Duration)
	ok(t, err)
	ok(t, n.Close())
	one := m.Mark()

	r, err := network.Sweep(context.Background(), f, d, &network.SweepOptions{Mode: network.Repeat})
	ok(t, err)
	w := m.Mark()
	w.Agree(t, "repeat", r.Counters)
	meter.Want(t, "repeat: points", len(r.Points), 11)
	meter.Want(t, "repeat: glLinkProgram", w.Calls["glLinkProgram"], 1)
	meter.Want(t, "repeat: glCompileShader", w.Calls["glCompileShader"], 1)
	meter.Want(t, "repeat: rebuilds", r.Counters.Rebuilds, 0)
	meter.Want(t, "repeat: glDispatchCompute", w.Calls["glDispatchCompute"], 11*slices100)
	meter.Want(t, "repeat: glGenBuffers", w.Calls["glGenBuffers"], one.Calls["glGenBuffers"])
	meter.WantList(t, "repeat: uploads", w.Up, append(slices.Clone(one.Up), slices.Repeat([]int{4}, 10)...)...)
	meter.WantList(t, "repeat: downloads", w.Down, slices.Repeat(one.Down, 11)...)
}

// TestTransfers: each thing that one may do with a compiled network moves
// exactly the bytes that changed or were asked for, and builds nothing.
func TestTransfers(t *testing.T) {
	const size = 100
	f := parse(t)
	d, m := meter.Open(t, plain())
	var notes []string
	n, err := network.Compile(f, d, &network.Options{Note: func(s string) { notes = append(notes, s) }})
	ok(t, err)
	defer func() { ok(t, n.Close()) }()
	run := func() {
		t.Helper()
		_, err := n.RunSteps(context.Background(), 40)
		ok(t, err)
	}
	// Of 40 steps come down: the status of the instance, and two words of
	// spikes a neuron.
	run()
	m.Mark()
	run()
	w := m.Mark()
	meter.WantList(t, "running again: uploads", w.Up)
	if len(w.Down) != 2 || w.Down[1] != size*4*2 || w.Down[0] > 64 {
		t.Errorf("running again: downloads of %v bytes, want a status and %d", w.Down, size*4*2)
	}
	ofRun := w.Down

	array := func(from, to float64) []float64 {
		x := make([]float64, size)
		for i := range x {
			x[i] = from + (to-from)*float64(i)/size
		}
		return x
	}
	set := func(name string, value any) func() {
		return func() { t.Helper(); ok(t, n.Set(name, value)) }
	}
	reset := func() { t.Helper(); ok(t, n.Reset()) }
	get := func(name string, elements int) func() {
		return func() {
			t.Helper()
			x, err := n.Get(name)
			ok(t, err)
			meter.Want(t, "elements of "+name, len(x), elements)
		}
	}
	for _, step := range []struct {
		what     string
		do       []func()
		up, down []int
	}{
		{"nothing", nil, nil, nil},
		{"another g_max", []func(){set("gaba.g_max", 0.0007)}, []int{4}, nil},
		{"the same g_max", []func(){set("gaba.g_max", 0.0007)}, nil, nil},
		{"g_max set twice", []func(){set("gaba.g_max", 0.0008), set("gaba.g_max", 0.0009)}, []int{4}, nil},
		{"g_max there and back", []func(){set("gaba.g_max", 0.0008), set("gaba.g_max", 0.0009)}, nil, nil},
		{"the input", []func(){set("inputs.0.value", 1.3)}, []int{4}, nil},
		{"two parameters", []func(){set("interneurons.gL", 0.11), set("gaba.E", -74)}, []int{4, 4}, nil},
		{"V, an array", []func(){set("interneurons.V", array(-70, -55))}, []int{4 * size}, nil},
		{"V again", []func(){set("interneurons.V", array(-70, -56))}, []int{4 * size}, nil},
		{"s, an array", []func(){set("gaba.s", array(0, 0.2))}, []int{4 * size}, nil},
		{"reset", []func(){reset}, nil, nil},
		{"reset twice", []func(){reset, reset}, nil, nil},
		{"reset, another g_max", []func(){reset, set("gaba.g_max", 0.0011)}, []int{4}, nil},
		{"reading V", []func(){get("interneurons.V", size)}, nil, []int{4 * size}},
		{"reading h, n, s", []func(){get("interneurons.h", size), get("interneurons.n", size), get("gaba.s", size)}, nil, []int{4 * size, 4 * size, 4 * size}},
		{"reading g_max", []func(){get("gaba.g_max", 1)}, nil, nil},
		// A start of V is one of h and n too, whose expressions read it.
		{"a start of V", []func(){reset, set("interneurons.V", array(-69, -52))}, []int{4 * size, 4 * size, 4 * size}, nil},
		{"back at it", []func(){reset}, nil, nil},
		{"a start of h", []func(){reset, set("interneurons.h", array(0.1, 0.9))}, []int{4 * size}, nil},
		{"the same start of h", []func(){reset, set("interneurons.h", array(0.1, 0.9))}, nil, nil},
		{"a seed that nothing reads", []func(){reset, set("run.seed", 5)}, nil, nil},
	} {
		for _, do := range step.do {
			do()
		}
		run()
		w := m.Mark()
		meter.WantList(t, step.what+": uploads", w.Up, step.up...)
		meter.WantList(t, step.what+": downloads", w.Down, append(slices.Clone(step.down), ofRun...)...)
		meter.Want(t, step.what+": programs", w.Built(), 0)
		meter.Want(t, step.what+": dispatches", w.Calls["glDispatchCompute"], 1)
		meter.Want(t, step.what+": buffers made", w.Calls["glBufferData"]+w.Calls["glGenBuffers"], 0)
	}
	meter.Want(t, "rebuilds", n.Rebuilds(), 0)
	meter.Want(t, "notes", len(notes), 0)

	// One value a neuron where one was for all is another structure, once.
	ok(t, n.Set("interneurons.gL", array(0.09, 0.12)))
	run()
	meter.Want(t, "gL a neuron: programs", m.Mark().Built(), 1)
	meter.Want(t, "gL a neuron: rebuilds", n.Rebuilds(), 1)
	ok(t, n.Set("interneurons.gL", array(0.1, 0.11)))
	run()
	w = m.Mark()
	meter.Want(t, "another gL a neuron: programs", w.Built(), 0)
	meter.WantList(t, "another gL a neuron: uploads", w.Up, 4*size)
	ok(t, n.SetInput(0, model.PerNeuron, "", array(1, 1.4), 0))
	run()
	m.Mark()
	ok(t, n.SetInput(0, model.PerNeuron, "", array(1.1, 1.3), 0))
	run()
	w = m.Mark()
	meter.WantList(t, "another input a neuron: uploads", w.Up, 4*size)
	meter.Want(t, "another input a neuron: programs", w.Built(), 0)
	wantNotes := []string{
		`The current "interneurons.gL" shape (100,) is different from the last shape (). The network will be rebuilt.`,
		`The current "interneurons.inp" input shape (100,) is different from the last input shape (). The network will be rebuilt.`,
	}
	if !slices.Equal(notes, wantNotes) {
		t.Errorf("the messages are %q, want %q", notes, wantNotes)
	}
}

// TestSetInstances: a number an instance is four bytes an instance.
func TestSetInstances(t *testing.T) {
	f := parse(t)
	d, m := meter.Open(t, plain())
	n, err := network.Compile(f, d, &network.Options{Instances: 11})
	ok(t, err)
	defer func() { ok(t, n.Close()) }()
	values := gMax(t)
	ok(t, n.SetInstances("gaba.g_max", values))
	_, err = n.RunSteps(context.Background(), 32)
	ok(t, err)
	m.Mark()
	slices.Reverse(values)
	ok(t, n.SetInstances("gaba.g_max", values))
	ok(t, n.Reset())
	_, err = n.RunSteps(context.Background(), 32)
	ok(t, err)
	w := m.Mark()
	meter.WantList(t, "11 values of g_max: uploads", w.Up, 44)
	meter.Want(t, "11 values of g_max: programs", w.Built(), 0)
	x, err := n.GetInstance("interneurons.V", 7)
	ok(t, err)
	meter.WantList(t, "V of one instance: downloads", m.Mark().Down, 4*len(x))
}

// TestThousandRuns: a thousand times Set, Run, Get, Reset hold no more memory
// than one, and rebuilds and networks give back what they took.
func TestThousandRuns(t *testing.T) {
	f := parse(t)
	d, m := meter.Open(t, plain())
	n, err := network.Compile(f, d, nil)
	ok(t, err)
	cycle := func(k int) {
		ok(t, n.Set("gaba.g_max", 0.001*float64(1+k%3)))
		_, err := n.RunSteps(context.Background(), 3+k%40)
		ok(t, err)
		x, err := n.Get("interneurons.V")
		ok(t, err)
		if math.IsNaN(x[0]) {
			t.Fatal("V is NaN")
		}
		ok(t, n.Reset())
	}
	cycle(0)
	live := func() [3]int64 {
		c := d.Context().Counters()
		return [3]int64{int64(c.LiveBuffers), c.LiveBytes, int64(c.LivePrograms)}
	}
	before := live()
	m.Mark()
	for k := range 1000 {
		cycle(k + 1)
	}
	w := m.Mark()
	meter.Want(t, "buffers, bytes and programs after 1000 runs", live(), before)
	for _, name := range []string{"glGenBuffers", "glBufferData", "glDeleteBuffers", "glLinkProgram", "glCompileShader"} {
		meter.Want(t, "1000 runs: "+name, w.Calls[name], 0)
	}
	meter.Want(t, "1000 runs: glDispatchCompute", w.Calls["glDispatchCompute"], 1000)
	meter.WantList(t, "1000 runs: uploads", w.Up, slices.Repeat([]int{4}, 1000)...)

	for k := range 10 {
		kind, value := model.Constant, []float64{1.2}
		if k%2 == 0 {
			kind, value = model.PerNeuron, slices.Repeat(value, 100)
		}
		ok(t, n.SetInput(0, kind, "", value, 0))
		cycle(k)
	}
	meter.Want(t, "rebuilds", n.Rebuilds(), 10)
	meter.Want(t, "buffers, bytes and programs after rebuilds", live(), before)
	ok(t, n.Close())
	meter.Want(t, "buffers, bytes and programs after the network was closed", live(), [3]int64{})
	for range 10 {
		_, err := network.Sweep(context.Background(), f, d, nil)
		ok(t, err)
	}
	meter.Want(t, "buffers, bytes and programs after sweeps", live(), [3]int64{})
	c := d.Context().Counters()
	m.Mark()
	meter.Want(t, "the context's dispatches", c.Dispatches, m.All()["glDispatchCompute"])
	meter.Want(t, "the context's programs", c.ProgramsBuilt, m.All()["glLinkProgram"])
	meter.Want(t, "the context's uploads", c.Uploads, m.All()["glBufferSubData"])
	meter.Want(t, "the context's downloads", c.Downloads, m.All()["glGetBufferSubData"])
	meter.Want(t, "buffers made and deleted", m.All()["glGenBuffers"], m.All()["glDeleteBuffers"])
}
