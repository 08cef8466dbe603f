package network

import (
	"fmt"
	"slices"
	"strings"

	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/model/lang"
)

// structure is what the program depends on beside the file.
type structure struct {
	params  map[string]paramForm
	inputs  []inputForm
	records map[string][]recordForm // by object
}

// paramForm is the structure of a constant or parameter.
type paramForm struct {
	dim   ir.Dim
	shape string // as messages write it
}

// inputForm is the structure of an input.
type inputForm struct {
	slot  *slot // which input it is, whatever its number
	op    string
	kind  model.InputKind
	dim   ir.Dim
	shape string // as messages write it
	count int    // numbers
	every int64
	// window is the time, and group the neurons that it is limited to; "" where
	// it is not.
	window, group string
	// equation is the text of a value that reads t.
	equation string
}

// recordForm is the structure of a record.
type recordForm struct {
	name  string
	every int
	of    string // the elements, "" for all
	mean  bool
	key   string // in results
}

// structure gives the structure that the values set now need.
func (n *Network) structure() (structure, error) {
	form := structure{params: map[string]paramForm{}, records: map[string][]recordForm{}}
	for _, s := range n.order {
		if s.kind != constantSlot && s.kind != paramSlot && s.kind != refractorySlot {
			continue
		}
		v, err := n.eval(s)
		if err != nil {
			return form, err
		}
		dim := v.dim
		if dim == ir.PerPre {
			dim = ir.PerSynapse
		}
		form.params[s.name] = paramForm{dim, dimText(s.obj, dim)}
	}
	for _, s := range n.inputs {
		in := inputForm{slot: s, op: s.input.Op, shape: "()", count: 1, window: windowText(s.input), group: groupText(s.input)}
		if s.given == nil && s.input.ReadsTime() {
			in.equation = lang.Print(s.input.Value.Expr)
			form.inputs = append(form.inputs, in)
			continue
		}
		v, err := n.eval(s)
		if err != nil {
			return form, err
		}
		in.kind, in.dim, in.count = s.input.Kind, v.dim, len(v.rows[0])
		in.shape = in.text()
		if v.dim != ir.PerSample && v.dim != ir.PerSampleNeuron {
			in.kind = model.Constant // by its dim
		} else {
			in.every = max(1, model.StepOf(s.input.Every, n.file.Dt))
		}
		form.inputs = append(form.inputs, in)
	}
	records := func(object string, list []*model.Record) {
		for _, r := range list {
			if r.Name != "spikes" {
				form.records[object] = append(form.records[object], recordForm{r.Name, max(1, r.Every), elementsText(r.Of), r.Mean, r.Called()})
			}
		}
	}
	for _, p := range n.file.Populations {
		records(p.Name, p.Record)
	}
	for _, p := range n.file.Projections {
		records(p.Name, p.Record)
	}
	return form, nil
}

// shapes gives the structure as the lowering takes it; the synapse states that
// are not equal are still to be entered.
func (form *structure) shapes(n *Network) model.Shapes {
	s := model.Shapes{Params: map[string]ir.Dim{}, Unequal: map[string]bool{}, PerSynapse: n.opts.PerSynapse}
	for name, p := range form.params {
		s.Params[name] = p.dim
	}
	for _, in := range form.inputs {
		shape := model.InputShape{Dim: in.dim, Samples: in.count, Equation: in.equation != ""}
		if in.dim == ir.PerSampleNeuron {
			shape.Samples /= in.slot.obj.count(ir.PerNeuron)
		}
		s.Inputs = append(s.Inputs, shape)
	}
	return s
}

// text writes the shape of an input's value.
func (in inputForm) text() string {
	switch {
	case in.dim == ir.One:
		return "()"
	case in.dim == ir.PerSampleNeuron:
		size := in.slot.obj.count(ir.PerNeuron)
		return shapeText(in.count/size, size)
	}
	return shapeText(in.count)
}

// what says what the elements of an input's value are.
func (in inputForm) what() string {
	if in.dim == ir.PerSample {
		return "samples of time"
	}
	return "neurons"
}

// changes says, a sentence each, in what the form differs from that of the
// network as built.
func (n *Network) changes(form structure) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	b := n.built
	for _, s := range n.order {
		was, is := b.form.params[s.name], form.params[s.name]
		if _, used := b.vars[s.name]; used && was.dim != is.dim && s.kind != refractorySlot {
			add("The current %q shape %s is different from the last shape %s.", s.name, is.shape, was.shape)
		}
	}
	if is, was := form.params, b.form.params; len(out) == 0 {
		for _, s := range n.order {
			if s.kind == refractorySlot && is[s.name].dim != was[s.name].dim {
				add("The current %q shape %s is different from the last shape %s.", s.name, is[s.name].shape, was[s.name].shape)
			}
		}
	}
	out = append(out, inputChanges(b.form.inputs, form.inputs)...)
	for _, s := range n.order {
		if v := n.stateToCome(s); v != nil && v.dim == ir.PerSynapse && s.obj.proj != nil {
			if id, ok := b.vars[s.name]; ok && b.prog.Vars[id].Dim == ir.PerPre {
				add("The current %q shape %s is different from the last shape %s.", s.name, dimText(s.obj, ir.PerSynapse), dimText(s.obj, ir.PerPre))
			}
		}
	}
	for _, o := range n.objects {
		if is, was := form.records[o.name], b.form.records[o.name]; !slices.Equal(is, was) {
			add("The current recorded variables (%s) of %q are different from the last (%s).", recordText(is), o.name, recordText(was))
		}
	}
	return out
}

// stateToCome gives the value that is to be written for a synapse state.
func (n *Network) stateToCome(s *slot) *value {
	if s.kind != stateSlot || s.obj.proj == nil {
		return nil
	}
	if n.started {
		return n.pending[s.name]
	}
	v, err := n.eval(s)
	if err != nil {
		return nil // reported when it is written
	}
	return v
}

func inputChanges(last, current []inputForm) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	find := func(list []inputForm, s *slot) (inputForm, bool) {
		for _, in := range list {
			if in.slot == s {
				return in, true
			}
		}
		return inputForm{}, false
	}
	for _, was := range last {
		if _, kept := find(current, was.slot); !kept {
			add("The last %q input of shape %s was dropped.", was.slot.name, was.shape)
		}
	}
	for _, is := range current {
		was, old := find(last, is.slot)
		if !old {
			add("The current %q input of shape %s is new.", is.slot.name, is.shape)
			continue
		}
		name := is.slot.name
		switch {
		case is.shape != was.shape:
			add("The current %q input shape %s is different from the last input shape %s.", name, is.shape, was.shape)
		case is.dim != was.dim || is.kind != was.kind:
			add("The current %q input shape %s is of %s, the last input shape %s of %s.", name, is.shape, is.what(), was.shape, was.what())
		case is.every != was.every:
			add("The current %q input sample of %d steps is different from the last input sample of %d steps.", name, is.every, was.every)
		}
		switch {
		case is.equation == was.equation:
		case is.equation == "":
			add("The current %q input is a value, the last input the expression %s.", name, was.equation)
		case was.equation == "":
			add("The current %q input is the expression %s, the last input a value.", name, is.equation)
		default:
			add("The current %q input expression %s is different from the last input expression %s.", name, is.equation, was.equation)
		}
		if is.op != was.op {
			add("The current %q input operation %q is different from the last input operation %q.", name, is.op, was.op)
		}
		if is.window != was.window {
			add("The current %q input is given %s, the last was given %s.", name, orElse(is.window, "always"), orElse(was.window, "always"))
		}
		if is.group != was.group {
			add("The current %q input is given to %s, the last to %s.", name, orElse(is.group, "all neurons"), orElse(was.group, "all neurons"))
		}
	}
	return out
}

// windowText says from when until when an input is given.
func windowText(in *model.Input) string {
	var parts []string
	if in.From != nil {
		parts = append(parts, "from "+formatNumber(*in.From))
	}
	if in.Until != nil {
		parts = append(parts, "until "+formatNumber(*in.Until))
	}
	if len(parts) == 0 {
		return ""
	}
	return strings.Join(parts, " ") + " ms"
}

// groupText says which neurons an input is given to.
func groupText(in *model.Input) string {
	if in.Group == nil {
		return ""
	}
	return fmt.Sprintf("neurons %d to %d", in.Group.Start, in.Group.Stop-1)
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func dimText(o *object, d ir.Dim) string {
	if d == ir.One {
		return "()"
	}
	return shapeText(o.count(d))
}

// elementsText writes a list of elements, ranges start:stop where it can.
func elementsText(list []int) string {
	var parts []string
	for i := 0; i < len(list); {
		n := 1
		for i+n < len(list) && list[i+n] == list[i]+n {
			n++
		}
		if n > 2 {
			parts = append(parts, fmt.Sprintf("%d:%d", list[i], list[i]+n))
		} else {
			parts, n = append(parts, fmt.Sprint(list[i])), 1
		}
		i += n
	}
	return strings.Join(parts, " ")
}

func recordText(list []recordForm) string {
	var names []string
	for _, r := range list {
		text := r.name
		if r.mean {
			text = "the mean of " + text
		}
		if r.of != "" {
			text += fmt.Sprintf(" of elements %.60s", r.of)
		}
		if r.every > 1 {
			text += fmt.Sprintf(" every %d steps", r.every)
		}
		if r.key != r.name && r.key != r.name+".mean" {
			text += " as " + r.key
		}
		names = append(names, text)
	}
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}
