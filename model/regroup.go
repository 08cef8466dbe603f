package model

import (
	"slices"

	"gpusim/model/diag"
	"gpusim/model/yamltree"
)

// maxGroups is the largest number of networks that a sweep builds.
const maxGroups = 10_000

// StructureAxes are the indices of the axes that change the structure.
func (s *Sweep) StructureAxes() []int {
	var out []int
	for i, a := range s.Axes {
		if a.Structure {
			out = append(out, i)
		}
	}
	return out
}

// structures lists the values of the structure's axes that the points have, in the
// order in which they come.
func (s *Sweep) structures() [][]float64 {
	axes := s.StructureAxes()
	if len(axes) == 0 {
		return nil
	}
	var out [][]float64
	if !s.Zip {
		out = [][]float64{nil}
		for _, i := range axes {
			var next [][]float64
			for _, p := range out {
				for _, v := range s.Axes[i].Values {
					next = append(next, append(slices.Clip(p), v))
				}
			}
			out = next
		}
		return out
	}
	seen := map[string]bool{}
	for k := range s.Axes[0].Values {
		var p []float64
		key := ""
		for _, i := range axes {
			v := s.Axes[i].Values[k]
			p, key = append(p, v), key+num(v)+" "
		}
		if !seen[key] {
			seen[key], out = true, append(out, p)
		}
	}
	return out
}

// checkStructures reads the file with each structure of the sweep, and reports
// what is wrong with the first that cannot be.
func (l *loader) checkStructures() {
	s := l.file.Sweep
	if s == nil || len(l.list.Problems) > 0 {
		return
	}
	all := s.structures()
	if len(all) > maxGroups {
		l.errorf(s.At, "the sweep has %d structures, and each is a network of its own; the most is %d", len(all), maxGroups)
		return
	}
	for _, values := range all {
		g := l.file.regroup(values)
		if len(g.list.Problems) == 0 {
			continue
		}
		for _, p := range g.list.Problems {
			q := l.errorf(p.Pos, "with %s of the sweep: %s", s.StructureText(values), p.Msg)
			q.Hint = p.Hint
		}
		return
	}
}

// StructureText says which values the axes of the structure have.
func (s *Sweep) StructureText(values []float64) string {
	text := ""
	for k, i := range s.StructureAxes() {
		if k > 0 {
			text += ", "
		}
		text += s.Axes[i].Name + "=" + s.Axes[i].text(values[k])
	}
	return text
}

// WithStructure gives the file with these values of the axes that change the
// structure, in their order: as it is read with --set of them. It has no sweep.
func (f *File) WithStructure(values []float64) (*File, error) {
	g := f.regroup(values)
	if err := g.list.Err(); err != nil {
		return nil, err
	}
	return g.file, NotBuilt(g.file)
}

// regroup reads the file again with values of its sweep's structure. Arrays are
// those that were read before.
func (f *File) regroup(values []float64) *loader {
	l := newLoader(f.Source, f.Dir, f.opts)
	l.arrays, l.file.arrays = f.arrays, f.arrays
	l.root = f.tree.Clone()
	l.root.Delete("sweep")
	defer func() {
		if r := recover(); r != nil {
			if _, full := r.(diag.TooMany); !full {
				panic(r)
			}
		}
	}()
	for k, i := range f.Sweep.StructureAxes() {
		a := f.Sweep.Axes[i]
		at := a.At
		for j, v := range a.Values {
			if v == values[k] && a.places != nil {
				at = a.places[j]
				break
			}
		}
		path := l.resolve(a.Name, a.At)
		if path != nil && !l.root.Set(yamltree.NewScalar(a.text(values[k]), at), path...) {
			l.errorf(a.At, "the file has no %s", quoted(a.Name))
		}
	}
	if len(l.list.Problems) > 0 {
		return l
	}
	l.read()
	for _, a := range f.Sweep.Axes {
		if a.Structure || len(l.list.Problems) > 0 {
			continue
		}
		if structure, ok := l.sweepable(a.Name, a.At); ok && structure {
			l.errorf(a.At, "%s (which %s depends on) is structure here, and is not in the file as it stands", a.Name, l.shaping[a.Name]).Hint =
				"sweep it apart, in a file that has this structure"
		}
	}
	return l
}
