package model

import (
	"math"
	"strconv"

	"gpusim/model/diag"
	"gpusim/model/yamltree"
)

var connectRules = []string{"all_to_all", "one_to_one", "fixed_probability", "pairs"}

// readConnect reads the rule of a projection whose populations are known.
func (l *loader) readConnect(p *Projection, e *yamltree.Entry) {
	c := &p.Connect
	c.At, c.Self = e.Value.Pos, true
	n := e.Value
	if n.Kind != yamltree.Map || len(n.Entries) != 1 {
		text := ""
		if n.Kind == yamltree.Scalar && contains(connectRules, n.Text) {
			text = "write {" + n.Text + ": {}}"
		}
		l.errorf(n.Pos, "connect is one rule: {all_to_all: {self: false}}, {one_to_one: {}}, {fixed_probability: {p: 0.02}} or {pairs: ...}; this is %s", describe(n)).Hint = text
		return
	}
	rule, detail := n.Entries[0].Key, n.Entries[0].Value
	if detail.IsNull() && rule != "pairs" {
		detail = yamltree.NewMap(detail.Pos, true)
	}
	switch rule {
	case "all_to_all":
		c.Kind = AllToAll
		l.readSelf(c, l.fields(detail, rule, "self"))
	case "one_to_one":
		c.Kind = OneToOne
		if detail.Kind != yamltree.Map || len(detail.Entries) > 0 {
			l.errorf(detail.Pos, "one_to_one has no options: write {one_to_one: {}}")
		}
		i0, i1 := p.From.Span(p.FromGroup)
		j0, j1 := p.To.Span(p.ToGroup)
		if i1-i0 != j1-j0 {
			l.errorf(n.Pos, "one_to_one needs populations of one size; %s has %d neurons, %s has %d",
				p.From.Called(p.FromGroup), i1-i0, p.To.Called(p.ToGroup), j1-j0)
		}
	case "fixed_probability":
		c.Kind = FixedProbability
		p.drawn = &drawn{}
		s := l.fields(detail, rule, "p", "self", "seed")
		l.readSelf(c, s)
		if x := l.need(s, detail, "p", rule); x != nil {
			if v, ok := l.number(x.Value, "p"); ok {
				if v < 0 || v > 1 {
					l.errorf(x.Value.Pos, "p is a probability from 0 to 1, not %s", num(v))
				}
				c.P = v
			}
		}
		if x := s["seed"]; x != nil {
			if v, ok := l.seed(x.Value, "the seed of a connection"); ok {
				c.Seed = &v
			}
		}
	case "pairs":
		c.Kind = Pairs
		l.readPairs(p, detail)
	default:
		l.errorf(n.Entries[0].KeyPos, "there is no rule %s; there are %s", quoted(rule), listed(connectRules)).Hint = didYouMean(rule, connectRules)
	}
}

func (l *loader) readSelf(c *Connect, s fields) {
	if e := s["self"]; e != nil {
		c.Self = l.boolean(e.Value, "self", true)
	}
}

// seed reads a whole number of 64 bits.
func (l *loader) seed(n *yamltree.Node, what string) (uint64, bool) {
	if n.Kind == yamltree.Scalar {
		if v, err := strconv.ParseUint(n.Text, 10, 64); err == nil && strconv.FormatUint(v, 10) == n.Text {
			return v, true
		}
	}
	v, ok := l.number(n, what)
	if !ok {
		return 0, false
	}
	if v != math.Trunc(v) || v < 0 || v > 1<<53 {
		l.errorf(n.Pos, "%s is a whole number from 0 to 2**64 - 1, not %s", what, num(v))
		return 0, false
	}
	return uint64(v), true
}

func (l *loader) readPairs(p *Projection, n *yamltree.Node) {
	c := &p.Connect
	if n.Kind == yamltree.Map {
		s := l.fields(n, "pairs", "pre", "post")
		pre, post := l.need(s, n, "pre", "pairs"), l.need(s, n, "post", "pairs")
		if pre == nil || post == nil {
			return
		}
		c.Pre = l.indices(pre.Value, p.From, p.FromGroup)
		c.Post = l.indices(post.Value, p.To, p.ToGroup)
		if c.Pre != nil && c.Post != nil && len(c.Pre) != len(c.Post) {
			l.errorf(n.Pos, "pairs needs as many pre as post; here are %d and %d", len(c.Pre), len(c.Post))
		}
		return
	}
	if n.Kind != yamltree.Seq || len(n.Items) == 0 {
		l.errorf(n.Pos, "pairs is a list [[0, 1], ...] or {pre: file(a.npy), post: file(b.npy)}; this is %s", describe(n))
		return
	}
	for _, x := range n.Items {
		if x.Kind != yamltree.Seq || len(x.Items) != 2 {
			l.errorf(x.Pos, "a pair is [pre, post], not %s", describe(x))
			return
		}
		i, ok := l.whole(x.Items[0], "a neuron of pairs", 0)
		j, ok2 := l.whole(x.Items[1], "a neuron of pairs", 0)
		if !ok || !ok2 || !l.inRange(x.Items[0].Pos, i, p.From, p.FromGroup) || !l.inRange(x.Items[1].Pos, j, p.To, p.ToGroup) {
			return
		}
		c.Pre, c.Post = append(c.Pre, int32(i)), append(c.Post, int32(j))
	}
}

func (l *loader) inRange(at diag.Pos, i int, p *Population, g *Range) bool {
	start, stop := p.Span(g)
	if i < 0 || i >= stop-start {
		l.errorf(at, "there is no neuron %d in %s; they are 0 to %d", i, p.Called(g), stop-start-1)
		return false
	}
	return true
}

// indices reads an array of neurons of a population, or a list of them.
func (l *loader) indices(n *yamltree.Node, p *Population, g *Range) []int32 {
	start, stop := p.Span(g)
	if n.Kind == yamltree.Seq && len(n.Items) > 0 {
		var out []int32
		for _, x := range n.Items {
			i, ok := l.whole(x, "a neuron of pairs", 0)
			if !ok || !l.inRange(x.Pos, i, p, g) {
				return nil
			}
			out = append(out, int32(i))
		}
		return out
	}
	path, is := fileOf(n)
	if !is {
		l.errorf(n.Pos, "this is an array, file(PATH.npy), or a list of neurons; not %s", describe(n))
		return nil
	}
	a := l.array(path, n.Pos)
	switch {
	case a == nil:
		return nil
	case len(a.Shape) != 1:
		l.errorf(n.Pos, "%s has shape %s; it needs one dimension", path, shapeOf(a))
		return nil
	case len(a.Data) == 0:
		l.errorf(n.Pos, "%s is empty", path)
		return nil
	}
	out := make([]int32, len(a.Data))
	for k, v := range a.Data {
		if v != math.Trunc(v) || v < 0 || v >= float64(stop-start) {
			l.errorf(n.Pos, "element %d of %s is %s; the neurons of %s are 0 to %d", k, path, num(v), p.Called(g), stop-start-1)
			return nil
		}
		out[k] = int32(v)
	}
	return out
}
