package glctx_test

import (
	"errors"
	"testing"
	"unsafe"

	"gpusim/gpu/glctx"
	"gpusim/gpu/gltest"
)

// A driver that says it has OpenGL 4.3 and lacks one of its functions gives no context.
func TestMissingFunction(t *testing.T) {
	c, err := glctx.OpenEGL(glctx.Options{ProcAddr: func(name string, addr unsafe.Pointer) unsafe.Pointer {
		if name == "glDispatchCompute" {
			return nil
		}
		return addr
	}})
	if err == nil {
		c.Close()
		t.Fatal("a context without glDispatchCompute")
	}
	info := open(t, glctx.Options{}).Info()
	wantError(t, err, "glctx: "+info.Kind+": no OpenGL 4.3 context: the driver ("+info.Version+") lacks a function: glDispatchCompute")
	if !errors.Is(err, glctx.ErrNoContext) {
		t.Errorf("%v is not ErrNoContext", err)
	}
}

// A driver that refuses a buffer, and not for want of memory.
func TestBufferRefused(t *testing.T) {
	const invalidValue = 0x0501
	pending := false
	c := open(t, glctx.Options{ProcAddr: gltest.Join(
		gltest.Between("glBufferData", func([]uintptr, func() uintptr) uintptr { pending = true; return 0 }),
		gltest.Between("glGetError", func(_ []uintptr, pass func() uintptr) uintptr {
			if pending {
				pending = false
				return invalidValue
			}
			return pass()
		}),
	)})
	err := c.Do("allocate", func(g *glctx.GL) error {
		_, err := g.NewBuffer("state", 1000)
		return err
	})
	wantError(t, err, "glctx: buffer state: the driver refused 1008 bytes: GL_INVALID_VALUE")
	if errors.Is(err, glctx.ErrTooLarge) {
		t.Errorf("%v is not about its size", err)
	}
}

// What a function says and what the driver says are both told.
func TestBothErrors(t *testing.T) {
	const invalidOperation = 0x0502
	pending := false
	c := open(t, glctx.Options{ProcAddr: gltest.Between("glGetError", func(_ []uintptr, pass func() uintptr) uintptr {
		if pending {
			pending = false
			return invalidOperation
		}
		return pass()
	})})
	own := errors.New("it is too late")
	err := c.Do("reading V", func(*glctx.GL) error { pending = true; return own })
	wantError(t, err, "it is too late; the driver says: glctx: reading V: GL_INVALID_OPERATION")
	var driver *glctx.GLError
	if !errors.Is(err, own) || !errors.As(err, &driver) {
		t.Errorf("%v is not both", err)
	}
}

// A program of another context, and a binding that is longer than a device takes.
func TestOtherContexts(t *testing.T) {
	const most = 1000 // of which a buffer has 1008
	c, other := open(t, glctx.Options{Limits: &glctx.Limits{MaxStorageBlockSize: most}}), open(t, glctx.Options{})
	var p *glctx.Program
	do(t, other, func(g *glctx.GL) (err error) {
		p, err = g.NewProgram("doubling", doubling)
		return err
	})
	do(t, c, func(g *glctx.GL) error {
		wantError(t, g.SetUint(p, "n", 1), "glctx: program doubling: set n: it belongs to another context")
		wantError(t, g.DeleteProgram(p), "glctx: program doubling: delete: it belongs to another context")
		b, err := g.NewBuffer("x", most)
		if err != nil {
			return err
		}
		own, err := g.NewProgram("doubling", doubling)
		if err != nil {
			return err
		}
		wantError(t, g.Dispatch(own, 1, []glctx.Binding{{Buffer: b, Size: most + 4}}),
			"glctx: program doubling: binding 0, buffer x: 1004 bytes, where this device binds at most 1000")
		return nil
	})
}
