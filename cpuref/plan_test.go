package cpuref

import (
	bin "encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gpusim/model/ir"
)

// TestEstimate compares an estimate with what engines take.
func TestEstimate(t *testing.T) {
	m := ring(t, 10)
	m.Populations[0].Records = []ir.Record{m.record(scope{own: "A"}, "V", "V", 3, ir.PerNeuron, 7)}
	for _, instances := range []int{1, 5} {
		e := m.build(instances)
		est, err := New().Estimate(&m.Program, instances)
		if err != nil {
			t.Fatal(err)
		}
		if est.Form != "vectors" || est.Slice != e.sliceLen {
			t.Errorf("%s, slices of %d steps; the engine has %d", est.Form, est.Slice, e.sliceLen)
		}
		if err := e.Save(); err != nil {
			t.Fatal(err)
		}
		bytes := map[string]int64{}
		for i, s := range e.vars {
			what := "parameters and samples"
			if m.Vars[i].Role.IsState() {
				what = "state"
				bytes["state, saved"] += size(e.saved[i])
			}
			bytes[what] += size(s.data)
		}
		for range e.threads {
			w := e.newWorker()
			for _, list := range [][][]float64{w.registers, w.arrays[len(e.vars):], {w.all, w.sums, w.sources}} {
				for _, a := range list {
					bytes["work space"] += size(a)
				}
			}
		}
		for i := range e.code.projections {
			if ends := e.code.projections[i].ends; ends.pre != nil {
				bytes["ends of synapses"] += size(ends.pre) + size(ends.post)
			}
		}
		s := e.newSlice(0, e.sliceLen)
		for _, words := range s.Spikes {
			bytes["spikes of a slice"] += size(words)
		}
		for _, rows := range s.Records {
			bytes["records of a slice"] += size(rows)
		}
		got := map[string]int64{}
		for _, b := range est.Buffers {
			got[b.Name] = b.Bytes
			each := b.Bytes / int64(instances)
			if slices.Contains([]string{"parameters and samples", "work space", "ends of synapses"}, b.Name) {
				each = 0
			}
			if b.PerInstance != each || b.Limit != 0 {
				t.Errorf("%+v, want %d an instance and no limit", b, each)
			}
		}
		if diff := cmp.Diff(bytes, got); diff != "" {
			t.Errorf("%d instances: the engine (-) and the estimate (+):\n%s", instances, diff)
		}
	}
	want := `population A: 13 operations for each of 7 neurons a step
population A: A.x.line keeps 11 steps of A.x
population A: A.spiked.line keeps 13 steps of A.spiked
population B: 7 operations for each of 5 neurons a step
projection J: 4 operations for each of 6 synapses a step
projection J: 7 operations for each of 5 presynaptic neurons a step
projection J, event 1: summed over the synapses, where spikes arrive
projection J, event 2: summed over the synapses, where spikes arrive
projection J, output 1: summed over the synapses
projection K, event 1: one sum over the presynaptic neurons, where spikes arrive
projection L: 9 operations for each of 5 presynaptic neurons a step
projection L, event 1: summed over the synapses, where spikes arrive`
	est, err := New().Estimate(&m.Program, 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(est.Why[1:], "\n"); got != want {
		t.Errorf("why:\n%s\nwant\n%s", got, want)
	}
	if est.Why[0] != "float64, 1 instance at a time on 1 thread" {
		t.Errorf("why: %s", est.Why[0])
	}
}

// size is the bytes of an array.
func size(a any) int64 { return int64(bin.Size(a)) }

// TestEstimateLarge estimates what no machine could take: 10**11 synapses with
// a state each.
func TestEstimateLarge(t *testing.T) {
	const n = 400_000
	conn := ir.Conn{NPre: n, NPost: n, NoSelf: true}
	p := newLoop(t, conn)
	p.add("J.s", ir.State, ir.PerSynapse, conn.Len())
	j := p.project(ir.Rows)
	j.Update = []ir.Stmt{p.store(p.s, "s", "s + pre.a - post.b")}
	j.Outputs[0].Terms = []ir.Term{{Source: p.value(p.s, "s"), Post: p.value(p.s, "1")}}
	est, err := New().Estimate(&p.Program, 3)
	if err != nil {
		t.Fatal(err)
	}
	synapses := int64(n) * (n - 1)
	for name, want := range map[string]int64{"state": 3*8*synapses + 3*8*3*n, "ends of synapses": 8 * synapses} {
		i := slices.IndexFunc(est.Buffers, func(b ir.Buffer) bool { return b.Name == name })
		if i < 0 || est.Buffers[i].Bytes != want {
			t.Errorf("%s: %+v, want %d bytes", name, est.Buffers, want)
		}
	}
	if est.Slice != 32 {
		t.Errorf("slices of %d steps", est.Slice)
	}
}

func TestEstimateErrors(t *testing.T) {
	m := noisy(t)
	if _, err := New().Estimate(nil, 1); err == nil || err.Error() != "cpuref: there is no program" {
		t.Errorf("no program: %v", err)
	}
	if _, err := New().Estimate(&m.Program, 0); err == nil || err.Error() != "cpuref: 0 instances, at least 1 is needed" {
		t.Errorf("no instances: %v", err)
	}
	m.Populations[0].Spike.Value = nil
	if _, err := New().Estimate(&m.Program, 1); err == nil || err.Error() != "cpuref: population P: expression of unknown type <nil>" {
		t.Errorf("a bad program: %v", err)
	}
}
