package model

import (
	"fmt"
	"slices"
	"strings"

	"gpusim/model/ir"
	"gpusim/model/lang"
)

// Changes says, a sentence each, in what a file's structure is another than
// that of the file before it: the time step, methods, equations, sizes and
// connections. Values, inputs, records, measures and the run are no structure.
func Changes(last, current *File) []string {
	d := &difference{last: last, current: current}
	d.compare("", []aspect{{"dt", num(last.Dt) + " ms"}}, []aspect{{"dt", num(current.Dt) + " ms"}})
	var was, is []string
	for _, p := range last.Populations {
		was = append(was, p.Name)
	}
	for _, p := range current.Populations {
		is = append(is, p.Name)
	}
	d.objects("population", was, is, func(name string) {
		d.compare(name, last.Population(name).aspects(), current.Population(name).aspects())
	})
	was, is = nil, nil
	for _, p := range last.Projections {
		was = append(was, p.Name)
	}
	for _, p := range current.Projections {
		is = append(is, p.Name)
	}
	d.objects("projection", was, is, d.projection)
	return d.sentences
}

// difference collects what one file has otherwise than another.
type difference struct {
	last, current *File
	sentences     []string
}

func (d *difference) addf(format string, args ...any) {
	d.sentences = append(d.sentences, fmt.Sprintf(format, args...))
}

// objects compares the names of objects and their order, and those that both
// files have one by one.
func (d *difference) objects(kind string, was, is []string, both func(name string)) {
	only := func(list, other []string) (kept []string) {
		for _, name := range list {
			if slices.Contains(other, name) {
				kept = append(kept, name)
			}
		}
		return kept
	}
	for _, name := range was {
		if !slices.Contains(is, name) {
			d.addf("The last %s %q was dropped.", kind, name)
		}
	}
	for _, name := range is {
		if !slices.Contains(was, name) {
			d.addf("The current %s %q is new.", kind, name)
		}
	}
	was, is = only(was, is), only(is, was)
	if !slices.Equal(was, is) {
		d.addf("The current order of the %ss (%s) is different from the last (%s).", kind, listed(is), listed(was))
	}
	for _, name := range is {
		both(name)
	}
}

// projection compares the projections of a name.
func (d *difference) projection(name string) {
	p, q := d.last.Projection(name), d.current.Projection(name)
	before := len(d.sentences)
	d.compare(name, p.ends(d.last), q.ends(d.current))
	if len(d.sentences) == before && !SameSynapses(d.last, p, d.current, q) {
		d.addf("The current connection of %q is another than the last.", name)
	}
	delay := func(f *File, p *Projection) []aspect {
		steps, _ := f.DelaySteps(p) // of a checked file
		if steps == 1 {
			return nil // the lag that every projection has
		}
		return []aspect{{"delay", fmt.Sprintf("%.9g ms", float64(steps)*f.Dt)}}
	}
	d.compare(name, append(p.Model.aspects(), delay(d.last, p)...), append(q.Model.aspects(), delay(d.current, q)...))
}

// aspect is a part of the structure, as text. Of what it is, the first word is
// told; the rest says which equation.
type aspect struct{ what, text string }

func (a aspect) String() string {
	what, _, _ := strings.Cut(a.what, " ")
	return what + " " + a.text
}

// compare compares the aspects of an object, "" for the network.
func (d *difference) compare(object string, last, current []aspect) {
	if object != "" {
		object = quoted(object) + " "
	}
	find := func(list []aspect, what string) string {
		for _, a := range list {
			if a.what == what {
				return a.text
			}
		}
		return ""
	}
	for _, a := range last {
		if find(current, a.what) == "" && a.text != "" {
			d.addf("The last %s%v was dropped.", object, a)
		}
	}
	for _, a := range current {
		switch was := find(last, a.what); {
		case a.text == was, a.text == "": // or dropped
		case was == "":
			d.addf("The current %s%v is new.", object, a)
		default:
			d.addf("The current %s%v is different from the last %v.", object, a, aspect{a.what, was})
		}
	}
}

func (p *Population) aspects() []aspect {
	return append([]aspect{{"size", fmt.Sprint(p.Size)}}, p.Model.aspects()...)
}

// aspects are what the step depends on of a model; its values are not.
func (m *Model) aspects() []aspect {
	names := func(list []*Value) string {
		var out []string
		for _, v := range list {
			out = append(out, v.Name)
		}
		slices.Sort(out)
		return strings.Join(out, ", ")
	}
	var inputs []string
	for _, in := range m.Inputs {
		inputs = append(inputs, in.Name)
	}
	slices.Sort(inputs)
	statements := func(list []*lang.Assign) string {
		var out []string
		for _, a := range list {
			out = append(out, a.String())
		}
		return strings.Join(out, "; ")
	}
	expression := func(x lang.Node) string {
		if x == nil {
			return ""
		}
		return lang.Print(x)
	}
	list := []aspect{
		{"method", m.Method},
		{"parameters", names(m.Parameters)},
		{"states", names(m.States)},
		{"inputs", strings.Join(inputs, ", ")},
	}
	for _, e := range m.Equations {
		left, _, _ := strings.Cut(e.String(), "=")
		list = append(list, aspect{"equation " + left, e.String()})
	}
	return append(list,
		aspect{"spike", expression(m.Spike)},
		aspect{"reset", statements(m.Reset)},
		aspect{"refractory", expression(m.Refractory)},
		aspect{"on_pre", statements(m.OnPre)},
		aspect{"on_post", statements(m.OnPost)},
		aspect{"output", statements(m.Outputs)})
}

// ends are what a projection connects and by which rule.
func (p *Projection) ends(f *File) []aspect {
	end := func(q *Population, g *Range) string {
		if g == nil {
			return q.Name
		}
		return fmt.Sprintf("%s [%d, %d]", q.Called(g), g.Start, g.Stop)
	}
	rule := connectRules[p.Connect.Kind]
	return []aspect{
		{"from", end(p.From, p.FromGroup)},
		{"to", end(p.To, p.ToGroup)},
		{"connection", fmt.Sprintf("%s of %s", rule, plural(f.Conn(p).Len(), "synapse"))},
	}
}

// SameSynapses reports whether two projections, of two files, connect the same
// neurons of populations of the same names in the same order.
func SameSynapses(f *File, p *Projection, g *File, q *Projection) bool {
	starts := func(p *Projection) [2]int {
		pre, _ := p.From.Span(p.FromGroup)
		post, _ := p.To.Span(p.ToGroup)
		return [2]int{pre, post}
	}
	a, b := f.Conn(p), g.Conn(q)
	return p.From.Name == q.From.Name && p.To.Name == q.To.Name && starts(p) == starts(q) && sameConn(a, b)
}

func sameConn(a, b *ir.Conn) bool {
	return a.Kind == b.Kind && a.NoSelf == b.NoSelf && a.NPre == b.NPre && a.NPost == b.NPost &&
		slices.Equal(a.Pre, b.Pre) && slices.Equal(a.Post, b.Post)
}
