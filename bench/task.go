package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
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
	size, points int  // neurons; points of the sweep, 1 for the file's own g_max
	cpu          bool // cpuref does it too

	programs []*program
	steps    int
	work     float64 // neuron-steps
	gpu      *network.Network
	engine   network.Engine
	built    time.Duration
	close    func()
}

func (t *task) String() string {
	s := fmt.Sprintf("%s: %d neurons, %d steps", t.title, t.size, t.steps)
	if t.points > 1 {
		s = fmt.Sprintf("%s: %d points of %d neurons, %d steps each", t.title, t.points, t.size, t.steps)
	}
	return s
}

// prepare builds the networks; the runs that are timed come after.
func (t *task) prepare(ctx context.Context, m *machine, o options) error {
	var open []*network.Network
	t.close = func() {
		for _, n := range open {
			n.Close()
		}
	}
	f, err := gamma(t.size)
	if err != nil {
		return err
	}
	t.steps = int(model.StepOf(o.duration, f.Dt))
	t.work = float64(t.steps) * float64(t.size) * float64(t.points)
	add := func(name string, d network.Device) (*network.Network, error) {
		n, err := compile(f, d, t.points)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		open = append(open, n)
		t.programs = append(t.programs, &program{name: name, run: func(ctx context.Context) (sample, error) {
			return runNetwork(ctx, n, t.steps)
		}})
		return n, nil
	}
	if t.gpu, err = add("gpu", m.gpu); err != nil {
		return err
	}
	t.engine, t.built = m.gpu.engine, m.gpu.built
	if t.cpu {
		if _, err := add("cpuref", m.cpu); err != nil {
			return err
		}
	}
	c, err := nativeProgram(m, t, f.Dt, o.native)
	if err != nil {
		return err
	}
	t.programs = append(t.programs, c)
	return nil
}

// compile builds the network with an instance for each point.
func compile(f *model.File, d network.Device, points int) (*network.Network, error) {
	n, err := network.Compile(f, d, &network.Options{Instances: points})
	if err != nil || points == 1 {
		return n, err
	}
	names, all := network.SweepPoints(f.Sweep)
	if len(names) != 1 || len(all) != points {
		n.Close()
		return nil, fmt.Errorf("the sweep has %d points of %v, not %d of one name", len(all), names, points)
	}
	column := make([]float64, points)
	for k := range all {
		column[k] = all[k][0]
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

// nativeProgram is the C program on the task's own starting V and g_max. It
// times itself: neither the start of the process nor its one run to warm up is
// in its seconds.
func nativeProgram(m *machine, t *task, dt float64, path string) (*program, error) {
	start, err := t.gpu.Get("interneurons.V")
	if err != nil {
		return nil, err
	}
	raw := make([]byte, 0, 8*len(start))
	for _, v := range start {
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(v))
	}
	file := filepath.Join(m.scratch, fmt.Sprintf("start%d.f64", t.size))
	if err := os.WriteFile(file, raw, 0o666); err != nil {
		return nil, err
	}
	var list []string
	for k := range t.points {
		g, err := t.gpu.GetInstance("gaba.g_max", k)
		if err != nil {
			return nil, err
		}
		list = append(list, strconv.FormatFloat(g[0], 'g', -1, 64))
	}
	args := []string{"-n", strconv.Itoa(t.size), "-t", strconv.Itoa(t.steps), "-d", strconv.FormatFloat(dt, 'g', -1, 64),
		"-i", file, "-g", strings.Join(list, ","), "-r", "1", "-c"}
	return &program{name: "C", run: func(ctx context.Context) (sample, error) {
		return runNative(ctx, path, args)
	}}, nil
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

// print prints what the programs took.
func (t *task) print(w io.Writer) {
	spikes := 0
	for _, point := range t.programs[0].spikes {
		spikes += sum(point)
	}
	fmt.Fprintf(w, "\n%s; %d spikes, the same in every program, point and neuron\n", t, spikes)
	printPrograms(w, t.programs, t.work)
	gpu, c := t.programs[0], t.programs[len(t.programs)-1]
	fmt.Fprintf(w, "  gpu: built in %.0f ms, the first run took %s ms; %s\n", t.built.Seconds()*1e3, ms(gpu.first), t.gpu.Plan()[0])
	if r := median(ratios(gpu.seconds, c.seconds)); r > limit {
		fmt.Fprintf(w, "  MISSED: the gpu path takes %.2f times as long as C; the aim is %d\n", r, limit)
	}
}

// invocations is the number of invocations that the plan has chosen, 0 where
// the plan does not say.
func (t *task) invocations() (n int) {
	fmt.Sscanf(t.gpu.Plan()[0], "fused kernel, %d invocations", &n)
	return n
}
