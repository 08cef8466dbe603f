package shaders

import (
	"fmt"
	"strings"
)

// block is a block of GLSL that is open.
type block struct {
	header  string
	uniform bool // all invocations of a workgroup go through it, equally often
}

// open begins a block that invocations may go through each in its own way.
func (k *kernel) open(format string, args ...any) {
	k.enter(block{header: fmt.Sprintf(format, args...)})
}

// openUniform begins a block whose condition or count of trips is the same for
// all invocations of a workgroup: it reads uniforms and the workgroup's number.
func (k *kernel) openUniform(format string, args ...any) {
	k.enter(block{fmt.Sprintf(format, args...), true})
}

// enter begins a block.
func (k *kernel) enter(b block) {
	k.line("%s", strings.TrimSpace(b.header+" {"))
	k.blocks = append(k.blocks, b)
}

func (k *kernel) close() {
	k.blocks = k.blocks[:len(k.blocks)-1]
	k.line("}")
}

// part prints what will stand inside blocks that are opened later, and takes
// it.
func (k *kernel) part(print func(), within ...block) string {
	outer := k.blocks
	k.blocks = within
	print()
	k.blocks = outer
	return k.take()
}

// leave prints a return. uniform: the condition is the same for all
// invocations of a workgroup.
func (k *kernel) leave(condition string, uniform bool) {
	k.line("if (%s) return;", condition)
	if !uniform {
		k.left = condition
		k.refuseMixed()
	}
}

// barrier makes what the invocations of a workgroup wrote to the memory named
// (Shared, Buffer) visible to all of them. Each of them has to come to it
// equally often, or the others wait for ever: it is refused in control flow
// that is not uniform, and in a kernel that some of them may have left.
func (k *kernel) barrier(memory ...string) {
	for _, b := range k.blocks {
		if !b.uniform {
			panic(fmt.Sprintf("shaders: a barrier inside %q, which not all invocations go through alike", b.header))
		}
	}
	k.barriers = true
	k.refuseMixed()
	for _, m := range memory {
		k.line("memoryBarrier%s();", m)
	}
	k.line("barrier();")
}

// refuseMixed refuses a barrier in a kernel that invocations may have left
// before it. The parts of a kernel are not printed in their order, so it does
// not ask which comes first.
func (k *kernel) refuseMixed() {
	if k.barriers && k.left != "" {
		panic(fmt.Sprintf("shaders: a barrier, and a return that not all invocations take: if (%s)", k.left))
	}
}
