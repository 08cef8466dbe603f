package shaders

import "fmt"

// Lanes is a kernel whose time tells how many invocations of a workgroup a
// device runs side by side: a chain of dependent operations in the first u_lanes
// of them, long against what a dispatch costs and within the loop iterations of
// llvmpipe.
func Lanes(invocations int) string {
	return fmt.Sprintf(`#version 430
layout(local_size_x = %d) in;
layout(std430, binding = 0) buffer Out { uint X[]; };
uniform uint u_lanes;
void main() {
  uint x = gl_LocalInvocationIndex + 1u;
  uint n = gl_LocalInvocationIndex < u_lanes ? 40000u : 0u;
  for (uint i = 0u; i < n; ++i) {
    x ^= x << 13; x ^= x >> 17; x ^= x << 5;
    x = x*1664525u + 1013904223u;
  }
  X[gl_LocalInvocationIndex] = x;
}
`, invocations)
}
