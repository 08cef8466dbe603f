package model

import (
	"path/filepath"
	"strconv"
	"strings"

	"gpusim/model/diag"
	"gpusim/model/yamltree"
)

// YAML gives the file as it runs, every edit applied. Paths of arrays are
// relative to Dir, as they were.
func (f *File) YAML() string { return yamltree.Print(f.tree) }

func (f *File) arrayPath(written string) string {
	if filepath.IsAbs(written) {
		return written
	}
	return filepath.Join(f.Dir, written)
}

// Portable gives the file as it runs with its arrays moved to a folder data
// beside it, and what to copy there: copies has the path of each array by its
// place in the file's folder, such as data/v.npy.
func (f *File) Portable() (yaml string, copies map[string]string) { return f.PortableAt(nil, nil) }

// PortableAt is Portable with numbers in place of what names stand for in the
// file: names of a search, as Bounds has them.
func (f *File) PortableAt(names []string, values []float64) (yaml string, copies map[string]string) {
	tree, copies := f.portable()
	for i, name := range names {
		tree.Set(yamltree.NewScalar(num(values[i]), diag.Pos{}), f.placeOf(name)...)
	}
	return yamltree.Print(tree), copies
}

func (f *File) portable() (tree *yamltree.Node, copies map[string]string) {
	copies = map[string]string{}
	moved := map[string]string{} // path to place
	tree = f.tree.Clone()
	tree.Walk(func(n *yamltree.Node) {
		written, is := fileOf(n)
		if !is {
			return
		}
		path := f.arrayPath(written)
		place, known := moved[path]
		if !known {
			place = freePlace(path, copies)
			moved[path], copies[place] = place, path
		}
		n.Text = "file(" + place + ")"
	})
	return tree, copies
}

// freePlace gives a place in data for an array that no other one has.
func freePlace(path string, taken map[string]string) string {
	base := strings.TrimSuffix(filepath.Base(path), ".npy")
	base = strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f && !strings.ContainsRune(`()"'\/:*?<>|#,[]{}`, r) {
			return r
		}
		return '_'
	}, base)
	place := "data/" + base + ".npy"
	for k := 2; taken[place] != ""; k++ {
		place = "data/" + base + "_" + strconv.Itoa(k) + ".npy"
	}
	return place
}
