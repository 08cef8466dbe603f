//go:build nowindow

package window

import (
	"fmt"

	"gpusim/gpu/glctx"
)

// Open says that this program was built without windows.
func Open(glctx.Options) (*glctx.Context, error) {
	return nil, fmt.Errorf("window: %w: this program was built without windows (build tag nowindow)", glctx.ErrNoContext)
}
