package model

import (
	"math"
	"strings"

	"gpusim/model/lang"
	"gpusim/model/yamltree"
)

var inputOps = []string{"add", "subtract", "multiply", "divide", "set"}

func (l *loader) readInputs(e *yamltree.Entry) {
	if e == nil || e.Value.IsNull() {
		return
	}
	if e.Value.Kind != yamltree.Seq {
		l.errorf(e.Value.Pos, "inputs is a list; this is %s", describe(e.Value)).Hint =
			"write - {to: population.input, value: 1} below it"
		return
	}
	if l.tooMany(e, len(e.Value.Items)) {
		return
	}
	for _, x := range e.Value.Items {
		// A missing input would shift the indices of the others: keep its place.
		if in := l.readInput(x); in != nil {
			l.file.Inputs = append(l.file.Inputs, in)
		}
	}
}

func (l *loader) readInput(n *yamltree.Node) *Input {
	s := l.fields(n, "an input", "to", "value", "op", "from", "until")
	if s == nil {
		return nil
	}
	in := &Input{At: n.Pos, Op: "add"}
	to, value := l.need(s, n, "to", "an input"), l.need(s, n, "value", "an input")
	if to != nil {
		l.readTarget(in, to.Value)
	}
	if e := s["op"]; e != nil {
		if text, ok := l.text(e.Value, "op"); ok {
			in.Op = text
			if !contains(inputOps, text) {
				l.errorf(e.Value.Pos, "op is one of %s, not %s", listed(inputOps), quoted(text)).Hint = didYouMean(text, inputOps)
			}
		}
	}
	for key, to := range map[string]**float64{"from": &in.From, "until": &in.Until} {
		if e := s[key]; e != nil {
			if v, ok := l.number(e.Value, key); ok {
				*to = &v
			}
		}
	}
	if in.From != nil && in.Until != nil && *in.From >= *in.Until {
		l.errorf(s["until"].Value.Pos, "until (%s) is not after from (%s)", num(*in.Until), num(*in.From))
	}
	if value != nil {
		l.readInputValue(in, value)
	}
	if in.To == nil || in.Value == nil {
		return nil
	}
	return in
}

func (l *loader) readTarget(in *Input, n *yamltree.Node) {
	text, ok := l.text(n, "to")
	if !ok {
		return
	}
	dot := strings.LastIndexByte(text, '.')
	if dot < 0 {
		p := l.errorf(n.Pos, "an input goes to population.input, not to %s", quoted(text))
		if pop := l.file.Population(text); pop != nil && len(pop.Model.Inputs) > 0 {
			p.Hint = "write " + text + "." + pop.Model.Inputs[0].Name
		}
		return
	}
	object := *n
	object.Text = text[:dot]
	if pop, group := l.populationNamed(&object); pop != nil {
		in.Group = group
		in.Target = text[dot+1:]
		if !l.models[pop.Model.Name].ok {
			return
		}
		if !pop.Model.HasInput(in.Target) {
			p := l.errorf(n.Pos, "%s (of model %s) has no input %s", pop.Name, pop.Model.Name, quoted(in.Target))
			p.Hint = nearestOr(in.Target, inputNames(pop.Model), inputsOf(pop.Model))
			return
		}
		in.To = pop
	}
}

var inputShapes = []string{"per_neuron", "per_time", "per_time_and_neuron"}

func (l *loader) readInputValue(in *Input, e *yamltree.Entry) {
	n := e.Value
	if n.Kind == yamltree.Map {
		l.readInputArray(in, n)
		return
	}
	if path, is := fileOf(n); is {
		l.errorf(n.Pos, "say what the elements of %s are", path).Hint =
			"{per_neuron: file(a.npy)}, {per_time: file(b.npy), every: 1.0} or {per_time_and_neuron: file(c.npy), every: 1.0}"
		return
	}
	v := l.value(e, "the value of an input", false)
	if v == nil {
		return
	}
	sc := &scope{what: "the value of an input", consts: l.consts, vars: map[string]lang.Type{}}
	if in.To != nil {
		for _, p := range in.To.Model.Parameters {
			sc.vars[p.Name] = lang.Num
		}
	} else if len(lang.Names(v.Expr)) > 0 {
		return // its names are those of an unknown population
	}
	if l.checkExpr(v.Expr, sc.with("t", "dt", "i", "N"), lang.Num) {
		in.Value = v
	}
}

func (l *loader) readInputArray(in *Input, n *yamltree.Node) {
	s := l.fields(n, "the value of an input", append(inputShapes[:3:3], "every")...)
	if s == nil {
		return
	}
	var given *yamltree.Entry
	for k, key := range inputShapes {
		if s[key] == nil {
			continue
		}
		if given != nil {
			l.errorf(s[key].KeyPos, "the value of an input is one of %s", listed(inputShapes))
			return
		}
		given, in.Kind = s[key], InputKind(k)+PerNeuron
	}
	if given == nil {
		l.errorf(n.Pos, "the value of an input needs one of %s", listed(inputShapes))
		return
	}
	if given.Value.IsNull() {
		return
	}
	if e := s["every"]; e != nil && in.Kind == PerNeuron {
		l.errorf(e.KeyPos, "every is for samples of time; per_neuron has none")
	} else if in.Kind != PerNeuron {
		if e := l.need(s, n, "every", given.Key); e != nil {
			v, ok := l.number(e.Value, "every")
			if ok && v <= 0 {
				l.errorf(e.Value.Pos, "every is a time in ms greater than 0, not %s", num(v))
			}
			in.Every = v
			if k := StepOf(v, l.file.Dt); ok && v > 0 && l.file.Dt > 0 {
				if k > maxEvery {
					l.errorf(e.Value.Pos, "every is %d steps; the most is %d", k, maxEvery)
				} else if lasts := float64(max(1, k)) * l.file.Dt; math.Abs(lasts-v) > 1e-9*v {
					l.notef(e.Value.Pos, "every is no multiple of dt: a sample lasts %s, %s ms", plural(int(max(1, k)), "step"), product(lasts))
				}
			}
		}
	}
	path, is := fileOf(given.Value)
	if !is {
		l.errorf(given.Value.Pos, "%s is an array: file(PATH.npy)", given.Key)
		return
	}
	a := l.array(path, given.Value.Pos)
	if a == nil {
		return
	}
	v := &Value{At: given.Value.Pos, Name: "value", File: path, Array: a}
	want := 1
	if in.Kind == PerTimeAndNeuron {
		want = 2
	}
	switch {
	case len(a.Shape) != want:
		l.errorf(v.At, "%s has shape %s; %s needs %s", path, shapeOf(a), given.Key, plural(want, "dimension"))
		return
	case len(a.Data) == 0:
		l.errorf(v.At, "%s is empty", path)
		return
	case in.To != nil && in.Kind != PerTime:
		if start, stop := in.To.Span(in.Group); a.Shape[want-1] != stop-start {
			l.errorf(v.At, "%s has shape %s; %s has %d neurons", path, shapeOf(a), in.To.Called(in.Group), stop-start)
			return
		}
	}
	in.Value = v
}

// maxEvery is the most steps of a sample, and between recorded rows.
const maxEvery = 1 << 31

// checkSamples reports an input over time that ends before the run does.
// Samples count from the run's start.
func (l *loader) checkSamples() {
	f := l.file
	for _, in := range f.Inputs {
		if in.Kind != PerTime && in.Kind != PerTimeAndNeuron || in.Value == nil || !(in.Every > 0) || !(f.Dt > 0) {
			continue
		}
		n, every := in.Value.Array.Shape[0], max(1, StepOf(in.Every, f.Dt))
		if need := (int64(f.Steps()) + every - 1) / every; need > int64(n) {
			l.errorf(in.Value.At, "%s has %s of %s ms each; the run takes %s ms, which needs %d", in.Value.File, plural(n, "sample"),
				product(float64(every)*f.Dt), num(f.Run.Duration), need)
		}
	}
}
