package serve

import (
	"gpusim/model"
	"gpusim/network"
)

func (s *session) describe(j *job) (object, error) {
	if err := j.fields.end(); err != nil {
		return nil, err
	}
	return s.described()
}

// described says what the network is, what can be set and read, and what it
// measures.
func (s *session) described() (object, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	infos, err := s.net.Describe()
	if err != nil {
		return nil, err
	}
	f, d := s.file, s.net.Info()
	var values, populations, projections, measures []any
	for _, x := range infos {
		o := object{{"name", x.Name}, {"kind", x.Kind}}
		if x.Of != "" {
			o = append(o, member{"of", x.Of})
		}
		values = append(values, append(o, member{"shape", numbers(x.Shape)}, member{"elements", x.Elements}, member{"settable", x.Settable}))
	}
	for _, p := range f.Populations {
		groups := object{}
		for _, g := range p.Groups {
			groups = append(groups, member{g.Name, numbers{g.Start, g.Stop}})
		}
		populations = append(populations, object{{"name", p.Name}, {"model", p.Model.Name}, {"size", p.Size}, {"groups", groups}, {"record", s.recorded(p.Name)}})
	}
	for _, p := range f.Projections {
		projections = append(projections, object{{"name", p.Name}, {"model", p.Model.Name}, {"from", p.From.Called(p.FromGroup)},
			{"to", p.To.Called(p.ToGroup)}, {"synapses", f.Conn(p).Len()}, {"record", s.recorded(p.Name)}})
	}
	for _, m := range f.Measures {
		measures = append(measures, object{{"key", m.Key}, {"kind", m.Kind}, {"of", m.Of.Called(m.Group)}, {"unit", units[m.Kind]}})
	}
	var sweep any
	if f.Sweep != nil {
		names, points := network.SweepPoints(f.Sweep)
		sweep = object{{"names", names}, {"points", len(points)}}
	}
	return object{
		{"name", f.Name},
		{"device", object{{"device", d.Device}, {"driver", d.Driver}, {"engine", d.Engine}, {"precision", d.Precision}}},
		{"plan", s.net.Plan()},
		{"method", f.Method},
		{"dt_ms", f.Dt},
		{"start_ms", f.Run.Start},
		{"duration_ms", f.Run.Duration},
		{"steps", f.Steps()},
		{"step", s.net.Step()},
		{"populations", populations},
		{"projections", projections},
		{"values", values},
		{"measures", measures},
		{"sweep", sweep},
	}, nil
}

// units are those of the measures that have one.
var units = map[string]string{"rate": "Hz", "isi_mean": "ms"}

// recorded lists what is recorded of a population or projection.
func (s *session) recorded(object string) []any {
	var out []any
	for _, r := range s.records[object] {
		out = append(out, recordJSON(r))
	}
	return out
}

func recordJSON(r model.Record) object {
	o := object{{"name", r.Name}, {"every", max(1, r.Every)}}
	if r.Of != nil {
		o = append(o, member{"of", numbers(r.Of)})
	}
	if r.Mean {
		o = append(o, member{"mean", true})
	}
	return o
}

// counters counts the work of all networks since the load.
func (s *session) counters(j *job) (object, error) {
	if err := j.fields.end(); err != nil {
		return nil, err
	}
	if err := s.ready(); err != nil {
		return nil, err
	}
	all := s.past.Add(s.net.Counters())
	var sizes numbers
	for _, w := range s.warm {
		all = all.Add(w.copies.Counters())
		sizes = append(sizes, w.size)
	}
	return object{
		{"programs_built", all.ProgramsBuilt}, {"rebuilds", all.Rebuilds}, {"dispatches", all.Dispatches},
		{"bytes_uploaded", all.BytesUploaded}, {"bytes_downloaded", all.BytesDownloaded},
		{"plan", object{{"programs", all.Plan.Programs}, {"dispatches", all.Plan.Dispatches}, {"bytes", all.Plan.Bytes}}},
		{"batches", sizes},
	}, nil
}
