package yamltree

import (
	"os"
	"strings"
	"testing"
)

// The mistakes in testdata/syntax.txt, divided by lines of -----, each with the
// whole text of what is said of it below a line of ===.
func TestSyntax(t *testing.T) {
	text, err := os.ReadFile("testdata/syntax.txt")
	if err != nil {
		t.Fatal(err)
	}
	for part := range strings.SplitSeq(string(text), "\n-----\n") {
		file, want, ok := strings.Cut(part, "\n===\n")
		if !ok {
			t.Fatalf("%q has no ===", part)
		}
		root, list := read(file + "\n")
		got := ""
		if err := list.Err(); err != nil {
			got = err.Error()
		}
		if got != strings.TrimSuffix(want, "\n") {
			t.Errorf("%s\ngot\n%s\nwant\n%s", file, got, want)
		}
		if root != nil && strings.Contains(got, "this is not YAML") {
			t.Errorf("%s: a tree all the same", file)
		}
	}
}
