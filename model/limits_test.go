package model

import (
	"fmt"
	"strings"
	"testing"
)

// limitsBase is a file whose parts the tests below replace.
const limitsBase = `gpusim: 1
dt: 0.1
models:
  m:
    kind: neuron
    state: {V: 0, w: 0}
    input: I
    equations: |
      dV/dt = -V
      dw/dt = -w
    spike: V > 1
  s:
    kind: synapse
    state: {s: 0}
    equations: ds/dt = -s
    output: post.I += s
populations:
  p: {model: m, size: SIZE, groups: {a: [0, 8], b: [4, 9]}, record: [RECORD]}
  q: {model: m, size: 100000}
projections:
  c: {model: s, from: FROM, to: TO, connect: CONNECT}
run: {duration: DURATION}
measure: [MEASURE]
MORE
`

func withLimits(t *testing.T, memory int64, replace ...string) string {
	t.Helper()
	if memory == 0 {
		memory = 1 << 40
	}
	text := limitsBase
	replace = append(replace, "SIZE", "10", "RECORD", "spikes", "FROM", "p", "TO", "p", "CONNECT", "{all_to_all: {}}",
		"DURATION", "100", "MEASURE", "rate: {of: p}", "MORE", "")
	text = strings.NewReplacer(replace...).Replace(text)
	f, _, err := Parse("x.yaml", []byte(text), ".", LoadOptions{Memory: memory})
	if err == nil {
		_, err = Lower(f, Shapes{})
	}
	if err == nil {
		return ""
	}
	// Places and excerpts are those of testdata/bad.
	first, _, _ := strings.Cut(err.Error(), "\n")
	return first
}

// What is too large is refused with the numbers, at the place that asks for it,
// before anything of that size is made.
func TestLimits(t *testing.T) {
	const memory = 1 << 30
	for _, c := range []struct {
		memory  int64
		replace []string
		want    string
	}{
		{0, nil, ""},
		{0, []string{"SIZE", "2**26"}, ""},
		{0, []string{"SIZE", "2**26 + 1"}, "x.yaml:18:23: the size of p is 67108865 neurons, whose state takes 1610612760 bytes; the most is 67108864 neurons"},
		{0, []string{"SIZE", "10**12"}, "x.yaml:18:23: the size of p is 1000000000000 neurons, whose state takes 24000000000000 bytes; the most is 67108864 neurons"},
		{memory, []string{"SIZE", "2**26"}, "x.yaml:18:3: with the state of p the network takes about 12884901888 bytes of memory; this machine has 1073741824"},
		{0, []string{"RECORD", "V", "DURATION", "1e9"}, ""}, // rows go to files, slice after slice
		{memory, []string{"RECORD", "V", "SIZE", "2**22"}, "x.yaml:18:71: with 32 rows of p.V the network takes about 5119473664 bytes of memory; this machine has 1073741824"},
		{memory, []string{"RECORD", "{V: {every: 100}}", "DURATION", "1e6"}, ""},
		{memory, []string{"RECORD", "{V: {of: [0, 1]}}", "DURATION", "1e6"}, ""},
		{memory, []string{"RECORD", "{V: {mean: true}}", "SIZE", "2**22"}, ""},
		{memory, []string{"RECORD", "{V: {every: 16}}", "SIZE", "2**22"}, "x.yaml:18:72: with 2 rows of p.V the network takes about 1092941824 bytes of memory; this machine has 1073741824"},
		{0, []string{"FROM", "q", "TO", "q"}, ""}, // one sum, no list
		{0, []string{"FROM", "q", "TO", "q", "CONNECT", "{fixed_probability: {p: 0.1}}"}, "x.yaml:21:42: c has about 1000000000 synapses, which take 8000000000 bytes; the most is 268435456 synapses"},
		{memory, []string{"FROM", "q", "TO", "q", "CONNECT", "{fixed_probability: {p: 0.01}}"}, "x.yaml:21:3: with the synapses of c the network takes about 4019201920 bytes of memory; this machine has 1073741824"},
		{0, []string{"FROM", "p.a", "TO", "p.b", "SIZE", "2**20", "[0, 8]", "[0, 2**19 + 1]", "[4, 9]", "[2**19, 2**20]", "CONNECT", "{all_to_all: {self: false}}"}, "x.yaml:21:46: c has about 274878431232 synapses, which take 2199027449856 bytes; the most is 268435456 synapses"},
		{0, []string{"DURATION", "1e300"}, "x.yaml:22:17: the duration is 1e+301 steps of dt 0.1 ms: too many to count"},
		{0, []string{"DURATION", "1, start: 1e300"}, "x.yaml:22:27: the start is too many steps of dt 0.1 ms to count"},
		{0, []string{"DURATION", "1e12", "MEASURE", "cross_correlation: {of: q, bin: 0.1}"}, "x.yaml:23:11: cross_correlation has 10000000000000 bins of 100000 neurons, which take 40000000000 bytes; the most is 2147483648"},
		{0, []string{"DURATION", "1e12", "MEASURE", "cross_correlation: {of: p, bin: 0.1}"}, ""}, // 10 neurons have 45 pairs
		{0, []string{"DURATION", "1e12", "MEASURE", "cross_correlation: {of: q, bin: 1e300}"}, ""},
		{0, []string{"MORE", "sweep: {p.V: {from: 0, to: 1, points: 10**9}}"}, "x.yaml:24:39: points is 1000000000; the most is 1048576"},
		{0, []string{"MORE", "sweep: {p.V: {from: 0, to: 1, points: 10**4}, p.w: {from: 0, to: 1, points: 10**4}}"}, "x.yaml:24:1: the sweep has 100000000 points; the most is 1048576"},
		{0, []string{"CONNECT", "{all_to_all: {}}, delay: 1e9"}, "x.yaml:21:67: a delay of 1e+09 ms is 10000000000 steps; the most is 16777216"},
		{0, []string{"FROM", "q", "TO", "q", "CONNECT", "{all_to_all: {}}, delay: 1e5", "output: post.I += s", "output: post.I += s*pre.V"}, "x.yaml:19:3: a delay of 1000000 steps keeps 100000100000 values of q.V, which take 800000800000 bytes; the most is 268435456 values"},
		{0, []string{"FROM", "q", "TO", "q", "equations: ds/dt = -s", "equations: ds/dt = post.V - s"}, "x.yaml:21:3: c.s has 10000000000 values, one a synapse, which take 80000000000 bytes; the most is 268435456 values"},
		{0, []string{"MORE", "constants: {" + strings.Repeat("a", 101) + ": 1}"}, "x.yaml:24:13: a constant has a name of 101 characters; the most is 100"},
	} {
		if got := withLimits(t, c.memory, c.replace...); got != c.want {
			t.Errorf("%q: got\n%s\nwant\n%s", c.replace, got, c.want)
		}
	}
}

// Long files: as many parts as the text itself allows.
func TestLongFiles(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	chain := func(n int, first, format string) string { // each reads the one before twice
		s := first
		for i := range n {
			s += fmt.Sprintf(format, i+1, i, i)
		}
		return s
	}
	const neurons = "      dV/dt = -V\n"
	for _, c := range []struct {
		replace []string
		want    string
	}{
		{[]string{"MORE", "# " + strings.Repeat("x", 1<<20)}, "x.yaml: the file has more than 1048576 bytes, the most that is read"},
		{[]string{"MORE", "constants:\n" + many(10001, "  c%d: 1\n")}, "x.yaml:10025:3: this map has more than 10000 keys, the most that is read"},
		{[]string{"MORE", "constants: {" + many(10001, "c%d: 1, ") + "}"}, "x.yaml:24:1: constants has 10001 entries; the most is 10000"},
		{[]string{"MORE", "inputs: [" + many(10001, "{to: p.I, value: %d}, ") + "]"}, "x.yaml:24:1: inputs has 10001 entries; the most is 10000"},
		{[]string{"MORE", "sweep: {p.V: {values: [" + strings.Repeat("[", 65) + "]}}"}, "x.yaml:24:85: this is nested too deeply (more than 64 levels)"},
		{[]string{"MORE", "constants: {k: " + strings.Repeat("(", 300) + "}"}, "x.yaml:24:216: this expression is nested too deeply (more than 200 levels)"},
		{[]string{"MORE", "constants: {k: 1" + strings.Repeat(" + 1", 6000) + "}"}, "x.yaml:24:16: this is too long (more than 10000 words)"},
		{[]string{neurons, neurons + many(2000, "      a%d = 1\n")}, "x.yaml:8:5: equations has 2002 statements; the most is 2000"},
		{[]string{"spike: V > 1", "spike: V > 1\n    reset: \"" + strings.Repeat("V = 0; ", 2001) + "\""}, "x.yaml:12:5: reset has 2001 statements; the most is 2000"},
		{[]string{neurons, neurons + many(1900, "      a%d = V + 1\n"), "  q:", many(20, "  p%d: {model: m, size: 1}\n") + "  q:"}, ""},
		{[]string{neurons, neurons + many(1900, "      a%d = V + 1\n"), "  q:", many(600, "  p%d: {model: m, size: 1}\n") + "  q:"}, "x.yaml:1952:3: with p33 the equations of all objects have 266490 operations and names; the most is 262144"},
		// Quantities are written out in outputs, in statements and in A.
		{[]string{neurons, chain(60, neurons+"      q0 = exp(V)\n", "      q%d = q%d + q%d\n"), "V > 1", "V > q60"}, ""},
		{[]string{neurons, chain(60, neurons+"      q0 = exp(V)\n", "      q%d = q%d + q%d\n"), "+= s", "+= s*post.q60"}, "x.yaml:77:13: the output to post.I has 3.46e+18 operations and names once its quantities are written out; the most is 10000"},
		{[]string{neurons, chain(60, neurons+"      q0 = exp(V)\n", "      q%d = q%d + q%d\n"), "V > 1", "V > 1\n    reset: V = q60"}, "x.yaml:73:12: the statement V = ... has 3.46e+18 operations and names once its quantities are written out; the most is 10000"},
		{[]string{neurons, chain(60, "      q0 = w*V\n", "      q%d = w*q%d + q%d\n") + "      dV/dt = q60\n"}, "x.yaml:70:7: the coefficient of V in dV/dt has 4.61e+18 operations and names once quantities are written out; the most is 10000"},
		{[]string{"dt: 0.1", "dt: 0.1\nmethod: euler", neurons, chain(60, "      q0 = w*V\n", "      q%d = w*q%d + q%d\n") + "      dV/dt = q60\n"}, ""},
		{[]string{"equations: ds/dt = -s", "equations: |\n" + chain(60, "      q0 = s*pre.V\n", "      q%d = q%d + q%d\n") + "      ds/dt = exp(q60)"}, ""},
		{[]string{"spike: V > 1", "spike: V > 1\n    reset: \"" + strings.Repeat("V = q10; ", 200) + "\"", neurons, chain(10, neurons+"      q0 = exp(V)\n", "      q%d = q%d + q%d\n")},
			"x.yaml:23:778: with the statement V = ... there are 264106 operations and names of outputs and statements once their quantities are written out; the most is 262144"},
		{[]string{"SIZE", "10, parameters: {" + strings.Repeat("z", 200) + ": 1}"}, `x.yaml:18:40: "` + strings.Repeat("z", 200) + `" is no parameter of m`},
		{[]string{"CONNECT", "{all_to_all: {}}, delay: d40", "kind: synapse", "kind: synapse\n    parameters: {" + chain(40, "d0: 1e-12", ", d%d: d%d + d%d") + "}"}, ""},
	} {
		got := withLimits(t, 0, c.replace...)
		if got != c.want {
			t.Errorf("%.60q: got\n%.300s\nwant\n%.300s", c.replace, got, c.want)
		}
	}
}

// A file that is wrong all over is read no further than its first problems.
func TestManyProblems(t *testing.T) {
	text := "gpusim: 1\n" + strings.Repeat("x: &y 1\n", 150)
	_, _, err := Parse("x.yaml", []byte(text), ".", LoadOptions{})
	if err == nil {
		t.Fatal("no error")
	}
	parts := strings.Split(err.Error(), "\n\n")
	if n := len(parts); n != 101 || parts[100] != "these are the first 100 problems; there are more" {
		t.Errorf("%d parts, the last %q", n, parts[n-1])
	}
}
