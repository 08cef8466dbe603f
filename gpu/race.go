package gpu

import (
	"fmt"
	"strings"

	"gpusim/gpu/glctx"
	"gpusim/shaders"
)

// RaceError is a race between two invocations of a kernel: what one does and
// what another has done, with nothing that orders the two, so that which comes
// first is chance. It is an error in gpusim, whatever the results are.
type RaceError struct {
	Kernel     string
	Array      string // as the kernel calls it
	Element    int
	Does       string // one of shaders.RaceKinds
	Statement  string // that does it, with its line in the kernel
	Other      string // the other's statement, where several have read that of one of them; "" where an array's end was passed
	Invocation int    // counted over all workgroups
	Count      int    // races seen in this dispatch
}

// Error names the kernel, the place and both statements.
func (e *RaceError) Error() string {
	s := fmt.Sprintf("gpu: a race in the kernel %q: invocation %d %s, with no barrier in between: element %d of %s (%d such accesses in this dispatch)\n%s",
		e.Kernel, e.Invocation, e.Does, e.Element, e.Array, e.Count, e.Statement)
	if e.Other == "" {
		s = fmt.Sprintf("gpu: in the kernel %q invocation %d %s of %s: element %d\n%s", e.Kernel, e.Invocation, e.Does, e.Array, e.Element, e.Statement)
	} else {
		s += "\n" + e.Other
	}
	return s + "\nthis is an error in gpusim, please report it"
}

// Bounds on slices of kernels that watch themselves: epochs are numbered in 32
// bits, and each word that a slice leaves has several shadow words.
const (
	raceSlice      = 256      // steps of a dispatch
	raceSliceBytes = 12 << 20 // of spikes or of records
)

// watch runs kernels that watch themselves.
type watch struct {
	kernels map[*glctx.Program]*shaders.Checked
	shadow  *glctx.Buffer
	stamps  int64 // taken since the shadow words were cleared
}

// WithoutBarriers are options whose kernels watch for races and have their
// barriers taken out: to find whether the watch finds what it is for.
func WithoutBarriers(o Options) Options {
	o.CheckRaces = true
	o.sabotage.source = func(source string) string { return strings.ReplaceAll(source, " barrier();", "") }
	return o
}

// watched compiles a kernel that watches itself.
func (e *Engine) watched(g *glctx.GL, name, source string) (*glctx.Program, error) {
	if e.watch == nil {
		e.watch = &watch{kernels: map[*glctx.Program]*shaders.Checked{}}
	}
	return e.watch.compile(g, name, source)
}

func (w *watch) compile(g *glctx.GL, name, source string) (*glctx.Program, error) {
	c := shaders.Check(source)
	p, err := g.NewProgram(name, c.Source)
	if err == nil {
		w.kernels[p] = c
	}
	return p, err
}

// allocate makes the shadow words for any of the kernels, with workgroups that
// have shared memory.
func (w *watch) allocate(g *glctx.GL, bindings []glctx.Binding, groups int) (err error) {
	buffers := map[int]int{}
	for _, b := range bindings {
		buffers[b.Index] = b.Buffer.Allocated() / 4
	}
	words := 0
	for _, c := range w.kernels {
		words = max(words, c.ShadowWords(buffers, groups))
	}
	w.shadow, err = g.NewBuffer("shadow words", 4*words)
	return err
}

// dispatch runs a kernel and looks at its log.
func (w *watch) dispatch(g *glctx.GL, p *glctx.Program, groups int, bindings []glctx.Binding) error {
	each, all := w.kernels[p].Stamps(groups, raceSlice)
	if w.stamps+all >= 1<<32 { // stamps are words; they begin anew
		if w.stamps = 0; all >= 1<<32 {
			return fmt.Errorf("gpu: the kernel %s: %d workgroups are too many to watch for races", p.Name(), groups)
		}
		if err := g.Clear(w.shadow); err != nil {
			return err
		}
	}
	for name, v := range map[string]uint32{"u_race": uint32(w.stamps) + 1, "u_race_bits": uint32(shaders.GroupBits(groups))} {
		if p.HasUniform(name) {
			if err := g.SetUint(p, name, v); err != nil {
				return err
			}
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
		return w.found(p, log)
	}
	w.stamps += each * int64(log[shaders.RaceEpochs]) // of the dispatch so far that took most
	return nil
}

// found makes an error of the log.
func (w *watch) found(p *glctx.Program, log []uint32) error {
	c := w.kernels[p]
	statement := func(site uint32) string {
		if site == 0 {
			return ""
		}
		line := c.Sites[site-1].Line
		return fmt.Sprintf("%6d | %s", line, strings.TrimSpace(c.Lines[line-1]))
	}
	here := log[shaders.RaceHere]
	return &RaceError{
		Kernel: p.Name(), Array: c.Arrays[c.Sites[here-1].Array].Name, Element: int(log[shaders.RaceAt]),
		Does: shaders.RaceKinds[log[shaders.RaceKind]], Statement: statement(here), Other: statement(log[shaders.RaceThere]),
		Invocation: int(log[shaders.RaceWho]), Count: int(log[shaders.RaceCount]),
	}
}
