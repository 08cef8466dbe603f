package shaders

import (
	"fmt"
	"strings"

	"gpusim/model/ir"
)

// unkept is the place of an element that a record does not keep, in the list of
// places that a record has whose elements do not follow each other.
const unkept = 1<<32 - 1

// fewKept is the most elements that are looked for one by one: a look into a list
// takes llvmpipe longer.
const fewKept = 8

// addPlaces appends for each element of a record its place in the row, and gives
// where the list begins; -1 for a record that needs none.
func (l *Layout) addPlaces(r *ir.Record) int {
	if _, _, ok := r.Span(); ok || r.Kept() <= fewKept {
		return -1
	}
	at := len(l.Conn)
	for range r.Len {
		l.Conn = append(l.Conn, unkept)
	}
	for place, e := range r.Of {
		l.Conn[at+e] = uint32(place)
	}
	return at
}

func (k *kernel) recordIndex(r *ir.Record) int {
	for i, x := range k.layout.Records {
		if x == r {
			return i
		}
	}
	panic("shaders: unknown record")
}

// kept prints the place in the row of an element of a record, which is one of
// its elements or any number, and the condition that it is kept; "" where all
// are.
func (k *kernel) kept(r *ir.Record, element string) (place, condition string) {
	n := k.recordIndex(r)
	if start, stop, ok := r.Span(); !plainName.MatchString(element) && (!ok || start > 0 || stop < r.Len) {
		k.line("uint element_%d = %s;", n, element)
		element = fmt.Sprintf("element_%d", n)
	}
	if at := k.layout.Places[n]; at >= 0 {
		k.line("uint place_%d = C[%du + min(%s, %du)];", n, at, element, r.Len-1)
		return fmt.Sprintf("place_%d", n), fmt.Sprintf("place_%d != 0x%xu", n, uint32(unkept))
	}
	start, stop, ok := r.Span()
	if !ok {
		return among(r.Of, element)
	}
	switch place = less(element, start); {
	case start == 0 && stop == r.Len:
		return place, ""
	case start == 0:
		return place, fmt.Sprintf("%s < %du", element, stop)
	}
	return place, fmt.Sprintf("%s >= %du && %s < %du", element, start, element, stop)
}

// among is the place that an element has in a short list, and the condition that
// it is there.
func among(list []int, element string) (place, condition string) {
	place = "0u"
	var is []string
	for n, e := range list {
		is = append(is, fmt.Sprintf("%s == %du", element, e))
		if n > 0 {
			place = fmt.Sprintf("(%s == %du ? %du : %s)", element, e, n, place)
		}
	}
	return place, "(" + strings.Join(is, " || ") + ")"
}

// both is two conditions, of which either may be "".
func both(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " && " + b
}

// openRow begins what is done in the steps that a record keeps, with the step
// counted from the slice's first, and returns the number of the row. All
// invocations of a workgroup go through it alike.
func (k *kernel) openRow(r *ir.Record, step string) (row string) {
	if r.Every == 1 {
		k.openUniform("")
		return step
	}
	n := k.recordIndex(r)
	k.openUniform("if ((u_phase_%d + %s) %% %du == 0u)", n, step, r.Every)
	return fmt.Sprintf("((u_phase_%d + %s)/%du - min(u_phase_%d, 1u))", n, step, r.Every, n)
}

// rowAt is a place of a row.
func (k *kernel) rowAt(r *ir.Record, row, place string) string {
	return fmt.Sprintf("R[u_row_%d + (%s*u_instances + inst)*%du + %s]", k.recordIndex(r), row, r.Width(), place)
}

// record does what a record asks for of the neuron at hand: the element given,
// where it has that.
func (k *kernel) record(r *ir.Record, c *context, element, has string) {
	if r.Width() == 0 {
		return
	}
	row := k.openRow(r, "u")
	value := k.block(c, &r.Value)
	place, kept := k.kept(r, element)
	if r.Mean {
		k.addToMean(k.meanOf(r), value, place, both(has, kept))
	} else {
		k.line("if (%s) %s = %s;", ownAnd(both(has, kept)), k.rowAt(r, row, place), value)
	}
	k.close()
}

// ofSynapses reports whether a record goes through synapses.
func ofSynapses(r *ir.Record) bool { return r.Dim == ir.PerSynapse && r.Width() > 0 }

func recordsSynapses(pr *ir.Projection) bool {
	for i := range pr.Records {
		if ofSynapses(&pr.Records[i]) {
			return true
		}
	}
	return false
}

// rowRecords does what records ask for of the synapses of the row. The synaptic
// phase runs one step later: u counts from 1 here. Its loops are not counted: not
// every step records.
func (k *kernel) rowRecords(j int) {
	pr := &k.p.Projections[j]
	for ri := range pr.Records {
		r := &pr.Records[ri]
		if !ofSynapses(r) {
			continue
		}
		row := k.openRow(r, "(u - 1u)")
		if r.Mean {
			n := k.recordIndex(r)
			k.line("uint trips_%d = trips;", n)
			sum := fmt.Sprintf("synapses_%d", n)
			k.rowSum(j, sum, &r.Value, k.keptSynapses(j, r))
			k.line("trips = trips_%d;", n)
			k.addToMean(k.meanOf(r), sum, less("i", pr.PostStart), "")
		} else {
			k.open("for (uint s = 0u; s < length; ++s)")
			k.synapse(j, "s")
			value := k.block(k.synapseContext(j), &r.Value)
			place, kept := k.kept(r, k.number(j))
			k.line("if (%s) %s = %s;", both("valid && own", kept), k.rowAt(r, row, place), value)
			k.close()
		}
		k.close()
	}
}

// keptSynapses prints the condition that a synapse is one of a record's.
func (k *kernel) keptSynapses(j int, r *ir.Record) func() string {
	return func() string {
		_, condition := k.kept(r, k.number(j))
		return condition
	}
}
