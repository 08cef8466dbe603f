package network

import (
	"errors"
	"fmt"

	"gpusim/model/ir"
	"gpusim/model/lang"
)

// What a caller may branch on, with errors.Is.
var (
	// ErrClosed is the error of a network that was closed.
	ErrClosed = errors.New("the network is closed")
	// ErrUnknownName is that of a name that stands for nothing.
	ErrUnknownName = errors.New("unknown name")
	// ErrShape is that of values of a number that does not fit.
	ErrShape = errors.New("wrong number of values")
	// ErrNotFinite is that of a value that is NaN or infinite.
	ErrNotFinite = errors.New("not finite")
	// ErrTooLarge is that of a network, or of so many instances of it, that
	// needs more than the device has. The message has both numbers.
	ErrTooLarge = ir.ErrTooLarge
	// ErrStructure is that of a value that decides the structure of the network.
	ErrStructure = errors.New("structure")
)

var errNoFile = errors.New("network: there is no file or no device")

// kindError is a message of its own that errors.Is finds to be of a kind.
type kindError struct {
	kind error
	msg  string
}

func (e *kindError) Error() string { return e.msg }
func (e *kindError) Unwrap() error { return e.kind }

func errorOf(kind error, format string, args ...any) error {
	return &kindError{kind, fmt.Sprintf(format, args...)}
}

// unknown is the error of a name that is none of the candidates.
func unknown(name string, candidates []string) error {
	hint := ""
	if near := lang.Nearest(name, candidates); near != "" {
		hint = "; did you mean " + near + "?"
	}
	return errorOf(ErrUnknownName, "there is no %q in this network%s", name, hint)
}

// located is an error with the place in the network file that it is about.
type located struct {
	problem error // *diag.Problem
	cause   error
}

func (e *located) Error() string   { return e.problem.Error() }
func (e *located) Unwrap() []error { return []error{e.problem, e.cause} }
