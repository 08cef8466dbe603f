//go:build !nowindow

package launch

import (
	"strings"
	"testing"

	"gpusim/gpu"
	"gpusim/gpu/glctx"
	"gpusim/gpu/gltest"
	"gpusim/gpu/window"
)

// TestWindow runs the gamma network in the context of a hidden window, under
// Xvfb: the same bits as in one without a display.
func TestWindow(t *testing.T) {
	f := parseText(t, measuring())
	headless := alone(t, f, open(t, gpu.Options{}))
	t.Setenv("DISPLAY", gltest.StartX(t))
	ctx, err := window.Open(glctx.Options{})
	ok(t, err)
	d := gpu.New(ctx, gpu.Options{})
	defer func() { ok(t, d.Close()) }()
	if info := d.Info(); !strings.Contains(info.Driver, "GLFW window") {
		t.Errorf("this is no window: %+v", info)
	}
	same(t, "window", alone(t, f, d), headless)
}
