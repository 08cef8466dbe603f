package model

import "gpusim/model/diag"

// NotBuilt reports what a checked file uses of the language that this version
// does not run yet, each with its place; nil where it runs whole. It is apart
// from checking so that the grammar stands before the engine does.
func NotBuilt(f *File) error {
	list := &diag.List{Source: f.Source}
	not := func(at diag.Pos, format string, args ...any) {
		list.Addf(at, format+" not built yet in this version of gpusim", args...)
	}
	used := map[*Model]bool{}
	for _, p := range f.Projections {
		if !used[p.Model] {
			used[p.Model] = true
			notBuiltModel(p.Model, not)
		}
	}
	return list.Err()
}

func notBuiltModel(m *Model, not func(diag.Pos, string, ...any)) {
	for _, e := range m.Equations {
		if e.EventDriven {
			not(e.At, "(event-driven) is")
		}
	}
	if len(m.OnPost) > 0 {
		not(m.OnPost[0].At, "on_post is")
	}
}
