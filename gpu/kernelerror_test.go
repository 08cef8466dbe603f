package gpu

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"gpusim/gpu/glctx"
	"gpusim/gpu/gltest"
	"gpusim/model"
)

// spoilt is a network whose kernel the tests below spoil: of a model of its own,
// of a built-in one, and of a value from a flag.
const spoilt = `gpusim: 1
dt: 0.1
models:
  m:
    kind: neuron
    parameters: {tau: 10}
    state: {V: 0}
    input: I
    equations: |
      u = exp(-V/tau)
      dV/dt = u + I
populations:
  own: {model: m, size: 3}
  library: {model: lif, size: 3}
run: {duration: 1}
`

// buildSpoilt builds the network on a device whose kernels spoil changes.
func buildSpoilt(t *testing.T, form string, hook gltest.Hook, spoil func(string) string) (software bool, err error) {
	t.Helper()
	f, _, err := model.Parse("folder/net.yaml", []byte(spoilt), ".", model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := model.Lower(f, model.Shapes{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := Open(Options{Context: glctx.Options{ProcAddr: hook}, Form: form, Invocations: 8, sabotage: sabotage{source: spoil}})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	_, err = d.Build(p, 1)
	if c := d.Context().Counters(); c.LiveBuffers != 0 || c.LivePrograms != 0 {
		t.Errorf("after the failure there are %d buffers and %d programs", c.LiveBuffers, c.LivePrograms)
	}
	return d.Context().Info().Software(), err
}

const ourError = "gpu: the driver does not accept a kernel that gpusim generated for folder/net.yaml: this is an error in gpusim, not in the file; please report it with the file and this text\n"

// A kernel that does not compile says that it is gpusim's error, and of which line of
// the model: with the words of the driver that is here.
func TestKernelDoesNotCompile(t *testing.T) {
	for _, form := range []string{FormFused, FormStepped} {
		number := 0
		software, err := buildSpoilt(t, form, nil, func(source string) string {
			before, after, found := strings.Cut(source, "q_u = exp(")
			if number = strings.Count(before, "\n") + 1; !found {
				return source
			}
			return before + "q_u = expp(" + after
		})
		var e *KernelError
		if !errors.As(err, &e) || fmt.Sprint(e.Places) != "[net.yaml:10: u = exp(-V/tau)]" {
			t.Errorf("%s: the error does not name the model's line: %v", form, err)
			continue
		}
		start := ourError + "the kernel's line is of net.yaml:10: u = exp(-V/tau)\nglctx: program net, " + form
		if !strings.HasPrefix(err.Error(), start) {
			t.Errorf("%s: got\n%v\nwant it to begin with\n%s", form, err, start)
		}
		if line := fmt.Sprintf("\n%6d | ", number); software && (!strings.Contains(err.Error(), line) || !strings.Contains(err.Error(), "no function with name 'expp'")) {
			t.Errorf("%s: the driver's words and line %d are not shown:\n%v", form, number, err)
		}
	}
}

// The drivers' forms of a log, from one that refuses every kernel.
func TestKernelErrorForms(t *testing.T) {
	log, compiling := "", uint32(0)
	const (
		compileStatus = 0x8B81
		infoLogLength = 0x8B84
	)
	hook := gltest.Replace(map[string]any{
		"glGetShaderiv": func(_, name uintptr, out *int32) uintptr {
			switch *out = 0; uint32(name) {
			case infoLogLength:
				*out = int32(len(log))
			case compileStatus:
				compiling++
			}
			return 0
		},
		"glGetShaderInfoLog": func(_, _ uintptr, length *int32, to *[1 << 16]byte) uintptr {
			*length = int32(copy(to[:], log))
			return 0
		},
	})
	lineOf := func(source, part string) int {
		before, _, found := strings.Cut(source, part)
		if !found {
			t.Fatalf("the kernel has no %s:\n%s", part, source)
		}
		return strings.Count(before, "\n") + 1
	}
	for _, c := range []struct{ form, part, place string }{
		{"0:%d(7): error: oh dear", "q_u = ", "net.yaml:10: u = exp(-V/tau)"},                                                                     // Mesa
		{"0(%d) : error C1503: oh dear", "q_new_V = ", "net.yaml:11: dV/dt = u + I"},                                                              // NVIDIA
		{"ERROR: 0:%d: oh dear", "v_own_V = q_new_V", "net.yaml:11: dV/dt = u + I"},                                                               // Intel, AMD
		{"ERROR: 0:%d: oh dear", "p_library_V_rest)", "built-in model lif:9: equations: dV/dt = (-(V - V_rest) + R*inp)/tau (unless refractory)"}, // of a built-in model
		{"0:%d(1): error: oh dear", "void main() {", ""},
		{"something %d is wrong", "void main() {", ""},
	} {
		entry := ""
		_, err := buildSpoilt(t, FormFused, hook, func(source string) string {
			if strings.Contains(source, "void main() {") && strings.Contains(source, "q_u") {
				n := lineOf(source, c.part)
				log = fmt.Sprintf(c.form, n)
				entry = log
				if strings.Contains(c.form, "0") {
					entry += fmt.Sprintf("\n%6d | %s", n, strings.Split(source, "\n")[n-1])
				}
			}
			return source
		})
		want := ourError
		if c.place != "" {
			want += "the kernel's line is of " + c.place + "\n"
		}
		want += "glctx: program net, fused, 8 invocations does not compile:\n" + entry
		if err == nil || err.Error() != want {
			t.Errorf("%s: got\n%v\nwant\n%s", c.form, err, want)
		}
	}
	if compiling == 0 {
		t.Error("the driver was not asked to compile")
	}
}
