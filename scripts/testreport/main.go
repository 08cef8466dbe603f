package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

func main() {
	if !report(os.Stdin, os.Stdout) {
		os.Exit(1)
	}
}

// An event is one line of go test -json, see go doc test2json.
type event struct {
	Action     string
	Package    string
	ImportPath string
	Test       string
	Output     string
}

// report copies what matters of in to out and tells whether everything passed: at least
// one test, every test, every package, none skipped.
func report(in io.Reader, out io.Writer) bool {
	type key struct{ pkg, test string }
	outputs := map[key][]string{}
	var passed, failed, packagesFailed int
	var skipped []key

	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadString('\n')
		if line == "" && err != nil {
			break
		}
		var e event
		if json.Unmarshal([]byte(line), &e) != nil {
			// Not from a test: go test itself has something to say.
			fmt.Fprint(out, line)
			continue
		}
		k := key{e.Package, e.Test}
		switch e.Action {
		case "build-output":
			fmt.Fprint(out, e.Output)
		case "output":
			if e.Test == "" {
				if e.Output != "PASS\n" {
					fmt.Fprint(out, e.Output)
				}
			} else {
				outputs[k] = append(outputs[k], e.Output)
			}
		case "pass", "fail", "skip":
			if e.Test == "" {
				// Skip of a package: it has no test files.
				if e.Action == "fail" {
					packagesFailed++
				}
				continue
			}
			switch e.Action {
			case "pass":
				passed++
			case "fail":
				failed++
			case "skip":
				skipped = append(skipped, k)
			}
			if e.Action != "pass" {
				fmt.Fprint(out, strings.Join(outputs[k], ""))
			}
			delete(outputs, k)
		}
	}
	// What is left belongs to tests that never ended: a panic, a timeout.
	unended := slices.SortedFunc(maps.Keys(outputs), func(a, b key) int {
		return cmp.Or(strings.Compare(a.pkg, b.pkg), strings.Compare(a.test, b.test))
	})
	for _, k := range unended {
		fmt.Fprintf(out, "%s %s did not end:\n%s", k.pkg, k.test, strings.Join(outputs[k], ""))
		failed++
	}

	for _, k := range skipped {
		fmt.Fprintf(out, "skipped, which is a failure here: %s %s\n", k.pkg, k.test)
	}
	ok := failed == 0 && packagesFailed == 0 && len(skipped) == 0 && passed > 0
	if packagesFailed > 0 {
		fmt.Fprintf(out, "packages that failed: %d\n", packagesFailed)
	}
	fmt.Fprintf(out, "%d passed, %d failed, %d skipped\n", passed, failed, len(skipped))
	return ok
}
