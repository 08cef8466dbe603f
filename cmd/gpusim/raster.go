package main

// How much of a run its raster shows: all spikes of a run of rasterSpikes, and of a
// longer one about a spike a pixel, so that memory does not grow with the run.
const (
	rasterSpikes = 1 << 20
	rasterRows   = 700 // pixels that the figure is high, or a little less
	fewestSpikes = 1 << 12
)

// thinned keeps the spikes of a population that a raster can show. Where they
// become too many, it divides steps and neurons into cells and keeps the first
// spike in each; cells become longer as the run does. What it keeps depends on the
// spikes alone, not on the portions in which they come.
type thinned struct {
	size, rows, most int
	width            int64 // steps of a cell; 0: all spikes are kept
	last             []int64
	steps            []int64
	neurons          []int32
}

// newThinned keeps spikes of size neurons, of so many in the whole figure.
func newThinned(size, all int) *thinned {
	part := func(n int) int { return int(float64(n) * float64(size) / float64(max(1, all))) }
	return &thinned{size: size, rows: min(size, max(1, part(rasterRows))), most: max(fewestSpikes, part(rasterSpikes))}
}

func (r *thinned) add(steps []int64, neurons []int32) {
	for i, step := range steps {
		if r.width > 0 && !r.free(step, neurons[i]) {
			continue
		}
		r.steps, r.neurons = append(r.steps, step), append(r.neurons, neurons[i])
		if len(r.steps) >= r.most {
			r.widen()
		}
	}
}

// free reports whether no spike is in the cell yet, and takes it.
func (r *thinned) free(step int64, neuron int32) bool {
	row, column := int(int64(neuron)*int64(r.rows)/int64(r.size)), step/r.width+1
	if r.last[row] == column {
		return false
	}
	r.last[row] = column
	return true
}

// widen makes the cells so long that half of the room is free.
func (r *thinned) widen() {
	if r.last == nil {
		r.last = make([]int64, r.rows)
	}
	for len(r.steps) > r.most/2 {
		r.width = max(1, 2*r.width)
		clear(r.last)
		kept := 0
		for i, step := range r.steps {
			if r.free(step, r.neurons[i]) {
				r.steps[kept], r.neurons[kept] = step, r.neurons[i]
				kept++
			}
		}
		r.steps, r.neurons = r.steps[:kept], r.neurons[:kept]
	}
}
