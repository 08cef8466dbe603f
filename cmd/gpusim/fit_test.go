package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// A device that is lost in the middle of a search leaves the generations that
// were done; one that is lost at once leaves nothing.
func TestFailingSearch(t *testing.T) {
	args := strings.Fields("fit net.yaml --param cells.a=1:2 --target rate=1e9 --population 4 --quiet")
	_, stderr, code := runOn(t, lostAt(1), args...)
	leftAlone(t)
	if code != exitFailed || !strings.HasPrefix(stderr, "gpusim: the OpenGL context was lost during: building net: ") {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	_, stderr, code = runOn(t, lostAt(40), args...)
	want := regexp.MustCompile(`^gpusim: the OpenGL context was lost during: running steps \d+ to \d+ of net: the driver has reset the device, most often because a dispatch took too long; what was done before is in net.fit.out.part/fit.csv\n$`)
	if code != exitFailed || !want.MatchString(stderr) {
		t.Errorf("exit code %d, %s", code, stderr)
	}
	text, err := os.ReadFile("net.fit.out.part/fit.csv")
	if lines := strings.Count(string(text), "\n"); err != nil || lines < 5 || lines%4 != 1 {
		t.Errorf("%d lines are left: %v", lines, err)
	}
	if _, err := os.Stat("net.fit.out"); err == nil {
		t.Error("there is a folder of results")
	}
}
