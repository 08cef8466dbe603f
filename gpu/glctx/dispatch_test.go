package glctx_test

import (
	"errors"
	"slices"
	"testing"
	"time"
	"unsafe"

	"pgregory.net/rapid"

	"gpusim/gpu/glctx"
	"gpusim/gpu/gltest"
)

func TestFoldGroups(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 70000).Draw(t, "limit")
		l := glctx.Limits{MaxGroupCount: [3]int{limit, limit, limit}}
		groups := rapid.IntRange(0, limit*limit).Draw(t, "groups")
		x, y, err := l.FoldGroups(groups)
		if err != nil {
			t.Fatal(err)
		}
		if x > limit || y > limit || x*y < groups || x*y >= groups+y {
			t.Fatalf("%d groups fold into %d x %d", groups, x, y)
		}
	})
	l := glctx.MinimumLimits()
	_, _, err := l.FoldGroups(65535*65535 + 1)
	wantError(t, err, "glctx: 4294836226 work groups, at most 65535 x 65535: too large for this device")
	_, _, err = l.FoldGroups(-1)
	wantError(t, err, "glctx: -1 work groups")
}

// Folded dispatches reach every number once: by a lowered limit, and by the real one.
func TestFoldedDispatch(t *testing.T) {
	c := open(t, glctx.Options{Limits: &glctx.Limits{MaxGroupCount: [3]int{7, 1000, 1}}})
	if err := doubleOn(c, 1001); err != nil {
		t.Error(err)
	}
	if err := c.Do("too many", func(g *glctx.GL) error {
		p, err := g.NewProgram("doubling", doubling)
		if err != nil {
			return err
		}
		return g.Dispatch(p, 7001, nil)
	}); !errors.Is(err, glctx.ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	} else {
		wantError(t, err, "glctx: 7001 work groups, at most 7 x 1000: too large for this device (program doubling)")
	}
	if err := doubleOn(open(t, glctx.Options{}), 4*65535+5); err != nil {
		t.Error(err)
	}
}

// A dispatch sees what the one before it wrote, and so do copies.
func TestOrder(t *testing.T) {
	c := open(t, glctx.Options{})
	x := make([]uint32, 4)
	do(t, c, func(g *glctx.GL) error {
		a, err := g.NewBuffer("a", 16)
		if err != nil {
			return err
		}
		b, err := g.NewBuffer("b", 16)
		if err != nil {
			return err
		}
		p, err := g.NewProgram("doubling", doubling)
		if err != nil {
			return err
		}
		err = errors.Join(g.SetUint(p, "n", 4), g.Upload(a, 0, glctx.Bytes([]uint32{1, 2, 3, 4})))
		for range 5 {
			err = errors.Join(err,
				g.Dispatch(p, 1, []glctx.Binding{{Buffer: a}}),
				g.Copy(b, 0, a, 0, 16),
				g.Dispatch(p, 1, []glctx.Binding{{Buffer: b}}),
				g.Copy(a, 0, b, 0, 16))
		}
		return errors.Join(err, g.Download(a, 0, glctx.Bytes(x)))
	})
	if want := []uint32{1024, 2048, 3072, 4096}; !slices.Equal(x, want) {
		t.Errorf("got %v, want %v", x, want)
	}
}

func TestBindRange(t *testing.T) {
	limits := glctx.MinimumLimits()
	c := open(t, glctx.Options{Limits: &limits})
	do(t, c, func(g *glctx.GL) error {
		b, err := g.NewBuffer("x", 1024)
		if err != nil {
			return err
		}
		p, err := g.NewProgram("doubling", doubling)
		if err != nil {
			return err
		}
		x := numbers(256)
		if err := errors.Join(
			g.Upload(b, 0, glctx.Bytes(x)),
			g.SetUint(p, "n", 4),
			g.Dispatch(p, 1, []glctx.Binding{{Buffer: b, Offset: 512, Size: 256}}),
			g.Dispatch(p, 1, []glctx.Binding{{Buffer: b, Offset: 768}}),
			g.Download(b, 0, glctx.Bytes(x)),
		); err != nil {
			return err
		}
		for i, v := range x {
			want := uint32(i)
			if i >= 128 && i < 132 || i >= 192 && i < 196 {
				want *= 2
			}
			if v != want {
				t.Errorf("number %d is %d, want %d", i, v, want)
			}
		}
		other, err := g.NewBuffer("other", 4)
		if err != nil {
			return err
		}
		if err := g.DeleteBuffer(other); err != nil {
			return err
		}
		for _, test := range []struct {
			binding glctx.Binding
			want    string
		}{
			{glctx.Binding{Index: 8, Buffer: b}, "glctx: program doubling: binding 8, buffer x: this device has bindings 0 to 7"},
			{glctx.Binding{Buffer: b, Offset: 4}, "glctx: program doubling: binding 0, buffer x: offset 4 is not a multiple of 256"},
			{glctx.Binding{Buffer: b, Offset: 1024}, "glctx: program doubling: binding 0, buffer x: 0 bytes at 1024 do not lie within its 1024"},
			{glctx.Binding{Buffer: b, Offset: 512, Size: 513}, "glctx: program doubling: binding 0, buffer x: 513 bytes at 512 do not lie within its 1024"},
			{glctx.Binding{Index: 1, Buffer: b}, "glctx: program doubling: nothing is bound to its storage block 0"},
			{glctx.Binding{Buffer: other}, "glctx: buffer other: bind: it was deleted"},
			{glctx.Binding{}, "glctx: bind: no buffer"},
		} {
			wantError(t, g.Dispatch(p, 1, []glctx.Binding{test.binding}), test.want)
		}
		return nil
	})
	if got := c.Counters().Dispatches; got != 2 {
		t.Errorf("%d dispatches, want 2", got)
	}
}

// slow runs for a while on llvmpipe, within its 65,535 iterations an invocation.
const slow = `#version 430
layout(local_size_x = 64) in;
layout(std430, binding = 0) buffer Data { float x[]; };
void main() {
	float y = x[gl_GlobalInvocationID.x];
	for (int i = 0; i < 20000; i++) y = sin(y) + 1.0;
	x[gl_GlobalInvocationID.x] = y;
}
`

func TestFinish(t *testing.T) {
	c := open(t, glctx.Options{})
	var short, long time.Duration
	do(t, c, func(g *glctx.GL) error {
		b, err := g.NewBuffer("x", 4*64*64)
		if err != nil {
			return err
		}
		p, err := g.NewProgram("slow", slow)
		if err != nil {
			return err
		}
		timed := func(groups int) (time.Duration, error) {
			start, err := g.Finish()
			if err != nil {
				return 0, err
			}
			if err := g.Dispatch(p, groups, []glctx.Binding{{Buffer: b}}); err != nil {
				return 0, err
			}
			end, err := g.Finish()
			return end.Sub(start), err
		}
		if _, err = timed(1); err != nil { // the first pays for compiling
			return err
		}
		if short, err = timed(1); err != nil {
			return err
		}
		long, err = timed(64)
		return err
	})
	t.Logf("1 group %v, 64 groups %v", short, long)
	if short <= 0 || long <= 0 {
		t.Errorf("1 group took %v, 64 groups %v", short, long)
	}
	if c.Info().Software() && long < 4*short { // two to a few dozen threads
		t.Errorf("64 groups took %v, where one took %v", long, short)
	}
}

// A device that is reset while it works, played by the hook: its fences never come.
func TestContextLost(t *testing.T) {
	const timeoutExpired, innocentReset = 0x911B, 0x8254
	status := uint32(0)
	reset := func() uint32 { return status }
	c := open(t, glctx.Options{ProcAddr: gltest.Replace(map[string]any{
		"glClientWaitSync": func(sync unsafe.Pointer, flags uint32, timeout uint64) uint32 {
			status = innocentReset
			return timeoutExpired
		},
		"glGetGraphicsResetStatus":    reset,
		"glGetGraphicsResetStatusKHR": reset,
		"glGetGraphicsResetStatusARB": reset,
	})})
	err := c.Do("run a slice", func(g *glctx.GL) error {
		_, err := g.Finish()
		return err
	})
	wantError(t, err, "glctx: the OpenGL context was lost during: run a slice: the driver has reset the device, most often because a dispatch took too long")
	if !errors.Is(err, glctx.ErrContextLost) {
		t.Errorf("%v does not wrap ErrContextLost", err)
	}
	err = c.Do("run the next", func(*glctx.GL) error { t.Error("it ran"); return nil })
	wantError(t, err, "glctx: the OpenGL context was lost; run the next was not done")
}
