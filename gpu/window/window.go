//go:build !nowindow

package window

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"unsafe"

	"github.com/go-gl/glfw/v3.3/glfw"

	"gpusim/gpu/glctx"
)

// library guards GLFW, which has one state for the process and is not safe for use
// by several threads; open counts the windows, because the last one ends GLFW.
var library struct {
	sync.Mutex
	open int
}

// Open opens an OpenGL 4.3 core context in a hidden window. Without a display, or
// without OpenGL 4.3 on it, the error wraps glctx.ErrNoContext and says what to do.
func Open(o glctx.Options) (*glctx.Context, error) {
	switch {
	case runtime.GOOS == "darwin":
		// Also, GLFW would have to be called on the main thread there.
		return nil, fmt.Errorf("window: %w: macOS stops at OpenGL 4.1", glctx.ErrNoContext)
	case runtime.GOOS != "windows" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "":
		return nil, noContext(errors.New("neither DISPLAY nor WAYLAND_DISPLAY is set"))
	}
	return glctx.Open(open, o)
}

// open makes the window and its context, which it leaves current on this thread.
//
// GLFW's Go binding panics where a call fails for a reason that it does not expect, and
// glfw.Init without a display returns nil, so that the call after it panics; hence the
// one recover around all of it.
func open() (s glctx.Surface, err error) {
	library.Lock()
	defer library.Unlock()
	defer func() {
		if v := recover(); v != nil {
			err = noContext(explain(v))
		}
		if err != nil && library.open == 0 {
			glfw.Terminate() // does nothing where Init failed
		}
	}()
	if err := glfw.Init(); err != nil {
		return s, noContext(err)
	}
	glfw.DefaultWindowHints()
	glfw.WindowHint(glfw.Visible, glfw.False)
	glfw.WindowHint(glfw.ClientAPI, glfw.OpenGLAPI)
	glfw.WindowHint(glfw.ContextVersionMajor, 4)
	glfw.WindowHint(glfw.ContextVersionMinor, 3)
	glfw.WindowHint(glfw.OpenGLProfile, glfw.OpenGLCoreProfile)
	glfw.WindowHint(glfw.OpenGLDebugContext, glfw.True)
	glfw.WindowHint(glfw.ContextRobustness, glfw.LoseContextOnReset)
	w, err := glfw.CreateWindow(1, 1, "gpusim", nil, nil)
	if err != nil {
		return s, noContext(err)
	}
	if w == nil { // an error of the window system, which the binding has logged
		return s, noContext(errors.New("GLFW could not make the window"))
	}
	w.MakeContextCurrent()
	library.open++
	return glctx.Surface{
		Kind:     "GLFW window",
		ProcAddr: func(name string) unsafe.Pointer { return glfw.GetProcAddress(name) },
		Release:  func() { release(w) },
	}, nil
}

func release(w *glfw.Window) {
	library.Lock()
	defer library.Unlock()
	glfw.DetachCurrentContext()
	w.Destroy()
	library.open--
	if library.open == 0 {
		glfw.Terminate()
	}
}

// explain turns a panic of GLFW's binding into an error. NotInitialized, a code that
// the binding does not export, is what follows a display that cannot be opened.
func explain(v any) error {
	if err, ok := v.(*glfw.Error); ok {
		if err.Code.String() == "NotInitialized" {
			return fmt.Errorf("GLFW cannot open the display (DISPLAY=%s)", os.Getenv("DISPLAY"))
		}
		return err
	}
	return fmt.Errorf("GLFW failed: %v", v)
}

func noContext(err error) error {
	advice := "Update the graphics driver."
	if runtime.GOOS != "windows" {
		advice = "Set DISPLAY to an X server with GLX, or start one: apt-get install xvfb xauth; xvfb-run -a gpusim ... ." +
			" Without a display, use EGL, which needs no window."
	}
	return fmt.Errorf("window: %w: %w.\n%s", glctx.ErrNoContext, err, advice)
}
