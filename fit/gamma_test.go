package fit_test

import (
	"context"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"

	"gpusim/cpuref"
	"gpusim/examples"
	"gpusim/fit"
	"gpusim/gpu"
	"gpusim/model"
	"gpusim/network"
)

// gamma is the gamma network with its rate beside the cross-correlation, run to
// the given time.
func gamma(t *testing.T, to float64, o model.FitOptions) *model.File {
	t.Helper()
	text := strings.Replace(examples.Gamma, "\nsweep:", "  - rate: {of: interneurons}\nsweep:", 1)
	f, _, err := model.Parse("gamma.yaml", []byte(text), ".", model.LoadOptions{To: &to, Fit: o})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A sweep shows that the cross-correlation of the gamma network rises over g_max, by
// leaps, to 0.58 at 0.0022, then falls to 0.35 at 0.0023 and stays about there.
// So only g_max from 0.00197 to 0.0021, and the slope at 0.00224, give 0.5, and
// the search has to find one of them. It compiles once, and each generation
// sends 16 numbers of 4 bytes to the device. The best point, as a file of its own,
// runs to the same bits.
func TestGamma(t *testing.T) {
	dev, err := gpu.Open(gpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	f := gamma(t, 500, model.FitOptions{
		Params:  []model.Override{{Name: "gaba.g_max", Value: "0.0002:0.003"}},
		Targets: []model.Override{{Name: "cross_correlation", Value: "0.5"}},
	})
	f.Fit.Tolerance = 0.02 // of 0.5: 0.01
	var up []int64
	r := search(t, f, dev, &fit.Options{Generation: func(r *fit.Result, _ int) error {
		up = append(up, r.Counters.BytesUploaded)
		return nil
	}})
	best := r.Best()
	if !r.Reached || !scalar.EqualWithinAbs(best.Measures[0].Value, 0.5, 0.01) || best.Values[0] < 0.0018 || best.Values[0] > 0.0024 {
		t.Errorf("ended: %s after %d evaluations, best %+v", r.Ended, len(r.History), best)
	}
	if r.Counters.ProgramsBuilt != 1 || r.Counters.Rebuilds != 0 || r.Launches != r.Generations || r.Instances != 16 {
		t.Errorf("%d generations, %d launches of %d; %+v", r.Generations, r.Launches, r.Instances, r.Counters)
	}
	for g := 1; g < len(up); g++ {
		if up[g]-up[g-1] != 16*4 {
			t.Errorf("generation %d uploaded %d bytes, want 64", g+1, up[g]-up[g-1])
		}
	}
	sameAlone(t, f, dev, r)
}

// Two parameters at once, the strength of inhibition and the input, give a
// cross-correlation and a rate that are wanted.
func TestGammaOfTwo(t *testing.T) {
	dev, err := gpu.Open(gpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	f := gamma(t, 300, model.FitOptions{
		Params:  []model.Override{{Name: "gaba.g_max", Value: "log:0.0002:0.003"}, {Name: "inputs.0.value", Value: "0.5:3"}},
		Targets: []model.Override{{Name: "cross_correlation", Value: "0.3"}, {Name: "rate", Value: "30"}},
	})
	f.Fit.Tolerance = 0.05
	r := search(t, f, dev, nil)
	best := r.Best()
	t.Logf("%d evaluations, best %+v", len(r.History), best)
	if !r.Reached || !scalar.EqualWithinAbs(best.Measures[0].Value, 0.3, 0.015) || !scalar.EqualWithinAbs(best.Measures[1].Value, 30, 1.5) {
		t.Errorf("ended: %s after %d evaluations, best %+v", r.Ended, len(r.History), best)
	}
	sameAlone(t, f, dev, r)
}

// The float64 engine is searched by the same code: a small network.
func TestGammaInFloat64(t *testing.T) {
	f := gamma(t, 50, model.FitOptions{
		Params:  []model.Override{{Name: "inputs.0.value", Value: "0.5:4"}},
		Targets: []model.Override{{Name: "rate", Value: "60"}}, Population: "6",
	})
	r := search(t, f, cpuref.New(), nil)
	if !r.Reached {
		t.Errorf("ended: %s, best %+v", r.Ended, r.Best())
	}
	sameAlone(t, f, cpuref.New(), r)
}

// sameAlone runs the file with the best point's values written into it, and wants
// the measures that the search found, to the bit.
func sameAlone(t *testing.T, f *model.File, dev network.Device, r *fit.Result) {
	t.Helper()
	best := r.Best()
	text, _ := f.PortableAt(r.Names, best.Values)
	g, _, err := model.Parse("network.yaml", []byte(text), ".", model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	n, err := network.Compile(g, dev, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	result, err := n.Run(context.Background(), g.Run.Duration)
	if err != nil {
		t.Fatal(err)
	}
	values, err := network.Measure(g, result, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		if want := best.Measures[i]; v != want {
			t.Errorf("%s is %v alone, and was %v in the search", v.Key, v, want)
		}
	}
}
