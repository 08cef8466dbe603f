package yamltree

import (
	"strconv"
	"strings"

	"gpusim/model/diag"
	"gpusim/model/lang"
)

// Kind is the kind of a node.
type Kind uint8

// The kinds of node.
const (
	Scalar Kind = iota
	Map
	Seq
)

// String names the kind for messages.
func (k Kind) String() string {
	switch k {
	case Map:
		return "a map"
	case Seq:
		return "a list"
	}
	return "a single value"
}

// Style is how a scalar is written.
type Style uint8

// The styles of a scalar.
const (
	Plain Style = iota
	Single
	Double
	Literal // |
	Folded  // >
)

// Node is a value of the tree.
type Node struct {
	Kind Kind
	Pos  diag.Pos
	Flow bool // a Map in {} or a Seq in []

	Entries []*Entry // of a Map, in file order
	Items   []*Node  // of a Seq

	Text  string // of a Scalar, without quotes and indentation
	Style Style  // of a Scalar

	at    []diag.Pos        // the place of each byte of Text, and of its end
	align func() []diag.Pos // computes at when it is first asked for
}

// Entry is a key of a map and its value.
type Entry struct {
	Key    string
	KeyPos diag.Pos
	Value  *Node
}

// IsNull reports whether n is a scalar that says nothing: empty, null or ~.
func (n *Node) IsNull() bool {
	return n.Kind == Scalar && n.Style == Plain && (n.Text == "" || n.Text == "null" || n.Text == "~")
}

// Entry returns the entry of a key in a map, or nil.
func (n *Node) Entry(key string) *Entry {
	if n == nil {
		return nil
	}
	for _, e := range n.Entries {
		if e.Key == key {
			return e
		}
	}
	return nil
}

// Value returns the value of a key in a map, or nil.
func (n *Node) Value(key string) *Node {
	if e := n.Entry(key); e != nil {
		return e.Value
	}
	return nil
}

// Expr gives a scalar's text with its places in the file.
func (n *Node) Expr() lang.Text {
	return lang.Text{Str: n.Text, At: n.At}
}

// At is the place in the file of a byte offset of Text.
func (n *Node) At(offset int) diag.Pos {
	if n.align != nil {
		n.at, n.align = n.align(), nil
	}
	if len(n.at) == 0 {
		return n.Pos
	}
	return n.at[max(0, min(offset, len(n.at)-1))]
}

// NewScalar returns a plain scalar at pos, whose text stands there on one line.
func NewScalar(text string, pos diag.Pos) *Node {
	n := &Node{Pos: pos, Text: text}
	for _, r := range text {
		for range len(string(r)) {
			n.at = append(n.at, pos)
		}
		pos.Col++
	}
	n.at = append(n.at, pos)
	return n
}

// NewMap returns an empty map, written in braces where flow is set.
func NewMap(pos diag.Pos, flow bool) *Node {
	return &Node{Kind: Map, Pos: pos, Flow: flow}
}

// Get returns the node at a path of map keys and list indices, or nil.
func (n *Node) Get(path ...string) *Node {
	for _, step := range path {
		if n == nil {
			return nil
		}
		switch n.Kind {
		case Map:
			n = n.Value(step)
		case Seq:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(n.Items) {
				return nil
			}
			n = n.Items[i]
		default:
			return nil
		}
	}
	return n
}

// Set puts value at a path, whose last step may be a new key of a map. Maps
// that are missing on the way are made, also in the place of a scalar. It reports whether there was such a
// place: a list's items can be replaced, not added.
func (n *Node) Set(value *Node, path ...string) bool {
	for i, step := range path {
		last := i == len(path)-1
		switch n.Kind {
		case Map:
			e := n.Entry(step)
			if e == nil {
				e = &Entry{Key: step, KeyPos: value.Pos, Value: NewMap(value.Pos, i > 0)}
				n.Entries = append(n.Entries, e)
			} else if !last && e.Value.Kind == Scalar {
				e.Value = NewMap(value.Pos, true)
			}
			if last {
				e.Value = value
			}
			n = e.Value
		case Seq:
			k, err := strconv.Atoi(step)
			if err != nil || k < 0 || k >= len(n.Items) {
				return false
			}
			if last {
				n.Items[k] = value
			}
			n = n.Items[k]
		default:
			return false
		}
	}
	return true
}

// Delete removes a key from a map.
func (n *Node) Delete(key string) {
	for i, e := range n.Entries {
		if e.Key == key {
			n.Entries = append(n.Entries[:i:i], n.Entries[i+1:]...)
			return
		}
	}
}

// Clone copies a tree.
func (n *Node) Clone() *Node {
	if n == nil {
		return nil
	}
	c := *n
	c.Entries, c.Items = nil, nil
	for _, e := range n.Entries {
		c.Entries = append(c.Entries, &Entry{e.Key, e.KeyPos, e.Value.Clone()})
	}
	for _, x := range n.Items {
		c.Items = append(c.Items, x.Clone())
	}
	return &c
}

// Equal reports whether two trees say the same, wherever they stand and
// however they are written.
func (n *Node) Equal(m *Node) bool {
	if n == nil || m == nil {
		return n == m
	}
	if n.IsNull() && m.IsNull() {
		return true
	}
	if n.Kind != m.Kind || n.Text != m.Text || n.IsNull() != m.IsNull() ||
		len(n.Entries) != len(m.Entries) || len(n.Items) != len(m.Items) {
		return false
	}
	for i, e := range n.Entries {
		if e.Key != m.Entries[i].Key || !e.Value.Equal(m.Entries[i].Value) {
			return false
		}
	}
	for i, x := range n.Items {
		if !x.Equal(m.Items[i]) {
			return false
		}
	}
	return true
}

// Walk calls f for n and every node in it, parents first.
func (n *Node) Walk(f func(*Node)) {
	if n == nil {
		return
	}
	f(n)
	for _, e := range n.Entries {
		e.Value.Walk(f)
	}
	for _, x := range n.Items {
		x.Walk(f)
	}
}

// Keys lists a map's keys.
func (n *Node) Keys() []string {
	var keys []string
	for _, e := range n.Entries {
		keys = append(keys, e.Key)
	}
	return keys
}

// openParens counts the parentheses that s opens and does not close.
func openParens(s string) int { return strings.Count(s, "(") - strings.Count(s, ")") }
