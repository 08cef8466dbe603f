package yamltree

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"gpusim/model/diag"
)

// Limits of a file. They bound the stack of goccy's recursive parser and of
// whatever walks the tree.
const (
	MaxBytes = 1 << 20 // its tokens take some hundred times as much
	maxDepth = 64
	maxKeys  = 10_000 // of a map on lines of its own, on which goccy's parser takes time by the square
)

// Clean prepares the text of a file: without a byte-order mark, and with
// line ends as Unix writes them. The places of the tree are those of its
// result.
func Clean(text string) string {
	text = strings.TrimPrefix(text, "\ufeff")
	return strings.ReplaceAll(text, "\r\n", "\n")
}

// Parse reads the one document in list.Source, whose text is clean. It
// reports what is wrong to list and returns nil where there is no tree.
func Parse(list *diag.List) *Node {
	return parse(list, list.Source.Text, diag.Pos{Line: 1, Col: 1})
}

// ParseValue reads a value that stands in a line of source, such as a flag's,
// beginning at column col. Its places name source.
func ParseValue(list *diag.List, source *diag.Source, text string, col int) *Node {
	return parse(list, text, diag.Pos{Line: 1, Col: col, Source: source})
}

// builder makes a tree of goccy's.
type builder struct {
	list                  *diag.List
	lines                 []string
	start                 diag.Pos // of the text's first rune
	depth                 int
	atLine, atCol, atByte int  // the last answer of byteAt
	broken                bool // part of the tree is missing, and that was reported
}

func parse(list *diag.List, text string, start diag.Pos) (root *Node) {
	b := &builder{list: list, lines: strings.Split(text, "\n"), start: start}
	before := len(list.Problems)
	defer func() {
		if r := recover(); r != nil {
			if _, full := r.(diag.TooMany); full {
				panic(r)
			}
			root = nil
			if len(list.Problems) == before {
				list.Addf(b.start, "this is not YAML (%s)", ascii(fmt.Sprint(r)))
			}
		}
	}()
	if !b.checkBytes(text) {
		return nil
	}
	tokens := lexer.Tokenize(text)
	if !b.checkTokens(tokens) {
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		b.syntaxError(err, tokens)
		return nil
	}
	if root = b.document(file); b.broken {
		return nil
	}
	return root
}

// checkBytes refuses what is no text.
func (b *builder) checkBytes(text string) bool {
	if len(text) > MaxBytes {
		b.list.Addf(b.start, "this has %d bytes; the most that is read is %d", len(text), MaxBytes)
		return false
	}
	line, col := 1, 1
	for i, r := range text {
		_, size := utf8.DecodeRuneInString(text[i:])
		if r == utf8.RuneError && size == 1 {
			b.list.Addf(b.pos(line, col), "this byte (0x%02x) is not UTF-8", text[i])
			return false
		}
		if r != '\n' && r != '\t' && isControl(r) {
			b.list.Addf(b.pos(line, col), "the character U+%04X does not belong in a file", r)
			return false
		}
		col++
		if r == '\n' {
			line, col = line+1, 1
		}
	}
	return true
}

// isControl reports whether r may stand in a file as an escape only: it is not
// seen, or some programs take it for the end of a line.
func isControl(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u2028' || r == '\u2029' || r == '\ufeff'
}

// checkTokens refuses what goccy's parser would recurse on without end.
func (b *builder) checkTokens(tokens token.Tokens) bool {
	flow, line, onLine := 0, 0, 0
	var open maps
	for _, t := range tokens {
		if t.Position.Line != line {
			line, onLine = t.Position.Line, 0
		}
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			flow++
		case token.MappingEndType, token.SequenceEndType:
			flow--
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.TagType, token.AliasType:
			onLine++
			open.close(t.Position.Column)
		case token.MappingValueType:
			if flow == 0 {
				onLine++
				if key := t.Prev; key != nil && open.add(key.Position.Column) > maxKeys {
					b.list.Addf(b.posOf(key), "this map has more than %d keys, the most that is read", maxKeys)
					return false
				}
			}
		}
		if flow > maxDepth || onLine > maxDepth {
			b.list.Addf(b.posOf(t), "this is nested too deeply (more than %d levels)", maxDepth)
			return false
		}
	}
	return true
}

// maps are the maps that are open at a token: the column of their keys and how
// many they have, the innermost last.
type maps []struct{ column, keys int }

// close ends the maps whose keys stand to the right of a column.
func (m *maps) close(column int) {
	for n := len(*m); n > 0 && (*m)[n-1].column > column; n-- {
		*m = (*m)[:n-1]
	}
}

// add counts a key that begins at a column.
func (m *maps) add(column int) int {
	m.close(column)
	if n := len(*m); n == 0 || (*m)[n-1].column < column {
		*m = append(*m, struct{ column, keys int }{column, 0})
	}
	last := &(*m)[len(*m)-1]
	last.keys++
	return last.keys
}

func (b *builder) document(file *ast.File) *Node {
	var body ast.Node
	seen := false
	for _, d := range file.Docs {
		if d.Body == nil {
			continue
		}
		if _, ok := d.Body.(*ast.DirectiveNode); ok {
			continue
		}
		if seen {
			pos := b.startOf(d.Body)
			if d.Start != nil {
				pos = b.posOf(d.Start)
			}
			b.list.Addf(pos, "a second document begins here; a network file has one")
			break
		}
		seen, body = true, d.Body
	}
	if body == nil {
		return &Node{Pos: b.start}
	}
	return b.node(body)
}

// pos gives a place in the parsed text as a place in its source.
func (b *builder) pos(line, col int) diag.Pos {
	p := diag.Pos{Line: b.start.Line + line - 1, Col: col, Source: b.start.Source}
	if line == 1 {
		p.Col += b.start.Col - 1
	}
	return p
}

func (b *builder) posOf(t *token.Token) diag.Pos {
	if t == nil || t.Position == nil {
		return b.start
	}
	line := max(1, min(t.Position.Line, len(b.lines)))
	col := max(1, t.Position.Column)
	b.byteAt(line, col)
	return b.pos(line, min(col, b.atCol))
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// ascii replaces what is not ASCII in s.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}
