package validation

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/network"
)

var update = flag.Bool("update", false, "write docs/validation.md")

var path = filepath.Join("..", "..", "docs", "validation.md")

// A limit is what a figure is held to.
type limit struct {
	op        string // = (equal), <=, >=, +- (within delta of x); empty: none
	x, delta  float64
	precision int // digits that the page shows; 0: all of an integer, 3 else
}

func equal(x float64) limit         { return limit{op: "=", x: x} }
func atMost(x float64) limit        { return limit{op: "<=", x: x} }
func atLeast(x float64) limit       { return limit{op: ">=", x: x} }
func within(x, delta float64) limit { return limit{op: "+-", x: x, delta: delta, precision: 4} }
func (l limit) met(got float64) bool {
	switch l.op {
	case "=":
		return got == l.x
	case "<=":
		return got <= l.x
	case ">=":
		return got >= l.x
	case "+-":
		// The page rounds its figures.
		return math.Abs(got-l.x) <= l.delta*(1+1e-9)
	}
	return true
}

func (l limit) String() string {
	switch l.op {
	case "":
		return "-"
	case "+-":
		return fmt.Sprintf("%.4g +- %.2g", l.x, l.delta)
	case "=":
		return "= " + strconv.FormatFloat(l.x, 'f', -1, 64)
	}
	return fmt.Sprintf("%s %g", l.op, l.x)
}

// A figure is what was found, NaN where there is none, and its limit.
type figure struct {
	value float64
	limit limit
}

func (f figure) String() string {
	switch {
	case math.IsNaN(f.value):
		return "-"
	case f.value == math.Trunc(f.value) && math.Abs(f.value) < 1e9:
		return strconv.FormatFloat(f.value, 'f', -1, 64)
	case f.limit.precision > 0:
		return strconv.FormatFloat(f.value, 'f', f.limit.precision, 64)
	case f.limit.op == ">=": // not rounded up to something better
		return strconv.FormatFloat(math.Floor(f.value*1e5)/1e5, 'f', 5, 64)
	}
	return strconv.FormatFloat(f.value, 'g', 2, 64)
}

// A row is a thing that is checked, in float64 and in float32.
type row struct {
	what   string
	double figure
	single figure
}

var none = figure{value: math.NaN()}

// A section is a model and what it is checked against.
type section struct {
	title string
	text  string
	rows  []row
}

func (s *section) add(what string, double, single figure) {
	s.rows = append(s.rows, row{what, double, single})
}

// engines are the two that figures are computed with.
type engines struct {
	double network.Device
	single *gpu.Device
}

func open(t *testing.T) engines {
	t.Helper()
	d, err := gpu.Open(gpu.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return engines{cpuref.New(), d}
}

// sections are the parts of the page.
var sections = []struct {
	name    string
	compute func(*testing.T, engines) section
}{
	{"gamma sweeps", gammaSweeps},
	{"gamma pieces", gammaPieces},
	{"gamma small", gammaSmall},
	{"gamma step", gammaStep},
	{"integrate and fire", integrateAndFire},
	{"closed form", closedForm},
	{"FitzHugh-Nagumo", fitzHughNagumo},
	{"Izhikevich", izhikevich},
	{"orders", orders},
	{"engines apart", enginesApart},
}

const intro = `# Validation

This page is written by a test (` + "`tests/validation`, `make validation`" + `). The test computes every
figure anew wherever it runs, and fails where one is outside its limit, where one on this page is, or
where the page is not what the test would write but for figures.

The figures below were computed on:

`

const outro = `
A limit "= 0" or "= 22295" means equal; the others are as written. "near" spikes are those within one
step of the reference's, neuron by neuron, in order. Float32 is held to what it can do: the number of
spikes of every neuron, the step of 95 % of them, 0.01 in a cross-correlation, and a median difference
of V; not to a bound on the worst difference of V, as one spike's flank that is a step early is 50 mV.
`

// render writes the page.
func render(e engines, list []section) string {
	var b strings.Builder
	b.WriteString(intro)
	for _, d := range []network.Device{e.double, e.single} {
		i := d.Info()
		driver := i.Driver
		if driver == "" {
			driver = runtime.Version() + ", " + runtime.GOOS + "/" + runtime.GOARCH
		}
		fmt.Fprintf(&b, "- %s: %s; %s\n", i.Precision, i.Device, driver)
	}
	b.WriteString(outro)
	for _, s := range list {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n| checked | float64 | limit | float32 | limit |\n|---|---|---|---|---|\n", s.title, strings.TrimSpace(s.text))
		for _, r := range s.rows {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", r.what, r.double, r.double.limit, r.single, r.single.limit)
		}
	}
	return b.String()
}

// TestValidation holds what is computed here and what the page says to the
// limits, and the page to what would be written.
func TestValidation(t *testing.T) {
	e := open(t)
	var list []section
	for _, x := range sections {
		t.Run(x.name, func(t *testing.T) {
			s := x.compute(t, e)
			list = append(list, s)
			if len(s.rows) == 0 {
				t.Error("nothing is checked")
			}
			for _, r := range s.rows {
				for name, f := range map[string]figure{"float64": r.double, "float32": r.single} {
					if f.limit.op != "" && !f.limit.met(f.value) {
						t.Errorf("%s: %s gives %v, the limit is %s", r.what, name, f.value, f.limit)
					}
				}
			}
		})
	}
	if len(list) < len(sections) {
		if !t.Failed() {
			t.Log("not all sections were asked for, so the page is not looked at")
		}
		return
	}
	page := render(e, list)
	if *update {
		if t.Failed() {
			t.Fatal("the page is not written")
		}
		if err := os.WriteFile(path, []byte(page), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	comparePage(t, string(b), page)
}

var deviceLine = regexp.MustCompile(`^- float(32|64): .+; .+$`)

// comparePage compares the stored page with the one that would be written, but
// for figures, which it holds to the limits that stand beside them, and for the
// devices.
func comparePage(t *testing.T, stored, fresh string) {
	t.Helper()
	a, b := strings.Split(stored, "\n"), strings.Split(fresh, "\n")
	if len(a) != len(b) {
		t.Errorf("the page has %d lines, want %d: make validation", len(a), len(b))
	}
	for i := range min(len(a), len(b)) {
		if deviceLine.MatchString(a[i]) && deviceLine.MatchString(b[i]) {
			continue
		}
		x, y := strings.Split(a[i], "|"), strings.Split(b[i], "|")
		if a[i] == b[i] && len(y) != 7 {
			continue
		}
		if len(x) != 7 || len(y) != 7 || x[1] != y[1] || x[3] != y[3] || x[5] != y[5] {
			t.Errorf("line %d of the page is\n%s\nwant\n%s\nmake validation", i+1, a[i], b[i])
			return
		}
		for _, k := range []int{2, 4} {
			if err := holds(strings.TrimSpace(x[k]), strings.TrimSpace(x[k+1])); err != nil {
				t.Errorf("line %d of the page: %s:%v", i+1, x[1], err)
			}
		}
	}
}

// holds tells whether a figure of the page is within the limit beside it.
func holds(figure, text string) error {
	if text == "-" || text == "limit" || text == "---" {
		return nil
	}
	value, err := strconv.ParseFloat(figure, 64)
	if err != nil {
		return err
	}
	var l limit
	if m, d, found := strings.Cut(text, " +- "); found {
		l = limit{op: "+-"}
		l.x, err = strconv.ParseFloat(m, 64)
		if err == nil {
			l.delta, err = strconv.ParseFloat(d, 64)
			l.delta += 2e-4 * max(1, math.Abs(l.x)) // both are rounded
		}
	} else {
		l.op, text, _ = strings.Cut(text, " ")
		l.x, err = strconv.ParseFloat(text, 64)
	}
	if err != nil {
		return err
	}
	if !l.met(value) {
		return fmt.Errorf("%s is not %s", figure, l)
	}
	return nil
}

func TestHolds(t *testing.T) {
	for _, x := range []struct {
		figure, limit string
		good          bool
	}{
		{"0", "= 0", true}, {"1", "= 0", false}, {"22295", "= 22295", true},
		{"1.2e-08", "<= 1e-07", true}, {"1.2e-06", "<= 1e-07", false},
		{"0.99", ">= 0.95", true}, {"0.9", ">= 0.95", false},
		{"4.01", "4 +- 0.12", true}, {"4.2", "4 +- 0.12", false},
		{"-", "-", true}, {"3", "-", true}, {"x", "= 3", false}, {"-", "= 3", false}, {"3", "3", false},
	} {
		if err := holds(x.figure, x.limit); (err == nil) != x.good {
			t.Errorf("%s, %s: %v", x.figure, x.limit, err)
		}
	}
}
