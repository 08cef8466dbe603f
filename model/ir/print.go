package ir

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// String prints the step program for people (gpusim show --ir).
func (p *Program) String() string {
	pr := &printer{p: p, names: map[int]string{}}
	pr.line("step program of %q, dt = %s ms", p.Name, number(p.Dt))
	pr.line("")
	for i := range p.Vars {
		v := &p.Vars[i]
		pr.line("%-10s %-28s %s", roleNames[v.Role], v.Name, dimText(v))
	}
	for i := range p.Populations {
		pr.population(&p.Populations[i])
	}
	for i := range p.Projections {
		pr.projection(&p.Projections[i])
	}
	return pr.b.String()
}

// ExprString prints one expression.
func (p *Program) ExprString(e Expr) string {
	return (&printer{p: p, names: map[int]string{}}).expr(e, 0)
}

var roleNames = [...]string{State: "state", Flag: "flag", Last: "last", Spiked: "spiked", Line: "line", Input: "input", Param: "param", Samples: "samples"}

func dimText(v *Var) string {
	switch v.Dim {
	case PerNeuron:
		return fmt.Sprintf("one a neuron (%d)", v.Len)
	case PerPre:
		return fmt.Sprintf("one a presynaptic neuron (%d)", v.Len)
	case PerSynapse:
		return fmt.Sprintf("one a synapse (%d)", v.Len)
	case PerSample:
		return fmt.Sprintf("one a sample of time (%d), each for %d steps", v.Len, v.Every)
	case PerSampleNeuron:
		return fmt.Sprintf("one a neuron and sample of time (%d), each sample for %d steps", v.Len, v.Every)
	case PerRow:
		return fmt.Sprintf("%d rows of one a neuron (%d)", v.Rows, v.Len)
	}
	return "one"
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

type printer struct {
	p     *Program
	b     strings.Builder
	names map[int]string // of temporaries
	used  map[string]bool
}

func (pr *printer) line(format string, args ...any) {
	pr.b.WriteString(strings.TrimRight(fmt.Sprintf(format, args...), " ") + "\n")
}

func (pr *printer) population(p *Population) {
	pr.used = map[string]bool{}
	pr.line("\npopulation %s, for each of %d neurons:", p.Name, p.Size)
	if p.IsRefractory != nil {
		pr.names[p.IsRefractory.ID] = "refractory"
		pr.used["refractory"] = true
	}
	pr.stmts("inputs", p.Inputs)
	pr.stmts("update", p.Update)
	pr.coefficients(p.Coeffs)
	if p.Spike != nil {
		pr.stmts("spike", p.Spike.Lets)
		kind := "becomes true"
		if p.HasReset {
			kind = "is true"
		}
		if p.Refractory != None {
			kind += fmt.Sprintf(", not within %s steps of the last", pr.p.Vars[p.Refractory].Name)
		}
		pr.line("  spikes where %s %s", pr.expr(p.Spike.Value, 0), kind)
	}
	pr.stmts("reset, where it spiked", p.Reset)
	pr.records(p.Records)
	for _, a := range p.Accums {
		pr.line("  %s = 0", pr.p.Vars[a].Name)
	}
	for _, l := range p.Lines {
		pr.line("  at the end of the step, a row of %s = %s", pr.p.Vars[l.Line].Name, pr.p.Vars[l.Of].Name)
	}
}

// span names n neurons of a population from one on.
func (pr *printer) span(pop, start, n int) string {
	p := &pr.p.Populations[pop]
	if start == 0 && n == p.Size {
		return p.Name
	}
	return fmt.Sprintf("%s[%d:%d]", p.Name, start, start+n)
}

func (pr *printer) projection(p *Projection) {
	pr.used = map[string]bool{}
	over := "synapse"
	n := p.Conn.Len()
	if p.Collapsed {
		over, n = "presynaptic neuron", p.Conn.NPre
	}
	pr.line("\nprojection %s, %s to %s, %d synapses:", p.Name, pr.span(p.From, p.PreStart, p.Conn.NPre), pr.span(p.To, p.PostStart, p.Conn.NPost), p.Conn.Len())
	for _, note := range p.Notes {
		pr.line("  # %s", note)
	}
	pr.stmts(fmt.Sprintf("update, for each %s (%d)", over, n), p.Update)
	pr.coefficients(p.Coeffs)
	for i := range p.Events {
		pr.output(p, "event", &p.Events[i])
	}
	for i := range p.Outputs {
		pr.output(p, "output", &p.Outputs[i])
	}
	pr.records(p.Records)
}

func (pr *printer) output(p *Projection, what string, o *Output) {
	var terms []string
	for _, t := range o.Terms {
		pr.stmts("source", t.Source.Lets)
		pr.stmts("post", t.Post.Lets)
		sum := "sum(" + pr.expr(t.Source.Value, 0) + ")"
		if o.Form == Total && p.Conn.NoSelf {
			sum = "(" + sum + " - own)"
		}
		terms = append(terms, sum+"*"+pr.expr(t.Post.Value, 7))
	}
	pr.line("  %s", what)
	pr.line("    %s += %s", pr.p.Vars[o.Target].Name, strings.Join(terms, " + "))
}

func (pr *printer) coefficients(list []Coefficient) {
	for _, c := range list {
		a := "0 (plain Euler)"
		if c.A != nil {
			a = pr.expr(c.A, 0)
		}
		pr.line("  # exponential Euler of %s: A = %s", pr.p.Vars[c.Var].Name, a)
	}
}

func (pr *printer) records(rs []Record) {
	for i := range rs {
		pr.stmts("record", rs[i].Value.Lets)
		of := ""
		if rs[i].Of != nil {
			of = fmt.Sprintf(", of %d elements", len(rs[i].Of))
		}
		if rs[i].Mean {
			of = strings.Replace(", the mean"+of, "mean, of", "mean of", 1)
		}
		pr.line("  record %s = %s, every %d steps%s", rs[i].Name, pr.expr(rs[i].Value.Value, 0), rs[i].Every, of)
	}
}

func (pr *printer) stmts(what string, list []Stmt) {
	if len(list) == 0 {
		return
	}
	pr.line("  %s", what)
	for _, s := range list {
		switch s := s.(type) {
		case *Let:
			e := pr.expr(s.Expr, 0)
			name := s.Name
			if name == "" {
				name = fmt.Sprintf("_%d", s.Temp.ID)
			}
			for pr.used[name] {
				name += "'"
			}
			pr.used[name] = true
			pr.names[s.Temp.ID] = name
			pr.line("    %s = %s", name, e)
		case *Store:
			pr.line("    %s <- %s", pr.p.Vars[s.Var].Name, pr.expr(s.Expr, 0))
		}
	}
}

var precedence = map[Op]int{Or: 1, And: 2, Not: 3, Lt: 4, Le: 4, Gt: 4, Ge: 4, Eq: 4, Ne: 4, Add: 5, Sub: 5, Mul: 6, Div: 6, Neg: 7, Pow: 8}

// expr prints e, in parentheses where an operator of that power holds it.
func (pr *printer) expr(e Expr, power int) string {
	switch e := e.(type) {
	case *Const:
		s := number(e.V)
		if e.V < 0 && power > 5 {
			return "(" + s + ")"
		}
		return s
	case *Load:
		name := pr.p.Vars[e.Var].Name
		if e.Ago > 0 {
			name += fmt.Sprintf(" %d steps ago", e.Ago)
			if power > 0 {
				name = "(" + name + ")"
			}
		}
		switch e.Side {
		case Pre:
			return "pre:" + name
		case Post:
			return "post:" + name
		}
		return name
	case *Temp:
		if n, ok := pr.names[e.ID]; ok {
			return n
		}
		return fmt.Sprintf("_%d", e.ID)
	case *Time:
		return "t"
	case *Index:
		if e.Start > 0 {
			return fmt.Sprintf("(i - %d)", e.Start)
		}
		return "i"
	case *Within:
		return fmt.Sprintf("(%d <= i < %d)", e.Start, e.Stop)
	case *During:
		return during(e)
	case *Select:
		s := pr.expr(e.Then, 1) + " if " + pr.expr(e.If, 1) + " else " + pr.expr(e.Else, 0)
		if power > 0 {
			return "(" + s + ")"
		}
		return s
	case *Apply:
		return pr.apply(e, power)
	}
	return "?"
}

// during prints a span of steps, of which a bound may not be set.
func during(e *During) string {
	s := "step"
	if e.From > math.MinInt64 {
		s = fmt.Sprintf("%d <= %s", e.From, s)
	}
	if e.Until < math.MaxInt64 {
		s += fmt.Sprintf(" < %d", e.Until)
	}
	return "(" + s + ")"
}

func (pr *printer) apply(e *Apply, power int) string {
	if e.Op.IsFunc() {
		args := make([]string, len(e.Args))
		for i, a := range e.Args {
			args[i] = pr.expr(a, 0)
		}
		return e.Op.String() + "(" + strings.Join(args, ", ") + ")"
	}
	p := precedence[e.Op]
	var s string
	switch e.Op {
	case Neg:
		s = "-" + pr.expr(e.Args[0], p)
	case Not:
		s = "not " + pr.expr(e.Args[0], p)
	case Pow:
		s = pr.expr(e.Args[0], p+1) + "**" + pr.expr(e.Args[1], p)
	default:
		op := e.Op.String()
		if p < 6 {
			op = " " + op + " "
		}
		s = pr.expr(e.Args[0], p) + op + pr.expr(e.Args[1], p+1)
	}
	if p < power {
		return "(" + s + ")"
	}
	return s
}
