package launch

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"

	"gpusim/examples"
	"gpusim/gpu"
	"gpusim/gpu/glctx"
	"gpusim/gpu/gltest"
	"gpusim/model"
	"gpusim/network"
	"gpusim/tests/gamma/command"
)

func TestMain(m *testing.M) { os.Exit(command.Main(m)) }

// parse reads examples/gamma.yaml for a run of a tenth of a second, with values
// set, NAME=VALUE, and the sweep of the file or another one, "sweep:NAME=SPEC".
func parse(t *testing.T, set ...string) *model.File {
	t.Helper()
	return parseText(t, examples.Gamma, set...)
}

func parseText(t *testing.T, text string, set ...string) *model.File {
	t.Helper()
	var o model.LoadOptions
	for _, s := range append([]string{"run.duration=100"}, set...) {
		to := &o.Set
		if rest, ok := strings.CutPrefix(s, "sweep:"); ok {
			s, to = rest, &o.Params
		}
		name, value, _ := strings.Cut(s, "=")
		*to = append(*to, model.Override{Name: name, Value: value})
	}
	f, _, err := model.Parse("gamma.yaml", []byte(text), t.TempDir(), o)
	ok(t, err)
	return f
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open opens the device; where there is none, the test fails.
func open(t *testing.T, o gpu.Options) *gpu.Device {
	t.Helper()
	d, err := gpu.Open(o)
	ok(t, err)
	t.Cleanup(func() { ok(t, d.Close()) })
	return d
}

// plain is what fixes the plan: one candidate, and slices of which a run of
// 100 ms, 2,500 steps, needs five.
func plain() gpu.Options { return gpu.Options{Invocations: 8, Slice: 512} }

const slices100 = 5

// meter counts the calls of OpenGL functions in the loader's table, and the
// bytes of the two that move data.
type meter struct {
	counts func() map[string]int

	mu        sync.Mutex
	up, down  []int
	last      map[string]int
	functions map[string]unsafe.Pointer
	targets   map[string]uintptr
}

// counted are the functions that a meter counts.
var counted = []string{
	"glCompileShader", "glLinkProgram", "glDispatchCompute", "glBufferSubData", "glGetBufferSubData",
	"glGenBuffers", "glBufferData", "glDeleteBuffers", "glMapBufferRange", "glDispatchComputeIndirect",
	"glProgramBinary",
}

// openMetered opens the device with a meter in its function table. No other
// context may be opened while the meter is read: the table is the process's.
func openMetered(t *testing.T, o gpu.Options) (*gpu.Device, *meter) {
	t.Helper()
	hook, counts := gltest.Count(counted...)
	m := &meter{counts: counts, functions: map[string]unsafe.Pointer{}, targets: map[string]uintptr{}}
	o.Context.ProcAddr = func(name string, addr unsafe.Pointer) unsafe.Pointer {
		return m.sizes(name, hook(name, addr))
	}
	d := open(t, o)
	m.mark()
	return d, m
}

// sizes puts a function in the place of those that move data.
func (m *meter) sizes(name string, addr unsafe.Pointer) unsafe.Pointer {
	list := map[string]*[]int{"glBufferSubData": &m.up, "glGetBufferSubData": &m.down}[name]
	if list == nil {
		return addr
	}
	m.targets[name] = uintptr(addr)
	if m.functions[name] == nil {
		f := purego.NewCallback(func(target, offset, size, data uintptr) uintptr {
			m.mu.Lock()
			*list = append(*list, int(size))
			m.mu.Unlock()
			r, _, _ := purego.SyscallN(m.targets[name], target, offset, size, data)
			return r
		})
		// Not Go memory, which go vet would suspect.
		m.functions[name] = *(*unsafe.Pointer)(unsafe.Pointer(&f))
	}
	return m.functions[name]
}

// work is what was done between two marks.
type work struct {
	calls    map[string]int
	up, down []int // bytes of each transfer
}

// mark begins a new count and gives the last.
func (m *meter) mark() work {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := work{calls: map[string]int{}, up: m.up, down: m.down}
	now := m.counts()
	for name, n := range now {
		w.calls[name] = n - m.last[name]
	}
	m.last, m.up, m.down = now, nil, nil
	return w
}

func (w work) built() int { return w.calls["glLinkProgram"] + w.calls["glProgramBinary"] }

func total(list []int) (sum int64) {
	for _, n := range list {
		sum += int64(n)
	}
	return sum
}

// want compares a count.
func want[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// wantList compares the bytes of transfers.
func wantList(t *testing.T, what string, got []int, want ...int) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: transfers of %v bytes, want %v", what, got, want)
	}
}

// agree compares gpusim's counters of all that was done with the meter's.
func (w work) agree(t *testing.T, what string, c network.Counters) {
	t.Helper()
	want(t, what+": programs", c.ProgramsBuilt+c.Plan.Programs, w.built())
	want(t, what+": dispatches", c.Dispatches+c.Plan.Dispatches, w.calls["glDispatchCompute"])
	want(t, what+": bytes uploaded", c.BytesUploaded+c.Plan.Bytes, total(w.up))
	want(t, what+": bytes downloaded", c.BytesDownloaded, total(w.down))
	want(t, what+": glBufferSubData", w.calls["glBufferSubData"], len(w.up))
	want(t, what+": glGetBufferSubData", w.calls["glGetBufferSubData"], len(w.down))
	want(t, what+": other ways to move data or to dispatch", w.calls["glMapBufferRange"]+w.calls["glDispatchComputeIndirect"], 0)
}

// outcome is all that a run leaves of an instance.
type outcome struct {
	spikes   network.SpikeTrain
	traces   []network.Trace
	measures []network.MeasureValue
	state    map[string][]float64
}

// outcomeOf collects what a run left of instance k; n may be nil.
func outcomeOf(t *testing.T, f *model.File, r *network.Result, n *network.Network, k int) outcome {
	t.Helper()
	x := r.Instances[k]
	if x.Bad != nil {
		t.Fatal(x.Bad)
	}
	o := outcome{spikes: x.Spikes[0], traces: x.Traces, state: map[string][]float64{}}
	var err error
	o.measures, err = network.Measure(f, r, k)
	ok(t, err)
	if n == nil {
		return o
	}
	for _, name := range n.StateNames() {
		o.state[name], err = n.GetInstance(name, k)
		ok(t, err)
	}
	if len(o.state) == 0 {
		t.Fatal("a network without state")
	}
	return o
}

// alone compiles and runs a file's network.
func alone(t *testing.T, f *model.File, d *gpu.Device) outcome {
	t.Helper()
	n, err := network.Compile(f, d, nil)
	ok(t, err)
	defer func() { ok(t, n.Close()) }()
	r, err := n.Run(context.Background(), f.Run.Duration)
	ok(t, err)
	return outcomeOf(t, f, r, n, 0)
}

// same fails unless two outcomes are equal bit for bit. Where one has no state,
// that is not compared.
func same(t *testing.T, what string, got, want outcome) {
	t.Helper()
	if !slices.Equal(got.spikes.Steps, want.spikes.Steps) || !slices.Equal(got.spikes.Neurons, want.spikes.Neurons) {
		t.Errorf("%s: %d spikes, want other %d", what, len(got.spikes.Steps), len(want.spikes.Steps))
	}
	if len(want.spikes.Steps) == 0 {
		t.Errorf("%s: no neuron spikes: nothing was compared", what)
	}
	if len(got.measures) != len(want.measures) || len(got.traces) != len(want.traces) {
		t.Fatalf("%s: %d measures and %d traces, want %d and %d", what, len(got.measures), len(got.traces), len(want.measures), len(want.traces))
	}
	for i, m := range want.measures {
		if g := got.measures[i]; g.Key != m.Key || g.Defined != m.Defined || !sameBits(g.Value, m.Value) {
			t.Errorf("%s: %v, want %v", what, g, m)
		}
	}
	for i, x := range want.traces {
		if g := got.traces[i]; g.Name != x.Name || !slices.Equal(g.Steps, x.Steps) || !slices.EqualFunc(g.Data, x.Data, sameBits) {
			t.Errorf("%s: the traces %s and %s differ", what, g.Name, x.Name)
		}
	}
	if len(got.state) == 0 || len(want.state) == 0 {
		return
	}
	for name, x := range want.state {
		if !slices.EqualFunc(got.state[name], x, sameBits) {
			t.Errorf("%s: %s differs", what, name)
		}
	}
}

// sameBits takes all NaNs for equal: an undefined measure has one.
func sameBits(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
}

// gMax are the values of the sweep in examples/gamma.yaml.
func gMax(t *testing.T) []float64 {
	t.Helper()
	names, points := network.SweepPoints(parse(t).Sweep)
	if len(names) != 1 || names[0] != "gaba.g_max" || len(points) != 11 {
		t.Fatalf("examples/gamma.yaml sweeps %v over %d points", names, len(points))
	}
	var list []float64
	for _, p := range points {
		list = append(list, p[0])
	}
	return list
}

// limited is a device with no more than OpenGL 4.3 promises.
func limited(o gpu.Options) gpu.Options {
	l := glctx.MinimumLimits()
	o.Context.Limits = &l
	return o
}

func number(x float64) string { return fmt.Sprintf("%.17g", x) }

// example is the network file of the gamma oscillation.
func example() string { return filepath.Join(command.Root(), "examples", "gamma.yaml") }

// wantEmpty fails where there is something in a folder.
func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	ok(t, err)
	for _, e := range entries {
		t.Errorf("%s was left", e.Name())
	}
}
