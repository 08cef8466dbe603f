package glctx

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-gl/gl/v4.3-core/gl"
)

// A GL is the right to use the context, for the time of one function given to
// Context.Do. Its methods check sizes, offsets and ownership themselves, with the
// numbers in the error; what only the driver can know comes out of Do.
type GL struct {
	c        *Context // nil once Do is over
	op       string
	codes    []uint32
	messages []string
}

// usable says why g cannot be used, if it cannot.
func (g *GL) usable() error {
	if g.c == nil {
		return errors.New("glctx: a GL was used after its Do was over")
	}
	return nil
}

// result is what Do returns, given what the function returned.
func (g *GL) result(err error) error {
	g.collect()
	if g.c.lost && !errors.Is(err, ErrContextLost) {
		return lostDuring(g.op)
	}
	reported := g.reported()
	switch {
	case err == nil:
		return reported
	case reported == nil:
		return err
	}
	return fmt.Errorf("%w; the driver says: %w", err, reported)
}

// reported returns what was collected as one error, or nil.
func (g *GL) reported() error {
	if len(g.codes) == 0 && len(g.messages) == 0 {
		return nil
	}
	return &GLError{Op: g.op, Codes: g.codes, Messages: g.messages}
}

// collect takes over what the driver has reported so far.
func (g *GL) collect() {
	g.codes = append(g.codes, g.c.takeCodes()...)
	g.messages = append(g.messages, g.c.takeMessages()...)
}

// discardErrors forgets what the driver has reported since the last collect.
func (g *GL) discardErrors() {
	g.c.takeCodes()
	g.c.takeMessages()
}

// takeCodes empties glGetError. A lost context may report without end, hence the bound.
func (c *Context) takeCodes() []uint32 {
	var codes []uint32
	for range 16 {
		code := gl.GetError()
		if code == gl.NO_ERROR {
			break
		}
		if code == contextLostCode {
			c.lost = true
			break
		}
		codes = append(codes, code)
	}
	return codes
}

// enableDebug selects the messages that the driver logs: all of them, or only those
// that isError takes, so that hints cannot fill the log, which holds few.
func enableDebug(all bool) {
	gl.Enable(gl.DEBUG_OUTPUT)
	gl.DebugMessageControl(gl.DONT_CARE, gl.DONT_CARE, gl.DONT_CARE, 0, nil, all)
	if all {
		return
	}
	gl.DebugMessageControl(gl.DONT_CARE, gl.DONT_CARE, gl.DEBUG_SEVERITY_HIGH, 0, nil, true)
	gl.DebugMessageControl(gl.DONT_CARE, gl.DEBUG_TYPE_ERROR, gl.DONT_CARE, 0, nil, true)
	gl.DebugMessageControl(gl.DONT_CARE, gl.DEBUG_TYPE_PERFORMANCE, gl.DONT_CARE, 0, nil, false)
}

// takeMessages empties the driver's message log and returns the errors in it. The log
// is polled because a callback may come on any thread of the driver's.
func (c *Context) takeMessages() []string {
	var found []string
	if len(c.logText) == 0 {
		c.logText = make([]byte, max(1024, getInt(gl.MAX_DEBUG_MESSAGE_LENGTH)))
	}
	var source, kind, id, severity uint32
	var length int32
	for gl.GetDebugMessageLog(1, int32(len(c.logText)), &source, &kind, &id, &severity, &length, &c.logText[0]) == 1 {
		text := strings.TrimSpace(strings.TrimRight(string(c.logText[:length]), "\x00"))
		if c.options.Debug != nil {
			c.options.Debug(text)
		}
		if isError(kind, severity) {
			found = append(found, text)
		}
	}
	return found
}

func isError(kind, severity uint32) bool {
	return kind == gl.DEBUG_TYPE_ERROR ||
		severity == gl.DEBUG_SEVERITY_HIGH && kind != gl.DEBUG_TYPE_PERFORMANCE
}

// resetStatusFunc returns the function that tells whether the device was reset, or
// nil: it is younger than OpenGL 4.3, so go-gl may have no address for it, and a
// loader's address does not mean that the driver has it.
func resetStatusFunc(version string) func() uint32 {
	switch {
	case versionAtLeast(version, 4, 5):
		return gl.GetGraphicsResetStatus
	case hasExtension("GL_KHR_robustness"):
		return gl.GetGraphicsResetStatusKHR
	case hasExtension("GL_ARB_robustness"):
		return gl.GetGraphicsResetStatusARB
	}
	return nil
}

func hasExtension(name string) bool {
	for i := range getInt(gl.NUM_EXTENSIONS) {
		if gl.GoStr(gl.GetStringi(gl.EXTENSIONS, uint32(i))) == name {
			return true
		}
	}
	return false
}
