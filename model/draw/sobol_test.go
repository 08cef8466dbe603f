package draw

import (
	"slices"
	"testing"
)

// The first points in five dimensions, as SciPy's scipy.stats.qmc.Sobol gives
// them without scrambling (also in the tests of Optuna); the first three
// columns are those of the example that Joe and Kuo print.
func TestSobolPublishedPoints(t *testing.T) {
	for k, want := range [][]float64{
		{0, 0, 0, 0, 0},
		{0.5, 0.5, 0.5, 0.5, 0.5},
		{0.75, 0.25, 0.25, 0.25, 0.75},
		{0.25, 0.75, 0.75, 0.75, 0.25},
		{0.375, 0.375, 0.625, 0.875, 0.375},
		{0.875, 0.875, 0.125, 0.375, 0.875},
		{0.625, 0.125, 0.875, 0.625, 0.625},
		{0.125, 0.625, 0.375, 0.125, 0.125},
	} {
		for dim, x := range want {
			if got := float64(NewSobol(dim).Point(uint32(k))) / (1 << 32); got != x {
				t.Errorf("point %d, dimension %d: %v, want %v", k, dim, got, x)
			}
		}
	}
}

// The sixth dimension is that of TensorFlow Probability's test of
// qmc.sobol_sample, which counts in plain order: point j there is point k here
// with j the Gray code of k.
func TestSobolPlainOrder(t *testing.T) {
	v := NewSobol(5)
	for k := range uint32(8) {
		want := []float64{0, 0.5, 0.25, 0.75, 0.375, 0.875, 0.125, 0.625}[k^k>>1]
		if got := float64(v.Point(k)) / (1 << 32); got != want {
			t.Errorf("point %d: %v, want %v", k, got, want)
		}
	}
}

// In every dimension, scrambled or not, each block of 2**m points has one in each
// stratum of 2**-m; in the first two dimensions together one in each cell of 2**-a
// by 2**(a-m), as they are a (0,2)-sequence.
func TestSobolStrata(t *testing.T) {
	const m = 8
	for _, scrambled := range []bool{false, true} {
		at := func(dim int, k uint32) uint32 {
			x := NewSobol(dim).Point(k)
			if scrambled {
				x = StreamOf("sweep", dim).Owen(3, x)
			}
			return x
		}
		for dim := range SobolDims {
			for _, first := range []uint32{0, 3 << m} {
				var seen []uint32
				for k := range uint32(1 << m) {
					seen = append(seen, at(dim, first+k)>>(32-m))
				}
				slices.Sort(seen)
				if seen = slices.Compact(seen); len(seen) != 1<<m {
					t.Errorf("scrambled %v, dimension %d, from point %d: %d strata of %d", scrambled, dim, first, len(seen), 1<<m)
				}
			}
		}
		for a := range m + 1 {
			cells := map[[2]uint32]bool{}
			for k := range uint32(1 << m) {
				cells[[2]uint32{at(0, k) >> (32 - a), at(1, k) >> (32 - m + a)}] = true
			}
			if len(cells) != 1<<m {
				t.Errorf("scrambled %v: %d cells of %d by %d", scrambled, len(cells), 1<<a, 1<<(m-a))
			}
		}
	}
}

func TestPermutation(t *testing.T) {
	s := StreamOf("sweep", 0)
	p := s.Permutation(7, 1000)
	if q := s.Permutation(8, 1000); slices.Equal(p, q) {
		t.Error("two seeds give one order")
	}
	// In a random order of n numbers 1 stays in its place on average, with a
	// deviation of 1.
	stay := 0
	for i, x := range p {
		if i == x {
			stay++
		}
	}
	if stay > 6 {
		t.Errorf("%d of 1000 numbers stay where they were", stay)
	}
	slices.Sort(p)
	for i, x := range p {
		if i != x {
			t.Fatalf("it is no permutation: %d at %d", x, i)
		}
	}
}
