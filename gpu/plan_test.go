package gpu_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gpusim/gpu"
	"gpusim/model"
	"gpusim/model/ir"
)

// program lowers a network of so many neurons.
func program(t testing.TB, size int) *ir.Program {
	t.Helper()
	f, _, err := model.Parse("t.yaml", []byte(sized(size)), "", model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := model.Lower(f, model.Shapes{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func open(t testing.TB, o gpu.Options) *gpu.Device {
	t.Helper()
	d, err := gpu.Open(o)
	if err != nil {
		t.Fatal(err) // without a context a GPU test fails
	}
	t.Cleanup(func() {
		if c := d.Context().Counters(); c.LiveBuffers != 0 || c.LivePrograms != 0 {
			t.Errorf("%d buffers and %d programs are left", c.LiveBuffers, c.LivePrograms)
		}
		d.Close()
	})
	return d
}

// TestPlanIsRemembered checks that a program that was planned once is not
// measured again: on the device, and with a cache by another one.
func TestPlanIsRemembered(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "plans")
	p := program(t, 100)
	for device := range 2 {
		d := open(t, gpu.Options{PlanTime: time.Minute, Cache: dir})
		for i := range 2 {
			e, err := d.Build(p, 1)
			if err != nil {
				t.Fatal(err)
			}
			again := device+i > 0
			c := e.Counters()
			if c.ProgramsBuilt != 1 || again && i > 0 && c.Plan.Programs != 0 || !again && c.Plan.Programs == 0 {
				t.Errorf("device %d, build %d: %+v", device, i, c)
			}
			if known := slices.Contains(e.Plan(), "chosen in an earlier run"); known != again {
				t.Errorf("device %d, build %d: %q", device, i, e.Plan())
			}
			e.Close()
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the cache has %q (%v), expected a file", files, err)
	}
	// What is in it may be anything.
	for _, text := range []string{"", "{", `{"plan": "fused:7"}`, `{"plan": "fused:1024:tiled"}`} {
		if err := os.WriteFile(files[0], []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		e, err := open(t, gpu.Options{PlanTime: time.Minute, Cache: dir}).Build(p, 1)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(e.Plan(), "chosen in an earlier run") {
			t.Errorf("%q: %q", text, e.Plan())
		}
		e.Close()
	}
	// A folder that cannot be written costs nothing but the measurement.
	e, err := open(t, gpu.Options{PlanTime: time.Minute, Cache: files[0]}).Build(p, 1)
	if err != nil {
		t.Fatal(err)
	}
	e.Close()
}

// TestImprove checks that the kernels change as a network runs, that its
// results do not, and that this happens between slices.
func TestImprove(t *testing.T) {
	p := program(t, 100)
	run := func(o gpu.Options) (spikes []uint32, state []float64, plan []string) {
		e, err := open(t, o).Build(p, 2)
		if err != nil {
			t.Fatal(err)
		}
		defer e.Close()
		done, err := e.Run(context.Background(), 0, 40*32, func(s *ir.Slice) error {
			spikes = append(spikes, s.Spikes[0]...)
			return nil
		})
		if err != nil || done != 40*32 {
			t.Fatalf("%d steps: %v", done, err)
		}
		if state, err = e.Read(find(t, p, "P.x"), 1); err != nil {
			t.Fatal(err)
		}
		return spikes, state, e.Plan()
	}
	wantSpikes, wantState, plan := run(gpu.Options{Slice: 32, PlanTime: -1})
	if len(plan) != 2 {
		t.Errorf("where nothing is tried the plan is %q", plan)
	}
	spikes, state, plan := run(gpu.Options{Slice: 32, PlanTime: 1, ImproveAfter: 1})
	if len(plan) != 3 || !strings.HasPrefix(plan[2], "fused:8:tiled: compiled in") || !strings.HasSuffix(plan[2], "us a step") {
		t.Errorf("the plan after the run is %q", plan)
	}
	if !slices.Equal(spikes, wantSpikes) || !slices.Equal(state, wantState) {
		t.Error("other spikes or another state with kernels that were tried on the way")
	}
}

// TestParsePlan reads plans.
func TestParsePlan(t *testing.T) {
	for _, text := range []string{"stepped", "fused", "fused:8", "fused:8:rolled", "fused:64:tiled", "stepped:128"} {
		var o gpu.Options
		if err := o.ParsePlan(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	for text, want := range map[string]string{
		"":                `"" is no plan; a plan is FORM[:INVOCATIONS[:DEAL]], such as stepped, fused:8 or fused:64:tiled`,
		"fast":            `"fast" is no plan; a plan is FORM[:INVOCATIONS[:DEAL]], such as stepped, fused:8 or fused:64:tiled`,
		"fused:7":         `"fused:7" has no number of invocations that is a multiple of 8, 1024 at most; a plan is FORM[:INVOCATIONS[:DEAL]], such as stepped, fused:8 or fused:64:tiled`,
		"stepped:8:tiled": `"stepped:8:tiled" has a deal that is none of tiled and rolled, which fused kernels have; a plan is FORM[:INVOCATIONS[:DEAL]], such as stepped, fused:8 or fused:64:tiled`,
	} {
		var o gpu.Options
		if err := o.ParsePlan(text); err == nil || err.Error() != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}
