package shaders

import (
	"fmt"
	"strings"

	"gpusim/model/ir"
)

// section prints what one pass does for the neurons of a population, or for
// columns of sums. What is of the neuron at hand is loaded into variables at
// the section's beginning and stored at its end.
type section struct {
	*kernel
	b       *builder
	pop     int
	needed  []ir.VarID // in the order of first use
	changed map[ir.VarID]bool
}

// sectionBlocks are the blocks that a section stands in: those of groups.
var sectionBlocks = []block{mainBlock, {"if (g < groups)", true}, {"if (c < n)", false}}

// pass prints the kernel of the operations of a level.
func (b *builder) pass(list []*op, invocations int) Pass {
	k := b.newKernel(invocations)
	ps := Pass{Name: describe(list), Chunks: list[0].chunks}
	var body strings.Builder
	add := func(n int, what, text string) {
		body.WriteString(k.part(func() {
			ps.Groups += k.groups(ps.Groups, n, what, func() { k.b.WriteString(text) })
		}, mainBlock))
	}
	for pi := range b.p.Populations {
		s := &section{kernel: k, b: b, pop: pi, changed: map[ir.VarID]bool{}}
		total := cost{}
		text := k.part(func() {
			for _, o := range list {
				if o.pop == pi {
					o.print(s)
					total = total.and(o.loops)
				}
			}
		}, sectionBlocks...)
		if text != "" {
			begin, end := k.part(s.begin, sectionBlocks...), k.part(s.end, sectionBlocks...)
			add(b.p.Populations[pi].Size, b.p.Populations[pi].Name, begin+text+end)
			ps.Loops = max(ps.Loops, total.active)
		}
	}
	for _, o := range list {
		if o.pop < 0 {
			text := k.part(func() { o.print(&section{kernel: k, b: b, pop: -1}) }, sectionBlocks...)
			add(o.columns, o.what, text)
			ps.Loops = max(ps.Loops, o.loops.active)
		}
	}
	ps.Source = b.source(k, ps.Name, ps.Groups, body.String())
	return ps
}

// groups prints what n invocations do, numbered c, in the workgroups of an
// instance from the first one given on, and returns how many these are.
func (k *kernel) groups(first, n int, what string, print func()) int {
	groups := (n + k.w - 1) / k.w
	if first == 0 {
		k.openUniform("if (g < %du)", groups)
	} else {
		k.openUniform("if (g >= %du && g < %du)", first, first+groups)
	}
	k.line("// %s", printable(what))
	k.line("uint c = %s*%du + w;", less("g", first), k.w)
	k.open("if (c < %du)", n)
	print()
	k.close()
	k.close()
	return groups
}

func (b *builder) newKernel(invocations int) *kernel {
	return &kernel{
		p: b.p, w: invocations, layout: b.layout,
		ofProjection: projectionsOf(b.p), used: map[string]bool{}, powers: map[int]bool{}, hoisted: map[string]string{},
		scalars: map[ir.VarID]string{}, names: map[ir.VarID]string{}, bases: map[ir.VarID]string{}, taken: map[string]bool{},
		published: map[ir.VarID]bool{}, times: map[string]bool{},
	}
}

// source puts a kernel together.
func (b *builder) source(k *kernel, name string, groups int, body string) string {
	k.enter(mainBlock)
	k.line("uint group = gl_WorkGroupID.x + gl_WorkGroupID.y*gl_NumWorkGroups.x;")
	k.line("uint inst = group/%du, g = group%%%du;", groups, groups)
	k.leave("inst >= u_instances", true)
	k.line("uint w = gl_LocalInvocationIndex;")
	k.line("uint trips = 0u, due = 0u; // loop iterations made, and those that it takes")
	for _, s := range k.scalarText {
		k.line("%s", s)
	}
	for _, s := range k.hoistedText {
		k.line("%s", s)
	}
	k.declareTime(stepTime, "u_low + u")
	k.b.WriteString(body)
	k.line("if (trips != due) atomicAdd(Q[inst*%du + %du], 1u);", SteppedStatus, SteppedShort)
	k.line("if (w == 0u) atomicAdd(Q[inst*%du + %du], 1u);", SteppedStatus, SteppedGroups)
	k.close()
	main := k.take()
	return b.header(k, name) + main
}

// header prints everything that stands before main.
func (b *builder) header(k *kernel, name string) string {
	var t strings.Builder
	w := func(format string, args ...any) { fmt.Fprintf(&t, format+"\n", args...) }
	w("#version 430")
	w("// %s: stepped kernel, %s.", printable(k.p.Name), name)
	w("layout(local_size_x = %d) in;", k.w)
	for i, buffer := range []string{"buffer State { uint S[]; }", "readonly buffer Params { float P[]; }", "readonly buffer Table { uint T[]; }",
		"readonly buffer Conn { uint C[]; }", "buffer Spikes { uint X[]; }", "writeonly buffer Records { float R[]; }", "buffer Status { uint Q[]; }",
		"buffer Scratch { float W[]; }"} {
		w("layout(std430, binding = %d) %s;", i, buffer)
	}
	w("uniform uint u; // the step, counted from the slice's first")
	w("uniform uint u_chunk;")
	w("uniform uint u_instances, u_words;")
	w("uniform uint u_first; // the slice's first step as an int, from where the last spikes count")
	w("uniform uint u_low, u_high; // the slice's first step since t = 0, in two words")
	k.hostUniforms(w)
	w("")
	t.WriteString(reachable(k.used))
	for n := 2; n <= maxPower; n++ {
		if k.powers[n] {
			t.WriteString(powerHelper(n))
		}
	}
	return t.String()
}

// begin loads what the section reads of the neuron at hand. A neuron outside of
// a group has no element: the one that it could read is another invocation's.
func (s *section) begin() {
	s.line("uint i = c;")
	s.line("const bool own = true;")
	for _, v := range s.needed {
		at, has := s.element(v)
		name, value := s.kernel.local(v), ""
		if s.p.Vars[v].Role == ir.Param {
			value = s.paramAt(v, at)
		} else {
			value = "uintBitsToFloat(" + s.stateAt(v, at) + ")"
		}
		if has == "" {
			s.line("precise float %s = %s;", name, value)
			continue
		}
		s.line("precise float %s = 0.0;", name)
		s.line("if (%s) %s = %s;", has, name, value)
	}
}

// end stores what the section changed.
func (s *section) end() {
	for _, v := range s.needed {
		if !s.changed[v] {
			continue
		}
		at, has := s.element(v)
		if has != "" {
			has = "if (" + has + ") "
		}
		s.line("%s%s = floatBitsToUint(%s);", has, s.stateAt(v, at), s.kernel.local(v))
	}
}

// less is an index counted from where a group starts.
func less(index string, start int) string {
	if start == 0 {
		return index
	}
	return fmt.Sprintf("(%s - %du)", index, start)
}

// more is an index of a population, of one that counts from where a group
// starts.
func more(index string, start int) string {
	if start == 0 {
		return index
	}
	return fmt.Sprintf("(%s + %du)", index, start)
}

// inGroup prints what is done for neurons of a group only.
func (s *section) inGroup(start, n int, print func()) {
	has := s.inSpan(s.pop, start, n)
	if has == "" {
		print()
		return
	}
	s.open("if (%s)", has)
	print()
	s.close()
}

// local is the variable that holds what the neuron at hand has of v.
func (s *section) local(v ir.VarID) string {
	known := false
	for _, x := range s.needed {
		known = known || x == v
	}
	if !known {
		s.needed = append(s.needed, v)
	}
	return s.kernel.local(v)
}

// assign prints a store to what is of the neuron at hand.
func (s *section) assign(st *ir.Store, value string) {
	s.from(st.At, "%s = %s;", s.change(st.Var), value)
}

func (s *section) change(v ir.VarID) string {
	s.changed[v] = true
	return s.local(v)
}

// context prints expressions about the neuron at hand.
func (s *section) context() *context {
	c := s.locals()
	base := c.load
	c.load = func(l *ir.Load) string {
		v := &s.p.Vars[l.Var]
		if l.Ago > 0 || v.Role == ir.Samples || v.Role == ir.Param && v.Dim == ir.One {
			return base(l)
		}
		return s.local(l.Var)
	}
	return c
}

// far prints expressions about the synapse at hand of projection j, from presynaptic
// neuron pre; what is of neither is of the neuron at hand.
func (s *section) far(j int) func() *context {
	pr := &s.p.Projections[j]
	return func() *context {
		c := s.context()
		near := c.load
		pre := more("pre", pr.PreStart)
		c.load = func(l *ir.Load) string {
			v := &s.p.Vars[l.Var]
			switch {
			case v.Dim == ir.PerSynapse && v.Role == ir.Param:
				return s.paramAt(l.Var, "at")
			case v.Dim == ir.PerSynapse:
				return "uintBitsToFloat(" + s.stateAt(l.Var, "at") + ")"
			case v.Dim == ir.PerPre:
				return "uintBitsToFloat(" + s.stateAt(l.Var, "pre") + ")"
			case v.Dim != ir.PerNeuron || l.Side != ir.Pre:
				return near(l)
			case v.Role == ir.Param:
				return s.paramAt(l.Var, pre)
			case l.Ago > 0:
				return "uintBitsToFloat(" + s.lineAt(s.p.Populations[pr.From].LineOf(l.Var), l.Ago, pre) + ")"
			}
			return "uintBitsToFloat(" + s.stateAt(l.Var, pre) + ")"
		}
		return c
	}
}

// scratchAt is an element of a resource in the scratch buffer.
func (s *section) scratchAt(r room, element string) string {
	return fmt.Sprintf("W[%du*u_instances + inst*%du + %s]", r.at, r.n, element)
}
