package shaders

import (
	"fmt"
	"strings"

	"gpusim/model/ir"
)

// header prints everything that stands before main.
func (k *kernel) header() string {
	var b strings.Builder
	w := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	w("#version 430")
	w("// %s: fused kernel, %s invocations an instance.", printable(k.p.Name), k.shape)
	w("layout(local_size_x = %d) in;", k.w)
	state := "State { uint S[]; }"
	if k.hasLines() { // invocations read what others stored
		state = "coherent " + state
	}
	for i, buf := range []string{state, "readonly Params { float P[]; }", "readonly Table { uint T[]; }",
		"readonly Conn { uint C[]; }", "writeonly Spikes { uint X[]; }", "writeonly Records { float R[]; }", "Status { uint Q[]; }"} {
		qualifier := ""
		if f := strings.Fields(buf); strings.HasSuffix(f[0], "only") || f[0] == "coherent" {
			qualifier, buf = f[0]+" ", strings.Join(f[1:], " ")
		}
		w("layout(std430, binding = %d) %sbuffer %s;", i, qualifier, buf)
	}
	w("uniform uint u_instances, u_steps, u_words;")
	w("uniform uint u_first; // the first step as an int, from where the last spikes count")
	w("uniform uint u_low, u_high; // the first step since t = 0, in two words")
	k.hostUniforms(w)
	if k.usesZero {
		w("uniform uint u_zero; // never set: so that long loops are not unrolled")
	}
	w("")
	for _, s := range k.shared() {
		w("shared float %s;", s)
	}
	w("")
	b.WriteString(reachable(k.used))
	for n := 2; n <= maxPower; n++ {
		if k.powers[n] {
			b.WriteString(powerHelper(n))
		}
	}
	return b.String()
}

// shared lists the arrays in shared memory. Values that synapses read and, with
// eight invocations, columns of totals are there twice, for even and odd steps.
func (k *kernel) shared() []string {
	var out []string
	k.sharedFloats = 0
	array := func(name string, n int) {
		out = append(out, fmt.Sprintf("%s[%d]", name, n))
		k.sharedFloats += n
	}
	for v := range k.p.Vars {
		if k.published[ir.VarID(v)] {
			array("pub_"+k.name(ir.VarID(v)), 2*k.p.Vars[v].Len)
		}
	}
	k.eachTotal(func(name string, pr *ir.Projection, _ *ir.Term) {
		if k.held(pr) == inColumns {
			array("col_"+name, 2*columns)
			return
		}
		n := tiles(pr.Conn.NPre)
		if k.held(pr) == inShared {
			array("src_"+name, pr.Conn.NPre)
		}
		if n > 1 {
			array("tile_"+name, columns*n)
		}
		array("col_"+name, columns)
	})
	k.exchanged = k.sharedFloats
	k.meansShared(array)
	return out
}

// eachTotal visits the terms that are summed over a whole population.
func (k *kernel) eachTotal(f func(name string, pr *ir.Projection, t *ir.Term)) {
	for j := range k.p.Projections {
		pr := &k.p.Projections[j]
		for _, o := range summed(j, pr) {
			if o.Form == ir.Total {
				for ti := range o.Terms {
					f(o.term(ti), pr, &o.Terms[ti])
				}
			}
		}
	}
}

// hostUniforms declares what the host says of a slice, for both forms.
func (k *kernel) hostUniforms(w func(format string, args ...any)) {
	if k.usesSamples {
		w("uniform uint u_sample; // the first step since the samples of inputs began")
	}
	for v := range k.p.Vars {
		if x := &k.p.Vars[v]; x.Role == ir.Line {
			w("uniform uint u_ring_%d; // %s: the first step modulo %d", v, printable(x.Name), x.Rows)
		}
	}
	for i := range k.layout.Windows {
		w("uniform uint u_from_%d, u_until_%d; // a span of steps, counted from the first", i, i)
	}
	for i, r := range k.layout.Records {
		w("uniform uint u_phase_%d, u_row_%d; // %s: the first step modulo %d; where its rows begin", i, i, printable(r.Name), r.Every)
	}
}

// The blocks of the fused kernel's main that its steps stand in.
var (
	mainBlock = block{"void main()", true}
	wordBlock = block{"for (uint word = 0u; word < u_words; ++word)", true}
	stepBlock = block{"for (uint bit = 0u; bit < count; ++bit)", true}
)

func (k *kernel) main() string {
	// Shared memory is sized first: the steps depend on whether there is any.
	k.shared()
	head := k.part(func() {
		k.line("uint inst = gl_WorkGroupID.x;")
		k.line("uint w = gl_LocalInvocationIndex;")
		k.line("uint trips = 0u, u = 0u, bad = 0xffffffffu;")
	}, mainBlock)
	k.stepping = true
	steps := k.part(func() {
		k.populations()
		k.exchange()
		k.meansReduce(false, k.exchanges())
	}, mainBlock, wordBlock, stepBlock)
	k.stepping = false
	flush := k.part(k.flush, mainBlock, wordBlock)
	epilogue := k.part(k.epilogue, mainBlock)
	prologue := k.part(k.prologue, mainBlock)

	k.enter(mainBlock)
	k.b.WriteString(head)
	for _, s := range k.scalarText {
		k.line("%s", s)
	}
	for _, s := range k.hoistedText {
		k.line("%s", s)
	}
	k.b.WriteString(prologue)
	k.enter(wordBlock)
	k.line("++trips;")
	k.line("uint count = min(32u, u_steps - word*32u);")
	k.enter(stepBlock)
	k.line("++trips;")
	k.declareTime(stepTime, "u_low + u")
	k.declareTime(synapseTime, "u_low + u - 1u")
	k.b.WriteString(steps)
	k.line("++u;")
	k.close()
	k.b.WriteString(flush)
	k.close()
	k.declareTime(synapseTime, "u_low + u - 1u")
	k.b.WriteString(epilogue)
	k.line("atomicAdd(Q[inst*%du + %du], trips);", StatusWords, StatusTrips)
	k.line("if (bad != 0xffffffffu) atomicMax(Q[inst*%du + %du], ~bad);", StatusWords, StatusBad)
	k.close()
	return k.take()
}

// The names of time: in a step, and in the synaptic phase, which runs after
// the step counter has gone on.
const (
	stepTime    = "t"
	synapseTime = "t_before"
)

// declareTime names the time in ms of a step, where the kernel reads it. The
// step is a 64-bit number in two words.
func (k *kernel) declareTime(name, step string) {
	if !k.times[name] {
		return
	}
	k.line("uint low_%s = %s;", name, step)
	k.line("uint high_%s = u_high + (low_%s < u_low ? 1u : 0u);", name, name)
	k.line("precise float %s = (float(high_%s)*4294967296.0 + float(low_%s))*%s;", name, name, name, literal(k.p.Dt))
}

func (k *kernel) take() string {
	s := k.b.String()
	k.b.Reset()
	return s
}

// prologue declares the private arrays and loads them.
func (k *kernel) prologue() {
	for pi := range k.p.Populations {
		p := &k.p.Populations[pi]
		per := k.perInvocation(p.Size)
		for _, v := range k.privateFloats(pi) {
			k.line("precise float %s[%d];", k.name(v), per)
		}
		if p.Spike != nil && !k.named(pi) {
			k.line("uint %s[%d];", k.bits(pi), per)
		}
		if p.Flag != ir.None {
			if per <= 32 {
				k.line("uint %s = 0u;", k.name(p.Flag))
			} else {
				k.line("uint %s[%d];", k.name(p.Flag), (per+31)/32)
				k.open("for (uint k = 0u; k < %du; ++k)", (per+31)/32)
				k.line("++trips;")
				k.line("%s[k] = 0u;", k.name(p.Flag))
				k.close()
			}
		}
		if p.Last != ir.None {
			k.line("int %s[%d];", k.name(p.Last), per)
		}
		k.loop(per)
		k.index(p.Size)
		for _, v := range k.privateFloats(pi) {
			if k.p.Vars[v].Role == ir.Param {
				k.line("%s[k] = %s;", k.name(v), k.paramAt(v, "i"))
			} else {
				at, has := k.element(v)
				k.load(p, has, k.name(v)+"[k] = %s;", "0.0", "uintBitsToFloat("+k.stateAt(v, at)+")")
			}
		}
		if p.Spike != nil && !k.named(pi) {
			k.line("%s[k] = 0u;", k.bits(pi))
		}
		if p.Flag != ir.None {
			k.load(p, "", k.flagWord(p)+" |= %s;", "", "("+k.stateAt(p.Flag, "i")+" & 1u) << (k & 31u)")
		}
		if p.Last != ir.None {
			k.load(p, "", k.name(p.Last)+"[k] = %s;", "0", "int("+k.stateAt(p.Last, "i")+")")
		}
		k.close()
		if k.named(pi) {
			k.nameElements(pi)
		}
	}
}

// load prints a statement that takes a value from the state's buffer, or else
// another value where the neuron at hand has none there: another invocation
// stores that element at the end of the slice, which may be now.
func (k *kernel) load(p *ir.Population, has, statement, other, value string) {
	if !k.copies(p.Size) && has == "" {
		k.line(statement, value)
		return
	}
	if other != "" {
		k.line(statement, other)
	}
	k.line("if (%s) "+statement, ownAnd(has), value)
}

func (k *kernel) bits(pi int) string { return fmt.Sprintf("spikes_%d", pi) }

// privateFloats lists the variables that an invocation keeps in private
// arrays for its neurons of population pi: states, inputs, collapsed states
// of projections from there, and parameters that it reads neuron by neuron.
func (k *kernel) privateFloats(pi int) []ir.VarID {
	p := &k.p.Populations[pi]
	out := append(append([]ir.VarID(nil), p.States...), p.Accums...)
	if p.Spiked != ir.None {
		out = append(out, p.Spiked)
	}
	for _, j := range k.outOf(pi) {
		if pr := &k.p.Projections[j]; pr.Collapsed {
			out = append(out, pr.States...)
		}
	}
	for v := range k.p.Vars {
		if x := &k.p.Vars[v]; x.Role == ir.Param && x.Dim == ir.PerNeuron && x.Population == pi {
			out = append(out, ir.VarID(v))
		}
	}
	return out
}

// flush writes the spikes of up to 32 steps and looks for what is not finite.
func (k *kernel) flush() {
	for pi := range k.p.Populations {
		k.neurons(pi, func() { k.flushNeuron(pi) })
	}
}

func (k *kernel) flushNeuron(pi int) {
	p := &k.p.Populations[pi]
	if p.Spike != nil {
		k.line("if (own) X[%du*u_instances*u_words + (inst*u_words + word)*%du + i] = %s[k];", k.layout.Spikes[pi], p.Size, k.bits(pi))
		k.line("%s[k] = 0u;", k.bits(pi))
	}
	for _, v := range k.privateFloats(pi) {
		if k.p.Vars[v].Role != ir.State {
			continue
		}
		k.used["gs_finite"] = true
		at, has := k.element(v)
		k.line("if (%s && !gs_finite(%s[k])) bad = min(bad, word << 22 | min(%du + %s, %du));", ownAnd(has), k.name(v), k.layout.State[v], at, badElements)
	}
}

// hit reports whether events change a state.
func (k *kernel) hit(v ir.VarID) bool {
	for j := range k.p.Projections {
		for i := range k.p.Projections[j].Events {
			if k.p.Projections[j].Events[i].Target == v {
				return k.p.Vars[v].Role == ir.State
			}
		}
	}
	return false
}

// epilogue runs the synaptic phase of the last step and stores all state.
func (k *kernel) epilogue() {
	for pi := range k.p.Populations {
		p := &k.p.Populations[pi]
		for _, j := range k.into(pi) {
			k.totalsRead(j)
		}
		if k.named(pi) {
			k.elementsBack(pi)
		}
		k.meansDeclare(pi, true)
		k.loop(k.perInvocation(p.Size))
		k.index(p.Size)
		k.loadLocals(pi)
		k.synapses(pi)
		for _, v := range k.privateFloats(pi) {
			if k.p.Vars[v].Role.IsState() {
				at, has := k.element(v)
				k.line("if (%s) %s = floatBitsToUint(%s);", ownAnd(has), k.stateAt(v, at), k.local(v))
				if k.hit(v) { // by an event, after the last look
					k.used["gs_finite"] = true
					k.line("if (own && !gs_finite(%s)) bad = min(bad, ((u - 1u) >> 5) << 22 | min(%du + i, %du));", k.local(v), k.layout.State[v], badElements)
				}
			}
		}
		if p.Flag != ir.None {
			k.line("if (own) %s = (%s >> (k & 31u)) & 1u;", k.stateAt(p.Flag, "i"), k.flagWord(p))
		}
		if p.Last != ir.None {
			k.line("if (own) %s = uint(%s[k]);", k.stateAt(p.Last, "i"), k.name(p.Last))
		}
		k.close()
		k.meansFinish(pi, true)
	}
	k.meansReduce(true, false)
}
