package cpuref

import (
	"math"
	"testing"

	"gpusim/model/ir"
)

// TestSides compares synapses, whose expressions are in part of one neuron
// alone, with loops that compute all for each synapse: bit for bit, where there
// are fewer neurons than synapses, and where there are not.
func TestSides(t *testing.T) {
	for _, test := range []struct {
		conn  ir.Conn
		sides []int // operations of each side of the update
	}{
		// a/10, exp, a vector of 0.5, the comparison, the choice, p*p and its
		// copy; b*b, 1 + that, the root and its copy.
		{ir.Conn{Kind: ir.AllToAll, NPre: 7, NPost: 50}, []int{7, 4}},
		{ir.Conn{Kind: ir.List, NPre: 9, NPost: 2, Pre: []int32{3, 1, 8, 8}, Post: []int32{1, 0, 1, 0}}, []int{4}},
		{ir.Conn{Kind: ir.OneToOne, NPre: 6, NPost: 6}, nil},
	} {
		p := newPair(t, test.conn)
		n := test.conn.Len()
		p.add("J.s", ir.State, ir.PerSynapse, n)
		j := p.project(ir.Rows, "s*exp(pre.a/9)", "post.b", "s", "1")
		j.Update = []ir.Stmt{
			p.let(p.s, "p", "exp(pre.a/10) if pre.a < 0.5 else pre.a"),
			p.let(p.s, "q", "sqrt(1 + post.b*post.b)"),
			p.store(p.s, "s", "s*0.5 + p*p*q + pre.a*post.b"),
		}
		// Not before: q is defined by the update.
		j.Outputs[0].Terms[1].Source = p.value(p.s, "q")
		e := p.build(1)
		var sides []int
		for _, s := range e.code.projections[0].update.sides {
			sides = append(sides, len(s.body.ops))
		}
		a, b, s := numbers(test.conn.NPre, 1), numbers(test.conn.NPost, 2), numbers(n, 3)
		p.write(e, "A.a", a...)
		p.write(e, "B.b", b...)
		p.write(e, "J.s", s...)
		got := p.inputs(e)

		pre, post := test.conn.Ends()
		first, second := make([]float64, len(b)), make([]float64, len(b))
		for k := range s {
			a, b := a[pre[k]], b[post[k]]
			x := a
			if a < 0.5 {
				x = math.Exp(a / 10)
			}
			q := math.Sqrt(1 + float64(b*b))
			s[k] = float64(float64(s[k]*0.5)+float64(float64(x*x)*q)) + float64(a*b)
			first[post[k]] += float64(s[k] * math.Exp(a/9))
			second[post[k]] += q
		}
		for i, x := range read(t, e, "J.s", 0) {
			if x != s[i] {
				t.Errorf("%v: s of %d is %v, want %v", test.conn.Kind, i, x, s[i])
			}
		}
		for i := range b {
			if want := float64(first[i]*b[i]) + second[i]; got[i] != want {
				t.Errorf("%v: neuron %d has %v, want %v", test.conn.Kind, i, got[i], want)
			}
		}
		if len(sides) != len(test.sides) {
			t.Errorf("%v: operations of sides %v, want %v", test.conn.Kind, sides, test.sides)
			continue
		}
		for i := range sides {
			if sides[i] != test.sides[i] {
				t.Errorf("%v: operations of sides %v, want %v", test.conn.Kind, sides, test.sides)
			}
		}
	}
}
