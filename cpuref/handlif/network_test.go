package handlif

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"
)

// TestRelaxation compares a neuron that does not spike with the solution of its
// equation, which exponential Euler has exactly.
func TestRelaxation(t *testing.T) {
	net := New([]float64{-60})
	net.Input[0] = 1.5
	net.Run(137)
	end := net.VRest + 1.5
	if want := end + (-60-end)*math.Exp(-13.7/net.Tau); !scalar.EqualWithinRel(net.V[0], want, 1e-13) {
		t.Errorf("V is %v, want %v", net.V[0], want)
	}
}

// TestInterval checks that a neuron whose input is strong enough to spike in any
// step spikes every Refractory steps.
func TestInterval(t *testing.T) {
	for _, k := range []int64{0, 1, 2, 7} {
		net := New([]float64{-60})
		net.Input[0], net.Refractory = 1e6, k
		steps, _ := net.Run(15)
		var want []int64
		for s := int64(0); s < 15; s += max(1, k) {
			want = append(want, s)
		}
		if !slices.Equal(steps, want) {
			t.Errorf("K = %d: spikes at %v, want %v", k, steps, want)
		}
	}
}

// TestDelay checks in which update a spike of step 0 is first seen. Neuron 0
// spikes once; 1 gets 4 mV at once, 2 a current of 4 that decays with 2 ms.
func TestDelay(t *testing.T) {
	for _, delay := range []int{1, 2, 10} {
		net := New([]float64{-50, -52, -52})
		net.Input[0] = 3
		net.Connect(&Synapses{Kind: Delta, Pre: []int32{0}, Post: []int32{1}, Weight: []float64{1}, Delay: delay})
		net.Connect(&Synapses{Kind: Current, Pre: []int32{0}, Post: []int32{2}, Weight: []float64{4}, Tau: 2, Delay: delay})
		for step := range 15 {
			spikes := net.Step()
			if want := step == 0; want != (len(spikes) > 0) {
				t.Errorf("spikes of %v in step %d", spikes, step)
			}
			// In the projections' phase of step delay-1 V jumps, and the
			// current enters the update of step delay.
			if want := step >= delay-1; want != (net.V[1] > -52) {
				t.Errorf("delay %d: neuron 1 is at %v after step %d", delay, net.V[1], step)
			}
			if want := step >= delay; want != (net.V[2] > -52) {
				t.Errorf("delay %d: neuron 2 is at %v after step %d", delay, net.V[2], step)
			}
			if want := 4 * math.Exp(-float64(step-(delay-1))*0.1/2); step >= delay-1 && !scalar.EqualWithinRel(net.Inp[2], want, 1e-13) {
				t.Errorf("delay %d: the current is %v after step %d, want %v", delay, net.Inp[2], step, want)
			}
		}
	}
}

func ExampleNetwork() {
	net := New([]float64{-52, -60})
	net.Input[0] = 4
	net.Connect(&Synapses{Kind: Delta, Pre: []int32{0, 0, 1}, Post: []int32{1, 1, 0}, Weight: []float64{4, 5, -3}, Delay: 15})
	steps, neurons := net.Run(400)
	for k, step := range steps {
		fmt.Printf("%4.1f ms: neuron %d\n", float64(step)*net.Dt, neurons[k])
	}
	// Output:
	//  6.9 ms: neuron 0
	//  8.4 ms: neuron 1
	// 32.0 ms: neuron 0
	// 33.5 ms: neuron 1
}
