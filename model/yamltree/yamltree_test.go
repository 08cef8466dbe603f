package yamltree

import (
	"strings"
	"testing"

	"gpusim/model/diag"

	"pgregory.net/rapid"
)

func read(s string) (*Node, *diag.List) {
	list := &diag.List{Source: &diag.Source{Name: "x", Text: Clean(s)}}
	return Parse(list), list
}

// Every byte of a scalar's text stands where its place says.
func TestPlaces(t *testing.T) {
	const text = `a: plain text
b: {c: "q\"r\ts", d: 'it''s', e: 1 + 2}
"key é": x é y
m:
  eq: |
    one = 1
      two = 2

    three = 3
  fold: >
    four
    five
  plain: six
    seven # no
  quoted: "eight
    nine"
l:
- x
- [y, z ]
`
	lines := strings.Split(text, "\n")
	root, list := read(text)
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	root.Walk(func(n *Node) {
		if n.Kind != Scalar {
			return
		}
		for i, r := range n.Text {
			if r == ' ' || r == '\n' || r == '\t' {
				continue
			}
			p := n.At(i)
			line := []rune(lines[p.Line-1])
			if p.Col < 1 || p.Col > len(line) || line[p.Col-1] != r && !(r == '"' && line[p.Col-1] == '\\') {
				t.Errorf("%q: byte %d (%q) at %d:%d of %q", n.Text, i, r, p.Line, p.Col, lines[p.Line-1])
			}
		}
	})
}

func TestGetSet(t *testing.T) {
	root, list := read("a: {b: [1, {c: 2}]}\nd: 3\n")
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	if got := root.Get("a", "b", "1", "c"); got == nil || got.Text != "2" {
		t.Errorf("got %+v", got)
	}
	for _, path := range []string{"a.b.1.c", "a.b.0", "d", "a.x", "e.f.g", "d.h"} {
		if !root.Set(NewScalar("new", diag.Pos{}), strings.Split(path, ".")...) {
			t.Errorf("%s not set", path)
		}
	}
	for _, path := range []string{"a.b.2", "a.b.x", "a.b.-1"} {
		if root.Set(NewScalar("new", diag.Pos{}), strings.Split(path, ".")...) {
			t.Errorf("%s set", path)
		}
	}
	const want = "a: {b: [new, {c: new}], x: new}\nd: {h: new}\n\ne:\n  f: {g: new}\n"
	if got := Print(root); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestPrint(t *testing.T) {
	for _, text := range []string{
		"a: 1\n", "a: {b: [1, 2], c: {}}\n", "a: \"b, c\"\nd: b, c\n", "a:\n  - x\n  - y: 1\n    z: 2\n  - [1]\n",
		"a: |\n  x = 1\n    y = 2\n\n  z = 3\n", "a: |-\n  x = 1\n  y = 2\n", "a:\nb: null\n", "a: \"null\"\n", "- 1\n- 2\n", "a: -65\n",
		"a: x # comment\n", "\"a: b\": c\n",
	} {
		root, list := read(text)
		if err := list.Err(); err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		want := strings.ReplaceAll(text, " # comment", "")
		if got := Print(root); got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	}
}

func genTree(depth int) *rapid.Generator[*Node] {
	return rapid.Custom(func(t *rapid.T) *Node {
		kind := Scalar
		if depth > 0 {
			kind = Kind(rapid.IntRange(0, 2).Draw(t, "kind"))
		}
		n := &Node{Kind: kind, Flow: rapid.Bool().Draw(t, "flow")}
		size := rapid.IntRange(0, 4).Draw(t, "size")
		switch kind {
		case Scalar:
			n.Text = rapid.OneOf(
				rapid.SampledFrom([]string{
					"1", "-1", "null", "", "~", "true", "a b", "a: b", "x # y", "uniform(1, 2)", "a\nb\n", "a\n  b", "a\n\nb\n", "\n", " a", "a\n\n",
					"- a", "-", "?", ": x", "é", "'", "\"", "%a", "@b", "010", "---", "...", "[", "a]", "{b", "&a", "*b", "!c", "a\tb", "# z", "<<", "a:b", "=", "a,b",
				}),
				rapid.StringOf(rapid.SampledFrom([]rune("ab1 :,#-?[]{}\n\"'\\&*!|>%@.~é"))),
			).Draw(t, "text")
			n.Style = rapid.SampledFrom([]Style{Plain, Double, Literal}).Draw(t, "style")
		case Map:
			for range size {
				key := rapid.OneOf(rapid.StringMatching(`[a-z]{1,3}(\.[a-z])?`), rapid.SampledFrom([]string{"a b", "1", "a: b", "-", "null", "true", "'", "#", "é", "[", "a,b", "?", "a#", "~"})).Draw(t, "key")
				if n.Entry(key) == nil {
					n.Entries = append(n.Entries, &Entry{Key: key, Value: genTree(depth-1).Draw(t, "value")})
				}
			}
		case Seq:
			for range size {
				n.Items = append(n.Items, genTree(depth-1).Draw(t, "item"))
			}
		}
		return n
	})
}

func TestPrintRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		root := &Node{Kind: Map, Entries: []*Entry{{Key: "a", Value: genTree(4).Draw(t, "tree")}, {Key: "b", Value: NewScalar("end", diag.Pos{})}}}
		text := Print(root)
		again, list := read(text)
		if err := list.Err(); err != nil {
			t.Fatalf("%s\n%v", text, err)
		}
		if !again.Equal(root) {
			t.Fatalf("another tree:\n%s\n%s", text, Print(again))
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"a: {V: uniform(-70, -50)}\n", "a: |\n  b\n c\n", "- &x 1\n- *x\n", "? a\n: b\n", "a: 'b\n  c'\n---\nd: \"\\u00e9\\\n e\"\n", "a: [1, {b: c}, ]\n",
		"\ufeffa: 1\r\nb: !!str 2\r\n", "a:\n\t- b\n", "a: >-\n  x\n\n  y\n", "[[[[[[", "{{{{", "a: b: c\n", "<<: {a: 1}\n", "%YAML 1.2\n---\na: 1\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		root, list := read(s)
		if root == nil && len(list.Problems) == 0 {
			t.Fatalf("%q: no tree and no problem", s)
		}
		for _, p := range list.Problems {
			if !p.Pos.IsValid() {
				t.Fatalf("%q: no place: %s", s, p.Msg)
			}
			for _, r := range p.Msg + p.Hint {
				if r < ' ' || r > '~' {
					t.Fatalf("%q: not ASCII: %q", s, p.Msg)
				}
			}
		}
		if root == nil || len(list.Problems) > 0 {
			return
		}
		root.Walk(func(n *Node) {
			for i := range n.Text {
				if !n.At(i).IsValid() {
					t.Fatalf("%q: %q has no place at %d", s, n.Text, i)
				}
			}
		})
		text := Print(root)
		again, list := read(text)
		if len(list.Problems) > 0 || !again.Equal(root) {
			t.Fatalf("%q: printed %q: %v", s, text, list.Err())
		}
	})
}
