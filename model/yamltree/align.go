package yamltree

import (
	"strings"
	"unicode/utf8"

	"gpusim/model/diag"
)

// align finds the place of every byte of a scalar's text, and of its end, by
// walking the source beside it from line and col of the parsed text on:
// indentation and folded lines are white space of different shape, a quote may
// be doubled, and an escape stands for one rune. Where the two do not match,
// what is left takes the place of the last rune that did.
func (b *builder) align(n *Node, line, col int) []diag.Pos {
	at := make([]diag.Pos, 0, len(n.Text)+1)
	w := &walker{lines: b.lines, line: line, col: col}
	if line >= 1 && line <= len(b.lines) {
		w.byte = b.byteAt(line, col)
	}
	matched := true
	for i := 0; i < len(n.Text); {
		r, size := utf8.DecodeRuneInString(n.Text[i:])
		i += size
		var p diag.Pos
		switch {
		case !matched:
			p = at[len(at)-1]
		case (r == '\n' || r == '\t') && n.Style == Double && len(w.rest()) > 1 && w.peek() == '\\':
			p = b.pos(w.line, w.col)
			matched = w.match(r, n.Style)
		case r == '\n' || r == ' ' || r == '\t':
			p = b.pos(w.line, w.col)
			if !w.atEnd() && (w.peek() == ' ' || w.peek() == '\t') {
				w.step()
			} else if r == '\n' && w.lineEnd() {
				w.step()
			}
		default:
			w.skipSpace(n.Style)
			p = b.pos(w.line, w.col)
			matched = w.match(r, n.Style)
			if !matched {
				p = n.Pos
				if len(at) > 0 {
					p = at[len(at)-1]
				}
			}
		}
		for range size {
			at = append(at, p)
		}
	}
	last := n.Pos
	if matched {
		last = b.pos(w.line, w.col)
	} else if len(at) > 0 {
		last = at[len(at)-1]
	}
	return append(at, last)
}

// byteAt is the byte offset in a line of its column col. It remembers the
// last answer, since places are asked for from left to right.
func (b *builder) byteAt(line, col int) int {
	if b.atLine != line || b.atCol > col {
		b.atLine, b.atCol, b.atByte = line, 1, 0
	}
	s := b.lines[line-1]
	for b.atCol < col && b.atByte < len(s) {
		_, size := utf8.DecodeRuneInString(s[b.atByte:])
		b.atByte += size
		b.atCol++
	}
	return b.atByte
}

// walker is a place in lines of text. rest is what is left of the line.
type walker struct {
	lines     []string
	line, col int
	byte      int
}

func (w *walker) rest() string {
	if w.line < 1 || w.line > len(w.lines) {
		return ""
	}
	return w.lines[w.line-1][min(w.byte, len(w.lines[w.line-1])):]
}

func (w *walker) atEnd() bool   { return w.line > len(w.lines) }
func (w *walker) lineEnd() bool { return w.rest() == "" }

func (w *walker) peek() rune {
	r, _ := utf8.DecodeRuneInString(w.rest())
	return r
}

// step moves to the next rune, or over the end of a line.
func (w *walker) step() {
	if w.lineEnd() {
		w.line, w.col, w.byte = w.line+1, 1, 0
		return
	}
	_, size := utf8.DecodeRuneInString(w.rest())
	w.byte += size
	w.col++
}

// skipSpace moves to the next rune that is no white space, and in double
// quotes over an escaped line end.
func (w *walker) skipSpace(style Style) {
	for !w.atEnd() && (w.lineEnd() || w.peek() == ' ' || w.peek() == '\t' || style == Double && w.rest() == `\`) {
		w.step()
	}
}

// match moves over what stands for r, and reports whether that is here.
func (w *walker) match(r rune, style Style) bool {
	rest := w.rest()
	if style == Double && strings.HasPrefix(rest, `\`) {
		n := 2
		switch {
		case strings.HasPrefix(rest, `\x`):
			n = 4
		case strings.HasPrefix(rest, `\u`):
			n = 6
		case strings.HasPrefix(rest, `\U`):
			n = 10
		}
		for range n {
			w.step()
		}
		return true
	}
	if w.lineEnd() || w.peek() != r {
		return false
	}
	w.step()
	if style == Single && r == '\'' && strings.HasPrefix(w.rest(), "'") {
		w.step()
	}
	return true
}
