package main

import (
	"bytes"
	"encoding/json"
	"math"
	"path/filepath"
	"testing"
)

// TestConvergeGamma looks at the gamma network at smaller time steps in float64. What
// the table of docs/validation.md has for it is one draw of the start; another
// has other numbers and the same shape: the smaller dt, the more synchrony, and
// rates that settle.
func TestConvergeGamma(t *testing.T) {
	var out, errs bytes.Buffer
	a := &app{in: &bytes.Buffer{}, out: &out, err: &errs}
	root := a.root()
	root.SetArgs([]string{"converge", filepath.Join("..", "..", "examples", "gamma.yaml"), "--device", "cpu", "--json", "--quiet"})
	if err := root.Execute(); err != nil {
		t.Fatal(err, errs.String())
	}
	var got struct {
		Points []struct {
			Dt          float64 `json:"dt_ms"`
			Steps       int
			Populations map[string]struct {
				RateHz float64 `json:"rate_hz"`
			}
			Measures map[string]float64
		}
		Differences []struct{ Values map[string]float64 }
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Points) != 3 || len(got.Differences) != 2 {
		t.Fatalf("%+v", got)
	}
	for k, p := range got.Points {
		if p.Dt != 0.04/float64(int(1)<<k) || p.Steps != 12500<<k {
			t.Errorf("point %d: %+v", k, p)
		}
		if k > 0 && p.Measures["cross_correlation"] <= got.Points[k-1].Measures["cross_correlation"] {
			t.Errorf("at dt %g the cross-correlation is %g, not more than at %g", p.Dt, p.Measures["cross_correlation"], got.Points[k-1].Dt)
		}
	}
	first, second := got.Differences[0].Values["rate_hz"], got.Differences[1].Values["rate_hz"]
	if !(math.Abs(second) < math.Abs(first)/2) {
		t.Errorf("the rate changes by %g Hz, then by %g", first, second)
	}
	if d := got.Points[1].Populations["interneurons"].RateHz - got.Points[0].Populations["interneurons"].RateHz; d != first {
		t.Errorf("the rates differ by %g, and it says %g", d, first)
	}
}
