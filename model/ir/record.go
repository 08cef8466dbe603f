package ir

// Record is a recorded value: after each step that is a multiple of Every, it
// leaves a row of Width numbers for each instance.
type Record struct {
	Name  string // object.variable, or object.name where it has a name of its own
	Every int
	Dim   Dim
	Len   int // elements that the value has
	// Of are the elements that are kept, each once, in the order of the row;
	// those of a mean ascend. Nil: all.
	Of    []int
	Mean  bool // the row is one number: the sum of what is kept, over their number
	Value Block
}

// Kept is the number of elements that a record is of.
func (r *Record) Kept() int {
	if r.Of != nil {
		return len(r.Of)
	}
	return r.Len
}

// Width is the length of a row. The mean of no element has none.
func (r *Record) Width() int {
	if r.Mean {
		return min(1, r.Kept())
	}
	return r.Kept()
}

// Span gives the elements of a record that is of start to stop-1, in this
// order; ok is false of any other.
func (r *Record) Span() (start, stop int, ok bool) {
	if r.Of == nil {
		return 0, r.Len, true
	}
	for k, e := range r.Of {
		if e != r.Of[0]+k {
			return 0, 0, false
		}
	}
	if len(r.Of) == 0 {
		return 0, 0, true
	}
	return r.Of[0], r.Of[0] + len(r.Of), true
}
