package serve

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gpusim/model/npy"
)

var update = flag.Bool("update", false, "write the answers in testdata anew")

// varying is what differs from run to run and machine to machine.
var varying = regexp.MustCompile(`"(seconds|plan|npy)":([0-9.e+-]+|\[[^\]]*\]|"[^"]*")`)

// TestSessions compares whole conversations with those in testdata: after ">" is
// what is sent, after "<" what is answered. The answers are in the order of the
// requests, as nothing is cancelled. In errors.txt each is an error.
func TestSessions(t *testing.T) {
	for _, name := range []string{"session.txt", "errors.txt"} {
		t.Run(name, func(t *testing.T) {
			path, err := filepath.Abs(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			makeFiles(t)
			if err := npy.Write("many.npy", []int{maxPoints}, make([]float64, maxPoints)); err != nil {
				t.Fatal(err)
			}
			got := converse(t, string(text))
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			want := strings.Split(string(text), "\n")
			for i, line := range strings.Split(got, "\n") {
				if i >= len(want) || want[i] != line {
					t.Fatalf("line %d is\n%s\nwant\n%s", i+1, line, want[min(i, len(want)-1)])
				}
			}
			if name == "errors.txt" && strings.Contains(got, `"result"`) {
				t.Error("one is no error")
			}
		})
	}
}

// converse sends the lines of a conversation, and writes the answers anew.
func converse(t *testing.T, text string) string {
	t.Helper()
	var sent strings.Builder
	sent.WriteString(loadLine(leaky))
	for line := range strings.Lines(text) {
		if request, is := strings.CutPrefix(line, "> "); is {
			sent.WriteString(request)
		}
	}
	answers, err := talk(t, context.Background(), sent.String())
	if err != nil {
		t.Fatal(err)
	}
	answers = answers[1:] // to the load
	var b strings.Builder
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "< ") {
			continue
		}
		b.WriteString(line)
		if !strings.HasPrefix(line, "> ") {
			continue
		}
		for len(answers) > 0 {
			answer := varying.ReplaceAllString(answers[0], `"$1":"..."`)
			answers = answers[1:]
			b.WriteString("< " + answer + "\n")
			if !strings.Contains(answer, `"note":`) {
				break
			}
		}
	}
	if len(answers) > 0 {
		t.Errorf("one more answer: %s", answers[0])
	}
	return b.String()
}

// makeFiles makes what the conversations read.
func makeFiles(t *testing.T) {
	t.Helper()
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(os.WriteFile("leaky.yaml", []byte(leaky), 0o666))
	ok(os.WriteFile("bad.yaml", []byte(strings.Replace(leaky, "tau: 8", "tua: 8", 1)), 0o666))
	ok(npy.Write("three.npy", []int{3}, []float64{1, 1.5, 0.5}))
	ok(npy.Write("one.npy", nil, []float64{1}))
	ok(os.WriteFile("no.npy", []byte("nothing"), 0o666))
	ok(os.Mkdir("arrays", 0o777))
}
