package model

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"slices"

	"gpusim/model/npy"
	"gpusim/model/yamltree"
)

// Arrays gives the files of the arrays that the file reads, by their paths in the
// text of Portable. They have the numbers that were read, whatever became of the
// files since.
func (f *File) Arrays() (map[string][]byte, error) {
	out := map[string][]byte{}
	_, copies := f.portable()
	for place, path := range copies {
		a := f.arrays[path]
		if a == nil {
			continue // nothing uses it, so it was not read
		}
		b, err := npy.Encode(a.Shape, a.Data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		out[place] = b
	}
	return out, nil
}

// Identity is a hash of what the file says of the network: of the text as it runs,
// without the duration of the run, and of its arrays. Files that are written in other
// words have another one, though they may mean the same.
func (f *File) Identity() string {
	h := sha256.New()
	tree, copies := f.portable()
	if run := tree.Value("run"); run != nil {
		run.Delete("duration")
	}
	_, _ = io.WriteString(h, yamltree.Print(tree))
	var places []string
	for place := range copies {
		places = append(places, place)
	}
	slices.Sort(places)
	var x [8]byte
	number := func(v uint64) {
		binary.LittleEndian.PutUint64(x[:], v)
		_, _ = h.Write(x[:])
	}
	for _, place := range places {
		_, _ = io.WriteString(h, "\x00"+place+"\x00")
		a := f.arrays[copies[place]]
		if a == nil {
			continue
		}
		for _, n := range a.Shape {
			number(uint64(n))
		}
		for _, v := range a.Data {
			number(math.Float64bits(v))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
