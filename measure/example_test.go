package measure_test

import (
	"fmt"

	"gpusim/measure"
)

// Two neurons fire together, a third by itself.
var (
	steps   = []int64{100, 101, 350, 600, 603, 1000, 1100, 1101}
	neurons = []int32{0, 1, 2, 0, 1, 2, 0, 1}
)

const dt = 0.04 // ms

func ExampleCrossCorrelation() {
	bin := measure.BinSteps(0.5, dt)
	cc, ok := measure.CrossCorrelation(steps, neurons, 3, 0, 1250, bin)
	fmt.Printf("bin of %d steps, %.2f ms\n", bin, float64(bin)*dt)
	fmt.Printf("%.4f %v\n", cc, ok)

	_, ok = measure.CrossCorrelation(steps[:1], neurons[:1], 1, 0, 1250, bin)
	fmt.Println("of one neuron:", ok)
	// Output:
	// bin of 12 steps, 0.48 ms
	// 0.3333 true
	// of one neuron: false
}

func ExampleVoltageFluctuation() {
	rows := []float64{ // two neurons at three steps
		-65, -64,
		-60, -59,
		-62, -64,
	}
	v, _ := measure.VoltageFluctuation(rows, 2)
	fmt.Printf("%.4f\n", v)
	// Output:
	// 0.8977
}

func ExampleFluctuation() {
	f := measure.NewFluctuation(2)
	f.Add([]float64{-65, -64})
	f.Add([]float64{-60, -59})
	f.Add([]float64{-62, -64})
	v, _ := f.Value()
	fmt.Printf("%.4f after %d steps\n", v, f.Rows())
	// Output:
	// 0.8977 after 3 steps
}

func ExampleRateHz() {
	hz, _ := measure.RateHz(int64(len(steps)), 3, 1250, dt)
	fmt.Printf("%.2f Hz\n", hz)
	// Output:
	// 53.33 Hz
}

func ExampleISIMean() {
	mean, _ := measure.ISIMean(steps, neurons, 3, dt)
	cv, _ := measure.ISICV(steps, neurons, 3)
	fmt.Printf("mean %.2f ms, CV %.3f\n", mean, cv)
	// Output:
	// mean 21.20 ms, CV 0.113
}

func ExampleWindow() {
	s, n := measure.Window(steps, neurons, 500, 500)
	fmt.Println(s, n)
	// Output:
	// [600 603] [0 1]
}
