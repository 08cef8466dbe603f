package network

import (
	"math/rand/v2"
	"testing"
)

func TestDecodeSpikesInOrder(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ instances, size, steps int }{{1, 1, 1}, {2, 3, 31}, {1, 5, 32}, {3, 17, 33}, {2, 40, 100}} {
		words := (c.steps + 31) / 32
		packed := make([]uint32, c.instances*words*c.size)
		const first = 1000
		type spike struct {
			step   int64
			neuron int32
		}
		want := make([][]spike, c.instances)
		for k := range c.instances {
			for s := range c.steps {
				for i := range c.size {
					if rng.IntN(7) == 0 {
						packed[(k*words+s/32)*c.size+i] |= 1 << (s % 32)
						want[k] = append(want[k], spike{first + int64(s), int32(i)})
					}
				}
			}
		}
		got := make([]SpikeTrain, c.instances)
		ok(t, unpackSpikes(&Slice{First: first, Steps: c.steps, Words: words}, c.instances, packed, c.size, func(k int, x *SpikeTrain) error {
			got[k].Steps, got[k].Neurons = append(got[k].Steps, x.Steps...), append(got[k].Neurons, x.Neurons...)
			return nil
		}))
		for k, x := range got {
			if len(x.Steps) != len(want[k]) || len(x.Neurons) != len(want[k]) {
				t.Fatalf("%+v: %d spikes, want %d", c, len(x.Steps), len(want[k]))
			}
			for i, w := range want[k] {
				if x.Steps[i] != w.step || x.Neurons[i] != w.neuron {
					t.Fatalf("%+v: spike %d is (%d, %d), want %v", c, i, x.Steps[i], x.Neurons[i], w)
				}
			}
		}
		if err := unpackSpikes(&Slice{Words: words + 1}, c.instances, packed, c.size, nil); err == nil {
			t.Error("a wrong number of words is no error")
		}
	}
}

func BenchmarkDecodeSpikes(b *testing.B) {
	const size, words = 1000, 400
	packed := make([]uint32, size*words)
	rng := rand.New(rand.NewPCG(1, 2))
	for range 1_000_000 {
		packed[rng.IntN(len(packed))] |= 1 << rng.IntN(32)
	}
	for b.Loop() {
		if err := unpackSpikes(&Slice{Words: words}, 1, packed, size, func(int, *SpikeTrain) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}
