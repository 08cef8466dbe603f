package main

import (
	"fmt"
	"io"
)

// benchCase is a task with what its programs are held to.
type benchCase struct {
	task   *task
	floors []floor
}

// cases are what bench measures. Larger networks run for fewer steps, so that
// all of it takes minutes.
func cases() []benchCase {
	single := []string{gpuPlanned, gpuUnplanned, cOne, cTwo, brianOne, brianTwo}
	floors := func(c, brian float64) []floor {
		list := []floor{{"gpu against C, one thread", gpuPlanned, cOne, c, false, ""}}
		return append(list, floor{"Brian2 against gpu", bestBrian, gpuPlanned, brian, true, ""})
	}
	return []benchCase{
		{
			&task{title: "one run", size: 100, points: 1, duration: 500, rounds: 7,
				with: []string{gpuPlanned, gpuUnplanned, float64CPU, cOne, cTwo, cPerSynapse, brianOne, brianTwo, brianCython}},
			floors(2, 4),
		},
		{&task{title: "one run", size: 1000, points: 1, duration: 500, rounds: 5, with: single}, floors(3, 3.5)},
		{&task{title: "one run", size: 4000, points: 1, duration: 200, rounds: 3, with: single}, nil},
		{&task{title: "one run", size: 10000, points: 1, duration: 100, rounds: 3, with: single}, floors(4, 2.5)},
		{
			&task{title: "sweep", size: 100, points: 11, duration: 500, rounds: 5,
				with: []string{gpuPlanned, float64CPU, cOne, brianOne, brianTwo}},
			[]floor{{"Brian2's 11 networks in one run against gpu", bestBrian, gpuPlanned, 6, true, ""}},
		},
		{&task{title: "sweep", size: 100, points: 110, duration: 200, rounds: 3, with: []string{gpuPlanned, gpuAlone, cOne}}, nil},
		{
			&task{title: "sweep", size: 100, points: 1100, duration: 100, rounds: 3, with: []string{gpuPlanned, gpuAlone, cOne}},
			[]floor{{"a single run against a point of the sweep, both cores", gpuAlone, gpuPlanned, 1.8, true, ""}},
		},
		{
			&task{title: "one run, a state for each synapse", size: 1000, points: 1, duration: 20, rounds: 3,
				with: []string{gpuPerSynapse, cPerSynapse}},
			[]floor{{"gpu against C, one thread, the same form", gpuPerSynapse, cPerSynapse, 3, false,
				"llvmpipe walks a vector's accesses to storage buffers lane by lane"}},
		},
	}
}

// What the notebook that gpusim is built after takes, as it says itself; it is
// not run here.
const (
	notebookRun   = 2.1 // s, a run of 100 neurons, a state for each synapse
	notebookSweep = 23  // s, 11 of them
)

// beforeUs sets one run beside the notebook's, and says how much of the
// difference is the algorithm.
func beforeUs(w io.Writer, t *task) {
	ours := median(t.program(gpuPlanned).seconds)
	algorithm := median(ratios(t.program(cPerSynapse).seconds, t.program(cOne).seconds))
	verdict := "MISSED"
	if notebookRun/ours >= 80 {
		verdict = "OK"
	}
	fmt.Fprintf(w, "- the notebook's %g s a run, quoted, against gpu (at least 80): **%s**, %.0f\n", notebookRun, verdict, notebookRun/ours)
	fmt.Fprintf(w, "- of that the algorithm, one sum of s instead of a state for each synapse, is %.1f times (C in both forms); the rest, %.0f times, is the program\n",
		algorithm, notebookRun/ours/algorithm)
}
