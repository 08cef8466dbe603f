// Package outcome collects all that a run leaves of an instance, spikes, records,
// measures and every state, and compares it with another's bit for bit. It is
// for tests only.
package outcome

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"gpusim/model"
	"gpusim/network"
)

// Outcome is all that a run leaves of an instance. State is nil where it was
// not asked for.
type Outcome struct {
	Spikes   []network.SpikeTrain
	Traces   []network.Trace
	Measures []network.MeasureValue
	State    map[string][]float64
}

// Of is Collect in a test, which it fails where there is an error.
func Of(t testing.TB, f *model.File, r *network.Result, n *network.Network, k int) Outcome {
	t.Helper()
	o, err := Collect(f, r, n, k)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Collect gives what a run left of instance k of a network. The network may be
// nil: then there is no state. A state that is not finite is an error.
func Collect(f *model.File, r *network.Result, n *network.Network, k int) (o Outcome, err error) {
	x := r.Instances[k]
	if x.Bad != nil {
		return o, x.Bad
	}
	o = Outcome{Spikes: x.Spikes, Traces: x.Traces}
	if o.Measures, err = network.Measure(f, r, k); err != nil || n == nil {
		return o, err
	}
	o.State, err = state(n, k)
	return o, err
}

// State reads every state of an instance.
func State(t testing.TB, n *network.Network, k int) map[string][]float64 {
	t.Helper()
	s, err := state(n, k)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func state(n *network.Network, k int) (out map[string][]float64, err error) {
	out = map[string][]float64{}
	for _, name := range n.StateNames() {
		if out[name], err = n.GetInstance(name, k); err != nil {
			return nil, err
		}
	}
	if len(out) == 0 {
		return nil, errors.New("a network without state")
	}
	return out, nil
}

// Run is RunPieces in a test, which it fails where there is an error.
func Run(t testing.TB, n *network.Network, steps, pieces int) *network.Result {
	t.Helper()
	r, err := RunPieces(n, steps, pieces)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// RunPieces runs so many steps in so many pieces and joins what they left.
func RunPieces(n *network.Network, steps, pieces int) (all *network.Result, err error) {
	for k := range pieces {
		r, err := n.RunSteps(context.Background(), steps*(k+1)/pieces-steps*k/pieces)
		if err != nil {
			return nil, err
		}
		if all == nil {
			all = r
		} else {
			all.Append(r)
		}
	}
	return all, nil
}

// NumSpikes is the number of spikes of all populations.
func (o Outcome) NumSpikes() (n int) {
	for _, s := range o.Spikes {
		n += len(s.Steps)
	}
	return n
}

// Same fails unless two outcomes are equal bit for bit. Where one has no state,
// states are not compared.
func (o Outcome) Same(t testing.TB, what string, want Outcome) {
	t.Helper()
	if len(o.Spikes) != len(want.Spikes) || len(o.Measures) != len(want.Measures) || len(o.Traces) != len(want.Traces) {
		t.Fatalf("%s: %d populations, %d measures and %d traces, want %d, %d and %d", what,
			len(o.Spikes), len(o.Measures), len(o.Traces), len(want.Spikes), len(want.Measures), len(want.Traces))
	}
	for i, x := range want.Spikes {
		g := o.Spikes[i]
		if g.Population != x.Population || g.Size != x.Size || !slices.Equal(g.Steps, x.Steps) || !slices.Equal(g.Neurons, x.Neurons) {
			t.Errorf("%s: the %d spikes of %s are not those wanted, of which there are %d", what, len(g.Steps), x.Population, len(x.Steps))
		}
	}
	for i, x := range want.Traces {
		g := o.Traces[i]
		if g.Name != x.Name || g.Len != x.Len || !slices.Equal(g.Steps, x.Steps) {
			t.Errorf("%s: trace %s has %d rows of %d, want %s, %d rows of %d", what, g.Name, len(g.Steps), g.Len, x.Name, len(x.Steps), x.Len)
		}
		Floats(t, what+": trace "+x.Name, g.Data, x.Data)
	}
	for i, x := range want.Measures {
		if g := o.Measures[i]; g.Key != x.Key || g.Defined != x.Defined || !SameBits(g.Value, x.Value) {
			t.Errorf("%s: %v, want %v", what, g, x)
		}
	}
	if o.State == nil || want.State == nil {
		return
	}
	if len(o.State) != len(want.State) {
		t.Errorf("%s: %d states, want %d", what, len(o.State), len(want.State))
	}
	for name, x := range want.State {
		Floats(t, what+": "+name, o.State[name], x)
	}
}

// Floats fails unless two lists are equal bit for bit.
func Floats(t testing.TB, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d values, want %d", what, len(got), len(want))
		return
	}
	for i := range got {
		if !SameBits(got[i], want[i]) {
			t.Errorf("%s: element %d is %v, want %v", what, i, got[i], want[i])
			return
		}
	}
}

// SameBits takes all NaNs for equal: an undefined measure has one.
func SameBits(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || math.IsNaN(a) && math.IsNaN(b)
}
