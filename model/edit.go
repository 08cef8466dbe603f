package model

import (
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"gpusim/model/diag"
	"gpusim/model/lang"
	"gpusim/model/library"
	"gpusim/model/yamltree"
)

// edit applies the options to the tree, before anything in it is checked. The
// places of what they put there name the flag.
func (l *loader) edit() {
	for _, o := range l.opts.Set {
		l.set(o)
	}
	if l.opts.Seed != nil {
		l.setRun("seed", "--seed", strconv.FormatUint(*l.opts.Seed, 10))
	}
	l.editSpan()
	if len(l.opts.Params) > 0 {
		l.editSweep()
	}
	if len(l.list.Problems) == 0 {
		l.editDesign()
	}
	l.editFit()
}

func flagSource(flag, text string) (*diag.Source, diag.Pos) {
	src := &diag.Source{Name: flag, Text: text}
	return src, diag.Pos{Line: 1, Col: 1, Source: src}
}

func (l *loader) setRun(key, flag, text string) {
	_, at := flagSource(flag, text)
	l.root.Set(yamltree.NewScalar(text, at), "run", key)
}

// set applies NAME=VALUE.
func (l *loader) set(o Override) {
	src, at := flagSource("--set", o.Name+"="+o.Value)
	value := at
	value.Col += utf8.RuneCountInString(o.Name) + 1
	var n *yamltree.Node
	array := "" // the file that holds one
	if path, is := strings.CutPrefix(o.Value, "@"); is {
		full, err := filepath.Abs(path)
		if err != nil || path == "" {
			l.errorf(value, "@ needs the path of a .npy file")
			return
		}
		if !utf8.ValidString(full) || strings.ContainsFunc(full, unicode.IsControl) {
			l.errorf(value, "a path of a network file is printable text")
			return
		}
		array = full
		n = yamltree.NewScalar("file("+full+")", value)
	} else if n = yamltree.ParseValue(l.list, src, o.Value, value.Col); n == nil {
		return
	}
	if n.IsNull() {
		l.errorf(at, "--set needs NAME=VALUE")
		return
	}
	path := l.resolve(o.Name, at)
	if array != "" {
		path, n = l.inputArray(path, n, array)
	}
	if path != nil && (contains(listSections, path[0]) && len(path) > 1 && l.root.Value(path[0]) == nil || !l.root.Set(n, path...)) {
		l.errorf(at, "the file has no %s", quoted(o.Name)).Hint = "the items of a list are counted from 0, and --set adds none"
	}
}

// listSections are the sections that are lists: a value of an item that is not
// there makes none.
var listSections = []string{"inputs", "measure"}

// resolve gives the path in the tree of a name on the command line: that of a
// variable of an object, of a constant, a path of the file, or of a key of an
// object. It reports a name that is none of these.
func (l *loader) resolve(name string, at diag.Pos) []string {
	parts := strings.Split(name, ".")
	first := parts[0]
	for _, p := range parts {
		if p == "" {
			l.errorf(at, "%s is no name to set", quoted(name))
			return nil
		}
	}
	if l.root.Get("constants", name) != nil {
		return []string{"constants", name}
	}
	for _, section := range []string{"populations", "projections"} {
		object := l.root.Get(section, first)
		if object == nil {
			continue
		}
		path := append([]string{section}, parts...)
		if len(parts) == 1 {
			l.errorf(at, "%s is one of the %s; set one of its variables or keys, as in %s.NAME=VALUE", quoted(first), section, first)
			return nil
		}
		params, states := l.variables(object.Value("model"))
		keys := populationKeys
		if section == "projections" {
			keys = projectionKeys
		}
		switch {
		case len(parts) == 2 && contains(params, parts[1]):
			return []string{section, first, "parameters", parts[1]}
		case len(parts) == 2 && contains(states, parts[1]):
			return []string{section, first, "init", parts[1]}
		case contains(keys, parts[1]):
			return path
		}
		p := l.errorf(at, "%s has no parameter, state or key %s", first, quoted(parts[1]))
		all := append(append(append([]string{}, params...), states...), keys...)
		if p.Hint = didYouMean(parts[1], all); p.Hint == "" {
			p.Hint = "it has " + listed(append(append([]string{}, params...), states...))
		}
		return nil
	}
	if contains(topKeys, first) {
		return parts
	}
	p := l.errorf(at, "there is nothing called %s to set", quoted(first))
	if p.Hint = didYouMean(first, l.settable()); p.Hint == "" {
		p.Hint = "set object.variable, a constant, or a path in the file such as run.duration"
	}
	return nil
}

// settable lists what a name on the command line may begin with.
func (l *loader) settable() []string {
	var names []string
	for _, section := range []string{"populations", "projections", "constants"} {
		if n := l.root.Value(section); n != nil {
			names = append(names, n.Keys()...)
		}
	}
	return append(names, topKeys...)
}

// variables lists the parameters and states of the model that a node names.
func (l *loader) variables(model *yamltree.Node) (params, states []string) {
	if model == nil {
		return nil, nil
	}
	tree := l.root.Get("models", model.Text)
	if tree == nil {
		text, ok := library.Text(model.Text)
		if !ok {
			return nil, nil
		}
		src := &diag.Source{Name: model.Text, Text: text}
		if tree = yamltree.Parse(&diag.List{Source: src}); tree == nil {
			return nil, nil
		}
	}
	if n := tree.Value("parameters"); n != nil {
		params = n.Keys()
	}
	if n := tree.Value("state"); n != nil {
		states = n.Keys()
	}
	return params, states
}

// editSpan sets the time span. Without --from it begins where the file says;
// without --to it ends where the file says.
func (l *loader) editSpan() {
	from, to := l.opts.From, l.opts.To
	if from == nil && to == nil {
		return
	}
	start, duration := l.peek("run", "start"), l.peek("run", "duration")
	end := start + duration
	if from != nil {
		start = *from
		l.setRun("start", "--from", num(start))
	}
	flag := "--from"
	if to != nil {
		end, flag = *to, "--to"
	}
	if end <= start {
		_, at := flagSource(flag, num(map[bool]float64{true: end, false: start}[to != nil]))
		l.errorf(at, "the run would end at %s ms, not after its start at %s ms", num(end), num(start))
		return
	}
	l.setRun("duration", flag, num(end-start))
}

// peek evaluates a number of the tree that is yet to be checked, with the
// constants as they stand there; 0 where it has none.
func (l *loader) peek(path ...string) float64 {
	depth, visits := 0, 0 // constants that read each other twice would take for ever
	var value func(n *yamltree.Node) (float64, bool)
	value = func(n *yamltree.Node) (float64, bool) {
		if n == nil || n.Kind != yamltree.Scalar || depth > 100 || visits > 10000 {
			return 0, false
		}
		visits++
		depth++
		defer func() { depth-- }()
		x := lang.ParseExpr(n.Expr(), &diag.List{})
		if x == nil {
			return 0, false
		}
		v, err := lang.Eval(x, func(n *lang.Name) (float64, bool) {
			return value(l.root.Get("constants", n.Ident))
		})
		return v, err == nil
	}
	v, _ := value(l.root.Get(path...))
	return v
}

// trimmed makes a scalar of what a flag has at pos, without the spaces around.
func trimmed(text string, pos diag.Pos) *yamltree.Node {
	pos.Col += utf8.RuneCountInString(text) - utf8.RuneCountInString(strings.TrimLeft(text, " "))
	return yamltree.NewScalar(strings.TrimSpace(text), pos)
}
