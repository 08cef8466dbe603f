package model

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"gpusim/model/diag"
	"gpusim/model/ir"
)

// Limits of what a file may ask for. A short file can ask for more than any
// machine has; what is beyond these is refused where the file says it, with the
// numbers, before anything is allocated or drawn.
const (
	maxProblems   = 100     // reported of one file
	maxEntries    = 10_000  // of a section: populations, parameters, ...
	maxLinks      = 100_000 // projections
	maxStatements = 2_000   // of a block of equations or statements
	maxNeurons    = 1 << 26 // of a population
	maxSynapses   = 1 << 28 // of a projection that lists them
	maxValues     = 1 << 28 // of a variable: 2 GiB in float64
	maxMemory     = 1 << 36 // bytes, of all that a network keeps
	maxTerms      = 1 << 20 // of all expressions of a step program
	maxKept       = 1 << 24 // elements that "of" lists of a record
)

// listedSynapses is about how many synapses a projection has one by one in a
// list, 0 where its rule needs none.
func (p *Projection) listedSynapses() float64 {
	i0, i1 := p.From.Span(p.FromGroup)
	j0, j1 := p.To.Span(p.ToGroup)
	all := float64(i1-i0) * float64(j1-j0)
	switch p.Connect.Kind {
	case FixedProbability:
		return math.Ceil(all * p.Connect.P)
	case AllToAll:
		if p.From == p.To && !p.Connect.Self && i0 < j1 && j0 < i1 && (i0 != j0 || i1 != j1) {
			return all // groups that share neurons
		}
	case Pairs:
		return float64(len(p.Connect.Pre))
	}
	return 0
}

// checkListed reports a rule that makes more synapses than a list holds.
func (l *loader) checkListed(p *Projection) {
	if n := p.listedSynapses(); n > maxSynapses {
		l.errorf(p.Connect.At, "%s has about %s synapses, which take %s bytes; the most is %d synapses", p.Name, whole(n), whole(8*n), maxSynapses)
	}
}

// whole writes a large count.
func whole(v float64) string { return strconv.FormatFloat(v, 'f', 0, 64) }

// budget adds up what a network keeps.
type budget struct {
	list   *diag.List
	memory int64 // of the machine; 0: not known
	bytes  float64
	over   bool
}

// add adds n numbers of 8 bytes each and reports the first that are too many.
func (b *budget) add(at diag.Pos, what string, n float64) {
	if b.bytes += 8 * n; b.over {
		return
	}
	most, whose := float64(maxMemory), "the most is"
	if b.memory > 0 && float64(b.memory) < most {
		most, whose = float64(b.memory), "this machine has"
	}
	if b.over = b.bytes > most; b.over {
		b.list.Addf(at, "with %s the network keeps %s bytes; %s %s", what, whole(b.bytes), whose, whole(most))
	}
}

// checkSizes reports what is too large of all that the file asks for: states,
// lists of synapses, and the rows of records over the run, each on the host in
// float64.
func (l *loader) checkSizes() {
	f := l.file
	f.memory = l.opts.Memory
	if f.memory == 0 {
		f.memory = machineMemory()
	}
	b := &budget{list: l.list, memory: f.memory}
	for _, p := range f.Populations {
		b.add(p.At, "the state of "+p.Name, float64(p.Size)*float64(len(p.Model.States)+len(p.Model.Inputs)))
	}
	for _, p := range f.Projections {
		b.add(p.At, "the synapses of "+p.Name, p.listedSynapses())
	}
	if !(f.Dt > 0) || !(f.Run.Duration > 0) {
		return
	}
	steps := float64(f.Steps())
	for _, p := range f.Populations {
		for _, r := range p.Record {
			l.checkRecord(b, r, p.Name, steps, p.Size)
		}
	}
	for _, p := range f.Projections {
		i0, i1 := p.From.Span(p.FromGroup)
		elements := i1 - i0 // at least, where there are synapses
		if n := p.Synapses(); n >= 0 {
			elements = min(elements, n)
		}
		for _, r := range p.Record {
			l.checkRecord(b, r, p.Name, steps, elements)
		}
	}
	l.checkBins(steps)
}

func (l *loader) checkRecord(b *budget, r *Record, object string, steps float64, elements int) {
	if r.Name == "spikes" {
		return // as many as there are
	}
	if r.Of != nil {
		elements = len(r.Of)
	}
	if r.Mean {
		elements = 1
	}
	rows := math.Ceil(steps / float64(max(1, r.Every)))
	b.add(r.At, fmt.Sprintf("%s rows of %s.%s", whole(rows), object, r.Name), rows*float64(elements))
}

// checkBins reports measures whose bins take more bits than a variable may.
func (l *loader) checkBins(steps float64) {
	for _, m := range l.file.Measures {
		if m.Kind != "cross_correlation" || !(m.Bin > 0) {
			continue
		}
		start, stop := m.Of.Span(m.Group)
		bins := math.Ceil(steps / max(1, math.Floor(m.Bin/l.file.Dt)))
		if bytes := bins / 8 * float64(stop-start); bytes > 8*maxValues {
			l.errorf(m.At, "%s has %s bins of %d neurons, which take %s bytes; the most is %d", m.Kind, whole(bins), stop-start, whole(bytes), int64(8*maxValues))
		}
	}
}

// Memory is the most bytes that what the network keeps on the host may take.
func (f *File) Memory() int64 {
	if f.memory > 0 && f.memory < maxMemory {
		return f.memory
	}
	return maxMemory
}

// machineMemory is how many bytes this machine has, or this process may take, 0
// where that is not to be had.
func machineMemory() int64 {
	least := int64(0)
	for _, path := range []string{"/proc/meminfo", "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		unit := int64(1)
		s := strings.TrimSpace(string(text))
		if rest, ok := strings.CutPrefix(s, "MemTotal:"); ok {
			s, _, _ = strings.Cut(strings.TrimSpace(rest), " ")
			unit = 1 << 10
		}
		if n, err := strconv.ParseInt(s, 10, 52); err == nil && n > 0 && (least == 0 || n*unit < least) {
			least = n * unit
		}
	}
	return least
}

// checkProgram reports variables and expressions of a step program that are
// too large, at the objects that they are of.
func (l *lowerer) checkProgram() {
	b := &budget{list: &l.list, memory: l.f.memory}
	for i := range l.prog.Vars {
		v := &l.prog.Vars[i]
		at := l.placeOf(v.Name)
		if v.Len > maxValues {
			each := map[ir.Dim]string{ir.PerSynapse: ", one a synapse", ir.PerNeuron: ", one a neuron", ir.PerPre: ", one a presynaptic neuron"}[v.Dim]
			l.list.Addf(at, "%s has %d values%s, which take %s bytes; the most is %d values", v.Name, v.Len, each, whole(8*float64(v.Len)), maxValues)
			continue
		}
		b.add(at, v.Name, float64(v.Len))
	}
	for _, p := range l.f.Projections {
		b.add(p.At, "the synapses of "+p.Name, p.listedSynapses())
	}
	terms := 0
	check := func(at diag.Pos, name string, exprs func(func(ir.Expr))) {
		before := terms
		exprs(func(e ir.Expr) { ir.Walk(e, func(ir.Expr) { terms++ }) })
		if terms > maxTerms && before <= maxTerms {
			l.list.Addf(at, "with %s the step has %d operations; the most is %d", name, terms, maxTerms)
		}
	}
	for i, p := range l.f.Populations {
		check(p.At, p.Name, l.prog.Populations[i].Exprs)
	}
	for i, p := range l.f.Projections {
		check(p.At, p.Name, l.prog.Projections[i].Exprs)
	}
}

// placeOf is the place of what a variable belongs to.
func (l *lowerer) placeOf(name string) diag.Pos {
	object, rest, _ := strings.Cut(name, ".")
	if p := l.f.Population(object); p != nil {
		return p.At
	}
	if p := l.f.Projection(object); p != nil {
		return p.At
	}
	if k, err := strconv.Atoi(strings.TrimSuffix(rest, ".value")); object == "inputs" && err == nil && k < len(l.f.Inputs) {
		return l.f.Inputs[k].At
	}
	if c := l.f.Constant(object); c != nil {
		return c.At
	}
	return diag.Pos{Line: 1, Col: 1}
}
