package shaders

import (
	"fmt"

	"gpusim/model/ir"
)

// SelfTestGroup is the number of invocations of a workgroup of the kernels that
// test a device, but for Exchange.
const SelfTestGroup = 64

// Function is a kernel that evaluates an expression as the generated kernels do,
// with the same helpers and the same precise: Y[i] = f(A[i], B[i]) for u_n
// elements. f gets the loads of A and B.
func Function(f func(a, b ir.Expr) ir.Expr) string {
	p := &ir.Program{Name: "function"}
	for _, name := range []string{"a", "b"} {
		p.Vars = append(p.Vars, ir.Var{Name: name, Role: ir.State, Dim: ir.PerNeuron, Len: 1})
	}
	k := &kernel{
		p: p, w: columns, used: map[string]bool{}, powers: map[int]bool{}, hoisted: map[string]string{},
		scalars: map[ir.VarID]string{}, names: map[ir.VarID]string{}, bases: map[ir.VarID]string{}, taken: map[string]bool{"a": true, "b": true},
		times: map[string]bool{}, blocks: []block{mainBlock},
	}
	c := &context{k: k, load: func(l *ir.Load) string { return p.Vars[l.Var].Name }}
	value := c.expr(f(&ir.Load{Var: 0}, &ir.Load{Var: 1}))
	before := k.take()
	text := selfTestHeader(SelfTestGroup, "readonly buffer A_ { float A[]; }", "readonly buffer B_ { float B[]; }", "writeonly buffer Y_ { float Y[]; }") +
		reachable(k.used)
	for n := 2; n <= maxPower; n++ {
		if k.powers[n] {
			text += powerHelper(n)
		}
	}
	return text + `void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i >= u_n) return;
  precise float a = A[i], b = B[i];
` + before + "  precise float y = " + value + `;
  Y[i] = y;
}
`
}

func selfTestHeader(invocations int, buffers ...string) string {
	s := fmt.Sprintf("#version 430\nlayout(local_size_x = %d) in;\n", invocations)
	for i, b := range buffers {
		s += fmt.Sprintf("layout(std430, binding = %d) %s;\n", i, b)
	}
	return s + "uniform uint u_n;\n\n"
}

// Bits is a kernel that tells for u_n floats, given by their bits in A, what the
// kernels find of them: bit 0 of Y[i] where it is finite, bit 1 where it is NaN;
// bit 2 where the driver's own isnan says so.
func Bits() string {
	return selfTestHeader(SelfTestGroup, "readonly buffer A_ { uint A[]; }", "writeonly buffer Y_ { uint Y[]; }") +
		reachable(map[string]bool{"gs_finite": true, "gs_nan": true}) + `void main() {
  uint i = gl_GlobalInvocationID.x;
  if (i >= u_n) return;
  precise float x = uintBitsToFloat(A[i]);
  uint y = uint(gs_finite(x)) | uint(gs_nan(x)) << 1u | uint(isnan(x)) << 2u;
  Y[i] = y;
}
`
}

// Exchange is a kernel whose invocations hand numbers to each other through shared
// memory in u_n rounds, as the fused kernels do: what is published is there twice,
// for even and odd rounds, so that one barrier a round is enough. Every workgroup
// does the same; SharedExchange says what it must leave.
func Exchange(invocations int) string {
	return selfTestHeader(invocations, "writeonly buffer Y_ { uint Y[]; }") + fmt.Sprintf("shared uint pub[%d];\n\n", 2*invocations) +
		fmt.Sprintf(`void main() {
  uint w = gl_LocalInvocationIndex;
  uint x = w + 1u;
  for (uint r = 0u; r < u_n; ++r) {
    uint at = (r & 1u)*%[1]du;
    pub[at + w] = x;
    memoryBarrierShared();
    barrier();
    x = x*1664525u + pub[at + (w*5u + r*3u + 1u) %% %[1]du] + 1013904223u;
  }
  Y[gl_WorkGroupID.x*%[1]du + w] = x;
}
`, invocations)
}

// SharedExchange is what each invocation of Exchange ends with.
func SharedExchange(invocations, rounds int) []uint32 {
	x := make([]uint32, invocations)
	for w := range x {
		x[w] = uint32(w) + 1
	}
	for r := range rounds {
		next := make([]uint32, invocations)
		for w := range x {
			next[w] = x[w]*1664525 + x[(w*5+r*3+1)%invocations] + 1013904223
		}
		x = next
	}
	return x
}

// Loops is a kernel that makes u_n trips of a loop, and in each of them u_inner of
// another one: Y[2i] is the number of trips of both, Y[2i+1] what was computed in
// them, so that no compiler leaves them out; see CountedLoops.
func Loops() string {
	return selfTestHeader(columns, "writeonly buffer Y_ { uint Y[]; }") + `uniform uint u_inner;

void main() {
  uint trips = 0u, x = gl_LocalInvocationIndex;
  for (uint i = 0u; i < u_n; ++i) {
    ++trips;
    x = x*1664525u + 1013904223u;
    for (uint j = 0u; j < u_inner; ++j) {
      ++trips;
      x = x*1664525u + 1013904223u;
    }
  }
  Y[2u*gl_GlobalInvocationID.x] = trips;
  Y[2u*gl_GlobalInvocationID.x + 1u] = x;
}
`
}

// CountedLoops is what invocation i of Loops leaves after so many trips of both
// loops.
func CountedLoops(i int, trips uint32) (x uint32) {
	x = uint32(i)
	for range trips {
		x = x*1664525 + 1013904223
	}
	return x
}

// LoopPasses is the number of passes through loop ends that the budget counts for
// Loops.
func LoopPasses(outer, inner int) int { return loopOf(outer, loopOf(inner, cost{})).active }
