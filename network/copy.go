package network

import "gpusim/model"

// copyFile copies what a network may change of a file: the lists, the
// populations, projections and inputs. Models and values are shared.
func copyFile(f *model.File) *model.File {
	c := *f
	pops := map[*model.Population]*model.Population{}
	c.Populations = nil
	for _, p := range f.Populations {
		q := *p
		q.Record = copyRecords(p.Record)
		pops[p] = &q
		c.Populations = append(c.Populations, &q)
	}
	c.Projections = nil
	for _, p := range f.Projections {
		q := *p
		q.Record = copyRecords(p.Record)
		q.From, q.To = pops[p.From], pops[p.To]
		c.Projections = append(c.Projections, &q)
	}
	c.Inputs = nil
	for _, in := range f.Inputs {
		q := *in
		q.To = pops[in.To]
		c.Inputs = append(c.Inputs, &q)
	}
	c.Measures = nil
	for _, m := range f.Measures {
		q := *m
		q.Of = pops[m.Of]
		c.Measures = append(c.Measures, &q)
	}
	return &c
}

func copyRecords(list []*model.Record) (out []*model.Record) {
	for _, r := range list {
		x := *r
		out = append(out, &x)
	}
	return out
}
