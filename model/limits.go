package model

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"

	"gpusim/model/diag"
	"gpusim/model/lang"
	"gpusim/model/yamltree"
)

// Limits of what a file may ask for. A short file can ask for more than any
// machine has; what is beyond these is refused where the file says it, with the
// numbers, before anything is allocated or drawn. The text itself has limits in
// packages yamltree and lang.
const (
	maxProblems   = 100     // reported of one file
	maxEntries    = 10_000  // of a section: populations, parameters, ...
	maxStatements = 2_000   // of a block of equations or statements
	maxName       = 100     // characters of a name
	maxNeurons    = 1 << 26 // of a population
	maxSynapses   = 1 << 28 // of a projection that lists them
	maxValues     = 1 << 28 // of a variable: 2 GiB in float64
	maxMemory     = 1 << 38 // bytes of all that a network takes, where the machine does not say what it has
	maxTerms      = 1 << 18 // operators, functions and names of all objects' equations
	maxWritten    = 10_000  // of an expression, once quantities are written out in it
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

// whole writes a large count: with all its digits, as far as they are known.
func whole(v float64) string {
	if v >= 1e15 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	return strconv.FormatFloat(v, 'f', 0, 64)
}

// What takes memory, and about how many bytes of it: a number has 8 and is there
// several times, in the network, in the engine and saved there, in results and on
// the way to files. These are the peaks of gpusim run, over the count of each,
// rounded up: 45 for states, 35 for synapses on llvmpipe, 28 for rows of records
// and 43 for spikes.
const (
	StateBytes   = 48 // of an element of a state
	SynapseBytes = 40 // of a synapse in a list
	NumberBytes  = 32 // of a parameter, of a sample, or in a row of a record
	SpikeBytes   = 44
)

// budget adds up what a network takes.
type budget struct {
	file  *File
	list  *diag.List
	bytes float64
	over  bool
}

// add adds n things of so many bytes each and reports the first that are too many.
func (b *budget) add(at diag.Pos, what string, n, each float64) {
	if b.bytes += each * n; b.over {
		return
	}
	most, whose := b.file.MemoryLimit()
	if b.over = b.bytes > float64(most); b.over {
		b.list.Addf(at, "with %s the network takes about %s bytes of memory; %s %d", what, whole(b.bytes), whose, most)
	}
}

// MemoryLimit is the most bytes that a network may take on the host, and whose
// limit that is.
func (f *File) MemoryLimit() (bytes int64, whose string) {
	if f.memory > 0 {
		return f.memory, "this machine has"
	}
	return maxMemory, "the most is"
}

// checkSizes reports what is too large of all that the file asks for beside its
// arrays: states, lists of synapses, and the rows of records of a slice.
func (l *loader) checkSizes() {
	f := l.file
	b := l.kept
	for _, p := range f.Populations {
		states := len(p.Model.States) + len(p.Model.Inputs)
		if p.Model.Spike != nil {
			states++ // when it spiked last, or whether the condition holds
		}
		b.add(p.At, "the state of "+p.Name, float64(p.Size)*float64(states), StateBytes)
	}
	for _, p := range f.Projections {
		if n := p.listedSynapses(); n <= maxSynapses { // others are reported
			b.add(p.At, "the synapses of "+p.Name, n, SynapseBytes)
		}
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
	// Rows go to files, slice after slice, of 32 steps at least. Who keeps the rows of a
	// whole run looks at those.
	rows := math.Ceil(math.Min(steps, 32) / float64(max(1, r.Every)))
	b.add(r.At, fmt.Sprintf("%s rows of %s.%s", whole(rows), object, r.Name), rows*float64(elements), NumberBytes)
}

// grow counts what an object's model has to compute, and reports the first object
// with which that is too much.
func (l *loader) grow(at diag.Pos, object string, info *modelInfo) bool {
	before := l.terms
	l.terms += info.terms
	if l.terms > maxTerms && before <= maxTerms {
		l.errorf(at, "with %s the equations of all objects have %d operations and names; the most is %d", object, l.terms, maxTerms)
	}
	return l.terms <= maxTerms
}

// terms counts the operators, functions and names of a model.
func (m *Model) terms() (n int) {
	count := func(x lang.Node) { lang.Walk(x, func(lang.Node) { n++ }) }
	for _, list := range [][]*Value{m.Parameters, m.States} {
		for _, v := range list {
			n++
			count(v.Expr)
		}
	}
	for _, e := range m.Equations {
		n++
		count(e.Value)
	}
	for _, list := range [][]*lang.Assign{m.Reset, m.OnPre, m.OnPost, m.Outputs} {
		for _, a := range list {
			n++
			count(a.Value)
		}
	}
	count(m.Spike)
	return n + len(m.Inputs)
}

// tooLong reports a block of more statements than one may have.
func (l *loader) tooLong(e *yamltree.Entry, n int) {
	if n > maxStatements {
		l.errorf(e.KeyPos, "%s has %d statements; the most is %d", e.Key, n, maxStatements)
	}
}

// checkBins reports measures that take more than a variable may: for each neuron a
// bit a bin, or a count for each other neuron and as much for the newest bins,
// whichever is less (measure.Correlator).
func (l *loader) checkBins(steps float64) {
	for _, m := range l.file.Measures {
		if m.Kind != "cross_correlation" || !(m.Bin > 0) {
			continue
		}
		start, stop := m.Of.Span(m.Group)
		bins := math.Ceil(steps / max(1, math.Floor(m.Bin/l.file.Dt)))
		if bytes := math.Min(bins/8, 4*float64(stop-start)) * float64(stop-start); bytes > 8*maxValues {
			l.errorf(m.At, "%s has %s bins of %d neurons, which take %s bytes; the most is %d", m.Kind, whole(bins), stop-start, whole(bytes), int64(8*maxValues))
		}
	}
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
