//go:build nowindow

package window_test

import (
	"errors"
	"testing"

	"gpusim/gpu/glctx"
	"gpusim/gpu/window"
)

func TestNoWindow(t *testing.T) {
	_, err := window.Open(glctx.Options{})
	if !errors.Is(err, glctx.ErrNoContext) {
		t.Errorf("%v does not wrap ErrNoContext", err)
	}
	want := "window: no OpenGL 4.3 context: this program was built without windows (build tag nowindow)"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
