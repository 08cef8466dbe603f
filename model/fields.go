package model

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gpusim/model/diag"
	"gpusim/model/lang"
	"gpusim/model/yamltree"
)

// fields is the entries of a map by key. Of a key that is likely another one
// misspelled, that one is marked, so that it is not reported missing as well.
type fields map[string]*yamltree.Entry

const misspelled = "?"

func (l *loader) errorf(pos diag.Pos, format string, args ...any) *diag.Problem {
	return l.list.Addf(pos, format, args...)
}

func (l *loader) notef(pos diag.Pos, format string, args ...any) {
	notes := diag.List{Source: l.list.Source}
	note := notes.Addf(pos, format, args...)
	note.Note = true
	if len(l.notes) < maxProblems {
		l.notes = append(l.notes, note)
	}
}

// quoted quotes what a user wrote, in ASCII.
func quoted(s string) string { return strconv.QuoteToASCII(s) }

// num writes a number as a user would.
func num(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// product writes a multiple of dt without the digits that rounding makes.
func product(v float64) string { return strconv.FormatFloat(v, 'g', 12, 64) }

// list writes names with commas, at most a dozen of them.
func listed(names []string) string {
	if len(names) > 12 {
		return strings.Join(names[:12], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}

// didYouMean is the hint for a misspelled name, "" where none is near.
func didYouMean(s string, candidates []string) string {
	if near := lang.Nearest(s, candidates); near != "" {
		return "did you mean " + near + "?"
	}
	return ""
}

// nearestOr is the hint for a misspelled name, otherwise where none is near.
func nearestOr(s string, candidates []string, otherwise string) string {
	if hint := didYouMean(s, candidates); hint != "" {
		return hint
	}
	return otherwise
}

// fields gives the entries of a map and reports those that what has not. For
// anything but a map it reports that and gives none.
func (l *loader) fields(n *yamltree.Node, what string, keys ...string) fields {
	if n.Kind != yamltree.Map {
		l.errorf(n.Pos, "%s is a map of %s; this is %s", what, strings.Join(keys, ", "), describe(n))
		return nil
	}
	out := fields{}
	for _, e := range n.Entries {
		known := false
		for _, k := range keys {
			known = known || k == e.Key
		}
		if !known {
			l.errorf(e.KeyPos, "unknown key %s; %s has %s", quoted(e.Key), what, strings.Join(keys, ", ")).Hint = didYouMean(e.Key, keys)
			if near := lang.Nearest(e.Key, keys); near != "" && out[near] == nil {
				out[misspelled+near] = e
			}
			continue
		}
		if e.Value.IsNull() {
			l.errorf(e.KeyPos, "%s has no value", quoted(e.Key))
			l.nulls[e.Value] = true
		}
		out[e.Key] = e
	}
	return out
}

// describe says what a node is, for messages.
func describe(n *yamltree.Node) string {
	switch {
	case n.IsNull():
		return "empty"
	case n.Kind == yamltree.Scalar && len(n.Text) < 40 && !strings.Contains(n.Text, "\n"):
		return quoted(n.Text)
	}
	return n.Kind.String()
}

// need gives the entry of a key, or reports at the map that it is missing.
func (l *loader) need(s fields, at *yamltree.Node, key, what string) *yamltree.Entry {
	if s == nil || s[misspelled+key] != nil {
		return nil
	}
	if s[key] == nil {
		l.errorf(at.Pos, "%s needs the key %s", what, quoted(key))
		return nil
	}
	if s[key].Value.IsNull() {
		return nil // reported by fields
	}
	return s[key]
}

func (l *loader) isMap(n *yamltree.Node) bool {
	switch {
	case n.IsNull():
		l.errorf(n.Pos, "the file is empty").Hint = "gpusim init writes an example"
		return false
	case n.Kind != yamltree.Map:
		l.errorf(n.Pos, "a network file is a map of sections; this is %s", describe(n))
		return false
	}
	return true
}

// entries gives the entries of a section that maps names to things.
func (l *loader) entries(e *yamltree.Entry, what string) []*yamltree.Entry {
	if e == nil || e.Value.IsNull() {
		return nil
	}
	if e.Value.Kind != yamltree.Map {
		l.errorf(e.Value.Pos, "%s is a map of %s; this is %s", e.Key, what, describe(e.Value))
		return nil
	}
	if l.tooMany(e, len(e.Value.Entries)) {
		return nil
	}
	return e.Value.Entries
}

// tooMany reports a section of more entries than one may have.
func (l *loader) tooMany(e *yamltree.Entry, n int) bool {
	if n > maxEntries {
		l.errorf(e.KeyPos, "%s has %d entries; the most is %d", e.Key, n, maxEntries)
	}
	return n > maxEntries
}

// isNull reports a scalar that says nothing, once.
func (l *loader) isNull(n *yamltree.Node, what string) bool {
	if !n.IsNull() {
		return false
	}
	if !l.nulls[n] {
		l.nulls[n] = true
		l.errorf(n.Pos, "%s has no value", what)
	}
	return true
}

// text gives a scalar's text.
func (l *loader) text(n *yamltree.Node, what string) (string, bool) {
	if l.isNull(n, what) {
		return "", false
	}
	if n.Kind != yamltree.Scalar {
		l.errorf(n.Pos, "%s is a single value; this is %s", what, describe(n))
		return "", false
	}
	return n.Text, true
}

func (l *loader) boolean(n *yamltree.Node, what string, otherwise bool) bool {
	text, ok := l.text(n, what)
	switch {
	case !ok:
	case text == "true":
		return true
	case text == "false":
		return false
	default:
		l.errorf(n.Pos, "%s is true or false, not %s", what, quoted(text))
	}
	return otherwise
}

// expr parses a scalar as an expression.
func (l *loader) expr(n *yamltree.Node, what string) lang.Node {
	if l.isNull(n, what) {
		return nil
	}
	if n.Kind != yamltree.Scalar {
		l.errorf(n.Pos, "%s is a number or an expression; this is %s", what, describe(n))
		return nil
	}
	return lang.ParseExpr(n.Expr(), l.list)
}

// number evaluates a scalar of numbers and constants. It is evaluated once,
// for all points of a sweep: the constants that it reads cannot be swept.
func (l *loader) number(n *yamltree.Node, what string) (float64, bool) {
	x := l.expr(n, what)
	if x == nil {
		return 0, false
	}
	l.fix(x, what)
	return l.constant(x, what)
}

// fix notes the constants that a number of the structure depends on, through
// other constants as well.
func (l *loader) fix(x lang.Node, what string) {
	for _, name := range lang.Names(x) {
		if _, done := l.shaping[name.Ident]; done {
			continue
		}
		if c := l.file.Constant(name.Ident); c != nil {
			l.shaping[name.Ident] = what
			l.fix(c.Expr, what)
		}
	}
}

// constant evaluates an expression of numbers and constants.
func (l *loader) constant(x lang.Node, what string) (float64, bool) {
	sc := &scope{what: what, consts: l.consts, vars: map[string]lang.Type{}}
	if !l.checkExpr(x, sc, lang.Num) {
		return 0, false
	}
	v, err := lang.Eval(x, func(n *lang.Name) (float64, bool) {
		v, ok := l.consts[n.Ident]
		return v, ok
	})
	if err != nil {
		l.errorf(x.Pos(), "%s", err)
		return 0, false
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		if !isBroken(x, l.consts) {
			l.errorf(x.Pos(), "%s is not a finite number: %s is %s", what, lang.Print(x), num(v))
		}
		return 0, false
	}
	return v, true
}

// isBroken reports whether x reads a constant that was reported and has no
// value.
func isBroken(x lang.Node, consts map[string]float64) bool {
	for _, n := range lang.Names(x) {
		if c, ok := consts[n.Ident]; ok && math.IsNaN(c) {
			return true
		}
	}
	return false
}

// whole evaluates a whole number of at least least.
func (l *loader) whole(n *yamltree.Node, what string, least int) (int, bool) {
	v, ok := l.number(n, what)
	if !ok {
		return 0, false
	}
	if v != math.Trunc(v) || v < float64(least) || math.Abs(v) > 1<<53 {
		l.errorf(n.Pos, "%s is a whole number of at least %d, not %s", what, least, num(v))
		return 0, false
	}
	return int(v), true
}

// items gives the items of a list; a single scalar is a list of one.
func (l *loader) items(n *yamltree.Node, what string) []*yamltree.Node {
	switch {
	case n.IsNull():
		return nil
	case n.Kind == yamltree.Seq:
		return n.Items
	case n.Kind == yamltree.Scalar:
		return []*yamltree.Node{n}
	}
	l.errorf(n.Pos, "%s is a list; this is %s", what, describe(n))
	return nil
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
