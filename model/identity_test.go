package model

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gpusim/model/npy"
)

const withArray = `gpusim: 1
dt: 0.1
populations: {p: {model: wang_buzsaki, size: 3, init: {V: file(a/v.npy)}}}
inputs: [{to: p.inp, value: {per_neuron: file(b/v.npy)}}]
run: {duration: 1, seed: 3}
`

// identity parses a text, in a folder where two arrays of one name have values, and
// gives its file and its identity.
func identity(t *testing.T, text string, values [3]float64, o LoadOptions) (*File, string) {
	t.Helper()
	o.ReadArray = func(string) ([]float64, []int, error) { return values[:], []int{3}, nil }
	f, _, err := Parse("f.yaml", []byte(text), "d", o)
	if err != nil {
		t.Fatal(err)
	}
	return f, f.Identity()
}

// TestIdentity: the identity follows everything but the duration of the run, and the
// text of Portable, with Arrays beside it, has the same.
func TestIdentity(t *testing.T) {
	values := [3]float64{-65, -60, -55}
	f, want := identity(t, withArray, values, LoadOptions{})
	longer := 7.0
	if _, got := identity(t, withArray, values, LoadOptions{To: &longer}); got != want {
		t.Error("it follows the duration")
	}
	if _, got := identity(t, strings.Replace(withArray, "seed: 3", "seed: 4", 1), values, LoadOptions{}); got == want {
		t.Error("it does not follow the seed")
	}
	if _, got := identity(t, withArray, [3]float64{-65, -60, -54}, LoadOptions{}); got == want {
		t.Error("it does not follow an array")
	}
	arrays, err := f.Arrays()
	if err != nil || len(arrays) != 2 {
		t.Fatalf("%d arrays, %v", len(arrays), err)
	}
	yaml, _ := f.Portable()
	again, _, err := Parse("f.yaml", []byte(yaml), "", LoadOptions{ReadArray: func(path string) ([]float64, []int, error) {
		return npy.Decode(arrays[filepath.ToSlash(path)])
	}})
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Identity(); got != want {
		t.Error("the portable text has another identity")
	}
	if text, _ := again.Portable(); text != yaml {
		t.Errorf("made portable again, the text is\n%s\nnot\n%s", text, yaml)
	}
}

// TestIdentityOfExamples: printing and reading a file again changes nothing.
func TestIdentityOfExamples(t *testing.T) {
	files, err := filepath.Glob("../examples/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, _, err := Parse(path, text, ".", LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		yaml, _ := f.Portable()
		again, _, err := Parse(path, []byte(yaml), ".", LoadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if f.Identity() != again.Identity() {
			t.Errorf("%s: printed, it has another identity", path)
		}
	}
}
