package model

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

const designText = `
gpusim: 1
dt: 0.1
constants: {k: 1, seed: 2, zip: 3}
populations:
  cells: {model: lif, size: 10}
inputs:
  - {to: cells.inp, value: 2}
run: {duration: 100, seed: 4}
`

func sweepOf(t *testing.T, sweep string, o LoadOptions) *Sweep {
	t.Helper()
	f, _, err := Parse("test.yaml", []byte(designText+"sweep: "+sweep+"\n"), ".", o)
	if err != nil {
		t.Fatal(err)
	}
	return f.Sweep
}

func values(s *Sweep) (out [][]float64) {
	for _, a := range s.Axes {
		out = append(out, a.Values)
	}
	return out
}

// A Latin hypercube has a point in each stratum of each axis, whatever the seed is.
func TestLatinHypercube(t *testing.T) {
	const n = 500
	var last []float64
	for _, seed := range []int{1, 7, 99} {
		s := sweepOf(t, fmt.Sprintf("{design: latin_hypercube, points: %d, seed: %d, cells.R: {from: 2, to: 4}, k: {log_from: 1, log_to: 100}}", n, seed), LoadOptions{})
		if !s.Zip || !s.Drawn() || len(s.Axes) != 2 {
			t.Fatalf("%+v", s)
		}
		for i, of := range []func(v float64) float64{
			func(v float64) float64 { return (v - 2) / 2 },
			func(v float64) float64 { return math.Log10(v) / 2 },
		} {
			seen := map[int]bool{}
			for _, v := range s.Axes[i].Values {
				seen[int(of(v)*n)] = true
			}
			if len(seen) != n || seen[n] {
				t.Errorf("seed %d, %s: %d strata of %d", seed, s.Axes[i].Name, len(seen), n)
			}
		}
		if r := stat.Correlation(s.Axes[0].Values, s.Axes[1].Values, nil); math.Abs(r) > 4/math.Sqrt(n) {
			t.Errorf("seed %d: the axes have the correlation %v", seed, r)
		}
		if slices.Equal(last, s.Axes[0].Values) {
			t.Error("two seeds give the same points")
		}
		last = s.Axes[0].Values
	}
}

// Points are fixed by the file and the seed: these were the first ones. Those
// of a random and a Sobol' design do not depend on how many there are.
func TestPointsAreFixed(t *testing.T) {
	for _, c := range []struct{ design, want string }{
		{"random", "[[0.8630 0.0350 0.0499] [0.5797 -0.0009 0.5928]]"},
		{"latin_hypercube", "[[0.6210 0.0117 0.6833] [1.3184 -0.9679 0.1877]]"},
		{"sobol", "[[0.9547 0.3686 0.1914] [-0.4363 1.2035 -1.5087]]"},
	} {
		s := sweepOf(t, "{design: "+c.design+", points: 3, cells.R: {from: 0, to: 1}, k: {normal: [0, 1]}}", LoadOptions{})
		if got := fmt.Sprintf("%.4f", values(s)); got != c.want {
			t.Errorf("%s: %s, want %s", c.design, got, c.want)
		}
		more := sweepOf(t, "{design: "+c.design+", points: 9, cells.R: {from: 0, to: 1}, k: {normal: [0, 1]}}", LoadOptions{})
		if c.design != "latin_hypercube" && !slices.Equal(more.Axes[0].Values[:3], s.Axes[0].Values) {
			t.Errorf("%s: the points depend on how many there are", c.design)
		}
	}
}

// The values that are drawn have the distribution that they should: the largest
// distance of the two cumulative distributions stays below the 0.1 % point of
// Kolmogorov and Smirnov, 1.95/sqrt(n), with seed 1.
func TestDistributions(t *testing.T) {
	const n = 2000
	for _, c := range []struct {
		axis string
		cdf  func(v float64) float64
	}{
		{"random: [2, 4]", distuv.Uniform{Min: 2, Max: 4}.CDF},
		{"log_random: [1, 100]", func(v float64) float64 { return math.Log10(v) / 2 }},
		{"normal: [3, 0.5]", distuv.Normal{Mu: 3, Sigma: 0.5}.CDF},
	} {
		for _, sweep := range []string{
			fmt.Sprintf("{cells.R: {%s, points: %d}}", c.axis, n),
			fmt.Sprintf("{design: random, points: %d, cells.R: {%s}}", n, c.axis),
			fmt.Sprintf("{design: sobol, points: %d, k: {from: 0, to: 1}, cells.R: {%s}}", n, c.axis),
		} {
			s := sweepOf(t, sweep, LoadOptions{})
			v := slices.Clone(s.Axes[len(s.Axes)-1].Values)
			slices.Sort(v)
			worst := 0.0
			for i, x := range v {
				worst = max(worst, math.Abs(c.cdf(x)-float64(i)/n), math.Abs(c.cdf(x)-float64(i+1)/n))
			}
			if worst > 1.95/math.Sqrt(n) {
				t.Errorf("%s: the distributions are %v apart", sweep, worst)
			}
		}
	}
}

// What the words mean; an axis is a map, so a constant may be called like a word.
func TestSweepWords(t *testing.T) {
	points := func(string) ([]float64, []int, error) { return []float64{1, 2, 3, 4, 5, 6}, []int{3, 2}, nil }
	for _, c := range []struct{ sweep, want string }{
		{"{points: [{k: 1, cells.R: 2}, {cells.R: 4, k: 2 + 1}]}", "list [k cells.R] [[1 3] [2 4]] []"},
		{"{points: file(p.npy), names: [k, cells.R]}", "list [k cells.R] [[1 3 5] [2 4 6]] []"},
		{"{design: zip, k: {values: [1, 2]}, seed: {values: [3, 4]}}", "zip [k seed] [[1 2] [3 4]] []"},
		{"{zip: {values: [1, 2]}, seed: {from: 3, to: 4, points: 2}}", " [zip seed] [[1 2] [3 4]] []"},
		{"{design: grid, k: {values: [1]}, seeds: 3}", "grid [k run.seed] [[1]] [4 5 6]"},
		{"{seeds: [9, 2*4]}", " [run.seed] [] [9 8]"},
		{"{method: {values: [rk4, euler, rk4]}}", " [method] [[0 1 0]] []"},
		{"{design: sobol, points: 4, cells.size: {values: [5, 7]}}", "sobol [cells.size] [[5 7 7 5]] []"},
	} {
		s := sweepOf(t, c.sweep, LoadOptions{ReadArray: points})
		if got := fmt.Sprint(s.Design, " ", s.Names(), " ", values(s), " ", s.Seeds); got != c.want {
			t.Errorf("%s: %s, want %s", c.sweep, got, c.want)
		}
	}
	s := sweepOf(t, "{k: {values: [1]}, method: {values: [rk4, euler]}}", LoadOptions{})
	if s.Word(1, 1) != "euler" || s.Word(0, 1) != "" || s.Word(2, 1) != "" || !slices.Equal(s.StructureAxes(), []int{1}) {
		t.Errorf("words of %+v", s.Axes)
	}
}

// The flags give what the file could say.
func TestDesignFlags(t *testing.T) {
	flags := sweepOf(t, "{k: {values: [1, 2]}}", LoadOptions{
		Params: []Override{{"cells.R", "0:1"}, {"cells.size", "5,7"}},
		Design: []Override{{"design", "latin_hypercube"}, {"points", "8"}, {"seed", "3"}, {"seeds", "2"}},
	})
	file := sweepOf(t, "{design: latin_hypercube, points: 8, seed: 3, seeds: 2, cells.R: {from: 0, to: 1}, cells.size: {values: [5, 7]}}", LoadOptions{})
	if fmt.Sprint(flags.Names(), values(flags), flags.Seeds) != fmt.Sprint(file.Names(), values(file), file.Seeds) {
		t.Errorf("%+v\n%+v", flags, file)
	}
	if s := sweepOf(t, "{k: {values: [1, 2]}}", LoadOptions{Design: []Override{{"seeds", "[1, 5]"}}}); fmt.Sprint(values(s), s.Seeds) != "[[1 2]] [1 5]" {
		t.Errorf("seeds beside the file's sweep: %+v", s)
	}
}

// An array of points has a column for each name.
func TestPointArrayShapes(t *testing.T) {
	for _, c := range []struct {
		shape []int
		want  string
	}{
		{[]int{3, 3}, "(3, 3)"}, {[]int{6}, "(6,)"}, {[]int{1, 3, 2}, "(1, 3, 2)"}, {[]int{0, 2}, "(0, 2)"}, {nil, "()"},
	} {
		read := func(string) ([]float64, []int, error) { return make([]float64, 9), c.shape, nil }
		_, _, err := Parse("test.yaml", []byte(designText+"sweep: {points: file(p.npy), names: [k, cells.R]}\n"), ".", LoadOptions{ReadArray: read})
		want := "test.yaml:10:17: p.npy has the shape " + c.want + "; points of 2 names are an array of the shape (points, 2)\n" +
			"  sweep: {points: file(p.npy), names: [k, cells.R]}\n                  ^"
		if err == nil || err.Error() != want {
			t.Errorf("%v: %v, want %s", c.shape, err, want)
		}
	}
	one := func(string) ([]float64, []int, error) { return []float64{1, 2, 3}, []int{3}, nil }
	if s := sweepOf(t, "{points: file(p.npy), names: k}", LoadOptions{ReadArray: one}); fmt.Sprint(values(s)) != "[[1 2 3]]" {
		t.Errorf("%+v", s)
	}
}

// A file that is read again with another structure takes the arrays that it has,
// and says the same as one with --set.
func TestWithStructure(t *testing.T) {
	reads := 0
	read := func(string) ([]float64, []int, error) { reads++; return []float64{1}, []int{1}, nil }
	text := strings.Replace(designText, "size: 10", "size: 10, parameters: {R: file(r.npy)}", 1) + "sweep: {k: {values: [1, 2]}, cells.size: {values: [5, 7]}, method: {values: [rk4]}}\n"
	f, _, err := Parse("test.yaml", []byte(text), ".", LoadOptions{ReadArray: read})
	if err != nil {
		t.Fatal(err)
	}
	g, err := f.WithStructure([]float64{7, 0})
	if err != nil {
		t.Fatal(err)
	}
	if reads != 1 || g.Populations[0].Size != 7 || g.Method != "rk4" || g.Sweep != nil || f.Populations[0].Size != 10 {
		t.Errorf("%d reads, %d neurons, %s", reads, g.Populations[0].Size, g.Method)
	}
	h, _, err := Parse("test.yaml", []byte(text), ".", LoadOptions{ReadArray: read, Set: []Override{{"cells.size", "7"}, {"method", "rk4"}}})
	if err != nil {
		t.Fatal(err)
	}
	if changes := Changes(g, h); len(changes) != 0 {
		t.Errorf("another than with --set: %q", changes)
	}
	if got := f.Sweep.StructureText([]float64{7, 0}); got != "cells.size=7, method=rk4" {
		t.Error(got)
	}
}
