package model

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"gpusim/model/diag"
)

// FuzzLoad holds that no text makes reading panic, that every problem has a
// message in ASCII and a place, and that a good file printed and read again
// is the same.
func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob("testdata/bad/*.yaml")
	examples, _ := filepath.Glob("../examples/*.yaml")
	for _, path := range append(files, examples...) {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), "", "")
	}
	f.Add(everything, "cells.V", "uniform(-70, -50)")
	f.Add(editBase, "inputs.0.value", "[1, {a: b}]")
	f.Add(editBase, "cells.R", "@x.npy")
	f.Fuzz(func(t *testing.T, text, name, value string) {
		opts := LoadOptions{ReadArray: func(path string) ([]float64, []int, error) {
			return []float64{0, 1, 2}, []int{3}, nil
		}}
		if name != "" {
			opts.Set = []Override{{name, value}}
			opts.Params = []Override{{name, value}}
		}
		file, _, err := Parse("fuzz.yaml", []byte(text), ".", opts)
		if err != nil {
			var list *diag.Errors
			if !errors.As(err, &list) {
				t.Fatalf("%T", err)
			}
			for _, p := range list.Problems {
				if !p.Pos.IsValid() || p.Msg == "" {
					t.Fatalf("no place or message: %v", p)
				}
				for _, r := range p.Msg + p.Hint {
					if r < ' ' || r > '~' {
						t.Fatalf("not ASCII: %q %q", p.Msg, p.Hint)
					}
				}
			}
			return
		}
		_ = NotBuilt(file)
		printed := file.YAML()
		again, _, err := Parse("again.yaml", []byte(printed), ".", LoadOptions{ReadArray: opts.ReadArray})
		if err != nil {
			t.Fatalf("%s\n%v", printed, err)
		}
		if !again.tree.Equal(file.tree) {
			t.Fatalf("another tree:\n%s\n%s", printed, again.YAML())
		}
		file.Portable()
	})
}
