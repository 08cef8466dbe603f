package main

import (
	"math"
	"path/filepath"
	"strings"

	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/model/npy"
	"gpusim/network"
)

// saveArrays writes spikes.npz, state.npz and, where something is recorded,
// traces.npz.
func saveArrays(dir string, f *model.File, net *network.Network, r *network.Result) error {
	if err := spikesArchive(r).WriteFile(filepath.Join(dir, "spikes.npz")); err != nil {
		return err
	}
	state, err := stateArchive(f, net, r)
	if err != nil {
		return err
	}
	if err := state.WriteFile(filepath.Join(dir, "state.npz")); err != nil {
		return err
	}
	if len(r.Instances[0].Traces) == 0 {
		return nil
	}
	return tracesArchive(r).WriteFile(filepath.Join(dir, "traces.npz"))
}

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
func stateArchive(f *model.File, net *network.Network, r *network.Result) (*npy.Archive, error) {
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
		if n := lineOf(f, name); n > 0 {
			shape = []int{len(data) / n, n}
		}
		z.Add(name, shape, data)
		has[name] = true
	}
	// A model without a refractory time does not store when its neurons spiked
	// last; the spikes say it.
	for i, p := range f.Populations {
		name := p.Name + ".last_spike_step"
		if !has[name] {
			z.Add(name, []int{p.Size}, lastSpikes(r.Instances[0].Spikes[i]))
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

// lastSpikes is the step of the last spike of each neuron.
func lastSpikes(train network.SpikeTrain) []float64 {
	last := make([]float64, train.Size)
	for i := range last {
		last[i] = math.Inf(-1)
	}
	for i, step := range train.Steps {
		last[train.Neurons[i]] = float64(step)
	}
	return last
}

// tracesArchive has the rows of each recorded variable, and the steps that
// they were taken after.
func tracesArchive(r *network.Result) *npy.Archive {
	var z npy.Archive
	for _, t := range r.Instances[0].Traces {
		z.Add(t.Name, []int{len(t.Steps), t.Len}, t.Data)
		z.Add(t.Name+".step", []int{len(t.Steps)}, t.Steps)
	}
	return &z
}
