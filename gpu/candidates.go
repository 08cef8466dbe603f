package gpu

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gpusim/gpu/glctx"
	"gpusim/shaders"
)

// candidate is kernels that may be chosen: a form and, of the fused one, how
// neurons are dealt out to invocations.
type candidate struct {
	form  string
	shape shaders.Shape // of stepped kernels its Invocations only
}

// String gives a candidate as ParsePlan reads it.
func (c candidate) String() string {
	return c.form + ":" + strings.ReplaceAll(c.shape.String(), " ", ":")
}

// ParsePlan reads what forces the kernels of a device: FORM[:INVOCATIONS[:DEAL]],
// such as stepped, fused:8, fused:64:tiled or fused:8:rolled. It sets Form,
// Invocations and Deal.
func (o *Options) ParsePlan(text string) error {
	bad := func(what string) error {
		return fmt.Errorf("%q %s; a plan is FORM[:INVOCATIONS[:DEAL]], such as stepped, fused:8 or fused:64:tiled", text, what)
	}
	parts := strings.Split(text, ":")
	if len(parts) > 3 || !slices.Contains([]string{FormFused, FormStepped}, parts[0]) {
		return bad("is no plan")
	}
	o.Form, o.Invocations, o.Deal = parts[0], 0, ""
	if len(parts) > 1 {
		n, err := strconv.Atoi(parts[1])
		if err != nil || n < 8 || n%8 != 0 || n > 1024 {
			return bad("has no number of invocations that is a multiple of 8, 1024 at most")
		}
		o.Invocations = n
	}
	if len(parts) > 2 {
		if o.Form != FormFused || parts[2] != DealTiled && parts[2] != DealRolled {
			return bad("has a deal that is none of tiled and rolled, which fused kernels have")
		}
		o.Deal = parts[2]
	}
	return nil
}

// shape is that of the fused kernel that the options force.
func (o *Options) shape() shaders.Shape {
	return shaders.Shape{Invocations: o.Invocations, Tiled: o.Deal == DealTiled, Rolled: o.Deal == DealRolled}
}

// The numbers of invocations that are tried where lanes are many (a chip), the
// best guess first. Where they are few (a software renderer) one vector of eight
// that loops over the neurons is best.
var manyLanes = []int{128, 256, 64, 32}

// The numbers that are tried on a software renderer where neurons go through
// their synapses one by one, which takes most of the time.
var walkingRows = []int{16, 64}

// Sizes of a network, in neurons of its largest population.
const (
	fewRows    = 4    // rows of eight: loops this short are unrolled at no cost
	oneGroup   = 2048 // on a chip a larger network wants more than one workgroup
	minInOne   = 8    // the smallest workgroup
	rolledSize = 2500 // llvmpipe's time to compile private arrays grows with their length
	rowsOfOne  = 16   // neurons of an invocation up to which a chip has registers
)

// tiledCompile is about what llvmpipe takes to compile a tiled kernel.
const tiledCompile = time.Second

// survey lists the kernels that may be run, the best guess first, or the one that
// was chosen in an earlier run, and says why others do not fit the device.
func (e *Engine) survey(g *glctx.GL) (list []candidate, refusals []string, known bool, err error) {
	e.shared = shaders.NewLayout(e.p)
	if e.many, err = e.probe(g); err != nil {
		return nil, nil, false, err
	}
	if list, refusals = e.candidates(); len(list) == 0 {
		return nil, nil, false, &NotFusedError{e.p.Name, refusals}
	}
	c, known := e.recall(list)
	if known {
		list = []candidate{c}
	}
	return list, refusals, known, nil
}

// candidates lists the kernels that fit the device, the best guess first, and
// says why others do not.
func (e *Engine) candidates() (list []candidate, refusals []string) {
	if e.d.opts.Form != FormStepped {
		list, refusals = e.fusedCandidates()
	}
	if e.d.opts.Form == FormFused {
		return list, refusals
	}
	w, forced := e.d.opts.Invocations, e.d.opts.Invocations != 0
	switch {
	case forced:
	case e.many:
		w = steppedMany
	default:
		w = steppedFew
	}
	stepped := candidate{FormStepped, shaders.Shape{Invocations: w}}
	switch largest := e.largest(); {
	case len(list) == 0:
		return []candidate{stepped}, refusals
	case forced:
		return list, refusals
	case e.many && largest > oneGroup:
		return append([]candidate{stepped}, list...), refusals
	case e.many && largest > rowsOfOne*steppedMany/2:
		return append(list, stepped), refusals
	case !e.many && e.shared.WalksRows(): // many workgroups take all cores
		return slices.Insert(list, 1, stepped), refusals
	}
	return list, refusals
}

// largest is the size of the largest population.
func (e *Engine) largest() int {
	n := 0
	for i := range e.p.Populations {
		n = max(n, e.p.Populations[i].Size)
	}
	return n
}

// fusedCandidates lists the fused kernels that fit.
func (e *Engine) fusedCandidates() (list []candidate, refusals []string) {
	if why := shaders.FusedRefusal(e.p); why != "" {
		return nil, []string{"not fused: " + why}
	}
	private := privateFew
	if e.many {
		private = privateMany
	}
	for _, s := range e.shapes() {
		if why := whyNot(e.fused(s), e.d, private); why != "" {
			refusals = append(refusals, fmt.Sprintf("not fused, %s invocations: %s", s, why))
			continue
		}
		list = append(list, candidate{FormFused, s})
	}
	return list, refusals
}

// shapes are the deals of a fused kernel to try, the best guess first.
func (e *Engine) shapes() (list []shaders.Shape) {
	o := &e.d.opts
	if o.Invocations != 0 {
		return []shaders.Shape{o.shape()}
	}
	if e.many {
		for _, w := range manyLanes {
			list = append(list, shaders.Shape{Invocations: w})
		}
		return list
	}
	if e.largest() <= fewRows*minInOne {
		return []shaders.Shape{{Invocations: minInOne}}
	}
	list = []shaders.Shape{{Invocations: minInOne, Rolled: true}}
	if s, ok := e.shared.TiledShape(e.d.ctx.Info().Limits.MaxInvocations); ok && e.largest() > rolledSize {
		return []shaders.Shape{s} // sooner compiled, too
	} else if ok {
		return append(list, s)
	}
	for _, w := range walkingRows {
		list = append(list, shaders.Shape{Invocations: w, Rolled: true})
	}
	return list
}

// fused prints a fused kernel, each once.
func (e *Engine) fused(s shaders.Shape) *shaders.Kernel {
	if e.printed == nil {
		e.printed = map[shaders.Shape]*shaders.Kernel{}
	}
	if e.printed[s] == nil {
		e.printed[s] = e.shared.Fused(s)
	}
	return e.printed[s]
}

// formOf prints the kernels of a candidate.
func (e *Engine) formOf(c candidate) (form, error) {
	if c.form == FormFused {
		return &fusedForm{kernel: e.fused(c.shape)}, nil
	}
	kernels, err := e.shared.Stepped(c.shape.Invocations, e.d.opts.Iterations)
	if err != nil {
		return nil, fmt.Errorf("gpu: %s: %w", e.p.Name, err)
	}
	if spoil := e.d.opts.sabotage.passes; spoil != nil {
		kernels.Passes = spoil(kernels.Passes)
	}
	return &steppedForm{kernels: kernels}, nil
}
