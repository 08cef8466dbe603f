package network

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"gpusim/examples"
	"gpusim/model"
	"gpusim/model/ir"
)

// fakeDevice is a device that keeps what is written and does next to nothing:
// a step adds 1 to every state of Role State.
type fakeDevice struct {
	engines []*fakeEngine
	fail    error // of Build
	slice   int   // steps a slice; 0 is all
}

func (d *fakeDevice) Info() DeviceInfo {
	return DeviceInfo{Device: "fake", Engine: "cpu", Precision: "float64"}
}
func (d *fakeDevice) Close() error { return nil }

func (d *fakeDevice) Build(p *ir.Program, instances int) (Engine, error) {
	if d.fail != nil {
		return nil, d.fail
	}
	e := &fakeEngine{d: d, p: p, k: instances}
	for _, v := range p.Vars {
		e.vars = append(e.vars, make([]float64, v.Len*instances))
		if v.Role == ir.Last {
			for i := range e.vars[len(e.vars)-1] {
				e.vars[len(e.vars)-1][i] = ir.NeverSpiked
			}
		}
	}
	e.counters.ProgramsBuilt = 1
	d.engines = append(d.engines, e)
	return e, nil
}

func (d *fakeDevice) last() *fakeEngine { return d.engines[len(d.engines)-1] }

type fakeEngine struct {
	d        *fakeDevice
	p        *ir.Program
	k        int
	vars     [][]float64
	saved    [][]float64
	log      []string // writes, saves and restores
	counters Counters
	closed   bool
}

func (e *fakeEngine) Write(v ir.VarID, data []float64) error {
	n := e.p.Vars[v].Len
	if len(data) != n && len(data) != n*e.k {
		return fmt.Errorf("%d elements of %d for %s", len(data), n, e.p.Vars[v].Name)
	}
	for i := range e.vars[v] {
		e.vars[v][i] = data[i%len(data)]
	}
	e.counters.BytesUploaded += 4 * int64(len(data))
	e.log = append(e.log, fmt.Sprintf("%s[%d]", e.p.Vars[v].Name, len(data)))
	return nil
}

func (e *fakeEngine) Read(v ir.VarID, instance int) ([]float64, error) {
	n := e.p.Vars[v].Len
	return append([]float64(nil), e.vars[v][instance*n:(instance+1)*n]...), nil
}

func (e *fakeEngine) Save() error {
	e.saved = nil
	for _, v := range e.vars {
		e.saved = append(e.saved, append([]float64(nil), v...))
	}
	e.log = append(e.log, "save")
	return nil
}

func (e *fakeEngine) Restore() error {
	for i, v := range e.saved {
		if e.p.Vars[i].Role.IsState() {
			copy(e.vars[i], v)
		}
	}
	e.log = append(e.log, "restore")
	return nil
}

func (e *fakeEngine) Resize(instances int) error {
	e.k, e.vars, e.saved = instances, nil, nil
	for _, v := range e.p.Vars {
		e.vars = append(e.vars, make([]float64, v.Len*instances))
	}
	e.log = append(e.log, fmt.Sprintf("resize %d", instances))
	return nil
}

func (e *fakeEngine) Run(ctx context.Context, first int64, steps int, sink func(*Slice) error) (int, error) {
	done := 0
	for done < steps {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		n := steps - done
		if e.d.slice > 0 {
			n = min(n, e.d.slice)
		}
		s := &Slice{First: first + int64(done), Steps: n, Words: (n + 31) / 32, Bad: make([]*ir.NotFinite, e.k)}
		for i := range e.p.Populations {
			s.Spikes = append(s.Spikes, make([]uint32, e.k*s.Words*e.p.Populations[i].Size))
		}
		for _, r := range e.p.AllRecords() {
			var rows []float64
			for b := range n {
				if (s.First+int64(b))%int64(r.Every) != 0 {
					continue
				}
				for k := range e.k {
					for i := range r.Width() {
						rows = append(rows, float64(s.First)+float64(b)+100*float64(k)+0.001*float64(i))
					}
				}
			}
			s.Records = append(s.Records, rows)
		}
		for i, v := range e.p.Vars {
			if v.Role == ir.State {
				for j := range e.vars[i] {
					e.vars[i][j] += float64(n)
				}
			}
		}
		done += n
		e.counters.Dispatches++
		if err := sink(s); err != nil {
			return done, err
		}
	}
	return done, nil
}

func (e *fakeEngine) Counters() Counters { return e.counters }
func (e *fakeEngine) Plan() []string     { return []string{"fake"} }
func (e *fakeEngine) SetOrigin(int64)    {}
func (e *fakeEngine) Close() error       { e.closed = true; return nil }

// writes gives the log since the last call.
func (e *fakeEngine) writes() []string {
	log := e.log
	e.log = nil
	return log
}

// gammaText is a small network of the example's models.
var gammaText = func() string {
	models, _, _ := strings.Cut(examples.Gamma, "\npopulations:")
	return models + "\n" + `populations:
  interneurons:
    model: wang_buzsaki
    size: 10
    init: {V: "uniform(-70, -50)", h: alpha_h/(alpha_h + beta_h), n: alpha_n/(alpha_n + beta_n)}
    record: [spikes]
projections:
  gaba:
    model: gaba_a
    from: interneurons
    to: interneurons
    connect: {all_to_all: {self: false}}
    parameters: {g_max: 0.1/N_pre}
inputs:
  - {to: interneurons.inp, value: 1.2}
run: {duration: 4, seed: 1}
`
}()

func parse(t testing.TB, text string, set ...model.Override) *model.File {
	t.Helper()
	f, _, err := model.Parse("test.yaml", []byte(text), ".", model.LoadOptions{Set: set})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// compiled gives a network of a text on a fake device, and the notes that it
// will give.
func compiled(t testing.TB, text string, opts *Options) (*Network, *fakeDevice, *[]string) {
	t.Helper()
	d, notes := &fakeDevice{}, &[]string{}
	o := Options{}
	if opts != nil {
		o = *opts
	}
	o.Note = func(msg string) { *notes = append(*notes, msg) }
	n, err := Compile(parse(t, text), d, &o)
	if err != nil {
		t.Fatal(err)
	}
	return n, d, notes
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ran runs for a time and returns the result.
func ran(t testing.TB, n *Network, ms float64) *Result {
	t.Helper()
	r, err := n.Run(context.Background(), ms)
	ok(t, err)
	return r
}

func got(t testing.TB, n *Network, name string) []float64 {
	t.Helper()
	v, err := n.Get(name)
	ok(t, err)
	return v
}
