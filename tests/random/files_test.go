package random

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gpusim/cpuref"
	"gpusim/model"
	"gpusim/network"
)

func parse(t *testing.T, seed uint64, text string, set ...model.Override) *model.File {
	t.Helper()
	f, _, err := model.Parse("random.yaml", []byte(text), ".", model.LoadOptions{Set: set})
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, text)
	}
	return f
}

// TestPrintedAndReadAgain: a random network that is printed and read again has the same
// step program, and prints the same.
func TestPrintedAndReadAgain(t *testing.T) {
	for seed := range uint64(100) {
		f := parse(t, seed, File(seed, 3))
		again := parse(t, seed, f.YAML())
		if f.YAML() != again.YAML() {
			t.Errorf("seed %d: printed\n%s\nand again\n%s", seed, f.YAML(), again.YAML())
		}
		p, err := model.Lower(f, model.Shapes{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		q, err := model.Lower(again, model.Shapes{})
		if err != nil || p.String() != q.String() {
			t.Errorf("seed %d: another step program, %v\n%s\n%s", seed, err, p, q)
		}
	}
}

// linear writes an expression that is linear in x, by way of the parameters a and b,
// and maybe of the quantity q, which is linear itself.
func (g *generator) linear(depth int, x string) string {
	if depth == 0 {
		return x
	}
	lower := "(" + g.linear(depth-1, x) + ")"
	switch g.IntN(8) {
	case 0:
		return "-" + lower
	case 1:
		return lower + " + " + g.pick("a", "b", g.number())
	case 2:
		return g.pick("a", "b") + " - " + lower
	case 3:
		return lower + "*" + g.pick("tanh(a)", "b", "exp(-b)")
	case 4:
		return g.pick("a", "-b/2", g.number()) + "*" + lower
	case 5:
		return lower + "/(1 + abs(a - b))"
	case 6:
		return lower + " - 0.3*(" + g.linear(depth-1, x) + ")"
	}
	return lower + " if a > b else (" + g.linear(depth-1, x) + ")"
}

// TestExactWhateverDt: of linear equations the steps of exponential Euler are exact,
// so that one step of 4 ms ends where 100 of 0.04 ms do. (Package algebra's tests
// have the same of the expressions.)
func TestExactWhateverDt(t *testing.T) {
	for seed := range uint64(200) {
		g := &generator{Rand: rand.New(rand.NewPCG(seed, 3))}
		text := fmt.Sprintf(`gpusim: 1
dt: 4
models:
  m:
    kind: neuron
    parameters: {a: %s, b: %s}
    state: {x: 1}
    equations: |
      q = %s
      dx/dt = 0.2*(%s)
populations: {cells: {model: m, size: 3, init: {x: 1 - i}, parameters: {a: "uniform(-1, 1)"}}}
run: {duration: 4, seed: %d}
`, g.number(), g.number(), g.linear(2, "x"), g.linear(3, g.pick("x", "q", "q")), seed)
		var x [2][]float64
		for k, dt := range []string{"4", "0.04"} {
			n, err := network.Compile(parse(t, seed, text, model.Override{Name: "dt", Value: dt}), cpuref.New(), nil)
			if err == nil {
				_, err = n.Run(context.Background(), 4)
			}
			if err == nil {
				x[k], err = n.Get("cells.x")
			}
			if err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, text)
			}
			if err := n.Close(); err != nil {
				t.Fatal(err)
			}
		}
		for i := range x[0] {
			if difference := math.Abs(x[0][i] - x[1][i]); !(difference <= 1e-11*(10+math.Abs(x[0][i]))) {
				t.Errorf("seed %d: neuron %d ends at %v with one step, at %v with 100\n%s", seed, i, x[0][i], x[1][i], text)
				break
			}
		}
	}
}
