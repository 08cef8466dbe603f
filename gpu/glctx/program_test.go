package glctx_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"gpusim/gpu/glctx"
	"gpusim/gpu/gltest"
)

func TestShaderError(t *testing.T) {
	const bad = `#version 430
layout(local_size_x = 1) in;
layout(std430, binding = 0) buffer Data { float x[]; };
void main() {
	x[0] = 1.0;
	x[1] = y;
	x[2] = z;
}
`
	c := open(t, glctx.Options{})
	err := c.Do("build", func(g *glctx.GL) error {
		_, err := g.NewProgram("step", bad)
		return err
	})
	if c.Info().Software() { // the words of the log are llvmpipe's
		wantError(t, err, "glctx: program step does not compile:\n"+
			"0:6(9): error: `y' undeclared\n"+
			"     6 | \tx[1] = y;\n"+
			"0:7(9): error: `z' undeclared\n"+
			"     7 | \tx[2] = z;")
	}
	if err == nil || !strings.Contains(err.Error(), "\n     6 | \tx[1] = y;") {
		t.Errorf("%v does not show the line", err)
	}
	var s *glctx.ShaderError
	if !errors.As(err, &s) || s.Stage != "compile" || s.Source != bad {
		t.Errorf("%#v is not the ShaderError of a compile", err)
	}
	if got := c.Counters(); got.ProgramsBuilt != 0 || got.LivePrograms != 0 {
		t.Errorf("counters are %+v", got)
	}
	if err := doubleOn(c, 10); err != nil {
		t.Errorf("after a bad program: %v", err)
	}
}

func TestLinkError(t *testing.T) {
	// Compiles, since a function need not be defined where it is used, but does not link.
	const bad = `#version 430
layout(local_size_x = 1) in;
layout(std430, binding = 0) buffer Data { float x[]; };
float f(float y);
void main() { x[0] = f(x[1]); }
`
	c := open(t, glctx.Options{})
	err := c.Do("build", func(g *glctx.GL) error {
		_, err := g.NewProgram("step", bad)
		return err
	})
	if c.Info().Software() {
		wantError(t, err, "glctx: program step does not link:\nerror: unresolved reference to function `f'")
	}
	var s *glctx.ShaderError
	if !errors.As(err, &s) {
		t.Errorf("%#v is not a ShaderError", err)
	}
}

func TestShaderErrorForms(t *testing.T) {
	const source = "one\n\ttwo\nthree\n"
	for _, test := range []struct{ log, want string }{
		{"0:2(5): error: `y' undeclared\n", "0:2(5): error: `y' undeclared\n     2 | \ttwo"},                               // Mesa
		{"0(3) : error C1503: undefined variable \"y\"\n", "0(3) : error C1503: undefined variable \"y\"\n     3 | three"}, // NVIDIA
		{"ERROR: 0:1: 'y' : undeclared identifier", "ERROR: 0:1: 'y' : undeclared identifier\n     1 | one"},               // Intel and AMD on Windows
		{"0:77(1): error: beyond the end", "0:77(1): error: beyond the end"},
		{"error: no entry point", "error: no entry point"},
		{"", ""},
	} {
		err := &glctx.ShaderError{Name: "step", Stage: "compile", Log: test.log, Source: source}
		wantError(t, err, "glctx: program step does not compile:\n"+test.want)
	}
}

const uniforms = `#version 430
layout(local_size_x = 2, local_size_y = 3) in;
layout(std430, binding = 2) buffer Data { float x[]; };
uniform uint index;
uniform float value;
uniform uint unused;
void main() { if (gl_LocalInvocationIndex == 0) x[index] = value; }
`

func TestUniforms(t *testing.T) {
	c := open(t, glctx.Options{})
	do(t, c, func(g *glctx.GL) error {
		b, err := g.NewBuffer("x", 16)
		if err != nil {
			return err
		}
		p, err := g.NewProgram("set", uniforms)
		if err != nil {
			return err
		}
		if p.Name() != "set" || p.GroupSize() != [3]int{2, 3, 1} {
			t.Errorf("program %s has groups of %v", p.Name(), p.GroupSize())
		}
		if !p.HasUniform("index") || p.HasUniform("unused") {
			t.Error("HasUniform is wrong")
		}
		wantError(t, g.SetUint(p, "unused", 1), "glctx: program set: it has no uniform unused, or does not use it")
		for i, v := range []float32{0.5, 1.5, -2.5} {
			if err := errors.Join(
				g.SetUint(p, "index", uint32(i)),
				g.SetFloat(p, "value", v),
				g.Dispatch(p, 1, []glctx.Binding{{Index: 2, Buffer: b}}),
			); err != nil {
				return err
			}
		}
		x := make([]float32, 4)
		if err := g.Download(b, 0, glctx.Bytes(x)); err != nil {
			return err
		}
		if got := fmt.Sprint(x); got != "[0.5 1.5 -2.5 0]" {
			t.Errorf("got %s", got)
		}
		if err := g.DeleteProgram(p); err != nil {
			return err
		}
		wantError(t, g.SetUint(p, "index", 1), "glctx: program set: set index: it was deleted")
		wantError(t, g.SetUint(nil, "index", 1), "glctx: set index: no program")
		return nil
	})
}

func TestProgramLimits(t *testing.T) {
	c := open(t, glctx.Options{Limits: &glctx.Limits{MaxComputeStorageBlocks: 1, MaxInvocations: 32, MaxGroupSize: [3]int{16, 16, 16}}})
	const program = `#version 430
layout(local_size_x = %d, local_size_y = %d) in;
layout(std430, binding = 0) buffer A { uint x[]; };
layout(std430, binding = 1) buffer B { uint y[]; };
void main() { x[0] = %s; }
`
	do(t, c, func(g *glctx.GL) error {
		for _, test := range []struct {
			x, y  int
			value string
			want  string
		}{
			{16, 3, "1u", "glctx: program step: 48 invocations in a work group, at most 32: too large for this device"},
			{1, 17, "1u", "glctx: program step: 17 invocations in dimension 1 of a work group, at most 16: too large for this device"},
			{1, 1, "y[0]", "glctx: program step: 2 storage blocks, at most 1: too large for this device"},
		} {
			_, err := g.NewProgram("step", fmt.Sprintf(program, test.x, test.y, test.value))
			wantError(t, err, test.want)
			if !errors.Is(err, glctx.ErrTooLarge) {
				t.Errorf("%v does not wrap ErrTooLarge", err)
			}
		}
		return nil
	})
	if got := c.Counters().LivePrograms; got != 0 {
		t.Errorf("%d programs are left", got)
	}
}

// What the driver does, seen from below, is what the counters say.
func TestCountersAgainstDriver(t *testing.T) {
	hook, counts := gltest.Count("glLinkProgram", "glDispatchCompute", "glBufferSubData", "glGetBufferSubData", "glDeleteProgram", "glDeleteBuffers")
	c := open(t, glctx.Options{ProcAddr: hook})
	for n := range 5 {
		if err := doubleOn(c, n+1); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]int{
		"glLinkProgram": 5, "glDispatchCompute": 5, "glBufferSubData": 5, "glGetBufferSubData": 5, "glDeleteProgram": 5, "glDeleteBuffers": 5,
	}
	got := counts()
	for name, n := range want {
		if got[name] != n {
			t.Errorf("%s was called %d times, want %d", name, got[name], n)
		}
	}
	if n := c.Counters(); n.ProgramsBuilt != 5 || n.Dispatches != 5 || n.Uploads != 5 || n.Downloads != 5 {
		t.Errorf("counters are %+v", n)
	}
}
