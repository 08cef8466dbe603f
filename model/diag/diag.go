// Package diag describes places in a network file and the problems found there.
//
// Detecting a problem and printing it are kept apart: the parser and the
// checker collect Problems, and the command line prints them, so a file's
// errors are reported together and in file order.
package diag

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Pos is a place in a source file. Line and Col count from 1, Col in runes.
// The zero Pos is no place. Source is nil for places of the file being read
// and set for places elsewhere: in a --set flag or in a built-in model.
type Pos struct {
	Line, Col int
	Source    *Source
}

// IsValid reports whether p is a place.
func (p Pos) IsValid() bool { return p.Line > 0 }

// Source is a file's name and text.
type Source struct {
	Name string
	Text string
}

// Line returns the text of line n (from 1), without its end.
func (s *Source) Line(n int) string {
	lines := strings.Split(s.Text, "\n")
	if n < 1 || n > len(lines) {
		return ""
	}
	return strings.TrimSuffix(lines[n-1], "\r")
}

// Problem is one error (or note) about a place in a file.
type Problem struct {
	Source *Source
	Pos    Pos
	Msg    string // what was found and what was expected
	Hint   string // how to put it right, where that is known
	Note   bool   // a remark, not an error
}

// Error gives file:line:column, the message, the line's text, a caret under
// the column, and the hint.
func (p *Problem) Error() string {
	var b strings.Builder
	if p.Source != nil && p.Pos.IsValid() {
		fmt.Fprintf(&b, "%s:%d:%d: ", p.Source.Name, p.Pos.Line, p.Pos.Col)
	} else if p.Source != nil {
		fmt.Fprintf(&b, "%s: ", p.Source.Name)
	}
	if p.Note {
		b.WriteString("note: ")
	}
	b.WriteString(p.Msg)
	if p.Source != nil && p.Pos.IsValid() {
		line, col := excerpt(p.Source.Line(p.Pos.Line), p.Pos.Col)
		b.WriteString("\n  " + line + "\n  " + strings.Repeat(" ", max(0, col-1)) + "^")
	}
	if p.Hint != "" {
		b.WriteString("\n  hint: " + p.Hint)
	}
	return b.String()
}

// longLine is how many runes of a line are shown; lines by people are shorter.
const longLine = 150

// excerpt gives a line as it is shown, a long one only around the column, and
// where the column is in it. What is no text, tabs too, takes a place each.
func excerpt(line string, col int) (string, int) {
	runes := []rune(line)
	for i, r := range runes {
		switch {
		case r == '\t':
			runes[i] = ' '
		case r == utf8.RuneError || !unicode.IsPrint(r):
			runes[i] = '?'
		}
	}
	if len(runes) <= longLine {
		return string(runes), col
	}
	const gap = "..."
	begin := min(max(0, col-1-longLine/2), len(runes)-longLine)
	shown := string(runes[begin : begin+longLine])
	if begin+longLine < len(runes) {
		shown += gap
	}
	if begin > 0 {
		return gap + shown, col - begin + len(gap)
	}
	return shown, col
}

// List collects the problems of one file.
type List struct {
	Source   *Source
	Problems []*Problem
	// Most is how many problems are collected: one more panics with TooMany,
	// which whoever set it recovers. 0 is no limit.
	Most int
	more bool
}

// TooMany ends the reading of a file that is wrong all over.
type TooMany struct{}

// Addf adds a problem at p.
func (l *List) Addf(p Pos, format string, args ...any) *Problem {
	if l.Most > 0 && len(l.Problems) >= l.Most {
		l.more = true
		panic(TooMany{})
	}
	pr := &Problem{Source: l.Source, Pos: p, Msg: ascii(fmt.Sprintf(format, args...))}
	if p.Source != nil {
		pr.Source = p.Source
	}
	l.Problems = append(l.Problems, pr)
	return pr
}

// ascii writes what is not printable ASCII as Go's escapes.
func ascii(s string) string {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			q := strconv.QuoteToASCII(s)
			return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
		}
	}
	return s
}

// Err returns the list as an error in file order, each problem once, or nil
// where it is empty.
func (l *List) Err() error {
	if len(l.Problems) == 0 {
		return nil
	}
	sort.SliceStable(l.Problems, func(i, j int) bool {
		a, b := l.Problems[i].Pos, l.Problems[j].Pos
		if (a.Source == nil) != (b.Source == nil) {
			return a.Source == nil // places elsewhere come last
		}
		if a.Source != b.Source {
			return false
		}
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Col < b.Col
	})
	return &Errors{slices.CompactFunc(l.Problems, func(a, b *Problem) bool { return *a == *b }), l.more}
}

// Errors is every problem of a file as one error value.
type Errors struct {
	Problems []*Problem
	More     bool // the list was full before the file ended
}

// Error joins the problems, each with its place, by empty lines.
func (e *Errors) Error() string {
	parts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		parts[i] = p.Error()
	}
	if e.More {
		parts = append(parts, fmt.Sprintf("these are the first %d problems; there are more", len(e.Problems)))
	}
	return strings.Join(parts, "\n\n")
}
