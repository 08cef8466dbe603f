package main

import (
	"errors"
	"math"
	"os"
	"path/filepath"

	"gpusim/model"
	"gpusim/model/npy"
	"gpusim/network"
	"gpusim/stream"
)

// The folders of a run's files that grow, in its folder.
const (
	spikesFolder = "spikes"
	tracesFolder = "traces"
)

// recorder is the network.Recorder of gpusim run: it writes spikes and rows to
// files that grow, and keeps only what the end of the run needs of them.
type recorder struct {
	file     *model.File
	measures *network.Measures
	trains   []*trainFiles // of populations
	traces   []*traceFiles // of recordings; nil where only a measure needs it

	first int64 // the step that the run began with
	next  int64 // the step to which all is in the files
	bad   *network.NonFinite
}

// trainFiles are the spikes of a population.
type trainFiles struct {
	name         string
	step, neuron *stream.File
	count        int
	last         []float64 // the step of each neuron's last spike; -inf: there was none
	raster       *thinned
}

// traceFiles are the rows of a recorded variable.
type traceFiles struct {
	name       string
	step, data *stream.File
}

// newRecorder makes the files of a run of net from where it stands, in dir.
func newRecorder(dir string, file *model.File, net *network.Network) (r *recorder, err error) {
	recordings, err := net.Recordings()
	if err != nil {
		return nil, err
	}
	r = &recorder{file: file, measures: net.NewMeasures(), first: net.Step(), next: net.Step()}
	defer func() {
		if err != nil {
			err = errors.Join(err, r.abandon())
		}
	}()
	for _, folder := range []string{spikesFolder, tracesFolder} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o777); err != nil {
			return r, err
		}
	}
	neurons := 0
	for _, p := range file.Populations {
		neurons += p.Size
	}
	for _, p := range file.Populations {
		t := &trainFiles{name: p.Name, last: make([]float64, p.Size), raster: newThinned(p.Size, neurons)}
		for i := range t.last {
			t.last[i] = math.Inf(-1)
		}
		r.trains = append(r.trains, t)
		path := filepath.Join(dir, spikesFolder, p.Name)
		if t.neuron, err = stream.Create(path+".neuron.npy", "<i4", 0); err != nil {
			return r, err
		}
		if t.step, err = stream.Create(path+".step.npy", "<i8", 0); err != nil {
			return r, err
		}
	}
	for _, x := range recordings {
		if x.Hidden {
			r.traces = append(r.traces, nil)
			continue
		}
		t := &traceFiles{name: x.Name}
		r.traces = append(r.traces, t)
		path := filepath.Join(dir, tracesFolder, x.Name)
		if t.data, err = stream.Create(path+".npy", "<f8", x.Len); err != nil {
			return r, err
		}
		if t.step, err = stream.Create(path+".step.npy", "<i8", 0); err != nil {
			return r, err
		}
	}
	return r, nil
}

// Spikes implements network.Recorder.
func (r *recorder) Spikes(instance, population int, steps []int64, neurons []int32) error {
	t := r.trains[population]
	t.count += len(steps)
	for i, step := range steps {
		t.last[neurons[i]] = float64(step)
	}
	t.raster.add(steps, neurons)
	if err := t.neuron.Append(neurons); err != nil {
		return err
	}
	if err := t.step.Append(steps); err != nil {
		return err
	}
	return r.measures.Spikes(instance, population, steps, neurons)
}

// Rows implements network.Recorder.
func (r *recorder) Rows(instance, recording int, steps []int64, data []float64) error {
	if t := r.traces[recording]; t != nil {
		if err := t.data.Append(data); err != nil {
			return err
		}
		if err := t.step.Append(steps); err != nil {
			return err
		}
	}
	return r.measures.Rows(instance, recording, steps, data)
}

// Done implements network.Recorder. The files of steps come last: what they tell
// of is there, whenever the program ends.
func (r *recorder) Done(next int64) error {
	for _, f := range r.files() {
		if err := f.Commit(); err != nil {
			return err
		}
	}
	r.next = next
	return r.measures.Done(next)
}

// files are all files that are open, in the order in which they are written.
func (r *recorder) files() (all []*stream.File) {
	add := func(list ...*stream.File) {
		for _, f := range list {
			if f != nil {
				all = append(all, f)
			}
		}
	}
	for _, t := range r.trains {
		add(t.neuron, t.step)
	}
	for _, t := range r.traces {
		if t != nil {
			add(t.data, t.step)
		}
	}
	return all
}

// abandon closes the files that are open, with what the slices that are done have
// left in them.
func (r *recorder) abandon() (err error) {
	for _, f := range r.files() {
		err = errors.Join(err, f.Abandon())
	}
	r.trains, r.traces = nil, nil
	return err
}

// steps is how many steps are in the files.
func (r *recorder) steps() int { return int(r.next - r.first) }

// spikesArchive has the step and neuron of every spike. Step k is at
// t0 + k dt; steps count from time 0 whatever the run's start, so t0 is 0.
func (r *recorder) spikesArchive() *npy.Archive {
	var z npy.Archive
	z.Add("dt", nil, []float64{r.file.Dt})
	z.Add("t0", nil, []float64{0})
	for _, t := range r.trains {
		z.AddFrom(t.name+".step", t.step.Shape(), t.step.Type(), t.step.Data())
		z.AddFrom(t.name+".neuron", t.neuron.Shape(), t.neuron.Type(), t.neuron.Data())
	}
	return &z
}

// tracesArchive has the rows of each recorded variable, and the steps that
// they were taken after; nil where nothing is recorded.
func (r *recorder) tracesArchive() *npy.Archive {
	var z *npy.Archive
	for _, t := range r.traces {
		if t == nil {
			continue
		}
		if z == nil {
			z = &npy.Archive{}
		}
		z.AddFrom(t.name, t.data.Shape(), t.data.Type(), t.data.Data())
		z.AddFrom(t.name+".step", t.step.Shape(), t.step.Type(), t.step.Data())
	}
	return z
}
