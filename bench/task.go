package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"gpusim/model"
	"gpusim/network"
)

// task is work that the programs do: the points of a sweep, each a run.
type task struct {
	title        string
	size, points int     // neurons; points of the sweep, 1 for the file's own g_max
	duration     float64 // of a run, ms
	rounds       int
	with         []string // the programs, by name; the first is the reference for spikes

	programs []*program
	steps    int
	dt       float64
	work     float64 // neuron-steps
	start    string  // files of the V that all start from, and of g_max
	strength string
	points64 []float64
	gpu      *network.Network // of the program gpuPlanned
	engine   network.Engine
	built    time.Duration
	open     []*network.Network
}

// The programs.
const (
	gpuPlanned    = "gpu"
	gpuUnplanned  = "gpu, first kernel"
	gpuAlone      = "gpu, a point at a time"
	gpuPerSynapse = "gpu, a state a synapse"
	float64CPU    = "cpuref"
	cOne          = "C"
	cTwo          = "C, 2 threads"
	cPerSynapse   = "C, a state a synapse"
	brianOne      = "Brian2 cpp_standalone"
	brianTwo      = "Brian2 cpp_standalone, 2 threads"
	brianCython   = "Brian2 cython"
)

// kinds says of each program its precision, threads and form.
var kinds = map[string][3]string{
	gpuPlanned:    {"float32", "llvmpipe's, one an instance", "O(N)"},
	gpuUnplanned:  {"float32", "llvmpipe's, one an instance", "O(N)"},
	gpuAlone:      {"float32", "one", "O(N)"},
	gpuPerSynapse: {"float32", "llvmpipe's", "O(N^2)"},
	float64CPU:    {"float64", "one an instance", "O(N)"},
	cOne:          {"float32", "1", "O(N)"},
	cTwo:          {"float32", "2", "O(N)"},
	cPerSynapse:   {"float32", "1", "O(N^2)"},
	brianOne:      {"float64", "1", "O(N)"},
	brianTwo:      {"float64", "2", "O(N)"},
	brianCython:   {"float64", "1", "O(N)"},
}

func (t *task) String() string {
	s := fmt.Sprintf("%s: %d neurons, %d steps", t.title, t.size, t.steps)
	if t.points > 1 {
		s = fmt.Sprintf("%s: %d points of %d neurons, %d steps each", t.title, t.points, t.size, t.steps)
	}
	return s
}

func (t *task) close() {
	for _, n := range t.open {
		n.Close()
	}
}

// program is the program of that name, nil where the task has none.
func (t *task) program(name string) *program {
	for _, p := range t.programs {
		if p.name == name {
			return p
		}
	}
	return nil
}

// prepare builds the networks; the runs that are timed come after.
func (t *task) prepare(ctx context.Context, m *machine, o options) error {
	f, err := gamma(t.size)
	if err != nil {
		return err
	}
	t.dt, t.steps = f.Dt, int(model.StepOf(t.duration, f.Dt))
	t.work = float64(t.steps) * float64(t.size) * float64(t.points)
	if err := t.writeInputs(m, f); err != nil {
		return err
	}
	for _, name := range t.with {
		p, err := t.add(ctx, m, o, f, name)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", t, name, err)
		}
		if p != nil {
			t.programs = append(t.programs, p)
		}
	}
	return nil
}

// writeInputs writes the V that the network starts from, and g_max, to files.
func (t *task) writeInputs(m *machine, f *model.File) error {
	n, err := compile(f, m.cpu, t.points, false)
	if err != nil {
		return err
	}
	defer n.Close()
	V, err := n.Get("interneurons.V")
	if err != nil {
		return err
	}
	for k := range t.points {
		g, err := n.GetInstance("gaba.g_max", k)
		if err != nil {
			return err
		}
		t.points64 = append(t.points64, g[0])
	}
	for i := range V { // as the float32 programs have it
		V[i] = float64(float32(V[i]))
	}
	stem := filepath.Join(m.scratch, fmt.Sprintf("%d-%d", t.size, t.points))
	t.start, t.strength = stem+".V.f64", stem+".g_max.f64"
	return errors.Join(writeFloats(t.start, V), writeFloats(t.strength, t.points64))
}

func writeFloats(path string, x []float64) error {
	raw := make([]byte, 0, 8*len(x))
	for _, v := range x {
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
	}
	return os.WriteFile(path, raw, 0o666)
}

// add makes a program; nil where it is not on this machine.
func (t *task) add(ctx context.Context, m *machine, o options, f *model.File, name string) (*program, error) {
	on := func(d network.Device, points int, perSynapse bool) (*network.Network, *program, error) {
		n, err := compile(f, d, points, perSynapse)
		if err != nil {
			return nil, nil, err
		}
		t.open = append(t.open, n)
		return n, &program{name: name, run: func(ctx context.Context) (sample, error) {
			return runNetwork(ctx, n, t.steps)
		}}, nil
	}
	var p *program
	var err error
	switch name {
	case gpuPlanned:
		t.gpu, p, err = on(m.gpu, t.points, false)
		t.engine, t.built = m.gpu.engine, m.gpu.built
	case gpuUnplanned:
		_, p, err = on(m.first, t.points, false)
	case gpuPerSynapse:
		_, p, err = on(m.gpu, t.points, true)
	case float64CPU:
		_, p, err = on(m.cpu, t.points, false)
	case gpuAlone:
		var n *network.Network
		if n, p, err = on(m.gpu, 1, false); err != nil {
			return nil, err
		}
		const some = 20 // of the points: they take the same time
		p.run = func(ctx context.Context) (s sample, err error) {
			for range some {
				one, err := runNetwork(ctx, n, t.steps)
				if err != nil {
					return s, err
				}
				s.seconds += one.seconds * float64(t.points) / some
			}
			return s, nil
		}
	case cOne:
		p = t.native(o.native, name)
	case cTwo:
		p = t.native(o.native, name, "-p", "2")
	case cPerSynapse:
		p = t.native(o.native, name, "-y")
	case brianOne:
		return t.brianStandalone(ctx, m, name, 1)
	case brianTwo:
		return t.brianStandalone(ctx, m, name, 2)
	case brianCython:
		return t.brianCython(m, name), nil
	default:
		err = errors.New("no such program")
	}
	return p, err
}

// compile builds the network with an instance for each point: of as many equal
// steps as the points are, over what the file's own sweep covers.
func compile(f *model.File, d network.Device, points int, perSynapse bool) (*network.Network, error) {
	n, err := network.Compile(f, d, &network.Options{Instances: points, PerSynapse: perSynapse})
	if err != nil || points == 1 {
		return n, err
	}
	names, all := network.SweepPoints(f.Sweep)
	column := make([]float64, points)
	low, high := all[0][0], all[len(all)-1][0]
	for k := range column {
		column[k] = low + (high-low)*float64(k)/float64(points-1)
	}
	if err := n.SetInstances(names[0], column); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// runNetwork times a run from the start, Reset and the decoding of the spikes
// included.
func runNetwork(ctx context.Context, n *network.Network, steps int) (sample, error) {
	var r *network.Result
	seconds, err := timed(func() error {
		if err := n.Reset(); err != nil {
			return err
		}
		var err error
		r, err = n.RunSteps(ctx, steps)
		return err
	})
	if err != nil {
		return sample{}, err
	}
	s := sample{seconds: seconds}
	for k := range r.Instances {
		x := &r.Instances[k]
		if x.Bad != nil {
			return sample{}, x.Bad
		}
		counts := make([]int, x.Spikes[0].Size)
		for _, i := range x.Spikes[0].Neurons {
			counts[i]++
		}
		s.spikes = append(s.spikes, counts)
	}
	return s, nil
}

// native is the C program on the task's own starting V and g_max. It times
// itself: neither the start of the process nor its one run to warm up is in its
// seconds.
func (t *task) native(path, name string, more ...string) *program {
	var list []string
	for _, g := range t.points64 {
		list = append(list, strconv.FormatFloat(g, 'g', -1, 64))
	}
	args := append([]string{"-n", strconv.Itoa(t.size), "-t", strconv.Itoa(t.steps), "-d", strconv.FormatFloat(t.dt, 'g', -1, 64),
		"-i", t.start, "-g", strings.Join(list, ","), "-r", "1", "-c"}, more...)
	return &program{name: name, run: func(ctx context.Context) (sample, error) {
		return runNative(ctx, path, args)
	}}
}

func runNative(ctx context.Context, path string, args []string) (sample, error) {
	text, err := exec.CommandContext(ctx, path, args...).Output()
	if err != nil {
		if e, ok := err.(*exec.ExitError); ok {
			return sample{}, fmt.Errorf("%s: %w: %s", path, err, strings.TrimSpace(string(e.Stderr)))
		}
		return sample{}, err
	}
	var out struct {
		Seconds []float64
		Spikes  [][]int `json:"spikes_per_neuron"`
	}
	if err := json.Unmarshal(text, &out); err != nil {
		return sample{}, fmt.Errorf("%s: %w", path, err)
	}
	s := sample{spikes: out.Spikes}
	for _, x := range out.Seconds { // of a point each
		s.seconds += x
	}
	return s, nil
}

// invocations is the number of invocations that the plan has chosen, 0 where
// the plan does not say.
func (t *task) invocations() (n int) {
	fmt.Sscanf(t.gpu.Plan()[0], "fused kernel, %d invocations", &n)
	return n
}
