package cpuref

import (
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/model/lang"
	"gpusim/tests/golden"
)

// gammaSpec is a form of the gamma network that golden data were made with.
type gammaSpec struct {
	size       int
	method     string
	perSynapse bool
	inputDim   ir.Dim
	records    []model.Record
}

// gamma builds examples/gamma.yaml and writes its parameters.
func gamma(tb testing.TB, spec gammaSpec, instances int) *Engine {
	tb.Helper()
	f, _, err := model.Load("../examples/gamma.yaml", model.LoadOptions{Set: []model.Override{
		{Name: "interneurons.size", Value: strconv.Itoa(spec.size)},
		{Name: "method", Value: spec.method},
	}})
	if err != nil {
		tb.Fatal(err)
	}
	for _, r := range spec.records {
		f.Populations[0].Record = append(f.Populations[0].Record, &r)
	}
	p, err := model.Lower(f, model.Shapes{
		PerSynapse: spec.perSynapse,
		Inputs:     []model.InputShape{{Dim: spec.inputDim}},
	})
	if err != nil {
		tb.Fatal(err)
	}
	built, err := New().Build(p, instances)
	if err != nil {
		tb.Fatal(err)
	}
	e := built.(*Engine)
	values := map[string]lang.Node{"inputs.0.value": f.Inputs[0].Value.Expr}
	for _, v := range f.Populations[0].Model.Parameters {
		values["interneurons."+v.Name] = v.Expr
	}
	for _, v := range f.Projections[0].Model.Parameters {
		values["gaba."+v.Name] = v.Expr
	}
	for i, v := range p.Vars {
		if v.Role != ir.Param || v.Name == "gaba.g_max" {
			continue
		}
		x, err := lang.Eval(values[v.Name], nil)
		if err != nil {
			tb.Fatalf("%s: %v", v.Name, err)
		}
		data := make([]float64, v.Len)
		fill(data, x)
		if err := e.Write(ir.VarID(i), data); err != nil {
			tb.Fatal(err)
		}
	}
	return e
}

// steadyState is h and n where they stay for that V.
func steadyState(v []float64) (h, n []float64) {
	for _, v := range v {
		ah, bh := 0.07*math.Exp(-(v+58)/20), 1/(math.Exp(-0.1*(v+28))+1)
		an, bn := 0.1/exprel(-0.1*(v+34)), 0.125*math.Exp(-(v+44)/80)
		h, n = append(h, ah/(ah+bh)), append(n, an/(an+bn))
	}
	return h, n
}

// start writes the starting V of a golden case, and h and n, which are steady.
func start(tb testing.TB, e *Engine, name string) {
	tb.Helper()
	v, _ := golden.Float64(tb, name+"_v_init")
	h, n := steadyState(v)
	write(tb, e, "interneurons.V", v...)
	write(tb, e, "interneurons.h", h...)
	write(tb, e, "interneurons.n", n...)
}

func goldenSpikes(tb testing.TB, name string, first int64) []spike {
	tb.Helper()
	var out []spike
	for _, s := range golden.Spikes(tb, name) {
		out = append(out, spike{first + s.Step, int(s.Neuron)})
	}
	return out
}

// sameSpikes compares spikes to the step.
func sameSpikes(tb testing.TB, what string, got, want []spike) {
	tb.Helper()
	if slices.Equal(got, want) {
		return
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			tb.Errorf("%s: spike %d is %v, want %v (of %d, want %d)", what, i, got[i], want[i], len(got), len(want))
			return
		}
	}
	tb.Errorf("%s: %d spikes, want %d", what, len(got), len(want))
}

// far is the largest difference between two arrays.
func far(tb testing.TB, what string, got, want []float64) float64 {
	tb.Helper()
	if len(got) != len(want) {
		tb.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	d := 0.0
	for i := range got {
		d = max(d, math.Abs(got[i]-want[i]))
	}
	return d
}

// within fails where two arrays are more than limit apart.
func within(tb testing.TB, what string, got, want []float64, limit float64) {
	tb.Helper()
	if d := far(tb, what, got, want); !(d <= limit) {
		tb.Errorf("%s: %v apart, at most %v is allowed", what, d, limit)
	}
}

// TestTiny3 compares a network of three neurons state by state with golden, in
// both forms.
func TestTiny3(t *testing.T) {
	for _, name := range []string{"tiny3_exponential", "tiny3_euler", "tiny3_exp_strongI"} {
		for _, perSynapse := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/perSynapse=%v", name, perSynapse), func(t *testing.T) {
				tiny3(t, name, perSynapse)
			})
		}
	}
}

func tiny3(t *testing.T, name string, perSynapse bool) {
	c := golden.Case(t, name)
	method := map[string]string{"exponential": "exponential_euler", "euler": "euler"}[c.Method]
	e := gamma(t, gammaSpec{size: 3, method: method, perSynapse: perSynapse}, 1)
	write(t, e, "gaba.g_max", c.GMax)
	write(t, e, "inputs.0.value", c.Iext)
	rows := func(variable string) func(i int) []float64 {
		data, shape := golden.Float64(t, name+"_"+variable)
		return func(i int) []float64 { return data[i*shape[1]:][:shape[1]] }
	}
	states := []string{"interneurons.V", "interneurons.h", "interneurons.n", "interneurons.inp"}
	want := []func(int) []float64{rows("V"), rows("h"), rows("n"), rows("inp")}
	for i := range 3 {
		write(t, e, states[i], want[i](0)...)
	}
	s, spikes := rows("s"), rows("spike")
	worst := make([]float64, len(states)+1)
	for step := range 500 {
		r := run(t, e, int64(step), 1)
		for i, state := range states {
			worst[i] = max(worst[i], far(t, state, read(t, e, state, 0), want[i](step+1)))
		}
		got := read(t, e, "gaba.s", 0)
		if !perSynapse {
			got = []float64{got[0], got[0], got[1], got[1], got[2], got[2]}
		}
		worst[len(states)] = max(worst[len(states)], far(t, "s", got, s(step+1)))
		fired := make([]float64, 3)
		for _, s := range r.spikes[0][0] {
			fired[s.neuron] = 1
		}
		if !slices.Equal(fired, spikes(step+1)) {
			t.Errorf("step %d: spikes %v, want %v", step, fired, spikes(step+1))
		}
	}
	t.Logf("largest differences of V, h, n, inp, s: %.2g", worst)
	for i, d := range worst {
		if !(d <= 1e-9) {
			t.Errorf("difference %d is %v", i, d)
		}
	}
}

// TestN100 runs the 11 points of n100 and the 3 of n100b in the collapsed form,
// each sweep as one batch.
func TestN100(t *testing.T) {
	if raceDetector || testing.Short() {
		t.Skip("long")
	}
	for _, name := range []string{"n100", "n100b"} {
		t.Run(name, func(t *testing.T) {
			gMax, _ := golden.Float64(t, name+"_g_max")
			e := gamma(t, gammaSpec{
				size: 100, method: "exponential_euler", records: []model.Record{{Name: "V", Every: 25}},
			}, len(gMax))
			start(t, e, name)
			write(t, e, "gaba.g_max", gMax...)
			r := run(t, e, 0, 12500)
			for k := range gMax {
				id := fmt.Sprintf("%s_spikes_%02d", name, k)
				sameSpikes(t, id, r.spikes[k][0], goldenSpikes(t, id, 0))
				v, _ := golden.Float64(t, fmt.Sprintf("%s_V_%02d", name, k))
				voltages(t, id, r.records[k][0], v)
			}
			detail := map[string]int{"n100": 5, "n100b": 1}[name]
			endStates(t, e, detail, fmt.Sprintf("%s_%02d", name, detail))
		})
	}
}

// voltages compares the rows of V with golden's over the first 100 ms.
func voltages(t *testing.T, what string, rows [][]float64, want []float64) {
	t.Helper()
	var d []float64
	for i, row := range rows[:min(len(rows), 100)] {
		for j, v := range row {
			d = append(d, math.Abs(v-want[i*len(row)+j]))
		}
	}
	slices.Sort(d)
	if median, worst := d[len(d)/2], d[len(d)-1]; !(median <= 1e-7 && worst <= 1e-2) {
		t.Errorf("%s: V is %v mV off in the median, %v at worst", what, median, worst)
	}
}

// endStates compares the states at the end of a run with golden's.
func endStates(t *testing.T, e *Engine, instance int, prefix string) {
	t.Helper()
	for _, test := range []struct {
		state, array string
		limit        float64
	}{
		{"interneurons.V", "V_end", 1e-2},
		{"interneurons.h", "h_end", 1e-4},
		{"interneurons.n", "n_end", 1e-4},
		{"interneurons.inp", "inp_end", 1e-3},
	} {
		want, _ := golden.Float64(t, prefix+"_"+test.array)
		within(t, prefix+" "+test.state, read(t, e, test.state, instance), want, test.limit)
	}
	s := read(t, e, "gaba.s", instance)
	array := "s_pre_end"
	if len(s) > len(read(t, e, "interneurons.V", instance)) {
		array = "s_end"
	}
	want, _ := golden.Float64(t, prefix+"_"+array)
	within(t, prefix+" s", s, want, 1e-4)
}

// TestN200 runs n200 in three pieces, the last of them with one input value a
// neuron, for which the network is built anew.
func TestN200(t *testing.T) {
	if raceDetector || testing.Short() {
		t.Skip("long")
	}
	c := golden.Case(t, "n200")
	spec := gammaSpec{size: 200, method: "exponential_euler"}
	e := gamma(t, spec, 1)
	start(t, e, "n200")
	write(t, e, "gaba.g_max", c.GMax)
	var all []spike
	first := int64(0)
	for piece, steps := range c.NSteps {
		if piece == c.ArrayInputFromChunk {
			spec.inputDim = ir.PerNeuron
			next := gamma(t, spec, 1)
			write(t, next, "gaba.g_max", c.GMax)
			for _, v := range e.code.program.Vars {
				if v.Role.IsState() {
					write(t, next, v.Name, read(t, e, v.Name, 0)...)
				}
			}
			e = next
		}
		r := run(t, e, first, steps)
		id := fmt.Sprintf("n200_spikes_%d", piece)
		sameSpikes(t, id, r.spikes[0][0], goldenSpikes(t, id, first))
		all = append(all, r.spikes[0][0]...)
		endStates(t, e, 0, fmt.Sprintf("n200_%d", piece))
		first += int64(steps)
	}
	sameSpikes(t, "n200 unbroken", all, goldenSpikes(t, "n200_unbroken_spikes", 0))
}

// TestPerSynapse runs one point of n100 and the first 50 ms of n200 with a
// state a synapse.
func TestPerSynapse(t *testing.T) {
	if raceDetector || testing.Short() {
		t.Skip("long")
	}
	e := gamma(t, gammaSpec{size: 100, method: "exponential_euler", perSynapse: true}, 1)
	start(t, e, "n100")
	gMax, _ := golden.Float64(t, "n100_g_max")
	write(t, e, "gaba.g_max", gMax[5])
	sameSpikes(t, "n100_spikes_05", run(t, e, 0, 12500).spikes[0][0], goldenSpikes(t, "n100_spikes_05", 0))
	endStates(t, e, 0, "n100_05")

	e = gamma(t, gammaSpec{size: 200, method: "exponential_euler", perSynapse: true}, 1)
	start(t, e, "n200")
	write(t, e, "gaba.g_max", golden.Case(t, "n200").GMax)
	want := goldenSpikes(t, "n200_spikes_0", 0)
	end, _ := slices.BinarySearchFunc(want, int64(1250), func(s spike, step int64) int { return int(s.step - step) })
	sameSpikes(t, "n200, 50 ms", run(t, e, 0, 1250).spikes[0][0], want[:end])
}

// TestExamples builds every example in both forms and runs it a little.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../examples/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no examples", err)
	}
	for _, file := range files {
		for _, perSynapse := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/perSynapse=%v", filepath.Base(file), perSynapse), func(t *testing.T) {
				f, _, err := model.Load(file, model.LoadOptions{})
				if err != nil {
					t.Fatal(err)
				}
				p, err := model.Lower(f, model.Shapes{PerSynapse: perSynapse})
				if err != nil {
					t.Fatal(err)
				}
				e, err := New().Build(p, 2)
				if err != nil {
					t.Fatal(err)
				}
				run(t, e.(*Engine), 0, 40)
			})
		}
	}
}

// TestProcessors checks that a sweep of the gamma network, in both forms, is the
// same to the bit whatever GOMAXPROCS is.
func TestProcessors(t *testing.T) {
	gMax := []float64{0.0005, 0.001, 0.0015}
	for _, perSynapse := range []bool{false, true} {
		var want *result
		var first *Engine
		before := runtime.GOMAXPROCS(0)
		defer runtime.GOMAXPROCS(before)
		for _, processors := range []int{1, 2, 4} {
			runtime.GOMAXPROCS(processors)
			e := gamma(t, gammaSpec{
				size: 20, method: "exponential_euler", perSynapse: perSynapse, records: []model.Record{{Name: "V", Every: 25}},
			}, len(gMax))
			if e.threads != min(processors, len(gMax)) {
				t.Errorf("%d threads with %d processors", e.threads, processors)
			}
			v := make([]float64, 20)
			for i := range v {
				v[i] = -70 + float64(i)
			}
			h, n := steadyState(v)
			write(t, e, "interneurons.V", v...)
			write(t, e, "interneurons.h", h...)
			write(t, e, "interneurons.n", n...)
			write(t, e, "gaba.g_max", gMax...)
			r := run(t, e, 0, 600)
			if want == nil {
				want, first = r, e
				continue
			}
			for k := range gMax {
				sameResult(t, r, k, want, k)
				sameState(t, e, k, first, k)
			}
		}
	}
}

// BenchmarkGamma runs 500 ms of the gamma network of 100 neurons, the number of
// whose spikes is that of golden's run, one instance and the 11 of its sweep.
func BenchmarkGamma(b *testing.B) {
	for _, test := range []struct {
		name       string
		perSynapse bool
		instances  int
	}{{"N=100", false, 1}, {"N=100/sweep=11", false, 11}, {"N=100/perSynapse", true, 1}} {
		b.Run(test.name, func(b *testing.B) {
			e := gamma(b, gammaSpec{size: 100, method: "exponential_euler", perSynapse: test.perSynapse}, test.instances)
			write(b, e, "gaba.g_max", 0.001)
			for b.Loop() {
				start(b, e, "n100")
				write(b, e, "gaba.s", make([]float64, len(read(b, e, "gaba.s", 0)))...)
				write(b, e, "interneurons.inp", make([]float64, 100)...)
				if n := len(run(b, e, 0, 12500).spikes[0][0]); n != 2134 {
					b.Fatalf("%d spikes", n)
				}
			}
		})
	}
}

// BenchmarkGamma1000 runs 50 ms of the gamma network of 1000 neurons.
func BenchmarkGamma1000(b *testing.B) {
	e := gamma(b, gammaSpec{size: 1000, method: "exponential_euler"}, 1)
	write(b, e, "gaba.g_max", 0.0001)
	v := numbers(1000, 1)
	for i := range v {
		v[i] -= 60
	}
	h, n := steadyState(v)
	write(b, e, "interneurons.V", v...)
	write(b, e, "interneurons.h", h...)
	write(b, e, "interneurons.n", n...)
	for b.Loop() {
		run(b, e, 0, 1250)
	}
}
