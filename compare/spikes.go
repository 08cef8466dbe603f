package compare

import (
	"cmp"
	"math"
	"slices"
)

// trains compares the spikes of a population, window by window.
type trains struct {
	name         string
	population   int // in the program
	probe        int // of the condition's distance from turning
	low, high    float64
	count, other int // spikes in the windows, of the device and in float64
	same, within int // pairs on one step, and within one
	alone        []loneSpikes
	parted       *Parting // the first spike not on the same step
}

// loneSpikes are the spikes of one neuron in one window that have no partner.
type loneSpikes struct {
	window int
	neuron int32
	spikes []loneSpike
}

type loneSpike struct {
	step   int64
	device bool    // the device has it
	off    float64 // how far the other engine's condition was from turning
}

// window is what two engines left of a window, kept until the device has done the
// step after it.
type window struct {
	index             int
	first, end        int64
	device, reference recording
}

// add compares the spikes of a window; next is what the device did after it, nil
// where it did nothing: then a spike of the last step, whose partner may be due
// in the next, is not judged.
func (t *trains) add(w *window, size int, next *recording) {
	t.addDistances(w, size)
	of := func(r *recording) []spike { return within(r.spikes[t.population], w.first, w.end+1) }
	device, reference := slices.Clone(of(&w.device)), of(&w.reference)
	if next != nil {
		device = append(device, of(next)...)
	}
	byNeuron := func(a, b spike) int {
		return cmp.Or(cmp.Compare(a.neuron, b.neuron), cmp.Compare(a.step, b.step))
	}
	slices.SortFunc(device, byNeuron)
	reference = slices.Clone(reference)
	slices.SortFunc(reference, byNeuron)
	for len(device) > 0 || len(reference) > 0 {
		neuron := int32(math.MaxInt32)
		for _, list := range [][]spike{device, reference} {
			if len(list) > 0 {
				neuron = min(neuron, list[0].neuron)
			}
		}
		cut := func(list *[]spike) (of []spike) {
			n := 0
			for n < len(*list) && (*list)[n].neuron == neuron {
				n++
			}
			of, *list = (*list)[:n], (*list)[n:]
			return of
		}
		t.pair(w, size, neuron, next != nil, cut(&device), cut(&reference))
	}
}

// within gives the spikes of steps first to end-1.
func within(list []spike, first, end int64) []spike {
	at := func(step int64) int {
		i, _ := slices.BinarySearchFunc(list, step, func(s spike, step int64) int { return cmp.Compare(s.step, step) })
		return i
	}
	return list[at(first):at(end)]
}

// pair matches the spikes of one neuron.
func (t *trains) pair(w *window, size int, neuron int32, beyond bool, a, b []spike) {
	lone := loneSpikes{window: w.index, neuron: neuron}
	alone := func(s spike, device bool, other *recording) {
		if s.step < w.end-1 || beyond {
			lone.spikes = append(lone.spikes, loneSpike{s.step, device, t.off(w, size, s, other)})
		}
	}
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(a) > 0 && len(b) > 0 && math.Abs(float64(a[0].step-b[0].step)) <= 1:
			t.pairOf(w, a[0], b[0])
			a, b = a[1:], b[1:]
		case len(b) == 0 || len(a) > 0 && a[0].step < b[0].step:
			if a[0].step < w.end {
				t.count++
				alone(a[0], true, &w.reference)
				t.part(w, a[0], "device")
			}
			a = a[1:]
		default:
			if b[0].step < w.end {
				t.other++
				alone(b[0], false, &w.device)
				t.part(w, b[0], "float64")
			}
			b = b[1:]
		}
	}
	if len(lone.spikes) > 0 {
		t.alone = append(t.alone, lone)
	}
}

// pairOf counts a pair, of which one may stand one step beyond the window.
func (t *trains) pairOf(w *window, a, b spike) {
	if a.step >= w.end && b.step >= w.end {
		return // of the next window
	}
	if a.step < w.end {
		t.count++
	}
	if b.step < w.end {
		t.other++
	}
	t.within++
	switch {
	case a.step == b.step:
		t.same++
	case a.step < b.step:
		t.part(w, a, "device")
	default:
		t.part(w, b, "float64")
	}
}

// part notes the first spike that the other engine has not on the same step.
func (t *trains) part(w *window, s spike, by string) {
	if p := t.parted; p == nil || s.step < p.Step || s.step == p.Step && int(s.neuron) < p.Neuron {
		t.parted = &Parting{Population: t.name, Neuron: int(s.neuron), Step: s.step, By: by, Window: w.index}
	}
}

// off is how near the condition of the spike's neuron was to turning in the other
// engine, at the spike's step or one beside it.
func (t *trains) off(w *window, size int, s spike, other *recording) float64 {
	near := math.Inf(1)
	rows := other.rows[t.probe]
	for step := s.step - 1; step <= s.step+1; step++ {
		at := int(step-w.first)*size + int(s.neuron)
		if step >= w.first && at < len(rows) {
			near = min(near, math.Abs(rows[at]))
		}
	}
	return near
}

// addDistances widens the range of the condition's distance from turning.
func (t *trains) addDistances(w *window, size int) {
	for _, d := range w.reference.rows[t.probe] {
		if math.Abs(d) < beyond/2 { // and not NaN
			if t.low > t.high {
				t.low, t.high = d, d
			}
			t.low, t.high = min(t.low, d), max(t.high, d)
		}
	}
}

// judge tells the neurons that were near their threshold from those that were not:
// from a spike near the threshold on, a neuron is not judged in that window.
func (t *trains) judge() (near int, apart []Alone) {
	limit := limitOf(t.low, t.high)
	for _, l := range t.alone {
		if s := l.spikes[0]; s.off <= limit {
			near++
			continue
		}
		s := l.spikes[0]
		by := "float64"
		if s.device {
			by = "device"
		}
		apart = append(apart, Alone{Population: t.name, Neuron: int(l.neuron), Step: s.step, By: by, Window: l.window,
			Distance: finite(s.off), Limit: limit})
	}
	return near, apart
}

// finite gives a number that JSON can hold.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}
