package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReport(t *testing.T) {
	const (
		passing = `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"    a_test.go:7: a note\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
`
		end = `{"Action":"output","Package":"p","Output":"PASS\n"}
{"Action":"output","Package":"p","Output":"ok  \tp\t0.1s\n"}
{"Action":"pass","Package":"p"}
`
		failEnd = `{"Action":"output","Package":"p","Output":"FAIL\tp\t0.1s\n"}
{"Action":"fail","Package":"p"}
`
	)
	tests := []struct {
		name, in string
		ok       bool
		want     string
	}{
		{"pass", passing + end, true,
			"ok  \tp\t0.1s\n1 passed, 0 failed, 0 skipped\n"},
		{"no test files",
			passing + end + `{"Action":"output","Package":"q","Output":"?   \tq\t[no test files]\n"}
{"Action":"skip","Package":"q"}
`, true,
			"ok  \tp\t0.1s\n?   \tq\t[no test files]\n1 passed, 0 failed, 0 skipped\n"},
		{"no test at all", end, false,
			"ok  \tp\t0.1s\n0 passed, 0 failed, 0 skipped\n"},
		{"skip", passing + `{"Action":"output","Package":"p","Test":"TestB","Output":"    no GPU\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
` + end, false,
			"    no GPU\nok  \tp\t0.1s\nskipped, which is a failure here: p TestB\n1 passed, 0 failed, 1 skipped\n"},
		{"fail", passing + `{"Action":"output","Package":"p","Test":"TestB","Output":"    got 1, want 2\n"}
{"Action":"fail","Package":"p","Test":"TestB"}
` + failEnd, false,
			"    got 1, want 2\nFAIL\tp\t0.1s\npackages that failed: 1\n1 passed, 1 failed, 0 skipped\n"},
		{"unended", passing + `{"Action":"output","Package":"p","Test":"TestB","Output":"panic: x\n"}
` + failEnd, false,
			"FAIL\tp\t0.1s\np TestB did not end:\npanic: x\npackages that failed: 1\n1 passed, 1 failed, 0 skipped\n"},
		{"build failure", `{"ImportPath":"p","Action":"build-output","Output":"a.go:1:1: no\n"}
{"ImportPath":"p","Action":"build-fail"}
` + failEnd, false,
			"a.go:1:1: no\nFAIL\tp\t0.1s\npackages that failed: 1\n0 passed, 0 failed, 0 skipped\n"},
		{"not JSON", "go: no such tool\n" + passing + end, true,
			"go: no such tool\nok  \tp\t0.1s\n1 passed, 0 failed, 0 skipped\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var out strings.Builder
			if ok := report(strings.NewReader(test.in), &out); ok != test.ok {
				t.Errorf("report is %v, want %v", ok, test.ok)
			}
			if diff := cmp.Diff(test.want, out.String()); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
}
