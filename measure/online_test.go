package measure_test

import (
	"bytes"
	"encoding"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"
	"pgregory.net/rapid"

	"gpusim/measure"
	"gpusim/tests/golden"
)

// accumulator is what all of them have.
type accumulator interface {
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

// moved gives b the state of a through bytes, which must not change on the way.
func moved[T accumulator](t rapid.TB, a, b T) T {
	t.Helper()
	data, err := a.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if err := b.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	again, err := b.MarshalBinary()
	if err != nil || !bytes.Equal(again, data) {
		t.Fatalf("the state changes on its way: %v", err)
	}
	return b
}

// TestCorrelatorGolden holds that the accumulator gives the bits of the plain
// function on the golden spikes, handed over a thousand at a time, and so the
// golden values.
func TestCorrelatorGolden(t *testing.T) {
	c := golden.Case(t, "n100")
	for i, row := range c.Table {
		steps, neurons := golden.Split(golden.Spikes(t, fmt.Sprintf("n100_spikes_%02d", i)))
		want, _ := measure.CrossCorrelation(steps, neurons, c.N, 0, int64(c.NSteps[0]), int64(c.BinSize))
		a := measure.NewCorrelator(c.N, 0, int64(c.BinSize))
		for len(steps) > 0 {
			n := min(1000, len(steps))
			a.Add(steps[:n], neurons[:n])
			steps, neurons = steps[n:], neurons[n:]
		}
		got, ok := a.Value()
		if !ok || got != want || !scalar.EqualWithinAbs(got, row.CC, tol) {
			t.Errorf("%d: got %v, the plain function %v, want %v", i, got, want, row.CC)
		}
	}
}

// TestCorrelatorLong is longer than a row, which has 4,096 bins here: rows are
// folded many times, also after silence, and between the neurons' first spikes.
// The spikes are drawn with the seed 1.
func TestCorrelatorLong(t *testing.T) {
	const n, nsteps, bin, start = 12, 400_000, 3, 77
	r := rand.New(rand.NewPCG(1, 0))
	var steps []int64
	var neurons []int32
	for s := int64(start); s < start+nsteps; s++ {
		if s > 90_000 && s < 190_000 {
			continue
		}
		for k := range int32(n) {
			if s > int64(k)*20_000 && r.IntN(40) == 0 {
				steps, neurons = append(steps, s), append(neurons, k)
			}
		}
	}
	want, _ := measure.CrossCorrelation(steps, neurons, n, start, nsteps, bin)
	for _, piece := range []int{len(steps), 1, 997} {
		a := measure.NewCorrelator(n, start, bin)
		for at := 0; at < len(steps); at += piece {
			end := min(len(steps), at+piece)
			a.Add(steps[at:end], neurons[at:end])
			if at%(50*piece) == 0 && piece > 1 {
				a = moved(t, a, measure.NewCorrelator(n, start, bin))
			}
		}
		if got, ok := a.Value(); !ok || got != want {
			t.Errorf("in pieces of %d spikes: got %v, %v, want %v", piece, got, ok, want)
		}
	}
}

// TestOnlineEqualsPlain feeds accumulators in pieces, with their state moved to
// others between, and compares with the plain functions: equal to the bit, but
// for the coefficient of variation.
func TestOnlineEqualsPlain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 5).Draw(t, "n")
		start := rapid.Int64Range(0, 100).Draw(t, "start")
		bin := rapid.Int64Range(1, 5).Draw(t, "bin")
		var steps []int64
		var neurons []int32
		if n > 0 {
			steps, neurons = drawSpikes(t, n, start, start+5000)
		}
		cut := rapid.IntRange(0, len(steps)).Draw(t, "cut")
		c, x := measure.NewCorrelator(n, start, bin), measure.NewIntervals(n)
		c.Add(steps[:cut], neurons[:cut])
		x.Add(steps[:cut], neurons[:cut])
		c, x = moved(t, c, measure.NewCorrelator(n, start, bin)), moved(t, x, measure.NewIntervals(n))
		c.Add(steps[cut:], neurons[cut:])
		x.Add(steps[cut:], neurons[cut:])

		same := func(what string, got float64, gotOK bool, want float64, wantOK bool, tol float64) {
			if gotOK != wantOK || got != want && !scalar.EqualWithinAbsOrRel(got, want, tol, tol) {
				t.Fatalf("%s: got %v, %v, want %v, %v", what, got, gotOK, want, wantOK)
			}
		}
		got, ok := c.Value()
		want, wantOK := measure.CrossCorrelation(steps, neurons, n, start, 5001, bin)
		same("cross-correlation", got, ok, want, wantOK, 0)
		got, ok = x.Mean(0.04)
		want, wantOK = measure.ISIMean(steps, neurons, n, 0.04)
		same("mean interval", got, ok, want, wantOK, 0)
		got, ok = x.CV()
		want, wantOK = measure.ISICV(steps, neurons, n)
		same("variation of intervals", got, ok, want, wantOK, 1e-12)
	})
}

// TestIntervalsOfManySteps has intervals whose squares' sum is beyond 64 bits: a
// and b alternating. Their mean is (a + b)/2, their deviation (b - a)/2.
func TestIntervalsOfManySteps(t *testing.T) {
	const a, b, pairs = 3 << 32, 5 << 32, 1000
	x := measure.NewIntervals(1)
	at := int64(1 << 60)
	x.Add([]int64{at}, []int32{0})
	for range pairs {
		x.Add([]int64{at + a, at + a + b}, []int32{0, 0})
		at += a + b
		x = moved(t, x, measure.NewIntervals(1))
	}
	if mean, ok := x.Mean(1); !ok || mean != 4<<32 {
		t.Errorf("mean %v", mean)
	}
	if cv, ok := x.CV(); !ok || cv != 0.25 {
		t.Errorf("variation %v", cv)
	}
}

func TestFluctuationMoves(t *testing.T) {
	a := measure.NewFluctuation(3)
	a.Add([]float64{1, 2, -3})
	a.Add([]float64{2, 2.5, math.Pi})
	b := moved(t, a, measure.NewFluctuation(3))
	for _, f := range []*measure.Fluctuation{a, b} {
		f.Add([]float64{0, 0.1, 7})
	}
	x, _ := a.Value()
	if y, ok := b.Value(); !ok || x != y || b.Rows() != 3 {
		t.Errorf("%v and %v, %d rows", x, y, b.Rows())
	}
}

// TestStateErrors gives accumulators what is not theirs.
func TestStateErrors(t *testing.T) {
	const (
		other   = "the state is of a measure with other neurons, bins or times"
		damaged = "the state of a measure is damaged"
	)
	c := measure.NewCorrelator(3, 10, 2)
	c.Add([]int64{10, 12, 9000, 9001}, []int32{0, 1, 0, 2})
	x := measure.NewIntervals(3)
	x.Add([]int64{10, 12, 13}, []int32{0, 1, 0})
	f := measure.NewFluctuation(3)
	f.Add([]float64{1, 2, 3})
	for _, a := range []struct {
		name           string
		of, fresh, not accumulator
	}{
		{"correlator", c, measure.NewCorrelator(3, 10, 2), measure.NewCorrelator(3, 10, 3)},
		{"intervals", x, measure.NewIntervals(3), measure.NewIntervals(4)},
		{"fluctuation", f, measure.NewFluctuation(3), measure.NewFluctuation(2)},
	} {
		data, err := a.of.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if err := a.not.UnmarshalBinary(data); err == nil || err.Error() != other {
			t.Errorf("%s: another's: %v", a.name, err)
		}
		// Shorter, longer, and with each byte changed: an error or a state, never a
		// panic, and after an error the state is what it was.
		before, _ := a.fresh.MarshalBinary()
		for _, d := range [][]byte{data[:len(data)-8], data[:len(data)-1], append(bytes.Clone(data), 0)} {
			if err := a.fresh.UnmarshalBinary(d); err == nil || err.Error() != damaged {
				t.Errorf("%s: %d of %d bytes: %v", a.name, len(d), len(data), err)
			}
		}
		for i := range data {
			d := bytes.Clone(data)
			d[i] ^= 0x81
			err := a.fresh.UnmarshalBinary(d)
			after, _ := a.fresh.MarshalBinary()
			if err != nil && !bytes.Equal(after, before) {
				t.Errorf("%s: byte %d: an error, and the state is changed", a.name, i)
			}
			before = after
		}
	}
}
