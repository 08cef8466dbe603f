package network

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"gpusim/checkpoint"
	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/model/lang"
)

// dimNames are the names of dimensions in a checkpoint.
var dimNames = [...]string{ir.One: "one", ir.PerNeuron: "neuron", ir.PerPre: "pre", ir.PerSynapse: "synapse",
	ir.PerSample: "sample", ir.PerSampleNeuron: "sample_neuron", ir.PerRow: "row"}

// kindNames are those of the kinds of input.
var kindNames = [...]string{model.Constant: "constant", model.PerNeuron: "per_neuron",
	model.PerTime: "per_time", model.PerTimeAndNeuron: "per_time_and_neuron"}

// Checkpoint gives all that is needed to go on from where the network stands, in
// another process: the network file with its arrays, what was set since, the clock,
// and every state of every instance, spikes in flight too. Resume makes a network of
// it, whose next steps give the same bits on the same device.
//
// Its fields Gpusim, Run and Extra are for the program that writes it.
func (n *Network) Checkpoint() (*checkpoint.Checkpoint, error) {
	if n.closed {
		return nil, ErrClosed
	}
	if err := n.sync(); err != nil {
		return nil, err
	}
	c := &checkpoint.Checkpoint{
		Device: checkpoint.Device(n.dev.Info()),
		File:   n.file.Source.Name, Identity: n.file.Identity(), Program: programHash(n.built.prog),
		Instances: n.instances, PerSynapse: n.opts.PerSynapse,
		Unequal: slices.Sorted(maps.Keys(n.built.unequal)),
		Seeds:   slices.Clone(n.seeds), SeedSet: n.seedSet,
		Clock: checkpoint.Clock{
			DtMs: n.file.Dt, Step: n.step, Ms: n.clock, Origin: n.origin,
			StartStep: n.startStep, StartMs: n.startMs, StartSet: n.startSet, Started: n.started,
		},
	}
	c.Network, _ = n.file.Portable()
	arrays, err := n.file.Arrays()
	if err != nil {
		return nil, err
	}
	for _, path := range slices.Sorted(maps.Keys(arrays)) {
		c.Arrays = append(c.Arrays, checkpoint.Array{Path: path, File: checkpoint.Bytes{Data: arrays[path]}})
	}
	state, err := n.readState()
	if err != nil {
		return nil, err
	}
	for _, s := range n.order {
		if s.set {
			c.Values = append(c.Values, stored(s.name, s.given))
		}
	}
	for i := range n.built.prog.Vars {
		v := &n.built.prog.Vars[i]
		if val := state[v.Name]; val != nil {
			c.Variables = append(c.Variables, checkpoint.Variable{Name: v.Name, Dim: dimNames[v.Dim], Data: checkpoint.Numbers{Data: slices.Concat(val.rows...)}})
		}
	}
	for _, s := range n.inputs {
		c.Inputs = append(c.Inputs, s.storedInput())
	}
	for _, s := range n.dropped {
		c.DroppedInputs = append(c.DroppedInputs, s.number)
	}
	for _, o := range n.objects {
		if n.recordsSet[o.name] {
			c.Records = append(c.Records, n.storedRecords(o.name))
		}
	}
	return c, nil
}

func programHash(p *ir.Program) string {
	q := *p
	q.Name = "" // it is the file's, which may change
	sum := sha256.Sum256([]byte(q.String()))
	return hex.EncodeToString(sum[:])
}

func stored(name string, v *value) checkpoint.Value {
	return checkpoint.Value{Name: name, Dim: dimNames[v.dim], Rows: len(v.rows), Data: checkpoint.Numbers{Data: slices.Concat(v.rows...)}}
}

// storedInput has of an input of the file what may be set, of one that was added all.
func (s *slot) storedInput() checkpoint.Input {
	in := s.input
	x := checkpoint.Input{Number: s.number, Op: in.Op, Kind: kindNames[in.Kind], Every: in.Every, Set: s.set}
	if s.number < 0 {
		x.To, x.Target, x.From, x.Until = s.obj.pop.Name, in.Target, in.From, in.Until
		if in.Group != nil {
			x.Group = in.Group.Name
		}
		if s.given == nil {
			x.Expression = lang.Print(in.Value.Expr)
		}
	}
	if s.set || s.number < 0 && s.given != nil {
		v := stored("", s.given)
		x.Given = &v
	}
	return x
}

func (n *Network) storedRecords(object string) checkpoint.Records {
	out := checkpoint.Records{Object: object}
	list, _, _ := n.recordsOf(object) // it is one of the network's
	for _, r := range *list {
		if !n.hidden[r] {
			out.List = append(out.List, checkpoint.Record{Name: r.Name, Key: r.Key, Every: r.Every, Of: r.Of, Mean: r.Mean})
		}
	}
	return out
}
