package yamltree

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"gpusim/model/diag"
)

// node makes a tree of a node of goccy's. It never returns nil.
func (b *builder) node(n ast.Node) *Node {
	b.depth++
	defer func() { b.depth-- }()
	if b.depth > maxDepth {
		b.broken = true
		if b.depth == maxDepth+1 {
			b.list.Addf(b.posOf(n.GetToken()), "this is nested too deeply (more than %d levels)", maxDepth)
		}
		return &Node{Pos: b.posOf(n.GetToken())}
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return b.mapping(n.Values, b.mapStart(n), n.IsFlowStyle)
	case *ast.MappingValueNode:
		return b.mapping([]*ast.MappingValueNode{n}, b.posOf(n.Key.GetToken()), false)
	case *ast.SequenceNode:
		return b.sequence(n)
	case *ast.AnchorNode:
		b.refuse(n, "an anchor (&name)", "write the value out where it is used")
		if n.Value != nil {
			return b.node(n.Value)
		}
	case *ast.AliasNode:
		b.refuse(n, "an alias (*name)", "write the value out; an expression does not begin with *")
	case *ast.TagNode:
		b.refuse(n, "a tag (!name)", "")
		if n.Value != nil {
			return b.node(n.Value)
		}
	case *ast.LiteralNode:
		return b.literal(n)
	case *ast.NullNode:
		out := b.scalar(n.GetToken())
		if n.GetToken().Type == token.ImplicitNullType {
			out.Text, out.align = "", nil
		}
		return out
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return b.scalar(n.GetToken())
	case *ast.MergeKeyNode:
		b.refuse(n, "a merge key (<<)", "write the keys out")
	default:
		b.refuse(n, "this YAML", "")
	}
	return &Node{Pos: b.posOf(n.GetToken())}
}

func (b *builder) refuse(n ast.Node, what, hint string) {
	b.broken = true
	b.list.Addf(b.posOf(n.GetToken()), "%s has no meaning in a network file", what).Hint = hint
}

func (b *builder) mapStart(n *ast.MappingNode) diag.Pos {
	if !n.IsFlowStyle && len(n.Values) > 0 {
		return b.posOf(n.Values[0].Key.GetToken())
	}
	return b.posOf(n.Start)
}

// startOf is the place of a node's first token; a map's own is a colon.
func (b *builder) startOf(n ast.Node) diag.Pos {
	switch n := n.(type) {
	case *ast.MappingNode:
		return b.mapStart(n)
	case *ast.MappingValueNode:
		return b.posOf(n.Key.GetToken())
	}
	return b.posOf(n.GetToken())
}

func (b *builder) mapping(values []*ast.MappingValueNode, pos diag.Pos, flow bool) *Node {
	out := &Node{Kind: Map, Pos: pos, Flow: flow}
	seen := map[string]diag.Pos{}
	for i := 0; i < len(values); i++ {
		v := values[i]
		e := &Entry{KeyPos: b.posOf(v.Key.GetToken())}
		switch k := v.Key.(type) {
		case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode, *ast.InfinityNode, *ast.NanNode:
			e.Key = k.GetToken().Value
		case *ast.MergeKeyNode:
			b.refuse(k, "a merge key (<<)", "write the keys out")
			continue
		default:
			b.broken = true
			b.list.Addf(e.KeyPos, "a key is a name")
			continue
		}
		if v.Value == nil {
			e.Value = &Node{Pos: e.KeyPos}
		} else {
			e.Value = b.node(v.Value)
		}
		if first, dup := seen[e.Key]; dup {
			b.list.Addf(e.KeyPos, "the key %q stands here twice; first in line %d", ascii(e.Key), first.Line)
			continue
		}
		seen[e.Key] = e.KeyPos
		if flow {
			if open := openParens(e.Key); open > 0 && e.Value.IsNull() {
				rest := func(j int) (string, bool) { return b.bareKey(values, j) }
				if text, used := join(e.Key, i, rest); used > 0 {
					b.cut(e.KeyPos, e.Key, text)
					i += used
					continue
				}
			}
			rest := func(j int) (string, bool) { return b.bareKey(values, j) }
			i += b.rejoin(e.Value, i, rest)
		}
		out.Entries = append(out.Entries, e)
	}
	return out
}

// bareKey gives the text of entry j where that has no value: what follows a
// comma that was meant to divide arguments.
func (b *builder) bareKey(values []*ast.MappingValueNode, j int) (string, bool) {
	if j >= len(values) {
		return "", false
	}
	null, ok := values[j].Value.(*ast.NullNode)
	return values[j].Key.GetToken().Value, ok && null.GetToken().Type == token.ImplicitNullType
}

func (b *builder) sequence(n *ast.SequenceNode) *Node {
	out := &Node{Kind: Seq, Pos: b.posOf(n.Start), Flow: n.IsFlowStyle}
	for i := 0; i < len(n.Values); i++ {
		if n.Values[i] == nil {
			out.Items = append(out.Items, &Node{Pos: out.Pos})
			continue
		}
		item := b.node(n.Values[i])
		if n.IsFlowStyle {
			i += b.rejoin(item, i, func(j int) (string, bool) {
				if j >= len(n.Values) || n.Values[j] == nil {
					return "", false
				}
				_, ok := n.Values[j].(ast.ScalarNode)
				return n.Values[j].GetToken().Value, ok
			})
		}
		out.Items = append(out.Items, item)
	}
	return out
}

// rejoin reports a plain scalar in a flow map or list whose parenthesis is
// open because YAML took the comma in it for its own. It puts the text
// together again, so that nothing else is said about it, and returns how many
// entries that took.
func (b *builder) rejoin(n *Node, i int, next func(j int) (string, bool)) int {
	if n.Kind != Scalar || n.Style != Plain || openParens(n.Text) <= 0 {
		return 0
	}
	text, used := join(n.Text, i, next)
	if used > 0 {
		b.cut(n.Pos, n.Text, text)
		n.Text, n.Style, n.at, n.align = text, Double, nil, nil
	}
	return used
}

func (b *builder) cut(pos diag.Pos, text, whole string) {
	b.list.Addf(pos, "YAML ends this value at the comma: %q", ascii(text)).Hint =
		`quote it: "` + ascii(whole) + `"`
}

// join appends what follows to text until its parentheses are closed.
func join(text string, i int, next func(j int) (string, bool)) (string, int) {
	for used := 1; ; used++ {
		more, ok := next(i + used)
		if !ok {
			return text, 0
		}
		text += ", " + more
		if openParens(text) == 0 {
			return text, used
		}
	}
}

// scalar makes a plain or quoted scalar.
func (b *builder) scalar(t *token.Token) *Node {
	n := &Node{Pos: b.posOf(t), Text: t.Value}
	switch t.Type {
	case token.SingleQuoteType:
		n.Style = Single
	case token.DoubleQuoteType:
		n.Style = Double
	}
	line, col := b.textPos(n)
	n.align = func() []diag.Pos { return b.align(n, line, col) }
	return n
}

// textPos is the place of a scalar's first rune, after its quote.
func (b *builder) textPos(n *Node) (line, col int) {
	line = n.Pos.Line - b.start.Line + 1
	col = n.Pos.Col
	if line == 1 {
		col -= b.start.Col - 1
	}
	if n.Style == Single || n.Style == Double {
		col++
	}
	return line, col
}

// literal makes a block scalar. Its text begins in the line below its token.
func (b *builder) literal(l *ast.LiteralNode) *Node {
	n := &Node{Pos: b.posOf(l.Start), Style: Literal}
	if strings.HasPrefix(l.Start.Value, ">") {
		n.Style = Folded
	}
	if l.Value != nil {
		n.Text = l.Value.Value
	}
	n.align = func() []diag.Pos { return b.align(n, n.Pos.Line-b.start.Line+2, 1) }
	return n
}
