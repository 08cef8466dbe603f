package gamma

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gpusim/tests/golden"
)

// TestGolden runs golden's sweeps over g_max through the command line, on both
// engines: the table of gpusim sweep, all points at once and one after another,
// against golden's; then each point with gpusim run, its spikes, voltage and
// final state against golden's, and its numbers against the sweep's, which they
// equal to the bit.
func TestGolden(t *testing.T) {
	for _, name := range []string{"n100", "n100b"} {
		for _, d := range devices {
			t.Run(name+"/"+d.name, func(t *testing.T) {
				dir := t.TempDir()
				variant(t, dir)
				flags := append(start(t, dir, name), "--device", d.name)
				points := d.goldenSweep(t, dir, name, flags)
				var sum tally
				for k := range points {
					points[k].gMax = golden.Case(t, name).Table[k].GMax
					d.goldenRun(t, dir, name, k, points[k], flags, &sum)
				}
				d.tally(t, name, sum)
			})
		}
	}
}

// goldenSweep compares the tables of sweeps with golden's.
func (l limits) goldenSweep(t *testing.T, dir, name string, flags []string) []point {
	table := golden.Case(t, name).Table
	gMax, _ := golden.Float64(t, name+"_g_max")
	var values []string
	for _, g := range gMax {
		values = append(values, number(g))
	}
	flags = append(slices.Clone(flags), "--param", "gaba.g_max="+strings.Join(values, ","))
	points, text := sweep(t, dir, example(), flags...)
	if len(points) != len(table) || len(table) == 0 {
		t.Fatalf("%d points, want %d", len(points), len(table))
	}
	for k, p := range points {
		what := fmt.Sprintf("g_max %v", table[k].GMax)
		if p.status != "ok" || !sameBits(p.gMax, table[k].GMax) || p.spikes != table[k].NSpikes {
			t.Errorf("%s: %+v, want %d spikes", what, p, table[k].NSpikes)
		}
		l.near(t, what+": cross-correlation", p.cc, table[k].CC, l.cc)
		l.near(t, what+": rate", p.rate, float64(p.spikes)/100/0.5, 1e-9)
	}
	_, repeat := sweep(t, dir, example(), append(flags, "--mode", "repeat")...)
	if repeat != text {
		t.Errorf("--mode repeat gives another table:\n%s\nwant:\n%s", repeat, text)
	}

	// With more recorded and measured, the rest is the same to the bit.
	more, _ := sweep(t, dir, variantName, flags...)
	for k, p := range more {
		l.near(t, fmt.Sprintf("g_max %v: voltage fluctuation", p.gMax), p.fluctuation, table[k].VoltageFluctuation, l.fluctuation)
		if p.fluctuation = 0; p != points[k] {
			t.Errorf("with V recorded: %+v, want %+v", p, points[k])
		}
		points[k].fluctuation = more[k].fluctuation
	}
	return points
}

// goldenRun compares a run of point k with golden's.
func (l limits) goldenRun(t *testing.T, dir, name string, k int, p point, flags []string, sum *tally) {
	what := fmt.Sprintf("g_max %v", p.gMax)
	x := run(t, dir, append(slices.Clone(flags), "--set", "gaba.g_max="+number(p.gMax))...)
	if len(x.spikes) != p.spikes || !sameBits(x.measures["cross_correlation"], p.cc) || !sameBits(x.measures["voltage_fluctuation"], p.fluctuation) {
		t.Errorf("%s: the run gives %d spikes and %v, the sweep %+v", what, len(x.spikes), x.measures, p)
	}
	want := golden.Spikes(t, fmt.Sprintf("%s_spikes_%02d", name, k))
	l.spikes(t, what, x.spikes, want, 100, sum)
	if l.share == 1 && !slices.Equal(x.spikes, want) {
		t.Errorf("%s: the spikes are not golden's, in golden's order", what)
	}
	wantRows(t, x.rows, 0, 12500)
	v, shape := golden.Float64(t, fmt.Sprintf("%s_V_%02d", name, k))
	if shape[0]*25 != 2500 {
		t.Fatalf("golden's V has shape %v, not of the first 100 ms", shape)
	}
	l.voltage(t, what, x.V[:len(v)], v)
	end := fmt.Sprintf("%s_%02d", name, k)
	if _, ok := golden.LoadManifest(t).Arrays[end+"_V_end"]; ok {
		l.end(t, end, func(name string) []float64 { return x.state[name].Float64() })
	}
}

// end compares the final state with golden's.
func (l limits) end(t *testing.T, prefix string, state func(name string) []float64) {
	t.Helper()
	for _, x := range []struct {
		name, array string
		scale       float64 // V moves by 0.1 V
	}{
		{"interneurons.V", "V", 100},
		{"interneurons.h", "h", 1},
		{"interneurons.n", "n", 1},
		{"interneurons.inp", "inp", 1},
		{"gaba.s", "s_pre", 1},
	} {
		want, _ := golden.Float64(t, prefix+"_"+x.array+"_end")
		what := prefix + ": " + x.name + " at the end"
		median, worst := distance(t, what, state(x.name), want)
		l.near(t, what+": the median difference", median, 0, l.endWithin*x.scale)
		t.Logf("%s: median difference %.2g, worst %.2g", what, median, worst)
	}
}
