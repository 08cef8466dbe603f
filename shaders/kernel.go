package shaders

import (
	"fmt"
	"path/filepath"
	"strings"

	"gpusim/model/diag"
	"gpusim/model/ir"
)

// FusedRefusal says why a program has no fused kernel: there each neuron goes
// through its projections by itself, so that what synapses read of presynaptic
// neurons must stand when the populations have been updated. "" where it has
// one.
func FusedRefusal(p *ir.Program) string {
	if v := p.Feedback(); v != ir.None {
		return p.Vars[v].Name + " is changed by synapses and read by others in the same step"
	}
	why := ""
	for i := range p.Projections {
		p.Projections[i].Exprs(func(e ir.Expr) {
			ir.Walk(e, func(n ir.Expr) {
				if l, ok := n.(*ir.Load); ok && l.Side == ir.Pre && p.Vars[l.Var].Role == ir.Input {
					why = "synapses read the input " + p.Vars[l.Var].Name + ", which is cleared before them"
				}
			})
		})
	}
	return why
}

// Fused prints the fused kernel of p for workgroups of the given number of
// invocations, a multiple of eight.
func Fused(p *ir.Program, invocations int) *Kernel {
	return NewLayout(p).Fused(Shape{Invocations: invocations})
}

// Fused prints the fused kernel over a layout, which kernels of other shapes
// share.
func (l *Layout) Fused(s Shape) *Kernel {
	p, invocations := l.p, s.Invocations
	if invocations < columns || invocations%columns != 0 {
		panic("shaders: the number of invocations is not a multiple of 8")
	}
	k := &kernel{
		p: p, w: invocations, shape: s, layout: l,
		used: map[string]bool{}, powers: map[int]bool{}, hoisted: map[string]string{},
		scalars: map[ir.VarID]string{}, names: map[ir.VarID]string{}, taken: map[string]bool{}, bases: map[ir.VarID]string{},
		published: map[ir.VarID]bool{}, times: map[string]bool{},
	}
	k.ofProjection = projectionsOf(p)
	k.findPublished()
	body := k.main()
	return &Kernel{
		Source: k.header() + body, Layout: k.layout, Shape: s,
		SharedBytes: 4 * k.sharedFloats, PrivateWords: k.privateWords(),
		trips: k.countTrips(),
	}
}

// Kernel is a printed kernel and what a plan needs to know of it.
type Kernel struct {
	Source       string
	Layout       *Layout
	Shape        Shape
	SharedBytes  int
	PrivateWords int // 32-bit words of private arrays an invocation
	trips        trips
}

// columns is the number of columns of a tile and rows its height: the
// canonical order of sums.
const (
	columns = 8
	rows    = 16
	tile    = columns * rows
)

func tiles(n int) int { return (n + tile - 1) / tile }

// kernel is the state of printing one kernel.
type kernel struct {
	p      *ir.Program
	w      int
	shape  Shape
	layout *Layout

	b        strings.Builder
	blocks   []block // that are open where it prints
	barriers bool    // it has any
	left     string  // the condition of a return that some invocations of a workgroup take; "" without

	used         map[string]bool
	powers       map[int]bool
	hoisted      map[string]string
	hoistedText  []string
	hoisting     bool
	scalars      map[ir.VarID]string
	scalarText   []string
	bases        map[ir.VarID]string // where variables begin in their buffers
	names        map[ir.VarID]string
	taken        map[string]bool
	published    map[ir.VarID]bool
	times        map[string]bool // which names of time are used
	stepping     bool            // what is printed runs in every step
	usesSamples  bool
	usesZero     bool
	unnamed      int // variables named so far for what has no name
	sharedFloats int
	ofProjection map[ir.VarID]int // of states of projections

	// synapseLoads, of the stepped kernels, prints expressions about one
	// synapse where the fused kernel's way does not hold.
	synapseLoads func() *context
}

func (k *kernel) line(format string, args ...any) {
	k.b.WriteString(strings.Repeat("  ", len(k.blocks)) + fmt.Sprintf(format, args...) + "\n")
}

// from prints a statement with the place in the model that it comes from.
func (k *kernel) from(at diag.Pos, format string, args ...any) {
	place, src := "", k.p.Source
	if at.Source != nil { // a built-in model, or a flag
		src = at.Source
	}
	if at.IsValid() && src != nil {
		place = fmt.Sprintf(" // %s:%d", FileName(src.Name), at.Line)
	}
	k.b.WriteString(strings.Repeat("  ", len(k.blocks)) + fmt.Sprintf(format, args...) + place + "\n")
}

// FileName is a file's name as it stands in the comments of a kernel: without its
// folder, so that a network gives the same kernel wherever it is, which the
// driver may have compiled before.
func FileName(path string) string { return printable(filepath.Base(path)) }

// printable is a text as it may stand in a comment.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '_'
		}
		return r
	}, s)
}

// maxUnrolled is the longest loop over neurons whose length the driver may
// know. Mesa unrolls loops of up to 32 trips, which makes them faster, but
// compiling takes seconds: 5.5 s for 25 trips of the gamma network's, 1 s for 50.
const maxUnrolled = 16

// loop prints a counted loop over the neurons of one invocation, with k as the
// element at hand. Of a tiled kernel only those of the steps are unrolled: the
// others run rarely, and take as long to compile. Mesa takes the length of an
// array that a loop's variable indexes for its number of trips, so where it is not to
// unroll, another variable does.
func (k *kernel) loop(n int) {
	if n <= maxUnrolled && !k.shape.Rolled && (!k.shape.Tiled || k.stepping) {
		k.open("for (uint k = 0u; k < %du; ++k)", n)
		k.line("++trips;")
		return
	}
	k.usesZero = true
	k.open("for (uint trip = 0u; trip < %du + u_zero; ++trip)", n)
	k.line("++trips;")
	k.line("uint k = trip + u_zero;")
}

// ident makes a GLSL identifier out of a model's name: ASCII letters, digits
// and single underscores, unique in the kernel.
func (k *kernel) ident(prefix, name string) string {
	var b strings.Builder
	b.WriteString(prefix)
	last := '_'
	for _, r := range name {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') {
			r = '_'
		}
		if r == '_' && last == '_' {
			continue
		}
		b.WriteRune(r)
		last = r
	}
	base := strings.TrimRight(b.String(), "_")
	id := base
	for n := 2; k.taken[id]; n++ {
		id = fmt.Sprintf("%s_%d", base, n)
	}
	k.taken[id] = true
	return id
}

// name is what the private or shared array of a variable is called.
func (k *kernel) name(v ir.VarID) string {
	if n, ok := k.names[v]; ok {
		return n
	}
	n := k.ident("a_", k.p.Vars[v].Name)
	k.names[v] = n
	return n
}

// param is the scalar that holds a parameter of one value; it is loaded once.
func (k *kernel) param(v ir.VarID) string {
	if n, ok := k.scalars[v]; ok {
		return n
	}
	n := k.ident("p_", k.p.Vars[v].Name)
	k.scalars[v] = n
	k.scalarText = append(k.scalarText, fmt.Sprintf("precise float %s = %s;", n, k.paramAt(v, "")))
	return n
}

// paramAt loads an element of a parameter from its buffer.
func (k *kernel) paramAt(v ir.VarID, element string) string {
	t := k.layout.Table[v]
	s := fmt.Sprintf("T[%du] + inst*T[%du]", 2*t, 2*t+1)
	if element == "" {
		return "P[" + s + "]"
	}
	return "P[" + k.base(v, "at_", s) + " + " + element + "]"
}

// base names where a variable of the instance at hand begins in its buffer.
// Drivers do not move the sum out of loops.
func (k *kernel) base(v ir.VarID, prefix, begin string) string {
	if name, ok := k.bases[v]; ok {
		return name
	}
	name := k.ident(prefix, k.p.Vars[v].Name)
	k.bases[v] = name
	k.scalarText = append(k.scalarText, fmt.Sprintf("uint %s = %s;", name, begin))
	return name
}

// paramSample loads the element of an input over time that this step uses.
func (k *kernel) paramSample(v ir.VarID) string {
	k.usesSamples = true
	x := &k.p.Vars[v]
	at := fmt.Sprintf("(u_sample + u)/%du", x.Every)
	if x.Dim == ir.PerSampleNeuron {
		at = fmt.Sprintf("(%s)*%du + i", at, k.p.Populations[x.Population].Size)
	}
	return k.paramAt(v, at)
}

// stateAt is the place of an element of a state variable in its buffer.
func (k *kernel) stateAt(v ir.VarID, element string) string {
	return "S[" + k.base(v, "in_", fmt.Sprintf("%du*u_instances + inst*%du", k.layout.State[v], k.p.Vars[v].Len)) + " + " + element + "]"
}

// lineAt is the place of an element of a delay line that was stored some steps
// back, counted from step u.
func (k *kernel) lineAt(line ir.VarID, back int, element string) string {
	x := &k.p.Vars[line]
	step := "u"
	if back > 0 {
		step = fmt.Sprintf("u + %du", x.Rows-back)
	}
	return k.stateAt(line, fmt.Sprintf("((u_ring_%d + %s)%%%du)*%du + %s", line, step, x.Rows, k.p.Populations[x.Population].Size, element))
}

// element is the number of the element that the neuron at hand has of a
// variable, and the condition that it has one: a projection from a group has
// states for the neurons of the group. Of others it is some element's number.
func (k *kernel) element(v ir.VarID) (index, has string) {
	if k.p.Vars[v].Dim != ir.PerPre {
		return "i", ""
	}
	pr := &k.p.Projections[k.ofProjection[v]]
	index = less("i", pr.PreStart)
	if has = k.inSpan(pr.From, pr.PreStart, pr.Conn.NPre); has != "" {
		index = fmt.Sprintf("min(%s, %du)", index, max(1, pr.Conn.NPre)-1)
	}
	return index, has
}

// inSpan is the condition that neuron i of a population is one of n from start
// on; "" where all are.
func (k *kernel) inSpan(pop, start, n int) string {
	switch {
	case start == 0 && n == k.p.Populations[pop].Size:
		return ""
	case start == 0:
		return fmt.Sprintf("i < %du", n)
	}
	return fmt.Sprintf("i >= %du && i < %du", start, start+n)
}

// ownAnd is the condition that the neuron at hand is the invocation's own, and
// another condition.
func ownAnd(condition string) string {
	if condition == "" {
		return "own"
	}
	return "own && " + condition
}

// projectionsOf says which projection each state of a synapse is of.
func projectionsOf(p *ir.Program) map[ir.VarID]int {
	out := map[ir.VarID]int{}
	for j := range p.Projections {
		for _, v := range p.Projections[j].States {
			out[v] = j
		}
	}
	return out
}

// flagWord is the word that holds the flag bits of a population's neurons.
func (k *kernel) flagWord(p *ir.Population) string {
	if k.perInvocation(p.Size) <= 32 {
		return k.name(p.Flag)
	}
	return k.name(p.Flag) + "[k >> 5]"
}

// into lists the projections that end at population pi, from the ones that
// start there.
func (k *kernel) into(pi int) (out []int) {
	for j := range k.p.Projections {
		if k.p.Projections[j].To == pi {
			out = append(out, j)
		}
	}
	return out
}

func (k *kernel) outOf(pi int) (out []int) {
	for j := range k.p.Projections {
		if k.p.Projections[j].From == pi {
			out = append(out, j)
		}
	}
	return out
}

// ownUpdate reports whether a projection has state of its own to advance for
// each synapse.
func ownUpdate(pr *ir.Projection) bool { return !pr.Collapsed && len(pr.Update) > 0 }

// summed lists what a projection adds to post: its events, then its outputs,
// each with a name.
func summed(j int, pr *ir.Projection) (out []namedOutput) {
	for i := range pr.Events {
		out = append(out, namedOutput{fmt.Sprintf("%d_e%d", j, i), &pr.Events[i]})
	}
	for i := range pr.Outputs {
		out = append(out, namedOutput{fmt.Sprintf("%d_%d", j, i), &pr.Outputs[i]})
	}
	return out
}

type namedOutput struct {
	name string
	*ir.Output
}

func (o namedOutput) term(i int) string { return fmt.Sprintf("%s_%d", o.name, i) }

// findPublished collects the presynaptic values of this step that synapses of
// other invocations read.
func (k *kernel) findPublished() {
	for j := range k.p.Projections {
		pr := &k.p.Projections[j]
		note := func(e ir.Expr) {
			ir.Walk(e, func(n ir.Expr) {
				l, ok := n.(*ir.Load)
				if !ok || l.Ago > 0 || !k.p.Vars[l.Var].Role.IsState() {
					return
				}
				if l.Side == ir.Pre || k.p.Vars[l.Var].Dim == ir.PerPre {
					k.published[l.Var] = true
				}
			})
		}
		block := func(b *ir.Block) {
			for _, s := range b.Lets {
				note(s.(*ir.Let).Expr)
			}
			note(b.Value)
		}
		if ownUpdate(pr) {
			for _, s := range pr.Update {
				switch s := s.(type) {
				case *ir.Let:
					note(s.Expr)
				case *ir.Store:
					note(s.Expr)
				}
			}
		}
		for _, o := range summed(j, pr) {
			if o.Form != ir.Rows {
				continue
			}
			for ti := range o.Terms {
				block(&o.Terms[ti].Source)
			}
		}
		for ri := range pr.Records {
			if pr.Records[ri].Dim == ir.PerSynapse {
				block(&pr.Records[ri].Value)
			}
		}
	}
}

// exchanges reports whether invocations read what others wrote.
func (k *kernel) exchanges() bool { return k.sharedFloats > 0 || k.hasLines() }

func (k *kernel) hasLines() bool {
	for i := range k.p.Populations {
		if len(k.p.Populations[i].Lines) > 0 {
			return true
		}
	}
	return false
}

// privateWords counts the private arrays of one invocation.
func (k *kernel) privateWords() int {
	n := 0
	for i := range k.p.Populations {
		p := &k.p.Populations[i]
		arrays := len(k.privateFloats(i))
		if p.Spike != nil {
			arrays++ // the open words of spikes
		}
		if p.Last != ir.None {
			arrays++
		}
		n += arrays * k.perInvocation(p.Size)
	}
	return n
}
