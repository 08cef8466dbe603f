package serve

import (
	"time"

	"gpusim/model"
	"gpusim/network"
)

// table is what a sweep gives: a row a point, and of each point what else was
// asked for.
type table struct {
	names  []string
	wants  wants
	steps  int
	points []network.Point
	spikes []train
	traces []network.Trace // the rows of point after point
	values []perPoint
}

// train is the spikes of a population, those of point after point.
type train struct {
	population string
	steps      []int64
	neurons    []int32
	counts     []int64 // of each point
}

// perPoint is the values of a name, those of point after point.
type perPoint struct {
	name  string
	shape []int
	data  []float64
}

// add adds the points of a launch.
func (t *table) add(rows []network.Point, r *network.Result, c *network.Copies, net *network.Network) error {
	for k := range rows {
		if t.wants.spikes {
			t.addSpikes(&r.Instances[k])
		}
		if t.wants.traces {
			t.addTraces(&r.Instances[k])
		}
	}
	for i, name := range t.wants.names {
		if len(t.values) <= i {
			shape, err := net.Shape(name)
			if err != nil {
				return err
			}
			t.values = append(t.values, perPoint{name: name, shape: shape})
		}
		for k := range rows {
			data, err := c.Get(name, k)
			if err != nil {
				return err
			}
			v := &t.values[i]
			if product(v.shape) != len(data) { // it has another shape in the copies
				v.shape = []int{len(data)}
			}
			v.data = append(v.data, unspiked(data)...)
		}
	}
	t.points = append(t.points, rows...)
	return nil
}

func (t *table) addSpikes(x *network.InstanceResult) {
	for i, s := range x.Spikes {
		if len(t.spikes) <= i {
			t.spikes = append(t.spikes, train{population: s.Population})
		}
		to := &t.spikes[i]
		to.steps, to.neurons = append(to.steps, s.Steps...), append(to.neurons, s.Neurons...)
		to.counts = append(to.counts, int64(len(s.Steps)))
	}
}

func (t *table) addTraces(x *network.InstanceResult) {
	for i, s := range x.Traces {
		if len(t.traces) <= i {
			t.traces = append(t.traces, network.Trace{Name: s.Name, Steps: s.Steps, Len: s.Len})
		}
		t.traces[i].Data = append(t.traces[i].Data, s.Data...)
	}
}

// json is the answer: the columns of sweep.csv, then what else was asked for.
func (t *table) json(f *model.File, status string, took time.Duration) object {
	n := len(t.points)
	column := func(of func(p *network.Point) float64) array {
		data := make([]float64, n)
		for k := range t.points {
			data[k] = of(&t.points[k])
		}
		return vector(data)
	}
	var columns []any
	add := func(name string, values any) { columns = append(columns, object{{"name", name}, {"values", values}}) }
	for i, name := range t.names {
		add(name, column(func(p *network.Point) float64 { return p.Values[i] }))
	}
	for i, m := range f.Measures {
		add(m.Key, column(func(p *network.Point) float64 { return p.Measures[i].Value }))
	}
	for i, pop := range f.Populations {
		before := ""
		if len(f.Populations) > 1 {
			before = pop.Name + "."
		}
		counts := make([]int64, n)
		for k := range t.points {
			counts[k] = int64(t.points[k].Spikes[i])
		}
		add(before+"spikes", vector(counts))
		add(before+"rate_hz", column(func(p *network.Point) float64 { return p.RateHz[i] }))
	}
	statuses, details := make([]string, n), make([]string, n)
	for k, p := range t.points {
		statuses[k], details[k] = p.Status, p.Detail
	}
	add("status", statuses)
	out := object{{"status", status}, {"points", n}, {"steps", t.steps}, {"dt_ms", f.Dt}, {"seconds", took.Seconds()},
		{"swept", t.names}, {"columns", columns}, {"details", details}}
	if t.wants.spikes {
		spikes := object{}
		for _, s := range t.spikes {
			spikes = append(spikes, member{s.population, object{{"step", vector(s.steps)}, {"neuron", vector(s.neurons)}, {"counts", vector(s.counts)}}})
		}
		out = append(out, member{"spikes", spikes})
	}
	if t.wants.traces {
		var traces []any
		for _, s := range t.traces {
			traces = append(traces, object{{"name", s.Name}, {"step", vector(s.Steps)}, {"values", array{[]int{n, len(s.Steps), s.Len}, s.Data}}})
		}
		out = append(out, member{"traces", traces})
	}
	values := object{}
	for _, v := range t.values {
		values = append(values, member{v.name, array{append([]int{n}, v.shape...), v.data}})
	}
	return append(out, member{"values", values})
}
