package doctor

import (
	"context"
	"fmt"

	"gpusim/gpu"
	"gpusim/gpu/glctx"
	"gpusim/shaders"
)

func kernelTests() []test {
	return []test{
		{"shared memory", doCPU, exchange},
		{"loops", doCPU, loops},
		{"loop counts", doReport, loopCounts},
	}
}

// exchange lets the invocations of workgroups hand numbers to each other.
func exchange(_ context.Context, d *device, r *Result) error {
	const rounds, groups = 200, 16
	most := d.ctx.Info().Limits.MaxInvocations
	wrong, all, tried := 0, 0, 0
	for w := 8; w <= min(most, d.ctx.Info().Limits.MaxGroupSize[0], 1024); w *= 2 {
		out := make([]uint32, w*groups)
		if err := d.kernel(fmt.Sprintf("exchange, %d invocations", w), shaders.Exchange(w), groups, map[string]uint32{"u_n": rounds}, nil, glctx.Bytes(out)); err != nil {
			return err
		}
		want := shaders.SharedExchange(w, rounds)
		for i, x := range out {
			if x != want[i%w] {
				wrong++
			}
		}
		all += len(out)
		tried = w
	}
	r.Measured, r.Limit = fmt.Sprintf("%d of %d numbers wrong after %d rounds, 8 to %d invocations", wrong, all, rounds, tried), "0"
	r.within(wrong == 0)
	return nil
}

// trips runs loops and gives the trips that were made; it is an error of the
// device where what was computed in them does not fit their number.
func (d *device) trips(outer, inner int) (int, error) {
	out := make([]uint32, 2*8)
	err := d.kernel("loops", shaders.Loops(), 1, map[string]uint32{"u_n": uint32(outer), "u_inner": uint32(inner)}, nil, glctx.Bytes(out))
	if err != nil {
		return 0, err
	}
	for i := range 8 {
		if trips := out[2*i]; trips != out[0] || shaders.CountedLoops(i, trips) != out[2*i+1] {
			return 0, fmt.Errorf("loops of %d and %d trips: invocation %d says it made %d, and computed something else", outer, inner, i, trips)
		}
	}
	return int(out[0]), nil
}

// Longest loops that are tried, of a driver that ends none.
const longest = 1 << 20

// loops finds whether the driver ends loops early. gpusim keeps an invocation
// below gpu.DefaultIterations in a dispatch.
func loops(_ context.Context, d *device, r *Result) error {
	r.Limit = fmt.Sprintf("at least %d", gpu.DefaultIterations)
	passes, all, err := d.loopEnd()
	if err != nil {
		return err
	}
	r.Measured = fmt.Sprintf("none of %d passes is left out", passes)
	if !all {
		r.Measured = fmt.Sprintf("the driver ends loops after about %d passes, in silence", passes)
	}
	r.within(passes >= gpu.DefaultIterations)
	return nil
}

// loopEnd is the number of passes after which the driver ends loops.
func (d *device) loopEnd() (passes int, all bool, err error) {
	n, err := d.trips(longest, 0)
	return shaders.LoopPasses(n, 0), n == longest, err
}

// loopCounts checks the way in which gpusim counts passes: nested loops that stay
// just below what the driver allows run to their ends.
func loopCounts(_ context.Context, d *device, r *Result) error {
	most, _, err := d.loopEnd()
	if err != nil {
		return err
	}
	cut, tried := "", 0
	for _, outer := range []int{10, 100, 1000, 5000} {
		inner := 0
		for shaders.LoopPasses(outer, inner+1) <= most {
			inner++
		}
		n, err := d.trips(outer, inner)
		if err != nil {
			return err
		}
		tried++
		if want := outer * (1 + inner); n != want {
			cut += fmt.Sprintf("; %d times %d made %d trips of %d", outer, inner, n, want)
		}
	}
	r.Measured, r.Limit = fmt.Sprintf("%d nested loops of up to %d passes%s", tried, most, cut), "all trips made"
	r.within(cut == "")
	return nil
}
