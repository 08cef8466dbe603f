package rules

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strings"
)

// A file is a text file of the tree. syntax is nil where it is not Go.
type file struct {
	path   string // from the root, with slashes
	text   []byte
	syntax *ast.File
}

// dir is the package's folder: "." for the root.
func (f *file) dir() string { return path.Dir(f.path) }

func (f *file) isGo() bool { return f.syntax != nil }

func (f *file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }

// A tree is every text file of the repository.
type tree struct {
	files []*file
	fset  *token.FileSet
}

// line is the line of a place in a Go file.
func (t *tree) line(pos token.Pos) int { return t.fset.Position(pos).Line }

// readTree reads the repository. Files are read by what they are, whatever build tags they
// have. It leaves out what git ignores: built programs and the output of runs.
func readTree(root fs.FS) (*tree, error) {
	t := &tree{fset: token.NewFileSet()}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Name() == ".git" && entry.IsDir(), name == "bin", strings.HasSuffix(name, ".out"):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !entry.Type().IsRegular() || entry.Name() == ".git":
			return nil
		}
		text, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		if bytes.IndexByte(text, 0) >= 0 {
			return nil // not text
		}
		f := &file{path: name, text: text}
		if strings.HasSuffix(name, ".go") && !strings.Contains("/"+name, "/testdata/") {
			f.syntax, err = parser.ParseFile(t.fset, name, text, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				return err
			}
		}
		t.files = append(t.files, f)
		return nil
	})
	return t, err
}
