package gpu

import (
	"errors"
	"fmt"
	"math"
	"time"

	"gpusim/gpu/glctx"
	"gpusim/model/ir"
	"gpusim/shaders"
)

// Engine is a built program and the state of its instances. It is used by one
// goroutine at a time.
type Engine struct {
	d         *Device
	p         *ir.Program
	instances int
	shared    *shaders.Layout // of all forms
	many      bool            // the device has many lanes
	form      form
	choice    candidate // what form is
	slice     int       // steps of a dispatch, at most
	untimed   int       // slices to go until it is known what a step takes: 0 where the plan knew
	plan      []string

	// What is known of the candidates, and what planning may still cost.
	key                      planKey
	untried                  []candidate
	printed                  map[shaders.Shape]*shaders.Kernel
	slowest, worked, planned time.Duration

	watch  *watch // for races; nil without
	closed bool

	state, saved, params, table, conn, spikes, records, status, scratch *glctx.Buffer

	// Where each parameter stands in P, in elements, by table index.
	offset, stride, capacity []int
	paramLen                 int

	epoch, savedEpoch int64 // the step that Last variables count from
	origin            int64 // the step that samples count from
	counters          ir.Counters
}

// never is the place of ir.NeverSpiked among steps counted from the epoch;
// the epoch is moved before a step comes near -never.
const never = -1 << 29

// build runs inside the context.
func (e *Engine) build(g *glctx.GL) error {
	if err := e.choose(g); err != nil {
		return err
	}
	return e.allocate(g)
}

// allocate makes the buffers, zeroed, and what never changes in them.
func (e *Engine) allocate(g *glctx.GL) error {
	l := e.form.layout()
	for _, id := range l.Params {
		c := room(&e.p.Vars[id], e.instances)
		e.offset = append(e.offset, e.paramLen)
		e.stride = append(e.stride, 0)
		e.capacity = append(e.capacity, c)
		e.paramLen += c
	}
	for _, b := range e.arrays() {
		buf, err := g.NewBuffer(b.name, 4*b.words)
		if err != nil {
			return fmt.Errorf("building %s: %w", e.p.Name, err)
		}
		*b.into = buf
	}
	if e.watch != nil {
		if err := e.watch.allocate(g, e.bindings(), e.instances); err != nil {
			return fmt.Errorf("building %s to watch for races: %w", e.p.Name, err)
		}
	}
	if len(l.Conn) > 0 {
		if err := e.upload(g, e.conn, 0, glctx.Bytes(l.Conn)); err != nil {
			return err
		}
	}
	for i := range e.p.Vars {
		if e.p.Vars[i].Role == ir.Last {
			if err := e.fillNever(g, ir.VarID(i)); err != nil {
				return err
			}
		}
	}
	return e.uploadTable(g)
}

// array is a buffer of the engine.
type array struct {
	into  **glctx.Buffer
	name  string
	words int // of 32 bits
	each  int // words that an instance more adds
}

// arrays lists the buffers, with their sizes for a form and a slice.
func (e *Engine) arrays() []array {
	l := e.form.layout()
	params, each := 0, 0
	for _, id := range l.Params {
		v := &e.p.Vars[id]
		params += room(v, e.instances)
		each += room(v, e.instances+1) - room(v, e.instances)
	}
	spikes, records := sliceWords(l, e.slice, 1)
	list := []array{
		{&e.state, "state", l.StateLen * e.instances, l.StateLen},
		{&e.saved, "saved state", l.StateLen * e.instances, l.StateLen},
		{&e.params, "parameters", params, each},
		{&e.table, "parameter table", 2 * len(l.Params), 0},
		{&e.conn, "connectivity", len(l.Conn), 0},
		{&e.spikes, "spikes", spikes * e.instances, spikes},
		{&e.records, "records", records * e.instances, records},
		{&e.status, "status", e.form.statusWords() * e.instances, e.form.statusWords()},
	}
	if n := e.form.scratch(); n > 0 {
		list = append(list, array{&e.scratch, "scratch", n * e.instances, n})
	}
	return list
}

// room is the number of elements that a parameter begins with: that of one
// value has room for one an instance.
func room(v *ir.Var, instances int) int {
	if v.Len == 1 {
		return instances
	}
	return v.Len
}

func (e *Engine) fillNever(g *glctx.GL, v ir.VarID) error {
	data := make([]int32, e.p.Vars[v].Len*e.instances)
	for i := range data {
		data[i] = never
	}
	return e.upload(g, e.state, 4*e.form.layout().State[v]*e.instances, glctx.Bytes(data))
}

func (e *Engine) upload(g *glctx.GL, b *glctx.Buffer, offset int, data []byte) error {
	e.counters.BytesUploaded += int64(len(data))
	return g.Upload(b, offset, data)
}

func (e *Engine) download(g *glctx.GL, b *glctx.Buffer, offset int, dst []byte) error {
	e.counters.BytesDownloaded += int64(len(dst))
	return g.Download(b, offset, dst)
}

func (e *Engine) uploadTable(g *glctx.GL) error {
	t := make([]uint32, 2*len(e.offset))
	for i := range e.offset {
		t[2*i], t[2*i+1] = uint32(e.offset[i]), uint32(e.stride[i])
	}
	if len(t) == 0 {
		return nil
	}
	return e.upload(g, e.table, 0, glctx.Bytes(t))
}

// words converts values to what the device holds for variable v, in its order.
func (e *Engine) words(v ir.VarID, data []float64) []uint32 {
	out := make([]uint32, len(data))
	order := e.shared.Order[v]
	for i := range data {
		x := data[i]
		if order != nil {
			x = data[i-i%len(order)+int(order[i%len(order)])]
		}
		switch e.p.Vars[v].Role {
		case ir.Flag:
			if x != 0 {
				out[i] = 1
			}
		case ir.Last:
			step := max(x-float64(e.epoch), never)
			out[i] = uint32(int32(step))
		default:
			out[i] = math.Float32bits(float32(x))
		}
	}
	return out
}

// Write sets a variable, for all instances alike or for each.
func (e *Engine) Write(v ir.VarID, data []float64) error {
	x := &e.p.Vars[v]
	if len(data) != x.Len && len(data) != x.Len*e.instances {
		return fmt.Errorf("gpu: %s: %d values given, expected %d, or %d for %d instances", x.Name, len(data), x.Len, x.Len*e.instances, e.instances)
	}
	if x.Len == 0 {
		return nil
	}
	if x.Role == ir.Last {
		if err := e.reach(data); err != nil {
			return err
		}
	}
	return e.write(v, data)
}

// write is Write of values that fit.
func (e *Engine) write(v ir.VarID, data []float64) error {
	x := &e.p.Vars[v]
	w := glctx.Bytes(e.words(v, data))
	return e.d.ctx.Do("writing "+x.Name, func(g *glctx.GL) error {
		if x.Role.IsState() {
			at := 4 * e.form.layout().State[v] * e.instances
			if err := e.upload(g, e.state, at, w); err != nil {
				return err
			}
			return e.replicate(g, at, len(w), 4*x.Len*e.instances)
		}
		return e.writeParam(g, e.form.layout().Table[v], x.Len, w)
	})
}

// reach moves the epoch where the steps of last spikes are too far from it.
func (e *Engine) reach(steps []float64) error {
	latest, far := int64(ir.NeverSpiked), false
	for _, s := range steps {
		if s != ir.NeverSpiked {
			latest = max(latest, int64(s))
			d := s - float64(e.epoch)
			far = far || d <= never || d >= -never
		}
	}
	if !far {
		return nil
	}
	return e.moveEpoch(latest)
}

// replicate repeats the n bytes at offset at up to size bytes, by doubling.
func (e *Engine) replicate(g *glctx.GL, at, n, size int) error {
	for n < size {
		m := min(n, size-n)
		if err := g.Copy(e.state, at+n, e.state, at, m); err != nil {
			return err
		}
		n += m
	}
	return nil
}

func (e *Engine) writeParam(g *glctx.GL, i, length int, w []byte) error {
	n := len(w) / 4
	stride := 0
	if n > length {
		stride = length
	}
	if n > e.capacity[i] {
		if err := e.grow(g, i, n); err != nil {
			return err
		}
	}
	if old := e.stride[i]; stride != old {
		e.stride[i] = stride
		if err := e.uploadTable(g); err != nil {
			e.stride[i] = old
			return err
		}
	}
	return e.upload(g, e.params, 4*e.offset[i], w)
}

// grow gives parameter i room for n elements at the end of a larger buffer.
func (e *Engine) grow(g *glctx.GL, i, n int) error {
	larger, err := g.NewBuffer("parameters", 4*(e.paramLen+n))
	if err != nil {
		return err
	}
	if err := g.Copy(larger, 0, e.params, 0, 4*e.paramLen); err != nil {
		return errors.Join(err, g.DeleteBuffer(larger))
	}
	if err := g.DeleteBuffer(e.params); err != nil {
		return errors.Join(err, g.DeleteBuffer(larger))
	}
	e.params, e.offset[i], e.capacity[i] = larger, e.paramLen, n
	e.paramLen += n
	e.stride[i] = -1 // the table is uploaded with the stride
	return nil
}

// Read gets a variable of one instance.
func (e *Engine) Read(v ir.VarID, instance int) ([]float64, error) {
	x := &e.p.Vars[v]
	if instance < 0 || instance >= e.instances {
		return nil, fmt.Errorf("gpu: %s: there is no instance %d of %d", x.Name, instance, e.instances)
	}
	w := make([]uint32, x.Len)
	err := e.d.ctx.Do("reading "+x.Name, func(g *glctx.GL) error {
		if x.Len == 0 {
			return nil
		}
		if x.Role.IsState() {
			return e.download(g, e.state, 4*(e.form.layout().State[v]*e.instances+instance*x.Len), glctx.Bytes(w))
		}
		i := e.form.layout().Table[v]
		return e.download(g, e.params, 4*(e.offset[i]+instance*e.stride[i]), glctx.Bytes(w))
	})
	out := make([]float64, x.Len)
	order := e.shared.Order[v]
	for i, b := range w {
		if order != nil {
			i = int(order[i])
		}
		switch x.Role {
		case ir.Flag:
			out[i] = float64(b)
		case ir.Last:
			out[i] = ir.NeverSpiked
			if s := int32(b); s > never {
				out[i] = float64(e.epoch + int64(s))
			}
		default:
			out[i] = float64(math.Float32frombits(b))
		}
	}
	return out, err
}

// Save copies all state aside on the device.
func (e *Engine) Save() error {
	e.savedEpoch = e.epoch
	return e.copyState("saving state", func() (dst, src *glctx.Buffer) { return e.saved, e.state })
}

// Restore copies back what Save kept.
func (e *Engine) Restore() error {
	e.epoch = e.savedEpoch
	return e.copyState("restoring state", func() (dst, src *glctx.Buffer) { return e.state, e.saved })
}

func (e *Engine) copyState(op string, buffers func() (dst, src *glctx.Buffer)) error {
	n := 4 * e.form.layout().StateLen * e.instances
	if n == 0 {
		return nil
	}
	return e.d.ctx.Do(op, func(g *glctx.GL) error {
		dst, src := buffers()
		return g.Copy(dst, 0, src, 0, n)
	})
}

// SetOrigin sets the step that the samples of inputs count from.
func (e *Engine) SetOrigin(step int64) { e.origin = step }

// Counters are what this engine has done.
func (e *Engine) Counters() ir.Counters { return e.counters }

// Plan says how the program runs on the device.
func (e *Engine) Plan() []string { return e.plan }

// Close frees the program and the buffers.
func (e *Engine) Close() error {
	if e.closed {
		return nil
	}
	e.closed = true
	return e.d.ctx.Do("closing "+e.p.Name, e.free)
}

// free deletes the program and the buffers that were made.
func (e *Engine) free(g *glctx.GL) error {
	var err error
	if e.form != nil {
		err = e.form.free(g)
	}
	return errors.Join(err, e.freeBuffers(g))
}

func (e *Engine) freeBuffers(g *glctx.GL) error {
	var err error
	if e.watch != nil {
		err = g.DeleteBuffer(e.watch.shadow)
	}
	for _, b := range []*glctx.Buffer{e.state, e.saved, e.params, e.table, e.conn, e.spikes, e.records, e.status, e.scratch} {
		err = errors.Join(err, g.DeleteBuffer(b))
	}
	return err
}
