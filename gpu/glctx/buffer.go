package glctx

import (
	"fmt"
	"unsafe"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// A Buffer is a piece of device memory for storage blocks. It belongs to the context
// that made it.
type Buffer struct {
	c         *Context
	id        uint32 // 0 once deleted
	name      string
	size      int
	allocated int
}

// Name is the name given to NewBuffer; error messages use it.
func (b *Buffer) Name() string { return b.name }

// Size is the number of bytes asked for.
func (b *Buffer) Size() int { return b.size }

// Allocated is Size rounded up to a multiple of 16, at least 16: OpenGL has no empty
// bindings, and a kernel may then read the last words as a vector.
func (b *Buffer) Allocated() int { return b.allocated }

// Bytes returns the memory of s as bytes, in the order of this machine, which is that
// of the device. It copies nothing: writing to one changes the other.
func Bytes[T float32 | uint32 | int32](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&s[0])), len(s)*4)
}

// NewBuffer makes a buffer filled with zeros. A size above the limit of a storage
// block is refused (ErrTooLarge) before the driver is asked, since a kernel could not
// see all of it; a driver without the memory gives ErrOutOfMemory.
func (g *GL) NewBuffer(name string, size int) (*Buffer, error) {
	if err := g.usable(); err != nil {
		return nil, err
	}
	if size < 0 {
		return nil, fmt.Errorf("glctx: buffer %s: a size of %d bytes", name, size)
	}
	limit := g.c.info.Limits.MaxStorageBlockSize
	if int64(size) > limit {
		return nil, fmt.Errorf("glctx: buffer %s: %d bytes, at most %d: %w", name, size, limit, ErrTooLarge)
	}
	b := &Buffer{c: g.c, name: name, size: size, allocated: max(16, (size+15)&^15)}

	g.collect() // so that an error seen below is glBufferData's
	gl.GenBuffers(1, &b.id)
	gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, b.id)
	gl.BufferData(gl.SHADER_STORAGE_BUFFER, b.allocated, nil, gl.DYNAMIC_COPY)
	if code := gl.GetError(); code != gl.NO_ERROR {
		gl.DeleteBuffers(1, &b.id)
		g.discardErrors() // the same error again, as a message
		return nil, allocationError(b, code)
	}
	g.c.count(func(n *Counters) {
		n.LiveBuffers++
		n.LiveBytes += int64(b.allocated)
	})
	return b, g.Clear(b)
}

func allocationError(b *Buffer, code uint32) error {
	if code == gl.OUT_OF_MEMORY {
		return &memoryError{fmt.Sprintf("glctx: buffer %s: the device is out of memory for %d bytes", b.name, b.allocated)}
	}
	return fmt.Errorf("glctx: buffer %s: the driver refused %d bytes: %s", b.name, b.allocated, codeName(code))
}

// Clear fills the buffer with zeros. Nothing is uploaded.
func (g *GL) Clear(b *Buffer) error {
	if err := g.check(b, "clear", 0, 0); err != nil {
		return err
	}
	gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, b.id)
	// No data means zeros.
	gl.ClearBufferData(gl.SHADER_STORAGE_BUFFER, gl.R32UI, gl.RED_INTEGER, gl.UNSIGNED_INT, nil)
	return nil
}

// Upload writes data to the buffer from the byte at offset on.
func (g *GL) Upload(b *Buffer, offset int, data []byte) error {
	if err := g.check(b, "upload", offset, len(data)); err != nil || len(data) == 0 {
		return err
	}
	gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, b.id)
	gl.BufferSubData(gl.SHADER_STORAGE_BUFFER, offset, len(data), unsafe.Pointer(&data[0]))
	g.c.count(func(n *Counters) {
		n.Uploads++
		n.BytesUploaded += int64(len(data))
	})
	return nil
}

// Download reads len(dst) bytes of the buffer from the byte at offset on. It waits
// for the dispatches before it.
func (g *GL) Download(b *Buffer, offset int, dst []byte) error {
	if err := g.check(b, "download", offset, len(dst)); err != nil || len(dst) == 0 {
		return err
	}
	gl.BindBuffer(gl.SHADER_STORAGE_BUFFER, b.id)
	gl.GetBufferSubData(gl.SHADER_STORAGE_BUFFER, offset, len(dst), unsafe.Pointer(&dst[0]))
	g.c.count(func(n *Counters) {
		n.Downloads++
		n.BytesDownloaded += int64(len(dst))
	})
	return nil
}

// Copy copies n bytes on the device. Within one buffer the two ranges must not overlap.
func (g *GL) Copy(dst *Buffer, dstOffset int, src *Buffer, srcOffset, n int) error {
	if err := g.check(src, "copy from", srcOffset, n); err != nil {
		return err
	}
	if err := g.check(dst, "copy to", dstOffset, n); err != nil || n == 0 {
		return err
	}
	if src == dst && srcOffset < dstOffset+n && dstOffset < srcOffset+n {
		return fmt.Errorf("glctx: buffer %s: copy of %d bytes from %d to %d overlaps itself", src.name, n, srcOffset, dstOffset)
	}
	gl.BindBuffer(gl.COPY_READ_BUFFER, src.id)
	gl.BindBuffer(gl.COPY_WRITE_BUFFER, dst.id)
	gl.CopyBufferSubData(gl.COPY_READ_BUFFER, gl.COPY_WRITE_BUFFER, srcOffset, dstOffset, n)
	return nil
}

// DeleteBuffer frees the buffer's memory. Deleting it again, or nil, does nothing.
func (g *GL) DeleteBuffer(b *Buffer) error {
	if b == nil || b.id == 0 {
		return nil
	}
	if err := g.check(b, "delete", 0, 0); err != nil {
		return err
	}
	gl.DeleteBuffers(1, &b.id)
	b.id = 0
	g.c.count(func(n *Counters) {
		n.LiveBuffers--
		n.LiveBytes -= int64(b.allocated)
	})
	return nil
}

// check says whether the n bytes at offset are there to be used by g.
func (g *GL) check(b *Buffer, verb string, offset, n int) error {
	if err := g.usable(); err != nil {
		return err
	}
	switch {
	case b == nil:
		return fmt.Errorf("glctx: %s: no buffer", verb)
	case b.c != g.c:
		return fmt.Errorf("glctx: buffer %s: %s: it belongs to another context", b.name, verb)
	case b.id == 0:
		return fmt.Errorf("glctx: buffer %s: %s: it was deleted", b.name, verb)
	case offset < 0 || n < 0 || offset > b.size || n > b.size-offset:
		return fmt.Errorf("glctx: buffer %s: %s: %d bytes at %d do not lie within its %d", b.name, verb, n, offset, b.size)
	}
	return nil
}
