//go:build !linux

package glctx

import (
	"fmt"
	"runtime"
)

// OpenEGL opens a context without a display. Only Linux has desktop OpenGL behind
// EGL; elsewhere this says what the system needs instead.
func OpenEGL(Options) (*Context, error) {
	if runtime.GOOS == "darwin" {
		return nil, fmt.Errorf("glctx: %w: macOS stops at OpenGL 4.1", ErrNoContext)
	}
	return nil, fmt.Errorf("glctx: %w: EGL is used on Linux only; on %s open a hidden window instead (package gpu/window)", ErrNoContext, runtime.GOOS)
}
