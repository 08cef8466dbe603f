package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"gpusim/cpuref"
	"gpusim/doctor"
	"gpusim/gpu"
	"gpusim/gpu/glctx"
	"gpusim/model"
	"gpusim/network"
)

func (a *app) doctorCommand() *cobra.Command {
	device, asJSON, race, bench := "auto", false, false, false
	cmd := &cobra.Command{
		Use:   "doctor [--bench | --race [FILE...]]",
		Short: "Say what the device is, and test whether it computes what is needed",
		Long: `Say which device computes, what it holds, and how it was opened, and test it: a
line a test, with what was measured and the limit. Where a test fails, the exit
code is 1 and a line says what to do. Without OpenGL it says what was tried and
tests the float64 engine, which then computes; --device gpu makes that a failure.

With --race it runs three small networks, and the network files given, with
kernels that watch themselves: a line for each form of the kernels. An invocation
that reads what another writes, with no barrier in between, is a race: the exit
code is 1 and both statements are shown.

With --bench it times the gamma network in four sizes and prints beside it what is
predicted for three GPUs.`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 && !race {
				return usagef("%s takes network files with --race only, not %s", cmd.CommandPath(), strings.Join(args, " "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if bench && race {
				return usagef("%s takes one of --bench and --race", cmd.CommandPath())
			}
			if bench {
				return a.doctorBench(cmd.Context(), device, asJSON)
			}
			if race {
				return a.doctorRaces(cmd.Context(), device, args, asJSON)
			}
			return a.doctor(cmd.Context(), device, asJSON)
		},
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().Func("device", "test `NAME`: auto (default), gpu, or cpu, the float64 engine", oneOf(&device, "auto", "gpu", "cpu"))
	cmd.Flags().BoolVar(&race, "race", false, "look for races between the invocations of kernels, also of the FILEs given")
	cmd.Flags().BoolVar(&bench, "bench", false, "time the gamma network, beside what is predicted for three GPUs")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// diagnosis is what doctor --json prints.
type diagnosis struct {
	Gpusim  string          `json:"gpusim"`
	System  string          `json:"system"`
	Device  string          `json:"device"`
	Driver  string          `json:"driver"`
	Engine  string          `json:"engine"`
	OpenGL  *openGL         `json:"opengl"` // null without
	Missing string          `json:"missing,omitempty"`
	Tests   []doctor.Result `json:"tests"`
	Failed  int             `json:"failed"`
}

// openGL describes the context that was opened.
type openGL struct {
	Context  string `json:"context"`
	Vendor   string `json:"vendor"`
	Version  string `json:"version"`
	GLSL     string `json:"glsl"`
	Software bool   `json:"software"`
	Limits   limits `json:"limits"`
}

type limits struct {
	StorageBuffers  int    `json:"storage_buffers"`
	BindingBytes    int64  `json:"binding_bytes"`
	OffsetAlignment int    `json:"offset_alignment"`
	Invocations     int    `json:"invocations"`
	WorkgroupSize   [3]int `json:"workgroup_size"`
	WorkgroupCount  [3]int `json:"workgroup_count"`
	SharedBytes     int    `json:"shared_bytes"`
}

func newDiagnosis() *diagnosis {
	return &diagnosis{Gpusim: version, System: runtime.GOOS + "/" + runtime.GOARCH, Tests: []doctor.Result{}}
}

func (a *app) doctor(ctx context.Context, name string, asJSON bool) error {
	d := newDiagnosis()
	var c *glctx.Context
	if name != "cpu" {
		var err error
		if c, err = openContext(a.gl); err != nil {
			if name == "gpu" || !errors.Is(err, glctx.ErrNoContext) {
				return err
			}
			d.Missing = err.Error()
		} else {
			defer c.Close()
		}
	}
	d.describe(c)
	if !asJSON {
		a.printDevices(d)
	}
	each := a.tested(d, asJSON)
	if c != nil {
		if err := doctor.Device(ctx, c, each); err != nil {
			return err
		}
	}
	if err := doctor.Float64(ctx, each); err != nil {
		return err
	}
	verdict := "the float64 engine is sound"
	if c != nil {
		verdict = d.Device + " computes what gpusim needs"
	}
	return a.diagnosed(d, verdict, asJSON)
}

// doctorRaces watches kernels for races.
func (a *app) doctorRaces(ctx context.Context, name string, paths []string, asJSON bool) error {
	if name == "cpu" {
		return usagef("--race and --device cpu: the float64 engine has no invocations that could race; --race needs OpenGL")
	}
	var given []doctor.Watched
	for _, path := range paths {
		f, err := a.load(path, model.LoadOptions{}, false)
		if err != nil {
			return err
		}
		given = append(given, doctor.Watched{Name: filepath.Base(path), File: f.File})
	}
	c, err := openContext(a.gl)
	if err != nil {
		if errors.Is(err, glctx.ErrNoContext) {
			err = fmt.Errorf("no kernels to watch for races: %w", err)
		}
		return err
	}
	defer c.Close()
	d := newDiagnosis()
	d.describe(c)
	if !asJSON {
		a.printDevices(d)
	}
	if err := doctor.Races(ctx, c, given, a.tested(d, asJSON)); err != nil {
		return err
	}
	return a.diagnosed(d, "no races", asJSON)
}

// tested takes results in, and prints them as they come.
func (a *app) tested(d *diagnosis, asJSON bool) func(doctor.Result) {
	return func(r doctor.Result) {
		d.Tests = append(d.Tests, r)
		if r.Status == doctor.Fail {
			d.Failed++
		}
		if !asJSON {
			a.printTest(r)
		}
	}
}

// diagnosed ends a diagnosis. verdict is what it is where nothing failed.
func (a *app) diagnosed(d *diagnosis, verdict string, asJSON bool) error {
	if asJSON {
		if err := a.printJSON(d); err != nil {
			return err
		}
	}
	if d.Failed > 0 {
		return fmt.Errorf("%d of %s failed", d.Failed, plural(len(d.Tests), "test"))
	}
	if !asJSON {
		fmt.Fprintf(a.out, "\n%s: %s passed\n", verdict, plural(len(d.Tests), "test"))
	}
	return nil
}

// describe fills in what computes.
func (d *diagnosis) describe(c *glctx.Context) {
	var info network.DeviceInfo
	if c == nil {
		info = cpuref.New().Info()
	} else {
		info = gpu.New(c, gpu.Options{}).Info()
		i := c.Info()
		l := i.Limits
		d.OpenGL = &openGL{Context: i.Kind, Vendor: i.Vendor, Version: i.Version, GLSL: i.GLSLVersion, Software: i.Software(),
			Limits: limits{StorageBuffers: l.MaxComputeStorageBlocks, BindingBytes: l.MaxStorageBlockSize, OffsetAlignment: l.StorageOffsetAlignment,
				Invocations: l.MaxInvocations, WorkgroupSize: l.MaxGroupSize, WorkgroupCount: l.MaxGroupCount, SharedBytes: l.MaxSharedBytes}}
	}
	d.Device, d.Driver, d.Engine = info.Device, info.Driver, info.Engine
}

// printDevices writes what computes, and its limits.
func (a *app) printDevices(d *diagnosis) {
	line := func(what, format string, args ...any) {
		fmt.Fprintf(a.out, "%-10s %s\n", what, fmt.Sprintf(format, args...))
	}
	line("gpusim", "%s, %s", d.Gpusim, d.System)
	g := d.OpenGL
	if g == nil {
		if d.Missing != "" {
			line("OpenGL", "%s", strings.TrimPrefix(d.Missing, "glctx: "))
			if runtime.GOOS != "linux" { // there it is said already
				line("", "%s", openGLAdvice(runtime.GOOS))
			}
		}
		line("device", "%s, with the float64 engine", d.Device)
		fmt.Fprintln(a.out)
		return
	}
	kind := ""
	if g.Software {
		kind = " (renders on the processor)"
	}
	line("device", "%s%s", d.Device, kind)
	line("vendor", "%s", g.Vendor)
	line("driver", "OpenGL %s, GLSL %s", g.Version, g.GLSL)
	line("context", "%s", g.Context)
	l := g.Limits
	line("buffers", "%d a kernel, %d bytes each, at offsets that are multiples of %d", l.StorageBuffers, l.BindingBytes, l.OffsetAlignment)
	line("workgroups", "%d invocations at most (%s), %d bytes of shared memory; %s in a dispatch", l.Invocations, by(l.WorkgroupSize), l.SharedBytes, by(l.WorkgroupCount))
	fmt.Fprintln(a.out)
}

func by(n [3]int) string { return fmt.Sprintf("%d x %d x %d", n[0], n[1], n[2]) }

// printTest writes the line of a test, and what to do where it failed.
func (a *app) printTest(r doctor.Result) {
	limit := ""
	if r.Limit != "" {
		limit = "; limit: " + r.Limit
	}
	status := r.Status
	if status == doctor.Fail {
		status = "FAIL"
	}
	measured := strings.ReplaceAll(r.Measured, "\n", "\n      ") // statements that race
	fmt.Fprintf(a.out, "%-4s  %-22s %s%s\n", status, r.Name, measured, limit)
	if r.Status == doctor.Fail {
		fmt.Fprintf(a.out, "      what to do: %s\n", r.Todo)
	}
}
