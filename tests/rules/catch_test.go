package rules

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// TestRulesCatch breaks each rule in a small tree: a rule that finds nothing anywhere
// would pass TestRules too.
func TestRulesCatch(t *testing.T) {
	const doc = "// Package p is an example.\npackage p\n\n"
	tests := []struct {
		rule  string
		files map[string]string
		want  []string
	}{
		{"Imports", map[string]string{
			"network/a.go":      doc + "import _ \"gpusim/gpu\"\n",
			"network/a_test.go": doc + "import _ \"gpusim/gpu\"\n",
			"network/b.go":      doc + "import _ \"gpusim/model/ir\"\n",
			"shaders/a.go":      doc + "import _ \"gpusim/model\"\n",
			"model/ir/a.go":     doc + "import _ \"gpusim/model/lang\"\n",
			"measure/a.go":      doc + "import _ \"gpusim/model\"\n",
			"measure/b.go":      doc + "import _ \"github.com/x/y\"\n",
			"measure/c.go":      doc + "import _ \"gonum.org/v1/gonum/stat\"\n",
			"gpu/a.go":          doc + "import _ \"github.com/go-gl/glfw/v3.3/glfw\"\n",
			"gpu/glctx/a.go":    doc + "import _ \"github.com/go-gl/gl/v4.3-core/gl\"\n",
			"gpu/window/a.go":   doc + "import _ \"github.com/go-gl/glfw/v3.3/glfw\"\n",
			"cmd/gpusim/a.go":   doc + "import _ \"github.com/go-gl/gl/v4.3-core/gl\"\n",
			"cmd/gpusim/b.go":   doc + "import _ \"gpusim/tests/golden\"\n",
			"cpuref/a_test.go":  doc + "import _ \"gpusim/tests/golden\"\n",
			"cpuref/b_test.go":  doc + "import _ \"math/rand\"\n",
			"cpuref/c.go":       doc + "import _ \"math/rand/v2\"\n",
			"other/a.go":        doc + "import _ \"gpusim/model\"\n",
		}, []string{
			"cmd/gpusim/a.go:4: imports github.com/go-gl/gl/v4.3-core/gl: only gpu may",
			"cmd/gpusim/b.go:4: imports gpusim/tests/golden: only tests import it",
			"cpuref/b_test.go:4: imports math/rand: use math/rand/v2, or our own Philox where results depend on it",
			"gpu/a.go:4: imports github.com/go-gl/glfw/v3.3/glfw: only gpu/window may",
			"measure/a.go:4: imports gpusim/model: measure imports no other package of the module",
			"measure/b.go:4: imports github.com/x/y: measure may import from outside only: gonum.org/v1/gonum",
			"model/ir/a.go:4: imports gpusim/model/lang: model/ir may import model/diag",
			"network/a.go:4: imports gpusim/gpu: network may import model, measure, checkpoint",
			"other/a.go:4: imports gpusim/model: no rule in tests/rules says what other may import",
			"shaders/a.go:4: imports gpusim/model: shaders may import model/ir, model/algebra, model/diag",
		}},
		{"PackageDoc", map[string]string{
			"p/a.go":           doc,
			"p/b.go":           "package p\n",
			"q/a.go":           "\npackage q\n",
			"r/a.go":           "// Something else.\npackage r\n",
			"s/a.go":           "// Package s is one.\npackage s\n",
			"s/b.go":           "// Package s is two.\npackage s\n",
			"t/a_test.go":      "package t\n",
			"u/doc.go":         "// Gpusim simulates.\npackage main\n",
			"u/testdata/a.go":  "package broken (\n",
			"v/.hidden/a.text": "package v\n",
		}, []string{
			"q/a.go:2: package q has no package comment (put it in doc.go)",
			`r/a.go:1: the package comment begins with "Package r "`,
			"s/b.go:1: a second package comment; s/a.go has one",
			"t/a_test.go:1: package t has no package comment (put it in doc.go)",
		}},
		{"FileLength", map[string]string{
			"p/a.go":      doc + strings.Repeat("// x\n", 598),
			"p/b.go":      doc + strings.Repeat("// x\n", 597),
			"p/a_test.go": doc + strings.Repeat("// x\n", 900),
		}, []string{
			"p/a.go:601: the file has 601 lines; 600 at most",
			"p/a_test.go:601: the file has 903 lines; 600 at most",
		}},
		{"NoInit", map[string]string{
			"p/a.go": doc + "type T int\n\nfunc (T) init() {}\n\nfunc init() {}\n",
		}, []string{"p/a.go:8: func init: call it where it is needed"}},
		{"NoState", map[string]string{
			"p/a.go": doc + "var a int\n\nvar b = map[int]int{1: 2}\n\nvar c, d = make(map[int]int), 5\n\n" +
				"//go:embed x\nvar e string\n\nvar _ = 1\n\n" +
				"func f() { a = 1; b[1] = 2; d++; delete(c, 1); e := 1; e = 2 }\n\nfunc g(b map[int]int) { b[1] = 2 }\n",
			"p/b.go":              doc + "func h() { b[3] = 4 }\n",
			"p/a_test.go":         doc + "var x int\n",
			"tests/p/a.go":        doc + "var y int\n",
			"gpu/window/a.go":     doc + "var library struct{ open int }\n\nfunc f() { library.open++ }\n",
			"gpu/window/sub/a.go": doc + "var library struct{ open int }\n",
		}, []string{
			"gpu/window/sub/a.go:4: var library has no value: a package keeps no state",
			"p/a.go:15: a, a variable of the package, is written: a package keeps no state",
			"p/a.go:15: b, a variable of the package, is written: a package keeps no state",
			"p/a.go:15: c, a variable of the package, is written: a package keeps no state",
			"p/a.go:15: d, a variable of the package, is written: a package keeps no state",
			"p/a.go:4: var a has no value: a package keeps no state",
			"p/a.go:8: var c is to be filled in: a package keeps no state",
			"p/b.go:4: b, a variable of the package, is written: a package keeps no state",
		}},
		{"Documented", map[string]string{
			"p/a.go": doc + "type T int\n\nfunc (T) F() {}\n\nfunc (t *T) G() {}\n\ntype u int\n\nfunc (u) H() {}\n\n" +
				"const (\n\tA = 1 // is one\n\tB = 2\n)\n\n// These are two.\nvar (\n\tC = 1\n\tD = 2\n)\n\nfunc i() {}\n",
			"q/a.go": "package main\n\nfunc F() {}\n",
		}, []string{
			"p/a.go:16: B is exported and has no comment",
			"p/a.go:4: T is exported and has no comment",
			"p/a.go:6: F is exported and has no comment",
			"p/a.go:8: G is exported and has no comment",
		}},
		{"ExitOnlyInCommands", map[string]string{
			"p/a.go":    doc + "func f() {\n\tos.Exit(1)\n\tlog.Fatalf(\"x\")\n\tlog.Print()\n}\n",
			"q/main.go": "package main\n\nfunc main() { os.Exit(1) }\n",
		}, []string{
			"p/a.go:5: os.Exit outside a command: return an error",
			"p/a.go:6: log.Fatalf outside a command: return an error",
		}},
		{"NoPathsOfOurMachines", map[string]string{
			"README.md":    "fine\nsee .." + "/shared/design.md\n",
			"p/a.yaml":     "x: /" + "work/y\n",
			"bin/a":        "/" + "work/",
			"a.out/a.yaml": "/" + "work/",
			".git/config":  "/" + "work/",
			"binary":       "\x00/" + "work/",
		}, []string{
			"README.md:2: mentions .." + "/shared, which only our own machines have",
			"p/a.yaml:1: mentions /" + "work/, which only our own machines have",
		}},
		{"Gofmt", map[string]string{
			"p/a.go": doc + "var  x = 1\n",
			"p/b.go": doc + "var x = 1\n",
		}, []string{"p/a.go:4: not formatted (make fmt)"}},
	}

	covered := map[string]bool{}
	for _, test := range tests {
		covered[test.rule] = true
		t.Run(test.rule, func(t *testing.T) {
			root := fstest.MapFS{}
			for name, text := range test.files {
				root[name] = &fstest.MapFile{Data: []byte(text)}
			}
			tree, err := readTree(root)
			if err != nil {
				t.Fatal(err)
			}
			for _, rule := range rules {
				if rule.name != test.rule {
					continue
				}
				if diff := cmp.Diff(test.want, breaks(tree, rule.check)); diff != "" {
					t.Errorf("breaks (-want +got):\n%s", diff)
				}
			}
		})
	}
	for _, rule := range rules {
		if !covered[rule.name] {
			t.Errorf("nothing shows that rule %s catches anything", rule.name)
		}
	}
}
