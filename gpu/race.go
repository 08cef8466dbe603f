package gpu

import (
	"fmt"
	"strings"

	"gpusim/gpu/glctx"
	"gpusim/shaders"
)

// RaceError is a race between two invocations of a kernel: what one did and
// what another had done, with no barrier in between, so that which of the two
// came first is chance. It is an error in gpusim, whatever the results were.
type RaceError struct {
	Kernel     string
	Array      string // as the kernel calls it
	Element    int
	Did        string // what was done to what
	Statement  string // that did it
	Other      string // the other invocation's statement
	Invocation int
	Count      int // of races, in this dispatch
}

// Error names the kernel, the place and both statements.
func (e *RaceError) Error() string {
	return fmt.Sprintf("gpu: a race in the kernel %s: invocation %d has %s: element %d of %s, with no barrier in between (%d in all)\n%s\n%s\nthis is an error in gpusim, please report it",
		e.Kernel, e.Invocation, e.Did, e.Element, e.Array, e.Count, e.Statement, e.Other)
}

// raceSlice bounds the steps of a dispatch: epochs are numbered in 32 bits.
const raceSlice = 256

// watch runs the kernels that watch themselves.
type watch struct {
	kernels map[string]*shaders.Checked // by program name
	shadow  *glctx.Buffer
	epoch   uint32 // epochs since the shadow words were cleared
}

// watched is a kernel that watches itself.
func (e *Engine) watched(name, source string) string {
	if e.watch == nil {
		e.watch = &watch{kernels: map[string]*shaders.Checked{}}
	}
	if e.d.opts.sabotage != nil {
		source = e.d.opts.sabotage(source)
	}
	c := shaders.Check(source)
	e.watch.kernels[name] = c
	return c.Source
}

// allocate makes the shadow words. All kernels of an engine declare the same
// buffers.
func (w *watch) allocate(g *glctx.GL, e *Engine) error {
	words := 0
	for _, c := range w.kernels {
		var buffers []int
		for _, name := range c.Arrays {
			b := map[string]*glctx.Buffer{"S": e.state, "X": e.spikes, "R": e.records, "W": e.scratch}[name]
			if b == nil {
				break // shared arrays follow
			}
			buffers = append(buffers, b.Allocated()/4)
		}
		words = max(words, c.ShadowWords(buffers, e.instances))
	}
	var err error
	if w.shadow, err = g.NewBuffer("shadow words", 4*words); err != nil {
		return fmt.Errorf("building %s to watch for races: %w", e.p.Name, err)
	}
	return nil
}

// dispatch runs a kernel and looks at its log.
func (w *watch) dispatch(g *glctx.GL, p *glctx.Program, groups int, bindings []glctx.Binding) error {
	invocations := p.GroupSize()[0]
	if p.HasUniform("u_race") {
		if err := g.SetUint(p, "u_race", w.epoch); err != nil {
			return err
		}
	}
	if err := g.Dispatch(p, groups, append(bindings, glctx.Binding{Index: shaders.BindShadow, Buffer: w.shadow})); err != nil {
		return err
	}
	log := make([]uint32, shaders.RaceLog)
	if err := g.Download(w.shadow, 0, glctx.Bytes(log)); err != nil {
		return err
	}
	if log[shaders.RaceCount] > 0 {
		return w.found(p.Name(), log)
	}
	// Numbers of invocations and epochs have 32 bits together. The next
	// dispatch takes about as many epochs as the longest one yet.
	w.epoch += log[shaders.RaceEpochs]
	const widest = 1 << 22 // invocations of any dispatch
	if int64(w.epoch+8*raceSlice)*int64(groups*invocations+2) > 1<<31 || groups*invocations > widest {
		w.epoch = 0
		return g.Clear(w.shadow)
	}
	return nil
}

func (w *watch) found(name string, log []uint32) error {
	c := w.kernels[name]
	statement := func(line uint32) string {
		if line == 0 || int(line) > len(c.Lines) {
			return "  (unknown)"
		}
		return fmt.Sprintf("%6d | %s", line, strings.TrimSpace(c.Lines[line-1]))
	}
	return &RaceError{
		Kernel: name, Array: c.Arrays[log[shaders.RaceArray]], Element: int(log[shaders.RaceAt]),
		Did: shaders.RaceKinds[log[shaders.RaceKind]], Statement: statement(log[shaders.RaceLine]), Other: statement(log[shaders.RaceOther]),
		Invocation: int(log[shaders.RaceWho]), Count: int(log[shaders.RaceCount]),
	}
}
