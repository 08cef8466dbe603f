package compare_test

import (
	"context"
	"fmt"
	"log"

	"gpusim/compare"
	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/model"
)

// A network on a device and in float64.
func ExampleRun() {
	file, _, err := model.Load("../examples/gamma.yaml", model.LoadOptions{Set: []model.Override{{Name: "run.duration", Value: "100"}}})
	if err != nil {
		log.Fatal(err)
	}
	device, err := gpu.Open(gpu.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer device.Close()
	report, err := compare.Run(context.Background(), file, device, cpuref.New(), compare.Options{})
	if err != nil {
		log.Fatal(err)
	}
	p := report.Populations[0]
	fmt.Println(report.Status == compare.Within, report.Windows, "windows of", report.WindowMs, "ms")
	fmt.Println(p.Name, "spikes:", p.Spikes, "in float64:", p.SpikesFloat64)
	for _, v := range report.Variables {
		fmt.Println(v.Name, "within the limit:", v.WindowMedian <= v.Limit)
	}
	// Output:
	// true 10 windows of 10 ms
	// interneurons spikes: 400 in float64: 400
	// interneurons.V within the limit: true
	// interneurons.h within the limit: true
	// interneurons.n within the limit: true
	// interneurons.inp within the limit: true
	// gaba.s within the limit: true
}
