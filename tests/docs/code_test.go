package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

var (
	errorText  = regexp.MustCompile("(?m)^\\*\\*`([^`]+)`\\*\\*")
	fromOthers = []string{"error while loading shared libraries: libGL.so.1", "libEGL warning: ... /dev/dri/... Permission denied"}
	variable   = regexp.MustCompile(`\.\.\.|: libEGL.*|[0-9]\.[0-9] \.\.\.`)
)

// TestErrorTexts looks for the errors that docs/headless.md explains in the
// program.
func TestErrorTexts(t *testing.T) {
	var sources strings.Builder
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		sources.Write(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join(root, "docs", "headless.md"))
	if err != nil {
		t.Fatal(err)
	}
	texts := errorText.FindAllStringSubmatch(string(page), -1)
	for _, m := range texts {
		if slices.Contains(fromOthers, m[1]) {
			continue
		}
		for _, part := range variable.Split(m[1], -1) {
			if part = strings.TrimSpace(part); !strings.Contains(sources.String(), part) {
				t.Errorf("no error of the program has %q", part)
			}
		}
	}
	if len(texts) < 8 {
		t.Errorf("%d errors found: the test reads the page no more", len(texts))
	}
}
