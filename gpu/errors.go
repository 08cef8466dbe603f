package gpu

import "gpusim/gpu/glctx"

// What a caller may branch on, with errors.Is.
var (
	// ErrNoContext is the error of Open where there is no OpenGL 4.3: run on
	// cpuref instead. The message says what was tried and what to install.
	ErrNoContext = glctx.ErrNoContext
	// ErrContextLost is that of a device that the driver has reset. It is of no
	// use any more; close it and open another.
	ErrContextLost = glctx.ErrContextLost
	// ErrClosed is that of a device that was closed.
	ErrClosed = glctx.ErrClosed
)
