//go:build !nowindow

package window_test

import (
	"errors"
	"os"
	"os/exec"
	"slices"
	"testing"

	"gpusim/gpu/glctx"
	"gpusim/gpu/gltest"
	"gpusim/gpu/window"
)

const kernel = `#version 430
layout(local_size_x = 4) in;
layout(std430, binding = 0) buffer Data { float x[]; };
void main() { x[gl_GlobalInvocationID.x] *= 2.0; }
`

func TestWindow(t *testing.T) {
	t.Setenv("DISPLAY", gltest.StartX(t))
	for range 3 { // GLFW starts and ends each time
		c, err := window.Open(glctx.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if kind := c.Info().Kind; kind != "GLFW window" {
			t.Errorf("Kind = %q", kind)
		}
		double(t, c)
		c.Close()
	}
}

// Two windows at once, beside a context without one: each keeps its own data.
func TestSeveral(t *testing.T) {
	t.Setenv("DISPLAY", gltest.StartX(t))
	var contexts []*glctx.Context
	for _, open := range []func(glctx.Options) (*glctx.Context, error){window.Open, glctx.OpenEGL, window.Open} {
		c, err := open(glctx.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		contexts = append(contexts, c)
	}
	for _, c := range contexts {
		double(t, c)
	}
	contexts[0].Close()
	double(t, contexts[1])
	double(t, contexts[2])
}

func double(t *testing.T, c *glctx.Context) {
	t.Helper()
	x := []float32{1, 2, 3, 4}
	err := c.Do("double", func(g *glctx.GL) error {
		b, err := g.NewBuffer("x", 16)
		if err != nil {
			return err
		}
		p, err := g.NewProgram("double", kernel)
		if err != nil {
			return err
		}
		return errors.Join(
			g.Upload(b, 0, glctx.Bytes(x)),
			g.Dispatch(p, 1, []glctx.Binding{{Buffer: b}}),
			g.Download(b, 0, glctx.Bytes(x)))
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := []float32{2, 4, 6, 8}; !slices.Equal(x, want) {
		t.Errorf("got %v, want %v", x, want)
	}
}

func TestNoDisplay(t *testing.T) {
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	checkNoContext(t, "neither DISPLAY nor WAYLAND_DISPLAY is set")
}

func TestDeadDisplay(t *testing.T) {
	t.Setenv("DISPLAY", ":4242")
	checkNoContext(t, "GLFW cannot open the display (DISPLAY=:4242)")
}

// A driver below 4.3, as Mesa plays it in a process that starts with this variable.
func TestOldDriver(t *testing.T) {
	if os.Getenv("MESA_GL_VERSION_OVERRIDE") == "" {
		child := exec.Command(os.Args[0], "-test.run=^TestOldDriver$", "-test.v")
		child.Env = append(os.Environ(), "DISPLAY="+gltest.StartX(t), "MESA_GL_VERSION_OVERRIDE=4.1")
		if out, err := child.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	c, err := window.Open(glctx.Options{})
	if err == nil {
		t.Fatalf("there is a context: %+v", c.Info())
	}
	t.Log(err)
	if !errors.Is(err, glctx.ErrNoContext) {
		t.Errorf("%v does not wrap ErrNoContext", err)
	}
}

func checkNoContext(t *testing.T, reason string) {
	t.Helper()
	c, err := window.Open(glctx.Options{})
	if err == nil {
		c.Close()
		t.Fatal("there is a context")
	}
	if !errors.Is(err, glctx.ErrNoContext) {
		t.Errorf("%v does not wrap ErrNoContext", err)
	}
	want := "window: no OpenGL 4.3 context: " + reason + ".\n" +
		"Set DISPLAY to an X server with GLX, or start one: apt-get install xvfb xauth; xvfb-run -a gpusim ... . Without a display, use EGL, which needs no window."
	if err.Error() != want {
		t.Errorf("got:\n%v\nwant:\n%s", err, want)
	}
}
