package ir

// Feedback finds a variable that events or outputs of a projection write and
// that presynaptic loads or delay lines read, such as V in a network with both
// an on_pre that adds to post.V and a synapse that reads pre.V; None where
// there is none. Without one, everything presynaptic stands when the
// populations have been updated, and each postsynaptic neuron can go through
// its projections by itself.
func (p *Program) Feedback() VarID {
	written := map[VarID]bool{}
	for i := range p.Projections {
		pr := &p.Projections[i]
		for _, list := range [][]Output{pr.Events, pr.Outputs} {
			for j := range list {
				written[list[j].Target] = true
			}
		}
	}
	for i := range p.Populations {
		for _, l := range p.Populations[i].Lines {
			if written[l.Of] {
				return l.Of
			}
		}
	}
	found := None
	for i := range p.Projections {
		p.Projections[i].Exprs(func(e Expr) {
			Walk(e, func(n Expr) {
				if l, ok := n.(*Load); ok && l.Side == Pre && written[l.Var] && found == None {
					found = l.Var
				}
			})
		})
	}
	return found
}

// Exprs calls f for every expression of the program's statements.
func (p *Program) Exprs(f func(Expr)) {
	for i := range p.Populations {
		p.Populations[i].Exprs(f)
	}
	for i := range p.Projections {
		p.Projections[i].Exprs(f)
	}
}

// Exprs calls f for every expression of the population's statements.
func (p *Population) Exprs(f func(Expr)) {
	for _, list := range [][]Stmt{p.Inputs, p.Update, p.Reset} {
		eachStmt(list, f)
	}
	if p.Spike != nil {
		eachOf(p.Spike, f)
	}
	for i := range p.Records {
		eachOf(&p.Records[i].Value, f)
	}
}

// Exprs calls f for every expression of the projection's statements.
func (pr *Projection) Exprs(f func(Expr)) {
	eachStmt(pr.Update, f)
	for _, list := range [][]Output{pr.Events, pr.Outputs} {
		for i := range list {
			for j := range list[i].Terms {
				eachOf(&list[i].Terms[j].Source, f)
				eachOf(&list[i].Terms[j].Post, f)
			}
		}
	}
	for i := range pr.Records {
		eachOf(&pr.Records[i].Value, f)
	}
}

// Vars calls f for every variable that the projection's statements read or
// write, once for each time.
func (pr *Projection) Vars(f func(VarID)) {
	pr.Exprs(func(e Expr) {
		Walk(e, func(n Expr) {
			if l, ok := n.(*Load); ok {
				f(l.Var)
			}
		})
	})
	for _, s := range pr.Update {
		if s, ok := s.(*Store); ok {
			f(s.Var)
		}
	}
}

func eachOf(b *Block, f func(Expr)) {
	eachStmt(b.Lets, f)
	f(b.Value)
}

func eachStmt(list []Stmt, f func(Expr)) {
	for _, s := range list {
		switch s := s.(type) {
		case *Let:
			f(s.Expr)
		case *Store:
			f(s.Expr)
		}
	}
}
