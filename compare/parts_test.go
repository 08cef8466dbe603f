package compare

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gpusim/cpuref"
	"gpusim/model"
	"gpusim/network"
)

// TestQuantile compares with sorting.
func TestQuantile(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	r := rand.New(rand.NewPCG(seed, 1))
	for range 200 {
		var s sizes
		var all []float64
		for range 1 + r.IntN(300) {
			x := math.Exp(20*r.NormFloat64() - 10)
			if r.IntN(4) == 0 {
				x = 0
			}
			all = append(all, x)
			s.add(x)
		}
		slices.Sort(all)
		for _, q := range []float64{0.5, 0.95, 1} {
			want := all[int(math.Ceil(q*float64(len(all))))-1]
			got := s.quantile(q)
			if got < want*(1-1e-7) && want > 1e-40 || got > want*(1+1.0/128)+1e-40 {
				t.Fatalf("seed %d: the quantile %g of %d is %g, sorted %g", seed, q, len(all), got, want)
			}
		}
		var sum sizes
		sum.join(&s)
		if sum.n != len(all) || s.n != 0 || s.quantile(1) != 0 || sum.quantile(1) != all[len(all)-1] {
			t.Fatalf("seed %d: joined %d of %d", seed, sum.n, len(all))
		}
	}
}

// TestDistance: the distance of a condition from turning is positive where it
// holds, and is what is left to the nearest comparison.
func TestDistance(t *testing.T) {
	for condition, want := range map[string]func(v float64) float64{
		"V >= 3":                    func(v float64) float64 { return v - 3 },
		"V < 3":                     func(v float64) float64 { return 3 - v },
		"not V > 3":                 func(v float64) float64 { return 3 - v },
		"V > 1 and V < 4":           func(v float64) float64 { return min(v-1, 4-v) },
		"V < 1 or V > 4":            func(v float64) float64 { return max(1-v, v-4) },
		"V > 1 if V < 2 else V > 5": func(v float64) float64 { return map[bool]float64{true: v - 1, false: v - 5}[v < 2] },
		"twice >= 6":                func(v float64) float64 { return 2*v - 6 },
		"V == 3":                    func(v float64) float64 { return -math.Abs(v - 3) },
		"V != 3":                    func(v float64) float64 { return math.Abs(v - 3) },
	} {
		f, _, err := model.Parse("test", []byte(`gpusim: 1
dt: 0.1
models:
  m:
    kind: neuron
    state: {V: 0}
    equations: |
      twice = 2*V
      dV/dt = 0
    spike: `+condition+`
    reset: V = V
populations: {cells: {model: m, size: 7, init: {V: i}, record: [V]}}
run: {duration: 1}
`), ".", model.LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		d := &tap{Device: cpuref.New(), window: 10}
		n, err := network.Compile(f, d, nil)
		if err != nil {
			t.Fatal(err)
		}
		d.engine.begin(0)
		r, err := n.RunSteps(context.Background(), 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Instances[0].Traces) != 1 || len(r.Instances[0].Traces[0].Data) != 70 {
			t.Errorf("%s: the file's own record is not what it was: %+v", condition, r.Instances[0].Traces)
		}
		rows := d.engine.kept.rows[1]
		spiked := map[int32]bool{}
		for _, s := range d.engine.kept.spikes[0] {
			spiked[s.neuron] = true
		}
		if len(rows) != 70 || len(d.engine.kept.spikes[0]) != len(r.Instances[0].Spikes[0].Steps) {
			t.Fatalf("%s: %d distances", condition, len(rows))
		}
		for i := range 7 {
			x := want(float64(i))
			if rows[i] != x {
				t.Errorf("%s: the distance at V = %d is %v, want %v", condition, i, rows[i], x)
			}
			if x > 0 && !spiked[int32(i)] || x < 0 && spiked[int32(i)] {
				t.Errorf("%s at V = %d: distance %v, spikes: %v", condition, i, x, spiked[int32(i)])
			}
		}
	}
}

// TestEvery: large variables are recorded in fewer steps, at least once a window.
func TestEvery(t *testing.T) {
	for _, c := range []struct{ n, window, want int }{{100, 250, 1}, {1 << 13, 250, 1}, {1 << 15, 250, 4}, {1 << 22, 250, 250}, {1, 1, 1}} {
		if got := every(c.n, c.window); got != c.want {
			t.Errorf("%d elements: every %d steps of %d, want %d", c.n, got, c.window, c.want)
		}
	}
}
