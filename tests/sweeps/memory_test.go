//go:build linux

package sweeps

import (
	"fmt"
	"os/exec"
	"syscall"
	"testing"
)

// tiny is a network of which a point takes microseconds.
const tiny = `gpusim: 1
dt: 0.1
models:
  m: {kind: neuron, parameters: {a: 1}, state: {V: 0}, equations: dV/dt = a - V, spike: V > 0.5, reset: V = 0}
populations:
  p: {model: m, size: 2}
run: {duration: 3}
measure: [{rate: {of: p}}]
`

// TestManyPoints: what the program has of memory does not grow with the points of a
// sweep, but for their list and their figure.
func TestManyPoints(t *testing.T) {
	resident := func(points int) int64 {
		cmd := exec.Command(gpusim, "sweep", "net.yaml", "--device", "cpu", "--quiet", "--param", fmt.Sprintf("p.a=0:5:%d", points))
		cmd.Dir = folder(t, tiny)
		cmd.Env = append(cmd.Environ(), "GOGC=25") // less of what is left to collect
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		return cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss * 1024
	}
	few, many := resident(2000), resident(50000)
	t.Logf("%d bytes resident at most with 2000 points, %d with 50000", few, many)
	if many > few+48<<20 {
		t.Errorf("48000 points more take %d bytes more", many-few)
	}
}
