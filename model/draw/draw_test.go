package draw

import (
	"hash/fnv"
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// The known-answer vectors of philox4x32-10 in Random123's kat_vectors.
func TestPhiloxKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, [2]uint32{0xffffffff, 0xffffffff},
			[4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := Philox(c.counter, c.key); got != c.want {
			t.Errorf("Philox(%x, %x) = %x, want %x", c.counter, c.key, got, c.want)
		}
	}
}

func TestStreamIsCounterOfElementStepAndName(t *testing.T) {
	h := fnv.New32a()
	h.Write([]byte("interneurons.V#1"))
	want := Philox([4]uint32{7, 5, 3, h.Sum32()}, [2]uint32{0x89abcdef, 0x01234567})
	if got := StreamOf("interneurons.V", 1).Words(0x0123456789abcdef, 7, 3<<32+5); got != want {
		t.Errorf("got %x, want %x", got, want)
	}
}

func TestUnitStaysBelowOne(t *testing.T) {
	if u := Unit(0, 0); u != 0 {
		t.Errorf("least is %v, want 0", u)
	}
	if u := Unit(math.MaxUint32, math.MaxUint32); u >= 1 || u < 1-1e-15 {
		t.Errorf("greatest is %v", u)
	}
}

func TestDrawsHaveTheirMoments(t *testing.T) {
	const n = 200_000
	for _, c := range []struct {
		name     string
		args     []float64
		mean, sd float64
	}{
		{"uniform", []float64{-70, -50}, -60, 20 / math.Sqrt(12)},
		{"normal", []float64{3, 0.5}, 3, 0.5},
		{"lognormal", []float64{0.1, 0.3}, math.Exp(0.1 + 0.045), math.Exp(0.1+0.045) * math.Sqrt(math.Exp(0.09)-1)},
		{"exponential", []float64{4}, 4, 4},
	} {
		x := make([]float64, n)
		s := StreamOf("a.b", 0)
		for i := range x {
			var err error
			x[i], err = Value(c.name, c.args, s.Words(1, i, 0))
			if err != nil {
				t.Fatal(err)
			}
		}
		mean, sd := stat.MeanStdDev(x, nil)
		if math.Abs(mean-c.mean) > 5*c.sd/math.Sqrt(n) || math.Abs(sd/c.sd-1) > 0.02 {
			t.Errorf("%s%v: mean %v, deviation %v; want %v, %v", c.name, c.args, mean, sd, c.mean, c.sd)
		}
	}
	if _, err := Value("normal", []float64{0, -1}, [4]uint32{}); err == nil {
		t.Error("a negative deviation is no error")
	}
}
