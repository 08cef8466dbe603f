package cpuref

// A segment is operations that run one after another over a block, and the
// values that are looked at when they are done.
type segment struct {
	ops     []op
	results []value
}

// allocate leaves out operations whose result nothing reads and gives the
// others' results, each of which had a register of its own, registers that are
// free. The segments run in order over the same block, though one may be left
// out. It returns how many registers they need of those that were numbered up
// to virtual.
func allocate(segments []*segment, virtual int) int {
	// Backward: the last place where each register is read.
	const never = -1
	last := make([]int, virtual)
	for i := range last {
		last[i] = never
	}
	place := 0
	for _, s := range segments {
		place += len(s.ops) + 1
	}
	places := place
	read := func(v value) {
		if v.kind == register && last[v.index] == never {
			last[v.index] = place
		}
	}
	for i := len(segments) - 1; i >= 0; i-- {
		s := segments[i]
		place--
		for _, v := range s.results {
			read(v)
		}
		for j := len(s.ops) - 1; j >= 0; j-- {
			place--
			o := &s.ops[j]
			if o.dst.kind == register && last[o.dst.index] == never {
				continue
			}
			for _, v := range o.operands() {
				read(*v)
			}
		}
	}

	// Forward: an operation's result may take the register of an operand that
	// it is the last to read, for operations work element by element.
	given := make([]int, virtual)
	ending := make([][]int, places) // registers that are free after a place
	var free []int
	used := 0
	release := func() {
		free = append(free, ending[place]...)
		place++
	}
	place = 0
	for _, s := range segments {
		kept := s.ops[:0]
		for _, o := range s.ops {
			if o.dst.kind == register && last[o.dst.index] == never {
				place++
				continue
			}
			for _, v := range o.operands() {
				if v.kind == register {
					v.index = given[v.index]
				}
			}
			release()
			if o.dst.kind == register {
				if len(free) == 0 {
					free = append(free, used)
					used++
				}
				r := free[len(free)-1]
				free = free[:len(free)-1]
				end := last[o.dst.index]
				ending[end] = append(ending[end], r)
				given[o.dst.index] = r
				o.dst.index = r
			}
			kept = append(kept, o)
		}
		s.ops = kept
		for i, v := range s.results {
			if v.kind == register {
				s.results[i].index = given[v.index]
			}
		}
		release()
	}
	return used
}
