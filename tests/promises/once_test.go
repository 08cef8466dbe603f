package promises

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"gpusim/gpu"
	"gpusim/model"
	"gpusim/model/lang"
	"gpusim/network"
	"gpusim/tests/meter"
	"gpusim/tests/outcome"
)

// TestCompiledOnceAndCounted is promises 1 and 2, counted in the function table
// of OpenGL: a network is compiled once; a new value of any parameter, state or
// input, in the shape that it had, compiles nothing and uploads its bytes, those
// that are on the device and no other; a run downloads what it leaves, and
// reading a state its bytes; and a change of structure compiles once, and is
// told.
func TestCompiledOnceAndCounted(t *testing.T) {
	for i, n := range networks() {
		for j, form := range forms {
			if form == "fused" && n.steppedOnly {
				continue
			}
			for k, count := range instances {
				w, runs := turn(invocations, i+j+k), pieces
				if count > 5 {
					runs = []int{turn(pieces, i+j)}
				}
				t.Run(fmt.Sprintf("%s/%s/%d/%d", n.name, form, w, count), func(t *testing.T) { n.counts(t, form, w, count, runs) })
			}
		}
	}
}

// turn takes elements of an axis in turns, where not all of its values meet all
// of the others': each pair of values of two axes occurs, with some network.
func turn[T any](axis []T, k int) T { return axis[k%len(axis)] }

// runSteps are the steps of each run of these tests, which one slice holds:
// fewer where there are many instances.
func runSteps(count int) int {
	if count > 5 {
		return 8
	}
	return 40
}

func (n testNet) counts(t *testing.T, form string, w, count int, runs []int) {
	steps := runSteps(count)
	d, m := meter.Open(t, options(form, w))
	var notes []string
	net, err := network.Compile(n.file(t), d, &network.Options{Instances: count, Note: func(s string) { notes = append(notes, s) }})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	run := func() {
		t.Helper()
		if _, err := net.RunSteps(context.Background(), steps); err != nil {
			t.Fatal(err)
		}
	}
	run()
	file := n.file(t)
	lengths := recordLengths(t, file, net)
	first := m.Mark()
	first.Agree(t, "the first run", net.Counters())
	if form == gpu.FormFused {
		meter.Want(t, "programs of the engine", net.Counters().ProgramsBuilt, 1)
	}
	links := first.Built()

	run()
	again := m.Mark()
	meter.WantList(t, "running again: uploads", again.Up)
	meter.Want(t, "running again: programs", again.Built(), 0)
	// What comes down beside the records: of each instance a status, and a word
	// of spikes a neuron in 32 steps.
	beside := func(w meter.Work) int64 {
		return meter.Total(w.Down) - recorded(file, lengths, net.Step()-int64(steps), count)
	}
	usual, most := beside(again), 0
	for _, p := range file.Populations {
		most += 4 * ((steps + 31) / 32) * p.Size * count
	}
	if most += 64 * count; usual < int64(4*count) || usual > int64(most) {
		t.Errorf("a run of %d steps downloads %d bytes beside the records, want at most %d", steps, usual, most)
	}

	states := net.StateNames()
	var seen int
	for _, name := range append(n.valueNames(t), states...) {
		x, err := net.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		isState := slices.Contains(states, name)
		down := 0
		if isState {
			down = 4 * len(x)
		}
		if line, ok := strings.CutSuffix(name, ".line"); ok { // the ring has two rows beside those in flight
			object, _, _ := strings.Cut(line, ".")
			down += 4 * 2 * file.Population(object).Size
		}
		what := fmt.Sprintf("%s, %d values", name, len(x))
		w := m.Mark()
		meter.Want(t, "reading "+what, meter.Total(w.Down), int64(down))
		meter.Want(t, "uploads in reading "+what, meter.Total(w.Up), 0)
		if strings.HasSuffix(name, "last_spike_step") || strings.HasSuffix(name, ".line") {
			continue // steps, and what begins with another's values
		}
		if len(x) == 1 && !isState {
			err = net.Set(name, changed(name, x[0]))
		} else {
			for i := range x {
				x[i] = changed(name, x[i])
			}
			err = net.Set(name, x)
		}
		if err != nil {
			t.Fatal(err)
		}
		run()
		w = m.Mark()
		meter.Want(t, "programs for a new "+what, w.Built(), 0)
		meter.Want(t, "buffers for a new "+what, w.Calls["glGenBuffers"]+w.Calls["glBufferData"], 0)
		if up := meter.Total(w.Up); up != int64(4*len(x)) && up != 0 || up == 0 && isState {
			t.Errorf("uploads for a new %s: %v", what, w.Up)
		} else if up > 0 {
			seen++
		}
		meter.Want(t, "downloads beside the records after a new "+what, beside(w), usual)
	}
	if seen < 4 {
		t.Errorf("only %d values went up", seen)
	}
	run()
	meter.WantList(t, "running on: uploads", m.Mark().Up)
	if count > 1 {
		if err := net.SetInstances(n.knob, n.list(count)); err != nil {
			t.Fatal(err)
		}
		run()
		meter.Want(t, "programs for a value an instance", m.Mark().Built(), 0)
	}
	if len(notes) > 0 || net.Rebuilds() > 0 {
		t.Errorf("%d rebuilds, with %q", net.Rebuilds(), notes)
	}
	if err := net.Reset(); err != nil {
		t.Fatal(err)
	}
	run() // starting values that follow what was set go up
	m.Mark()
	for _, p := range runs {
		at := net.Counters()
		outcome.Run(t, net, 80, p)
		w := m.Mark()
		what := fmt.Sprintf("80 steps in %d pieces", p)
		meter.Want(t, what+": programs", w.Built(), 0)
		meter.WantList(t, what+": uploads", w.Up)
		meter.Want(t, what+": bytes downloaded", net.Counters().BytesDownloaded-at.BytesDownloaded, meter.Total(w.Down))
	}

	if w == invocations[0] { // kernels of another structure are for each to compile
		want := reshape(t, file, net, m, run, links)
		if !slices.Equal(notes, want) {
			t.Errorf("the messages are %q, want %q", notes, want)
		}
	}
	if err := net.Close(); err != nil {
		t.Fatal(err)
	}
	m.Mark()
	meter.Want(t, "buffers freed", m.All()["glDeleteBuffers"], m.All()["glGenBuffers"])
	c := d.Context().Counters()
	meter.Want(t, "what is held at the end", fmt.Sprint(c.LiveBuffers, c.LiveBytes, c.LivePrograms), "0 0 0")
}

// reshape gives an input one value a neuron where one was for all, twice, and
// returns the messages that there are to be: it compiles once.
func reshape(t *testing.T, f *model.File, net *network.Network, m *meter.Meter, run func(), links int) []string {
	at := slices.IndexFunc(f.Inputs, func(in *model.Input) bool { return in.To.Size > 1 })
	if at < 0 {
		return nil // one value is the same shape
	}
	in := f.Inputs[at]
	perNeuron := make([]float64, in.To.Size)
	m.Mark()
	for round := range 2 {
		for i := range perNeuron {
			perNeuron[i] = 10 + float64(i+round)
		}
		if err := net.SetInput(at, model.PerNeuron, "", perNeuron, 0); err != nil {
			t.Fatal(err)
		}
		run()
		w := m.Mark()
		meter.Want(t, fmt.Sprintf("programs for an input of another shape, time %d", round), w.Built(), links*(1-round))
		if round == 1 {
			meter.WantList(t, "another input of that shape: uploads", w.Up, 4*len(perNeuron))
		}
	}
	name := in.To.Name + "." + in.Target
	return []string{fmt.Sprintf("The current %q input shape (%d,) is different from the last input shape (). The network will be rebuilt.", name, len(perNeuron))}
}

// TestCompiledOnceInFloat64 is promises 1 and 2 on the float64 engine, by its own
// counts: there a number has 8 bytes, and what a run leaves is where it is used.
func TestCompiledOnceInFloat64(t *testing.T) {
	for _, n := range networks() {
		for _, count := range instances {
			t.Run(fmt.Sprintf("%s/%d", n.name, count), func(t *testing.T) { n.countsInFloat64(t, count) })
		}
	}
}

func (n testNet) countsInFloat64(t *testing.T, count int) {
	net, err := network.Compile(n.file(t), cpuDevice(), &network.Options{Instances: count})
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	last := net.Counters()
	// since gives what was done since the last call.
	since := func() (programs int, up, down int64) {
		c := net.Counters()
		programs, up, down = c.ProgramsBuilt-last.ProgramsBuilt, c.BytesUploaded-last.BytesUploaded, c.BytesDownloaded-last.BytesDownloaded
		last = c
		return programs, up, down
	}
	for _, p := range pieces {
		outcome.Run(t, net, 80, p)
		if programs, up, down := since(); programs != 0 || up != 0 || down != 0 {
			t.Errorf("a run in %d pieces: %d programs, %d bytes up, %d down", p, programs, up, down)
		}
	}
	states := net.StateNames()
	seen := 0
	for _, name := range append(n.valueNames(t), states...) {
		x, err := net.GetInstance(name, count-1)
		if err != nil {
			t.Fatal(err)
		}
		_, up, down := since()
		isState := slices.Contains(states, name)
		if strings.HasSuffix(name, "last_spike_step") || strings.HasSuffix(name, ".line") {
			continue
		}
		if up != 0 || down != map[bool]int64{true: int64(8 * len(x))}[isState] {
			t.Errorf("reading the %d values of %s: %d bytes up, %d down", len(x), name, up, down)
		}
		for i := range x {
			x[i] = changed(name, x[i])
		}
		if err := net.Set(name, x); err != nil {
			t.Fatal(err)
		}
		outcome.Run(t, net, 1, 1)
		programs, up, down := since()
		if programs != 0 || up != int64(8*len(x)) && up != 0 || up == 0 && isState || down != 0 {
			t.Errorf("%d new values of %s: %d programs, %d bytes up, %d down", len(x), name, programs, up, down)
		}
		if up > 0 {
			seen++
		}
	}
	if seen < 4 || net.Rebuilds() > 0 {
		t.Errorf("%d values went up, %d rebuilds", seen, net.Rebuilds())
	}
}

// recorded is the number of bytes of the rows that a run records.
func recorded(f *model.File, lengths map[string]int, first int64, count int) int64 {
	words := 0
	rows := func(records []*model.Record, size int) {
		for _, r := range records {
			if r.Name == "spikes" {
				continue
			}
			size := size
			switch { // what is kept is picked out on the device
			case r.Mean:
				size = 1
			case r.Of != nil:
				size = len(slices.Compact(slices.Sorted(slices.Values(r.Of)))) // each once
			}
			for step := first; step < first+int64(runSteps(count)); step++ {
				if step%int64(max(1, r.Every)) == 0 {
					words += size
				}
			}
		}
	}
	for _, p := range f.Populations {
		rows(p.Record, p.Size)
	}
	for _, p := range f.Projections {
		for _, r := range p.Record { // a value a synapse, or a presynaptic neuron
			rows([]*model.Record{r}, lengths[p.Name+"."+r.Name])
		}
	}
	return int64(4 * words * count)
}

// recordLengths is how many values each recorded state of a projection has on
// the device: one a synapse, or one a presynaptic neuron.
func recordLengths(t *testing.T, f *model.File, net *network.Network) map[string]int {
	out := map[string]int{}
	for _, p := range f.Projections {
		for _, r := range p.Record {
			x, err := net.Get(p.Name + "." + r.Name)
			if err != nil {
				t.Fatal(err)
			}
			out[p.Name+"."+r.Name] = len(x)
		}
	}
	return out
}

// valueNames are the parameters, constants and numbers put in of a network.
func (n testNet) valueNames(t *testing.T) (names []string) {
	f := n.file(t)
	of := func(object string, m *model.Model) {
		for _, p := range m.Parameters {
			names = append(names, object+"."+p.Name)
		}
	}
	for _, p := range f.Populations {
		of(p.Name, p.Model)
	}
	for _, p := range f.Projections {
		of(p.Name, p.Model)
	}
	for _, c := range f.Constants {
		names = append(names, c.Name)
	}
	for i, in := range f.Inputs {
		if _, number := in.Value.Expr.(*lang.Number); number {
			names = append(names, fmt.Sprintf("inputs.%d.value", i))
		}
	}
	return names
}

// changed is another value that a name can have.
func changed(name string, x float64) float64 {
	switch {
	case strings.HasSuffix(name, ".spike_condition"):
		return 1 - x
	case x == 0:
		return 1.0 / 128
	}
	return x * 65 / 64
}
