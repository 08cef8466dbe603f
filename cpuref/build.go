package cpuref

import (
	"fmt"
	"math"

	"gpusim/model/ir"
)

// level says how often a scalar is computed.
type level uint8

const (
	once     level = iota // at Build
	perSlice              // of parameters alone
	perStep               // of time too
)

// A scalarOp computes one scalar of others, or reads one from a variable.
type scalarOp struct {
	apply   bool
	sel     bool  // b where a holds, else c
	fn      ir.Op // where apply, of a, b and c
	dst     int
	a, b, c int      // fn of less than three repeats one
	load    ir.VarID // where neither apply nor sel
	every   int      // steps that a sample lasts; 0: the variable has one value
	during  *ir.During
}

// builder compiles the expressions of a program. The first error found stays
// in err, and compiling goes on with values that mean nothing.
type builder struct {
	p        *ir.Program
	err      error
	where    string // what is being compiled, for messages
	scalars  []float64
	levels   []level
	slice    []scalarOp
	step     []scalarOp
	consts   map[uint64]int
	loads    map[ir.VarID]int
	temps    []temp
	arrays   []int // lengths of the arrays that follow the variables'
	highest  int   // registers that any list needs
	timeSlot int
	stepSlot int
	dry      bool // the program is not to run: the ends of synapses are not made
}

// A temp is where the value of an ir.Temp stands.
type temp struct {
	value value
	in    *list // the list that defined it; nil where it is not defined
	owner int   // of that list
	keep  bool  // lists of other domains read it
	kept  int   // array that keeps it
}

func newBuilder(p *ir.Program) *builder {
	b := &builder{
		p:      p,
		consts: map[uint64]int{},
		loads:  map[ir.VarID]int{},
		temps:  make([]temp, p.Temps),
	}
	b.timeSlot = b.newScalar(0, perStep)
	b.stepSlot = b.newScalar(0, perStep)
	return b
}

func (b *builder) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf("%s: %s", b.where, fmt.Sprintf(format, args...))
	}
}

func (b *builder) newScalar(x float64, l level) int {
	b.scalars = append(b.scalars, x)
	b.levels = append(b.levels, l)
	return len(b.scalars) - 1
}

// newArray numbers an array of n elements that each thread has of its own.
func (b *builder) newArray(n int) int {
	b.arrays = append(b.arrays, n)
	return len(b.p.Vars) + len(b.arrays) - 1
}

func (b *builder) constant(x float64) value {
	bits := math.Float64bits(x)
	slot, ok := b.consts[bits]
	if !ok {
		slot = b.newScalar(x, once)
		b.consts[bits] = slot
	}
	return value{scalar, slot}
}

// variable returns variable v, an empty one where there is none.
func (b *builder) variable(v ir.VarID) *ir.Var {
	if v < 0 || int(v) >= len(b.p.Vars) {
		b.fail("there is no variable %d", v)
		return &ir.Var{}
	}
	return &b.p.Vars[v]
}

// scalarLoad is the value of a variable that has one, or one at a time.
func (b *builder) scalarLoad(id ir.VarID) value {
	if slot, ok := b.loads[id]; ok {
		return value{scalar, slot}
	}
	v := b.variable(id)
	o := scalarOp{load: id}
	if v.Dim == ir.PerSample {
		o.every = v.Every
		o.dst = b.newScalar(0, perStep)
		b.step = append(b.step, o)
	} else {
		o.dst = b.newScalar(0, perSlice)
		b.slice = append(b.slice, o)
	}
	b.loads[id] = o.dst
	return value{scalar, o.dst}
}

// scalarApply computes o of scalars as seldom as they allow.
func (b *builder) scalarApply(o scalarOp) value {
	switch l := max(b.levels[o.a], b.levels[o.b], b.levels[o.c]); l {
	case once:
		return b.constant(o.of(b.scalars))
	case perSlice:
		o.dst = b.newScalar(0, l)
		b.slice = append(b.slice, o)
	case perStep:
		o.dst = b.newScalar(0, l)
		b.step = append(b.step, o)
	}
	return value{scalar, o.dst}
}

// of applies o to its operands in s.
func (o *scalarOp) of(s []float64) float64 {
	switch {
	case o.sel && s[o.a] != 0:
		return s[o.b]
	case o.sel:
		return s[o.c]
	case arity[o.fn] == 1:
		return unary[o.fn](s[o.a])
	}
	return binary[o.fn](s[o.a], s[o.b])
}

// A domain is what a list of statements runs over.
type domain struct {
	kind domainKind
	n    int
	ends *ends // of a projection; nil for a population
}

type domainKind uint8

const (
	neurons domainKind = iota
	presynaptic
	synapses
	postsynaptic
)

func (k domainKind) String() string {
	return [...]string{"neuron", "presynaptic neuron", "synapse", "postsynaptic neuron"}[k]
}

// ends is the synapses of a projection. The arrays are made when a list first
// needs them.
type ends struct {
	conn      *ir.Conn
	pre, post []int32
	sources   *sources // of pre; nil before an event needs them
	from, to  *ir.Population
	// Where the connected neurons begin in their populations.
	preStart, postStart int
	needed, dry         bool
}

func (e *ends) make() {
	e.needed = true
	if e.pre == nil && !e.dry {
		e.pre, e.post = e.conn.Ends()
	}
}

func (e *ends) count(k domainKind) int {
	switch k {
	case presynaptic:
		return e.conn.NPre
	case postsynaptic:
		return e.conn.NPost
	}
	return e.conn.Len()
}

// A list is statements of one domain being compiled, in segments.
type list struct {
	*builder
	domain   domain
	owner    int // the population or projection: temps are read within it
	segments []*segment
	virtual  int      // registers numbered
	sides    [2]*side // of synapses: what is of one neuron; nil where all is computed in the list
}

func (b *builder) newList(d domain, owner int) *list {
	return &list{builder: b, domain: d, owner: owner, segments: []*segment{{}}}
}

// next ends the segment, at whose end results are looked at, and begins
// another.
func (l *list) next(results ...value) *segment {
	s := l.segments[len(l.segments)-1]
	s.results = results
	l.segments = append(l.segments, &segment{})
	return s
}

// finish gives the operations of all segments their registers.
func (l *list) finish() {
	if l.err == nil {
		l.highest = max(l.highest, allocate(l.segments, l.virtual))
	}
}

// emit adds o with a register of its own as dst.
func (l *list) emit(o op) value {
	o.dst = value{register, l.virtual}
	l.virtual++
	l.add(o)
	return o.dst
}

func (l *list) add(o op) {
	s := l.segments[len(l.segments)-1]
	s.ops = append(s.ops, o)
}

// vectorOf makes v a value for each element.
func (l *list) vectorOf(v value) value {
	switch v.kind {
	case scalar:
		return l.emit(op{form: fillS, a: v})
	case ofPre, ofPost:
		return l.gather(v)
	}
	return v
}

// statements compiles stmts. Where mask is not nil, stores change only the
// elements for which it holds.
func (l *list) statements(stmts []ir.Stmt, mask *value) {
	for _, s := range stmts {
		switch s := s.(type) {
		case *ir.Let:
			l.let(s)
		case *ir.Store:
			v := l.variable(s.Var)
			x := l.vectorOf(l.expr(s.Expr))
			home, ok := l.home(v, ir.Own)
			if !v.Role.IsState() || !ok || home != l.domain.kind || v.Len != l.domain.n {
				l.fail("%s is not a state with one value a %v, and cannot be stored to", v.Name, l.domain.kind)
				return
			}
			o := op{form: copyV, a: x, dst: value{array, int(s.Var)}}
			if mask != nil {
				o.form, o.b = maskedV, *mask
			}
			l.add(o)
		default:
			l.fail("statement of unknown type %T", s)
		}
	}
}

func (l *list) let(s *ir.Let) {
	x := l.expr(s.Expr)
	if s.Temp.ID < 0 || s.Temp.ID >= len(l.temps) {
		l.fail("temporary %d of %d", s.Temp.ID, len(l.temps))
		return
	}
	if x.kind == array {
		// A store that follows must not change it.
		x = l.emit(op{form: copyV, a: x})
	}
	l.define(s.Temp.ID, x)
}

// define gives temporary id a value.
func (l *list) define(id int, x value) {
	t := &l.temps[id]
	if t.keep && x.kind != scalar {
		x = l.vectorOf(x)
	}
	t.value, t.in, t.owner = x, l, l.owner
	if t.keep && x.kind != scalar {
		t.kept = l.newArray(l.domain.n)
		l.add(op{form: copyV, a: x, dst: value{array, t.kept}})
	}
}

// block compiles the lets of b and returns the value they lead to.
func (l *list) block(b *ir.Block) value {
	for _, s := range b.Lets {
		if _, ok := s.(*ir.Let); !ok {
			l.fail("statement of type %T where only lets may be", s)
			return value{}
		}
	}
	l.statements(b.Lets, nil)
	return l.expr(b.Value)
}

func (l *list) expr(e ir.Expr) value {
	if l.err != nil {
		return value{}
	}
	switch e := e.(type) {
	case *ir.Const:
		return l.constant(e.V)
	case *ir.Time:
		return value{scalar, l.timeSlot}
	case *ir.Load:
		return l.load(e)
	case *ir.Index:
		return l.numbered(op{form: indexV, base: -e.Start})
	case *ir.Within:
		return l.numbered(op{form: withinV, base: e.Start, k: e.Stop})
	case *ir.During:
		slot := l.newScalar(0, perStep)
		l.step = append(l.step, scalarOp{dst: slot, during: e})
		return value{scalar, slot}
	case *ir.Temp:
		return l.temp(e)
	case *ir.Select:
		return l.choose(l.expr(e.If), l.expr(e.Then), l.expr(e.Else))
	case *ir.Apply:
		if int(e.Op) >= len(arity) || len(e.Args) != arity[e.Op] {
			l.fail("operator %d has %d arguments", e.Op, len(e.Args))
			return value{}
		}
		args := make([]value, len(e.Args))
		for i, a := range e.Args {
			args[i] = l.expr(a)
		}
		if e.Op == ir.Clip {
			return l.apply(ir.Min, l.apply(ir.Max, args[0], args[1]), args[2])
		}
		return l.apply(e.Op, args...)
	}
	l.fail("expression of unknown type %T", e)
	return value{}
}

// apply is fn of one argument or two.
func (l *list) apply(fn ir.Op, args ...value) value {
	a, b := args[0], args[len(args)-1]
	switch {
	case l.err != nil:
		return value{}
	case a.kind == scalar && b.kind == scalar:
		return l.scalarApply(scalarOp{apply: true, fn: fn, a: a.index, b: b.index, c: b.index})
	case l.oneSided(a, b):
		return l.onSide(args, func(s *list, args []value) value { return s.apply(fn, args...) })
	}
	for i := range args {
		if args[i].kind != scalar {
			args[i] = l.vectorOf(args[i])
		}
	}
	a, b = args[0], args[len(args)-1]
	switch {
	case len(args) == 1:
		return l.emit(op{form: unaryV, fn: fn, a: a})
	case fn == ir.Pow && b.kind == scalar && l.levels[b.index] == once && smallPower(l.scalars[b.index]):
		return l.emit(op{form: powerV, a: a, k: int(l.scalars[b.index])})
	case b.kind == scalar && hasRight(fn):
		return l.emit(op{form: binaryVS, fn: fn, a: a, b: b})
	case a.kind == scalar && hasLeft(fn):
		return l.emit(op{form: binarySV, fn: fn, a: a, b: b})
	case a.kind == scalar && (fn == ir.Add || fn == ir.Mul):
		return l.emit(op{form: binaryVS, fn: fn, a: b, b: a})
	}
	return l.emit(op{form: binaryVV, fn: fn, a: l.vectorOf(a), b: l.vectorOf(b)})
}

// choose is yes where test holds, else no.
func (l *list) choose(test, yes, no value) value {
	if l.err != nil {
		return value{}
	}
	if test.kind == scalar && yes.kind == scalar && no.kind == scalar {
		return l.scalarApply(scalarOp{sel: true, a: test.index, b: yes.index, c: no.index})
	}
	if l.oneSided(test, yes, no) {
		return l.onSide([]value{test, yes, no}, func(s *list, args []value) value { return s.choose(args[0], args[1], args[2]) })
	}
	return l.emit(op{form: selectV, a: l.vectorOf(test), b: l.vectorOf(yes), c: l.vectorOf(no)})
}

// home says over what v, read on the given side, extends. It is not ok where v
// cannot be read there.
func (l *list) home(v *ir.Var, side ir.Side) (k domainKind, ok bool) {
	inProjection := l.domain.ends != nil
	switch v.Dim {
	case ir.PerNeuron:
		switch {
		case !inProjection:
			return neurons, side == ir.Own
		case side == ir.Pre:
			return presynaptic, true
		case side == ir.Post:
			return postsynaptic, true
		}
	case ir.PerPre:
		return presynaptic, inProjection && side == ir.Own
	case ir.PerSynapse:
		return synapses, inProjection && side == ir.Own
	}
	return 0, false
}

func (l *list) load(e *ir.Load) value {
	v := l.variable(e.Var)
	if v.Dim == ir.One || v.Dim == ir.PerSample {
		if v.Dim == ir.One && v.Len != 1 || v.Len < 0 {
			l.fail("%s has %d values where it should have one", v.Name, v.Len)
		}
		return l.scalarLoad(e.Var)
	}
	if v.Dim == ir.PerSampleNeuron {
		return l.sample(e, v)
	}
	x, home := l.place(e, v)
	return l.from(x, home, v.Name)
}

// place is where the values that e reads of v begin, and over what they extend.
func (l *list) place(e *ir.Load, v *ir.Var) (at, domainKind) {
	home, ok := l.home(v, e.Side)
	if !ok {
		l.fail("%s has no value here", v.Name)
		return at{}, home
	}
	x, n := at{array: int(e.Var)}, l.domain.n
	if ends := l.domain.ends; ends != nil {
		n = ends.count(home)
		if v.Dim == ir.PerNeuron {
			pop := ends.from
			x.base = ends.preStart
			if home == postsynaptic {
				pop, x.base = ends.to, ends.postStart
			}
			n = pop.Size
			if e.Ago > 0 {
				x = l.line(e, pop, x)
			}
		}
	}
	if v.Len != n {
		l.fail("%s has %d values where %d are read", v.Name, v.Len, n)
	}
	if e.Ago != 0 && x.rows == 0 {
		l.fail("%s is read %d steps back and has no delay line", v.Name, e.Ago)
	}
	return x, home
}

// at is where the values of an array that are read begin; those of a delay line
// in the row of a step that is ago steps back.
type at struct {
	array, base     int
	rows, size, ago int
}

// plain reports whether the array is read from its first element on.
func (x at) plain() bool { return x.base == 0 && x.rows == 0 }

// op is an operation that reads the values.
func (x at) op(f form) op {
	return op{form: f, a: value{array, x.array}, base: x.base, rows: x.rows, size: x.size, k: x.ago}
}

// line is where the delay line of a variable is read.
func (l *list) line(e *ir.Load, pop *ir.Population, x at) at {
	id := pop.LineOf(e.Var)
	if id == ir.None || e.Side != ir.Pre {
		return x
	}
	line := l.variable(id)
	if line.Role != ir.Line || line.Rows < e.Ago+2 || line.Len != line.Rows*pop.Size {
		l.fail("%s is no delay line of %d steps", line.Name, e.Ago)
		return x
	}
	return at{array: int(id), base: x.base, rows: line.Rows, size: pop.Size, ago: e.Ago}
}

// sample reads the values of this step for the neurons of a population.
func (l *list) sample(e *ir.Load, v *ir.Var) value {
	if l.domain.ends != nil || e.Side != ir.Own || l.domain.n == 0 || v.Len%l.domain.n != 0 || v.Every < 1 {
		l.fail("%s has no value here", v.Name)
		return value{}
	}
	return l.emit(op{form: sampleV, a: value{array, int(e.Var)}, k: v.Every, size: l.domain.n})
}

// numbered is an operation on the number of the neuron.
func (l *list) numbered(o op) value {
	if l.domain.ends != nil {
		l.fail("the number of a neuron is of a population's statements")
		return value{}
	}
	return l.emit(o)
}

// from reads an array that has a value for each element of home.
func (l *list) from(x at, home domainKind, name string) value {
	o := x.op(gatherV)
	if home == l.domain.kind {
		if x.plain() {
			return o.a
		}
		o.form = shiftV
		return l.emit(o)
	}
	if l.domain.kind != synapses {
		l.fail("%s has one value a %v and is read for each %v", name, home, l.domain.kind)
		return value{}
	}
	if v, ok := l.wait(x, home, name); ok {
		return v
	}
	o.from = l.neuronsOf(home)
	return l.emit(o)
}

// neuronsOf is for each synapse its neuron on a side.
func (l *list) neuronsOf(home domainKind) []int32 {
	l.domain.ends.make()
	if home == presynaptic {
		return l.domain.ends.pre
	}
	return l.domain.ends.post
}

func (l *list) temp(e *ir.Temp) value {
	if e.ID < 0 || e.ID >= len(l.temps) || l.temps[e.ID].in == nil {
		l.fail("temporary %d is read before it is defined", e.ID)
		return value{}
	}
	t := l.temps[e.ID]
	switch {
	case t.value.kind == scalar || t.in == l:
		return t.value
	case t.owner != l.owner || !t.keep:
		l.fail("temporary %d is not of this population or projection", e.ID)
		return value{}
	}
	return l.from(at{array: t.kept}, t.in.domain.kind, fmt.Sprintf("temporary %d", e.ID))
}
