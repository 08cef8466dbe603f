package engines

import (
	"context"
	"fmt"
	"math"
	"testing"

	"gpusim/cpuref"
	"gpusim/network"
)

// problems have known solutions: a turn on the unit circle, which attracts
// (x = cos t, y = -sin t; the variables drive each other), and z' = -2 t z**2
// (z = 1/(1 + t**2); the equation reads t).
const problems = `gpusim: 1
dt: %g
method: %s
models:
  circle:
    kind: neuron
    state: {x: 1, y: 0}
    equations: |
      r = x**2 + y**2
      dx/dt = y + x*(1 - r)
      dy/dt = -x + y*(1 - r)
  decay:
    kind: neuron
    state: {z: 1}
    equations: dz/dt = -2*t*z**2
populations:
  a: {model: circle, size: 1}
  b: {model: decay, size: 1}
run: {duration: 2}
`

// TestOrderOfConvergence halves the step twice and looks at what becomes of the
// error at the end: a method of order p divides it by 2**p.
func TestOrderOfConvergence(t *testing.T) {
	const end = 2.0
	exact := map[string]float64{"a.x": math.Cos(end), "a.y": -math.Sin(end), "b.z": 1 / (1 + end*end)}
	for method, order := range map[string]float64{
		"euler": 1, "exponential_euler": 1, "rk2": 2, "heun": 2, "midpoint": 2, "rk3": 3, "rk4": 4, "rk4_alternative": 4,
	} {
		var errs [3]map[string]float64
		for k := range errs {
			f := parse(t, fmt.Sprintf(problems, 0.04/math.Pow(2, float64(k)), method))
			n, err := network.Compile(f, cpuref.New(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer n.Close()
			if _, err := n.Run(context.Background(), end); err != nil {
				t.Fatal(err)
			}
			errs[k] = map[string]float64{}
			for name, want := range exact {
				x, err := n.Get(name)
				if err != nil {
					t.Fatal(err)
				}
				errs[k][name] = math.Abs(x[0] - want)
			}
		}
		// Both variables of the circle together: the error of one may vanish.
		total := func(k int, names ...string) float64 {
			sum := 0.0
			for _, name := range names {
				sum = math.Hypot(sum, errs[k][name])
			}
			return sum
		}
		for _, names := range [][]string{{"a.x", "a.y"}, {"b.z"}} {
			for k := range 2 {
				got := math.Log2(total(k, names...) / total(k+1, names...))
				if math.Abs(got-order) > 0.12 {
					t.Errorf("%s, %v: order %.3f, want %v (errors %.3g, %.3g)", method, names, got, order, total(k, names...), total(k+1, names...))
				}
			}
		}
	}
}
