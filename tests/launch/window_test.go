//go:build !nowindow

package launch

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"

	"gpusim/gpu"
	"gpusim/gpu/glctx"
	"gpusim/gpu/window"
)

// TestWindow runs the gamma network in the context of a hidden window, under
// Xvfb: the same bits as in one without a display.
func TestWindow(t *testing.T) {
	f := parseText(t, measuring())
	headless := alone(t, f, open(t, gpu.Options{}))
	t.Setenv("DISPLAY", startX(t))
	ctx, err := window.Open(glctx.Options{})
	ok(t, err)
	d := gpu.New(ctx, gpu.Options{})
	defer func() { ok(t, d.Close()) }()
	if info := d.Info(); !strings.Contains(info.Driver, "GLFW window") {
		t.Errorf("this is no window: %+v", info)
	}
	same(t, "window", alone(t, f, d), headless)
}

// startX starts a display of this test's own and stops it when the test is over.
func startX(t *testing.T) (display string) {
	t.Helper()
	r, w, err := os.Pipe()
	ok(t, err)
	defer r.Close()
	// Xvfb picks a free display and writes its number to file descriptor 3.
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "64x64x24", "-noreset", "-nolisten", "tcp")
	x.ExtraFiles = []*os.File{w}
	err = x.Start()
	w.Close()
	if err != nil {
		t.Fatalf("this test needs Xvfb (apt-get install xvfb): %v", err)
	}
	t.Cleanup(func() {
		x.Process.Kill()
		x.Wait()
	})
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not start: %v", err)
	}
	return ":" + strings.TrimSpace(number)
}
