package main

import (
	"context"
	"fmt"
	"io"

	"gpusim/model"
)

// batches says how many points of a sweep a second are computed, by how many run
// side by side: where more of them stop to help is the knee.
func batches(ctx context.Context, w io.Writer, m *machine, o options) error {
	file, err := gamma(100)
	if err != nil {
		return err
	}
	steps := int(model.StepOf(100, file.Dt))
	if o.quick {
		steps /= 10
	}
	sizes := []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024}
	var programs []*program
	for _, size := range sizes {
		n, err := compile(file, m.gpu, size, false)
		if err != nil {
			return fmt.Errorf("%d instances: %w", size, err)
		}
		defer n.Close()
		programs = append(programs, &program{name: fmt.Sprint(size), run: func(ctx context.Context) (sample, error) {
			s, err := runNetwork(ctx, n, steps)
			return sample{seconds: s.seconds}, err
		}})
	}
	if err := measure(ctx, programs, min(3, o.rounds)); err != nil {
		return err
	}
	fmt.Fprintf(w, "\n## Points a second by the number side by side\n\n%d neurons, %d steps a point; medians.\n\n", file.Populations[0].Size, steps)
	fmt.Fprintln(w, "| instances | ms a batch | points a second | times one at a time |")
	fmt.Fprintln(w, "|---|---|---|---|")
	rate := func(k int) float64 { return float64(sizes[k]) / median(programs[k].seconds) }
	knee := -1
	most := 0.0
	for k := range sizes {
		most = max(most, rate(k))
	}
	for k, p := range programs {
		fmt.Fprintf(w, "| %d | %s | %.1f | %.2f |\n", sizes[k], ms(median(p.seconds)), rate(k), rate(k)/rate(0))
		if knee < 0 && rate(k) >= kneeShare*most {
			knee = k
		}
	}
	fmt.Fprintf(w, "\nThe knee, the least number that reaches %.0f %% of the most: %d instances.\n", 100*kneeShare, sizes[knee])
	return nil
}

// kneeShare of the highest rate counts as all of it: rounds differ by about as
// much.
const kneeShare = 0.95
