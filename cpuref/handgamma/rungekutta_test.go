package handgamma

import (
	"math"
	"testing"
)

// TestOrder halves the step of a neuron on its way through a spike, and of a
// synapse, and looks at what becomes of the error: a method of order p divides
// it by 2**p. The right values are RK4's at a fiftieth of the smaller step.
func TestOrder(t *testing.T) {
	at := func(method Method, dt float64) (v, s float64) {
		net := New([]float64{-55}, Collapsed)
		net.Method, net.Dt, net.Input = method, dt, []float64{5}
		for range int(math.Round(2 / dt)) {
			net.stepNeuron0()
		}
		x := 0.1
		for range int(math.Round(2 / dt)) {
			x = net.advanceSynapse(x, 0.3)
		}
		return net.V[0], x
	}
	v0, s0 := at(RK4, 0.0002)
	for method, order := range map[Method]float64{Euler: 1, RK2: 2, Heun: 2, Midpoint: 2, RK3: 3, RK4: 4, RK4Alternative: 4} {
		v1, s1 := at(method, 0.02)
		v2, s2 := at(method, 0.01)
		for what, ratio := range map[string]float64{"V": (v1 - v0) / (v2 - v0), "s": (s1 - s0) / (s2 - s0)} {
			if got := math.Log2(ratio); math.Abs(got-order) > 0.25 {
				t.Errorf("method %d, %s: order %.2f, want %v", method, what, got, order)
			}
		}
	}
}

// stepNeuron0 is a step of the first neuron with its input alone.
func (net *Network) stepNeuron0() {
	net.Inp[0] = net.Input[0]
	net.stepNeuron(0)
}
