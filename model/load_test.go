package model

import (
	"os"
	"path/filepath"
	"testing"

	"gpusim/model/yamltree"
)

func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../examples/*.yaml")
	if err != nil || len(files) < 3 {
		t.Fatal(files, err)
	}
	for _, path := range files {
		f, notes, err := Load(path, LoadOptions{})
		if err != nil {
			t.Errorf("%s:\n%v", path, err)
			continue
		}
		for _, n := range notes {
			t.Errorf("%s: a note: %v", path, n)
		}
		if err := NotBuilt(f); err != nil {
			t.Error(err)
		}
		again, _, err := Parse(path, []byte(f.YAML()), f.Dir, LoadOptions{})
		if err != nil {
			t.Errorf("%s, printed:\n%s\n%v", path, f.YAML(), err)
			continue
		}
		if !again.tree.Equal(f.tree) {
			t.Errorf("%s, printed, is another:\n%s", path, f.YAML())
		}
		if testing.Verbose() {
			t.Log(f.YAML())
		}
	}
}

// The printed gamma.yaml is the file but for its comments and empty lines:
// network.yaml of a run reads like what the user wrote.
func TestYAMLKeepsStyle(t *testing.T) {
	text, err := os.ReadFile("../examples/gamma.yaml")
	if err != nil {
		t.Fatal(err)
	}
	f, _, err := Load("../examples/gamma.yaml", LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	want := significant(yamltree.Clean(string(text)))
	if got := significant(f.YAML()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// Standard input that cannot be read is an error, not an empty file.
func TestStandardInput(t *testing.T) {
	dir, err := os.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	stdin := os.Stdin
	defer func() { os.Stdin = stdin }()
	os.Stdin = dir
	want := "reading standard input: read " + dir.Name() + ": is a directory"
	if _, _, err := Load("-", LoadOptions{}); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Of a file that has no end as much is read as it takes to refuse it.
func TestEndlessFile(t *testing.T) {
	const want = "/dev/zero: the file has more than 1048576 bytes, the most that is read\n  hint: put long lists into .npy files"
	if _, _, err := Load("/dev/zero", LoadOptions{}); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
