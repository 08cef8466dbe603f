package gpu_test

import (
	"errors"
	"fmt"
	"log"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/network"
)

// The graphics card where there is one that speaks OpenGL 4.3, else the
// processor.
func ExampleOpen() {
	var device network.Device
	device, err := gpu.Open(gpu.Options{})
	if errors.Is(err, gpu.ErrNoContext) {
		fmt.Println("computing in float64:", err)
		device, err = cpuref.New(), nil
	}
	if err != nil {
		log.Fatal(err)
	}
	defer device.Close()
	info := device.Info()
	fmt.Println(info.Engine, info.Precision)
	// Output: gpu float32
}
