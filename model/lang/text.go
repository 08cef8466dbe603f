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
	return Text{Str: s, At: func(offset int) diag.Pos {
		p := diag.Pos{Line: 1, Col: 1}
		for i := 0; i < offset && i < len(s); {
			r, n := utf8.DecodeRuneInString(s[i:])
			i += n
			p.Col++
			if r == '\n' {
				p.Line, p.Col = p.Line+1, 1
			}
		}
		return p
	}}
}
