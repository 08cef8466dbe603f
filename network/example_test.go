package network_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/model"
	"gpusim/network"
)

// The gamma network at 11 strengths of inhibition, as its file has them: on the
// graphics card, or where there is no OpenGL on the processor, in float64. Each
// neuron spikes as often on both.
func Example() {
	file, _, err := model.Load("../examples/gamma.yaml", model.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	var device network.Device
	device, err = gpu.Open(gpu.Options{})
	if errors.Is(err, gpu.ErrNoContext) {
		device, err = cpuref.New(), nil
	}
	if err != nil {
		log.Fatal(err)
	}
	defer device.Close()
	sweep, err := network.Sweep(context.Background(), file, device, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, point := range sweep.Points {
		fmt.Printf("%s = %.4f: %d spikes, %.2f Hz\n", sweep.Names[0], point.Values[0], point.Spikes[0], point.RateHz[0])
	}
	// Output:
	// gaba.g_max = 0.0005: 2450 spikes, 49.00 Hz
	// gaba.g_max = 0.0006: 2349 spikes, 46.98 Hz
	// gaba.g_max = 0.0007: 2336 spikes, 46.72 Hz
	// gaba.g_max = 0.0008: 2220 spikes, 44.40 Hz
	// gaba.g_max = 0.0009: 2100 spikes, 42.00 Hz
	// gaba.g_max = 0.0010: 2000 spikes, 40.00 Hz
	// gaba.g_max = 0.0011: 1984 spikes, 39.68 Hz
	// gaba.g_max = 0.0012: 1841 spikes, 36.82 Hz
	// gaba.g_max = 0.0013: 1738 spikes, 34.76 Hz
	// gaba.g_max = 0.0014: 1700 spikes, 34.00 Hz
	// gaba.g_max = 0.0015: 1700 spikes, 34.00 Hz
}

// leaky is a small network: leaky neurons, each with an input of its own.
const leaky = `gpusim: 1
dt: 0.1
models:
  leaky:
    kind: neuron
    parameters: {tau: 10, V_rest: -65, V_th: -50}
    state: {V: -65}
    input: I
    equations: dV/dt = (V_rest - V + I)/tau
    spike: V >= V_th
    reset: V = V_rest
populations:
  cells: {model: leaky, size: 4}
inputs:
  - {to: cells.I, value: 16 + 2*i}
run: {duration: 100}
measure: [{rate: {of: cells}}]
`

// compiled gives that network on the processor.
func compiled(opts *network.Options) (*model.File, *network.Network) {
	file, _, err := model.Parse("leaky.yaml", []byte(leaky), ".", model.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	net, err := network.Compile(file, cpuref.New(), opts)
	if err != nil {
		log.Fatal(err)
	}
	return file, net
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// A network is compiled once. Each round sets a number, runs from the start, and
// reads what it left.
func ExampleNetwork() {
	_, net := compiled(nil)
	defer net.Close()
	for _, tau := range []float64{5, 10, 20} {
		check(net.Set("cells.tau", tau))
		result, err := net.Run(context.Background(), 100) // ms
		check(err)
		V, err := net.Get("cells.V") // one a neuron, in mV
		check(err)
		fmt.Printf("tau %g ms: %d spikes, V = %.2f\n", tau, len(result.Instances[0].Spikes[0].Steps), V)
		check(net.Reset())
	}
	fmt.Println(net.Counters().ProgramsBuilt, "program built")
	// Output:
	// tau 5 ms: 49 spikes, V = [-58.32 -61.74 -58.41 -59.63]
	// tau 10 ms: 23 spikes, V = [-52.04 -53.62 -60.27 -52.89]
	// tau 20 ms: 10 spikes, V = [-50.73 -51.39 -53.72 -57.75]
	// 1 program built
}

// A run in pieces is the whole, bit for bit: Run goes on from where the clock
// stands.
func ExampleNetwork_Run() {
	_, net := compiled(nil)
	defer net.Close()
	whole, err := net.Run(context.Background(), 100)
	check(err)
	check(net.Reset())

	pieces, err := net.Run(context.Background(), 33.3)
	check(err)
	rest, err := net.Run(context.Background(), 66.7)
	check(err)
	pieces.Append(rest)

	a, b := whole.Instances[0].Spikes[0], pieces.Instances[0].Spikes[0]
	for k := range 3 {
		fmt.Printf("neuron %d at %.1f ms, in pieces neuron %d at %.1f ms\n",
			a.Neurons[k], float64(a.Steps[k])*whole.Dt, b.Neurons[k], float64(b.Steps[k])*whole.Dt)
	}
	fmt.Println(len(a.Steps), "spikes, in pieces", len(b.Steps))
	// Output:
	// neuron 3 at 11.4 ms, in pieces neuron 3 at 11.4 ms
	// neuron 2 at 13.8 ms, in pieces neuron 2 at 13.8 ms
	// neuron 1 at 17.9 ms, in pieces neuron 1 at 17.9 ms
	// 23 spikes, in pieces 23
}

// A context that is cancelled ends a run between two slices. What was done
// stands, and the network goes on from there.
func ExampleNetwork_Run_cancel() {
	ctx, cancel := context.WithCancel(context.Background())
	_, net := compiled(&network.Options{
		Progress: func(done, total int) { cancel() }, // after the first slice
	})
	defer net.Close()
	const total = 1_000_000
	result, err := net.RunSteps(ctx, total)
	if !network.IsCancelled(err) {
		log.Fatal(err)
	}
	fmt.Println("cancelled:", err)
	fmt.Println("some steps were done, not all:", result.Steps > 0 && result.Steps < total)
	fmt.Println("the network stands after them:", net.Step() == int64(result.Steps))
	// Output:
	// cancelled: context canceled
	// some steps were done, not all: true
	// the network stands after them: true
}

// Instances are copies of a network, side by side in one launch, each with its
// own values.
func ExampleNetwork_SetInstances() {
	_, net := compiled(&network.Options{Instances: 3})
	defer net.Close()
	check(net.SetInstances("cells.tau", []float64{5, 10, 20}))
	check(net.SetEach("inputs.0.value", [][]float64{{20, 20, 20, 20}, {16, 18, 20, 22}, {30, 30, 30, 30}}))
	result, err := net.Run(context.Background(), 100)
	check(err)
	for k, x := range result.Instances {
		fmt.Println("instance", k, "has", len(x.Spikes[0].Steps), "spikes")
	}
	V, err := net.GetInstance("cells.V", 2)
	check(err)
	fmt.Printf("V = %.2f\n", V)
	// Output:
	// instance 0 has 56 spikes
	// instance 1 has 23 spikes
	// instance 2 has 28 spikes
	// V = [-61.21 -61.21 -61.21 -61.21]
}

// Any state, quantity or input is recorded, every so many steps, of all elements
// or some.
func ExampleNetwork_SetRecords() {
	_, net := compiled(nil)
	defer net.Close()
	check(net.SetRecords("cells", []model.Record{{Name: "V", Every: 25, Of: []int{0, 3}}, {Name: "I", Every: 50, Mean: true}}))
	result, err := net.Run(context.Background(), 10)
	check(err)
	for _, trace := range result.Instances[0].Traces {
		for row, step := range trace.Steps {
			fmt.Printf("%s after step %d: %.2f\n", trace.Name, step, trace.Data[row*trace.Len:][:trace.Len])
		}
	}
	// Output:
	// cells.V after step 0: [-64.84 -64.78]
	// cells.V after step 25: [-61.34 -59.96]
	// cells.V after step 50: [-58.61 -56.21]
	// cells.V after step 75: [-56.48 -53.29]
	// cells.I after step 0: [19.00]
	// cells.I after step 50: [19.00]
}

// A change of structure is told, and keeps the state: here one number for all
// neurons where each had its own.
func ExampleNetwork_SetInput() {
	_, net := compiled(&network.Options{Note: func(msg string) { fmt.Println(msg) }})
	defer net.Close()
	_, err := net.Run(context.Background(), 50)
	check(err)
	check(net.SetInput(0, model.Constant, "", []float64{25}, 0))
	result, err := net.Run(context.Background(), 50)
	check(err)
	fmt.Println(len(result.Instances[0].Spikes[0].Steps), "spikes,", net.Rebuilds(), "rebuild")
	// Output:
	// The current "cells.I" input shape () is different from the last input shape (4,). The network will be rebuilt.
	// 23 spikes, 1 rebuild
}

// The same network goes on with half the time step.
func ExampleNetwork_Change() {
	_, net := compiled(&network.Options{Note: func(msg string) { fmt.Println(msg) }})
	defer net.Close()
	_, err := net.Run(context.Background(), 50)
	check(err)
	finer, _, err := model.Parse("leaky.yaml", []byte(leaky), ".", model.LoadOptions{Set: []model.Override{{Name: "dt", Value: "0.05"}}})
	check(err)
	check(net.Change(finer))
	result, err := net.Run(context.Background(), 50)
	check(err)
	fmt.Println("steps", result.First, "to", net.Step()-1)
	// Output:
	// The current dt 0.05 ms is different from the last dt 0.1 ms. The network will be rebuilt.
	// steps 1000 to 1999
}

// The measures that a file asks for are computed from a result.
func ExampleMeasure() {
	file, net := compiled(nil)
	defer net.Close()
	result, err := net.Run(context.Background(), 100)
	check(err)
	measures, err := network.Measure(file, result, 0)
	check(err)
	for _, m := range measures {
		fmt.Println(m.Key, m.Value, m.Defined)
	}
	// Output:
	// rate 57.5 true
}

// What a caller branches on: the message names the value, the place and the
// choices.
func ExampleNetwork_Set() {
	_, net := compiled(nil)
	defer net.Close()
	err := net.Set("cells.tua", 5)
	fmt.Println(errors.Is(err, network.ErrUnknownName), err)
	err = net.Set("cells.V", []float64{-60, -61})
	fmt.Println(errors.Is(err, network.ErrShape), err)
	// Output:
	// true there is no "cells.tua" in this network; did you mean cells.tau?
	// true cells.V: 2 values given, expected 1 or 4 (one a neuron)
}
