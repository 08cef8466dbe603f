package yamltree

import (
	"fmt"
	"strings"

	"github.com/goccy/go-yaml/token"

	"gpusim/model/diag"
)

// said is what goccy's messages, which name parts of its grammar, say to
// somebody who writes a file.
var said = map[string]string{
	"sequence end token ']' not found":                       `this "[" is never closed`,
	"could not find flow mapping end token '}'":              `this "{" is never closed`,
	"could not find end character of double-quoted text":     `this text in " is never closed`,
	"could not find end character of single-quoted text":     `this text in ' is never closed`,
	"found an invalid key for this map":                      "a key is a name",
	"non-map value is specified":                             "this line has no key: expected NAME: VALUE",
	"mapping value is not allowed in this context":           "a second colon follows in this value",
	"value is not allowed in this context":                   "this does not belong to anything above it",
	"unexpected directive value. document not started":       "a value does not begin with %",
	"tab character cannot use as a map key directly":         "a tab stands before a key",
	"found character tab that cannot start any token":        "a tab stands before a word",
	"block sequence entries are not allowed in this context": "a list does not begin here",
}

// syntaxError reports goccy's error at its token.
func (b *builder) syntaxError(err error, tokens token.Tokens) {
	pos, msg := b.start, err.Error()
	var at *token.Token
	if e, ok := err.(interface {
		GetToken() *token.Token
		GetMessage() string
	}); ok {
		msg, at = e.GetMessage(), e.GetToken()
		if at != nil && at.Position != nil {
			pos = b.posOf(at)
		}
	}
	msg = strings.ReplaceAll(firstLine(msg), "'\t'", "tab")
	hint := b.syntaxHint(msg, pos)
	if open := openBracket(tokens, at); open != nil && hint == "" && strings.Contains(msg, "must be specified") {
		hint = fmt.Sprintf("the %q in line %d is not closed", open.Value, b.posOf(open).Line)
	}
	if at != nil && said[msg] != "" && (at.Value == "}" || at.Value == "]") {
		msg = fmt.Sprintf("this %q closes nothing", at.Value)
	} else if words := said[msg]; words != "" {
		msg = words
	}
	b.list.Addf(pos, "this is not YAML: %s", ascii(msg)).Hint = hint
}

// openBracket gives the innermost brace or bracket that is open at a token,
// or nil.
func openBracket(tokens token.Tokens, at *token.Token) *token.Token {
	var open []*token.Token
	for _, t := range tokens {
		if t == at {
			break
		}
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			open = append(open, t)
		case token.MappingEndType, token.SequenceEndType:
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		}
	}
	if len(open) == 0 {
		return nil
	}
	return open[len(open)-1]
}

// syntaxHint guesses what a line that is no YAML was meant to be.
func (b *builder) syntaxHint(msg string, pos diag.Pos) string {
	i := pos.Line - b.start.Line
	if i < 0 || i >= len(b.lines) {
		return ""
	}
	line := b.lines[i]
	_, value, hasKey := strings.Cut(line, ": ")
	switch {
	case strings.HasPrefix(strings.TrimLeft(line, " "), "\t"):
		return "indent with spaces, not with tabs"
	case msg == "non-map value is specified" && strings.Contains(line, ":"):
		return "a space follows the colon"
	case msg == "mapping value is not allowed in this context" && hasKey && strings.Contains(value, ":"):
		return "put a text with a colon in it in quotes"
	case msg == "mapping value is not allowed in this context":
		return "is the next line indented too far? The keys of a map begin in one column"
	case msg == "value is not allowed in this context" && strings.HasPrefix(line, " "):
		return "the keys of a map begin in one column"
	}
	return ""
}
