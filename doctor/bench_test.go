package doctor

import (
	"math"
	"testing"
)

// TestPredict has the numbers of bench/model.md: one network of 100 neurons takes
// 0.23 to 0.82 us a step on an RTX 3060 and 0.50 to 1.04 on an A100; 1,100 of them
// are bounded by the lanes, of which 100 in 128 have a neuron.
func TestPredict(t *testing.T) {
	for _, c := range []struct {
		card, instances int
		low, top        float64 // ns a neuron and step
	}{
		{0, 1, 2.27, 8.25},
		{1, 1, 5.02, 10.41},
		{2, 1, 2.04, 7.41},
		{0, 1100, 0.0621, 0.0621},
	} {
		p := cards[c.card].predict(100, c.instances)
		for _, x := range [][2]float64{{p.Low, c.low}, {p.Top, c.top}} {
			if math.Abs(x[0]-x[1]) > 0.01*x[1] {
				t.Errorf("%s, %d instances: %.4f to %.4f ns, want %.4f to %.4f", p.GPU, c.instances, p.Low, p.Top, c.low, c.top)
				break
			}
		}
	}
}

// TestBench looks that every size is timed, on the form that the prediction is for.
func TestBench(t *testing.T) {
	var all []Speed
	if err := Bench(t.Context(), open(t), func(s Speed) { all = append(all, s) }); err != nil {
		t.Fatal(err)
	}
	if len(all) != 4 {
		t.Fatalf("%d rows, want 4", len(all))
	}
	for _, s := range all {
		if s.Measured <= 0 || len(s.Predicted) != len(cards) || s.Plan == "" {
			t.Errorf("row %+v", s)
		}
	}
}
