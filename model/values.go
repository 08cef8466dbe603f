package model

import (
	"math"
	"path/filepath"
	"regexp"
	"strings"

	"gpusim/model/diag"
	"gpusim/model/lang"
	"gpusim/model/yamltree"
)

var fileShape = regexp.MustCompile(`^\s*file\s*\((.*)\)\s*$`)

// fileOf gives the path in a scalar of the form file(PATH).
func fileOf(n *yamltree.Node) (string, bool) {
	if n.Kind != yamltree.Scalar {
		return "", false
	}
	m := fileShape.FindStringSubmatch(n.Text)
	if m == nil {
		return "", false
	}
	return strings.Trim(strings.TrimSpace(m[1]), `"'`), true
}

// value reads an expression or, where arrays are allowed, file(PATH).
func (l *loader) value(e *yamltree.Entry, what string, arrays bool) *Value {
	v := &Value{At: e.Value.Pos, Name: e.Key}
	path, is := fileOf(e.Value)
	switch {
	case e.Value.IsNull():
		l.errorf(e.KeyPos, "%s has no value", quoted(e.Key))
		return nil
	case is && !arrays:
		l.errorf(e.Value.Pos, "%s is a number or an expression, not an array", what).Hint =
			"arrays are for parameters and init of populations and projections, and for inputs"
		return nil
	case is:
		v.File = path
		if v.Array = l.array(path, v.At); v.Array == nil {
			return nil
		}
		return v
	}
	if v.Expr = l.expr(e.Value, what); v.Expr == nil {
		return nil
	}
	return v
}

// array reads a .npy file once, relative to the network file.
func (l *loader) array(path string, at diag.Pos) *Array {
	if path == "" {
		l.errorf(at, "file() needs the path of a .npy file")
		return nil
	}
	full := path
	if !filepath.IsAbs(path) {
		full = filepath.Join(l.file.Dir, path)
	}
	if a, ok := l.arrays[full]; ok {
		return a
	}
	l.arrays[full] = nil
	if l.kept.over {
		return nil // there is no room for it, and that is reported
	}
	data, shape, err := l.opts.ReadArray(full)
	if err != nil {
		l.errorf(at, "the array cannot be read: %s", strings.ReplaceAll(err.Error(), "\n", " "))
		return nil
	}
	for i, v := range data {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			l.errorf(at, "element %d of %s is %s", i, path, num(v))
			return nil
		}
	}
	l.kept.add(at, path, float64(len(data)), NumberBytes)
	a := &Array{Path: full, Shape: shape, Data: data}
	l.arrays[full] = a
	return a
}

// vector reports an array that is not of one dimension and one of the lengths
// that fit; who says whose they are.
func (l *loader) vector(v *Value, n int, who string) {
	a := v.Array
	if a == nil {
		return
	}
	if len(a.Shape) > 1 {
		l.errorf(v.At, "%s has shape %s; an array for %s has one dimension", v.File, shapeOf(a), who)
		return
	}
	if len(a.Data) != n && len(a.Data) != 1 {
		l.errorf(v.At, "%s has %s; %s has %d", v.File, plural(len(a.Data), "element"), who, n)
	}
}

func shapeOf(a *Array) string {
	var parts []string
	for _, n := range a.Shape {
		parts = append(parts, num(float64(n)))
	}
	if len(parts) == 1 {
		return "(" + parts[0] + ",)"
	}
	return "(" + strings.Join(parts, ", ") + ")"
}

// readConstants reads the section of named values. A constant may depend on
// others, in any order.
func (l *loader) readConstants(e *yamltree.Entry) {
	byName := map[string]*Value{}
	var names []string
	for _, c := range l.entries(e, "names and their values") {
		if !l.declare(c.Key, c.KeyPos, "a constant") {
			continue
		}
		l.consts[c.Key] = math.NaN() // known; its value follows
		if v := l.value(c, "a constant", false); v != nil {
			l.file.Constants = append(l.file.Constants, v)
			byName[c.Key], names = v, append(names, c.Key)
		}
	}
	deps := func(name string) []string {
		var out []string
		if v := byName[name]; v != nil {
			for _, n := range lang.Names(v.Expr) {
				out = append(out, n.Ident)
			}
		}
		return out
	}
	done := map[string]bool{}
	if c := cycle(names, deps); c != nil {
		l.errorf(byName[c[0]].At, "constants that depend on each other: %s", strings.Join(c, " -> "))
		for _, name := range c {
			done[name] = true
		}
	}
	var eval func(name string)
	eval = func(name string) {
		if done[name] || byName[name] == nil {
			return
		}
		done[name] = true
		for _, d := range deps(name) {
			eval(d)
		}
		if v, ok := l.constant(byName[name].Expr, "a constant"); ok {
			l.consts[name] = v
		}
	}
	for _, name := range names {
		eval(name)
	}
}
