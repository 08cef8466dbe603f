package language

import (
	"strings"
	"testing"

	"gpusim/model"
)

// TestStaleReads: a statement of on_pre that changes the synapse may not read what
// one above it has added to, itself or through a quantity; the other way round, and
// behind a delay of pre, it may.
func TestStaleReads(t *testing.T) {
	const text = clockwork + `
  cell:
    kind: neuron
    state: {y: 0}
    equations: "dy/dt = 1; twice = 2*y"
    spike: y > 1
    reset: y = 0
  syn: {kind: synapse, state: {s: 0}, on_pre: "STATEMENTS"}
populations:
  S: {model: cell, size: 3}
projections:
  J: {model: syn, from: S, to: S, connect: {all_to_all: {}}DELAY}
run: {duration: 4}
`
	for _, c := range []struct {
		statements, delay string
		stale             bool
	}{
		{"post.y += 1; s = post.y", "", true},
		{"s = 1; post.y += s; s += pre.twice*s", "", true},
		{"post.y += 1; s = pre.y", ", delay: 1", false},
		{"post.y += 1; s = post.twice", ", delay: 1", true},
		{"s = post.y; post.y += s; post.y += post.twice", "", false},
	} {
		f := mustParse(t, strings.NewReplacer("STATEMENTS", c.statements, "DELAY", c.delay).Replace(text), nil)
		_, err := model.Lower(f, model.Shapes{})
		if got := err != nil && strings.Contains(err.Error(), "this reads S.y after a statement above has added to it"); got != c.stale || !c.stale && err != nil {
			t.Errorf("%s%s: %v", c.statements, c.delay, err)
		}
	}
}
