package compare

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gpusim/measure"
	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/network"
)

// Options are those of Run. The zero value is what a program wants.
type Options struct {
	WindowMs float64 // 0: WindowMs
	// Pieces cuts the device's run, beside the windows.
	Pieces   int
	Note     func(msg string)
	Progress func(done, total int) // steps
}

// Run runs the file on a device and on the reference, the float64 engine, and
// compares them. When the context is cancelled, the report is of what was done.
func Run(ctx context.Context, f *model.File, device, reference network.Device, o Options) (*Report, error) {
	if o.WindowMs == 0 {
		o.WindowMs = WindowMs
	}
	c := &comparison{file: f, opts: o, total: f.Steps()}
	c.steps = max(1, int(model.StepOf(o.WindowMs, f.Dt)))
	c.report.WindowMs = float64(c.steps) * f.Dt
	defer c.close()
	if err := c.build(device, reference); err != nil {
		return nil, err
	}
	err := c.run(ctx)
	if err != nil && !network.IsCancelled(err) {
		return nil, err
	}
	if e := c.finish(); e != nil {
		return nil, e
	}
	if err != nil {
		c.report.Status = Interrupted
	}
	return &c.report, err
}

// comparison is a comparison being made. Three engines run: the device; the
// float64 engine by itself; and the float64 engine from the device's state.
type comparison struct {
	file  *model.File
	opts  Options
	steps int // of a window
	total int
	first int64

	device, free *side
	again        *tapEngine         // float64, from the device's state
	results      [2]*network.Result // of the windows done

	values  []*values
	trains  []*trains
	volts   []*values // of the free run
	pending *window
	report  Report
}

// side is an engine with the network on top of it.
type side struct {
	tap *tap
	net *network.Network
}

func (c *comparison) build(device, reference network.Device) error {
	open := func(d network.Device, note func(string)) (*side, error) {
		s := &side{tap: &tap{Device: d, window: min(c.steps, c.total)}}
		var err error
		s.net, err = network.Compile(c.file, s.tap, &network.Options{Note: note})
		return s, err
	}
	var err error
	if c.device, err = open(device, c.opts.Note); err != nil {
		return err
	}
	if c.free, err = open(reference, nil); err != nil {
		return err
	}
	c.first = c.device.net.Step()
	p, q := c.device.tap.prog, c.free.tap.prog
	if len(p.Vars) != len(q.Vars) {
		return errors.New("compare: the engines were given different programs")
	}
	eng, err := c.free.tap.Device.Build(q, 1)
	if err != nil {
		return err
	}
	c.again = &tapEngine{Engine: eng, prog: q, at: c.free.tap.engine.at, probes: c.free.tap.probes}
	c.again.SetOrigin(c.first)
	if err := copyParams(eng, c.free.tap.engine, q); err != nil {
		return err
	}
	for i := range c.device.tap.probes {
		x := &c.device.tap.probes[i]
		if x.of == ir.None {
			c.trains = append(c.trains, &trains{name: p.Populations[x.population].Name, population: x.population, probe: i, low: 1, high: -1})
			continue
		}
		v := &p.Vars[x.of]
		c.values = append(c.values, newValues(v, i))
		if v.Name == p.Populations[v.Population].Name+".V" && v.Dim == ir.PerNeuron && v.Role == ir.State {
			c.volts = append(c.volts, newValues(v, i))
		}
	}
	return nil
}

func newValues(v *ir.Var, probe int) *values {
	return &values{name: v.Name, of: elementOf(v.Dim), probe: probe, low: 1, high: -1}
}

func (c *comparison) close() {
	for _, s := range []*side{c.device, c.free} {
		if s != nil && s.net != nil {
			s.net.Close()
		}
	}
	if c.again != nil {
		c.again.Close()
	}
}

// run goes through the windows.
func (c *comparison) run(ctx context.Context) error {
	for done := 0; done < c.total; {
		n := min(c.steps, c.total-done)
		if err := c.window(ctx, done, n); err != nil {
			return err
		}
		done += n
		c.report.Steps, c.report.Windows = done, c.report.Windows+1
		if c.opts.Progress != nil {
			c.opts.Progress(done, c.total)
		}
		if c.device.tap.engine.bad != nil || c.again.bad != nil {
			return nil // what follows would be compared with NaN
		}
	}
	return nil
}

// window does n steps after the first done, from the device's state.
func (c *comparison) window(ctx context.Context, done, n int) error {
	from := c.first + int64(done)
	w := &window{index: c.report.Windows, first: from, end: from + int64(n)}
	device := c.device.tap.engine
	if err := copyState(c.again, device, c.again.prog); err != nil {
		return err
	}
	// One step more than the device does: a spike may have its partner there.
	extra := 0
	if done+n < c.total {
		extra = 1
	}
	c.again.begin(from)
	if _, err := c.again.Run(ctx, from, n+extra, nil); err != nil {
		return err
	}
	device.begin(from)
	a, err := c.advance(ctx, c.device.net, c.cut(done, n))
	if err != nil {
		return err
	}
	c.free.tap.engine.begin(from)
	b, err := c.advance(ctx, c.free.net, []int{n})
	if err != nil {
		return err
	}
	if err := c.keep(0, a); err != nil {
		return err
	}
	if err := c.keep(1, b); err != nil {
		return err
	}
	w.device, w.reference = device.kept, c.again.kept
	for _, v := range c.values {
		p := &c.device.tap.probes[v.probe]
		v.add(p, from, w.end, w.device.rows[v.probe], w.reference.rows[v.probe])
		v.closeWindow()
	}
	until := c.first + model.StepOf(VoltageMs, c.file.Dt)
	for _, v := range c.volts {
		p := &c.device.tap.probes[v.probe]
		v.add(p, from, min(w.end, until), w.device.rows[v.probe], c.free.tap.engine.kept.rows[v.probe])
		v.closeWindow()
	}
	c.closePending(&w.device)
	c.pending = w
	return nil
}

// cut gives the steps of the pieces that a window of the device's run has.
func (c *comparison) cut(done, n int) (pieces []int) {
	k := max(1, c.opts.Pieces)
	at := done
	for i := 1; i <= k; i++ {
		end := c.total/k*i + c.total%k*i/k
		if end > at && end < done+n {
			pieces = append(pieces, end-at)
			at = end
		}
	}
	return append(pieces, done+n-at)
}

// advance runs a network on, in pieces.
func (c *comparison) advance(ctx context.Context, net *network.Network, pieces []int) (all *network.Result, err error) {
	for _, steps := range pieces {
		r, err := net.RunSteps(ctx, steps)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = r
		} else {
			all.Append(r)
		}
	}
	return all, nil
}

// keep adds the result of a window. What the file records is of no use here,
// unless a measure is computed from it.
func (c *comparison) keep(which int, r *network.Result) error {
	if !slices.ContainsFunc(c.file.Measures, func(m *model.Measure) bool { return m.Kind == "voltage_fluctuation" }) {
		r.Instances[0].Traces = nil
	}
	if c.results[which] == nil {
		c.results[which] = r
	} else {
		c.results[which].Append(r)
	}
	return c.device.net.Fits(c.results[which])
}

// closePending compares the spikes of the window before, now that it is known
// what the device did next.
func (c *comparison) closePending(next *recording) {
	if c.pending == nil {
		return
	}
	for _, t := range c.trains {
		t.add(c.pending, c.device.tap.prog.Populations[t.population].Size, next)
	}
	c.pending = nil
}

// finish makes the report.
func (c *comparison) finish() error {
	c.closePending(nil)
	r := &c.report
	r.Status, r.Reasons = Within, []string{}
	r.Plan, r.Counters = c.device.net.Plan(), c.device.net.Counters()
	c.reportValues()
	c.reportSpikes()
	for _, e := range []struct {
		eng  *tapEngine
		name string
	}{{c.device.tap.engine, "the device"}, {c.again, "the float64 engine"}} {
		if bad := e.eng.bad; bad != nil {
			name := "a variable"
			if bad.Var >= 0 && int(bad.Var) < len(e.eng.prog.Vars) {
				name = e.eng.prog.Vars[bad.Var].Name
			}
			c.apart("%s of %s, element %d, is not finite after step %d (%s ms)", name, e.name, bad.Element, bad.Step, c.ms(bad.Step))
		}
	}
	if err := c.reportFree(); err != nil {
		return err
	}
	if len(r.Reasons) > 0 {
		r.Status = Apart
	}
	return nil
}

func (c *comparison) apart(format string, args ...any) {
	c.report.Reasons = append(c.report.Reasons, fmt.Sprintf(format, args...))
}

// ms is the time of a step in ms, without the digits of rounding.
func (c *comparison) ms(step int64) string { return fmt.Sprintf("%.10g", c.time(step)) }

func (c *comparison) time(step int64) float64 {
	return math.Round(float64(step)*c.file.Dt*1e9) / 1e9
}

// place fills in the time of a place, the end of its step; nil stays nil.
func (c *comparison) place(p *Place) *Place {
	if p != nil {
		p.Ms = c.time(p.Step + 1)
	}
	return p
}

func (c *comparison) reportValues() {
	for _, v := range c.values {
		index, median := v.worstWindow()
		x := Variable{Name: v.name, Median: v.all.quantile(0.5), P95: v.all.quantile(0.95), Worst: v.all.most,
			WindowMedian: median, Window: index, Limit: v.limit(), EverySteps: c.device.tap.probes[v.probe].every,
			NotFinite: c.place(v.notFinite)}
		if v.low <= v.high {
			x.Low, x.High = &v.low, &v.high
		}
		if v.all.most > 0 {
			x.WorstAt = c.place(&v.at)
		}
		for _, m := range v.medians {
			if m > x.Limit {
				x.OverLimit++
			}
		}
		if x.OverLimit > 0 {
			c.apart("%s: the median difference in the window from %s ms is %.3g, more than %.3g (1e-4 of its range); so in %d of %d windows",
				x.Name, c.ms(c.first+int64(index*c.steps)), median, x.Limit, x.OverLimit, c.report.Windows)
		}
		if p := x.NotFinite; p != nil {
			c.apart("%s of %s %d is not finite in one engine after step %d (%s ms)", x.Name, p.Of, p.Element, p.Step, c.ms(p.Step))
		}
		c.report.Variables = append(c.report.Variables, x)
	}
}

func (c *comparison) reportSpikes() {
	for _, t := range c.trains {
		near, apart := t.judge()
		x := Population{Name: t.name, Spikes: t.count, SpikesFloat64: t.other, SameStep: t.same, WithinOneStep: t.within,
			NearThreshold: near, Alone: []Alone{}}
		for _, a := range apart {
			a.Ms = c.time(a.Step)
			x.Alone = append(x.Alone, a)
		}
		if len(apart) > 0 {
			a := x.Alone[0]
			off := "unknown"
			if a.Distance != nil {
				off = fmt.Sprintf("%.3g off", *a.Distance)
			}
			other := "the float64 engine"
			if a.By == "float64" {
				other = "the device"
			}
			c.apart("%s: %s a neuron spiked in one engine only; first neuron %d at %s ms, not in %s, whose spike condition was %s (the limit is %.3g)",
				t.name, times(len(apart)), a.Neuron, c.ms(a.Step), other, off, a.Limit)
		}
		if p := t.parted; p != nil {
			p.Ms = c.time(p.Step)
			if f := c.report.FirstParted; f == nil || p.Step < f.Step {
				c.report.FirstParted = p
			}
		}
		c.report.Populations = append(c.report.Populations, x)
	}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// match compares the spikes of a population in the free runs.
func match(a, b network.SpikeTrain) measure.Matching {
	return measure.Match(a.Steps, a.Neurons, b.Steps, b.Neurons, b.Size)
}
