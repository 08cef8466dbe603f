package gpu_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gpusim/gpu"
	"gpusim/model"
	"gpusim/model/ir"
)

// fire is a population that spikes every third step once it starts: K = 3.
const fire = `
gpusim: 1
name: fire
dt: 1
method: euler
models:
  m: {kind: neuron, parameters: {a: 1, ref: 3, gain: 1}, state: {x: 0}, input: I, equations: dx/dt = gain*a (unless refractory), spike: x >= 1, reset: x = 0, refractory: ref}
populations:
  P: {model: m, size: SIZE, record: [spikes]}
run: {duration: 10}
`

func build(t testing.TB, o gpu.Options, text string, s model.Shapes, instances int) (ir.Engine, *ir.Program, error) {
	t.Helper()
	f, _, err := model.Parse("t.yaml", []byte(text), "", model.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := model.Lower(f, s)
	if err != nil {
		t.Fatal(err)
	}
	d, err := gpu.Open(o)
	if err != nil {
		t.Fatal(err) // without a context a GPU test fails
	}
	t.Cleanup(func() { d.Close() })
	e, err := d.Build(p, instances)
	if err == nil {
		t.Cleanup(func() {
			e.Close()
			if c := d.Context().Counters(); c.LiveBuffers != 0 || c.LivePrograms != 0 {
				t.Errorf("after Close there are %d buffers and %d programs", c.LiveBuffers, c.LivePrograms)
			}
		})
	}
	return e, p, err
}

func mustBuild(t testing.TB, o gpu.Options, text string, s model.Shapes, instances int) (ir.Engine, *ir.Program) {
	t.Helper()
	e, p, err := build(t, o, text, s, instances)
	if err != nil {
		t.Fatal(err)
	}
	return e, p
}

func sized(n int) string { return strings.Replace(fire, "SIZE", fmt.Sprint(n), 1) }

func find(t testing.TB, p *ir.Program, name string) ir.VarID {
	t.Helper()
	for i := range p.Vars {
		if p.Vars[i].Name == name {
			return ir.VarID(i)
		}
	}
	t.Fatalf("no variable %s", name)
	return ir.None
}

func write(t testing.TB, e ir.Engine, v ir.VarID, data ...float64) {
	t.Helper()
	if err := e.Write(v, data); err != nil {
		t.Fatal(err)
	}
}

// TestWriteRead writes every kind of variable, shared and for each instance.
func TestWriteRead(t *testing.T) {
	e, p := mustBuild(t, gpu.Options{Invocations: 8}, sized(3), model.Shapes{Params: map[string]ir.Dim{"P.gain": ir.PerNeuron}}, 2)
	for _, c := range []struct {
		name string
		data []float64
		want [2][]float64
	}{
		{"P.x", []float64{1, 2, 3}, [2][]float64{{1, 2, 3}, {1, 2, 3}}},
		{"P.x", []float64{1, 2, 3, 4, 5, 6}, [2][]float64{{1, 2, 3}, {4, 5, 6}}},
		{"P.a", []float64{0.5}, [2][]float64{{0.5}, {0.5}}},
		{"P.a", []float64{0.5, 0.25}, [2][]float64{{0.5}, {0.25}}},
		{"P.a", []float64{2}, [2][]float64{{2}, {2}}},
		{"P.gain", []float64{1, 2, 3}, [2][]float64{{1, 2, 3}, {1, 2, 3}}},
		{"P.gain", []float64{1, 2, 3, 4, 5, 6}, [2][]float64{{1, 2, 3}, {4, 5, 6}}}, // the buffer grows
		{"P.gain", []float64{7, 8, 9}, [2][]float64{{7, 8, 9}, {7, 8, 9}}},
		{"P.a", []float64{0.5, 0.25}, [2][]float64{{0.5}, {0.25}}},
		{"P.last_spike_step", []float64{ir.NeverSpiked, -4, 1 << 20}, [2][]float64{{ir.NeverSpiked, -4, 1 << 20}, {ir.NeverSpiked, -4, 1 << 20}}},
	} {
		v := find(t, p, c.name)
		write(t, e, v, c.data...)
		for k := range c.want {
			got, err := e.Read(v, k)
			if err != nil || !slices.Equal(got, c.want[k]) {
				t.Errorf("%s of instance %d is %v, expected %v (%v)", c.name, k, got, c.want[k], err)
			}
		}
	}
	if err := e.Write(find(t, p, "P.x"), make([]float64, 4)); err == nil {
		t.Error("4 values for 3 neurons were taken")
	}
}

// TestRefractorySteps runs far beyond where 32-bit step numbers end and checks
// that intervals stay K steps.
func TestRefractorySteps(t *testing.T) {
	e, p := mustBuild(t, gpu.Options{}, sized(5), model.Shapes{}, 1)
	write(t, e, find(t, p, "P.a"), 1)
	write(t, e, find(t, p, "P.gain"), 1)
	write(t, e, find(t, p, "P.refractory_steps"), 3)
	for _, first := range []int64{0, 1<<29 - 10, 1<<31 - 7, 1<<32 - 5, 1 << 40} {
		write(t, e, find(t, p, "P.x"), make([]float64, 5)...)
		never := make([]float64, 5)
		for i := range never {
			never[i] = ir.NeverSpiked
		}
		write(t, e, find(t, p, "P.last_spike_step"), never...)
		for k := range 3 { // pieces of 4 steps: spikes at 0, 3, 6, 9
			_, err := e.Run(context.Background(), first+int64(4*k), 4, func(s *ir.Slice) error {
				for b := range 4 {
					want := uint32(0)
					if (4*k+b)%3 == 0 {
						want = 1
					}
					for i, w := range s.Spikes[0] {
						if w>>b&1 != want {
							t.Errorf("step %d + %d: neuron %d spiked %d times, expected %d", first, 4*k+b, i, w>>b&1, want)
						}
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		last, err := e.Read(find(t, p, "P.last_spike_step"), 0)
		if err != nil || last[0] != float64(first+9) {
			t.Errorf("the last spike was at %v, expected %d (%v)", last[0], first+9, err)
		}
	}
}

// TestNotFinite checks that a state that is not finite is named with its
// element and step, and that other instances go on.
func TestNotFinite(t *testing.T) {
	e, p := mustBuild(t, gpu.Options{Invocations: 8}, sized(20), model.Shapes{}, 3)
	x := make([]float64, 60)
	x[20+13] = math.Inf(1)
	write(t, e, find(t, p, "P.x"), x...)
	write(t, e, find(t, p, "P.gain"), 0) // no neuron spikes, none is reset
	_, err := e.Run(context.Background(), 100, 50, func(s *ir.Slice) error {
		if s.Bad[0] != nil || s.Bad[2] != nil {
			t.Error("an instance is bad that is not")
		}
		// The neuron with infinity spikes and is reset at once: finite again.
		if s.Bad[1] != nil {
			t.Errorf("the reset state is reported: %+v", s.Bad[1])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	x[20+13] = math.NaN()
	write(t, e, find(t, p, "P.x"), x...)
	_, err = e.Run(context.Background(), 100, 50, func(s *ir.Slice) error {
		b := s.Bad[1]
		if s.Bad[0] != nil || s.Bad[2] != nil || b == nil || p.Vars[b.Var].Name != "P.x" || b.Element != 13 || b.Step != 131 {
			t.Errorf("bad: %+v, expected P.x of neuron 13 at step 131, the end of the first 32", s.Bad)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCancel checks that a cancelled run says how far it came.
func TestCancel(t *testing.T) {
	e, _ := mustBuild(t, gpu.Options{Slice: 32}, sized(4), model.Shapes{}, 1)
	ctx, cancel := context.WithCancel(context.Background())
	done, err := e.Run(ctx, 0, 1000, func(s *ir.Slice) error {
		if s.First >= 64 {
			cancel()
		}
		return nil
	})
	if done != 96 || !errors.Is(err, context.Canceled) {
		t.Errorf("done %d, %v; expected 96 steps and a cancelled context", done, err)
	}
}

// TestRefused checks that a network that does not fit what is asked for is
// refused with the numbers.
func TestRefused(t *testing.T) {
	_, _, err := build(t, gpu.Options{Form: gpu.FormFused}, sized(2_000_000), model.Shapes{}, 1)
	if err == nil || !strings.Contains(err.Error(), "words of state an invocation, at most 16384") {
		t.Errorf("2,000,000 neurons: %v", err)
	}
	_, _, err = build(t, gpu.Options{Iterations: 5}, sized(100), model.Shapes{}, 1)
	if err == nil || !strings.Contains(err.Error(), "loop iterations, at most 5 a dispatch") {
		t.Errorf("with 5 loop iterations: %v", err)
	}
}
