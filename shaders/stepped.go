package shaders

import (
	"fmt"

	"gpusim/model/ir"
)

// Stepped is the stepped form of a program: kernels that are dispatched one
// after another in each step, one invocation a neuron, with all state in its
// buffer. It has no bound on the size of a network but the buffers', and runs
// what one workgroup an instance cannot order (Program.Feedback).
type Stepped struct {
	Layout      *Layout
	Invocations int    // of a workgroup
	Passes      []Pass // of a step, in order
	Check       Pass   // looks for what is not finite, after the steps of a word of spikes
	Scratch     int    // floats an instance of BindScratch
}

// Pass is a kernel of the stepped form.
type Pass struct {
	Name   string // what it does
	Source string
	Groups int // workgroups an instance; instances follow each other
	// Chunks is how many times in a row it is dispatched, with u_chunk from 0
	// on: more than once where a row of synapses is longer than the loop
	// iterations that an invocation may make.
	Chunks int
	Loops  int // passes through loop ends that an invocation makes at most
}

// SteppedStatus is the number of words an instance of BindStatus in the
// stepped form.
const SteppedStatus = 4

// The words of an instance's status in the stepped form.
const (
	SteppedGroups  = 0 // workgroups that did their work, modulo 2^32
	SteppedShort   = 1 // invocations whose loops were ended early
	SteppedWord    = 2 // complement of the first 32-step word of the slice in which a state was not finite; else 0
	SteppedElement = 3 // complement of that state's element, the first in Layout.State order
)

// SteppedBad takes the words of what is not finite apart.
func SteppedBad(status []uint32) (word, element int, bad bool) {
	return int(^status[SteppedWord]), int(^status[SteppedElement]), status[SteppedWord] != 0
}

// GroupsOf is what the status word SteppedGroups must say after the given
// numbers of steps and checks.
func (s *Stepped) GroupsOf(steps, checks int) uint32 {
	n := uint32(checks) * uint32(s.Check.Groups)
	for i := range s.Passes {
		n += uint32(steps) * uint32(s.Passes[i].Groups*s.Passes[i].Chunks)
	}
	return n
}

// Stepped prints the stepped kernels for workgroups of the given number
// of invocations, each of which makes no more than budget passes through loop
// ends in a dispatch. The error says, with the numbers, what a budget does not
// allow.
func (l *Layout) Stepped(invocations, budget int) (*Stepped, error) {
	b := &builder{p: l.p, layout: l, budget: budget, scratch: map[resource]room{}, updated: map[int]*sum{}}
	if least := sumCost(tile).active; budget < least {
		return nil, fmt.Errorf("a tile of a sum takes %d loop iterations, at most %d a dispatch", least, budget)
	}
	ops := b.operations()
	s := &Stepped{Layout: l, Invocations: invocations}
	for _, list := range b.schedule(ops) {
		s.Passes = append(s.Passes, b.pass(list, invocations))
	}
	s.Check = b.check(invocations)
	s.Scratch = b.scratchLen
	return s, nil
}

// resource is what operations order themselves by: a variable, or a place in
// the scratch buffer.
type resource int

// room is where a resource stands in the scratch buffer: like a variable in
// the state's, at at*u_instances + inst*n.
type room struct{ at, n int }

// access is what an operation does to a resource. It is far where it is not
// of the neuron at hand: another invocation's.
type access struct {
	of         resource
	far, write bool
}

// op is a part of a step that runs for each neuron of a population, or for
// each column of a sum, without waiting for others.
type op struct {
	what     string
	pop      int // the population; -1 for columns
	columns  int // the number of columns
	accesses []access
	loops    cost
	chunks   int
	level    int
	print    func(s *section)
}

// builder makes the stepped form.
type builder struct {
	p          *ir.Program
	layout     *Layout
	budget     int
	scratch    map[resource]room
	scratchLen int
	next       resource     // of those that are no variables
	updated    map[int]*sum // of the projections that sum as their synapses are advanced
}

// newRoom makes a resource of n floats in the scratch buffer.
func (b *builder) newRoom(n int) resource {
	r := b.newResource()
	b.room(r, n)
	return r
}

// room gives a resource room for n floats in the scratch buffer, once.
func (b *builder) room(r resource, n int) room {
	if _, ok := b.scratch[r]; !ok {
		b.scratch[r] = room{b.scratchLen, n}
		b.scratchLen += n
	}
	return b.scratch[r]
}

func (b *builder) newResource() resource {
	b.next++
	return resource(len(b.p.Vars)) + b.next
}

// schedule puts operations on levels, a dispatch each. Those of a population
// that touch no other's keep their order within a level; what another
// invocation writes, or reads before it is written, is a level away.
func (b *builder) schedule(ops []*op) (levels [][]*op) {
	for n, o := range ops {
		for _, before := range ops[:n] {
			if away, ok := conflict(before, o); ok {
				o.level = max(o.level, before.level+away)
			}
		}
		for o.level < len(levels) && !b.fits(levels[o.level], o) {
			o.level++
		}
		for o.level >= len(levels) {
			levels = append(levels, nil)
		}
		levels[o.level] = append(levels[o.level], o)
	}
	return levels
}

// conflict reports whether two operations have to keep their order, and how
// many levels they are apart.
func conflict(before, after *op) (away int, ok bool) {
	for _, x := range before.accesses {
		for _, y := range after.accesses {
			if x.of != y.of || !x.write && !y.write {
				continue
			}
			ok = true
			if x.far || y.far || before.pop != after.pop || before.chunks > 1 || after.chunks > 1 {
				return 1, true
			}
		}
	}
	return 0, ok
}

// fits reports whether an operation can join those of a level: what is done in
// chunks is alone, and no invocation loops too often.
func (b *builder) fits(level []*op, o *op) bool {
	if len(level) == 0 {
		return true
	}
	sum := o.loops
	for _, other := range level {
		if other.chunks > 1 || o.chunks > 1 {
			return false
		}
		if other.pop == o.pop && o.pop >= 0 {
			sum = sum.and(other.loops)
		}
	}
	return sum.active <= b.budget
}

// sumCost is what the sum over a row of n synapses takes.
func sumCost(n int) cost {
	c := cost{}
	for at := 0; at < n; at += tile {
		c = c.and(cost{1 + loopOf((min(tile, n-at)+columns-1)/columns, cost{}).active, 0})
	}
	return c.and(cost{2, 2}) // the ends of both loops, masked
}

// chunksOf cuts n pieces of a loop, each of the given cost, into chunks within
// the budget: how many of them, and the pieces in each.
func (b *builder) chunksOf(n int, of func(n int) cost, unit int) (chunks, size int) {
	size = n
	if of(n).active > b.budget {
		low, high := 1, (n+unit-1)/unit
		for high-low > 1 {
			if m := (low + high) / 2; of(m*unit).active <= b.budget {
				low = m
			} else {
				high = m
			}
		}
		size = low * unit
	}
	if size == 0 {
		return 1, 0
	}
	return (n + size - 1) / size, size
}
