package shaders

import (
	"fmt"
	"strings"

	"gpusim/model/ir"
)

// local is what a variable of the neuron at hand is called inside a loop over
// neurons.
func (k *kernel) local(v ir.VarID) string { return "v" + k.name(v)[1:] }

// loadLocals copies the private arrays' element k to local variables.
func (k *kernel) loadLocals(pi int) {
	for _, v := range k.privateFloats(pi) {
		k.line("precise float %s = %s[k];", k.local(v), k.name(v))
	}
}

// locals prints expressions about the neuron at hand: its own variables, those of collapsed projections from it (their pre side is
// this neuron), and post loads of projections to it.
func (k *kernel) locals() *context {
	c := &context{k: k, time: stepTime, temp: map[int]string{}}
	c.load = func(l *ir.Load) string {
		v := &k.p.Vars[l.Var]
		switch {
		case l.Ago > 0:
			return k.delayed(c, k.p.Populations[v.Population].LineOf(l.Var), l.Ago, "i")
		case v.Role == ir.Samples:
			return k.paramSample(l.Var)
		case v.Role == ir.Param && v.Dim == ir.One:
			return k.param(l.Var)
		}
		return k.local(l.Var)
	}
	return c
}

// delayed is an element of a delay line of some steps ago. In the synaptic
// phase u has gone on by one.
func (k *kernel) delayed(c *context, line ir.VarID, ago int, element string) string {
	if c.time == synapseTime {
		ago++
	}
	return "uintBitsToFloat(" + k.lineAt(line, ago, element) + ")"
}

// stmts prints statements; a Store assigns by the function given.
func (k *kernel) stmts(c *context, list []ir.Stmt, store func(s *ir.Store, value string)) {
	for _, s := range list {
		switch s := s.(type) {
		case *ir.Let:
			value := c.expr(s.Expr)
			name := k.ident("q_", s.Name)
			if s.Name == "" {
				name = k.ident("x_", fmt.Sprint(k.unnamed))
				k.unnamed++
			}
			c.temp[s.Temp.ID] = name
			kind := "float"
			if s.Temp.Bool {
				kind = "bool"
			}
			k.from(s.At, "precise %s %s = %s;", kind, name, value)
		case *ir.Store:
			store(s, c.expr(s.Expr))
		}
	}
}

func (k *kernel) block(c *context, b *ir.Block) string {
	k.stmts(c, b.Lets, nil)
	return c.expr(b.Value)
}

// populations prints the update of every population's neurons.
func (k *kernel) populations() {
	for pi := range k.p.Populations {
		k.population(pi)
	}
}

func (k *kernel) population(pi int) {
	k.line("// population %s", k.p.Populations[pi].Name)
	k.totalsDeclare(pi)
	k.meansDeclare(pi, false)
	k.neurons(pi, func() { k.neuron(pi) })
	k.totalsFinish(pi)
	k.meansFinish(pi, false)
}

// neuron prints the update of the neuron at hand.
func (k *kernel) neuron(pi int) {
	p := &k.p.Populations[pi]
	assign := func(s *ir.Store, value string) { k.from(s.At, "%s = %s;", k.local(s.Var), value) }
	k.loadLocals(pi)
	c := k.locals()
	if len(p.Accums)+len(k.into(pi)) > 0 {
		k.open("if (u > 0u)")
		k.synapses(pi)
		k.close()
	}
	k.stmts(c, p.Inputs, assign)
	if p.IsRefractory != nil {
		c.temp[p.IsRefractory.ID] = "refractory"
		k.line("bool refractory = int(u_first + u) - %s[k] < int(%s);", k.name(p.Last), k.refractorySteps(p))
	}
	k.stmts(c, p.Update, assign)
	k.spike(pi, c, assign)
	for ri := range p.Records {
		k.record(&p.Records[ri], c, "i", "")
	}
	k.collapsed(pi, c, assign)
	for _, v := range k.privateFloats(pi) {
		if r := k.p.Vars[v].Role; r == ir.State || r == ir.Spiked {
			k.line("%s[k] = %s;", k.name(v), k.local(v))
		}
	}
	for _, l := range p.Lines {
		k.line("if (own) %s = floatBitsToUint(%s);", k.lineAt(l.Line, 0, "i"), k.local(l.Of))
	}
}

func (k *kernel) refractorySteps(p *ir.Population) string {
	if k.p.Vars[p.Refractory].Dim == ir.One {
		return k.param(p.Refractory)
	}
	return k.local(p.Refractory)
}

// spike tests the condition, packs the spike and runs the reset.
func (k *kernel) spike(pi int, c *context, assign func(*ir.Store, string)) {
	p := &k.p.Populations[pi]
	if p.Spike == nil {
		return
	}
	value := k.block(c, p.Spike)
	k.line("precise bool condition = %s;", value)
	spiked := "condition"
	if p.IsRefractory != nil {
		spiked += " && !refractory"
	}
	if p.Flag != ir.None {
		k.line("bool before = ((%s >> (k & 31u)) & 1u) == 1u;", k.flagWord(p))
		spiked += " && !before"
		now := "condition"
		if p.IsRefractory != nil {
			now = "(refractory ? before : condition)"
		}
		k.line("%s = %s ^ (uint(before != %s) << (k & 31u));", k.flagWord(p), k.flagWord(p), now)
	}
	k.line("bool spiked = %s;", spiked)
	k.line("%s[k] |= uint(spiked) << bit;", k.bits(pi))
	if p.Last != ir.None {
		k.line("%s[k] = spiked ? int(u_first + u) : %s[k];", k.name(p.Last), k.name(p.Last))
	}
	k.stmts(c, p.Reset, func(s *ir.Store, value string) {
		assign(s, "spiked ? "+value+" : "+k.local(s.Var))
	})
	if p.Spiked != ir.None {
		k.line("%s = spiked ? 1.0 : 0.0;", k.local(p.Spiked))
	}
}

// collapsed advances the projections from population pi that have one state a
// presynaptic neuron, adds their totals up and publishes what synapses read.
func (k *kernel) collapsed(pi int, c *context, assign func(*ir.Store, string)) {
	for _, j := range k.outOf(pi) {
		pr := &k.p.Projections[j]
		if pr.Collapsed {
			k.stmts(c, pr.Update, assign)
		}
		for ri := range pr.Records {
			if r := &pr.Records[ri]; r.Dim == ir.PerPre {
				k.record(r, c, less("i", pr.PreStart), k.inSpan(pr.From, pr.PreStart, pr.Conn.NPre))
			}
		}
	}
	k.eachTotal(func(name string, pr *ir.Projection, t *ir.Term) {
		if pr.From != pi {
			return
		}
		value := k.block(c, &t.Source)
		own := ownAnd(k.inSpan(pi, pr.PreStart, pr.Conn.NPre))
		if k.held(pr) != inShared {
			sum := "sum_" + name
			if k.severalTiles(pr) { // the last tile's sum goes to the column's
				k.line("column_%s += (k & %du) == 0u ? %s : 0.0;", name, rows-1, sum)
				sum = fmt.Sprintf("((k & %du) == 0u ? 0.0 : %s)", rows-1, sum)
			}
			k.line("sum_%s = %s + (%s ? %s : 0.0);", name, sum, own, value)
			return
		}
		k.line("precise float source_%s = %s;", name, value)
		k.line("if (%s) src_%s[%s] = source_%s;", own, name, less("i", pr.PreStart), name)
	})
	for v := range k.p.Vars {
		id := ir.VarID(v)
		if k.published[id] && k.p.Vars[v].Population == pi {
			at, has := k.element(id)
			k.line("if (%s) pub_%s[(u & 1u)*%du + %s] = %s;", ownAnd(has), k.name(id), k.p.Vars[v].Len, at, k.local(id))
		}
	}
}

func (k *kernel) totalsDeclare(pi int) {
	k.eachTotal(func(name string, pr *ir.Projection, _ *ir.Term) {
		if pr.From == pi && k.held(pr) != inShared {
			k.line("precise float sum_%s = 0.0;", name)
			if k.severalTiles(pr) {
				k.line("precise float column_%s = 0.0;", name)
			}
		}
	})
	for j := range k.p.Projections {
		if k.p.Projections[j].To == pi {
			k.totalsRead(j)
		}
	}
}

// severalTiles reports whether an invocation adds up more than one tile of a
// projection's totals.
func (k *kernel) severalTiles(pr *ir.Projection) bool {
	return k.held(pr) == inColumns && tiles(pr.Conn.NPre) > 1
}

// totalsFinish hands over the columns that invocations have added up.
func (k *kernel) totalsFinish(pi int) {
	k.eachTotal(func(name string, pr *ir.Projection, _ *ir.Term) {
		if pr.From != pi {
			return
		}
		sum, only := "sum_"+name, ""
		switch k.held(pr) {
		case inColumns:
			if k.severalTiles(pr) {
				sum = "column_" + name + " + " + sum
			}
			if k.w > columns { // the first tile is all there is
				only = fmt.Sprintf("if (w < %du) ", columns)
			}
			k.line("%scol_%s[(u & 1u)*%du + w] = %s;", only, name, columns, sum)
		case inTiles:
			if n := columns * tiles(pr.Conn.NPre); n < k.w {
				only = fmt.Sprintf("if (w < %du) ", n)
			}
			k.line("%stile_%s[w] = %s;", only, name, sum)
		}
	})
}

// exchange makes what the step has published visible to all invocations. With
// more than eight of them, it also sums the columns of each tile and then of
// all tiles.
func (k *kernel) exchange() {
	if !k.exchanges() {
		return
	}
	var memory []string
	if k.hasLines() {
		memory = append(memory, "Buffer")
	}
	if k.sharedFloats > 0 {
		memory = append(memory, "Shared")
	}
	k.barrier(memory...)
	any, many := false, false
	k.eachTotal(func(name string, pr *ir.Projection, _ *ir.Term) {
		many = many || k.held(pr) == inTiles
		if k.held(pr) != inShared {
			return
		}
		any = true
		n := pr.Conn.NPre
		many = many || tiles(n) > 1
		k.sharedColumns(name, n, true)
	})
	if any {
		k.barrier("Shared")
	}
	k.eachTotal(func(name string, pr *ir.Projection, _ *ir.Term) {
		n := tiles(pr.Conn.NPre)
		if n == 1 || k.held(pr) == inColumns {
			return
		}
		k.columnsOfTiles(name, n, true)
	})
	if many {
		k.barrier("Shared")
	}
}

// sharedColumns adds up the columns of each tile of n values in shared memory.
func (k *kernel) sharedColumns(name string, n int, counted bool) {
	to := "col_"
	if tiles(n) > 1 {
		to = "tile_"
	}
	k.open("for (uint c = w; c < %du; c += %du)", columns*tiles(n), k.w)
	k.trip(counted)
	k.line("precise float sum = 0.0;")
	k.open("for (uint e = 0u; e < %du; ++e)", rows)
	k.trip(counted)
	k.line("uint i = (c >> 3)*%du + e*%du + (c & 7u);", tile, columns)
	k.line("sum += i < %du ? src_%s[min(i, %du)] : 0.0;", n, name, n-1)
	k.close()
	k.line("%s%s[c] = sum;", to, name)
	k.close()
}

// columnsOfTiles adds each column up over the tiles.
func (k *kernel) columnsOfTiles(name string, n int, counted bool) {
	k.open("if (w < %du)", columns)
	k.line("precise float sum = 0.0;")
	k.open("for (uint e = 0u; e < %du; ++e)", n)
	k.trip(counted)
	k.line("sum += tile_%s[e*%du + w];", name, columns)
	k.close()
	k.line("col_%s[w] = sum;", name)
	k.close()
}

// trip counts an iteration of a loop that runs in every step.
func (k *kernel) trip(counted bool) {
	if counted {
		k.line("++trips;")
	}
}

// totalsRead adds the columns of projection j's totals up.
func (k *kernel) totalsRead(j int) {
	pr := &k.p.Projections[j]
	for _, o := range summed(j, pr) {
		if o.Form != ir.Total {
			continue
		}
		for ti := range o.Terms {
			name := o.term(ti)
			at := ""
			if k.held(pr) == inColumns { // those of the step before
				at = fmt.Sprintf("at_%s + ", name)
				k.line("uint at_%s = ((u + 1u) & 1u)*%du;", name, columns)
			}
			args := make([]string, columns)
			for c := range args {
				args[c] = fmt.Sprintf("col_%s[%s%du]", name, at, c)
			}
			k.used["gs_tree"] = true
			k.line("precise float total_%s = gs_tree(%s);", name, strings.Join(args, ", "))
		}
	}
}
