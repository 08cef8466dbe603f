package main

import (
	"math"
	"strings"

	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/model/npy"
	"gpusim/network"
)

// spikesArchive has the step and neuron of every spike. Step k is at
// t0 + k dt; steps count from time 0 whatever the run's start, so t0 is 0.
func spikesArchive(r *network.Result) *npy.Archive {
	var z npy.Archive
	z.Add("dt", nil, []float64{r.Dt})
	z.Add("t0", nil, []float64{0})
	for _, train := range r.Instances[0].Spikes {
		n := []int{len(train.Steps)}
		z.Add(train.Population+".step", n, train.Steps)
		z.Add(train.Population+".neuron", n, train.Neurons)
	}
	return &z
}

// stateArchive has the final value of everything that a step changes.
func stateArchive(r *recorder, net *network.Network) (*npy.Archive, error) {
	var z npy.Archive
	has := map[string]bool{}
	for _, name := range net.StateNames() {
		data, err := net.Get(name)
		if err != nil {
			return nil, err
		}
		for i, x := range data {
			if x == ir.NeverSpiked {
				data[i] = math.Inf(-1)
			}
		}
		shape := []int{len(data)}
		if n := lineOf(r.file, name); n > 0 {
			shape = []int{len(data) / n, n}
		}
		z.Add(name, shape, data)
		has[name] = true
	}
	// A model without a refractory time does not store when its neurons spiked
	// last; the spikes say it.
	for i, p := range r.file.Populations {
		name := p.Name + ".last_spike_step"
		if !has[name] {
			z.Add(name, []int{p.Size}, r.trains[i].last)
		}
	}
	return &z, nil
}

// lineOf is the number of neurons that a delay line is of, 0 where the name is not
// that of a delay line. A line has a row for each step that is still to arrive.
func lineOf(f *model.File, name string) int {
	object, rest, _ := strings.Cut(name, ".")
	if !strings.HasSuffix(rest, ".line") {
		return 0
	}
	p := f.Population(object)
	if p == nil {
		return 0
	}
	return p.Size
}
