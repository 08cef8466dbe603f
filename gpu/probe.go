package gpu

import (
	"fmt"
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
	for _, n := range []int{narrowGroup, wideGroup} {
		p, err := g.NewProgram(fmt.Sprintf("lanes, %d", n), shaders.Lanes(n))
		if err != nil {
			return false, e.ofKernel(err)
		}
		e.counters.Plan.Programs++
		for i := 0; i < 4 && err == nil; i++ { // the first finishes compiling
			var begin, end time.Time
			if begin, err = g.Finish(); err != nil {
				break
			}
			if err = g.Dispatch(p, 1, []glctx.Binding{{Buffer: buf}}); err != nil {
				break
			}
			e.counters.Plan.Dispatches++
			end, err = g.Finish()
			if d := end.Sub(begin); i == 1 || d < took[n] {
				took[n] = d
			}
		}
		if e2 := g.DeleteProgram(p); err == nil {
			err = e2
		}
		if err != nil {
			return false, err
		}
	}
	many = took[wideGroup] < wideGroup/narrowGroup/4*took[narrowGroup]
	e.d.lanes = &many
	return many, nil
}

// The workgroups that probe compares: on one vector of lanes after another the
// wide one takes 16 times as long.
const (
	narrowGroup = 8
	wideGroup   = 128
)
