package cpuref

import (
	"math"

	"gpusim/model/ir"
)

// block is how many elements an operation works on at a time: few enough that
// all registers of a list stay in the processor's first cache.
const block = 256

// A value is where an operand stands, or a result.
type value struct {
	kind  kind
	index int
}

// kind says where a value stands.
type kind uint8

const (
	scalar   kind = iota // in worker.scalars: one value for all elements
	register             // in worker.registers: a value for each element of a block
	array                // in worker.arrays: a value for each element
	ofPre                // while a list of synapses is compiled: a value for each presynaptic neuron
	ofPost               // and for each postsynaptic neuron
)

// An op computes dst from a, b and c for every element of a block.
type op struct {
	form    form
	fn      ir.Op // of unary, binaryVV, binaryVS and binarySV
	k       int   // the exponent of integer powers; steps of a sample; steps back
	base    int   // what is added to the number of an element
	rows    int   // of the delay line a, 0 where it is none
	size    int   // of a row of a
	dst     value
	a, b, c value
	from    []int32 // gather: for each element the index into a
}

// form is the shape of an op. V is a vector, S a scalar.
type form uint8

const (
	unaryV   form = iota // fn(a)
	binaryVV             // fn(a, b)
	binaryVS             // fn(a, b): Add, Sub, Mul, Div
	binarySV             // fn(a, b): Sub, Div
	powerV               // a**k
	selectV              // b where a holds, else c
	fillS                // a
	copyV                // a
	gatherV              // a[base + from]
	shiftV               // a[base + element]
	sampleV              // a[sample of the step, element]
	indexV               // base + element
	withinV              // whether the element is from base to k - 1
	maskedV              // a where b holds, else dst as it is
)

// operands lists the values that o reads.
func (o *op) operands() []*value {
	switch o.form {
	case unaryV, powerV, fillS, copyV, gatherV, shiftV, sampleV:
		return []*value{&o.a}
	case indexV, withinV:
		return nil
	case selectV:
		return []*value{&o.a, &o.b, &o.c}
	}
	return []*value{&o.a, &o.b}
}

// vector gives elements lo to hi-1 of v.
func (w *worker) vector(v value, lo, hi int) []float64 {
	if v.kind == register {
		return w.registers[v.index][:hi-lo]
	}
	return w.arrays[v.index][lo:hi]
}

// run does ops for elements lo to hi-1, at most block of them.
func (w *worker) run(ops []op, lo, hi int) {
	for i := range ops {
		o := &ops[i]
		dst := w.vector(o.dst, lo, hi)
		switch o.form {
		case unaryV:
			mapUnary(o.fn, dst, w.vector(o.a, lo, hi))
		case binaryVV:
			mapBinary(o.fn, dst, w.vector(o.a, lo, hi), w.vector(o.b, lo, hi))
		case binaryVS:
			mapRight(o.fn, dst, w.vector(o.a, lo, hi), w.scalars[o.b.index])
		case binarySV:
			mapLeft(o.fn, dst, w.scalars[o.a.index], w.vector(o.b, lo, hi))
		case powerV:
			mapPower(o.k, dst, w.vector(o.a, lo, hi))
		case selectV:
			choose(dst, w.vector(o.a, lo, hi), w.vector(o.b, lo, hi), w.vector(o.c, lo, hi))
		case fillS:
			fill(dst, w.scalars[o.a.index])
		case copyV:
			copy(dst, w.vector(o.a, lo, hi))
		case gatherV:
			src := w.arrays[o.a.index][w.begin(o):]
			for j, from := range o.from[lo:hi] {
				dst[j] = src[from]
			}
		case shiftV:
			copy(dst, w.arrays[o.a.index][w.begin(o)+lo:])
		case sampleV:
			at := int((w.step-w.origin)/int64(o.k)) * o.size
			copy(dst, w.arrays[o.a.index][at+lo:at+hi])
		case indexV:
			for j := range dst {
				dst[j] = float64(o.base + lo + j)
			}
		case withinV:
			for j := range dst {
				dst[j] = truth(o.base <= lo+j && lo+j < o.k)
			}
		case maskedV:
			mask := w.vector(o.b, lo, hi)
			for j, x := range w.vector(o.a, lo, hi) {
				if mask[j] != 0 {
					dst[j] = x
				}
			}
		}
	}
}

// begin is where the values begin that o reads: in a delay line, in the row of
// a step before this one.
func (w *worker) begin(o *op) int {
	if o.rows == 0 {
		return o.base
	}
	return o.base + rowOf(w.step-int64(o.k), o.rows)*o.size
}

// rowOf is the row of a delay line that has the values of a step.
func rowOf(step int64, rows int) int {
	r := int(step % int64(rows))
	if r < 0 {
		r += rows
	}
	return r
}

func fill(dst []float64, x float64) {
	for i := range dst {
		dst[i] = x
	}
}

func choose(dst, test, yes, no []float64) {
	yes, no = yes[:len(dst)], no[:len(dst)]
	for i, t := range test[:len(dst)] {
		if t != 0 {
			dst[i] = yes[i]
		} else {
			dst[i] = no[i]
		}
	}
}

func mapUnary(fn ir.Op, dst, a []float64) {
	a = a[:len(dst)]
	switch fn {
	case ir.Neg:
		for i, x := range a {
			dst[i] = -x
		}
	case ir.Exp:
		for i, x := range a {
			dst[i] = math.Exp(x)
		}
	case ir.Sqrt:
		for i, x := range a {
			dst[i] = math.Sqrt(x)
		}
	case ir.Abs:
		for i, x := range a {
			dst[i] = math.Abs(x)
		}
	case ir.Exprel:
		for i, x := range a {
			dst[i] = exprel(x)
		}
	default:
		f := unary[fn]
		for i, x := range a {
			dst[i] = f(x)
		}
	}
}

func mapBinary(fn ir.Op, dst, a, b []float64) {
	a, b = a[:len(dst)], b[:len(dst)]
	switch fn {
	case ir.Add:
		for i, x := range a {
			dst[i] = x + b[i]
		}
	case ir.Sub:
		for i, x := range a {
			dst[i] = x - b[i]
		}
	case ir.Mul:
		for i, x := range a {
			dst[i] = x * b[i]
		}
	case ir.Div:
		for i, x := range a {
			dst[i] = x / b[i]
		}
	case ir.Lt:
		for i, x := range a {
			dst[i] = truth(x < b[i])
		}
	case ir.Ge:
		for i, x := range a {
			dst[i] = truth(x >= b[i])
		}
	default:
		f := binary[fn]
		for i, x := range a {
			dst[i] = f(x, b[i])
		}
	}
}

// hasRight reports whether mapRight knows fn.
func hasRight(fn ir.Op) bool {
	return fn == ir.Add || fn == ir.Sub || fn == ir.Mul || fn == ir.Div
}

func mapRight(fn ir.Op, dst, a []float64, s float64) {
	a = a[:len(dst)]
	switch fn {
	case ir.Add:
		for i, x := range a {
			dst[i] = x + s
		}
	case ir.Sub:
		for i, x := range a {
			dst[i] = x - s
		}
	case ir.Mul:
		for i, x := range a {
			dst[i] = x * s
		}
	case ir.Div:
		for i, x := range a {
			dst[i] = x / s
		}
	}
}

// hasLeft reports whether mapLeft knows fn.
func hasLeft(fn ir.Op) bool { return fn == ir.Sub || fn == ir.Div }

func mapLeft(fn ir.Op, dst []float64, s float64, b []float64) {
	b = b[:len(dst)]
	switch fn {
	case ir.Sub:
		for i, x := range b {
			dst[i] = s - x
		}
	case ir.Div:
		for i, x := range b {
			dst[i] = s / x
		}
	}
}

func mapPower(k int, dst, a []float64) {
	a = a[:len(dst)]
	switch k {
	case 2:
		for i, x := range a {
			dst[i] = x * x
		}
	case 3:
		for i, x := range a {
			dst[i] = x * x * x
		}
	case 4:
		for i, x := range a {
			dst[i] = x * x * x * x
		}
	default:
		for i, x := range a {
			dst[i] = integerPower(x, k)
		}
	}
}
