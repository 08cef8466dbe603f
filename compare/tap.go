package compare

import (
	"context"
	"math/bits"
	"slices"

	"gpusim/model/ir"
	"gpusim/network"
)

// recordedNumbers bounds the rows of one variable in one window: a variable with
// more elements is recorded in fewer steps.
const recordedNumbers = 1 << 21

// probe is a record that a tap adds to a program.
type probe struct {
	of         ir.VarID // None: the distance of a population's spike condition from turning
	population int      // of such a distance
	len, every int
}

// tap is a device that builds programs with probes added.
type tap struct {
	network.Device
	window int // steps
	prog   *ir.Program
	probes []probe
	engine *tapEngine // the last that was built
}

// Build implements network.Device.
func (t *tap) Build(p *ir.Program, instances int) (network.Engine, error) {
	prog, probes, at := probed(p, t.window)
	eng, err := t.Device.Build(prog, instances)
	if err != nil {
		return nil, err
	}
	t.prog, t.probes = prog, probes
	t.engine = &tapEngine{Engine: eng, prog: prog, at: at, probes: probes}
	return t.engine, nil
}

// probed gives p with records added of every state and input, and of the distance
// of each spike condition from turning; at[i] is the place of probe i among all
// records of the program.
func probed(p *ir.Program, window int) (_ *ir.Program, probes []probe, at []int) {
	q := *p
	q.Populations, q.Projections = slices.Clone(p.Populations), slices.Clone(p.Projections)
	place := 0
	for i := range q.Populations {
		pop := &q.Populations[i]
		pop.Records = slices.Clone(pop.Records)
		place += len(pop.Records)
		add := func(name string, n int, b ir.Block, x probe) {
			pop.Records = append(pop.Records, ir.Record{Name: name, Every: x.every, Dim: ir.PerNeuron, Len: n, Value: b})
			probes, at = append(probes, x), append(at, place)
			place++
		}
		for _, list := range [][]ir.VarID{pop.States, pop.Accums} {
			for _, id := range list {
				v := &p.Vars[id]
				if v.Hidden || v.Len == 0 {
					continue
				}
				add(v.Name, v.Len, ir.Block{Value: &ir.Load{Var: id}}, probe{of: id, len: v.Len, every: every(v.Len, window)})
			}
		}
		if pop.Spike != nil {
			b := distance(pop.Spike, &q.Temps)
			add(pop.Name+" from threshold", pop.Size, b, probe{of: ir.None, population: i, len: pop.Size, every: 1})
		}
	}
	for i := range q.Projections {
		pr := &q.Projections[i]
		pr.Records = slices.Clone(pr.Records)
		place += len(pr.Records)
		for _, id := range pr.States {
			v := &p.Vars[id]
			if v.Hidden || v.Len == 0 {
				continue
			}
			x := probe{of: id, len: v.Len, every: every(v.Len, window)}
			pr.Records = append(pr.Records, ir.Record{Name: v.Name, Every: x.every, Dim: v.Dim, Len: v.Len,
				Value: ir.Block{Value: &ir.Load{Var: id}}})
			probes, at = append(probes, x), append(at, place)
			place++
		}
	}
	return &q, probes, at
}

// every is how many steps lie between two rows of a variable of n elements.
func every(n, window int) int {
	return max(1, min(window, (n*window+recordedNumbers-1)/recordedNumbers))
}

// tapEngine keeps what its probes recorded in the runs since begin.
type tapEngine struct {
	ir.Engine
	prog   *ir.Program
	at     []int // of probes, among the program's records
	probes []probe
	kept   recording
	bad    *ir.NotFinite // the first found, in all runs
}

// recording is what an engine left in a stretch of steps.
type recording struct {
	first  int64
	rows   [][]float64 // of each probe, row after row
	spikes [][]spike   // of each population, by time
}

type spike struct {
	step   int64
	neuron int32
}

// begin forgets what was kept: the steps from first on are recorded next.
func (e *tapEngine) begin(first int64) {
	e.kept = recording{first: first, rows: make([][]float64, len(e.probes)), spikes: make([][]spike, len(e.prog.Populations))}
}

// Run implements network.Engine.
func (e *tapEngine) Run(ctx context.Context, first int64, steps int, sink func(*ir.Slice) error) (int, error) {
	return e.Engine.Run(ctx, first, steps, func(s *ir.Slice) error {
		rest := e.take(s)
		if sink == nil {
			return nil
		}
		return sink(rest)
	})
}

// take keeps the probes' records of a slice and gives the slice without them.
func (e *tapEngine) take(s *ir.Slice) *ir.Slice {
	rest := *s
	rest.Records = nil
	next := 0
	for i, rows := range s.Records {
		if next < len(e.at) && e.at[next] == i {
			e.kept.rows[next] = append(e.kept.rows[next], rows...)
			next++
			continue
		}
		rest.Records = append(rest.Records, rows)
	}
	spiking := 0
	for i := range e.prog.Populations {
		if e.prog.Populations[i].Spike == nil {
			if len(s.Spikes) == len(e.prog.Populations) {
				spiking++
			}
			continue
		}
		e.kept.spikes[i] = decode(e.kept.spikes[i], s, s.Spikes[spiking], e.prog.Populations[i].Size)
		spiking++
	}
	if e.bad == nil && len(s.Bad) > 0 {
		e.bad = s.Bad[0]
	}
	return &rest
}

// decode adds the spikes of a slice of one instance, by step, then neuron.
func decode(to []spike, s *ir.Slice, words []uint32, size int) []spike {
	from := len(to)
	for w := range s.Words {
		for i, word := range words[w*size : (w+1)*size] {
			for ; word != 0; word &= word - 1 {
				to = append(to, spike{s.First + int64(32*w+bits.TrailingZeros32(word)), int32(i)})
			}
		}
	}
	slices.SortFunc(to[from:], func(a, b spike) int {
		if a.step != b.step {
			return int(a.step - b.step)
		}
		return int(a.neuron - b.neuron)
	})
	return to
}

// copyState copies all state from one engine to another of the same program.
func copyState(to, from ir.Engine, p *ir.Program) error {
	return copyVars(to, from, p, true)
}

// copyParams copies what does not change during a run.
func copyParams(to, from ir.Engine, p *ir.Program) error {
	return copyVars(to, from, p, false)
}

func copyVars(to, from ir.Engine, p *ir.Program, state bool) error {
	for i := range p.Vars {
		v := &p.Vars[i]
		if v.Role.IsState() != state || v.Len == 0 {
			continue
		}
		data, err := from.Read(ir.VarID(i), 0)
		if err == nil {
			err = to.Write(ir.VarID(i), data)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
