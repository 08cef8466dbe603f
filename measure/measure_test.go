package measure_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"gpusim/measure"
	"gpusim/tests/golden"
)

// tol is what /tests/testdata/golden is reproduced to; the reference adds the
// pairs in another order.
const tol = 1e-12

// TestCrossCorrelationGolden compares with the values that the reference
// computed from the same spikes.
func TestCrossCorrelationGolden(t *testing.T) {
	check := func(name string, n, nsteps, bin int, want float64) {
		t.Helper()
		steps, neurons := golden.Split(golden.Spikes(t, name))
		got, ok := measure.CrossCorrelation(steps, neurons, n, 0, int64(nsteps), int64(bin))
		if !ok || !scalar.EqualWithinAbs(got, want, tol) {
			t.Errorf("%s: got %v, %v, want %v", name, got, ok, want)
		}
	}
	for _, name := range []string{"n100", "n100b"} {
		c := golden.Case(t, name)
		for i, row := range c.Table {
			check(fmt.Sprintf("%s_spikes_%02d", name, i), c.N, c.NSteps[0], c.BinSize, row.CC)
		}
	}
	c := golden.Case(t, "n200")
	bin := golden.Case(t, "n100").BinSize // n200 does not say; it is the same script
	for i, cc := range c.CC {
		check(fmt.Sprintf("n200_spikes_%d", i), c.N, c.NSteps[i], bin, cc)
	}
	for _, name := range []string{"lif", "lifdelay"} {
		c := golden.Case(t, name)
		nsteps := int(math.Round(c.Duration / c.Dt))
		check(name+"_spikes", c.NumExc+c.NumInh, nsteps, c.CCBin, c.CC[0])
	}
}

// TestCrossCorrelationPiece takes a piece out of a run: n200's third from the
// spikes of all three.
func TestCrossCorrelationPiece(t *testing.T) {
	c := golden.Case(t, "n200")
	steps, neurons := golden.Split(golden.Spikes(t, "n200_unbroken_spikes"))
	start := int64(0)
	for i, want := range c.CC {
		nsteps := int64(c.NSteps[i])
		got, ok := measure.CrossCorrelation(steps, neurons, c.N, start, nsteps, 12)
		if !ok || !scalar.EqualWithinAbs(got, want, tol) {
			t.Errorf("piece %d: got %v, %v, want %v", i, got, ok, want)
		}
		start += nsteps
	}
}

// TestCrossCorrelationDefinition compares with the sums written out.
func TestCrossCorrelationDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 6).Draw(t, "n")
		start := rapid.Int64Range(0, 1000).Draw(t, "start")
		nsteps := rapid.Int64Range(1, 300).Draw(t, "nsteps")
		bin := rapid.Int64Range(1, 5).Draw(t, "bin")
		steps, neurons := drawSpikes(t, n, start-20, start+nsteps+20)

		nbins := int(math.Ceil(float64(nsteps) / float64(bin)))
		x := make([][]float64, n)
		for i := range x {
			x[i] = make([]float64, nbins)
		}
		for k, s := range steps {
			if s >= start && s < start+nsteps {
				x[neurons[k]][(s-start)/bin] = 1
			}
		}
		var sum, pairs float64
		for i := range n {
			for j := range i {
				var xx, xi, xj float64
				for l := range nbins {
					xx += x[i][l] * x[j][l]
					xi += x[i][l]
					xj += x[j][l]
				}
				pairs++
				if root := math.Sqrt(xi * xj); root != 0 {
					sum += xx / root
				}
			}
		}
		got, ok := measure.CrossCorrelation(steps, neurons, n, start, nsteps, bin)
		if !ok || !scalar.EqualWithinAbs(got, sum/pairs, 1e-14) {
			t.Fatalf("got %v, %v, want %v", got, ok, sum/pairs)
		}
	})
}

func drawSpikes(t *rapid.T, n int, from, to int64) (steps []int64, neurons []int32) {
	type spike struct {
		step   int64
		neuron int32
	}
	spikes := rapid.SliceOfDistinct(rapid.Custom(func(t *rapid.T) spike {
		return spike{
			rapid.Int64Range(from, to).Draw(t, "step"),
			rapid.Int32Range(0, int32(n-1)).Draw(t, "neuron"),
		}
	}), func(s spike) spike { return s }).Draw(t, "spikes")
	slices.SortFunc(spikes, func(a, b spike) int {
		return cmp.Or(cmp.Compare(a.step, b.step), cmp.Compare(a.neuron, b.neuron))
	})
	for _, s := range spikes {
		steps = append(steps, s.step)
		neurons = append(neurons, s.neuron)
	}
	return steps, neurons
}

func TestCrossCorrelationEdges(t *testing.T) {
	for _, test := range []struct {
		name    string
		steps   []int64
		neurons []int32
		n       int
		nsteps  int64
		bin     int64
		want    float64
		ok      bool
	}{
		{"one neuron", []int64{3}, []int32{0}, 1, 10, 2, 0, false},
		{"no neurons", nil, nil, 0, 10, 2, 0, false},
		{"no steps", []int64{3}, []int32{0}, 2, 0, 2, 0, false},
		{"silent", nil, nil, 5, 10, 2, 0, true},
		{"a silent neuron stays", []int64{3, 3}, []int32{0, 1}, 3, 10, 2, 1. / 3, true},
		{"several spikes in a bin count once", []int64{4, 5, 5}, []int32{0, 0, 1}, 2, 10, 2, 1, true},
		{"neighbouring bins", []int64{3, 4}, []int32{0, 1}, 2, 10, 2, 0, true},
		{"the last bin is short", []int64{9, 10}, []int32{0, 1}, 2, 11, 3, 1, true},
		{"the run ends before a spike", []int64{9, 11}, []int32{0, 1}, 2, 11, 3, 0, true},
		{"a bin longer than the run", []int64{1, 7}, []int32{0, 1}, 2, 8, 100, 1, true},
		{"word 1 of the bits", []int64{64, 64, 65}, []int32{0, 1, 0}, 2, 66, 1, 1 / math.Sqrt2, true},
	} {
		got, ok := measure.CrossCorrelation(test.steps, test.neurons, test.n, 0, test.nsteps, test.bin)
		if ok != test.ok || !scalar.EqualWithinAbs(got, test.want, 1e-15) {
			t.Errorf("%s: got %v, %v, want %v, %v", test.name, got, ok, test.want, test.ok)
		}
	}
}

// TestBinSteps has 0.3/0.1, which is 2.9999999999999996 in float64.
func TestBinSteps(t *testing.T) {
	for _, test := range []struct {
		bin, dt float64
		want    int64
	}{
		{0.5, 0.04, 12}, {0.5, 0.1, 5}, {0.3, 0.1, 3}, {0.04, 0.04, 1}, {0.01, 0.04, 1}, {0, 0.04, 1},
		{0.2999, 0.1, 2}, {500, 0.04, 12500},
	} {
		if got := measure.BinSteps(test.bin, test.dt); got != test.want {
			t.Errorf("bin %v ms, step %v ms: got %d steps, want %d", test.bin, test.dt, got, test.want)
		}
	}
}

func TestWindow(t *testing.T) {
	steps := []int64{1, 2, 2, 5, 7}
	neurons := []int32{0, 0, 1, 2, 3}
	for _, test := range []struct {
		start, nsteps int64
		want          []int32
	}{
		{0, 10, neurons}, {2, 3, []int32{0, 1}}, {2, 4, []int32{0, 1, 2}}, {6, 1, nil}, {2, 0, nil}, {2, -3, nil}, {8, 9, nil},
	} {
		_, got := measure.Window(steps, neurons, test.start, test.nsteps)
		if !slices.Equal(got, test.want) {
			t.Errorf("start %d, %d steps: got neurons %v, want %v", test.start, test.nsteps, got, test.want)
		}
	}
}

func TestVoltageFluctuation(t *testing.T) {
	for _, test := range []struct {
		name string
		rows []float64
		n    int
		want float64
		ok   bool
	}{
		{"as one", []float64{1, 1, 2, 2, 5, 5}, 2, 1, true},
		{"opposite", []float64{1, -1, -1, 1}, 2, 0, true},
		// means 0.5, 0.5, 1, 0 over the neurons: variance 1/8; each neuron: 1/4
		{"half", []float64{0, 1, 1, 0, 1, 1, 0, 0}, 2, 0.5, true},
		{"at rest", []float64{-65, -60, -65, -60}, 2, 1, true},
		{"at rest at a number with a long fraction", []float64{-0.1, 0.7, -0.1, 0.7, -0.1, 0.7}, 2, 1, true},
		{"one row", []float64{1, 2}, 2, 1, true},
		{"one neuron", []float64{1, 3, 2}, 1, 1, true},
		{"no rows", nil, 2, 0, false},
		{"no neurons", nil, 0, 0, false},
	} {
		got, ok := measure.VoltageFluctuation(test.rows, test.n)
		if ok != test.ok || !scalar.EqualWithinAbs(got, test.want, 1e-15) {
			t.Errorf("%s: got %v, %v, want %v, %v", test.name, got, ok, test.want, test.ok)
		}
	}
}

// TestFluctuationStable compares with gonum's variances, whose two passes keep
// the digits that the difference of two sums of squares loses at 1e8.
func TestFluctuationStable(t *testing.T) {
	const n, rows, offset = 5, 400, 1e8
	rng := rand.New(rand.NewPCG(1, 2))
	f := measure.NewFluctuation(n)
	f.Add(make([]float64, n))
	f.Reset() // of which nothing may be left
	traces := make([][]float64, n)
	var means []float64
	for range rows {
		row := make([]float64, n)
		common := rng.NormFloat64()
		var sum float64
		for i := range row {
			row[i] = offset + common + rng.NormFloat64()
			sum += row[i]
			traces[i] = append(traces[i], row[i])
		}
		means = append(means, sum/n)
		f.Add(row)
	}
	var mean float64
	for _, trace := range traces {
		mean += stat.Variance(trace, nil) / n
	}
	want := stat.Variance(means, nil) / mean
	got, ok := f.Value()
	if !ok || f.Rows() != rows || !scalar.EqualWithinRel(got, want, 1e-7) {
		t.Errorf("got %v, %v after %d rows, want %v", got, ok, f.Rows(), want)
	}
}

func TestRateHz(t *testing.T) {
	// 2134 spikes of 100 neurons in 0.5 s: n100 at g_max 0.001.
	if hz, ok := measure.RateHz(2134, 100, 12500, 0.04); !ok || !scalar.EqualWithinAbs(hz, 42.68, 1e-12) {
		t.Errorf("got %v, %v, want 42.68", hz, ok)
	}
	if _, ok := measure.RateHz(0, 0, 10, 0.1); ok {
		t.Error("defined without neurons")
	}
	if _, ok := measure.RateHz(0, 1, 0, 0.1); ok {
		t.Error("defined without steps")
	}
}

func TestIntervals(t *testing.T) {
	for _, test := range []struct {
		name           string
		steps          []int64
		neurons        []int32
		mean, cv       float64
		meanOK, cvIsOK bool
	}{
		{"none", nil, nil, 0, 0, false, false},
		{"one spike each", []int64{1, 2}, []int32{0, 1}, 0, 0, false, false},
		{"one interval", []int64{1, 2, 5}, []int32{0, 1, 0}, 2, 0, true, false},
		{"regular", []int64{1, 3, 5}, []int32{0, 0, 0}, 1, 0, true, true},
		// Intervals 1 and 3 of neuron 0 and 2 of neuron 1: mean 2, variance 2/3.
		{"pooled", []int64{0, 0, 1, 2, 4}, []int32{0, 1, 0, 1, 0}, 1, math.Sqrt(2./3) / 2, true, true},
	} {
		mean, ok := measure.ISIMean(test.steps, test.neurons, 2, 0.5)
		if ok != test.meanOK || !scalar.EqualWithinAbs(mean, test.mean, 1e-15) {
			t.Errorf("%s: mean %v ms, %v, want %v, %v", test.name, mean, ok, test.mean, test.meanOK)
		}
		cv, ok := measure.ISICV(test.steps, test.neurons, 2)
		if ok != test.cvIsOK || !scalar.EqualWithinAbs(cv, test.cv, 1e-15) {
			t.Errorf("%s: cv %v, %v, want %v, %v", test.name, cv, ok, test.cv, test.cvIsOK)
		}
	}
}

func TestPanics(t *testing.T) {
	for _, test := range []struct {
		want string
		call func()
	}{
		{"measure: steps and neurons differ in length", func() { measure.ISIMean([]int64{1}, nil, 1, 1) }},
		{"measure: a neuron is outside its population", func() { measure.ISICV([]int64{1}, []int32{1}, 1) }},
		{"measure: a neuron is outside its population", func() {
			measure.CrossCorrelation([]int64{1}, []int32{-1}, 2, 0, 5, 1)
		}},
		{"measure: a bin has less than one step", func() { measure.CrossCorrelation(nil, nil, 2, 0, 5, 0) }},
		{"measure: the step is not positive", func() { measure.BinSteps(1, 0) }},
		{"measure: the row has not one voltage a neuron", func() { measure.NewFluctuation(2).Add([]float64{1}) }},
		{"measure: the last row is not whole", func() { measure.VoltageFluctuation([]float64{1, 2, 3}, 2) }},
	} {
		func() {
			defer func() {
				if got := recover(); got != test.want {
					t.Errorf("got %v, want %s", got, test.want)
				}
			}()
			test.call()
		}()
	}
}

func BenchmarkCrossCorrelation(b *testing.B) {
	const n, nsteps = 4000, 12500
	rng := rand.New(rand.NewPCG(1, 2))
	var steps []int64
	var neurons []int32
	for step := range int64(nsteps) {
		for neuron := range int32(n) {
			if rng.Float64() < 0.0016 { // 40 Hz at 0.04 ms
				steps = append(steps, step)
				neurons = append(neurons, neuron)
			}
		}
	}
	for b.Loop() {
		measure.CrossCorrelation(steps, neurons, n, 0, nsteps, 12)
	}
}
