package rules

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"os"
	"slices"
	"strings"
	"testing"
)

// A reporter takes one break of a rule.
type reporter func(f *file, line int, format string, args ...any)

// rules are all of them, by name.
var rules = []struct {
	name  string
	check func(*tree, reporter)
}{
	{"Imports", importRules},
	{"PackageDoc", packageDoc},
	{"FileLength", fileLength},
	{"NoInit", noInit},
	{"NoState", noState},
	{"Documented", documented},
	{"ExitOnlyInCommands", exitOnlyInCommands},
	{"NoPathsOfOurMachines", noPathsOfOurMachines},
	{"Gofmt", gofmt},
}

// breaks are the lines that a rule reports, sorted.
func breaks(t *tree, check func(*tree, reporter)) []string {
	var lines []string
	check(t, func(f *file, line int, format string, args ...any) {
		lines = append(lines, fmt.Sprintf("%s:%d: %s", f.path, line, fmt.Sprintf(format, args...)))
	})
	slices.Sort(lines)
	return lines
}

func TestRules(t *testing.T) {
	tree, err := readTree(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			for _, line := range breaks(tree, rule.check) {
				t.Error(line)
			}
		})
	}
}

// packageDoc: each package says what it is, in one place, as godoc expects it.
func packageDoc(t *tree, report reporter) {
	first := map[string]*file{} // the first file of each folder, tests last
	documented := map[string]*file{}
	for _, f := range t.files {
		if !f.isGo() {
			continue
		}
		if first[f.dir()] == nil || first[f.dir()].isTest() && !f.isTest() {
			first[f.dir()] = f
		}
		if f.syntax.Doc == nil || f.isTest() {
			continue
		}
		if other := documented[f.dir()]; other != nil {
			report(f, t.line(f.syntax.Doc.Pos()), "a second package comment; %s has one", other.path)
			continue
		}
		documented[f.dir()] = f
		name := f.syntax.Name.Name
		start := "Package " + name + " "
		if name != "main" && !strings.HasPrefix(f.syntax.Doc.Text(), start) {
			report(f, t.line(f.syntax.Doc.Pos()), "the package comment begins with %q", start)
		}
	}
	for dir, f := range first {
		if documented[dir] == nil {
			report(f, t.line(f.syntax.Package), "package %s has no package comment (put it in doc.go)", f.syntax.Name.Name)
		}
	}
}

const maxLines = 600

// longFiles are files that are longer, and why. There is none.
var longFiles = map[string]string{}

// fileLength: a longer file holds more than one thing.
func fileLength(t *tree, report reporter) {
	for _, f := range t.files {
		if n := bytes.Count(f.text, []byte("\n")); f.isGo() && longFiles[f.path] == "" && n > maxLines {
			report(f, maxLines+1, "the file has %d lines; %d at most", n, maxLines)
		}
	}
}

// noInit: what happens at the start of a program is written in main.
func noInit(t *tree, report reporter) {
	for _, f := range t.files {
		if !f.isGo() {
			continue
		}
		for _, decl := range f.syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				report(f, t.line(fn.Pos()), "func init: call it where it is needed")
			}
		}
	}
}

// exitOnlyInCommands: a library returns errors; the caller decides.
func exitOnlyInCommands(t *tree, report reporter) {
	exits := map[string][]string{
		"os":  {"Exit"},
		"log": {"Fatal", "Fatalf", "Fatalln"},
	}
	for _, f := range t.files {
		if !f.isGo() || f.isTest() || f.syntax.Name.Name == "main" {
			continue
		}
		ast.Inspect(f.syntax, func(node ast.Node) bool {
			if call, ok := node.(*ast.SelectorExpr); ok {
				if pkg, ok := call.X.(*ast.Ident); ok && slices.Contains(exits[pkg.Name], call.Sel.Name) {
					report(f, t.line(call.Pos()), "%s.%s outside a command: return an error", pkg.Name, call.Sel.Name)
				}
			}
			return true
		})
	}
}

// noPathsOfOurMachines: the repository stands alone.
func noPathsOfOurMachines(t *tree, report reporter) {
	// In pieces, so that this file keeps the rule.
	paths := []string{".." + "/shared", "/" + "work/"}
	for _, f := range t.files {
		for i, line := range strings.Split(string(f.text), "\n") {
			for _, p := range paths {
				if strings.Contains(line, p) {
					report(f, i+1, "mentions %s, which only our own machines have", p)
				}
			}
		}
	}
}

// gofmt: every Go file is as gofmt leaves it.
func gofmt(t *tree, report reporter) {
	for _, f := range t.files {
		if !f.isGo() {
			continue
		}
		want, err := format.Source(f.text)
		if err != nil {
			report(f, 1, "%v", err)
			continue
		}
		if bytes.Equal(want, f.text) {
			continue
		}
		line := 1
		for i := 0; i < len(want) && i < len(f.text) && want[i] == f.text[i]; i++ {
			if want[i] == '\n' {
				line++
			}
		}
		report(f, line, "not formatted (make fmt)")
	}
}
