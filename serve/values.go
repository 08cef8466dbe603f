package serve

import (
	"encoding/json"
	"math"
	"slices"
	"strings"

	"gpusim/model"
	"gpusim/model/ir"
)

// resolve gives the whole name that a name of a request stands for: itself, or
// where it has no dot the only one that ends in it.
func (s *session) resolve(name, place string) (string, error) {
	if strings.Contains(name, ".") {
		return name, nil // Set and Get say what is wrong with it
	}
	names := s.readable()
	if slices.Contains(names, name) {
		return name, nil
	}
	var found, shorts []string
	for _, x := range names {
		of, last, dotted := strings.Cut(x, ".")
		if !dotted || of == "inputs" || strings.Contains(last, ".") {
			continue
		}
		shorts = append(shorts, last)
		if last == name {
			found = append(found, x)
		}
	}
	switch len(found) {
	case 0:
		return "", faultf(unknownName, place, "there is no %s in this network%s", quoted(name), near(name, shorts))
	case 1:
		return found[0], nil
	}
	return "", faultf(unknownName, place, "%s is that of several: give one of %s", quoted(name), strings.Join(found, ", "))
}

// readable lists the names that Get knows.
func (s *session) readable() []string {
	if s.names != nil {
		return s.names
	}
	s.names = s.net.Names()
	for _, x := range s.net.StateNames() {
		if !slices.Contains(s.names, x) {
			s.names = append(s.names, x)
		}
	}
	return s.names
}

// given is a name and what it is to be given.
type given struct {
	name, place string
	value       any
}

// given reads names and values to set.
func (s *session) given(f *fields, key string) ([]given, error) {
	o := f.object(key)
	if f.wrong != nil {
		return nil, f.wrong
	}
	if o == nil {
		return nil, nil
	}
	var out []given
	for i := range o.list {
		x := &o.list[i]
		x.read = true
		place := o.at + short(x.key)
		name, err := s.resolve(x.key, place)
		if err != nil {
			return nil, err
		}
		for _, other := range out {
			if other.name == name {
				return nil, faultf(badRequest, place, "%s: %s is given twice", place, name)
			}
		}
		value, err := readValue(x.value, place)
		if err != nil {
			return nil, err
		}
		out = append(out, given{name, place, value})
	}
	return out, nil
}

// set gives names values: all of them, or where one is refused none.
func (s *session) set(j *job) (object, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	values, err := s.given(j.fields, "values")
	if err != nil {
		return nil, err
	}
	if err := j.fields.end(); err != nil {
		return nil, err
	}
	_, err = s.setAll(values)
	return object{}, err
}

// setAll sets all values, or where one is refused none. Undo takes them back.
func (s *session) setAll(values []given) (undo func(), err error) {
	var names []string
	for _, v := range values {
		if _, err := s.net.Keep([]string{v.name}); err != nil {
			return nil, faultOf(err, v.place)
		}
		names = append(names, v.name)
	}
	if undo, err = s.net.Keep(names); err != nil {
		return nil, err
	}
	for _, v := range values {
		if err := s.net.Set(v.name, v.value); err != nil {
			undo()
			f := faultOf(err, v.place)
			if f.code == failed {
				f.code = badRequest // nothing was done yet that could fail
			}
			return nil, f
		}
	}
	return undo, nil
}

// get gives values as they are now.
func (s *session) get(j *job) (object, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	names := j.fields.texts("names")
	if err := j.fields.end(); err != nil {
		return nil, err
	}
	whole, err := s.resolveAll(names, "names")
	if err != nil {
		return nil, err
	}
	values, err := s.readValues(whole, "names")
	return object{{"values", values}}, err
}

// resolveAll is resolve of a list.
func (s *session) resolveAll(names []string, place string) ([]string, error) {
	var out []string
	for _, name := range names {
		whole, err := s.resolve(name, place)
		if err == nil && !slices.Contains(s.readable(), whole) {
			if _, err = s.net.Shape(whole); err == nil { // which says what is wrong with it
				s.names = nil
			}
		}
		if err != nil {
			return nil, faultOf(err, place)
		}
		if !slices.Contains(out, whole) {
			out = append(out, whole)
		}
	}
	return out, nil
}

// readValues reads values of the network.
func (s *session) readValues(names []string, place string) (object, error) {
	out := object{}
	for _, name := range names {
		data, err := s.net.Get(name)
		if err != nil {
			return nil, faultOf(err, place)
		}
		shape, err := s.net.Shape(name)
		if err != nil {
			return nil, faultOf(err, place)
		}
		out = append(out, member{name, array{shape, unspiked(data)}})
	}
	return out, nil
}

// unspiked writes the step of a spike that there was not as -inf.
func unspiked(data []float64) []float64 {
	for i, x := range data {
		if x == ir.NeverSpiked {
			data[i] = math.Inf(-1)
		}
	}
	return data
}

func (s *session) reset(j *job) (object, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	if err := j.fields.end(); err != nil {
		return nil, err
	}
	return object{}, s.net.Reset()
}

// record changes what is recorded of a population or projection. Where it is
// refused, what was recorded stays.
func (s *session) record(j *job) (object, error) {
	if err := s.ready(); err != nil {
		return nil, err
	}
	f := j.fields
	of := f.text("of")
	if of == "" {
		f.reject("of", "expected the name of a population or projection")
	}
	list := []json.RawMessage{}
	if raw := f.get("variables"); json.Unmarshal(raw, &list) != nil {
		f.reject("variables", "expected a list of what to record, found %s", kindOf(raw))
	}
	var records []model.Record
	for _, raw := range list {
		r, err := readRecord(raw)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(records, func(other model.Record) bool { return other.Name == r.Name }) {
			return nil, faultf(badRequest, "variables", "variables: %s is there twice", quoted(r.Name))
		}
		records = append(records, r)
	}
	if err := f.end(); err != nil {
		return nil, err
	}
	if list := s.objects(); !slices.Contains(list, of) {
		return nil, faultf(unknownName, "of", "there is no population or projection %s%s", quoted(of), near(of, list))
	}
	if err := s.net.SetRecords(of, records); err != nil {
		return nil, faultOf(err, "variables")
	}
	if _, err := s.net.Describe(); err != nil { // which builds it
		_ = s.net.SetRecords(of, s.records[of]) // as it was
		return nil, faultOf(err, "variables")
	}
	s.records[of] = records
	return object{}, nil
}

// objects lists the populations and projections.
func (s *session) objects() []string {
	var names []string
	for _, p := range s.file.Populations {
		names = append(names, p.Name)
	}
	for _, p := range s.file.Projections {
		names = append(names, p.Name)
	}
	return names
}

// readRecord reads a variable to record: its name, or an object.
func readRecord(raw json.RawMessage) (r model.Record, err error) {
	if json.Unmarshal(raw, &r.Name) == nil && r.Name != "" {
		return r, nil
	}
	f, err := readObject(raw, "variables.")
	if err != nil {
		return r, faultf(badRequest, "variables", "variables: expected a name, or an object with name, every, of and mean, found %s", kindOf(raw))
	}
	r.Name, r.Mean = f.text("name"), f.boolean("mean", false)
	if r.Name == "" {
		f.reject("name", "expected the name of a variable")
	}
	if every := f.whole("every"); every == 0 || every > 1<<30 {
		f.reject("every", "expected a number of steps of at least 1")
	} else {
		r.Every = every
	}
	if of := f.get("of"); of != nil && (json.Unmarshal(of, &r.Of) != nil || len(r.Of) == 0) {
		f.reject("of", "expected a list of elements, counted from 0")
	}
	return r, f.end()
}
