package model

import (
	"regexp"

	"gpusim/model/yamltree"
)

// measureKinds are the measures, in the order in which messages list them.
var measureKinds = []string{"cross_correlation", "voltage_fluctuation", "rate", "isi_mean", "isi_cv"}

// resultNames are columns that results have beside the measures.
var resultNames = []string{"spikes", "rate_hz", "status", "detail"}

var keyShape = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_.-]*$`)

func (l *loader) readMeasures(e *yamltree.Entry) {
	if e == nil || e.Value.IsNull() {
		return
	}
	if e.Value.Kind != yamltree.Seq {
		l.errorf(e.Value.Pos, "measure is a list; this is %s", describe(e.Value)).Hint = "write - {rate: {of: population}} below it"
		return
	}
	if l.tooMany(e, len(e.Value.Items)) {
		return
	}
	var named []bool
	for _, x := range e.Value.Items {
		if x.Kind != yamltree.Map || len(x.Entries) != 1 {
			this := "is " + describe(x)
			if len(x.Entries) > 0 {
				this = "has " + listed(x.Keys())
			}
			l.errorf(x.Pos, "a measure is one of %s with its options, as in {rate: {of: population}}; this %s", listed(measureKinds), this)
			continue
		}
		if m := l.readMeasure(x.Entries[0]); m != nil {
			l.file.Measures = append(l.file.Measures, m)
			named = append(named, m.Key != "")
		}
	}
	l.nameMeasures(named)
}

func (l *loader) readMeasure(e *yamltree.Entry) *Measure {
	m := &Measure{At: e.KeyPos, Kind: e.Key}
	if !contains(measureKinds, m.Kind) {
		l.errorf(e.KeyPos, "there is no measure %s; there are %s", quoted(m.Kind), listed(measureKinds)).Hint = didYouMean(m.Kind, measureKinds)
		return nil
	}
	keys := []string{"of", "from", "to", "name"}
	if m.Kind == "cross_correlation" {
		keys = []string{"of", "bin", "from", "to", "name"}
	}
	s := l.fields(e.Value, m.Kind, keys...)
	if s == nil {
		return nil
	}
	if n := l.need(s, e.Value, "of", m.Kind); n != nil {
		if m.Of, m.Group = l.populationNamed(n.Value); m.Of != nil {
			info := l.models[m.Of.Model.Name]
			if m.Kind == "voltage_fluctuation" {
				if info.ok && m.Of.Model.State("V") == nil {
					l.errorf(n.Value.Pos, "voltage_fluctuation needs a state V; %s (of model %s) has none", m.Of.Name, m.Of.Model.Name)
				}
			} else if info.ok && m.Of.Model.Spike == nil {
				l.errorf(n.Value.Pos, "%s needs spikes; %s (of model %s) has no spike condition", m.Kind, m.Of.Name, m.Of.Model.Name)
			}
		}
	}
	if m.Kind == "cross_correlation" {
		if n := l.need(s, e.Value, "bin", m.Kind); n != nil {
			if v, ok := l.number(n.Value, "bin"); ok {
				m.Bin = v
				if v <= 0 {
					l.errorf(n.Value.Pos, "bin is a time in ms greater than 0, not %s", num(v))
				}
			}
		}
	}
	for key, to := range map[string]**float64{"from": &m.From, "to": &m.To} {
		if n := s[key]; n != nil {
			if v, ok := l.number(n.Value, key); ok {
				*to = &v
			}
		}
	}
	if m.From != nil && m.To != nil && *m.From >= *m.To {
		l.errorf(s["to"].Value.Pos, "to (%s) is not after from (%s)", num(*m.To), num(*m.From))
	}
	if n := s["name"]; n != nil {
		if text, ok := l.text(n.Value, "the name of a measure"); ok {
			switch {
			case !keyShape.MatchString(text):
				l.errorf(n.Value.Pos, "a measure cannot be called %s", quoted(text)).Hint = "names are of letters, digits, _, . and -, and begin with a letter"
			case contains(resultNames, text):
				l.errorf(n.Value.Pos, "a measure cannot be called %s: results have that beside the measures", quoted(text))
			}
			m.Key = text
		}
	}
	if m.Of == nil {
		return nil
	}
	return m
}

// checkColumns reports measures whose key is the name of another column of a
// sweep's table.
func (l *loader) checkColumns() {
	taken := map[string]string{}
	for _, p := range l.file.Populations {
		taken[p.Name+".spikes"], taken[p.Name+".rate_hz"] = "the spikes of a population", "the rate of a population"
	}
	if l.file.Sweep != nil {
		for _, name := range l.file.Sweep.Names() {
			taken[name] = "what is swept"
		}
	}
	for _, m := range l.file.Measures {
		if what := taken[m.Key]; what != "" {
			l.errorf(m.At, "a measure is called %s in the results, and so is %s", quoted(m.Key), what).Hint = "give it another name: {name: ...}"
		}
	}
}

// nameMeasures gives each measure its key in results: its name, else its
// kind, else kind.population, or kind.population.group, where a kind occurs twice.
func (l *loader) nameMeasures(named []bool) {
	count := map[string]int{}
	for _, m := range l.file.Measures {
		count[m.Kind]++
	}
	seen := map[string]bool{}
	for i, m := range l.file.Measures {
		if !named[i] {
			m.Key = m.Kind
			if count[m.Kind] > 1 {
				m.Key += "." + m.Of.Called(m.Group)
			}
		}
		if seen[m.Key] {
			l.errorf(m.At, "two measures are called %s in the results", quoted(m.Key)).Hint = "give one of them a name: {name: ...}"
		}
		seen[m.Key] = true
	}
}
