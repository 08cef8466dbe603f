package main

import (
	"errors"
	"runtime"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/gpu/glctx"
	"gpusim/gpu/window"
	"gpusim/network"
)

// openDevice opens the device that --device names, with the kernels that
// --plan forces.
func (a *app) openDevice(name string, plan gpu.Options) (network.Device, error) {
	return a.openNoting(name, plan, func(msg string) { a.notef("%s", msg) })
}

// openNoting is openDevice with another place for its remark.
func (a *app) openNoting(name string, plan gpu.Options, note func(msg string)) (network.Device, error) {
	if name == "cpu" {
		return cpuref.New(), nil
	}
	ctx, err := openContext(a.gl)
	switch {
	case err == nil:
		plan.Cache = planFolder()
		return gpu.New(ctx, plan), nil
	case name == "auto" && errors.Is(err, glctx.ErrNoContext):
		note("no OpenGL 4.3 here, so the float64 engine on the processor computes; " + openGLAdvice(runtime.GOOS))
		return cpuref.New(), nil
	}
	return nil, err // which says the same
}

// openContext opens OpenGL without a display, or where that is not to be had
// (Windows, a driver without EGL) by a hidden window.
func openContext(o glctx.Options) (*glctx.Context, error) {
	ctx, err := glctx.OpenEGL(o)
	if err == nil || !errors.Is(err, glctx.ErrNoContext) {
		return ctx, err
	}
	if w, e := window.Open(o); e == nil {
		return w, nil
	}
	return nil, err // what is missing for the usual way
}

// openGLAdvice says how to get OpenGL 4.3.
func openGLAdvice(goos string) string {
	switch goos {
	case "linux":
		return "to have it, install the graphics card's driver, or Mesa, which needs none: apt-get install libegl1 libgl1-mesa-dri"
	case "darwin":
		return "macOS ends at OpenGL 4.1"
	}
	return "to have it, install the graphics card's driver"
}
