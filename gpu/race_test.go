package gpu_test

import (
	"errors"
	"strings"
	"testing"

	"gpusim/gpu"
	"gpusim/gpu/glctx"
)

// watched is a kernel of 16 invocations a workgroup, w of them, with 16 shared
// words and a buffer of 64 words.
func watched(qualifier, body string) string {
	return `#version 430
layout(local_size_x = 16) in;
layout(std430, binding = 0) ` + qualifier + `buffer B_ { uint B[]; };
layout(std430, binding = 1) buffer Q_ { uint Q[]; };
shared uint M[16];
void main() {
uint w = gl_LocalInvocationIndex, g = gl_WorkGroupID.x, x = 0u;
` + strings.ReplaceAll(body, "; ", ";\n") + `
atomicAdd(Q[0u], x);
}
`
}

// TestWatch: what is a race, in kernels of a few statements. Which of the two
// invocations is found out depends on which comes later, so the kinds "reads
// what another has written" and "writes what another has read" are one.
func TestWatch(t *testing.T) {
	const (
		fenced  = "memoryBarrierShared(); barrier(); "
		drained = "memoryBarrierBuffer(); barrier(); "
	)
	c, err := glctx.OpenEGL(glctx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, k := range []struct {
		name, qualifier, body string
		groups                int
		one, other            string // the statements that race; "" both: none does
	}{
		{"each its own", "", "M[w] = w; x = M[w]; B[16u*g + w] = x; x += B[16u*g + w];", 3, "", ""},
		{"read by all", "", "x = B[0u] + B[5u];", 3, "", ""},
		{"atomics", "", "atomicMax(Q[1u], w);", 3, "", ""},
		{"two write", "", "M[w/2u] = w;", 1, "M[w/2u] = w;", "M[w/2u] = w;"},
		{"neighbour", "", "M[w] = w; x = M[15u - w];", 1, "M[w] = w;", "x = M[15u - w];"},
		{"neighbour, ordered", "", "M[w] = w; " + fenced + "x = M[15u - w];", 1, "", ""},
		{"read, then written", "", "x = M[15u - w]; M[w] = x;", 1, "x = M[15u - w];", "M[w] = x;"},
		{"read, then written, ordered", "", "x = M[15u - w]; " + fenced + "M[w] = x;", 1, "", ""},
		{"read by its writer last", "", "x = M[3u]; if (w == 3u) x = M[w]; if (w == 3u) M[w] = x;", 1, "x = M[3u];", "if (w == 3u) M[w] = x;"},
		{"in two epochs", "", "M[w] = w; " + fenced + "x = M[15u - w]; " + fenced + "M[w] = x; x += M[w];", 1, "", ""},
		{"one barrier for two", "", "M[w] = w; " + fenced + "x = M[15u - w]; M[w] = x;", 1, "x = M[15u - w];", "M[w] = x;"},
		{"barrier without fence", "", "M[w] = w; barrier(); x = M[15u - w];", 1, "M[w] = w;", "x = M[15u - w];"},
		{"fence without barrier", "", "M[w] = w; memoryBarrierShared(); x = M[15u - w];", 1, "M[w] = w;", "x = M[15u - w];"},
		{"fence of other memory", "", "M[w] = w; " + drained + "x = M[15u - w];", 1, "M[w] = w;", "x = M[15u - w];"},
		{"fence before the write", "", "memoryBarrierShared(); M[w] = w; barrier(); x = M[15u - w];", 1, "M[w] = w;", "x = M[15u - w];"},
		{"fence of all memory", "coherent ", "M[w] = w; B[w] = w; memoryBarrier(); barrier(); x = M[15u - w] + B[15u - w];", 1, "", ""},
		{"buffer", "coherent ", "B[w] = w; x = B[15u - w];", 1, "B[w] = w;", "x = B[15u - w];"},
		{"buffer, ordered", "coherent ", "B[w] = w; " + drained + "x = B[15u - w];", 1, "", ""},
		{"buffer, fence of other memory", "coherent ", "B[w] = w; " + fenced + "x = B[15u - w];", 1, "B[w] = w;", "x = B[15u - w];"},
		{"buffer, not coherent", "", "B[w] = w; " + drained + "x = B[15u - w];", 1, "B[w] = w;", "x = B[15u - w];"},
		{"workgroups apart", "coherent ", "B[16u*g + w] = w; " + drained + "x = B[16u*g + 15u - w];", 3, "", ""},
		{"workgroups meet", "coherent ", "B[w] = w;", 3, "B[w] = w;", "B[w] = w;"},
		// A barrier of one workgroup orders nothing for another.
		{"workgroups meet later", "coherent ", "if (g == 0u) B[w] = w; " + drained + "if (g == 1u) x = B[w];", 2, "if (g == 0u) B[w] = w;", "if (g == 1u) x = B[w];"},
		{"workgroups meet, read first", "coherent ", "if (g == 0u) x = B[w]; " + drained + "if (g == 1u) B[w] = w;", 2, "if (g == 0u) x = B[w];", "if (g == 1u) B[w] = w;"},
		{"read by all workgroups, then by the writer's", "coherent ", "x = B[0u]; " + drained + "if (g == 0u) x = B[0u]; " + drained + "if (g == 0u && w == 0u) B[0u] = x;", 2,
			"x = B[0u];", "if (g == 0u && w == 0u) B[0u] = x;"},
		{"under a condition", "", "if (w == 4u) M[4u] = 1u; if (w == 4u) x = M[4u];", 1, "", ""},
		{"either side of ?:", "", "M[w] = w; x = w > 20u ? M[0u] : 0u;", 1, "M[w] = w;", "x = w > 20u ? M[0u] : 0u;"},
		{"beyond shared memory", "", "x = M[w + 1u];", 1, "x = M[w + 1u];", ""},
		{"beyond a buffer", "", "B[16u*g + w] = x;", 5, "B[16u*g + w] = x;", ""},
	} {
		t.Run(k.name, func(t *testing.T) {
			// Twice: what an earlier dispatch did is no race with a later one.
			err := gpu.Watch(c, watched(k.qualifier, k.body), k.groups, 2, 64, 4)
			var race *gpu.RaceError
			if !errors.As(err, &race) {
				if err != nil || k.one != "" {
					t.Errorf("no race is found, expected %q and %q (%v)", k.one, k.other, err)
				}
				return
			}
			one, other := statement(race.Statement), statement(race.Other)
			if (one != k.one || other != k.other) && (one != k.other || other != k.one) {
				t.Errorf("%v\nexpected of %q and %q", race, k.one, k.other)
			}
			writes := strings.HasPrefix(one, "M[") || strings.HasPrefix(one, "B[") || strings.Contains(one, ") B[") || strings.Contains(one, ") M[")
			if strings.HasPrefix(race.Does, "writes") != writes && k.other != "" {
				t.Errorf("%v\nwhich is not what the statement does", race)
			}
		})
	}
}

// statement is a statement without its line.
func statement(s string) string {
	_, s, _ = strings.Cut(s, " | ")
	return s
}
