package network

import (
	"slices"

	"gpusim/checkpoint"
	"gpusim/model"
	"gpusim/model/diag"
	"gpusim/model/lang"
)

// restoreInputs makes the list of inputs that the checkpoint has: those of the file
// that were not dropped, with what was set of them, and those that were added.
func (n *Network) restoreInputs(c *checkpoint.Checkpoint) error {
	ofFile, used := n.inputs, map[int]bool{}
	take := func(number int) (*slot, error) {
		if number < 0 || number >= len(ofFile) || used[number] {
			return nil, spoiled("there is no input %d", number)
		}
		used[number] = true
		return ofFile[number], nil
	}
	n.inputs = nil
	for i := range c.Inputs {
		x := &c.Inputs[i]
		var s *slot
		var err error
		if x.Number == -1 {
			s, err = n.inputOf(x)
		} else {
			s, err = take(x.Number)
		}
		if err == nil {
			err = n.restoreInput(s, x)
		}
		if err != nil {
			return err
		}
		n.inputs = append(n.inputs, s)
	}
	for _, number := range c.DroppedInputs {
		s, err := take(number)
		if err != nil {
			return err
		}
		n.dropped = append(n.dropped, s)
	}
	if len(used) != len(ofFile) {
		return spoiled("it has %d inputs of the file, expected %d", len(used), len(ofFile))
	}
	return nil
}

// restoreInput gives an input what was set of it.
func (n *Network) restoreInput(s *slot, x *checkpoint.Input) error {
	kind := slices.Index(kindNames[:], x.Kind)
	timed := kind == int(model.PerTime) || kind == int(model.PerTimeAndNeuron)
	is := s.number < 0 || x.Given != nil || s.input.Kind == model.InputKind(kind) && s.input.Op == x.Op
	if !is || kind < 0 || !slices.Contains(inputOps, x.Op) || timed && !(x.Every > 0) || x.Set && x.Given == nil {
		return spoiled("the input to %s cannot be of kind %q and operation %q", s.name, x.Kind, x.Op)
	}
	if s.number >= 0 && x.Given == nil {
		return nil
	}
	s.input.Op, s.input.Kind, s.input.Every, s.set = x.Op, model.InputKind(kind), x.Every, x.Set
	if x.Given == nil {
		return nil
	}
	rows, err := n.rowsOf(x.Given)
	if err != nil {
		return err
	}
	v, err := n.fitInput(s, s.input.Kind, rows...)
	if err != nil || dimNames[v.dim] != x.Given.Dim {
		return spoiled("the input to %s has %d numbers of dimension %q", s.name, len(rows[0]), x.Given.Dim)
	}
	s.given, s.input.Value = v, literal(rows[0])
	return nil
}

// inputOf makes an input that was added.
func (n *Network) inputOf(x *checkpoint.Input) (*slot, error) {
	in := &model.Input{To: n.file.Population(x.To), Target: x.Target, Op: x.Op, From: x.From, Until: x.Until, Value: &model.Value{Name: "value"}}
	if in.To == nil || !in.To.Model.HasInput(x.Target) {
		return nil, spoiled("there is no %s.%s", x.To, x.Target)
	}
	if x.Group != "" {
		for _, g := range in.To.Groups {
			if g.Name == x.Group {
				in.Group = g
			}
		}
		if in.Group == nil {
			return nil, spoiled("there is no %s.%s", x.To, x.Group)
		}
	}
	s, err := n.newInput(in)
	if err != nil || x.Given != nil {
		return s, err
	}
	in.Value.Expr = n.expressionOf(s, x.Expression)
	if s.expr = in.Value.Expr; s.expr == nil {
		return nil, spoiled("the input to %s cannot have the value %q", s.name, x.Expression)
	}
	return s, nil
}

// expressionOf reads the value of an input; nil where it is none.
func (n *Network) expressionOf(s *slot, text string) lang.Node {
	list := &diag.List{Source: &diag.Source{Name: "checkpoint", Text: text}}
	x := lang.ParseExpr(lang.Plain(text), list)
	if x == nil || len(lang.Draws(x)) > 0 {
		return nil
	}
	for _, name := range lang.Names(x) {
		r, ok := n.resolve(s.obj, name)
		if !ok || name.Owner != "" || r.slot != nil && r.slot.kind != paramSlot && r.slot.kind != constantSlot {
			return nil
		}
	}
	if lang.TypeOf(x, func(*lang.Name) lang.Type { return lang.Num }, list) != lang.Num || len(list.Problems) > 0 {
		return nil
	}
	return x
}

// restoreRecords records what was asked for.
func (n *Network) restoreRecords(c *checkpoint.Checkpoint) error {
	for _, x := range c.Records {
		list, m, err := n.recordsOf(x.Object)
		if err != nil {
			return spoiled("%s", err)
		}
		*list = nil
		for _, r := range x.List {
			if err := recordable(x.Object, m, r.Name); err != nil || r.Every < 1 && r.Name != "spikes" {
				return spoiled("%s.%s cannot be recorded every %d steps", x.Object, r.Name, r.Every)
			}
			*list = append(*list, &model.Record{Name: r.Name, Key: r.Key, Every: r.Every, Of: r.Of, Mean: r.Mean})
		}
		n.recordsSet[x.Object] = true
	}
	n.addHiddenRecords()
	// What the options add, prepare has put into the lists that were replaced.
	for _, x := range n.opts.Record {
		if slices.ContainsFunc(c.Records, func(r checkpoint.Records) bool { return r.Object == x.Object }) {
			if err := n.addRecord(x); err != nil {
				return err
			}
		}
	}
	return nil
}
