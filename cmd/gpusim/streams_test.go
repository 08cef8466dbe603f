package main

import (
	"errors"
	"strings"
	"testing"
)

type failing struct{ after int }

func (f *failing) Write(p []byte) (int, error) {
	if f.after--; f.after < 0 {
		return 0, errors.New("full")
	}
	return len(p), nil
}

func TestCleanWriter(t *testing.T) {
	for text, want := range map[string]string{
		"plain\ttext\n":       "plain\ttext\n",
		"a\x1b[31mred\x07":    `a\x1b[31mred\x07`,
		"\x1b":                `\x1b`,
		"back\rspace\b":       `back\x0dspace\x08`,
		"delete\x7f c1\u009b": `delete\x7f c1\x9b`,
		"Wörter: µm, 神経":      "Wörter: µm, 神経",
		"":                    "",
	} {
		var b strings.Builder
		w := &cleanWriter{w: &b}
		if n, err := w.Write([]byte(text)); n != len(text) || err != nil || b.String() != want {
			t.Errorf("%q is written as %q (%d, %v), want %q", text, b.String(), n, err, want)
		}
	}
	w := &cleanWriter{w: &failing{after: 1}}
	for range 3 {
		w.Write([]byte("x"))
	}
	if w.err == nil || w.err.Error() != "full" {
		t.Errorf("the error is %v", w.err)
	}
}
