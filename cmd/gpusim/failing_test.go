package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"gpusim/gpu/glctx"
	"gpusim/gpu/gltest"
	"gpusim/model/npy"
)

// failingNet runs 1000 steps.
const failingNet = `gpusim: 1
name: net
dt: 0.1
models:
  m: {kind: neuron, parameters: {a: 1}, state: {V: 0}, input: I, equations: dV/dt = a - V, spike: V > 0.5, reset: V = 0}
  s: {kind: synapse, state: {s: 0}, equations: ds/dt = pre.V - s, output: post.I += s*post.V}
populations:
  cells: {model: m, size: 40, record: [spikes, V]}
projections:
  all: {model: s, from: cells, to: cells, connect: {all_to_all: {}}}
run: {duration: 100}
sweep: {cells.a: {from: 1, to: 2, points: 5}}
measure: [{rate: {of: cells}}]
`

// runOn runs gpusim in this process, in a folder with net.yaml alone, on a driver as
// the options make it. What it leaves stays the working folder.
func runOn(t *testing.T, o glctx.Options, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("net.yaml", []byte(failingNet), 0o666); err != nil {
		t.Fatal(err)
	}
	return runHere(t, o, args...)
}

// runHere is runOn in the working folder.
func runHere(t *testing.T, o glctx.Options, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	var out, errs bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &cleanWriter{w: &out}, err: &cleanWriter{w: &errs}, terminal: null, gl: o}
	root := a.root()
	root.SetArgs(args)
	err = root.ExecuteContext(context.Background())
	a.explain(err)
	return out.String(), errs.String(), exitCode(err)
}

// leftAlone wants a folder to have net.yaml and nothing else, hidden or not.
func leftAlone(t *testing.T) {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil || len(entries) != 1 || entries[0].Name() != "net.yaml" {
		t.Errorf("what is left: %v, %v", entries, err)
	}
}

const (
	outOfMemory   = 0x0505
	innocentReset = 0x8254
)

// lostAt plays a device that is reset during dispatch number n.
func lostAt(n int) glctx.Options {
	dispatches, lost := 0, false
	reset := func(_ []uintptr, pass func() uintptr) uintptr {
		if lost {
			return innocentReset
		}
		return pass()
	}
	return glctx.Options{ProcAddr: gltest.Join(
		gltest.Between("glDispatchCompute", func(_ []uintptr, pass func() uintptr) uintptr {
			dispatches++
			lost = lost || dispatches == n
			return pass()
		}),
		gltest.Between("glGetGraphicsResetStatus", reset),
		gltest.Between("glGetGraphicsResetStatusKHR", reset),
		gltest.Between("glGetGraphicsResetStatusARB", reset),
	)}
}

// memoryFor plays a device that has memory for n buffers, or with most, for buffers
// of so many bytes.
func memoryFor(n int, most uintptr) glctx.Options {
	buffers, pending := 0, false
	return glctx.Options{ProcAddr: gltest.Join(
		gltest.Between("glBufferData", func(args []uintptr, pass func() uintptr) uintptr {
			if buffers++; buffers <= n || args[1] <= most {
				return pass()
			}
			pending = true
			return 0
		}),
		gltest.Between("glGetError", func(_ []uintptr, pass func() uintptr) uintptr {
			if pending {
				pending = false
				return outOfMemory
			}
			return pass()
		}),
	)}
}

// A device that fails while a command runs is one clear error and exit code 1, and
// leaves nothing.
func TestFailingDevice(t *testing.T) {
	const lost = `gpusim: the OpenGL context was lost during: %: the driver has reset the device, most often because a dispatch took too long` + "\n"
	for _, c := range []struct {
		name string
		o    func() glctx.Options
		args string
		want string // % stands for what differs from device to device
	}{
		{"lost at the first dispatch", func() glctx.Options { return lostAt(1) }, "run net.yaml", strings.Replace(lost, "%", "building net", 1)},
		{"lost in a sweep", func() glctx.Options { return lostAt(40) }, "sweep net.yaml --pieces 100", strings.Replace(lost, "%", "running steps % to % of net", 1)},
		{"lost in a comparison", func() glctx.Options { return lostAt(20) }, "compare net.yaml --out found", lost},
		{"lost in converge", func() glctx.Options { return lostAt(40) }, "converge net.yaml --out found --pieces 50", strings.Replace(lost, "%", "running steps % to % of net", 1)},
		{"no memory", func() glctx.Options { return memoryFor(0, 0) }, "run net.yaml", "gpusim: buffer %: the device is out of memory for % bytes\n"},
		{"no memory for the last buffer", func() glctx.Options { return memoryFor(0, 1000) }, "run net.yaml", "gpusim: building net: buffer %: the device is out of memory for % bytes\n"},
		{"no memory for a sweep", func() glctx.Options { return memoryFor(0, 1000) }, "sweep net.yaml", "gpusim: building net: buffer %: the device is out of memory for % bytes\n"},
		{"small bindings", func() glctx.Options { return glctx.Options{Limits: &glctx.Limits{MaxStorageBlockSize: 256}} }, "run net.yaml",
			"gpusim: building net: the state of 1 instance takes 480 bytes, at most 256 fit: too large for this device\n"},
		{"small bindings, planned", func() glctx.Options { return glctx.Options{Limits: &glctx.Limits{MaxStorageBlockSize: 256}} }, "sweep net.yaml",
			"gpusim: building net: the state of 1 instance takes 480 bytes, at most 256 fit: too large for this device\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, stderr, code := runOn(t, c.o(), append(strings.Fields(c.args), "--quiet")...)
			leftAlone(t)
			shape := "^" + strings.ReplaceAll(regexp.QuoteMeta(c.want), "%", "[^\n]*?") + "$"
			if code != exitFailed || !regexp.MustCompile(shape).MatchString(stderr) {
				t.Errorf("exit code %d and\n%swant\n%s", code, stderr, c.want)
			}
		})
	}
}

// What a run had done before its device failed stays in its part, and the error says
// where.
func TestDeviceFailsInARun(t *testing.T) {
	_, _, code := runOn(t, glctx.Options{}, "run", "net.yaml", "--quiet")
	whole, err := npy.ReadArchive("net.out/traces.npz")
	if code != 0 || err != nil {
		t.Fatal(code, err)
	}
	_, stderr, code := runOn(t, lostAt(40), "run", "net.yaml", "--pieces", "100", "--quiet")
	shape := `^gpusim: the OpenGL context was lost during: running steps (\d+) to \d+ of net: the driver has reset the device, most often because ` +
		`a dispatch took too long; (\d+) of 1000 steps are in net.out.part\n$`
	m := regexp.MustCompile(shape).FindStringSubmatch(stderr)
	if code != exitFailed || m == nil || m[1] != m[2] {
		t.Fatalf("exit code %d and %s", code, stderr)
	}
	rows, shapeOf, err := npy.Read("net.out.part/traces/cells.V.npy")
	if err != nil || fmt.Sprintf("[%s 40]", m[1]) != fmt.Sprint(shapeOf) || !slices.Equal(rows, whole["cells.V"].Float64()[:len(rows)]) {
		t.Errorf("%d numbers of shape %v, %v", len(rows), shapeOf, err)
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) != 2 {
		t.Errorf("what is left: %v, %v", entries, err)
	}
}

// A sweep whose batch does not find memory on the device takes fewer points at a time.
func TestSweepWithLittleMemory(t *testing.T) {
	_, _, code := runOn(t, glctx.Options{}, "sweep", "net.yaml", "--quiet")
	want, err := os.ReadFile("net.sweep.out/sweep.csv")
	if code != 0 || err != nil {
		t.Fatal(code, err)
	}
	refused := map[uintptr]bool{5 * 480: true, 3 * 480: true} // the state of 5 points, and of 3
	met, pending := 0, false
	stdout, stderr, code := runOn(t, glctx.Options{ProcAddr: gltest.Join(
		gltest.Between("glBufferData", func(args []uintptr, pass func() uintptr) uintptr {
			if !refused[args[1]] {
				return pass()
			}
			met++
			pending = true
			return 0
		}),
		gltest.Between("glGetError", func(_ []uintptr, pass func() uintptr) uintptr {
			if pending {
				pending = false
				return outOfMemory
			}
			return pass()
		}),
	)}, "sweep", "net.yaml", "--quiet", "--json")
	got, err := os.ReadFile("net.sweep.out/sweep.csv")
	if code != 0 || err != nil || stderr != "" || !bytes.Equal(got, want) {
		t.Errorf("exit code %d, %v, %s\n%s\nwant\n%s", code, err, stderr, got, want)
	}
	if met < 2 || !strings.Contains(stdout, `"instances": 2,`) {
		t.Errorf("memory was refused %d times; the summary:\n%s", met, stdout)
	}
}

// A device that is lost during a sweep takes the batch in hand with it. What was done
// before stays, and the sweep goes on with it.
func TestSweepGoesOn(t *testing.T) {
	_, _, code := runOn(t, glctx.Options{}, "sweep", "net.yaml", "--quiet", "--plan", "fused:8")
	want, err := os.ReadFile("net.sweep.out/sweep.csv")
	if code != 0 || err != nil {
		t.Fatal(code, err)
	}
	_, stderr, code := runOn(t, lostAt(5), "sweep", "net.yaml", "--quiet", "--plan", "fused:8", "--batch", "2", "--pieces", "2")
	const said = "gpusim: the OpenGL context was lost during: running steps 0 to 63 of net: the driver has reset the device, most often because a dispatch took too long; 2 of 5 points are in net.sweep.out.part: --resume goes on with them\n"
	steps := regexp.MustCompile(`steps \d+ to \d+`)
	if code != exitFailed || steps.ReplaceAllString(stderr, "steps 0 to 63") != said {
		t.Fatalf("exit code %d and %s", code, stderr)
	}
	rows, err := os.ReadFile("net.sweep.out.part/rows.csv")
	if n := strings.Count(string(rows), "\n") - 1; err != nil || n != 2 {
		t.Errorf("%d rows, %v", n, err)
	}
	var out, errs bytes.Buffer
	a := &app{in: strings.NewReader(""), out: &cleanWriter{w: &out}, err: &cleanWriter{w: &errs}}
	root := a.root()
	root.SetArgs([]string{"sweep", "net.yaml", "--resume", "--report", "100"})
	if err := root.ExecuteContext(context.Background()); err != nil || !strings.HasPrefix(errs.String(), "gpusim: 2 of 5 points are done already\n") {
		t.Errorf("%v, %s", err, errs.String())
	}
	if got, err := os.ReadFile("net.sweep.out/sweep.csv"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s, %v; want\n%s", got, err, want)
	}
}

// A driver that does not compile a generated kernel has found an error in gpusim.
func TestKernelRefused(t *testing.T) {
	const (
		log           = "0(1) : error C7011: oh dear"
		compileStatus = 0x8B81
		infoLogLength = 0x8B84
	)
	hook := gltest.Replace(map[string]any{
		"glGetShaderiv": func(_, name uintptr, out *int32) uintptr {
			if *out = 0; uint32(name) == infoLogLength {
				*out = int32(len(log))
			}
			return compileStatus
		},
		"glGetShaderInfoLog": func(_, _ uintptr, length *int32, to *[len(log)]byte) uintptr {
			*length = int32(copy(to[:], log))
			return 0
		},
	})
	shape := regexp.MustCompile(`^gpusim: the driver does not accept a kernel that gpusim generated for net.yaml: this is an error in gpusim, not in the file; please report it with the file and this text
glctx: program [^\n]* does not compile:
0\(1\) : error C7011: oh dear
     1 \| #version 430
$`)
	for _, command := range []string{"run", "sweep", "compare", "converge"} {
		_, stderr, code := runOn(t, glctx.Options{ProcAddr: hook}, command, "net.yaml", "--quiet", "--out", "out")
		leftAlone(t)
		if code != exitFailed || !shape.MatchString(stderr) {
			t.Errorf("%s: exit code %d and\n%s", command, code, stderr)
		}
	}
}

// A device that computes something else fails the tests of doctor.
func TestDoctorFails(t *testing.T) {
	// What is downloaded is 0.
	stdout, stderr, code := runOn(t, glctx.Options{ProcAddr: gltest.Between("glGetBufferSubData", func(args []uintptr, _ func() uintptr) uintptr {
		zero(args[3], args[2])
		return 0
	})}, "doctor")
	failed := strings.Count(stdout, "\nFAIL  ")
	want := fmt.Sprintf("gpusim: %d of 20 tests failed\n", failed)
	if code != exitFailed || stderr != want || failed == 0 || strings.Count(stdout, "what to do: ") != failed {
		t.Errorf("exit code %d and %s, want %s\n%s", code, stderr, want, stdout)
	}
}

// zero clears n bytes of memory that is not Go's.
func zero(addr, n uintptr) {
	clear(unsafe.Slice(*(**byte)(unsafe.Pointer(&addr)), n))
}
