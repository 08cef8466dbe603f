package catalogue

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// packages speak to users: what they return or report is printed.
var packages = []string{
	"checkpoint", "cmd/gpusim", "compare", "doctor", "fit", "gpu", "gpu/glctx", "gpu/window", "ledger", "measure", "model", "model/draw", "model/lang", "model/npy",
	"model/yamltree", "network", "plot", "serve", "stream",
}

// reporters take the format of a message, as their first string.
var reporters = []string{
	"Addf", "Errorf", "New", "bad", "errorOf", "errorf", "fail", "faultf", "formatted", "not", "notef", "problem", "refuse", "reject",
	"tooLarge", "usagef", "wrong",
}

// placed are the reporters that take a place before the format, which may be a
// text too.
var placed = []string{"faultf", "reject"}

// message is a format in the sources.
type message struct {
	place  string // file:line
	format string
}

func TestCatalogue(t *testing.T) {
	root := filepath.Join("..", "..")
	var messages []message
	for _, p := range packages {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(p), "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(p, err)
		}
		for _, f := range files {
			if !strings.HasSuffix(f, "_test.go") {
				messages = append(messages, messagesOf(t, f, p+"/"+filepath.Base(f))...)
			}
		}
	}
	if len(messages) < 300 {
		t.Fatalf("%d messages: the sources are not read as they should be", len(messages))
	}
	texts := expectedTexts(t, root)
	excused := readExcuses(t)
	for _, m := range messages {
		shape := shapeOf(m.format)
		key := m.place[:strings.LastIndex(m.place, ":")] + " " + strconv.Quote(m.format)
		reason, listed := excused[key]
		delete(excused, key)
		switch provoked := shape == nil || shape.MatchString(texts); {
		case provoked && listed:
			t.Errorf("%s: testdata/unprovoked.txt says of %q: %s; but a test provokes it", m.place, m.format, reason)
		case !provoked && !listed:
			t.Errorf("%s: no test expects a text like %q", m.place, m.format)
		}
	}
	for key := range excused {
		t.Errorf("testdata/unprovoked.txt: there is no message %s", key)
	}
}

// messagesOf finds the formats in a file.
func messagesOf(t *testing.T, path, name string) (out []message) {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	add := func(x ast.Expr) {
		if s, ok := stringOf(x); ok {
			out = append(out, message{fmt.Sprintf("%s:%d", name, set.Position(x.Pos()).Line), s})
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if !slices.Contains(reporters, calledName(n.Fun)) {
				return true
			}
			for _, arg := range n.Args {
				if _, ok := stringOf(arg); ok {
					add(arg)
					if !slices.Contains(placed, calledName(n.Fun)) {
						break
					}
				}
			}
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				if sel, ok := to.(*ast.SelectorExpr); ok && (sel.Sel.Name == "Hint" || sel.Sel.Name == "Msg") && i < len(n.Rhs) {
					add(n.Rhs[i])
				}
			}
		}
		return true
	})
	return out
}

func calledName(fun ast.Expr) string {
	switch f := fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		if x, ok := f.X.(*ast.Ident); ok && f.Sel.Name == "New" && x.Name != "errors" {
			return ""
		}
		return f.Sel.Name
	}
	return ""
}

// stringOf gives a literal, or a sum with literals in which anything else is %s.
func stringOf(x ast.Expr) (string, bool) {
	switch x := x.(type) {
	case *ast.BasicLit:
		if x.Kind == token.STRING {
			s, err := strconv.Unquote(x.Value)
			return s, err == nil
		}
	case *ast.BinaryExpr:
		a, aok := stringOf(x.X)
		b, bok := stringOf(x.Y)
		switch {
		case x.Op != token.ADD || !aok && !bok:
			return "", false
		case !aok:
			a = "%s"
		case !bok:
			b = "%s"
		}
		return a + b, true
	}
	return "", false
}

var verb = regexp.MustCompile(`%(\[\d+\])?[-+# 0]*(\d+|\*)?(\.\d+)?[a-zA-Z%]`)

// shapeOf gives the texts that a format can make; nil where it has no words of
// its own.
func shapeOf(format string) *regexp.Regexp {
	words := 0
	for _, r := range verb.ReplaceAllString(format, "") {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			words++
		}
	}
	if words < 4 {
		return nil
	}
	var b strings.Builder
	at := 0
	for _, m := range verb.FindAllStringIndex(format, -1) {
		b.WriteString(regexp.QuoteMeta(format[at:m[0]]))
		switch format[m[1]-1] {
		case '%':
			b.WriteByte('%')
		case 'd':
			b.WriteString(`-?\d+`)
		case 'q':
			b.WriteString(`"[^\n]*"`)
		case 'w', 'v':
			b.WriteString(`(?s:.*?)`)
		default:
			b.WriteString(`[^\n]*?`)
		}
		at = m[1]
	}
	b.WriteString(regexp.QuoteMeta(format[at:]))
	return regexp.MustCompile(b.String())
}

// expectedTexts is what tests expect.
func expectedTexts(t *testing.T, root string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.IsDir() && (d.Name() == ".git" || d.Name() == "catalogue") {
				return fs.SkipDir
			}
			return err
		}
		inTests := strings.Contains(filepath.ToSlash(path), "testdata/")
		switch ext := filepath.Ext(path); {
		case strings.HasSuffix(path, "_test.go"):
			b.WriteString(literals(t, path))
		case inTests && ext == ".txt":
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			b.Write(text)
		case inTests && ext == ".txtar":
			a, err := txtar.ParseFile(path)
			if err != nil {
				return err
			}
			for _, f := range a.Files {
				if filepath.Ext(f.Name) == ".txt" {
					b.Write(f.Data)
				}
			}
			b.WriteString(patterns(string(a.Comment)))
		}
		b.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// pattern is what a script wants of a text that differs from machine to machine.
var pattern = regexp.MustCompile(`(?m)^(?:stderr|grep) '(.*)'(?: \S+)?$`)

// patterns are what scripts look for, as texts.
func patterns(script string) string {
	var b strings.Builder
	plain := strings.NewReplacer(`\d+`, "1", `[0-9.]+`, "1", `\`, "", "^", "", "$", "", "''", "'")
	for _, m := range pattern.FindAllStringSubmatch(script, -1) {
		b.WriteString(plain.Replace(m[1]) + "\n")
	}
	return b.String()
}

// literals are the strings in a test program; what a program puts into them is 1.
func literals(t *testing.T, path string) string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	ast.Inspect(file, func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok {
			if s, ok := stringOf(x); ok {
				b.WriteString(verb.ReplaceAllString(s, "1") + "\n")
				return false
			}
		}
		return true
	})
	return b.String()
}

// readExcuses reads the messages that no test provokes. A line is the file and
// the format, quoted, as Go writes them; the lines before it that begin with #
// say why.
func readExcuses(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("testdata/unprovoked.txt")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	reason := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if why, is := strings.CutPrefix(line, "# "); is {
			reason = why
		} else if line != "" {
			if reason == "" {
				t.Fatalf("no reason for %s", line)
			}
			out[line] = reason
		}
	}
	return out
}
