package random

import (
	"context"
	"math"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/model"
	"gpusim/model/ir"
)

const (
	programs  = 40 // of one or two populations each, with equations of their own
	instances = 32 // of each: networks with parameters and states of their own
	block     = 10 // steps that both engines do from the same state
	blocks    = 6
)

// limit is how far float32 may be from float64 after a block, in units of
// 1 + |value|: some hundred roundings of 6e-8, carried on through quotients and
// differences that the models of this package bound.
const limit = 2e-5

// TestDevices compares the device with the float64 engine on more than a thousand
// small random networks: from the device's own state, over and over, the same
// spikes, and every state within the limit of float32. A network in which a spike
// condition turns a rounding apart is left out for that block; these are few.
//
// FuzzDevices goes on from there with other seeds, as long as one likes:
//
//	go test ./tests/random -run '^$' -fuzz FuzzDevices -fuzztime 1h
func TestDevices(t *testing.T) {
	devices := []*gpu.Device{open(t, gpu.FormFused, 8), open(t, gpu.FormFused, 16), open(t, gpu.FormFused, 8), open(t, gpu.FormStepped, 8)}
	var sum outcome
	for seed := range uint64(programs) {
		r := compareOn(t, devices[seed%4], seed)
		sum.all, sum.apart, sum.spikes, sum.worst = sum.all+r.all, sum.apart+r.apart, sum.spikes+r.spikes, math.Max(sum.worst, r.worst)
	}
	t.Logf("%d networks, %d blocks with %d spikes, %d left out; the worst difference is %.2g", programs*instances, sum.all, sum.spikes, sum.apart, sum.worst)
	if sum.apart*200 > sum.all || sum.spikes < sum.all {
		t.Errorf("%d spikes; in %d of %d blocks they are apart", sum.spikes, sum.apart, sum.all)
	}
}

func FuzzDevices(f *testing.F) {
	f.Add(uint64(programs))
	f.Fuzz(func(t *testing.T, seed uint64) {
		compareOn(t, open(t, map[bool]string{true: gpu.FormStepped, false: gpu.FormFused}[seed%4 == 3], 8), seed)
	})
}

func open(t testing.TB, form string, invocations int) *gpu.Device {
	t.Helper()
	d, err := gpu.Open(gpu.Options{Form: form, Invocations: invocations})
	if err != nil {
		t.Fatal(err) // without a context a GPU test fails
	}
	t.Cleanup(func() { d.Close() })
	return d
}

// outcome counts the blocks of a program.
type outcome struct {
	all, apart, spikes int
	worst              float64
}

// compareOn compares a program's instances, whose values are of the seed.
func compareOn(t *testing.T, d *gpu.Device, seed uint64) (out outcome) {
	t.Helper()
	text := File(seed, 1)
	f, _, err := model.Parse("random.yaml", []byte(text), ".", model.LoadOptions{})
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, text)
	}
	r := rand.New(rand.NewPCG(seed, 2))
	shapes := model.Shapes{Params: map[string]ir.Dim{}, PerSynapse: r.IntN(8) == 0}
	for _, p := range f.Populations {
		if r.IntN(2) == 0 {
			shapes.Params[p.Name+".b"] = ir.PerNeuron
		}
	}
	for _, p := range f.Projections {
		if r.IntN(2) == 0 {
			shapes.Params[p.Name+".g"] = ir.PerSynapse
		}
	}
	prog, err := model.Lower(f, shapes)
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, text)
	}
	device, err := d.Build(prog, instances)
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, text)
	}
	defer device.Close()
	reference, err := cpuref.New().Build(prog, instances)
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, text)
	}
	defer reference.Close()
	for id := range ir.VarID(len(prog.Vars)) {
		data := start(r, &prog.Vars[id])
		for _, e := range []ir.Engine{device, reference} {
			if err := e.Write(id, data); err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
	}
	for k := range blocks {
		a, b := run(t, device, k), run(t, reference, k)
		for instance := range instances {
			out.all++
			spikes, same := compareSpikes(prog, a, b, instance)
			if out.spikes += spikes; !same {
				out.apart++
				continue
			}
			for id := range ir.VarID(len(prog.Vars)) {
				v := &prog.Vars[id]
				if !v.Role.IsState() {
					continue
				}
				x, y := read(t, device, id, instance), read(t, reference, id, instance)
				for e := range x {
					difference := math.Abs(x[e]-y[e]) / (1 + math.Abs(y[e]))
					out.worst = math.Max(out.worst, difference)
					if !(difference <= limit) && v.Role != ir.Flag {
						t.Errorf("seed %d, instance %d, steps %d to %d: %s of element %d is %v, in float64 %v\n%s",
							seed, instance, k*block, (k+1)*block-1, v.Name, e, x[e], y[e], text)
						return out
					}
				}
			}
		}
		for id := range ir.VarID(len(prog.Vars)) { // on from the device's state
			if v := &prog.Vars[id]; v.Role.IsState() && v.Len > 0 {
				var data []float64
				for instance := range instances {
					data = append(data, read(t, device, id, instance)...)
				}
				if err := reference.Write(id, data); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return out
}

// start draws the values of a variable for every instance, as float32 has them.
func start(r *rand.Rand, v *ir.Var) []float64 {
	data := make([]float64, v.Len*instances)
	for i := range data {
		switch {
		case v.Role == ir.Flag || v.Role == ir.Spiked || v.Role == ir.Line && strings.Contains(v.Name, ".spiked"):
			data[i] = float64(r.IntN(2))
		case v.Role == ir.Last:
			data[i] = ir.NeverSpiked
		case strings.HasSuffix(v.Name, ".refractory_steps"):
			data[i] = float64(1 + r.IntN(20))
		case strings.HasPrefix(v.Name, "j") && strings.HasSuffix(v.Name, ".g"): // small, as sums are of up to 20
			data[i] = float64(float32(0.02 + 0.18*r.Float64()))
		case v.Role == ir.Param:
			data[i] = float64(float32(0.2 + 1.8*r.Float64()))
		default:
			data[i] = float64(float32(2*r.Float64() - 1))
		}
	}
	return data
}

// run does block number k, and gives its one slice.
func run(t *testing.T, e ir.Engine, k int) (slice *ir.Slice) {
	t.Helper()
	done, err := e.Run(context.Background(), int64(k*block), block, func(s *ir.Slice) error {
		slice = s
		return nil
	})
	if err != nil || done != block || slice.Steps != block {
		t.Fatal(done, err)
	}
	for instance, bad := range slice.Bad {
		if bad != nil {
			t.Fatalf("instance %d is not finite: %+v", instance, bad)
		}
	}
	return slice
}

func read(t *testing.T, e ir.Engine, id ir.VarID, instance int) []float64 {
	t.Helper()
	x, err := e.Read(id, instance)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// compareSpikes counts the spikes of an instance and says whether they are the same.
func compareSpikes(p *ir.Program, a, b *ir.Slice, instance int) (spikes int, same bool) {
	same = true
	for i := range p.Populations {
		if p.Populations[i].Spike == nil {
			continue
		}
		n := a.Words * p.Populations[i].Size
		for w := instance * n; w < (instance+1)*n; w++ {
			spikes += bits.OnesCount32(b.Spikes[i][w])
			same = same && a.Spikes[i][w] == b.Spikes[i][w]
		}
	}
	return spikes, same
}
