package fit_test

import (
	"context"
	"errors"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/gonum/floats/scalar"

	"gpusim/cpuref"
	"gpusim/fit"
	"gpusim/gpu"
	"gpusim/model"
	"gpusim/network"
)

// cells are leaky neurons without synapses. Their rate rises with the drive:
// an interval is t_ref + tau*ln(I/(I - 15)), so that I = 20, tau = 10 and
// t_ref = 2 give 1000/(2 + 13.86) = 63 Hz.
const cells = `gpusim: 1
dt: 0.1
constants: {drive: 18}
populations:
  cells: {model: lif, size: 20, parameters: {V_rest: -65, V_reset: -65, V_th: -50, tau: 10, t_ref: 2}, init: {V: "uniform(-65, -50)"}}
inputs: [{to: cells.inp, value: drive}]
run: {duration: 500, seed: 1}
measure: [{rate: {of: cells}}, {isi_mean: {of: cells}}]
`

func parse(t *testing.T, text string) *model.File {
	t.Helper()
	f, _, err := model.Parse("cells.yaml", []byte(text), ".", model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func search(t *testing.T, f *model.File, dev network.Device, opts *fit.Options) *fit.Result {
	t.Helper()
	r, err := fit.Search(context.Background(), f, dev, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A target is reached, and what is found is what theory says.
func TestTarget(t *testing.T) {
	f := parse(t, cells+`fit:
  parameters: {drive: {from: 10, to: 40}}
  goal: {targets: {rate: 63}}
  population: 8
  tolerance: 0.002
`)
	r := search(t, f, cpuref.New(), nil)
	best := r.Best()
	if r.Ended != fit.Reached || !r.Reached || !scalar.EqualWithinRel(best.Measures[0].Value, 63, 0.002) {
		t.Errorf("ended: %s, reached: %v, best %+v", r.Ended, r.Reached, best)
	}
	// Within a step of the time step, and what a neuron's first interval lacks.
	if !scalar.EqualWithinAbs(best.Values[0], 20, 0.3) {
		t.Errorf("a drive of %v gives 63 Hz, want 20", best.Values[0])
	}
	if want := math.Pow((best.Measures[0].Value-63)/63, 2); !scalar.EqualWithinRel(best.Objective, want, 1e-12) {
		t.Errorf("the objective is %v, want %v", best.Objective, want)
	}
	if r.History[0].Values[0] != 25 || r.History[0].Generation != 1 {
		t.Errorf("the first point is %+v, want the middle of the bounds", r.History[0])
	}
	if c := r.Counters; c.ProgramsBuilt != 1 || c.Rebuilds != 0 || r.Generations < 2 || r.Launches != r.Generations || r.Instances != 8 {
		t.Errorf("%d generations, %d launches of %d; %+v", r.Generations, r.Launches, r.Instances, c)
	}
}

// Two parameters meet two targets, of measures of different units.
func TestTwoTargets(t *testing.T) {
	// late is the rate of another population, whose neurons have other times.
	f := parse(t, strings.NewReplacer(
		"\ninputs: [", "\n  others: {model: lif, size: 20, parameters: {V_rest: -65, V_reset: -65, V_th: -50, tau: 5, t_ref: 1}}\ninputs: [{to: others.inp, value: drive}, ",
		"{isi_mean: {of: cells}}", "{rate: {of: others, name: late}}", "{rate: {of: cells}}", "{rate: {of: cells, name: rate}}").Replace(cells)+`fit:
  parameters: {drive: {log_from: 16, log_to: 60}, cells.t_ref: {from: 0, to: 10, at: 8}}
  goal: {targets: {rate: 50, late: {value: 100, weight: 2, scale: 50}}}
`)
	r := search(t, f, cpuref.New(), nil)
	best := r.Best()
	// others: 1 + 5*ln(I/(I - 15)) = 10 ms; cells: t_ref + 10*ln(I/(I - 15)) = 20 ms
	ratio := math.Exp(9.0 / 5)
	drive := 15 * ratio / (ratio - 1)
	if !r.Reached || !scalar.EqualWithinAbs(best.Values[0], drive, 0.5) || !scalar.EqualWithinAbs(best.Values[1], 2, 0.4) {
		t.Errorf("ended: %s, best %+v, want a drive of %v and a t_ref of 2", r.Ended, best, drive)
	}
	if r.History[0].Values[1] != 8 {
		t.Errorf("it begins at %v", r.History[0].Values)
	}
}

// A measure is made as large, or as small, as the bounds allow: at them.
func TestExtremes(t *testing.T) {
	for _, c := range []struct {
		goal string
		at   float64
	}{{"maximize: rate", 40}, {"minimize: rate", 22}, {"maximize: isi_mean", 22}} {
		f := parse(t, cells+"fit: {parameters: {drive: {from: 22, to: 40}}, goal: {"+c.goal+"}, tolerance: 0.005, population: 8}\n")
		r := search(t, f, cpuref.New(), nil)
		if best := r.Best(); r.Ended != fit.Alike || r.Reached || !scalar.EqualWithinAbs(best.Values[0], c.at, 0.5) {
			t.Errorf("%s: ended: %s at %v, want %v", c.goal, r.Ended, best.Values, c.at)
		}
	}
}

// Without input there is no interval: such points have no objective, rank last,
// and do not keep the search from the others. Where there are no others the
// search ends at its limit with nothing found.
func TestUndefined(t *testing.T) {
	const section = "fit: {parameters: {drive: {from: 5, to: %}}, goal: {targets: {isi_mean: 40}}, population: 8, evaluations: 60}\n"
	r := search(t, parse(t, cells+strings.Replace(section, "%", "25", 1)), cpuref.New(), nil)
	undefined := 0
	for _, e := range r.History {
		if none := !e.Measures[1].Defined; none != (e.Status == fit.StatusUndefined) || none != math.IsNaN(e.Objective) || none != (e.Detail != "") {
			t.Errorf("%+v", e)
		} else if none {
			undefined++
		}
	}
	if !r.Reached || undefined == 0 {
		t.Errorf("ended: %s, %d without objective", r.Ended, undefined)
	}
	r = search(t, parse(t, cells+strings.Replace(section, "%", "10", 1)), cpuref.New(), nil)
	if r.Best() != nil || r.Reached || r.Ended != fit.Evaluations || r.Generations != 7 || len(r.History) != 56 {
		t.Errorf("ended: %s after %d generations, %d evaluations, best %+v", r.Ended, r.Generations, len(r.History), r.Best())
	}
	r = search(t, parse(t, cells+"fit: {parameters: {cells.R: {from: -1.7e308, to: -1e308}}, goal: {maximize: rate}, generations: 2}\n"), cpuref.New(), nil)
	if r.Best() != nil || r.History[0].Status != fit.StatusNaN || r.History[0].Detail == "" || r.Ended != fit.Generations || len(r.History) != 32 {
		t.Errorf("ended: %s, %+v", r.Ended, r.History[0])
	}
}

// history is all that a search found, to the bit, without what it took.
func history(r *fit.Result) *fit.Result {
	return &fit.Result{Names: r.Names, History: r.History, Generations: r.Generations, BestAt: r.BestAt, Ended: r.Ended, Reached: r.Reached, Steps: r.Steps}
}

// The same seed gives the same history, whatever the number of processors, and
// however many points run side by side; another seed gives another.
func TestSameHistory(t *testing.T) {
	const section = `fit:
  parameters: {drive: {from: 10, to: 40}, cells.tau: {from: 5, to: 20}}
  goal: {targets: {rate: 40, isi_mean: 25}}
  tolerance: 0
  population: 8
  generations: 4
  seeds: 2
`
	f := parse(t, cells+section)
	small, _, err := model.Parse("cells.yaml", []byte(cells+section), ".", model.LoadOptions{Memory: 1 << 17})
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range []string{"cpu", "gpu"} {
		var dev network.Device = cpuref.New()
		if engine == "gpu" {
			if dev, err = gpu.Open(gpu.Options{}); err != nil {
				t.Fatal(err)
			}
		}
		whole := search(t, f, dev, nil)
		if whole.Instances != 16 || whole.Counters.ProgramsBuilt != 1 || whole.Counters.Rebuilds != 0 {
			t.Errorf("%s: %d side by side; %+v", engine, whole.Instances, whole.Counters)
		}
		before := runtime.GOMAXPROCS(1)
		alone := search(t, f, dev, nil)
		runtime.GOMAXPROCS(before)
		parts := search(t, small, dev, nil)
		if parts.Instances >= 16 || parts.Launches <= parts.Generations {
			t.Errorf("%s: %d side by side, %d launches: nothing is tested", engine, parts.Instances, parts.Launches)
		}
		for name, r := range map[string]*fit.Result{"one processor": alone, "small launches": parts} {
			if diff := cmp.Diff(history(whole), history(r), cmpopts.EquateNaNs()); diff != "" {
				t.Errorf("%s, %s: %s", engine, name, diff)
			}
		}
		other := *f.Fit
		other.Seed++
		g := *f
		g.Fit = &other
		if r := search(t, &g, dev, nil); reflect.DeepEqual(history(r), history(whole)) {
			t.Errorf("%s: another seed gives the same history", engine)
		}
		if err := dev.Close(); err != nil {
			t.Error(err)
		}
	}
}

// With several seeds a measure is the mean of runs with run.seed and those that
// follow it.
func TestSeeds(t *testing.T) {
	f := parse(t, cells+"fit: {parameters: {drive: {from: 17, to: 19}}, goal: {maximize: rate}, generations: 1, seeds: 3}\n")
	r := search(t, f, cpuref.New(), nil)
	sum := 0.0
	for seed := range 3 {
		n, err := network.Compile(f, cpuref.New(), nil)
		if err == nil {
			err = n.Set("run.seed", uint64(1+seed))
		}
		if err == nil {
			err = n.Set("drive", r.History[5].Values[0])
		}
		if err != nil {
			t.Fatal(err)
		}
		result, err := n.Run(context.Background(), 500)
		if err != nil {
			t.Fatal(err)
		}
		values, err := network.Measure(f, result, 0)
		if err != nil {
			t.Fatal(err)
		}
		sum += values[0].Value
	}
	if got := r.History[5].Measures[0].Value; !scalar.EqualWithinRel(got, sum/3, 1e-12) || r.Instances != 48 {
		t.Errorf("the mean is %v, want %v; %d side by side", got, sum/3, r.Instances)
	}
}

// A search that is cancelled, or whose caller has failed, gives the
// generations that were done.
func TestSearchEnds(t *testing.T) {
	f := parse(t, cells+"fit: {parameters: {drive: {from: 17, to: 19}}, goal: {targets: {rate: 1000}}, population: 8}\n")
	ctx, cancel := context.WithCancel(context.Background())
	share, seen := 0.0, 0
	opts := &fit.Options{
		Progress: func(s float64) {
			if s < share || s > 1 {
				t.Errorf("%v of the search after %v", s, share)
			}
			share = s
		},
		Generation: func(r *fit.Result, first int) error {
			if seen += len(r.History) - first; seen != 8*r.Generations {
				t.Errorf("%d evaluations after %d generations", seen, r.Generations)
			}
			if r.Generations == 3 {
				cancel()
			}
			return nil
		},
	}
	r, err := fit.Search(ctx, f, cpuref.New(), opts)
	if !network.IsCancelled(err) || r.Ended != fit.Interrupted || len(r.History) != 24 || r.Best() == nil || share < 3.0/50 {
		t.Errorf("%v: ended: %s, %d evaluations, share %v", err, r.Ended, len(r.History), share)
	}
	broken := errors.New("no room")
	r, err = fit.Search(context.Background(), f, cpuref.New(), &fit.Options{Generation: func(*fit.Result, int) error { return broken }})
	if !errors.Is(err, broken) || len(r.History) != 8 {
		t.Errorf("%v, %d evaluations", err, len(r.History))
	}
	if _, err = fit.Search(context.Background(), parse(t, cells), cpuref.New(), nil); err == nil || err.Error() != "the file has no fit" {
		t.Error(err)
	}
}
