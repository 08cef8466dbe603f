package model

import (
	"strings"

	"gpusim/model/yamltree"
)

// inputArray says what the elements of an array that a flag gives an input are:
// what those of the array that is there are, or one a neuron where there are as
// many as its neurons. Elsewhere the array stays as it is, and reading it asks.
func (l *loader) inputArray(path []string, array *yamltree.Node, file string) ([]string, *yamltree.Node) {
	if len(path) != 3 || path[0] != "inputs" || path[2] != "value" {
		return path, array
	}
	if now := l.root.Get(path...); now != nil && now.Kind == yamltree.Map {
		for _, key := range inputShapes {
			if now.Entry(key) != nil {
				return append(path[:3:3], key), array
			}
		}
		return path, array
	}
	to := l.root.Get("inputs", path[1], "to")
	if to == nil || to.Kind != yamltree.Scalar {
		return path, array
	}
	parts := strings.Split(to.Text, ".")
	size := l.peek("populations", parts[0], "size")
	if len(parts) == 3 { // population.group.input
		size = l.peek("populations", parts[0], "groups", parts[1], "1") - l.peek("populations", parts[0], "groups", parts[1], "0")
	}
	_, shape, err := l.opts.ReadArray(file)
	if err != nil || len(shape) != 1 || float64(shape[0]) != size {
		return path, array
	}
	m := yamltree.NewMap(array.Pos, true)
	m.Entries = append(m.Entries, &yamltree.Entry{Key: "per_neuron", KeyPos: array.Pos, Value: array})
	return path, m
}
