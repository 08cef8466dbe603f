package glctx

import (
	"fmt"
	"slices"
	"time"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// A Binding makes a range of a buffer a kernel's storage block.
type Binding struct {
	Index  int // layout(binding = Index)
	Buffer *Buffer
	Offset int // bytes, a multiple of Limits.StorageOffsetAlignment
	Size   int // bytes; 0 is all from Offset on
}

// Dispatch runs the program over a number of work groups, which Limits.FoldGroups
// spreads over two dimensions; zero groups do nothing. What comes after it, another
// dispatch, a copy or a download, sees what the kernel wrote.
func (g *GL) Dispatch(p *Program, groups int, bindings []Binding) error {
	if err := g.checkProgram(p, "dispatch"); err != nil {
		return err
	}
	x, y, err := g.c.info.Limits.FoldGroups(groups)
	if err != nil {
		return fmt.Errorf("%w (program %s)", err, p.name)
	}
	for i := range bindings {
		if err := g.bind(p, &bindings[i]); err != nil {
			return err
		}
	}
	for _, index := range p.blocks {
		// OpenGL would use whatever an earlier dispatch left there.
		if !slices.ContainsFunc(bindings, func(b Binding) bool { return b.Index == index }) {
			return fmt.Errorf("glctx: program %s: nothing is bound to its storage block %d", p.name, index)
		}
	}
	if groups == 0 {
		return nil
	}
	gl.UseProgram(p.id)
	gl.DispatchCompute(uint32(x), uint32(y), 1)
	gl.MemoryBarrier(gl.SHADER_STORAGE_BARRIER_BIT | gl.BUFFER_UPDATE_BARRIER_BIT)
	g.c.count(func(n *Counters) { n.Dispatches++ })
	return nil
}

func (g *GL) bind(p *Program, b *Binding) error {
	if err := g.check(b.Buffer, "bind", 0, 0); err != nil {
		return err
	}
	size := b.Size
	if size == 0 {
		size = b.Buffer.allocated - b.Offset
	}
	l := g.c.info.Limits
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("glctx: program %s: binding %d, buffer %s: %s", p.name, b.Index, b.Buffer.name, fmt.Sprintf(format, args...))
	}
	switch {
	case b.Index < 0 || b.Index >= l.MaxComputeStorageBlocks:
		return refuse("this device has bindings 0 to %d", l.MaxComputeStorageBlocks-1)
	case b.Offset < 0 || size <= 0 || b.Offset > b.Buffer.allocated || size > b.Buffer.allocated-b.Offset:
		return refuse("%d bytes at %d do not lie within its %d", size, b.Offset, b.Buffer.allocated)
	case b.Offset%l.StorageOffsetAlignment != 0:
		return refuse("offset %d is not a multiple of %d", b.Offset, l.StorageOffsetAlignment)
	case b.Size > 0 && int64(size) > l.MaxStorageBlockSize:
		return refuse("%d bytes, where this device binds at most %d", size, l.MaxStorageBlockSize)
	}
	gl.BindBufferRange(gl.SHADER_STORAGE_BUFFER, uint32(b.Index), b.Buffer.id, b.Offset, size)
	return nil
}

// Finish waits until the device has done everything asked of it so far, and returns
// the host's time then: the difference of two is what the work between them took.
// (Timer queries are of no use on a software renderer, where they always say 1 ns.)
// A device that was reset meanwhile gives ErrContextLost.
func (g *GL) Finish() (time.Time, error) {
	if err := g.usable(); err != nil {
		return time.Time{}, err
	}
	fence := gl.FenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0)
	if fence == 0 {
		return time.Time{}, g.waitError("glFenceSync failed")
	}
	defer gl.DeleteSync(fence)
	// The bound on one wait is for a lost device, whose fences may never come.
	const wait = 100 * time.Millisecond
	for {
		switch gl.ClientWaitSync(fence, gl.SYNC_FLUSH_COMMANDS_BIT, uint64(wait.Nanoseconds())) {
		case gl.ALREADY_SIGNALED, gl.CONDITION_SATISFIED:
			now := time.Now()
			return now, g.checkLost()
		case gl.TIMEOUT_EXPIRED:
			if err := g.checkLost(); err != nil {
				return time.Time{}, err
			}
		default:
			return time.Time{}, g.waitError("glClientWaitSync failed")
		}
	}
}

// checkLost asks whether the device was reset.
func (g *GL) checkLost() error {
	if g.c.resetStatus != nil && g.c.resetStatus() != gl.NO_ERROR {
		g.c.lost = true
	}
	if g.c.lost {
		return lostDuring(g.op)
	}
	return nil
}

func (g *GL) waitError(what string) error {
	g.collect()
	if err := g.checkLost(); err != nil {
		return err
	}
	return fmt.Errorf("glctx: %s: %s", g.op, what)
}
