package cpuref

import (
	"fmt"

	"gpusim/model/ir"
)

// A code is a compiled program.
type code struct {
	program     *ir.Program
	scalars     []float64 // constants in place
	slice, step []scalarOp
	timeSlot    int
	stepSlot    int
	arrays      []int // lengths of arrays after the variables'
	registers   int
	populations []population
	projections []projection
	records     int
	states      []ir.VarID // that must be finite, in the order they are looked at
	sums        int        // the longest array that a sum is made in
}

type population struct {
	name    string
	size    int
	spikes  bool
	main    *segment // inputs and update; its results are hold and the condition, where there are such
	reset   *segment
	mask    int // array: 1 where the neuron spiked in this step
	records []record
	accums  []ir.VarID

	refractory, hasReset bool
	flag, last           ir.VarID
	lines                []line
}

// A line is a delay line and the variable that it keeps.
type line struct {
	of, line ir.VarID
	rows     int
}

// A loop is operations over all elements of a domain.
type loop struct {
	n     int
	body  *segment
	kind  domainKind
	sides []loop // over the neurons, before it
}

// value is what the operations of one element lead to.
func (l *loop) value() value { return l.body.results[0] }

type projection struct {
	name    string
	kind    domainKind // of update
	update  loop
	events  []output
	outputs []output
	records []record
	ends    *ends
}

type output struct {
	target      ir.VarID
	total       bool
	noSelf      bool
	nPre, nPost int
	postStart   int
	post        []int32
	terms       []term
}

type term struct {
	source, post loop
	arrives      *arrival // nil: the source may be other than 0 at any time
}

// compile compiles p. Where dry is set, the code is to be looked at and cannot
// run.
func compile(p *ir.Program, dry bool) (*code, error) {
	b := newBuilder(p)
	b.dry = dry
	c := &code{program: p}
	b.where = fmt.Sprintf("program %q", p.Name)
	b.checkVars()
	for i := range p.Populations {
		c.populations = append(c.populations, b.population(i, c))
	}
	for i := range p.Projections {
		c.projections = append(c.projections, b.projection(i, c))
	}
	if b.err != nil {
		return nil, b.err
	}
	c.scalars, c.slice, c.step = b.scalars, b.slice, b.step
	c.timeSlot, c.stepSlot = b.timeSlot, b.stepSlot
	c.arrays, c.registers = b.arrays, b.highest
	c.states = finiteStates(p)
	return c, nil
}

func (b *builder) checkVars() {
	for i := range b.p.Vars {
		v := &b.p.Vars[i]
		if v.Len < 0 {
			b.fail("%s has %d values", v.Name, v.Len)
		}
		if (v.Dim == ir.PerSample || v.Dim == ir.PerSampleNeuron) && v.Every < 1 {
			b.fail("a sample of %s lasts %d steps", v.Name, v.Every)
		}
		if v.Dim == ir.PerSampleNeuron && (v.Population < 0 || v.Population >= len(b.p.Populations) || b.p.Populations[v.Population].Size < 1) {
			b.fail("%s has values for the neurons of population %d, and there are none", v.Name, v.Population)
		}
	}
}

// finiteStates lists the states that must be finite: populations', then
// projections', then inputs, for that is the way a NaN takes.
func finiteStates(p *ir.Program) []ir.VarID {
	var out []ir.VarID
	seen := make([]bool, len(p.Vars))
	add := func(vars ...ir.VarID) {
		for _, v := range vars {
			if r := p.Vars[v].Role; !seen[v] && (r == ir.State || r == ir.Input) {
				seen[v] = true
				out = append(out, v)
			}
		}
	}
	for i := range p.Populations {
		add(p.Populations[i].States...)
	}
	for i := range p.Projections {
		add(p.Projections[i].States...)
	}
	for v := range p.Vars {
		add(ir.VarID(v))
	}
	return out
}

func (b *builder) population(i int, c *code) population {
	p := &b.p.Populations[i]
	b.where = "population " + p.Name
	out := population{
		name: p.Name, size: p.Size, spikes: p.Spike != nil, accums: p.Accums,
		refractory: p.Refractory != ir.None, hasReset: p.HasReset, flag: p.Flag, last: p.Last,
	}
	b.checkPopulation(p)
	for _, d := range p.Lines {
		out.lines = append(out.lines, b.line(p, d))
	}
	l := b.newList(domain{kind: neurons, n: p.Size}, i)

	l.statements(p.Inputs, nil)
	var results []value
	if out.refractory {
		hold := l.hold(p)
		if p.IsRefractory != nil && l.err == nil {
			l.define(p.IsRefractory.ID, hold)
		}
		results = append(results, l.vectorOf(hold))
	}
	l.statements(p.Update, nil)
	if out.spikes {
		results = append(results, l.vectorOf(l.block(p.Spike)))
	}
	out.main = l.next(results...)

	if out.spikes {
		if out.mask = int(p.Spiked); p.Spiked == ir.None {
			out.mask = b.newArray(p.Size)
		}
		mask := value{array, out.mask}
		l.statements(p.Reset, &mask)
	}
	out.reset = l.next()

	for j := range p.Records {
		out.records = append(out.records, l.record(&p.Records[j], c))
	}
	l.finish()
	return out
}

func (b *builder) checkPopulation(p *ir.Population) {
	check := func(v ir.VarID, role ir.Role, what string) {
		x := b.variable(v)
		if x.Role != role || x.Dim != ir.PerNeuron || x.Len != p.Size {
			b.fail("%s is no %s with one value for each of %d neurons", x.Name, what, p.Size)
		}
	}
	if p.Size < 0 {
		b.fail("its size is %d", p.Size)
	}
	for _, v := range p.States {
		b.variable(v)
	}
	for _, v := range p.Accums {
		check(v, ir.Input, "input")
	}
	if p.Refractory != ir.None || p.Last != ir.None {
		check(p.Last, ir.Last, "step of the last spike")
	}
	if p.Spike != nil && !p.HasReset {
		check(p.Flag, ir.Flag, "flag")
	}
	if p.Spiked != ir.None {
		check(p.Spiked, ir.Spiked, "mark of those that spiked")
		if p.Spike == nil {
			b.fail("%s says which neurons spiked, and none ever does", b.variable(p.Spiked).Name)
		}
	}
	if t := p.IsRefractory; t != nil && (t.ID < 0 || t.ID >= b.p.Temps || p.Refractory == ir.None) {
		b.fail("temporary %d cannot say that a neuron is refractory", t.ID)
	}
}

// line checks a delay line of p.
func (b *builder) line(p *ir.Population, d ir.DelayLine) line {
	of, l := b.variable(d.Of), b.variable(d.Line)
	if !of.Role.IsState() || of.Dim != ir.PerNeuron || of.Len != p.Size {
		b.fail("%s has not one value that changes for each of %d neurons, and no delay line", of.Name, p.Size)
	}
	if l.Role != ir.Line || l.Dim != ir.PerRow || l.Rows < 2 || l.Len != l.Rows*p.Size {
		b.fail("%s, of %d rows and %d values, is no delay line of %d neurons", l.Name, l.Rows, l.Len, p.Size)
	}
	return line{d.Of, d.Line, l.Rows}
}

// hold is whether the neuron is refractory: it has spiked, less than the
// refractory number of steps ago.
func (l *list) hold(p *ir.Population) value {
	last := l.load(&ir.Load{Var: p.Last})
	k := l.load(&ir.Load{Var: p.Refractory})
	ago := l.apply(ir.Sub, value{scalar, l.stepSlot}, last)
	return l.apply(ir.And,
		l.apply(ir.Gt, last, l.constant(ir.NeverSpiked)),
		l.apply(ir.Lt, ago, k))
}

func (b *builder) projection(i int, c *code) projection {
	p := &b.p.Projections[i]
	b.where = "projection " + p.Name
	out := projection{name: p.Name, kind: synapses}
	if !b.checkProjection(p) {
		return out
	}
	if p.Collapsed {
		out.kind = presynaptic
	}
	owner := len(b.p.Populations) + i
	e := &ends{conn: &p.Conn, from: &b.p.Populations[p.From], to: &b.p.Populations[p.To], preStart: p.PreStart, postStart: p.PostStart, dry: b.dry}
	out.ends = e
	over := func(k domainKind) *list {
		return b.newList(domain{kind: k, n: e.count(k), ends: e}, owner)
	}
	b.markKept(p)

	l := over(out.kind)
	l.divide()
	l.statements(p.Update, nil)
	out.update = l.loop()

	for j := range p.Events {
		out.events = append(out.events, b.output(p, &p.Events[j], e, over, c, true))
	}
	for j := range p.Outputs {
		out.outputs = append(out.outputs, b.output(p, &p.Outputs[j], e, over, c, false))
	}

	for j := range p.Records {
		r := &p.Records[j]
		k, ok := map[ir.Dim]domainKind{ir.One: presynaptic, ir.PerPre: presynaptic, ir.PerSynapse: synapses}[r.Dim]
		if !ok {
			b.fail("%s cannot be recorded one a neuron", r.Name)
			return out
		}
		l := over(k)
		out.records = append(out.records, l.record(r, c))
		l.finish()
	}
	return out
}

func (b *builder) checkProjection(p *ir.Projection) bool {
	n := len(b.p.Populations)
	if p.From < 0 || p.From >= n || p.To < 0 || p.To >= n {
		b.fail("it goes from population %d to %d, of %d", p.From, p.To, n)
		return false
	}
	from, to := b.p.Populations[p.From].Size, b.p.Populations[p.To].Size
	c := &p.Conn
	switch {
	case p.PreStart < 0 || p.PostStart < 0 || c.NPre < 0 || c.NPost < 0 || p.PreStart+c.NPre > from || p.PostStart+c.NPost > to:
		b.fail("it connects neurons %d to %d with %d to %d, of populations of %d and %d", p.PreStart, p.PreStart+c.NPre-1, p.PostStart, p.PostStart+c.NPost-1, from, to)
	case c.NoSelf && (p.From != p.To || p.PreStart != p.PostStart || c.NPre != c.NPost):
		b.fail("a neuron of another population or group cannot be its own target")
	case c.Kind == ir.OneToOne && c.NPre != c.NPost:
		b.fail("one to one from %d neurons to %d", c.NPre, c.NPost)
	case len(c.Pre) != len(c.Post):
		b.fail("%d presynaptic ends and %d postsynaptic", len(c.Pre), len(c.Post))
	}
	for i := range min(len(c.Pre), len(c.Post)) {
		pre, post := int(c.Pre[i]), int(c.Post[i])
		if pre < 0 || pre >= c.NPre || post < 0 || post >= c.NPost {
			b.fail("synapse %d goes from %d to %d, of %d and %d neurons", i, pre, post, c.NPre, c.NPost)
			break
		}
	}
	for _, v := range p.States {
		b.variable(v)
	}
	return b.err == nil
}

func (b *builder) output(p *ir.Projection, o *ir.Output, e *ends, over func(domainKind) *list, c *code, event bool) output {
	out := output{
		target: o.Target, total: o.Form == ir.Total, noSelf: p.Conn.NoSelf,
		nPre: p.Conn.NPre, nPost: p.Conn.NPost, postStart: p.PostStart,
	}
	v := b.variable(o.Target)
	if (v.Role != ir.Input && (v.Role != ir.State || !event)) || v.Dim != ir.PerNeuron || v.Len != b.p.Populations[p.To].Size {
		b.fail("%s is nothing of its postsynaptic neurons that can be added to", v.Name)
	}
	kind := presynaptic
	if out.total {
		if p.Conn.Kind != ir.AllToAll {
			b.fail("a total where not all are connected to all")
		}
	} else {
		kind = synapses
		e.make()
		out.post = e.post
	}
	c.sums = max(c.sums, out.nPre, out.nPost)
	side := func(k domainKind, block *ir.Block) loop {
		l := over(k)
		if !event {
			l.divide()
		}
		return l.loop(l.vectorOf(l.block(block)))
	}
	for i := range o.Terms {
		t := &o.Terms[i]
		x := term{source: side(kind, &t.Source), post: side(postsynaptic, &t.Post)}
		if event {
			x.arrives = b.arrival(&t.Source, e)
		}
		out.terms = append(out.terms, x)
	}
	return out
}

// markKept marks the temps of p that another list than their own reads.
func (b *builder) markKept(p *ir.Projection) {
	b.markKeptOf(p.Update)
	for _, list := range [][]ir.Output{p.Events, p.Outputs} {
		for i := range list {
			for j := range list[i].Terms {
				t := &list[i].Terms[j]
				b.markKeptOf(t.Source.Lets, t.Source.Value)
				b.markKeptOf(t.Post.Lets, t.Post.Value)
			}
		}
	}
	for i := range p.Records {
		r := &p.Records[i].Value
		b.markKeptOf(r.Lets, r.Value)
	}
}

// markKeptOf marks the temps that a list and the values after it read and do
// not define.
func (b *builder) markKeptOf(stmts []ir.Stmt, values ...ir.Expr) {
	own := map[int]bool{}
	for _, s := range stmts {
		switch s := s.(type) {
		case *ir.Let:
			values = append(values, s.Expr)
			own[s.Temp.ID] = true
		case *ir.Store:
			values = append(values, s.Expr)
		}
	}
	for _, v := range values {
		ir.Walk(v, func(e ir.Expr) {
			if t, ok := e.(*ir.Temp); ok && !own[t.ID] && t.ID >= 0 && t.ID < len(b.temps) {
				b.temps[t.ID].keep = true
			}
		})
	}
}
