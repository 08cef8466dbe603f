package gltest_test

import (
	"errors"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"gpusim/gpu/glctx"
	"gpusim/gpu/gltest"
)

func TestCount(t *testing.T) {
	hook, counts := gltest.Count("glBufferData", "glBufferSubData", "glNoSuchFunction")
	for range 3 { // one hook for several contexts
		c, err := glctx.OpenEGL(glctx.Options{ProcAddr: hook})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		got := make([]byte, 4)
		err = c.Do("upload and download", func(g *glctx.GL) error {
			b, err := g.NewBuffer("b", 4)
			if err != nil {
				return err
			}
			if err := g.Upload(b, 0, []byte{1, 2, 3, 4}); err != nil {
				return err
			}
			return g.Download(b, 0, got)
		})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]byte{1, 2, 3, 4}, got); diff != "" {
			t.Errorf("the data did not pass the hook whole (-want +got):\n%s", diff)
		}
	}
	got := counts()
	want := map[string]int{"glBufferData": 3, "glBufferSubData": 3, "glNoSuchFunction": 0}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

// The driver's messages pass a counted glGetDebugMessageLog, of whose eight arguments
// some are on the stack.
func TestCountManyArguments(t *testing.T) {
	hook, counts := gltest.Count("glGetDebugMessageLog")
	c, err := glctx.OpenEGL(glctx.Options{ProcAddr: hook})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	err = c.Do("provoke", func(g *glctx.GL) error {
		p, err := g.NewProgram("p", "#version 430\nlayout(local_size_x = 1) in;\n"+
			"layout(binding = 0) buffer B { uint x; };\nuniform uint n;\nvoid main() { x = n; }\n")
		if err != nil {
			return err
		}
		return g.SetFloat(p, "n", 1) // the wrong type
	})
	var want *glctx.GLError
	if !errors.As(err, &want) || len(want.Messages) != 1 || want.Messages[0] == "" {
		t.Errorf("got %#v, want one message of the driver's", err)
	}
	if counts()["glGetDebugMessageLog"] == 0 {
		t.Error("glGetDebugMessageLog was not counted")
	}
}

func TestReplace(t *testing.T) {
	var asked uintptr
	c, err := glctx.OpenEGL(glctx.Options{ProcAddr: gltest.Replace(map[string]any{
		"glBufferData": func(target uint32, size uintptr, data unsafe.Pointer, usage uint32) { asked = size },
	})})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	// The driver, which was not asked for memory, complains about clearing it or not: no matter here.
	_ = c.Do("allocate", func(g *glctx.GL) error {
		_, err := g.NewBuffer("b", 160)
		return err
	})
	if asked != 160 {
		t.Errorf("glBufferData was asked for %d bytes, want 160", asked)
	}
}
