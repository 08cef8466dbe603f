package glctx

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-gl/gl/v4.3-core/gl"

	"gpusim/model/ir"
)

// Errors that callers branch on.
var (
	// ErrNoContext: this machine gives no OpenGL 4.3 context. The error that wraps
	// it lists what was tried and what to install.
	ErrNoContext = errors.New("no OpenGL 4.3 context")

	// ErrClosed: the context was closed before the call.
	ErrClosed = errors.New("glctx: the context is closed")

	// ErrContextLost: the driver reset the device, most often because a dispatch
	// took too long. The context is of no further use; open a new one.
	ErrContextLost = errors.New("glctx: the OpenGL context was lost")

	// ErrOutOfMemory: the driver has no memory for a buffer. The error is one of
	// ErrTooLarge as well: a smaller network, or fewer instances, may fit.
	ErrOutOfMemory = errors.New("out of memory")

	// ErrTooLarge: a size exceeds a limit of the device.
	ErrTooLarge = ir.ErrTooLarge
)

// lostDuring is the error of what was being done when the device was reset.
func lostDuring(op string) error {
	return fmt.Errorf("%w during: %s: the driver has reset the device, most often because a dispatch took too long", ErrContextLost, op)
}

// memoryError is the error of a buffer that the driver has no memory for.
type memoryError struct{ msg string }

func (e *memoryError) Error() string { return e.msg }

// Is makes it both of the errors that callers branch on.
func (e *memoryError) Is(target error) bool { return target == ErrOutOfMemory || target == ErrTooLarge }

// A GLError is what the driver reported, through glGetError or KHR_debug, during one Do.
type GLError struct {
	Op       string   // what was being done: the first argument of Do
	Codes    []uint32 // from glGetError
	Messages []string // from KHR_debug: errors and messages of high severity
}

// Error names what was being done and what the driver said.
func (e *GLError) Error() string {
	var parts []string
	for _, code := range e.Codes {
		parts = append(parts, codeName(code))
	}
	parts = append(parts, e.Messages...)
	return fmt.Sprintf("glctx: %s: %s", e.Op, strings.Join(parts, "; "))
}

// A PanicError is a Go panic inside a function given to Do: a programming error of
// this program, not of the driver or the user.
type PanicError struct {
	Op    string
	Value any
	Stack []byte
}

// Error names what was being done and what the panic said.
func (e *PanicError) Error() string {
	return fmt.Sprintf("glctx: internal error: %s: %v", e.Op, e.Value)
}

func codeName(code uint32) string {
	switch code {
	case gl.INVALID_ENUM:
		return "GL_INVALID_ENUM"
	case gl.INVALID_VALUE:
		return "GL_INVALID_VALUE"
	case gl.INVALID_OPERATION:
		return "GL_INVALID_OPERATION"
	case gl.INVALID_FRAMEBUFFER_OPERATION:
		return "GL_INVALID_FRAMEBUFFER_OPERATION"
	case gl.OUT_OF_MEMORY:
		return "GL_OUT_OF_MEMORY"
	case contextLostCode:
		return "GL_CONTEXT_LOST"
	}
	return fmt.Sprintf("GL error %#x", code)
}

// contextLostCode is GL_CONTEXT_LOST of OpenGL 4.5 and KHR_robustness, which a 4.3 header lacks.
const contextLostCode = 0x0507
