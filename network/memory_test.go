package network_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"gpusim/cpuref"
	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/network"
)

// memoryText has 300 neurons that spike in every step.
const memoryText = `gpusim: 1
dt: 0.1
models:
  m: {kind: neuron, parameters: {a: 1}, state: {V: 0}, input: I, equations: dV/dt = a - V + 0*I, spike: V > -1, reset: V = 0}
  s: {kind: synapse, parameters: {w: 1}, state: {s: 0}, equations: ds/dt = -s, output: post.I += w*s}
populations:
  p: {model: m, size: SIZE, record: [RECORD]}
projections:
  c: {model: s, from: p, to: p, connect: {all_to_all: {}}, parameters: {w: WEIGHT}}
run: {duration: DURATION}
measure: [MEASURE]
sweep: {p.a: {from: 1, to: 2, points: 64}}
`

func loadMemory(t *testing.T, memory int64, replace ...string) *model.File {
	t.Helper()
	replace = append(replace, "SIZE", "300", "RECORD", "spikes", "WEIGHT", "1", "DURATION", "10", "MEASURE", "rate: {of: p}")
	text := strings.NewReplacer(replace...).Replace(memoryText)
	f, _, err := model.Parse("x.yaml", []byte(text), ".", model.LoadOptions{Memory: memory})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// What a network would take of memory beyond what there is is refused before it is
// there; of spikes, when they are there.
func TestMemory(t *testing.T) {
	for _, c := range []struct {
		memory  int64
		replace []string
		steps   int
		want    string
	}{
		{1 << 30, nil, 100, ""},
		// 300*300 weights of 32 bytes.
		{1 << 20, []string{"WEIGHT", "i + j"}, 0, `x.yaml:9:76: c.w has 90000 values, one a synapse: with them the values of the network take about 2880032 bytes of memory; this machine has 1048576`},
		{1 << 40, []string{"WEIGHT", "i + j", "SIZE", "20000"}, 0, "x.yaml:9:76: c.w has 400000000 values, one a synapse, which take 3200000000 bytes; the most is 268435456 values"},
		// 300 numbers and a step number a row, of 32 bytes.
		{1 << 22, []string{"RECORD", "V"}, 1000, "the records of 1000 steps take about 9632000 bytes of memory; this machine has 4194304"},
		{1 << 22, []string{"MEASURE", "voltage_fluctuation: {of: p}"}, 1000, "the records of 1000 steps take about 9632000 bytes of memory; this machine has 4194304"},
		// 44 bytes a spike.
		{1 << 20, []string{"DURATION", "100"}, 1000, "after 1000 steps the spikes and records take about 13200000 bytes of memory; this machine has 1048576"},
	} {
		f := loadMemory(t, c.memory, c.replace...)
		n, err := network.Compile(f, cpuref.New(), nil)
		if err == nil {
			_, err = n.RunSteps(context.Background(), c.steps)
		}
		got := ""
		if err != nil {
			got, _, _ = strings.Cut(err.Error(), "\n")
		}
		if got != c.want {
			t.Errorf("%q: got\n%s\nwant\n%s", c.replace, got, c.want)
		}
	}
}

// Instances that do not fit are refused as too large; a sweep takes fewer.
func TestInstancesInMemory(t *testing.T) {
	_, err := network.Compile(loadMemory(t, 1<<18), cpuref.New(), &network.Options{Instances: 64})
	// V, I and s of 300 each, of 48 bytes, and a and w, of 32.
	const want = "x: the values of 64 instances take about 2768896 bytes of memory; this machine has 262144"
	if err == nil || err.Error() != want || !errors.Is(err, ir.ErrTooLarge) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A sweep of more points than memory holds side by side runs them in launches
// that fit, to the same numbers.
func TestSweepInMemory(t *testing.T) {
	for _, c := range []struct {
		replace []string
		memory  int64
		size    int // 64 halved until it fits
		spikes  int // a step
	}{
		{nil, 1 << 30, 64, 300},
		// An instance has 3000 spikes of 44 bytes: 512 KiB hold 3.97 times that.
		{[]string{"DURATION", "1"}, 1 << 19, 2, 300},
		// It has 43264 bytes of values, as above: 512 KiB hold 12.1 times that.
		{[]string{"DURATION", "1", "V > -1", "V > 99"}, 1 << 19, 8, 0},
		// Its records are 100 rows of 301 numbers of 32 bytes: 4 MiB hold 4.35 times that.
		{[]string{"RECORD", "V", "V > -1", "V > 99"}, 1 << 22, 4, 0},
	} {
		r, err := network.Sweep(context.Background(), loadMemory(t, c.memory, c.replace...), cpuref.New(), nil)
		if err != nil {
			t.Errorf("%q: %v", c.replace, err)
			continue
		}
		if r.Instances != c.size || len(r.Points) != 64 {
			t.Errorf("%q: %d points side by side, want %d; %d points", c.replace, r.Instances, c.size, len(r.Points))
		}
		for _, p := range r.Points {
			if want := c.spikes * r.Steps; p.Status != network.StatusOK || p.Spikes[0] != want {
				t.Errorf("%q: %d spikes, %s, want %d", c.replace, p.Spikes[0], p.Status, want)
			}
		}
	}
	_, err := network.Sweep(context.Background(), loadMemory(t, 1<<18), cpuref.New(), nil)
	const want = "after 100 steps the spikes and records take about 1320000 bytes of memory; this machine has 262144"
	if err == nil || err.Error() != want || !errors.Is(err, ir.ErrTooLarge) {
		t.Errorf("a point that does not fit: %v, want %s", err, want)
	}
}
