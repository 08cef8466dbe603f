package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"gpusim/cpuref"
	"gpusim/examples"
	"gpusim/gpu"
	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/network"
)

// machine is what the programs run on.
type machine struct {
	gpu     *tap           // plans until it has tried every kernel
	first   network.Device // runs the first kernel that fits, as a short run does
	python  string         // that has Brian2, "" for none
	brian   string         // Brian2's version
	cpu     network.Device
	opened  time.Duration // opening the context took
	scratch string        // a folder, removed at the end
}

// openMachine opens the devices. The driver's cache of compiled shaders is in
// a folder of its own that is empty, so that the first build is a first build.
func openMachine(ctx context.Context, o options) (*machine, error) {
	if _, err := os.Stat(o.native); err != nil {
		return nil, fmt.Errorf("the C program is missing (make bin/gamma-native): %w", err)
	}
	dir, err := os.MkdirTemp("", "gpusim-bench-")
	if err != nil {
		return nil, err
	}
	m := &machine{scratch: dir, cpu: cpuref.New()}
	for _, name := range []string{"MESA_SHADER_CACHE_DIR", "MESA_GLSL_CACHE_DIR"} {
		if err := os.Setenv(name, filepath.Join(dir, "shaders")); err != nil {
			return nil, errors.Join(err, m.close())
		}
	}
	began := time.Now()
	d, err := gpu.Open(gpu.Options{Invocations: o.invocations, PlanTime: time.Minute})
	if err != nil {
		return nil, errors.Join(err, m.close())
	}
	m.opened = time.Since(began)
	m.gpu = &tap{Device: d}
	m.first = gpu.New(d.Context(), gpu.Options{Invocations: o.invocations, PlanTime: -1})
	m.python, m.brian = findBrian(ctx)
	return m, nil
}

func (m *machine) close() error {
	var err error
	if m.gpu != nil {
		err = m.gpu.Close()
	}
	return errors.Join(err, os.RemoveAll(m.scratch))
}

func (m *machine) describe(w io.Writer, o options) {
	g := m.gpu.Info()
	brian := m.brian
	if brian == "" {
		brian = "not here (make bench-deps installs it), so its rows are missing"
	}
	fmt.Fprintf(w, "# Results of `make bench`\n\nWritten by `go run ./bench -write`; [README.md](README.md) says how it is measured.\n\n")
	fmt.Fprintf(w, "- date: %s\n", time.Now().UTC().Format("2006-01-02"))
	fmt.Fprintf(w, "- machine: %s, %d processors\n", processor(), runtime.NumCPU())
	fmt.Fprintf(w, "- gpu: %s, %s, opened in %.0f ms\n", g.Device, g.Driver, m.opened.Seconds()*1e3)
	fmt.Fprintf(w, "- C: %s; Go: %s; Brian2: %s\n", firstLine("gcc", "--version"), runtime.Version(), brian)
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		first, _, _ := strings.Cut(string(load), " ")
		fmt.Fprintf(w, "- load: %s on average over the minute before\n", first)
	}
	fmt.Fprintf(w, "\nThe integrator is exponential Euler in all rows, dt 0.04 ms. gpu is planned before, as a network is that\n"+
		"has run for a second; \"first kernel\" is what it runs until then. A ratio is that of two executions of a\n"+
		"round: its median, and the least and the most.\n")
	if o.quick {
		fmt.Fprintf(w, "\n**Quick: few rounds of short runs; the numbers are not to be quoted.**\n")
	}
}

// processor is the name of the processor, as Linux has it.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

func firstLine(name string, args ...string) string {
	text, err := exec.Command(name, args...).Output()
	if err != nil {
		return name + ", version unknown"
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}

// tap is the GPU device; it remembers the engine that it built last, which
// bench runs without what package network does around it.
type tap struct {
	*gpu.Device
	engine network.Engine
	built  time.Duration
}

func (t *tap) Build(p *ir.Program, instances int) (network.Engine, error) {
	began := time.Now()
	e, err := t.Device.Build(p, instances)
	t.engine, t.built = e, time.Since(began)
	return e, err
}

// load parses the gamma network at another size.
func load(text string, size int) (*model.File, error) {
	f, _, err := model.Parse("examples/gamma.yaml", []byte(text), "examples", model.LoadOptions{
		Set: []model.Override{{Name: "interneurons.size", Value: fmt.Sprint(size)}},
	})
	return f, err
}

func gamma(size int) (*model.File, error) { return load(examples.Gamma, size) }
