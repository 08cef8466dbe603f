package plot

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
)

func labels(ticks []plot.Tick) string {
	var s []string
	for _, t := range ticks {
		if !t.IsMinor() {
			s = append(s, t.Label)
		}
	}
	return strings.Join(s, " ")
}

func TestLinearTicks(t *testing.T) {
	for _, test := range []struct {
		min, max float64
		want     string
	}{
		{0, 500, "0 100 200 300 400 500"},
		{0, 1, "0 0.2 0.4 0.6 0.8 1"},
		{-0.3, 0.3, "-0.3 -0.2 -0.1 0 0.1 0.2 0.3"},
		{0.0005, 0.0015, "0.0006 0.0008 0.001 0.0012 0.0014"},
		{1e-6, 6e-6, "1e-6 2e-6 3e-6 4e-6 5e-6 6e-6"},
		{0, 1234567, "0 200000 400000 600000 800000 1e6 1.2e6"},
		// Far from 0, labels keep the digits that tell them apart.
		{1e6, 1e6 + 1, "1000000 1000000.2 1000000.4 1000000.6 1000000.8 1000001"},
		{1, 1, ""},
		{0, math.Inf(1), ""},
		{math.NaN(), 1, ""},
	} {
		if got := labels(linearTicks(test.min, test.max)); got != test.want {
			t.Errorf("%v to %v: got %s, want %s", test.min, test.max, got, test.want)
		}
	}
}

func TestLogTicks(t *testing.T) {
	for _, test := range []struct {
		min, max float64
		want     string
	}{
		{1e-4, 1e-1, "0.0001 0.001 0.01 0.1"},
		{0.9e-3, 1.1e-2, "0.001 0.002 0.005 0.01"},
		{1e-8, 1e8, "1e-8 1e-6 0.0001 0.01 1 100 10000 1e6 1e8"},
		{1, 2, "1 1.2 1.4 1.6 1.8 2"},
		{0, 1, ""},
	} {
		if got := labels(logTicks(test.min, test.max)); got != test.want {
			t.Errorf("%v to %v: got %s, want %s", test.min, test.max, got, test.want)
		}
	}
}

func TestShortest(t *testing.T) {
	for _, test := range []struct {
		v    float64
		want string
	}{
		{0, "0"}, {0.1 + 0.2, "0.3"}, {1. / 3, "0.3333"}, {-1234567, "-1.235e6"}, {12.5, "12.5"}, {5e-324, "4.94066e-324"},
	} {
		if got := shortest(test.v); got != test.want {
			t.Errorf("%v: got %s, want %s", test.v, got, test.want)
		}
	}
}

func TestIndexTicks(t *testing.T) {
	bands := []band{
		{Population: Population{Size: 80}, offset: 0},
		{Population: Population{Size: 20}, offset: 80},
	}
	if got, want := labels(indexTicks(bands, 100)), "0 20 40 60 0 10"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFit(t *testing.T) {
	sty := newPlot().X.Label.TextStyle
	sty.Font = font.From(face, 12)
	w := sty.Width("a long name")
	for in, want := range map[string]string{"a long name": "a long name", "a longer name": "a longer n...", "": ""} {
		if got := fit(in, sty, w); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
