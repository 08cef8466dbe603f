package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// program is one way to do a task.
type program struct {
	name    string
	run     func(context.Context) (sample, error)
	first   float64   // seconds of the round that is not counted
	seconds []float64 // of the others
	spikes  [][]int   // of each point, of each neuron
	loose   bool      // its sums are in another order each time: see tolerated
}

// sample is what one timed execution left.
type sample struct {
	seconds float64
	spikes  [][]int // nil where they are not looked at
}

// measure runs the programs in turns, after one round that is not counted. The
// spikes of every round must be those of the first.
func measure(ctx context.Context, programs []*program, rounds int) error {
	for round := range rounds + 1 {
		for _, p := range programs {
			if err := ctx.Err(); err != nil {
				return err
			}
			s, err := p.run(ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			if round == 0 {
				p.first, p.spikes = s.seconds, s.spikes
				continue
			}
			if at := difference(p.spikes, s.spikes); at != "" && !p.loose {
				return fmt.Errorf("%s: two executions differ: %s", p.name, at)
			}
			p.seconds = append(p.seconds, s.seconds)
		}
	}
	return nil
}

// difference says where two sets of spike counts differ, "" if nowhere.
func difference(a, b [][]int) string {
	if len(a) != len(b) {
		return fmt.Sprintf("%d and %d points", len(a), len(b))
	}
	for k := range a {
		if len(a[k]) != len(b[k]) {
			return fmt.Sprintf("%d and %d neurons at point %d", len(a[k]), len(b[k]), k)
		}
		for i := range a[k] {
			if a[k][i] != b[k][i] {
				return fmt.Sprintf("%d and %d spikes of neuron %d at point %d (of all neurons %d and %d)",
					a[k][i], b[k][i], i, k, sum(a[k]), sum(b[k]))
			}
		}
	}
	return ""
}

func sum(x []int) (total int) {
	for _, v := range x {
		total += v
	}
	return total
}

// median is the middle of x, or the mean of the two in the middle.
func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}

// differences subtracts pair by pair: from rounds the same rounds.
func differences(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] - b[i]
	}
	return out
}

// ratios divides pair by pair.
func ratios(a, b []float64) []float64 {
	out := make([]float64, len(a))
	for i := range a {
		out[i] = a[i] / b[i]
	}
	return out
}

func ms(seconds float64) string { return fmt.Sprintf("%.2f", seconds*1e3) }
func us(seconds float64) string { return fmt.Sprintf("%.2f", seconds*1e6) }

// table prints columns, the first to the left and the others to the right.
type table struct {
	w   io.Writer
	tab *tabwriter.Writer
	b   strings.Builder
}

func newTable(w io.Writer, head ...string) *table {
	t := &table{w: w}
	t.tab = tabwriter.NewWriter(&t.b, 0, 0, 2, ' ', tabwriter.AlignRight)
	t.row(head...)
	return t
}

func (t *table) row(cells ...string) {
	const width = 48 // of the first column
	fmt.Fprintf(t.tab, "  %-*s\t%s\t\n", width, cells[0], strings.Join(cells[1:], "\t"))
}

func (t *table) flush() {
	t.tab.Flush()
	fmt.Fprint(t.w, t.b.String())
}

// timed is the seconds that f takes.
func timed(f func() error) (float64, error) {
	began := time.Now()
	err := f()
	return time.Since(began).Seconds(), err
}

// repeated is the median of the seconds that f takes, of n times.
func repeated(n int, f func() error) (float64, error) {
	var all []float64
	for range n {
		s, err := timed(f)
		if err != nil {
			return 0, err
		}
		all = append(all, s)
	}
	return median(all), nil
}
