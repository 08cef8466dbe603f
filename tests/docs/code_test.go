package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	codePath = regexp.MustCompile("`([\\w*-]+(?:/[\\w*.-]+)+|[\\w*]+\\.go)`")
	nameIn   = regexp.MustCompile("`(\\w+)` in\\s+`([\\w/]+\\.go)`")
)

// TestArchitecture looks for the files and names of code that ARCHITECTURE.md
// mentions.
func TestArchitecture(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(b)
	paths := codePath.FindAllStringSubmatch(text, -1)
	for _, m := range paths {
		found, err := filepath.Glob(filepath.Join(root, m[1]))
		if err == nil && len(found) == 0 && !strings.Contains(m[1], "/") { // a file of a folder that the text is about
			found, err = filepath.Glob(filepath.Join(root, "*", m[1]))
		}
		if err != nil || len(found) == 0 {
			t.Errorf("there is no %s", m[1])
		}
	}
	names := nameIn.FindAllStringSubmatch(text, -1)
	for _, m := range names {
		source, err := os.ReadFile(filepath.Join(root, m[2]))
		if err != nil {
			t.Error(err)
		} else if !regexp.MustCompile(`\b` + m[1] + `\b`).Match(source) {
			t.Errorf("%s has no %s", m[2], m[1])
		}
	}
	if len(paths) < 40 || len(names) < 12 {
		t.Errorf("%d paths and %d names found: the test reads the page no more", len(paths), len(names))
	}
}
