package compare

import (
	"math"

	"gpusim/measure"
	"gpusim/network"
)

const crossCorrelation = "cross_correlation"

// reportFree compares the free runs.
func (c *comparison) reportFree() error {
	free := &c.report.FreeRun
	free.Judged = c.file.FreeRun
	free.Populations, free.Voltages, free.Measures = []FreeSpikes{}, []FreeVoltage{}, []FreeMeasure{}
	a, b := c.results[0], c.results[1]
	if a == nil || b == nil {
		return nil
	}
	judge := func(format string, args ...any) {
		if free.Judged {
			c.apart("free run: "+format, args...)
		}
	}
	for i, x := range a.Instances[0].Spikes {
		y := b.Instances[0].Spikes[i]
		m := match(x, y)
		s := FreeSpikes{Name: x.Population, Spikes: len(x.Steps), SpikesFloat64: len(y.Steps),
			CountsDiffer: m.CountsDiffer, SameStep: m.Same, WithinOneStep: m.WithinOne}
		s.RateHz, _ = measure.RateHz(int64(len(x.Steps)), x.Size, int64(a.Steps), a.Dt)
		s.RateHzFloat64, _ = measure.RateHz(int64(len(y.Steps)), y.Size, int64(b.Steps), b.Dt)
		if m.CountsDiffer > 0 {
			judge("%s: %d of %d neurons have another number of spikes", x.Population, m.CountsDiffer, x.Size)
		}
		if float64(m.WithinOne) < WithinLimit*float64(m.Spikes) {
			judge("%s: %d of %d spikes are within one step, less than %g %%", x.Population, m.WithinOne, m.Spikes, 100*WithinLimit)
		}
		if m.Differs {
			p := Parting{Population: x.Population, Neuron: int(m.Neuron), Step: m.Step, Ms: c.time(m.Step), By: "float64",
				Window: int(m.Step-c.first) / c.steps}
			if has(x, m) {
				p.By = "device"
			}
			if f := free.FirstParted; f == nil || p.Step < f.Step {
				free.FirstParted = &p
			}
		}
		free.Populations = append(free.Populations, s)
	}
	for _, v := range c.volts {
		x := FreeVoltage{Name: v.name, Median: v.all.quantile(0.5), Worst: v.all.most, Limit: VoltageLimit}
		if x.Median > x.Limit {
			judge("%s: the median difference over the first %g ms is %.3g mV, more than %g", v.name, VoltageMs, x.Median, x.Limit)
		}
		free.Voltages = append(free.Voltages, x)
	}
	return c.reportMeasures(judge)
}

// has reports whether a train has the spike at which two part.
func has(t network.SpikeTrain, m measure.Matching) bool {
	steps, neurons := measure.Window(t.Steps, t.Neurons, m.Step, 1)
	for i := range steps {
		if neurons[i] == m.Neuron {
			return true
		}
	}
	return false
}

func (c *comparison) reportMeasures(judge func(string, ...any)) error {
	a, err := network.Measure(c.file, c.results[0], 0)
	if err != nil {
		return err
	}
	b, err := network.Measure(c.file, c.results[1], 0)
	if err != nil {
		return err
	}
	for i := range a {
		m := FreeMeasure{Key: a[i].Key}
		if a[i].Defined {
			m.Value = &a[i].Value
		}
		if b[i].Defined {
			m.Float64 = &b[i].Value
		}
		if c.file.Measures[i].Kind == crossCorrelation {
			limit := CorrelationLimit
			m.Limit = &limit
			switch {
			case a[i].Defined != b[i].Defined:
				judge("%s is defined in one engine only", m.Key)
			case a[i].Defined && math.Abs(a[i].Value-b[i].Value) > limit:
				judge("%s is %.6g, in float64 %.6g: more than %g apart", m.Key, a[i].Value, b[i].Value, limit)
			}
		}
		c.report.FreeRun.Measures = append(c.report.FreeRun.Measures, m)
	}
	return nil
}
