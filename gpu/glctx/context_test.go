package glctx_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gpusim/gpu/glctx"
)

// doubling doubles n numbers, one an invocation, over work groups folded into two dimensions.
const doubling = `#version 430
layout(local_size_x = 4) in;
layout(std430, binding = 0) buffer Data { uint x[]; };
uniform uint n;
void main() {
	uint group = gl_WorkGroupID.x + gl_WorkGroupID.y * gl_NumWorkGroups.x;
	uint i = group * gl_WorkGroupSize.x + gl_LocalInvocationID.x;
	if (i < n) x[i] *= 2u;
}
`

// open opens a context that is closed when the test is over.
func open(t testing.TB, o glctx.Options) *glctx.Context {
	t.Helper()
	c, err := glctx.OpenEGL(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// do runs f in the context and fails the test if it fails.
func do(t testing.TB, c *glctx.Context, f func(*glctx.GL) error) {
	t.Helper()
	if err := c.Do(t.Name(), f); err != nil {
		t.Fatal(err)
	}
}

// wantError compares a whole error text.
func wantError(t testing.TB, err error, want string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error, want: %s", want)
	} else if err.Error() != want {
		t.Errorf("got error:\n%v\nwant:\n%s", err, want)
	}
}

func numbers(n int) []uint32 {
	x := make([]uint32, n)
	for i := range x {
		x[i] = uint32(i)
	}
	return x
}

// doubleOn uploads 0, 1, 2, ..., doubles them on the device and compares.
func doubleOn(c *glctx.Context, n int) error {
	x := numbers(n)
	err := c.Do("double", func(g *glctx.GL) error {
		b, err := g.NewBuffer("x", 4*n)
		if err != nil {
			return err
		}
		p, err := g.NewProgram("doubling", doubling)
		if err != nil {
			return err
		}
		if err := errors.Join(
			g.Upload(b, 0, glctx.Bytes(x)),
			g.SetUint(p, "n", uint32(n)),
			g.Dispatch(p, (n+3)/4, []glctx.Binding{{Buffer: b}}),
		); err != nil {
			return err
		}
		if _, err := g.Finish(); err != nil {
			return err
		}
		return errors.Join(g.Download(b, 0, glctx.Bytes(x)), g.DeleteBuffer(b), g.DeleteProgram(p))
	})
	if err != nil {
		return err
	}
	for i, v := range x {
		if v != uint32(2*i) {
			return fmt.Errorf("number %d is %d", i, v)
		}
	}
	return nil
}

func TestDouble(t *testing.T) {
	c := open(t, glctx.Options{})
	for _, n := range []int{1, 7, 1000} {
		if err := doubleOn(c, n); err != nil {
			t.Errorf("%d numbers: %v", n, err)
		}
	}
	if got := c.Counters().ProgramsBuilt; got != 3 {
		t.Errorf("%d programs built, want 3", got)
	}
}

func TestInfo(t *testing.T) {
	c := open(t, glctx.Options{})
	info := c.Info()
	t.Logf("%+v", info)
	for name, text := range map[string]string{
		"Kind": info.Kind, "Vendor": info.Vendor, "Renderer": info.Renderer,
		"Version": info.Version, "GLSLVersion": info.GLSLVersion,
	} {
		if text == "" {
			t.Errorf("%s is empty", name)
		}
	}
	// The device keeps what OpenGL 4.3 promises: its minimum lowers to the promise itself.
	if got := glctx.Lowered(info.Limits, glctx.MinimumLimits()); got != glctx.MinimumLimits() {
		t.Errorf("limits %+v are below the minimum", info.Limits)
	}
	lowered := open(t, glctx.Options{Limits: &glctx.Limits{MaxStorageBlockSize: 1 << 20}})
	want := info.Limits
	want.MaxStorageBlockSize = 1 << 20
	if got := lowered.Info().Limits; got != want {
		t.Errorf("lowered limits are %+v, want %+v", got, want)
	}
}

func TestManyGoroutines(t *testing.T) {
	c := open(t, glctx.Options{})
	var group sync.WaitGroup
	for n := range 50 {
		group.Go(func() {
			if err := doubleOn(c, n+1); err != nil {
				t.Errorf("%d numbers: %v", n+1, err)
			}
		})
	}
	group.Wait()
	got := c.Counters()
	if got.Dispatches != 50 || got.LiveBuffers != 0 || got.LiveBytes != 0 || got.LivePrograms != 0 {
		t.Errorf("counters are %+v", got)
	}
}

// Contexts open and close while others work, which also asks the race detector about
// go-gl's function addresses.
func TestContextsSideBySide(t *testing.T) {
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			c, err := glctx.OpenEGL(glctx.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for range 5 {
				if err := doubleOn(c, 100); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestClosed(t *testing.T) {
	c := open(t, glctx.Options{})
	var b *glctx.Buffer
	do(t, c, func(g *glctx.GL) (err error) {
		b, err = g.NewBuffer("b", 100)
		return err
	})
	for range 2 {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	err := c.Do("anything", func(g *glctx.GL) error { t.Error("it ran"); return nil })
	if wantError(t, err, "glctx: the context is closed"); err != glctx.ErrClosed {
		t.Errorf("got %v, want ErrClosed", err)
	}
	if got := c.Counters(); got.LiveBuffers != 0 || got.LiveBytes != 0 {
		t.Errorf("a closed context holds %+v", got)
	}
	other := open(t, glctx.Options{})
	err = other.Do("use it elsewhere", func(g *glctx.GL) error { return g.Clear(b) })
	wantError(t, err, "glctx: buffer b: clear: it belongs to another context")
}

// Calls that race with Close either run or say ErrClosed.
func TestCloseWhileBusy(t *testing.T) {
	c := open(t, glctx.Options{})
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			for {
				ran := false
				err := c.Do("count", func(*glctx.GL) error { ran = true; return nil })
				if err == glctx.ErrClosed && !ran {
					return
				}
				if err != nil || !ran {
					t.Errorf("ran = %v, error = %v", ran, err)
					return
				}
			}
		})
	}
	time.Sleep(5 * time.Millisecond)
	c.Close()
	group.Wait()
}

func TestPanic(t *testing.T) {
	c := open(t, glctx.Options{})
	err := c.Do("divide", func(*glctx.GL) error { panic("no such luck") })
	wantError(t, err, "glctx: internal error: divide: no such luck")
	var p *glctx.PanicError
	if !errors.As(err, &p) || !strings.Contains(string(p.Stack), "context_test.go") {
		t.Errorf("%#v does not show where it happened", err)
	}
	if err := doubleOn(c, 10); err != nil {
		t.Errorf("after a panic: %v", err)
	}
}

func TestGoexit(t *testing.T) {
	c := open(t, glctx.Options{})
	err := c.Do("leave", func(*glctx.GL) error { runtime.Goexit(); return nil })
	wantError(t, err, "glctx: internal error: leave: the function ended its goroutine; the context is closed")
	if err := c.Do("more", func(*glctx.GL) error { return nil }); err != glctx.ErrClosed {
		t.Errorf("got %v, want ErrClosed", err)
	}
	c.Close()
}

func TestGLKept(t *testing.T) {
	c := open(t, glctx.Options{})
	var kept *glctx.GL
	do(t, c, func(g *glctx.GL) error { kept = g; return nil })
	_, err := kept.NewBuffer("b", 4)
	wantError(t, err, "glctx: a GL was used after its Do was over")
}

// Two hundred contexts leave behind neither threads nor memory.
func TestOpenClose(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Fatal("this test reads /proc")
	}
	openAndClose := func(times int) {
		for range times {
			c, err := glctx.OpenEGL(glctx.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if err := doubleOn(c, 1000); err != nil {
				t.Fatal(err)
			}
			c.Close()
		}
		runtime.GC()
		time.Sleep(50 * time.Millisecond) // for the last threads to end
	}
	openAndClose(20) // what the driver allocates once
	threads, kilobytes := processStatus(t, "Threads"), processStatus(t, "VmRSS")
	openAndClose(200)
	moreThreads, moreKilobytes := processStatus(t, "Threads")-threads, processStatus(t, "VmRSS")-kilobytes
	t.Logf("200 contexts left %d threads, %d KiB", moreThreads, moreKilobytes)
	if moreThreads > 10 {
		t.Errorf("200 contexts left %d threads", moreThreads)
	}
	if moreKilobytes > 40<<10 { // 200 KiB each would be a leak
		t.Errorf("200 contexts left %d KiB", moreKilobytes)
	}
}

func processStatus(t *testing.T, field string) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		var v int
		if name, value, _ := strings.Cut(line, ":"); name == field {
			fmt.Sscan(value, &v)
			return v
		}
	}
	t.Fatalf("no %s in /proc/self/status", field)
	return 0
}

func TestDebugHook(t *testing.T) {
	var messages []string
	c := open(t, glctx.Options{Debug: func(msg string) { messages = append(messages, msg) }})
	err := c.Do("provoke", func(g *glctx.GL) error {
		p, err := g.NewProgram("doubling", doubling)
		if err != nil {
			return err
		}
		return g.SetFloat(p, "n", 1) // n is a uint, which only the driver knows
	})
	var reported *glctx.GLError
	if !errors.As(err, &reported) || reported.Op != "provoke" || len(reported.Messages) != 1 {
		t.Fatalf("got %#v, want a GLError with one message", err)
	}
	if !slices.Contains(messages, reported.Messages[0]) {
		t.Errorf("Debug was told %q, without %q", messages, reported.Messages[0])
	}
}
