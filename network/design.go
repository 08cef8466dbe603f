package network

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
	"slices"

	"gpusim/model"
)

// SweepPoints lists the points of a sweep: the grid of its axes in file order,
// the last varying fastest, or with Zip the axes side by side; each with each of
// the Seeds, which vary faster still. A value of an axis with words is the
// number of its word.
func SweepPoints(s *model.Sweep) (names []string, points [][]float64) {
	if s == nil || len(s.Axes) == 0 && s.Seeds == nil {
		return nil, nil
	}
	switch {
	case len(s.Axes) == 0:
		points = [][]float64{nil}
	case s.Zip:
		points = zipped(s.Axes)
	default:
		points = [][]float64{nil}
		for _, a := range s.Axes {
			points = crossed(points, a.Values)
		}
	}
	if s.Seeds != nil {
		points = crossed(points, s.Seeds)
	}
	return s.Names(), points
}

// crossed gives each point each of the values.
func crossed(points [][]float64, values []float64) [][]float64 {
	out := make([][]float64, 0, len(points)*len(values))
	for _, p := range points {
		for _, v := range values {
			out = append(out, append(slices.Clip(p), v))
		}
	}
	return out
}

func zipped(axes []*model.Axis) (points [][]float64) {
	count := len(axes[0].Values)
	for _, a := range axes {
		count = min(count, len(a.Values))
	}
	for k := range count {
		var p []float64
		for _, a := range axes {
			p = append(p, a.Values[k])
		}
		points = append(points, p)
	}
	return points
}

// DesignHash is a hash of the points of a sweep: of the names, and of all
// values in their order, words as words and numbers by their bits. Sweeps of
// one hash have the same points, whatever they were made from.
func DesignHash(s *model.Sweep) string {
	names, points := SweepPoints(s)
	h := sha256.New()
	text := func(t string) {
		_ = binary.Write(h, binary.LittleEndian, uint64(len(t))) // to a hash, which takes all
		h.Write([]byte(t))
	}
	text("gpusim design 1")
	for _, name := range names {
		text(name)
	}
	var b []byte
	for _, p := range points {
		b = b[:0]
		for i, v := range p {
			if w := s.Word(i, v); w != "" {
				text(w)
			} else {
				b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
			}
		}
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Group is the points of a sweep that have one structure, so that one network
// runs them all.
type Group struct {
	Text   string // the values of the structure, as in "method=rk4, cells.size=50"; "" where none is swept
	Points []int  // their numbers, ascending
	Given  []int  // which numbers of a point its instance is given: all but those of the structure

	file      *model.File
	structure []float64
}

// Groups deals the points of a file's sweep out by their structure, in the order in
// which the structures come.
func Groups(f *model.File) []Group {
	names, points := SweepPoints(f.Sweep)
	if len(points) == 0 {
		return nil
	}
	axes := f.Sweep.StructureAxes()
	var given []int
	for i := range names {
		if !slices.Contains(axes, i) {
			given = append(given, i)
		}
	}
	var groups []Group
	at := map[string]int{}
	for k, p := range points {
		var key []byte
		var structure []float64
		for _, i := range axes {
			key = binary.LittleEndian.AppendUint64(key, math.Float64bits(p[i]))
			structure = append(structure, p[i])
		}
		g, known := at[string(key)]
		if !known {
			g = len(groups)
			at[string(key)] = g
			groups = append(groups, Group{Given: given, file: f, structure: structure, Text: f.Sweep.StructureText(structure)})
		}
		groups[g].Points = append(groups[g].Points, k)
	}
	return groups
}

// File is the network file with the structure of the group: what is read with
// --set of its values.
func (g *Group) File() (*model.File, error) {
	if g.structure == nil {
		return g.file, nil
	}
	return g.file.WithStructure(g.structure)
}
