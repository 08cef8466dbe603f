package cpuref

import (
	"context"
	"testing"

	"gpusim/model/diag"
	"gpusim/model/ir"
	"gpusim/model/lang"
)

// A maker writes step programs for tests, with expressions as text.
type maker struct {
	tb testing.TB
	ir.Program
	vars  map[string]ir.VarID
	temps map[string]*ir.Temp
}

func newMaker(tb testing.TB) *maker {
	return &maker{
		tb: tb, vars: map[string]ir.VarID{}, temps: map[string]*ir.Temp{},
		Program: ir.Program{Name: tb.Name(), Dt: 0.1},
	}
}

// add adds a variable named object.variable.
func (m *maker) add(name string, role ir.Role, dim ir.Dim, n int) ir.VarID {
	m.vars[name] = ir.VarID(len(m.Vars))
	m.Vars = append(m.Vars, ir.Var{Name: name, Role: role, Dim: dim, Len: n})
	return m.vars[name]
}

// scope is the objects that an expression's names are looked up in, and how many
// steps back pre's values are.
type scope struct {
	own, pre, post string
	ago            int
}

// expr reads an expression. A name is a temporary, or a variable of the own
// object, pre's or post's, or t.
func (m *maker) expr(s scope, text string) ir.Expr {
	m.tb.Helper()
	list := &diag.List{Source: &diag.Source{Name: "expr", Text: text}}
	n := lang.ParseExpr(lang.Plain(text), list)
	if err := list.Err(); err != nil {
		m.tb.Fatal(err)
	}
	return m.node(s, n)
}

func (m *maker) node(s scope, n lang.Node) ir.Expr {
	m.tb.Helper()
	switch n := n.(type) {
	case *lang.Number:
		return &ir.Const{V: n.Value}
	case *lang.Name:
		if t, ok := m.temps[n.Ident]; ok && n.Owner == "" {
			return t
		}
		if n.Owner == "" && n.Ident == "t" {
			return &ir.Time{}
		}
		object := map[string]string{"": s.own, "pre": s.pre, "post": s.post}[n.Owner]
		side := map[string]ir.Side{"": ir.Own, "pre": ir.Pre, "post": ir.Post}[n.Owner]
		v, ok := m.vars[object+"."+n.Ident]
		if !ok {
			m.tb.Fatalf("there is no variable %s.%s", object, n.Ident)
		}
		if side == ir.Pre {
			return &ir.Load{Var: v, Side: side, Ago: s.ago}
		}
		return &ir.Load{Var: v, Side: side}
	case *lang.Unary:
		return &ir.Apply{Op: map[string]ir.Op{"-": ir.Neg, "not": ir.Not}[n.Op], Args: []ir.Expr{m.node(s, n.X)}}
	case *lang.Binary:
		return &ir.Apply{Op: opNamed(m.tb, n.Op, 2), Args: []ir.Expr{m.node(s, n.X), m.node(s, n.Y)}}
	case *lang.Cond:
		return &ir.Select{If: m.node(s, n.If), Then: m.node(s, n.Then), Else: m.node(s, n.Else)}
	case *lang.Call:
		a := &ir.Apply{Op: opNamed(m.tb, n.Func, len(n.Args))}
		for _, x := range n.Args {
			a.Args = append(a.Args, m.node(s, x))
		}
		return a
	}
	m.tb.Fatalf("expression %T", n)
	return nil
}

// opNamed is the operator or function with that name and number of arguments.
func opNamed(tb testing.TB, name string, args int) ir.Op {
	tb.Helper()
	for o := range ir.Op(len(arity)) {
		if o.String() == name && arity[o] == args {
			return o
		}
	}
	tb.Fatalf("there is no operator %s of %d arguments", name, args)
	return 0
}

// let names a value.
func (m *maker) let(s scope, name, text string) ir.Stmt {
	m.tb.Helper()
	e := m.expr(s, text)
	m.temps[name] = m.temp(ir.IsBool(e))
	return &ir.Let{Temp: m.temps[name], Name: name, Expr: e}
}

func (m *maker) temp(isBool bool) *ir.Temp {
	m.Temps++
	return &ir.Temp{ID: m.Temps - 1, Bool: isBool}
}

// store writes the own object's variable.
func (m *maker) store(s scope, name, text string) ir.Stmt {
	m.tb.Helper()
	return &ir.Store{Var: m.vars[s.own+"."+name], Expr: m.expr(s, text)}
}

func (m *maker) value(s scope, text string) ir.Block {
	m.tb.Helper()
	return ir.Block{Value: m.expr(s, text)}
}

func (m *maker) record(s scope, name, text string, every int, dim ir.Dim, n int) ir.Record {
	m.tb.Helper()
	return ir.Record{Name: s.own + "." + name, Every: every, Dim: dim, Len: n, Value: m.value(s, text)}
}

// population adds a population without any variables.
func (m *maker) population(name string, size int) *ir.Population {
	m.Populations = append(m.Populations, ir.Population{
		Name: name, Size: size, Refractory: ir.None, Flag: ir.None, Last: ir.None, Spiked: ir.None,
	})
	return &m.Populations[len(m.Populations)-1]
}

// line gives a variable of a population a delay line.
func (m *maker) line(p *ir.Population, name string, rows int) {
	v := m.add(name+".line", ir.Line, ir.PerRow, rows*p.Size)
	m.Vars[v].Rows = rows
	p.Lines = append(p.Lines, ir.DelayLine{Of: m.vars[name], Line: v})
}

func (m *maker) build(instances int) *Engine {
	m.tb.Helper()
	e, err := New().Build(&m.Program, instances)
	if err != nil {
		m.tb.Fatal(err)
	}
	return e.(*Engine)
}

func (m *maker) write(e *Engine, name string, data ...float64) {
	m.tb.Helper()
	write(m.tb, e, name, data...)
}

func write(tb testing.TB, e *Engine, name string, data ...float64) {
	tb.Helper()
	if err := e.Write(varNamed(tb, e, name), data); err != nil {
		tb.Fatal(err)
	}
}

func read(tb testing.TB, e *Engine, name string, instance int) []float64 {
	tb.Helper()
	data, err := e.Read(varNamed(tb, e, name), instance)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func varNamed(tb testing.TB, e *Engine, name string) ir.VarID {
	tb.Helper()
	for i, v := range e.code.program.Vars {
		if v.Name == name {
			return ir.VarID(i)
		}
	}
	tb.Fatalf("there is no variable %s", name)
	return ir.None
}

// A spike is a step and a neuron.
type spike struct {
	step   int64
	neuron int
}

// result is what the slices of a run left, for each instance.
type result struct {
	spikes  [][][]spike     // of each instance and population, by step, then neuron
	records [][][][]float64 // of each instance and record, its rows
	bad     []*ir.NotFinite // the first of each instance
	slices  int
}

// run runs e and joins the slices.
func run(tb testing.TB, e *Engine, first int64, steps int) *result {
	tb.Helper()
	p := e.code.program
	r := &result{
		spikes:  make([][][]spike, e.instances),
		records: make([][][][]float64, e.instances),
		bad:     make([]*ir.NotFinite, e.instances),
	}
	for k := range e.instances {
		r.spikes[k] = make([][]spike, len(p.Populations))
		r.records[k] = make([][][]float64, len(p.AllRecords()))
	}
	done, err := e.Run(context.Background(), first, steps, func(s *ir.Slice) error {
		r.add(e, s)
		return nil
	})
	if err != nil || done != steps {
		tb.Fatalf("Run: %d steps of %d, %v", done, steps, err)
	}
	return r
}

func (r *result) add(e *Engine, s *ir.Slice) {
	p := e.code.program
	r.slices++
	for k := range e.instances {
		if r.bad[k] == nil {
			r.bad[k] = s.Bad[k]
		}
		for i := range p.Populations {
			size := p.Populations[i].Size
			if s.Spikes[i] == nil {
				continue
			}
			for step := range s.Steps {
				words := s.Spikes[i][(k*s.Words+step/32)*size:][:size]
				for neuron, word := range words {
					if word>>(step%32)&1 != 0 {
						r.spikes[k][i] = append(r.spikes[k][i], spike{s.First + int64(step), neuron})
					}
				}
			}
		}
		for i, rec := range p.AllRecords() {
			if rec.Len == 0 {
				continue
			}
			rows := len(s.Records[i]) / e.instances / rec.Len
			for row := range rows {
				r.records[k][i] = append(r.records[k][i], s.Records[i][(row*e.instances+k)*rec.Len:][:rec.Len])
			}
		}
	}
}
