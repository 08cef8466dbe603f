package rules

import (
	"go/ast"
	"go/token"
	"strings"
)

// stateful are the variables of packages that hold state, and why it cannot be
// a value's. There are to be no more.
var stateful = map[string]string{
	"gpu/glctx.functions": "go-gl keeps the addresses of OpenGL's functions in variables of its own",
	"gpu/window.library":  "GLFW has one state for the process",
}

// noState: what a package keeps, it keeps in values that its users hold, so that
// two networks in one process do not know of each other. Variables of packages
// are tables that nothing writes.
func noState(t *tree, report reporter) {
	vars := map[string]map[string]bool{} // by folder
	for _, f := range t.files {
		if !f.program() {
			continue
		}
		for _, spec := range packageVars(f) {
			for i, name := range spec.Names {
				key := f.dir() + "." + name.Name
				if name.Name == "_" || stateful[key] != "" {
					continue
				}
				if vars[f.dir()] == nil {
					vars[f.dir()] = map[string]bool{}
				}
				vars[f.dir()][name.Name] = true
				switch {
				case len(spec.Values) == 0:
					report(f, t.line(name.Pos()), "var %s has no value: a package keeps no state", name.Name)
				case i < len(spec.Values) && makesState(spec.Values[i]):
					report(f, t.line(name.Pos()), "var %s is to be filled in: a package keeps no state", name.Name)
				}
			}
		}
	}
	for _, f := range t.files {
		if !f.program() {
			continue
		}
		for _, decl := range f.syntax.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Body != nil {
				written(fn, vars[f.dir()], func(id *ast.Ident) {
					report(f, t.line(id.Pos()), "%s, a variable of the package, is written: a package keeps no state", id.Name)
				})
			}
		}
	}
}

// program tells whether a file is Go and no test, nor of the packages of tests.
func (f *file) program() bool {
	return f.isGo() && !f.isTest() && !within(f.dir(), "tests")
}

// packageVars are the variables of a file's package level, but embedded files.
func packageVars(f *file) (specs []*ast.ValueSpec) {
	for _, decl := range f.syntax.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.VAR || d.Doc != nil && strings.Contains(directives(d.Doc), "go:embed") {
			continue
		}
		for _, s := range d.Specs {
			if v := s.(*ast.ValueSpec); v.Doc == nil || !strings.Contains(directives(v.Doc), "go:embed") {
				specs = append(specs, v)
			}
		}
	}
	return specs
}

// directives is a comment with what its Text leaves out.
func directives(g *ast.CommentGroup) string {
	var b strings.Builder
	for _, c := range g.List {
		b.WriteString(c.Text)
	}
	return b.String()
}

// makesState tells whether a value is made to be changed.
func makesState(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	id, ok := call.Fun.(*ast.Ident)
	return ok && (id.Name == "make" || id.Name == "new")
}

// written finds assignments to variables of the package. A name that the
// function declares, anywhere in it, is taken for its own.
func written(fn *ast.FuncDecl, vars map[string]bool, found func(*ast.Ident)) {
	own := map[string]bool{}
	ast.Inspect(fn, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.Field:
			for _, id := range n.Names {
				own[id.Name] = true
			}
		case *ast.ValueSpec:
			for _, id := range n.Names {
				own[id.Name] = true
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				for _, e := range n.Lhs {
					if id, ok := e.(*ast.Ident); ok {
						own[id.Name] = true
					}
				}
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if id, ok := e.(*ast.Ident); ok && n.Tok == token.DEFINE {
					own[id.Name] = true
				}
			}
		}
		return true
	})
	target := func(e ast.Expr) {
		if id := root(e); id != nil && vars[id.Name] && !own[id.Name] {
			found(id)
		}
	}
	ast.Inspect(fn, func(node ast.Node) bool {
		switch n := node.(type) {
		case *ast.AssignStmt:
			for _, e := range n.Lhs {
				target(e)
			}
		case *ast.IncDecStmt:
			target(n.X)
		case *ast.CallExpr:
			if id, ok := n.Fun.(*ast.Ident); ok && (id.Name == "delete" || id.Name == "clear") && len(n.Args) > 0 {
				target(n.Args[0])
			}
		}
		return true
	})
}

// root is the variable that an assignable expression is part of.
func root(e ast.Expr) *ast.Ident {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// documented: what a package exports says what it is.
func documented(t *tree, report reporter) {
	for _, f := range t.files {
		if !f.program() || f.syntax.Name.Name == "main" {
			continue
		}
		missing := func(id *ast.Ident, docs ...*ast.CommentGroup) {
			if !id.IsExported() {
				return
			}
			for _, d := range docs {
				if d != nil {
					return
				}
			}
			report(f, t.line(id.Pos()), "%s is exported and has no comment", id.Name)
		}
		for _, decl := range f.syntax.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil || exportedReceiver(d) {
					missing(d.Name, d.Doc)
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					switch s := s.(type) {
					case *ast.TypeSpec:
						missing(s.Name, d.Doc, s.Doc, s.Comment)
					case *ast.ValueSpec:
						for _, id := range s.Names {
							missing(id, d.Doc, s.Doc, s.Comment)
						}
					}
				}
			}
		}
	}
}

func exportedReceiver(d *ast.FuncDecl) bool {
	id := root(d.Recv.List[0].Type)
	return id != nil && id.IsExported()
}
