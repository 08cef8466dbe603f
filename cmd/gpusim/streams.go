package main

import (
	"fmt"
	"io"
	"unicode/utf8"
)

// cleanWriter writes text of which the user's files are a part, such as the name
// of a network: control characters, which a terminal would obey, are written as
// \x1b is. It keeps the first error of the writer below.
type cleanWriter struct {
	w   io.Writer
	err error
}

// Write implements io.Writer.
func (c *cleanWriter) Write(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	if _, c.err = c.w.Write(clean(p)); c.err != nil {
		return 0, c.err
	}
	return len(p), nil
}

// clean gives the text without control characters other than line ends and tabs;
// text that has none as it is.
func clean(p []byte) []byte {
	var out []byte
	from := 0
	for i := 0; i < len(p); {
		r, n := utf8.DecodeRune(p[i:])
		if r == '\n' || r == '\t' || r >= ' ' && (r < 0x7f || r > 0x9f) {
			i += n
			continue
		}
		out = fmt.Appendf(append(out, p[from:i]...), "\\x%02x", r)
		i += n
		from = i
	}
	if out == nil {
		return p
	}
	return append(out, p[from:]...)
}
