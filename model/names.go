package model

import (
	"gpusim/model/diag"
	"gpusim/model/lang"
)

// indexNames are the names that the language gives a meaning everywhere or in
// parameters and init.
var indexNames = []string{"t", "dt", "pi", "N", "N_pre", "N_post", "i", "j", "pre", "post", "size"}

// otherReserved are words that outputs or the file format use beside names.
var otherReserved = []string{"unless", "refractory", "file", "spikes", "true", "false", "null", "last_spike_step", "spike_condition", "refractory_steps"}

// reservedWhy says why a name cannot be given, "" where it can. Objects also
// keep away from the names of sections.
func reservedWhy(name string, object bool) string {
	switch {
	case lang.IsKeyword(name):
		return "a word of the language"
	case lang.IsDraw(name):
		return "a draw of random numbers"
	case lang.IsFunction(name):
		return "a function"
	case contains(indexNames, name):
		return "a name with a meaning of its own in expressions"
	case contains(otherReserved, name):
		return "reserved"
	case object && contains(topKeys, name):
		return "a section of the file"
	}
	return ""
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// goodName reports whether a name may be given to what, and says why not.
func (l *loader) goodName(name string, pos diag.Pos, what string, object bool) bool {
	if why := reservedWhy(name, object); why != "" {
		l.errorf(pos, "%s cannot be called %s: that is %s", what, quoted(name), why)
		return false
	}
	if len(name) > maxName {
		l.errorf(pos, "%s has a name of %d characters; the most is %d", what, len(name), maxName)
		return false
	}
	if !lang.IsName(name) {
		l.errorf(pos, "%s cannot be called %s", what, quoted(name)).Hint = "names are of ASCII letters, digits and _, and begin with a letter"
		return false
	}
	return true
}

// declare enters an object into the namespace of constants, populations and
// projections.
func (l *loader) declare(name string, pos diag.Pos, what string) bool {
	if !l.goodName(name, pos, what, true) {
		return false
	}
	if first, dup := l.objects[name]; dup {
		l.errorf(pos, "the name %s is taken already, in line %d", quoted(name), first.Line).Hint =
			"constants, populations and projections share one namespace"
		return false
	}
	l.objects[name] = pos
	return true
}
