package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

// FuzzServe sends any text to a session with a loaded network. The session
// must not panic, every line that it answers has to be an object in ASCII, and
// every request is answered once.
func FuzzServe(f *testing.F) {
	for _, name := range []string{"session.txt", "errors.txt"} {
		text, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		all := ""
		for line := range strings.Lines(string(text)) {
			if request, is := strings.CutPrefix(line, "> "); is {
				f.Add(request)
				all += request
			}
		}
		f.Add(all)
	}
	f.Add(`{"id":1,"op":"cancel"}` + "\r\n\n" + `{"id":2,"op":"run","steps":9e15}`)
	f.Add(`{"id":"\ud800","op":"get","names":["\ud800\u0000"]}`)
	f.Add(strings.Repeat("[", 20000))
	few := options
	few.Memory = 1 << 20
	f.Fuzz(func(t *testing.T, text string) {
		t.Chdir(t.TempDir())
		makeFiles(t)
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		var out bytes.Buffer
		err := Serve(ctx, strings.NewReader(loadLine(leaky)+text), &out, few)
		if err != nil && ctx.Err() == nil {
			t.Errorf("it ended with %v", err)
		}
		answers, closed := 0, false
		for line := range strings.Lines(out.String()) {
			var a map[string]json.RawMessage
			if e := json.Unmarshal([]byte(line), &a); e != nil || strings.ContainsFunc(line, func(r rune) bool { return r > '~' || r < ' ' && r != '\n' }) {
				t.Fatalf("%v: %q", e, line)
			}
			_, result := a["result"]
			_, fault := a["error"]
			if result != fault {
				answers++
			}
			closed = closed || string(a["result"]) == "{}"
		}
		asked := 1
		for _, line := range strings.Split(text, "\n") {
			if strings.TrimSpace(line) != "" {
				asked++
			}
		}
		if answers != asked && err == nil && !closed {
			t.Errorf("%d answers to %d requests:\n%s", answers, asked, out.String())
		}
	})
}
