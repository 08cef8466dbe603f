package model

import (
	"flag"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the expected texts")

// Every file of testdata/bad is refused with the whole text beside it. Its first
// lines may give flags, as in #--set cells.V=3.
func TestBadFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 50 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, _, err := Parse(filepath.Base(path), text, "testdata/bad", flagsIn(t, string(text)))
		if err == nil {
			err = NotBuilt(f)
		}
		if err == nil {
			_, err = Lower(f, Shapes{})
		}
		if err == nil {
			t.Errorf("%s: no error", path)
			continue
		}
		compare(t, strings.TrimSuffix(path, ".yaml")+".txt", err.Error()+"\n")
	}
}

// Every file of testdata/noted is good, with the remarks beside it.
func TestNotedFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/noted/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		_, notes, err := Parse(filepath.Base(path), text, "testdata/noted", flagsIn(t, string(text)))
		if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		var b strings.Builder
		for _, n := range notes {
			b.WriteString(n.Error() + "\n")
		}
		compare(t, strings.TrimSuffix(path, ".yaml")+".txt", b.String())
	}
}

// flagsIn reads the flags in the first lines of a file.
func flagsIn(t *testing.T, text string) (o LoadOptions) {
	t.Helper()
	for line := range strings.Lines(text) {
		rest, is := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "#--")
		if !is {
			return o
		}
		flag, value, _ := strings.Cut(rest, " ")
		name, spec, _ := strings.Cut(value, "=")
		ms, err := strconv.ParseFloat(value, 64)
		switch {
		case flag == "set":
			o.Set = append(o.Set, Override{name, spec})
		case flag == "param":
			o.Params = append(o.Params, Override{name, spec})
		case flag == "design" || flag == "points" || flag == "seeds":
			o.Design = append(o.Design, Override{flag, value})
		case flag == "design-seed":
			o.Design = append(o.Design, Override{"seed", value})
		case flag == "fit-param":
			o.Fit.Params = append(o.Fit.Params, Override{name, spec})
		case flag == "target":
			o.Fit.Targets = append(o.Fit.Targets, Override{name, spec})
		case flag == "maximize":
			o.Fit.Maximize = value
		case flag == "minimize":
			o.Fit.Minimize = value
		case flag == "evaluations":
			o.Fit.Evaluations = value
		case flag == "from" && err == nil:
			o.From = &ms
		case flag == "to" && err == nil:
			o.To = &ms
		default:
			t.Fatalf("the flag %s", rest)
		}
	}
	return o
}

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
	}
}
