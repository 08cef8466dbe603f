package docs

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats/scalar"
)

// TestServe sends the requests of docs/serve.md to the program, in one session,
// each when the one before is answered, and compares the answers that it shows.
// What comes after the request to close is sent before it.
func TestServe(t *testing.T) {
	var page page
	for _, p := range pages(t) {
		if p.path == "docs/serve.md" {
			page = p
		}
	}
	dir := folder(t, page)
	var sent, want []string
	var closing, end string
	for _, b := range page.blocks {
		if b.lang != "jsonl" {
			continue
		}
		for _, line := range strings.Split(strings.TrimSuffix(b.text, "\n"), "\n") {
			switch {
			case strings.Contains(line, `"op": "close"`):
				closing = line[2:]
			case closing != "" && end == "":
				end = line[2:]
			case strings.HasPrefix(line, "> "):
				sent = append(sent, line[2:])
			case strings.HasPrefix(line, "< "):
				want = append(want, line[2:])
			default:
				t.Errorf("%s: neither a request nor an answer: %s", page.path, line)
			}
		}
	}
	got := session(t, dir, append(sent, closing))
	want = append(want, end)
	if len(got) != len(want) || len(sent) < 15 {
		t.Fatalf("%d answers to %d requests, want %d:\n%s", len(got), len(sent), len(want), strings.Join(got, "\n"))
	}
	for i := range want {
		var x, y any
		if err := json.Unmarshal([]byte(want[i]), &x); err != nil {
			t.Errorf("%v: %s", err, want[i])
		}
		if err := json.Unmarshal([]byte(got[i]), &y); err != nil {
			t.Errorf("%v: %s", err, got[i])
		}
		if !shows(x, y) {
			t.Errorf("the program answers\n%.3000s\nand the page shows\n%s", got[i], want[i])
		}
	}
	for _, name := range []string{"op", "code"} {
		for _, x := range declared(t, name) {
			if !strings.Contains(page.prose(), "`"+x+"`") && !strings.Contains(page.prose(), "**"+x+"**") {
				t.Errorf("docs/serve.md does not describe the %s %s", name, x)
			}
		}
	}
}

// session gives the lines that the program answers.
func session(t *testing.T, dir string, requests []string) []string {
	t.Helper()
	cmd := exec.Command(program, "serve", "--stdio")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	var lines []string
	answer := func() {
		t.Helper()
		for {
			line, err := r.ReadString('\n')
			if err != nil {
				t.Fatalf("%v after %s", err, lines)
			}
			if !strings.Contains(line, `"progress":`) {
				lines = append(lines, line)
			}
			if !strings.Contains(line, `"progress":`) && !strings.Contains(line, `"note":`) {
				return
			}
		}
	}
	answer() // the first line
	for _, request := range requests {
		if _, err := io.WriteString(in, request+"\n"); err != nil {
			t.Fatal(err)
		}
		answer()
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	return lines
}

const leftOut = "..."

// shows tells whether the JSON of a page is the program's, but for what it
// leaves out. Numbers may differ in their last digits.
func shows(page, got any) bool {
	switch x := page.(type) {
	case string:
		return x == leftOut || x == got
	case float64:
		y, ok := got.(float64)
		return ok && scalar.EqualWithinAbsOrRel(x, y, 1e-12, 1e-2)
	case []any:
		y, ok := got.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !shows(x[i], y[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		y, ok := got.(map[string]any)
		_, more := x[leftOut]
		if !ok || !more && len(x) != len(y) {
			return false
		}
		for key, value := range x {
			if _, there := y[key]; key != leftOut && (!there || !shows(value, y[key])) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(page, got)
}

var (
	ops   = regexp.MustCompile(`(?m)^\t"(\w+)": +\(\*session\)`)
	codes = regexp.MustCompile(`(?m)^\t\w+ += "(\w+)" +//`)
)

// declared gives the names that package serve has for what is asked, or for
// errors.
func declared(t *testing.T, what string) []string {
	t.Helper()
	file, pattern := "serve.go", ops
	if what == "code" {
		file, pattern = "fault.go", codes
	}
	text, err := os.ReadFile(filepath.Join(root, "serve", file))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
		names = append(names, m[1])
	}
	if len(names) < 9 {
		t.Fatalf("%d names of %s found: the test reads the package no more", len(names), what)
	}
	return names
}
