package network

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gpusim/model"
)

// runGroups runs the points of one structure after those of another.
func (w *sweep) runGroups(ctx context.Context) error {
	groups := Groups(w.base)
	var todo [][]int
	kept := groups[:0]
	for _, g := range groups {
		if points := common(g.Points, w.all); len(points) > 0 {
			todo, kept = append(todo, points), append(kept, g)
		}
	}
	if names := structureNames(w.base.Sweep); len(kept) > 1 && w.opts.Note != nil {
		w.opts.Note(fmt.Sprintf("the structure is swept (%s): %d networks are built, one after another", names, len(kept)))
	}
	for i, g := range kept {
		var err error
		if w.file, err = g.File(); err != nil {
			return err
		}
		w.given, w.todo = g.Given, todo[i]
		w.begun, w.done = 0, 0
		w.size = newBatchSize(w.opts, len(w.todo))
		err = w.runAll(ctx)
		if e := w.close(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
		w.before += len(w.todo)
		if i > 0 {
			w.out.Counters.Rebuilds++
		}
	}
	return nil
}

// structureNames names what is swept of the structure.
func structureNames(s *model.Sweep) string {
	var names []string
	for _, i := range s.StructureAxes() {
		names = append(names, s.Axes[i].Name)
	}
	return strings.Join(names, ", ")
}

// chooseTodo lists the points to do.
func (w *sweep) chooseTodo() error {
	if w.opts.Only == nil {
		for k := range w.points {
			w.all = append(w.all, k)
		}
	} else {
		w.all = slices.Clone(w.opts.Only)
	}
	for i, k := range w.all {
		if k < 0 || k >= len(w.points) || i > 0 && k <= w.all[i-1] {
			return fmt.Errorf("point %d: the points to do are ascending numbers from 0 to %d", k, len(w.points)-1)
		}
	}
	return nil
}

// common lists the numbers that two ascending lists have both.
func common(a, b []int) (both []int) {
	for _, k := range a {
		if _, found := slices.BinarySearch(b, k); found {
			both = append(both, k)
		}
	}
	return both
}
