package doctor

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gpusim/gpu"
	"gpusim/gpu/glctx"
	"gpusim/model"
	"gpusim/network"
)

// Speed is what a neuron and step of the gamma network take, in ns.
type Speed struct {
	Neurons   int         `json:"neurons"`
	Instances int         `json:"instances"`
	Steps     int         `json:"steps"`
	Measured  float64     `json:"measured_ns"` // the median of the runs
	Plan      string      `json:"plan"`
	Predicted []Predicted `json:"predicted"`
}

// Predicted is what bench/model.md predicts for a GPU.
type Predicted struct {
	GPU string  `json:"gpu"`
	Low float64 `json:"low_ns"`
	Top float64 `json:"top_ns"`
}

// card is a GPU as its datasheet has it.
type card struct {
	name              string
	processors, lanes float64 // multiprocessors, and float32 lanes of each
	clock             float64 // boost, GHz
}

// The counts of bench/model.md, which says where they come from.
const (
	instructions = 304 // of a neuron and step, on a lane
	latency      = 4.5 // clocks that an instruction waits for the one before, at most
	stepClocks   = 100 // of the barrier and the sum, a step
	schedulers   = 4   // of a multiprocessor
	warp         = 32
)

var cards = []card{
	{"RTX 3060", 28, 128, 1.78},
	{"A100 SXM", 108, 64, 1.41},
	{"H100 SXM5", 132, 128, 1.98},
}

// predict is for instances of so many neurons, each on one multiprocessor.
func (c *card) predict(neurons, instances int) Predicted {
	warps := float64((neurons + warp - 1) / warp)
	issue := warp * schedulers / c.lanes // clocks until a scheduler can issue again
	busiest := float64((int(warps) + schedulers - 1) / schedulers)
	rounds := float64((instances + int(c.processors) - 1) / int(c.processors))
	filled := rounds * warps / schedulers * instructions * issue // clocks, where nothing waits
	alone := busiest*instructions*issue + stepClocks
	waiting := max(alone, instructions*latency+stepClocks)
	low, top := max(filled, alone), max(filled, waiting)
	ns := 1 / (c.clock * float64(neurons) * float64(instances))
	return Predicted{c.name, low * ns, top * ns}
}

// Bench times the gamma network on the context in several sizes. each gets the
// results as they come.
func Bench(ctx context.Context, c *glctx.Context, each func(Speed)) error {
	dev := gpu.New(c, gpu.Options{PlanTime: time.Minute})
	for _, s := range []Speed{
		{Neurons: 100, Instances: 1, Steps: 5000},
		{Neurons: 1000, Instances: 1, Steps: 1000},
		{Neurons: 10000, Instances: 1, Steps: 200},
		{Neurons: 100, Instances: 1100, Steps: 200},
	} {
		if err := s.measure(ctx, dev); err != nil {
			return err
		}
		for i := range cards {
			s.Predicted = append(s.Predicted, cards[i].predict(s.Neurons, s.Instances))
		}
		each(s)
	}
	return nil
}

func (s *Speed) measure(ctx context.Context, dev network.Device) error {
	size := model.Override{Name: "cells.size", Value: fmt.Sprint(s.Neurons)}
	f, _, err := model.Parse("doctor", []byte(gamma), ".", model.LoadOptions{Set: []model.Override{size}})
	if err != nil {
		return err
	}
	n, err := network.Compile(f, dev, &network.Options{Instances: s.Instances})
	if err != nil {
		return err
	}
	defer n.Close()
	const runs = 5
	var seconds []float64
	for range runs + 1 {
		if err := n.Reset(); err != nil {
			return err
		}
		began := time.Now()
		if _, err := n.RunSteps(ctx, s.Steps); err != nil {
			return err
		}
		seconds = append(seconds, time.Since(began).Seconds())
	}
	seconds = seconds[1:] // the first one warms up
	slices.Sort(seconds)
	s.Measured = seconds[runs/2] * 1e9 / (float64(s.Neurons) * float64(s.Instances) * float64(s.Steps))
	s.Plan = n.Plan()[0]
	return nil
}
