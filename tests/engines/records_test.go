package engines

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/model"
	"gpusim/network"
)

// recorded are networks whose variables are recorded whole and in part: chosen
// elements, ranges, groups and means, every step and not. Sizes are of several
// tiles of 128, the last not full.
var recorded = map[string]string{
	// No invocation needs another's values but for the means.
	"uncoupled": `
populations:
  P: {model: cell, size: 300, groups: {E: [0, 144], R: [144, 300]}, parameters: {tau: 8 + i/60}, record: [V, q, I,
    {V: {mean: true}}, {V: {mean: true, of: E, name: VE}}, {V: {mean: true, of: R, every: 3, name: VR}}, {V: {every: 2, of: [299, 3, 3, 130, "140:150"], name: some}},
    {V: {mean: true, of: [299, 3, 130, "140:150", 9], name: few}}, {V: {of: "7:290", every: 7, name: most}}, {q: {mean: true, every: 2}}, {I: {mean: true, of: 5}}]}
  Q: {model: cell, size: 5, record: [V, {V: {mean: true, every: 2}}]}
`,
	// One sum over a population, one over a group that begins elsewhere; delays.
	"totals": `
populations:
  P: {model: cell, size: 300, groups: {E: [0, 200], R: [200, 300]}, parameters: {tau: 8 + i/60}, record: [V, I, {V: {mean: true}}, {V: {mean: true, of: R, every: 2, name: VR}}, {I: {mean: true}}, {I: {of: [1, 299], every: 5, name: some}}]}
projections:
  all: {model: graded, from: P, to: P, connect: {all_to_all: {self: false}}, parameters: {w: 1/N_pre}, record: [s, T, {s: {mean: true}}, {T: {mean: true, of: "128:300", every: 3}}, {s: {of: [8, 128, 5], every: 2, name: some}}]}
  inh: {model: kick, from: P.R, to: P.E, connect: {all_to_all: {}}, parameters: {w: -1/N_pre}, delay: 0.7, record: [s, {s: {mean: true}}, {s: {mean: true, of: "8:50", every: 2, name: part}}, {s: {of: "3:70", every: 4, name: most}}]}
`,
	// Rows of synapses, with state of their own and without; delays and events.
	"rows": `
populations:
  P: {model: cell, size: 150, groups: {E: [0, 120], R: [120, 150]}, parameters: {tau: 8 + i/60}}
projections:
  exc: {model: kick, from: P.E, to: P, connect: {fixed_probability: {p: 0.1}}, delay: 0.7, record: [s, {s: {mean: true}}, {s: {of: [9, 1, 77], every: 2, name: some}}]}
  own: {model: bent, from: P, to: P.R, connect: {fixed_probability: {p: 0.2, self: false}}, parameters: {w: "uniform(0, 0.1)"}, record: [s, r, {s: {mean: true}}, {r: {mean: true, of: [5, 700, 6, 1], every: 3, name: few}}, {r: {every: 2, of: "11:300", name: most}}, {s: {of: ["690:700", 2, 3], name: some}}]}
`,
	"odd rows": `
populations:
  P: {model: cell, size: 140}
  Q: {model: cell, size: 10, record: [I, {I: {mean: true}}]}
projections:
  wide: {model: bent, from: P, to: Q, connect: {all_to_all: {}}, parameters: {w: 0.1/N_pre}, delay: 0.3, record: [s, {s: {mean: true, of: "100:700", every: 2}}]}
  one: {model: bent, from: Q, to: Q, connect: {one_to_one: {}}, record: [s, {s: {mean: true}}]}
  none: {model: bent, from: Q, to: Q, connect: {fixed_probability: {p: 0}}, record: [{s: {mean: true}}]}
`,
}

const recordedModels = `gpusim: 1
name: recorded
dt: 0.1
models:
  cell: {kind: neuron, parameters: {tau: 10, C: 1}, state: {V: -65, w: 0}, input: I, equations: "q = V*w + I; dV/dt = (-65 - V - w + I)/(C*tau); dw/dt = (V + 65 - w)/50", spike: V > -50, reset: V = -65; w += 0.3}
  graded: {kind: synapse, parameters: {w: 1}, state: {s: 0}, equations: "T = 1/(1 + exp(-(pre.V + 55)/2)); ds/dt = T*(1 - s) - s/5", output: post.I += w*s*(0 - post.V)}
  kick: {kind: synapse, parameters: {w: 1}, state: {s: 0}, equations: ds/dt = -s/3, on_pre: s += 0.7, output: post.I += w*s}
  bent: {kind: synapse, parameters: {w: 1}, state: {s: 0}, equations: "r = s*w - post.V; ds/dt = (post.V - pre.V)/100 - s/7", on_pre: s += 0.7, output: post.I += w*s}
`

func recordedFile(t *testing.T, name string, set ...string) *model.File {
	t.Helper()
	text := recordedModels + recorded[name] + "inputs: [{to: P.I, value: 16 + i/20, until: 5}, {to: P.I, value: 18*sin(t + i)}]\nrun: {start: 0.3, duration: 9}\n"
	return parse(t, text, append(set, "P.V=uniform(-65, -50)")...)
}

// TestRecordsInPart compares what is recorded in part with what is recorded
// whole. Elements are those of the whole, bit for bit. So are means: they are
// the sums of the whole in the order of all sums, in float32 on the device and
// from first to last in float64. And they are one and the same for every form
// of kernel, number of invocations, deal of neurons, length of slices, for
// loops in chunks, pieces and instances.
func TestRecordsInPart(t *testing.T) {
	devices := []gpu.Options{
		{Form: gpu.FormFused, Invocations: 8}, {Form: gpu.FormFused, Invocations: 8, Deal: gpu.DealRolled, Slice: 33}, {Form: gpu.FormFused, Invocations: 24, Deal: gpu.DealTiled},
		{Form: gpu.FormFused, Invocations: 32, Slice: 1}, {Form: gpu.FormFused, Invocations: 128, Slice: 7},
		{Form: gpu.FormStepped, Invocations: 32}, {Form: gpu.FormStepped, Invocations: 128, Slice: 5, Iterations: 40}, {},
	}
	for name := range recorded {
		t.Run(name, func(t *testing.T) {
			f := recordedFile(t, name)
			exact := run(t, f, cpuref.New(), 2, nil)
			checkParts(t, f, exact.result, float64Mean)
			var want ran
			for k, o := range devices {
				if strings.HasSuffix(name, "rows") && (o.Deal != "" || o.Form == gpu.FormFused && o.Invocations == 32) {
					continue // they take long to compile, and the neurons are dealt out in one way
				}
				instances := []int{1, 3}[k%2]
				got := run(t, f, open(t, o), 1+k%3, &network.Options{Instances: instances})
				what := fmt.Sprintf("%+v, %d instances, %d pieces", o, instances, 1+k%3)
				if want.result == nil {
					want = got
					checkParts(t, f, got.result, float32Mean)
				}
				for k := range instances {
					sameBits(t, what, got, want, k, 0)
				}
			}
			for i, x := range want.result.Instances[0].Traces {
				closeValues(t, x.Name, x.Data, exact.result.Instances[0].Traces[i].Data)
			}
		})
	}
}

// TestRacesOfRecords has kernels of each way of summing watch themselves.
func TestRacesOfRecords(t *testing.T) {
	// Compiling them takes long: each network has some of the ways.
	for name, forms := range map[string][]gpu.Options{
		"uncoupled": {{Form: gpu.FormFused, Invocations: 8}, {Form: gpu.FormFused, Invocations: 24, Deal: gpu.DealTiled}},
		"totals":    {{Form: gpu.FormFused, Invocations: 128, Slice: 11}, {Form: gpu.FormStepped, Invocations: 32}},
		"rows":      {{Form: gpu.FormFused, Invocations: 8, Slice: 17}, {Form: gpu.FormStepped, Invocations: 32}},
		"odd rows":  {{Form: gpu.FormFused, Invocations: 128}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := recordedFile(t, name, "run.duration=3")
			two := &network.Options{Instances: 2} // workgroups side by side
			want := run(t, f, open(t, gpu.Options{Form: gpu.FormStepped, Invocations: 32}), 1, two)
			for _, o := range forms {
				o.CheckRaces = true
				sameBits(t, fmt.Sprintf("%+v", o), run(t, f, open(t, o), 2, two), want, 1, 1)
			}
		})
	}
}

// checkParts compares the records of a file that are in part with those that are
// whole.
func checkParts(t *testing.T, f *model.File, r *network.Result, mean func([]value) float64) {
	t.Helper()
	traces := map[string]network.Trace{}
	for _, x := range r.Instances[0].Traces {
		traces[x.Name] = x
	}
	compared := 0
	check := func(object string, list []*model.Record, place func(elements, i int) (row, at int)) {
		for _, rec := range list {
			name := object + "." + rec.Called()
			whole, part := traces[object+"."+rec.Name], traces[name]
			if name == whole.Name || whole.Name == "" {
				continue
			}
			of := rec.Of
			if of == nil {
				for i := range whole.Len {
					of = append(of, i)
				}
			}
			every := int64(max(1, rec.Every))
			first := (r.First + every - 1) / every * every
			if want := int(r.First+int64(r.Steps)-1-first)/int(every) + 1; len(part.Steps) != want {
				t.Errorf("%s has %d rows, expected %d", name, len(part.Steps), want)
			}
			for k, step := range part.Steps {
				if step != first+int64(k)*every {
					t.Fatalf("%s: row %d is of step %d", name, k, step)
				}
				row := whole.Data[int(step-r.First)*whole.Len:][:whole.Len]
				var want []float64
				if rec.Mean {
					values := make([]value, len(row))
					for i, x := range row {
						values[i].row, values[i].at = place(whole.Len, i)
						values[i].x, values[i].kept = x, slices.Contains(of, i)
					}
					want = []float64{mean(values)}
				} else {
					for _, i := range of {
						want = append(want, row[i])
					}
				}
				if got := part.Data[k*part.Len : (k+1)*part.Len]; !slices.Equal(got, want) {
					t.Errorf("%s after step %d: %v, expected %v", name, step, got, want)
					break
				}
				compared++
			}
		}
	}
	for _, p := range f.Populations {
		check(p.Name, p.Record, func(_, i int) (row, at int) { return -1, i })
	}
	for _, p := range f.Projections {
		pre, post := f.Conn(p).Ends()
		count := map[int32]int{}
		ats := make([]int, len(post))
		for s := range post {
			ats[s] = count[post[s]]
			count[post[s]]++
		}
		check(p.Name, p.Record, func(elements, i int) (row, at int) {
			if elements != len(pre) { // one a presynaptic neuron
				return -1, i
			}
			return int(post[i]), ats[i]
		})
	}
	if compared < 200 {
		t.Errorf("%d rows were compared", compared)
	}
}

// value is an element of a record: of synapses with its row, which is that of its
// postsynaptic neuron, and its place there; of others the row is -1.
type value struct {
	x       float64
	kept    bool
	row, at int
}

// float64Mean is the sum from first to last, over their number.
func float64Mean(list []value) float64 {
	sum, n := 0.0, 0
	for _, v := range list {
		if v.kept {
			sum += v.x
			n++
		}
	}
	return sum / float64(n)
}

// float32Mean is the sum in the order of all sums of the device, over their
// number. Synapses are summed row by row, what is not kept as zeros.
func float32Mean(list []value) float64 {
	n := 0
	rows := map[int][]float32{}
	highest := -1
	for _, v := range list {
		x := float32(v.x)
		if v.kept {
			n++
		} else if x = 0; v.row < 0 {
			continue
		}
		for len(rows[v.row]) <= v.at && v.row >= 0 {
			rows[v.row] = append(rows[v.row], 0)
		}
		if v.row >= 0 {
			rows[v.row][v.at] = x
		} else {
			rows[v.row] = append(rows[v.row], x)
		}
		highest = max(highest, v.row)
	}
	all := rows[-1]
	for row := range highest + 1 {
		all = append(all, ordered(rows[row]))
	}
	return float64(ordered(all) / float32(n))
}

// ordered sums columns of eight, each in runs of 16, the runs in sequence, and
// the columns as a tree.
func ordered(x []float32) float32 {
	var column [8]float32
	for from := 0; from < len(x); from += 128 {
		var run [8]float32
		for i, v := range x[from:min(from+128, len(x))] {
			run[i%8] += v
		}
		for c := range column {
			column[c] += run[c]
		}
	}
	return ((column[0] + column[1]) + (column[2] + column[3])) + ((column[4] + column[5]) + (column[6] + column[7]))
}

// TestOrdered: the sum that the test expects is not the plain one.
func TestOrdered(t *testing.T) {
	var x []float32
	plain := float32(0)
	for i := range 300 {
		v := float32(math.Sin(float64(i)))
		x, plain = append(x, v), plain+v
	}
	if got := ordered(x); got == plain || math.Abs(float64(got-plain)) > 1e-5 {
		t.Errorf("in order %v, plain %v", got, plain)
	}
}
