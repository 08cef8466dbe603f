package main

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		x    []float64
		want float64
	}{
		{[]float64{3}, 3},
		{[]float64{4, 1}, 2.5},
		{[]float64{9, 1, 2}, 2},
		{[]float64{1, 2, 3, 100}, 2.5},
	} {
		if got := median(c.x); got != c.want {
			t.Errorf("median(%v) = %v, want %v", c.x, got, c.want)
		}
	}
}

func TestDifference(t *testing.T) {
	a := [][]int{{1, 2}, {3, 4}}
	for _, c := range []struct {
		b    [][]int
		want string
	}{
		{[][]int{{1, 2}, {3, 4}}, ""},
		{[][]int{{1, 2}}, "2 and 1 points"},
		{[][]int{{1, 2}, {3}}, "2 and 1 neurons at point 1"},
		{[][]int{{1, 2}, {4, 3}}, "3 and 4 spikes of neuron 0 at point 1 (of all neurons 7 and 7)"},
	} {
		if got := difference(a, c.b); got != c.want {
			t.Errorf("difference(%v, %v) = %q, want %q", a, c.b, got, c.want)
		}
	}
}

// TestMeasure has two programs run in turns, and a round of one that spikes
// otherwise than its first.
func TestMeasure(t *testing.T) {
	var order []string
	spikes := [][]int{{5}}
	fake := func(name string) *program {
		n := 0.0
		return &program{name: name, run: func(context.Context) (sample, error) {
			order = append(order, name)
			n++
			return sample{seconds: n, spikes: spikes}, nil
		}}
	}
	a, b := fake("a"), fake("b")
	if err := measure(t.Context(), []*program{a, b}, 2); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"a", "b", "a", "b", "a", "b"}, order); d != "" {
		t.Errorf("order of execution (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]float64{2, 3}, a.seconds); d != "" || a.first != 1 {
		t.Errorf("first %v, seconds (-want +got):\n%s", a.first, d)
	}

	c := &program{name: "c", run: func(context.Context) (sample, error) {
		spikes = [][]int{{spikes[0][0] + 1}}
		return sample{spikes: spikes}, nil
	}}
	err := measure(t.Context(), []*program{c}, 1)
	if err == nil || !strings.Contains(err.Error(), "two executions differ") {
		t.Errorf("error %v", err)
	}
}

func TestDiffering(t *testing.T) {
	a := [][]int{{1, 2}, {3, 4}}
	for _, c := range []struct {
		b       [][]int
		n, most int
	}{
		{[][]int{{1, 2}, {3, 4}}, 0, 0},
		{[][]int{{1, 3}, {1, 4}}, 2, 2},
		{[][]int{{1, 2}}, -1, 0},
		{[][]int{{1, 2}, {3}}, -1, 0},
	} {
		if n, most := differing(a, c.b); n != c.n || most != c.most {
			t.Errorf("differing(%v, %v) = %d, %d, want %d, %d", a, c.b, n, most, c.n, c.most)
		}
	}
}

// TestFloor has a ratio on either side of a limit, and one without its program.
func TestFloor(t *testing.T) {
	k := &task{programs: []*program{
		{name: gpuPlanned, seconds: []float64{2, 2}}, {name: cOne, seconds: []float64{1, 1}},
		{name: brianOne, seconds: []float64{9, 9}}, {name: brianTwo, seconds: []float64{6, 6}},
	}}
	for _, c := range []struct {
		f    floor
		want string
	}{
		{floor{"a", gpuPlanned, cOne, 2, false, ""}, "- a (at most 2): **OK**, 2.00 (2.00 to 2.00)\n"},
		{floor{"a", gpuPlanned, cOne, 1.5, false, "so be it"}, "- a (at most 1.5): **MISSED**, 2.00 (2.00 to 2.00); so be it\n"},
		{floor{"a", bestBrian, gpuPlanned, 4, true, ""}, "- a (at least 4): **MISSED**, 3.00 (3.00 to 3.00); the best is Brian2 cpp_standalone, 2 threads\n"},
		{floor{"a", cTwo, gpuPlanned, 4, true, ""}, "- a (at least 4): not measured\n"},
	} {
		var b strings.Builder
		if c.f.check(&b, k); b.String() != c.want {
			t.Errorf("check of %+v prints %q, want %q", c.f, b.String(), c.want)
		}
	}
}

// TestVariants looks whether the example still has what the profile takes out.
func TestVariants(t *testing.T) {
	for _, v := range variants {
		text, err := v.text()
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := load(text, 100); err != nil {
			t.Errorf("%s: %v", v.name, err)
		}
	}
}
