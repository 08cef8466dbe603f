package network_test

import (
	"context"
	"fmt"
	"log"

	"gpusim/cpuref"
	"gpusim/model"
	"gpusim/network"
)

// A network is compiled once; each point of the sweep sets a number and runs
// it again from the start.
func Example() {
	text := gamma(20, drawnInit, "0.01", 100, "")
	file, _, err := model.Parse("gamma.yaml", []byte(text), ".", model.LoadOptions{})
	if err != nil {
		log.Fatal(err)
	}
	net, err := network.Compile(file, cpuref.New(), nil)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = net.Close() }()
	for _, gMax := range []float64{0, 0.005, 0.01} {
		if err := net.Set("gaba.g_max", gMax); err != nil {
			log.Fatal(err)
		}
		result, err := net.Run(context.Background(), 100)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(gMax, len(result.Instances[0].Spikes[0].Steps), "spikes")
		if err := net.Reset(); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(net.Counters().ProgramsBuilt, "build")
	// Output:
	// 0 122 spikes
	// 0.005 80 spikes
	// 0.01 58 spikes
	// 1 build
}
