package network_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"gpusim/cpuref"
	"gpusim/model"
	"gpusim/network"
	"gpusim/tests/random"
)

// FuzzRun holds that a file which is read can be built and run, for a few steps on the
// float64 engine, or is refused: no text makes gpusim panic or take more memory than
// it may.
func FuzzRun(f *testing.F) {
	for _, pattern := range []string{"../examples/*.yaml", "../model/testdata/bad/*.yaml", "../model/testdata/noted/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal(pattern, err)
		}
		for _, path := range files {
			text, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text))
		}
	}
	for seed := range uint64(10) {
		f.Add(random.File(seed, 1+int(seed%2)))
	}
	f.Fuzz(func(t *testing.T, text string) {
		opts := model.LoadOptions{Memory: 1 << 24, ReadArray: func(string) ([]float64, []int, error) { return []float64{0, 1, 2}, []int{3}, nil }}
		file, _, err := model.Parse("fuzz.yaml", []byte(text), ".", opts)
		if err != nil {
			return
		}
		n, err := network.Compile(file, cpuref.New(), nil)
		if err != nil {
			return
		}
		defer n.Close()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		r, err := n.RunSteps(ctx, min(file.Steps(), 40))
		if err != nil {
			return
		}
		if _, err := network.Measure(file, r, 0); err != nil {
			t.Fatal(err)
		}
		for _, name := range n.StateNames() {
			if _, err := n.Get(name); err != nil {
				t.Fatal(err)
			}
		}
	})
}
