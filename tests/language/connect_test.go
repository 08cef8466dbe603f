package language

import (
	"fmt"
	"strings"
	"testing"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/network"
)

// TestConnect: the synapses of every rule, of populations and groups; neurons of a
// group are counted from its start; self is about neurons, not about numbers. The
// forms of kernel take turns.
func TestConnect(t *testing.T) {
	const text = `
dt: 0.5
models:
  n: {kind: neuron, state: {x: 0}, input: [a, b], equations: dx/dt = 0}
  s: {kind: synapse, parameters: {w: 0}, output: "post.a += w + 1000; post.b += pre.x + 100*post.x"}
populations:
  P: {model: n, size: 6, groups: {L: [0, 3], M: [2, 5], R: [3, 6]}, init: {x: i}, record: [a, b]}
  Q: {model: n, size: 3, init: {x: i}, record: [a, b]}
projections:
  J: {model: s, from: %s, to: %s, connect: {%s}, parameters: {w: i + 10*j}}
run: {duration: 1}
`
	arrays := map[string]array{"a.npy": vector(0, 2, 1), "b.npy": vector(1, 0, 0)}
	span := func(name string) (start, stop int) {
		switch name {
		case "P.L", "Q":
			return 0, 3
		case "P.M":
			return 2, 5
		case "P.R":
			return 3, 6
		}
		return 0, 6
	}
	for k, c := range []struct {
		from, to, rule string
		pairs          [][2]int // nil: all
		self           bool
	}{
		{"P", "P", "all_to_all: {}", nil, true},
		{"P", "P", "all_to_all: {self: false}", nil, false},
		{"P", "Q", "all_to_all: {self: false}", nil, true},
		{"P.L", "P.M", "all_to_all: {self: false}", nil, false},
		{"P.M", "P.M", "all_to_all: {self: false}", nil, false},
		{"P.L", "P.R", "all_to_all: {self: false}", nil, true},
		{"P.M", "P", "all_to_all: {self: false}", nil, false},
		{"Q", "P.M", "all_to_all: ", nil, true},
		{"P.M", "Q", "one_to_one: {}", [][2]int{{0, 0}, {1, 1}, {2, 2}}, true},
		{"P.R", "P.L", "one_to_one: ", [][2]int{{0, 0}, {1, 1}, {2, 2}}, true},
		{"P.M", "P.R", "pairs: [[0, 1], [2, 2], [0, 1]]", [][2]int{{0, 1}, {2, 2}, {0, 1}}, true},
		{"P.M", "Q", "pairs: {pre: file(a.npy), post: file(b.npy)}", [][2]int{{0, 1}, {2, 0}, {1, 0}}, true},
		{"P", "P", "pairs: {pre: [5, 4], post: file(b2.npy)}", [][2]int{{5, 1}, {4, 0}}, true},
		{"P.L", "P.M", "fixed_probability: {p: 1}", nil, true},
		{"P.L", "P.M", "fixed_probability: {p: 1, self: false}", nil, false},
		{"P.L", "P.M", "fixed_probability: {p: 0}", [][2]int{}, true},
	} {
		arrays["b2.npy"] = vector(1, 0)
		t.Run(c.from+" "+c.to+" "+c.rule, func(t *testing.T) {
			f := mustParse(t, fmt.Sprintf(text, c.from, c.to, c.rule), arrays)
			i0, i1 := span(c.from)
			j0, j1 := span(c.to)
			pairs := c.pairs
			if pairs == nil {
				for i := range i1 - i0 {
					for j := range j1 - j0 {
						if c.self || i+i0 != j+j0 {
							pairs = append(pairs, [2]int{i, j})
						}
					}
				}
			}
			sum := func(pop string, k int) (a, b float64) {
				if c.to[:1] != pop {
					return 0, 0
				}
				for _, p := range pairs {
					if p[1]+j0 == k {
						a += float64(p[0]) + 10*float64(p[1]) + 1000
						b += float64(p[0]+i0) + 100*float64(k)
					}
				}
				return a, b
			}
			onEach(t, f, func(t *testing.T, x left) {
				for pop, n := range map[string]int{"P": 6, "Q": 3} {
					x.same(t, pop+".a", n, func(step int64, k int) float64 { a, _ := sum(pop, k); return a * float64(step) })
					x.same(t, pop+".b", n, func(step int64, k int) float64 { _, b := sum(pop, k); return b * float64(step) })
				}
			}, "cpu", []string{gpu.FormFused, gpu.FormStepped}[k%2])
		})
	}
}

// TestDrawnOnce: fixed_probability is drawn from its own seed, else from the
// file's run.seed, and not from a swept one; with another name there are other
// synapses, about p of all, in synapse order.
func TestDrawnOnce(t *testing.T) {
	const text = `
dt: 0.5
models:
  n: {kind: neuron, state: {x: 0}, input: [a], equations: dx/dt = 0}
  s: {kind: synapse, parameters: {w: 1}, output: post.a += w}
populations:
  P: {model: n, size: 200, groups: {L: [0, 100]}}
projections:
  J: {model: s, from: P, to: P, connect: {fixed_probability: {p: 0.1, self: false%s}}}
  K: {model: s, from: P, to: P, connect: {fixed_probability: {p: 0.1, self: false%s}}}
run: {duration: 1, seed: %d}
%s
`
	conn := func(k int, more string, seed int, rest string) string {
		f := mustParse(t, fmt.Sprintf(text, more, more, seed, rest), nil)
		c := f.Conn(f.Projections[k])
		for s := range c.Pre {
			if s > 0 && (c.Pre[s] < c.Pre[s-1] || c.Pre[s] == c.Pre[s-1] && c.Post[s] <= c.Post[s-1]) {
				t.Fatalf("synapse %d is out of order", s)
			}
			if c.Pre[s] == c.Post[s] {
				t.Fatalf("synapse %d is from a neuron to itself", s)
			}
		}
		if n := float64(len(c.Pre)); n < 3980-5*60 || n > 3980+5*60 { // 5 standard deviations
			t.Errorf("%g synapses, expected about 3980", n)
		}
		return fmt.Sprint(c.Pre, c.Post)
	}
	first := conn(0, "", 5, "")
	if conn(0, ", seed: 5", 9, "") != first {
		t.Error("its own seed is not that of the run")
	}
	if conn(0, "", 9, "") == first {
		t.Error("another run.seed draws the same synapses")
	}
	if conn(1, "", 5, "") == first {
		t.Error("two projections draw the same synapses")
	}
	if _, err := network.Compile(mustParse(t, fmt.Sprintf(text, "", "", 5, ""), map[string]array{"w.npy": vector(1, 2, 3)}, "J.w=file(w.npy)"), cpuref.New(), nil); err == nil ||
		!strings.Contains(err.Error(), "J.w: 3 values given, expected 1 or ") || !strings.Contains(err.Error(), "(one a synapse, pre ascending, then post)") {
		t.Errorf("an array of 3 for drawn synapses: %v", err)
	}
	if conn(0, "", 5, "sweep: {run.seed: {values: [1, 2]}}") != first {
		t.Error("a swept seed draws other synapses")
	}
}
