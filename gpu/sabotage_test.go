package gpu_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gpusim/gpu"
	"gpusim/model"
	"gpusim/shaders"
)

// The networks whose kernels are spoiled. Together they have every exchange
// between invocations that is printed: totals over one tile of neurons and over
// two, published states, and delay lines.
var spoiled = map[string]string{
	"one tile":  gaps(20, "gap", "all_to_all: {}"),
	"two tiles": gaps(140, "gap", "all_to_all: {}"),
	"published": gaps(40, "gap", somePairs),
	"delayed":   gaps(40, "late", somePairs),
}

const somePairs = "pairs: [[0, 39], [39, 0], [7, 8], [8, 7], [20, 3]]"

func gaps(size int, synapse, connect string) string {
	return fmt.Sprintf(`
gpusim: 1
name: gaps
dt: 0.1
method: euler
models:
  m: {kind: neuron, state: {v: 0.5}, input: I, equations: dv/dt = I - v, spike: v > 0.4}
  gap: {kind: synapse, output: post.I += pre.v - post.v}
  late: {kind: synapse, on_pre: post.I += 1, delay: 0.5}
populations:
  P: {model: m, size: %d}
projections:
  PP: {model: %s, from: P, to: P, connect: {%s}}
run: {duration: 1}
`, size, synapse, connect)
}

// race runs a spoiled network for some steps and gives the race that it has.
func race(t *testing.T, o gpu.Options, text string) *gpu.RaceError {
	t.Helper()
	e, _ := mustBuild(t, o, text, model.Shapes{}, 1)
	_, err := e.Run(context.Background(), 0, 6, nil)
	var race *gpu.RaceError
	if err != nil && !errors.As(err, &race) {
		t.Fatal(err)
	}
	return race
}

// orders are what a kernel orders its invocations by.
var orders = regexp.MustCompile(`^ *(barrier\(\);|memoryBarrier\w+\(\);)$|coherent `)

// TestSabotage takes out, one at a time, everything by which the fused kernels
// order their invocations: the race is found each time, with both statements.
// Nothing is there that could go.
func TestSabotage(t *testing.T) {
	for name, text := range spoiled {
		for _, w := range []int{8, 128} { // one path of the sums each
			t.Run(fmt.Sprintf("%s/%d", name, w), func(t *testing.T) {
				t.Parallel()
				var lines []int // that order
				look := func(source string) string {
					for n, line := range strings.Split(source, "\n") {
						if orders.MatchString(line) {
							lines = append(lines, n)
						}
					}
					return source
				}
				o := gpu.Options{Form: gpu.FormFused, Invocations: w}
				if r := race(t, gpu.Sabotaged(o, look, nil), text); r != nil {
					t.Fatal(r)
				}
				if len(lines) < 2 {
					t.Fatalf("%d lines order invocations, at least a fence and a barrier do", len(lines))
				}
				for _, n := range lines {
					gone := ""
					r := race(t, gpu.Sabotaged(o, func(source string) string {
						lines := strings.Split(source, "\n")
						gone = strings.TrimSpace(lines[n])
						lines[n] = orders.ReplaceAllString(lines[n], "")
						return strings.Join(lines, "\n")
					}, nil), text)
					checkRace(t, fmt.Sprintf("without %q in line %d", gone, n+1), r)
				}
			})
		}
	}
}

// checkRace fails unless a race was found and both its statements touch its
// array.
func checkRace(t *testing.T, what string, r *gpu.RaceError) {
	t.Helper()
	if r == nil {
		t.Errorf("%s no race is found", what)
		return
	}
	for _, s := range []string{r.Statement, r.Other} {
		if !strings.Contains(s, r.Array+"[") {
			t.Errorf("%s: %v\nwhere a statement does not touch %s", what, r, r.Array)
		}
	}
	t.Logf("%s: %v", what, r)
}

// TestSabotageDispatch makes one dispatch of two that follow each other in a
// step of the stepped form: the race is found for each two. (The network with
// delays has one dispatch a step.)
func TestSabotageDispatch(t *testing.T) {
	for _, name := range []string{"one tile", "two tiles", "published"} {
		text := spoiled[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			passes := 0
			o := gpu.Options{Form: gpu.FormStepped, Invocations: 16}
			if r := race(t, gpu.Sabotaged(o, nil, func(p []shaders.Pass) []shaders.Pass {
				passes = len(p)
				return p
			}), text); r != nil {
				t.Fatal(r)
			}
			if passes < 2 {
				t.Fatalf("%d passes", passes)
			}
			for n := range passes - 1 {
				what := ""
				r := race(t, gpu.Sabotaged(o, nil, func(p []shaders.Pass) []shaders.Pass {
					what = fmt.Sprintf("%q and %q in one dispatch", p[n].Name, p[n+1].Name)
					return slices.Replace(p, n, n+2, joined(t, p[n], p[n+1]))
				}), text)
				checkRace(t, what, r)
			}
		})
	}
}

// parameter is a line that loads one, or says where a variable begins.
var parameter = regexp.MustCompile(`^  (precise float|uint (at|in)_\w+ =) `)

// joined is a pass that does what two do. Their workgroups lie side by side.
func joined(t *testing.T, a, b shaders.Pass) shaders.Pass {
	t.Helper()
	cut := func(p shaders.Pass) (declarations, body, rest string) {
		source, rest, ok := strings.Cut(p.Source, "  if (trips != due)")
		head, body, ok2 := strings.Cut(source, "\n  if (g ")
		if !ok || !ok2 {
			t.Fatalf("a pass without its parts:\n%s", p.Source)
		}
		return head, "  if (g " + body, "  if (trips != due)" + rest
	}
	head, first, rest := cut(a)
	other, second, _ := cut(b)
	for _, line := range strings.Split(other, "\n") { // parameters that only the second reads
		if parameter.MatchString(line) && !strings.Contains(head, line) {
			head += "\n" + line
		}
		if strings.HasPrefix(line, "float gs_") && !strings.Contains(head, line) {
			_, text, _ := strings.Cut(b.Source, line)
			text, _, _ = strings.Cut(text, "\n}\n")
			head = strings.Replace(head, "void main()", line+text+"\n}\n\nvoid main()", 1)
		}
	}
	groups := max(a.Groups, b.Groups)
	source := head + "\n" + first + second + rest
	source = strings.Replace(source, fmt.Sprintf("inst = group/%du, g = group%%%du;", a.Groups, a.Groups), fmt.Sprintf("inst = group/%du, g = group%%%du;", groups, groups), 1)
	return shaders.Pass{Name: a.Name + " and " + b.Name, Source: source, Groups: groups, Chunks: 1, Loops: a.Loops + b.Loops}
}
