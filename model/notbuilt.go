package model

import (
	"gpusim/model/diag"
	"gpusim/model/lang"
)

// builtMethods are the methods that the lowering knows.
var builtMethods = []string{"exponential_euler", "euler"}

// NotBuilt reports what a checked file uses of the language that this version
// does not run yet, each with its place; nil where it runs whole. It is apart
// from checking so that the grammar stands before the engine does.
func NotBuilt(f *File) error {
	list := &diag.List{Source: f.Source}
	not := func(at diag.Pos, format string, args ...any) {
		list.Addf(at, format+" not built yet in this version of gpusim", args...)
	}
	used := map[*Model]bool{}
	for _, p := range f.Populations {
		if !used[p.Model] {
			used[p.Model] = true
			notBuiltModel(p.Model, not)
		}
		for _, g := range p.Groups {
			not(g.At, "groups of a population are")
			break
		}
		notBuiltRecords(p.Record, not)
	}
	for _, p := range f.Projections {
		if !used[p.Model] {
			used[p.Model] = true
			notBuiltModel(p.Model, not)
		}
		if p.Connect.Kind == FixedProbability {
			not(p.Connect.At, "fixed_probability is")
		}
		if p.Delay != nil {
			not(p.Delay.At, "delay is")
		}
		notBuiltRecords(p.Record, not)
	}
	for _, in := range f.Inputs {
		switch {
		case in.Kind == PerTimeAndNeuron:
			not(in.At, "per_time_and_neuron is")
		case in.From != nil || in.Until != nil:
			not(in.At, "from and until of an input are")
		case in.Kind == Constant && readsTime(in.Value.Expr):
			not(in.Value.At, "an input that depends on t is")
		}
	}
	return list.Err()
}

func notBuiltModel(m *Model, not func(diag.Pos, string, ...any)) {
	if !contains(builtMethods, m.Method) {
		not(m.MethodAt, "the method %s is", m.Method)
	}
	for _, e := range m.Equations {
		if e.EventDriven {
			not(e.At, "(event-driven) is")
		}
	}
	if len(m.OnPre) > 0 {
		not(m.OnPre[0].At, "on_pre is")
	}
	if len(m.OnPost) > 0 {
		not(m.OnPost[0].At, "on_post is")
	}
	if m.Delay != nil {
		not(m.Delay.At, "delay is")
	}
}

func notBuiltRecords(list []*Record, not func(diag.Pos, string, ...any)) {
	for _, r := range list {
		if r.Of != nil {
			not(r.At, "recording some elements only (of) is")
		}
		if r.Mean {
			not(r.At, "recording the mean is")
		}
	}
}

func readsTime(x lang.Node) bool {
	for _, n := range lang.Names(x) {
		if n.Owner == "" && n.Ident == "t" {
			return true
		}
	}
	return false
}
