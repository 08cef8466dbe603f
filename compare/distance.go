package compare

import "gpusim/model/ir"

// beyond is the distance of a condition that has none, such as whether a neuron
// is of a group: it never turns.
const beyond = 1e30

// distance gives a block whose value is how far a condition is from turning:
// positive where it holds. Temporaries are named anew, so that both blocks can
// stand in one program.
func distance(spike *ir.Block, temps *int) ir.Block {
	r := renaming{temps: map[int]*ir.Temp{}, defs: map[int]ir.Expr{}}
	var out ir.Block
	for _, s := range spike.Lets {
		let := *s.(*ir.Let)
		let.Expr = r.rename(let.Expr)
		fresh := &ir.Temp{ID: *temps, Bool: let.Temp.Bool}
		*temps++
		r.temps[let.Temp.ID] = fresh
		r.defs[fresh.ID] = let.Expr
		let.Temp = fresh
		out.Lets = append(out.Lets, &let)
	}
	out.Value = r.distance(r.rename(spike.Value))
	return out
}

type renaming struct {
	temps map[int]*ir.Temp
	defs  map[int]ir.Expr // of the new temporaries
}

func (r *renaming) rename(e ir.Expr) ir.Expr {
	switch e := e.(type) {
	case *ir.Temp:
		if t, ok := r.temps[e.ID]; ok {
			return t
		}
	case *ir.Apply:
		out := &ir.Apply{Op: e.Op, Args: make([]ir.Expr, len(e.Args))}
		for i, a := range e.Args {
			out.Args[i] = r.rename(a)
		}
		return out
	case *ir.Select:
		return &ir.Select{If: r.rename(e.If), Then: r.rename(e.Then), Else: r.rename(e.Else)}
	}
	return e
}

func apply(op ir.Op, args ...ir.Expr) ir.Expr { return &ir.Apply{Op: op, Args: args} }

// distance is that of a boolean expression.
func (r *renaming) distance(e ir.Expr) ir.Expr {
	switch e := e.(type) {
	case *ir.Temp:
		if def, ok := r.defs[e.ID]; ok {
			return r.distance(def)
		}
	case *ir.Select:
		return &ir.Select{If: e.If, Then: r.distance(e.Then), Else: r.distance(e.Else)}
	case *ir.Apply:
		switch e.Op {
		case ir.Gt, ir.Ge:
			return apply(ir.Sub, e.Args[0], e.Args[1])
		case ir.Lt, ir.Le:
			return apply(ir.Sub, e.Args[1], e.Args[0])
		case ir.Ne:
			return apply(ir.Abs, apply(ir.Sub, e.Args[0], e.Args[1]))
		case ir.Eq:
			return apply(ir.Neg, apply(ir.Abs, apply(ir.Sub, e.Args[0], e.Args[1])))
		case ir.Not:
			return apply(ir.Neg, r.distance(e.Args[0]))
		case ir.And:
			return apply(ir.Min, r.distance(e.Args[0]), r.distance(e.Args[1]))
		case ir.Or:
			return apply(ir.Max, r.distance(e.Args[0]), r.distance(e.Args[1]))
		}
	}
	return &ir.Select{If: e, Then: &ir.Const{V: beyond}, Else: &ir.Const{V: -beyond}}
}
