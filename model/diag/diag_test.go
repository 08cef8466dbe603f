package diag

import "testing"

func TestErrors(t *testing.T) {
	flag := &Source{Name: "--set", Text: "a=b"}
	l := &List{Source: &Source{Name: "net.yaml", Text: "one\ntwo\tthree\r\n"}}
	if l.Err() != nil {
		t.Error("an empty list is an error")
	}
	l.Addf(Pos{Line: 1, Col: 3, Source: flag}, "in a flag")
	l.Addf(Pos{Line: 2, Col: 5}, "second %q", "\u00e9").Hint = "a hint"
	l.Addf(Pos{}, "no place")
	l.Addf(Pos{Line: 1, Col: 1}, "first")
	const want = `net.yaml: no place

net.yaml:1:1: first
  one
  ^

net.yaml:2:5: second "\u00e9"
  two three
      ^
  hint: a hint

--set:1:3: in a flag
  a=b
    ^`
	if got := l.Err().Error(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
