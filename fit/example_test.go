package fit_test

import (
	"context"
	"fmt"

	"gpusim/cpuref"
	"gpusim/fit"
	"gpusim/model"
)

// The drive at which leaky neurons fire at 63 Hz.
func ExampleSearch() {
	file, _, err := model.Parse("cells.yaml", []byte(cells+`fit:
  parameters: {drive: {from: 10, to: 40}}
  goal: {targets: {rate: 63}}
`), ".", model.LoadOptions{})
	if err != nil {
		panic(err)
	}
	result, err := fit.Search(context.Background(), file, cpuref.New(), nil)
	if err != nil {
		panic(err)
	}
	best := result.Best()
	fmt.Printf("%s: %s = %.1f, %s = %.1f\n", result.Ended, result.Names[0], best.Values[0], best.Measures[0].Key, best.Measures[0].Value)
	// Output: reached: drive = 19.9, rate = 62.5
}
