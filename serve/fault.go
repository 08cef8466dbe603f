package serve

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"gpusim/model/diag"
	"gpusim/network"
)

// The codes of errors.
const (
	badJSON     = "bad_json"     // the line is not an object of JSON
	badRequest  = "bad_request"  // a member is missing, unknown, or not what it has to be
	badFile     = "bad_file"     // the network file cannot be read, or has mistakes
	notLoaded   = "not_loaded"   // there is no network yet
	unknownName = "unknown_name" // there is no such name in the network, or it is that of several
	badShape    = "bad_shape"    // a number of values that does not fit
	notFinite   = "not_finite"   // a value that is NaN or infinite
	structure   = "structure"    // a value that decides what is compiled: load the file with it
	tooLarge    = "too_large"    // more than the device or this machine holds
	cancelled   = "cancelled"    // by a request to cancel, before it began
	busy        = "busy"         // too much is waiting
	failed      = "failed"       // anything else: no device, a full disk
)

// fault is an error as it is answered.
type fault struct {
	code    string
	message string
	place   string // file:line:column, or the member of the request; "" where there is none
	list    []*diag.Problem
}

func (f *fault) Error() string { return f.message }

func faultf(code, place, format string, args ...any) *fault {
	return &fault{code: code, place: place, message: fmt.Sprintf(format, args...)}
}

// faultOf is any error as it is answered; place is the member of the request
// that it is about, where that is known.
func faultOf(err error, place string) *fault {
	var f *fault
	if errors.As(err, &f) {
		return f
	}
	f = &fault{code: failed, message: plain(err.Error()), place: place}
	kinds := []struct {
		kind error
		code string
	}{
		{network.ErrUnknownName, unknownName}, {network.ErrShape, badShape}, {network.ErrNotFinite, notFinite},
		{network.ErrStructure, structure}, {network.ErrTooLarge, tooLarge}, {network.ErrClosed, notLoaded},
	}
	for _, k := range kinds {
		if errors.Is(err, k.kind) {
			f.code = k.code
		}
	}
	var all *diag.Errors
	var one *diag.Problem
	var path *fs.PathError
	switch {
	case errors.As(err, &all):
		f.list = all.Problems
	case errors.As(err, &one):
		f.list = []*diag.Problem{one}
	case errors.As(err, &path) && f.code == failed && place != "":
		f.code = badFile
	}
	if len(f.list) > 0 {
		if f.code == failed {
			f.code = badFile
		}
		f.place = placeOf(f.list[0])
	}
	return f
}

// plain is an error's text without the names of the packages that it is from.
func plain(msg string) string {
	for _, name := range []string{"glctx: ", "gpu: ", "cpuref: ", "window: ", "network: "} {
		msg = strings.ReplaceAll(strings.TrimPrefix(msg, name), ": "+name, ": ")
	}
	return msg
}

func placeOf(p *diag.Problem) string {
	switch {
	case p.Source == nil:
		return ""
	case !p.Pos.IsValid():
		return p.Source.Name
	}
	return fmt.Sprintf("%s:%d:%d", p.Source.Name, p.Pos.Line, p.Pos.Col)
}

// json is the fault as the member error has it.
func (f *fault) json() object {
	o := object{{"code", f.code}, {"message", f.message}}
	if f.place != "" {
		o = append(o, member{"place", f.place})
	}
	if len(f.list) > 0 {
		var list []any
		for _, p := range f.list {
			x := object{{"place", placeOf(p)}, {"message", p.Msg}}
			if p.Hint != "" {
				x = append(x, member{"hint", p.Hint})
			}
			list = append(list, x)
		}
		o = append(o, member{"problems", list})
	}
	return o
}
