package network

import "gpusim/model"

// SweepPoints lists the points of a sweep: the grid of its axes in file order,
// the last varying fastest, or with Zip the axes side by side.
func SweepPoints(s *model.Sweep) (names []string, points [][]float64) {
	if s == nil {
		return nil, nil
	}
	for _, a := range s.Axes {
		names = append(names, a.Name)
	}
	if len(s.Axes) == 0 {
		return nil, nil
	}
	if s.Zip {
		count := len(s.Axes[0].Values)
		for _, a := range s.Axes {
			count = min(count, len(a.Values))
		}
		for i := range count {
			var p []float64
			for _, a := range s.Axes {
				p = append(p, a.Values[i])
			}
			points = append(points, p)
		}
		return names, points
	}
	points = [][]float64{nil}
	for _, a := range s.Axes {
		var next [][]float64
		for _, p := range points {
			for _, v := range a.Values {
				next = append(next, append(p[:len(p):len(p)], v))
			}
		}
		points = next
	}
	return names, points
}
