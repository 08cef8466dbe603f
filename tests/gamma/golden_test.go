package gamma

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"gpusim/tests/golden"
)

// TestSweep runs golden's sweeps over g_max with gpusim sweep, all points at
// once and one after another, and compares the table with golden's.
func TestSweep(t *testing.T) {
	for _, name := range []string{"n100", "n100b"} {
		table := golden.Case(t, name).Table
		gMax, _ := golden.Float64(t, name+"_g_max")
		var values []string
		for _, g := range gMax {
			values = append(values, number(g))
		}
		for _, d := range devices {
			t.Run(name+"/"+d.name, func(t *testing.T) {
				dir := t.TempDir()
				flags := append(start(t, dir, name), "--device", d.name, "--param", "gaba.g_max="+strings.Join(values, ","))
				points, text := sweep(t, dir, example(), flags...)
				if len(points) != len(table) {
					t.Fatalf("%d points, want %d", len(points), len(table))
				}
				for k, p := range points {
					what := fmt.Sprintf("g_max %v", table[k].GMax)
					if p.status != "ok" || p.gMax != table[k].GMax || p.spikes != table[k].NSpikes {
						t.Errorf("%s: %+v, want %d spikes", what, p, table[k].NSpikes)
					}
					d.near(t, what+": cross-correlation", p.cc, table[k].CC, d.cc)
					d.near(t, what+": rate", p.rate, float64(p.spikes)/100/0.5, 1e-9)
				}
				_, repeat := sweep(t, dir, example(), append(flags, "--mode", "repeat")...)
				if repeat != text {
					t.Errorf("--mode repeat gives another table:\n%s\nwant:\n%s", repeat, text)
				}

				// With more recorded and measured, the rest is the same to the bit.
				variant(t, dir)
				more, _ := sweep(t, dir, variantName, flags...)
				for k, p := range more {
					d.near(t, fmt.Sprintf("g_max %v: voltage fluctuation", p.gMax), p.fluctuation, table[k].VoltageFluctuation, d.fluctuation)
					p.fluctuation = 0
					if p != points[k] {
						t.Errorf("with V recorded: %+v, want %+v", p, points[k])
					}
				}
			})
		}
	}
}

// TestRuns runs each point of golden's sweeps with gpusim run and compares
// every spike, the voltage and the final state with golden's.
func TestRuns(t *testing.T) {
	for _, name := range []string{"n100", "n100b"} {
		table := golden.Case(t, name).Table
		for _, d := range devices {
			t.Run(name+"/"+d.name, func(t *testing.T) {
				dir := t.TempDir()
				variant(t, dir)
				flags := append(start(t, dir, name), "--device", d.name)
				var sum tally
				for k, row := range table {
					what := fmt.Sprintf("g_max %v", row.GMax)
					x := run(t, dir, append(flags, "--set", "gaba.g_max="+number(row.GMax))...)
					want := golden.Spikes(t, fmt.Sprintf("%s_spikes_%02d", name, k))
					d.spikes(t, what, x.spikes, want, 100, &sum)
					if d.share == 1 && !slices.Equal(x.spikes, want) {
						t.Errorf("%s: the spikes are not in golden's order", what)
					}
					d.near(t, what+": cross-correlation", x.measures["cross_correlation"], row.CC, d.cc)
					d.near(t, what+": voltage fluctuation", x.measures["voltage_fluctuation"], row.VoltageFluctuation, d.fluctuation)
					everyRows(t, x.rows, 0, 12500)
					v, shape := golden.Float64(t, fmt.Sprintf("%s_V_%02d", name, k))
					if shape[0]*25 != 2500 {
						t.Fatalf("golden's V has shape %v, not of the first 100 ms", shape)
					}
					d.voltage(t, what, x.V[:len(v)], v)
					if a, ok := golden.LoadManifest(t).Arrays[fmt.Sprintf("%s_%02d_V_end", name, k)]; ok {
						d.end(t, strings.TrimSuffix(a.File, "_V_end.f64"), x)
					}
				}
				d.tally(t, name, sum)
			})
		}
	}
}

// end compares the final state with golden's.
func (l limits) end(t *testing.T, prefix string, x left) {
	t.Helper()
	for variable, array := range map[string]string{
		"interneurons.V": "V", "interneurons.h": "h", "interneurons.n": "n", "interneurons.inp": "inp", "gaba.s": "s_pre",
	} {
		want, _ := golden.Float64(t, prefix+"_"+array+"_end")
		l.endOf(t, prefix+": "+variable, x.state[variable].Float64(), want)
	}
}

func (l limits) endOf(t *testing.T, what string, got, want []float64) {
	t.Helper()
	median, worst := distance(t, what, got, want)
	tolerance := l.endWithin
	if strings.HasSuffix(what, ".V") {
		tolerance *= 100
	}
	l.near(t, what+" at the end: the median difference", median, 0, tolerance)
	t.Logf("%s: median difference %.2g, worst %.2g", what, median, worst)
}
