package lang

import "gpusim/model/diag"

// kind is the class of a token.
type kind uint8

const (
	end      kind = iota // after the last token
	number               // 0.04, 1e-3
	name                 // V, alpha_h
	symbol               // + ( , and the words and or not if else
	newline              // the end of a line
	semi                 // ;
	flag                 // (unless refractory), (event-driven)
	badToken             // reported by the lexer
)

// token is a word of the language. text is as written; of a flag it is what
// stands between the parentheses, its words one space apart.
type token struct {
	kind kind
	text string
	at   diag.Pos
	off  int // byte offset of its first byte
}

func (t token) is(symbols ...string) bool {
	if t.kind != symbol {
		return false
	}
	for _, s := range symbols {
		if t.text == s {
			return true
		}
	}
	return false
}

// describe says what the token is, for an error message.
func (t token) describe() string {
	switch t.kind {
	case end:
		return "the end"
	case newline:
		return "the end of the line"
	case semi:
		return `";"`
	case flag:
		return `"(` + t.text + `)"`
	}
	return `"` + t.text + `"`
}
