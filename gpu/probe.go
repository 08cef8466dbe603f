package gpu

import (
	"time"

	"gpusim/gpu/glctx"
	"gpusim/shaders"
)

// probe finds out whether the device runs the lanes of a workgroup side by
// side or, like a software renderer, a few at a time. It is asked once a device.
func (e *Engine) probe(g *glctx.GL) (many bool, err error) {
	if e.d.opts.Invocations != 0 {
		return false, nil // it is not asked
	}
	if e.d.lanes != nil {
		return *e.d.lanes, nil
	}
	took := map[int]time.Duration{}
	buf, err := g.NewBuffer("lanes", 4*wideGroup)
	if err != nil {
		return false, err
	}
	defer g.DeleteBuffer(buf)
	p, err := g.NewProgram("lanes", shaders.Lanes(wideGroup))
	if err != nil {
		return false, e.ofKernel(err)
	}
	defer g.DeleteProgram(p)
	e.counters.Plan.Programs++
	for i := range 4 { // the first finishes compiling
		for _, n := range []int{narrowGroup, wideGroup} {
			if err := g.SetUint(p, "u_lanes", uint32(n)); err != nil {
				return false, err
			}
			begin, err := g.Finish()
			if err != nil {
				return false, err
			}
			if err := g.Dispatch(p, 1, []glctx.Binding{{Buffer: buf}}); err != nil {
				return false, err
			}
			e.counters.Plan.Dispatches++
			end, err := g.Finish()
			if err != nil {
				return false, err
			}
			if d := end.Sub(begin); i == 1 || d < took[n] {
				took[n] = d
			}
		}
	}
	many = took[wideGroup] < wideGroup/narrowGroup/4*took[narrowGroup]
	e.d.lanes = &many
	return many, nil
}

// The numbers of invocations that probe compares: on one vector of lanes after
// another the many take 16 times as long.
const (
	narrowGroup = 8
	wideGroup   = 128
)
