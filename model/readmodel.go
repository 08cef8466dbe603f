package model

import (
	"slices"

	"gpusim/model/diag"
	"gpusim/model/lang"
	"gpusim/model/library"
	"gpusim/model/yamltree"
)

// modelInfo is a model, what its names are, and whether it was free of errors.
type modelInfo struct {
	m     *Model
	ok    bool
	types map[string]lang.Type // parameters, states, inputs, quantities
	at    map[string]diag.Pos  // where each name is declared
	role  map[string]string    // "a parameter", ...
	terms int
}

// methods are the methods that the format knows, those built first.
var methods = []string{
	"exponential_euler", "euler", "rk2", "heun", "midpoint", "rk3", "rk4", "rk4_alternative",
}

func (l *loader) method(n *yamltree.Node) (string, bool) {
	text, ok := l.text(n, "the method")
	if ok && !contains(methods, text) {
		l.errorf(n.Pos, "there is no method %s; there are %s", quoted(text), listed(methods)).Hint = didYouMean(text, methods)
		return "", false
	}
	return text, ok
}

var (
	neuronKeys  = []string{"kind", "method", "parameters", "state", "input", "equations", "spike", "reset", "refractory"}
	synapseKeys = []string{"kind", "method", "parameters", "state", "equations", "on_pre", "on_post", "output", "delay"}
)

func (l *loader) readModels(e *yamltree.Entry) {
	for _, m := range l.entries(e, "names and models") {
		if !l.goodName(m.Key, m.KeyPos, "a model", false) {
			l.models[m.Key] = &modelInfo{}
			continue
		}
		l.models[m.Key] = l.readModel(m.Key, m.KeyPos, m.Value, false)
	}
}

// modelNamed gives the file's model of a name, or a built-in one; kind and
// user are for messages.
func (l *loader) modelNamed(n *yamltree.Node, kind Kind, user string) *modelInfo {
	name, ok := l.text(n, "the model")
	if !ok {
		return nil
	}
	info := l.models[name]
	if info == nil {
		text, ok := library.Text(name)
		if !ok {
			p := l.errorf(n.Pos, "there is no model %s", quoted(name))
			var names []string
			for m := range l.models {
				names = append(names, m)
			}
			names = append(names, library.Names()...)
			slices.Sort(names)
			p.Hint = nearestOr(name, names, "beside the models of the file there are "+listed(library.Names()))
			return nil
		}
		src := &diag.Source{Name: "built-in model " + name, Text: text}
		tree := yamltree.ParseValue(l.list, src, text, 1)
		if tree == nil {
			return nil
		}
		info = l.readModel(name, diag.Pos{Line: 1, Col: 1, Source: src}, tree, true)
		l.models[name] = info
	}
	if info.m == nil {
		return nil // reported
	}
	if info.m.Kind != kind {
		what := [...]string{"a neuron", "a synapse"}
		l.errorf(n.Pos, "%s is %s model; %s needs %s model", name, what[info.m.Kind], user, what[kind])
		return nil
	}
	return info
}

func (l *loader) readModel(name string, at diag.Pos, n *yamltree.Node, builtIn bool) *modelInfo {
	before := len(l.list.Problems)
	m := &Model{At: at, Name: name, Method: l.file.Method, MethodAt: l.methodAt, BuiltIn: builtIn}
	info := &modelInfo{m: m, types: map[string]lang.Type{}, at: map[string]diag.Pos{}, role: map[string]string{}}
	if n.IsNull() || n.Kind != yamltree.Map {
		l.errorf(n.Pos, "a model is a map of kind, parameters, state, equations, ...; this is %s", describe(n))
		return &modelInfo{}
	}
	kind := n.Value("kind")
	if kind == nil {
		l.errorf(at, "the model %s needs the key \"kind\"", name).Hint = "kind is neuron or synapse"
		return &modelInfo{}
	}
	keys, what := neuronKeys, "a neuron model"
	switch text, ok := l.text(kind, "kind"); {
	case !ok:
		return &modelInfo{}
	case text == "synapse":
		m.Kind, keys, what = SynapseModel, synapseKeys, "a synapse model"
	case text != "neuron":
		l.errorf(kind.Pos, "kind is neuron or synapse, not %s", quoted(text)).Hint = didYouMean(text, []string{"neuron", "synapse"})
		return &modelInfo{}
	}
	s := l.fields(n, what, keys...)
	l.file.Models = append(l.file.Models, m)
	if e := s["method"]; e != nil {
		if text, ok := l.method(e.Value); ok {
			m.Method, m.MethodAt = text, e.Value.Pos
		}
	}
	for _, e := range l.entries(s["parameters"], "names and values") {
		if l.local(info, e.Key, e.KeyPos, "a parameter") {
			if v := l.value(e, "a parameter of a model", false); v != nil {
				m.Parameters = append(m.Parameters, v)
			}
		}
	}
	l.readStates(info, s["state"])
	if e := s["input"]; e != nil {
		for _, x := range l.items(e.Value, "input") {
			if text, ok := l.text(x, "an input"); ok && l.local(info, text, x.Pos, "an input") {
				m.Inputs = append(m.Inputs, &Ident{At: x.Pos, Name: text})
			}
		}
	}
	if e := s["equations"]; e != nil {
		if text, ok := l.block(e.Value, "equations"); ok {
			m.Equations = lang.ParseEquations(text, l.list)
			l.tooLong(e, len(m.Equations))
		}
	}
	l.readEvents(m, s)
	info.ok = len(l.list.Problems) == before
	info.terms = m.terms()
	l.checkModel(info)
	info.ok = len(l.list.Problems) == before
	return info
}

// readStates reads the states with their starts; a list of names starts all
// of them at 0.
func (l *loader) readStates(info *modelInfo, e *yamltree.Entry) {
	for _, e := range l.entries(e, "names and starting values") {
		if l.local(info, e.Key, e.KeyPos, "a state") {
			if v := l.value(e, "a starting value of a model", false); v != nil {
				info.m.States = append(info.m.States, v)
			}
		}
	}
}

// readEvents reads what a model does at spikes, and what it sends.
func (l *loader) readEvents(m *Model, s fields) {
	if e := s["spike"]; e != nil {
		m.Spike = l.expr(e.Value, "spike")
	}
	if e := s["refractory"]; e != nil {
		m.Refractory = l.expr(e.Value, "refractory")
	}
	if e := s["delay"]; e != nil {
		m.Delay = l.value(e, "delay", false)
	}
	for _, x := range []struct {
		key string
		to  *[]*lang.Assign
	}{{"reset", &m.Reset}, {"on_pre", &m.OnPre}, {"on_post", &m.OnPost}, {"output", &m.Outputs}} {
		if e := s[x.key]; e != nil {
			if text, ok := l.block(e.Value, x.key); ok {
				*x.to = lang.ParseStatements(text, l.list)
				l.tooLong(e, len(*x.to))
			}
		}
	}
}

// block gives the text of a scalar of statements; a list of scalars is
// refused with how to write it.
func (l *loader) block(n *yamltree.Node, what string) (lang.Text, bool) {
	if n.IsNull() {
		return lang.Text{}, false
	}
	if n.Kind != yamltree.Scalar {
		l.errorf(n.Pos, "%s is text, one statement a line; this is %s", what, describe(n)).Hint =
			"write | after the key and the statements below it, indented"
		return lang.Text{}, false
	}
	return n.Expr(), true
}

// local declares a name of a model.
func (l *loader) local(info *modelInfo, name string, pos diag.Pos, what string) bool {
	if _, dup := info.at[name]; dup {
		l.errorf(pos, "%s is declared twice: it is %s already, in line %d", quoted(name), info.role[name], info.at[name].Line)
		return false
	}
	if !l.goodName(name, pos, what, false) {
		return false
	}
	if _, is := l.consts[name]; is && info.m.BuiltIn {
		l.errorf(l.objects[name], "the built-in model %s has %s %s: the constant needs another name", info.m.Name, what, quoted(name))
		return false
	}
	if _, is := l.consts[name]; is {
		l.errorf(pos, "%s is a constant of the file, in line %d; %s needs another name", quoted(name), l.objects[name].Line, what)
		return false
	}
	info.at[name], info.role[name], info.types[name] = pos, what, lang.Num
	return true
}
