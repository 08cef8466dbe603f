package rules

import (
	"slices"
	"strconv"
	"strings"
)

const module = "gpusim/"

// mayImport is which packages of the module the packages of a folder may import, tests
// apart: folders, their subfolders included. The longest entry that holds a folder is the
// one that counts. A package may always import its own subpackages.
//
// cmd -> network, fit, plot, measure, gpu, cpuref, model; network -> model, measure; gpu -> shaders;
// the device side (gpu, cpuref, shaders) knows the step program, not the language. cmd -> shaders
// is for gpusim show, which prints the kernels where there is no device.
var mayImport = map[string][]string{
	"cmd":           {"checkpoint", "network", "fit", "ledger", "serve", "compare", "doctor", "plot", "measure", "gpu", "cpuref", "shaders", "model", "stream", "examples"},
	"ledger":        {},
	"bench":         {"network", "plot", "measure", "gpu", "cpuref", "model", "examples"},
	"network":       {"model", "measure", "checkpoint"},
	"checkpoint":    {},
	"fit":           {"network", "model"},
	"compare":       {"network", "model", "measure"},
	"serve":         {"network", "model", "measure"},
	"doctor":        {"network", "model", "measure", "gpu", "cpuref", "shaders"},
	"gpu":           {"gpu", "shaders", "model/ir", "model/diag"},
	"cpuref":        {"model/ir", "model/diag"},
	"shaders":       {"model/ir", "model/algebra", "model/diag"},
	"measure":       {},
	"plot":          {},
	"stream":        {"model/npy"},
	"model":         {"model"},
	"model/ir":      {"model/diag"},
	"model/diag":    {},
	"model/lang":    {"model/diag"},
	"model/library": {},
	"examples":      {},
	"scripts":       {},
	"tests":         {"tests"},
	"tests/meter":   {"gpu", "network"},
	"tests/outcome": {"model", "network"},
}

// onlyIn is where a package from outside, with what is below it, may be imported, tests
// apart.
var onlyIn = map[string][]string{
	"github.com/go-gl":         {"gpu"},
	"github.com/go-gl/glfw":    {"gpu/window"},
	"github.com/goccy/go-yaml": {"model"},
	"github.com/spf13":         {"cmd", "bench"},
	"github.com/vbauerster":    {"cmd"},
	"gonum.org/v1/plot":        {"plot"},
	"unsafe":                   {"gpu", "tests/meter"},
}

// onlyOutside is all that the packages of a folder may import from outside the module and
// the standard library, tests apart.
var onlyOutside = map[string][]string{
	"measure": {"gonum.org/v1/gonum"},
	"fit":     {"gonum.org/v1/gonum"},
	"network": {},
	"cpuref":  {},
	"shaders": {},
	"stream":  {},
}

// forTests are the packages that only tests import.
var forTests = []string{"tests/golden", "tests/meter", "tests/outcome", "gpu/gltest"}

// banned are packages that nothing imports, tests included.
var banned = map[string]string{
	"math/rand": "use math/rand/v2, or our own Philox where results depend on it",
}

func importRules(t *tree, report reporter) {
	for _, f := range t.files {
		if !f.isGo() {
			continue
		}
		for _, spec := range f.syntax.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				continue // the parser has refused it already
			}
			complain := func(why string) {
				report(f, t.line(spec.Pos()), "imports %s: %s", imported, why)
			}
			if why, ok := banned[imported]; ok {
				complain(why)
			}
			if f.isTest() {
				continue
			}
			if own, ok := strings.CutPrefix(imported, module); ok {
				inside(f.dir(), own, complain)
			} else {
				outside(f.dir(), imported, complain)
			}
		}
	}
}

// inside judges the import of a package of the module.
func inside(dir, own string, complain func(string)) {
	if slices.Contains(forTests, own) && !slices.Contains(forTests, dir) {
		complain("only tests import it")
		return
	}
	key, ok := longest(mayImport, dir)
	if !ok {
		complain("no rule in tests/rules says what " + dir + " may import")
		return
	}
	if !within(own, dir) && !slices.ContainsFunc(mayImport[key], func(allowed string) bool { return within(own, allowed) }) {
		if len(mayImport[key]) == 0 {
			complain(key + " imports no other package of the module")
		} else {
			complain(key + " may import " + strings.Join(mayImport[key], ", "))
		}
	}
}

// outside judges any other import.
func outside(dir, imported string, complain func(string)) {
	if key, ok := longest(onlyIn, imported); ok {
		if !slices.ContainsFunc(onlyIn[key], func(allowed string) bool { return within(dir, allowed) }) {
			complain("only " + strings.Join(onlyIn[key], ", ") + " may")
		}
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") {
		return // of the standard library
	}
	if key, ok := longest(onlyOutside, dir); ok {
		if !slices.ContainsFunc(onlyOutside[key], func(allowed string) bool { return within(imported, allowed) }) {
			complain(key + " may import from outside only: " + strings.Join(onlyOutside[key], ", "))
		}
	}
}

// within tells whether name is folder or below it.
func within(name, folder string) bool {
	return name == folder || strings.HasPrefix(name, folder+"/")
}

// longest finds the longest key that holds name.
func longest(table map[string][]string, name string) (string, bool) {
	best, found := "", false
	for key := range table {
		if within(name, key) && (!found || len(key) > len(best)) {
			best, found = key, true
		}
	}
	return best, found
}
