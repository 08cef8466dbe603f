package lang

import (
	"unicode/utf8"

	"gpusim/model/diag"
)

// Text is a piece of equation language and where it stands: At maps a byte
// offset, up to and including len(Str), to a place in the file.
type Text struct {
	Str string
	At  func(offset int) diag.Pos
}

// Plain gives s as a text of its own, its first rune at line 1, column 1.
func Plain(s string) Text {
	last, pos := 0, diag.Pos{Line: 1, Col: 1} // where the last call stood
	return Text{Str: s, At: func(offset int) diag.Pos {
		if offset < last {
			last, pos = 0, diag.Pos{Line: 1, Col: 1}
		}
		for last < offset && last < len(s) {
			r, n := utf8.DecodeRuneInString(s[last:])
			last += n
			pos.Col++
			if r == '\n' {
				pos.Line, pos.Col = pos.Line+1, 1
			}
		}
		return pos
	}}
}
