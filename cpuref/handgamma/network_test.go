package handgamma

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"
)

// TestOneStep has the values of the project's page on semantics: one step from h
// at its steady state and n = 0.3. An exponential Euler whose A is wrong, as one
// found by expanding m^3, is far from them.
func TestOneStep(t *testing.T) {
	for _, test := range []struct{ before, after float64 }{
		{-70, -69.98978353463232},
		{-60, -60.04347423287377},
		{-50, -49.943213009430266},
		{-30, -29.19097346632853},
		{0, -0.19435318740461816},
		{40, 39.26262650200747},
	} {
		for _, form := range []Form{Collapsed, PerSynapse} {
			net := New([]float64{test.before}, form)
			net.N[0] = 0.3
			net.Step()
			if !scalar.EqualWithinRel(net.V[0], test.after, 1e-14) {
				t.Errorf("%v mV became %v, want %v", test.before, net.V[0], test.after)
			}
		}
	}
}

// TestSingular starts where x/(exp(x) - 1) is 0/0.
func TestSingular(t *testing.T) {
	net := New([]float64{-35, -34, math.Nextafter(-35, 0), math.Nextafter(-34, 0)}, Collapsed)
	net.Step()
	for i, v := range net.V {
		if math.IsNaN(v) || math.Abs(v-net.V[i%2]) > 1e-12 {
			t.Errorf("neuron %d is at %v, its neighbour at %v", i, v, net.V[i%2])
		}
	}
	for _, x := range []float64{0, 1e-300, -1e-300, 1e-17, -1e-17} {
		if a, b := expm1OverX(x), xOverExpm1(x); a != 1 || b != 1 {
			t.Errorf("x = %v: (exp(x)-1)/x is %v, x/(exp(x)-1) is %v, want 1", x, a, b)
		}
	}
	// The sum of the series 1 - x/2 + x^2/12 - x^4/720.
	if got, want := xOverExpm1(1e-3), 0.999500083333331944; !scalar.EqualWithinULP(got, want, 2) {
		t.Errorf("x/(exp(x)-1) at 1e-3 is %v, want %v", got, want)
	}
}

// TestForms compares the two forms, whose sums are in different order.
func TestForms(t *testing.T) {
	v := []float64{-70, -62, -55, -51, -66.5}
	a, b := New(v, Collapsed), New(v, PerSynapse)
	for _, net := range []*Network{a, b} {
		net.Input = []float64{1, 1.2, 1.4, 1.6, 5}
	}
	steps, neurons := a.Run(2000)
	steps2, neurons2 := b.Run(2000)
	if len(steps) == 0 || !slices.Equal(steps, steps2) || !slices.Equal(neurons, neurons2) {
		t.Errorf("%d and %d spikes, which differ", len(steps), len(steps2))
	}
	for k, s := range b.S {
		if pre := k / (len(v) - 1); !scalar.EqualWithinAbsOrRel(s, a.S[pre], 1e-9, 1e-9) {
			t.Errorf("synapse %d is at %v, neuron %d's at %v", k, s, pre, a.S[pre])
		}
	}
}

func TestInput(t *testing.T) {
	defer func() {
		if got, want := recover(), "handgamma: the input has not one value, nor one for each neuron"; got != want {
			t.Errorf("got %v, want %s", got, want)
		}
	}()
	net := New([]float64{-60, -60, -60}, Collapsed)
	net.Input = []float64{1, 2}
	net.Step()
}

func ExampleNetwork() {
	net := New([]float64{-70, -60, -50}, Collapsed)
	steps, neurons := net.Run(500)
	for k, step := range steps {
		fmt.Printf("%5.2f ms: neuron %d\n", float64(step)*net.Dt, neurons[k])
	}
	// Output:
	//  1.32 ms: neuron 2
	//  8.80 ms: neuron 1
	// 19.40 ms: neuron 2
}

func BenchmarkStep(b *testing.B) {
	v := make([]float64, 100)
	for i := range v {
		v[i] = -70 + 20*float64(i)/100
	}
	for _, form := range []struct {
		name string
		form Form
	}{{"collapsed", Collapsed}, {"per synapse", PerSynapse}} {
		b.Run(form.name, func(b *testing.B) {
			net := New(v, form.form)
			for b.Loop() {
				net.Step()
			}
		})
	}
}
