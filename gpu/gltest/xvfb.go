package gltest

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// StartX starts an X display of the test's own, by Xvfb, and stops it when the
// test is over. Without Xvfb the test fails.
func StartX(t testing.TB) (display string) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	// Xvfb picks a free display and writes its number to file descriptor 3. Without
	// -noreset it starts over when its last client leaves, and refuses others meanwhile.
	x := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "64x64x24", "-noreset", "-nolisten", "tcp")
	x.ExtraFiles = []*os.File{w}
	err = x.Start()
	w.Close()
	if err != nil {
		t.Fatalf("this test needs Xvfb (apt-get install xvfb): %v", err)
	}
	t.Cleanup(func() {
		x.Process.Kill()
		x.Wait()
	})
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb did not start: %v", err)
	}
	return ":" + strings.TrimSpace(number)
}
