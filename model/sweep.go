package model

import "gpusim/model/diag"

// Axis is one swept name and its values, given by a spec or by a list.
type Axis struct {
	At     diag.Pos
	Name   string // object.variable, constant, inputs.K.value, run.seed, or a name of the structure
	Values []float64
	// Words are what the values stand for where they are no numbers, such as
	// methods: value k is Words[k].
	Words []string
	// Structure says that a new value needs a network of its own.
	Structure bool
	Log       bool // the values are spaced, or drawn, evenly in their logarithms

	places []diag.Pos // of the values; nil: At
}

// Word is the word that a value stands for, "" where the axis has numbers.
func (a *Axis) Word(v float64) string {
	if k := int(v); k >= 0 && k < len(a.Words) {
		return a.Words[k]
	}
	return ""
}

// text writes a value as --set takes it.
func (a *Axis) text(v float64) string {
	if w := a.Word(v); w != "" {
		return w
	}
	return num(v)
}

// The designs of a sweep.
const (
	Grid           = "grid"            // all pairs of values, the last axis varying fastest
	Zip            = "zip"             // the values of the axes side by side
	Listed         = "list"            // points given one by one
	Random         = "random"          // points drawn one by one
	LatinHypercube = "latin_hypercube" // one point in each stratum of each axis
	Sobol          = "sobol"           // a scrambled Sobol' sequence
)

// drawnDesigns are those whose points are drawn in all axes together.
var drawnDesigns = []string{Random, LatinHypercube, Sobol}

// Sweep is the points of a sweep: a grid of its axes in file order, the last
// varying fastest, or, where Zip is set, their values side by side; whatever the
// design is, its points stand so. Each of them is run with each of the Seeds.
type Sweep struct {
	At     diag.Pos
	Axes   []*Axis
	Zip    bool
	Design string    // "" is Grid, or Zip where that is set
	Seeds  []float64 // values of run.seed, varying faster than the axes; nil: not repeated
}

// Drawn reports whether the points lie at random.
func (s *Sweep) Drawn() bool { return contains(drawnDesigns, s.Design) }

// Names are those of the numbers of a point: the axes', then run.seed where the
// points are repeated.
func (s *Sweep) Names() []string {
	var names []string
	for _, a := range s.Axes {
		names = append(names, a.Name)
	}
	if s.Seeds != nil {
		names = append(names, runSeed)
	}
	return names
}

// Word is the word that number i of a point stands for, "" where it is a number.
func (s *Sweep) Word(i int, v float64) string {
	if i < len(s.Axes) {
		return s.Axes[i].Word(v)
	}
	return ""
}

const runSeed = "run.seed"
