package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// root is the folder of the checkout.
const root = "../.."

// page is a document.
type page struct {
	path   string // from the root
	text   string
	blocks []block
}

// block is a fenced block of a document.
type block struct {
	lang    string
	comment string // what the comment in the line above says
	line    int    // of its first line
	text    string
}

// pages reads README.md, ARCHITECTURE.md and all of docs.
func pages(t *testing.T) []page {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no documents: %v", err)
	}
	paths = append([]string{filepath.Join(root, "README.md"), filepath.Join(root, "ARCHITECTURE.md")}, paths...)
	var out []page
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			t.Fatal(err)
		}
		p := page{path: filepath.ToSlash(name), text: string(b)}
		if p.blocks, err = blocksOf(p.text); err != nil {
			t.Fatalf("%s: %v", p.path, err)
		}
		out = append(out, p)
	}
	return out
}

var comment = regexp.MustCompile(`^<!-- (.*) -->$`)

func blocksOf(text string) ([]block, error) {
	var out []block
	var open *block
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lang, fence := strings.CutPrefix(line, "```")
		switch {
		case fence && open == nil:
			open = &block{lang: lang, line: i + 2}
			if i > 0 {
				if m := comment.FindStringSubmatch(lines[i-1]); m != nil {
					open.comment = m[1]
				}
			}
		case fence:
			out, open = append(out, *open), nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	if open != nil {
		return nil, fmt.Errorf("line %d: the block is never closed", open.line)
	}
	return out, nil
}

// prose is the text of a page without its blocks.
func (p *page) prose() string {
	var b strings.Builder
	in := false
	for _, line := range strings.Split(p.text, "\n") {
		if strings.HasPrefix(line, "```") {
			in = !in
		} else if !in {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

var (
	link    = regexp.MustCompile(`\]\(([^)]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	notSlug = regexp.MustCompile(`[^a-z0-9 _-]`)
)

// TestLinks follows every link that does not leave the repository.
func TestLinks(t *testing.T) {
	all := pages(t)
	anchors := map[string]map[string]bool{}
	for _, p := range all {
		anchors[p.path] = map[string]bool{}
		for _, m := range heading.FindAllStringSubmatch(p.prose(), -1) {
			slug := notSlug.ReplaceAllString(strings.ToLower(m[1]), "")
			anchors[p.path][strings.ReplaceAll(slug, " ", "-")] = true
		}
	}
	for _, p := range all {
		for _, m := range link.FindAllStringSubmatch(p.prose(), -1) {
			to, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, "://") {
				continue
			}
			path := p.path
			if to != "" {
				path = filepath.ToSlash(filepath.Join(filepath.Dir(p.path), to))
			}
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s links to %s, which is not there", p.path, m[1])
			} else if anchor != "" && !anchors[path][anchor] {
				t.Errorf("%s links to %s, and there is no such heading", p.path, m[1])
			}
		}
	}
}
