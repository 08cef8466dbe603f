package docs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gpusim/cpuref"
	"gpusim/gpu"
	"gpusim/model"
	"gpusim/model/diag"
	"gpusim/model/yamltree"
	"gpusim/network"
)

// arrays are the .npy files that fragments read, and their shapes: cells has 60
// neurons, others 40, and runs last 1 ms.
var arrays = map[string][]int{"v.npy": {60}, "a.npy": {60}, "b.npy": {1}, "c.npy": {2, 40}, "pre.npy": {9}, "post.npy": {9}, "w.npy": {9}}

func readArray(path string) (data []float64, shape []int, err error) {
	shape, ok := arrays[filepath.Base(path)]
	if !ok {
		return nil, nil, fmt.Errorf("the test knows no array %s", filepath.Base(path))
	}
	n := 1
	for _, k := range shape {
		n *= k
	}
	return make([]float64, n), shape, nil
}

var fragmentOf = regexp.MustCompile(`^fragment of: (\w+)(?: at ([\w.]+))?(, not built)?$`)

// TestYAML parses every YAML block and, but for those that are marked as not
// built, runs a few steps of it on both engines, and of the points of its sweep in
// float64.
func TestYAML(t *testing.T) {
	device, err := gpu.Open(gpu.Options{Invocations: 8}) // one kernel: there is nothing to choose
	if err != nil {
		t.Fatal(err)
	}
	defer device.Close()
	count := 0
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			if b.lang != "yaml" || b.comment == ofKubernetes {
				continue
			}
			count++
			t.Run(fmt.Sprintf("%s:%d", p.path, b.line), func(t *testing.T) {
				text, built := b.text, true
				if !strings.HasPrefix(b.comment, "file: ") {
					m := fragmentOf.FindStringSubmatch(b.comment)
					if m == nil {
						t.Fatalf("the line above says %q, not what this is a fragment of", b.comment)
					}
					text, built = complete(t, b.text, m[1], m[2]), m[3] == ""
				}
				f, notes, err := model.Parse("fragment", []byte(text), "", model.LoadOptions{ReadArray: readArray})
				if err != nil {
					t.Fatalf("%v\n\nin the file\n%s", err, text)
				}
				for _, n := range notes {
					t.Errorf("a remark on an example: %v", n)
				}
				err = model.NotBuilt(f)
				switch {
				case built && err == nil:
					runs(t, f, cpuref.New(), f.Sweep != nil)
					runs(t, f, device, false)
				case built:
					t.Error(err)
				case err == nil:
					t.Error("this is built now: take the mark away, here and in the text")
				}
			})
		}
	}
	if count < 15 {
		t.Errorf("%d YAML blocks found: the test reads the documents no more", count)
	}
}

// complete puts the keys of a fragment into the file that it is a fragment of.
func complete(t *testing.T, fragment, name, path string) string {
	t.Helper()
	file := filepath.Join("testdata", name+".yaml")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tree := func(name, text string) *yamltree.Node {
		list := &diag.List{Source: &diag.Source{Name: name, Text: text}}
		n := yamltree.Parse(list)
		if err := list.Err(); err != nil {
			t.Fatal(err)
		}
		return n
	}
	whole, part := tree(file, string(b)), tree("fragment", fragment)
	var at []string
	if path != "" {
		at = strings.Split(path, ".")
	}
	for _, e := range part.Entries {
		if !whole.Set(e.Value, append(at[:len(at):len(at)], e.Key)...) {
			t.Fatalf("%s has no %s", file, path)
		}
	}
	return yamltree.Print(whole)
}

// runs runs a few steps of a file, and where that is asked for of the points of its
// sweep.
func runs(t *testing.T, f *model.File, dev network.Device, sweep bool) {
	t.Helper()
	f.Run.Duration = min(f.Run.Duration, 5*f.Dt)
	n, err := network.Compile(f, dev, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if _, err := n.Run(context.Background(), f.Run.Duration); err != nil {
		t.Error(err)
	}
	if !sweep {
		return
	}
	if _, err := network.Sweep(context.Background(), f, dev, nil); err != nil {
		t.Error(err)
	}
}
