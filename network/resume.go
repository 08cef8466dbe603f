package network

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"gpusim/checkpoint"
	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/model/npy"
)

// ErrOther is the error of a checkpoint of another network, or of an engine of
// another kind.
var ErrOther = errors.New("another checkpoint")

// CheckpointFile reads the network file of a checkpoint; of the options it takes To
// and Memory.
func CheckpointFile(c *checkpoint.Checkpoint, o model.LoadOptions) (*model.File, error) {
	f, _, err := model.Parse(c.File, []byte(c.Network), "", model.LoadOptions{
		To: o.To, Memory: o.Memory,
		ReadArray: func(path string) ([]float64, []int, error) {
			b := c.Array(filepath.ToSlash(path))
			if b == nil {
				return nil, nil, fmt.Errorf("%s is not in the checkpoint", path)
			}
			return npy.Decode(b)
		},
	})
	return f, err
}

// Resume makes the network of a checkpoint on a device: it stands where the
// checkpoint was taken, and its next steps give the bits that the steps after the
// checkpoint gave, on the same device and driver. On another device of the same
// engine it goes on too, and Options.Note says so. Reset takes it back to the start
// that the network had before the checkpoint: starting values, what was set of them,
// seeds and the clock are all in it.
//
// The file is that of CheckpointFile, where it is nil, or must say the same but for
// the duration of its run. Instances and PerSynapse of the options are the
// checkpoint's; Record of the options adds to it.
//
// A checkpoint of another network or of another engine is ErrOther.
func Resume(f *model.File, dev Device, c *checkpoint.Checkpoint, opts *Options) (*Network, error) {
	if dev == nil || c == nil {
		return nil, errNoFile
	}
	if f == nil {
		var err error
		if f, err = CheckpointFile(c, model.LoadOptions{}); err != nil {
			return nil, err
		}
	}
	if f.Identity() != c.Identity {
		return nil, errorOf(ErrOther, "the checkpoint is of another network than %s", f.Source.Name)
	}
	is := dev.Info()
	if c.Device.Engine != is.Engine || c.Device.Precision != is.Precision {
		return nil, errorOf(ErrOther, "the checkpoint was computed in %s on the engine %s, which cannot be continued in %s on the engine %s",
			c.Device.Precision, c.Device.Engine, is.Precision, is.Engine)
	}
	o := Options{}
	if opts != nil {
		o = *opts
	}
	if o.Instances, o.PerSynapse = c.Instances, c.PerSynapse; o.Instances < 1 {
		return nil, spoiled("it has %d instances", o.Instances)
	}
	n, err := prepare(f, dev, &o)
	if err != nil {
		return nil, err
	}
	if err := n.restore(c); err != nil {
		return nil, err
	}
	if c.Device != checkpoint.Device(is) {
		n.note("The checkpoint was written on %s (%s). On %s (%s) the results may differ in their last bits.",
			c.Device.Device, c.Device.Driver, is.Device, is.Driver)
	}
	return n, nil
}

// spoiled is the error of a checkpoint that says what no network can have.
func spoiled(format string, args ...any) error {
	return fmt.Errorf("%w: %s", checkpoint.ErrDamaged, fmt.Sprintf(format, args...))
}

// restore gives a new network what a checkpoint has, and builds it.
func (n *Network) restore(c *checkpoint.Checkpoint) error {
	for _, step := range []func(*checkpoint.Checkpoint) error{n.restoreClock, n.restoreValues, n.restoreInputs, n.restoreRecords} {
		if err := step(c); err != nil {
			return err
		}
	}
	form, err := n.structure()
	if err != nil {
		return err
	}
	n.unequal = map[string]bool{}
	for _, name := range c.Unequal {
		n.unequal[name] = true
	}
	b, err := n.compile(&form, nil)
	n.unequal = nil
	if err != nil {
		return err
	}
	current, err := n.currentOf(b, c)
	if err == nil {
		err = n.fill(b, current)
	}
	if err != nil {
		return errors.Join(err, b.eng.Close())
	}
	n.built, n.dirty = b, false
	n.started = c.Clock.Started
	return nil
}

func (n *Network) restoreClock(c *checkpoint.Checkpoint) error {
	k := c.Clock
	for _, step := range []int64{k.Step, k.StartStep, k.Step - k.Origin} {
		if step < 0 || step > 1<<53 {
			return spoiled("its clock is at step %d of a run from step %d", k.Step, k.StartStep)
		}
	}
	if k.DtMs != n.file.Dt || !(k.Ms >= 0) || !(k.StartMs >= 0) || model.StepOf(k.StartMs, k.DtMs) != k.StartStep {
		return spoiled("its clock is at %s ms of a run from %s ms in steps of %s ms", formatNumber(k.Ms), formatNumber(k.StartMs), formatNumber(k.DtMs))
	}
	if len(c.Seeds) != 1 && len(c.Seeds) != n.instances {
		return spoiled("it has %d seeds for %d instances", len(c.Seeds), n.instances)
	}
	n.step, n.clock, n.origin = k.Step, k.Ms, k.Origin
	n.startStep, n.startMs, n.startSet = k.StartStep, k.StartMs, k.StartSet
	n.seeds, n.seedSet = slices.Clone(c.Seeds), c.SeedSet
	return nil
}

// rowsOf gives what was given for a name, of instances or of all of them.
func (n *Network) rowsOf(v *checkpoint.Value) ([][]float64, error) {
	if v.Rows != 1 && v.Rows != n.instances || len(v.Data.Data)%v.Rows != 0 || len(v.Data.Data) == 0 {
		return nil, spoiled("%q has %d numbers in %d rows", v.Name, len(v.Data.Data), v.Rows)
	}
	each := len(v.Data.Data) / v.Rows
	var rows [][]float64
	for k := range v.Rows {
		rows = append(rows, v.Data.Data[k*each:(k+1)*each])
	}
	return rows, finite(v.Name, rows, true)
}

// restoreValues sets what was set.
func (n *Network) restoreValues(c *checkpoint.Checkpoint) error {
	for i := range c.Values {
		v := &c.Values[i]
		s, err := n.settable(v.Name)
		if err != nil {
			return spoiled("%s", err)
		}
		rows, err := n.rowsOf(v)
		if err != nil {
			return err
		}
		dim := ir.Dim(max(0, slices.Index(dimNames[:], v.Dim)))
		count := 1
		if s.obj != nil {
			count = s.obj.count(dim)
		}
		if s.kind == inputSlot || dim > ir.PerSynapse || len(rows[0]) != count || s.obj == nil && dim != ir.One || s.obj != nil && s.obj.pop != nil && dim > ir.PerNeuron {
			return spoiled("%q has %d numbers for each of dimension %q", v.Name, len(rows[0]), v.Dim)
		}
		s.given, s.set = &value{dim: dim, rows: rows}, true
	}
	return nil
}

// currentOf gives all state of a checkpoint, which is that of the program b.
func (n *Network) currentOf(b *build, c *checkpoint.Checkpoint) (map[string]*value, error) {
	if programHash(b.prog) != c.Program {
		return nil, errorOf(ErrOther, "the checkpoint is of another step program: another version of gpusim has written it")
	}
	stored := map[string]*checkpoint.Variable{}
	for i := range c.Variables {
		stored[c.Variables[i].Name] = &c.Variables[i]
	}
	out := map[string]*value{}
	for i := range b.prog.Vars {
		v := &b.prog.Vars[i]
		if !v.Role.IsState() || v.Len == 0 {
			continue
		}
		x := stored[v.Name]
		if x == nil {
			return nil, spoiled("it has no %s", v.Name)
		}
		if x.Dim != dimNames[v.Dim] || len(x.Data.Data) != v.Len*n.instances {
			return nil, spoiled("%s has %d numbers of dimension %q, expected %d of %q", v.Name, len(x.Data.Data), x.Dim, v.Len*n.instances, dimNames[v.Dim])
		}
		if err := possible(v, x.Data.Data); err != nil {
			return nil, err
		}
		val := &value{dim: v.Dim}
		for k := range n.instances {
			val.rows = append(val.rows, x.Data.Data[k*v.Len:(k+1)*v.Len])
		}
		out[v.Name] = val
	}
	if len(out) != len(c.Variables) {
		return nil, spoiled("it has %d variables, expected %d", len(c.Variables), len(out))
	}
	return out, nil
}

// possible reports numbers that a variable of its role cannot have.
func possible(v *ir.Var, data []float64) error {
	for _, x := range data {
		bad := false
		switch v.Role {
		case ir.Flag, ir.Spiked:
			bad = x != 0 && x != 1
		case ir.Last:
			bad = x != math.Trunc(x) || x < ir.NeverSpiked || x > -ir.NeverSpiked || math.IsNaN(x)
		}
		if bad {
			return spoiled("%s cannot be %s", v.Name, formatNumber(x))
		}
	}
	return nil
}
