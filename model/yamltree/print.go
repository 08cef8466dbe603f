package yamltree

import (
	"regexp"
	"strconv"
	"strings"
)

// width is the length from which on a map or list in braces or brackets is
// written on lines of its own.
const width = 110

// Print writes the tree as YAML: maps and lists in the style in which they
// were read (what would become too long a line, as a block), texts of several
// lines as literal blocks, quotes where they are needed. Reading the result
// gives the same tree.
func Print(n *Node) string {
	var b strings.Builder
	p := &printer{&b}
	switch {
	case p.isBlock(n, 0):
		p.block(n, 0)
	default:
		p.inline(n, 0)
		b.WriteByte('\n')
	}
	return b.String()
}

type printer struct{ b *strings.Builder }

// isBlock reports whether n, a map or list, is written on lines of its own.
func (p *printer) isBlock(n *Node, indent int) bool {
	if n.Kind == Scalar || len(n.Entries)+len(n.Items) == 0 {
		return false
	}
	return !n.Flow || indent+len(flow(n)) > width
}

// block writes a map or list at an indentation; the writer stands at the
// beginning of a line, or after "- ".
func (p *printer) block(n *Node, indent int) {
	pad := strings.Repeat(" ", indent)
	wasBlock := false
	for i, e := range n.Entries {
		if i > 0 {
			p.b.WriteString(pad)
		}
		isBlock := p.isBlock(e.Value, indent+len(e.Key)+2)
		if indent == 0 && i > 0 && (isBlock || wasBlock) {
			p.b.WriteByte('\n')
		}
		wasBlock = isBlock
		p.b.WriteString(key(e.Key) + ":")
		switch {
		case isBlock:
			p.b.WriteString("\n" + pad + "  ")
			p.block(e.Value, indent+2)
		case e.Value.Kind == Scalar && e.Value.Text == "" && e.Value.Style == Plain:
			p.b.WriteByte('\n')
		default:
			p.b.WriteByte(' ')
			p.inline(e.Value, indent+2)
			p.b.WriteByte('\n')
		}
	}
	for i, x := range n.Items {
		if i > 0 {
			p.b.WriteString(pad)
		}
		p.b.WriteString("- ")
		if p.isBlock(x, indent+2) {
			p.block(x, indent+2)
			continue
		}
		p.inline(x, indent+2)
		p.b.WriteByte('\n')
	}
}

// inline writes what does not begin a line: a scalar, {} or []. A literal
// block's lines stand at indent.
func (p *printer) inline(n *Node, indent int) {
	if n.Kind == Scalar && strings.Contains(n.Text, "\n") && fitsLiteral(n.Text) {
		body, keep := n.Text, "|-"
		if strings.HasSuffix(body, "\n") {
			body, keep = body[:len(body)-1], "|"
		}
		p.b.WriteString(keep)
		for _, line := range strings.Split(body, "\n") {
			p.b.WriteByte('\n')
			if line != "" {
				p.b.WriteString(strings.Repeat(" ", max(indent, 2)) + line)
			}
		}
		return
	}
	if n.Kind == Scalar {
		p.b.WriteString(scalar(n, false))
		return
	}
	p.b.WriteString(flow(n))
}

// flow writes a node on one line.
func flow(n *Node) string {
	var parts []string
	switch n.Kind {
	case Map:
		for _, e := range n.Entries {
			v := flow(e.Value)
			if v == "" {
				v = "null"
			}
			parts = append(parts, key(e.Key)+": "+v)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case Seq:
		for _, x := range n.Items {
			v := flow(x)
			if v == "" {
				v = "null"
			}
			parts = append(parts, v)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return scalar(n, true)
}

// fitsLiteral reports whether a literal block gives s back: it ends in one
// line end at most, and its first line is not indented.
func fitsLiteral(s string) bool {
	body := strings.TrimSuffix(s, "\n")
	if body == "" || strings.HasSuffix(body, "\n") || strings.ContainsAny(s, "\t") {
		return false
	}
	for _, line := range strings.Split(body, "\n") {
		if line != "" && strings.Trim(line, " ") == "" || strings.HasSuffix(line, " ") {
			return false
		}
	}
	return body[0] != ' ' && body[0] != '\n' && printable(s)
}

func printable(s string) bool {
	for _, r := range s {
		if r != '\n' && r != '\t' && isControl(r) {
			return false
		}
	}
	return true
}

// plainKey is the form of a key that needs no quotes.
var plainKey = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)

// key writes a map's key.
func key(s string) string {
	if plainKey.MatchString(s) && isPlain(s, true) {
		return s
	}
	return quote(s)
}

// scalar writes a scalar on one line.
func scalar(n *Node, inFlow bool) string {
	if n.Style == Plain && n.IsNull() {
		return n.Text
	}
	if n.Style != Double && n.Style != Single && isPlain(n.Text, inFlow) {
		return n.Text
	}
	return quote(n.Text)
}

// isPlain reports whether s may stand without quotes.
func isPlain(s string, inFlow bool) bool {
	switch {
	case s == "" || s != strings.TrimSpace(s) || !printable(s) || strings.ContainsAny(s, "\n\t"):
		return false
	case s == "null" || s == "~" || strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...") || s == "=" || strings.Contains(s, "<<"):
		return false
	case strings.Contains(s, ": ") || strings.HasSuffix(s, ":") || strings.Contains(s, " #") || strings.Contains(s, ":\t"):
		return false
	case strings.ContainsAny(s[:1], ",[]{}#&*!|>'\"%@`"):
		return false
	case strings.ContainsAny(s[:1], "-?:") && (len(s) == 1 || s[1] == ' '):
		return false
	case inFlow && (strings.ContainsAny(s, ",[]{}") || strings.Contains(s, ":")):
		return false
	}
	return true
}

// quote writes s in double quotes.
func quote(s string) string {
	var out strings.Builder
	out.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r == '\n':
			out.WriteString(`\n`)
		case r == '\t':
			out.WriteString(`\t`)
		case isControl(r):
			out.WriteString(`\u` + strconv.FormatInt(0x10000|int64(r), 16)[1:])
		default:
			out.WriteRune(r)
		}
	}
	out.WriteByte('"')
	return out.String()
}
