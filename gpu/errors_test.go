package gpu_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unsafe"

	"gpusim/gpu"
	"gpusim/gpu/glctx"
	"gpusim/gpu/gltest"
	"gpusim/model"
	"gpusim/model/ir"
)

// What a caller of the device gets wrong is said with the names and the numbers.
func TestErrors(t *testing.T) {
	e, p := mustBuild(t, gpu.Options{Invocations: 8}, sized(5), model.Shapes{}, 2)
	d, err := gpu.Open(gpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	x := find(t, p, "P.x")
	_, none := d.Build(p, 0)
	_, estimated := d.Estimate(p, 0)
	_, read := e.Read(x, 2)
	for _, c := range []struct {
		err  error
		want string
	}{
		{none, "gpu: 0 instances, at least 1 is needed"},
		{estimated, "gpu: 0 instances, at least 1 is needed"},
		{e.Write(x, make([]float64, 3)), "gpu: P.x: 3 values given, expected 5, or 10 for 2 instances"},
		{read, "gpu: P.x: there is no instance 2 of 2"},
	} {
		if c.err == nil || c.err.Error() != c.want {
			t.Errorf("got %v, want %s", c.err, c.want)
		}
	}
}

// More instances than a dispatch has workgroups are refused; a sweep then takes
// fewer at a time.
func TestTooManyInstances(t *testing.T) {
	few := gpu.Options{Context: glctx.Options{Limits: &glctx.Limits{MaxGroupCount: [3]int{4, 4, 4}}}}
	_, _, err := build(t, few, sized(3), model.Shapes{}, 5)
	const want = "building fire: 5 instances, a dispatch has at most 4 workgroups: too large for this device"
	if err == nil || err.Error() != want || !errors.Is(err, ir.ErrTooLarge) {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A kernel that is forced and does not fit is refused with the reason.
func TestRefusedForm(t *testing.T) {
	_, _, err := build(t, gpu.Options{Form: gpu.FormFused, Invocations: 8}, sized(2_000_000), model.Shapes{}, 1)
	const want = "gpu: fire does not fit the fused kernel (one workgroup an instance):\n  not fused, 8 invocations: 1000000 words of state an invocation, at most 16384"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Samples of an input end where they end.
func TestNoSamples(t *testing.T) {
	text := strings.Replace(sized(5), "run:", "inputs: [{to: P.I, value: 1}]\nrun:", 1)
	f, _, err := model.Parse("t.yaml", []byte(text), "", model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	f.Inputs[0].Kind, f.Inputs[0].Every = model.PerTime, 2
	p, err := model.Lower(f, model.Shapes{Inputs: []model.InputShape{{Dim: ir.PerSample, Samples: 3}}})
	if err != nil {
		t.Fatal(err)
	}
	d, err := gpu.Open(gpu.Options{Invocations: 8})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	e, err := d.Build(p, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	run := func(first int64, steps int) error {
		_, err := e.Run(context.Background(), first, steps, func(*ir.Slice) error { return nil })
		return err
	}
	if err := run(0, 6); err != nil {
		t.Error(err)
	}
	const want = "gpu: inputs.0.value has 3 samples of 2 steps each: none for step 6 of the run"
	if err := run(6, 1); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A driver that ends loops early, played by what it says of the trips that were made,
// is found out, and its results are not passed on.
func TestLoopsEndEarly(t *testing.T) {
	counted := map[string]*regexp.Regexp{
		gpu.FormFused:   regexp.MustCompile(`^the kernel made 0 loop iterations where \d+ were asked for$`),
		gpu.FormStepped: regexp.MustCompile(`^0 workgroups of the kernels did their work where \d+ were asked for$`),
	}
	d, err := gpu.Open(gpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	renderer := d.Info().Device
	d.Close()
	for form := range counted {
		spoil := false
		hook := gltest.Between("glGetBufferSubData", func(args []uintptr, pass func() uintptr) uintptr {
			r := pass()
			if words := args[2] / 4; spoil && words <= 4 { // the status words of one instance
				clear(unsafe.Slice(*(**uint32)(unsafe.Pointer(&args[3])), words))
			}
			return r
		})
		e, _ := mustBuild(t, gpu.Options{Context: glctx.Options{ProcAddr: hook}, Form: form, Invocations: 8}, sized(5), model.Shapes{}, 1)
		spoil = true
		slices := 0
		done, err := e.Run(context.Background(), 0, 10, func(*ir.Slice) error { slices++; return nil })
		spoil = false
		what := regexp.MustCompile("instance 0: (.*): the driver").FindStringSubmatch(fmt.Sprint(err))
		if done != 0 || slices != 0 || what == nil {
			t.Errorf("%s: %d steps, %d slices, %v", form, done, slices, err)
			continue
		}
		want := "gpu: steps 0 to 9, instance 0: " + what[1] + ": the driver (" + renderer + ") ends loops early, and the results are worth nothing; run with --device cpu"
		if err.Error() != want || !counted[form].MatchString(what[1]) {
			t.Errorf("%s: got\n%v\nwant\n%s", form, err, want)
		}
	}
}
