package lang

// Walk calls f for n and every expression in it, parents first, in the order
// in which they are written but for operators, which come before their
// operands.
func Walk(n Node, f func(Node)) {
	if n == nil {
		return
	}
	f(n)
	switch n := n.(type) {
	case *Unary:
		Walk(n.X, f)
	case *Binary:
		Walk(n.X, f)
		Walk(n.Y, f)
	case *Call:
		for _, a := range n.Args {
			Walk(a, f)
		}
	case *Cond:
		Walk(n.Then, f)
		Walk(n.If, f)
		Walk(n.Else, f)
	}
}

// Names lists the variables that n reads, with repetitions.
func Names(n Node) []*Name {
	var out []*Name
	Walk(n, func(n Node) {
		if name, ok := n.(*Name); ok {
			out = append(out, name)
		}
	})
	return out
}

// Draws lists the draws in n, in the order in which they are written: a
// draw's ordinal is its index.
func Draws(n Node) []*Call {
	var out []*Call
	Walk(n, func(n Node) {
		if c, ok := n.(*Call); ok && IsDraw(c.Func) {
			out = append(out, c)
		}
	})
	return out
}
