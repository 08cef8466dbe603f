package rules

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gpusim/model/diag"
	"gpusim/model/yamltree"
)

// cffKeys are the keys of the Citation File Format 1.2.0 that CITATION.cff may
// have, by the kind of thing: a key with ! has to be there. They are a part of
// its schema, https://citation-file-format.github.io/1.2.0/schema.
var cffKeys = map[string]string{
	"file":      "cff-version! message! title! authors! type abstract version license keywords references",
	"person":    "family-names! given-names!",
	"entity":    "name!",
	"reference": "type! title! authors! notes journal volume issue start end year doi conference",
}

var (
	cffTypes    = []string{"article", "book", "conference-paper", "generic", "report", "software"} // of references; some of them
	cffIntegers = []string{"volume", "start", "end", "year"}
	integer     = regexp.MustCompile(`^\d+$`)
	doi         = regexp.MustCompile(`^10\.\d{4,9}(\.\d+)?/[A-Za-z0-9:/_;\-.()\[\]\\]+$`)
)

// TestCitation reads CITATION.cff as its readers do, and holds it to the
// program: its version, its licence, and the papers that it stands on.
func TestCitation(t *testing.T) {
	read := func(name string) string {
		b, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	list := &diag.List{Source: &diag.Source{Name: "CITATION.cff", Text: yamltree.Clean(read("CITATION.cff"))}}
	root := yamltree.Parse(list)
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	text := func(n *yamltree.Node, key string) string {
		if v := n.Value(key); v != nil && v.Kind == yamltree.Scalar {
			return v.Text
		}
		return ""
	}
	var keys func(n *yamltree.Node, kind string)
	keys = func(n *yamltree.Node, kind string) {
		if n.Kind != yamltree.Map {
			t.Errorf("line %d: %s is no map", n.Pos.Line, kind)
			return
		}
		allowed := strings.Fields(cffKeys[kind])
		for _, k := range allowed {
			if name, must := strings.CutSuffix(k, "!"); must && n.Value(name) == nil {
				t.Errorf("line %d: %s has no %s", n.Pos.Line, kind, name)
			}
		}
		for _, e := range n.Entries {
			if !slices.Contains(allowed, e.Key) && !slices.Contains(allowed, e.Key+"!") {
				t.Errorf("line %d: %s has %s", e.KeyPos.Line, kind, e.Key)
			}
			if e.Value.Kind == yamltree.Scalar && e.Value.Text == "" {
				t.Errorf("line %d: %s is empty", e.KeyPos.Line, e.Key)
			}
			if slices.Contains(cffIntegers, e.Key) && !integer.MatchString(e.Value.Text) {
				t.Errorf("line %d: %s is no integer", e.KeyPos.Line, e.Key)
			}
			if e.Key == "doi" && !doi.MatchString(e.Value.Text) {
				t.Errorf("line %d: %s is no DOI", e.KeyPos.Line, e.Value.Text)
			}
			switch e.Key {
			case "authors":
				if len(e.Value.Items) == 0 {
					t.Errorf("line %d: no authors", e.KeyPos.Line)
				}
				for _, a := range e.Value.Items {
					if a.Value("name") != nil {
						keys(a, "entity")
					} else {
						keys(a, "person")
					}
				}
			case "conference":
				keys(e.Value, "entity")
			case "references":
				for _, r := range e.Value.Items {
					keys(r, "reference")
					if !slices.Contains(cffTypes, text(r, "type")) {
						t.Errorf("line %d: a reference of type %q", r.Pos.Line, text(r, "type"))
					}
				}
			}
		}
	}
	keys(root, "file")

	for key, want := range map[string]string{"cff-version": "1.2.0", "type": "software"} {
		if got := text(root, key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if author := root.Value("authors").Items; len(author) != 1 || text(author[0], "name") != "The gpusim authors" {
		t.Error("the authors are not the gpusim authors")
	}
	if want := `const version = "` + text(root, "version") + `"`; !strings.Contains(read("cmd/gpusim/version.go"), want) {
		t.Errorf("cmd/gpusim/version.go has not %s", want)
	}
	if want := text(root, "license") + " License"; !strings.HasPrefix(read("LICENSE"), want) {
		t.Errorf("LICENSE is not the %s", want)
	}
	var dois []string
	if refs := root.Value("references"); refs != nil {
		for _, r := range refs.Items {
			dois = append(dois, text(r, "doi"))
		}
	}
	// Wang and Buzsaki (1996), the network; Salmon et al. (2011), the draws.
	if want := []string{"10.1523/JNEUROSCI.16-20-06402.1996", "10.1145/2063384.2063405"}; !slices.Equal(dois, want) {
		t.Errorf("the references are %v, want %v", dois, want)
	}
}
