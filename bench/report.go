package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// floor is what the project has set itself: a program takes at most so many
// times as long as another, or another takes at least so many times as long.
type floor struct {
	what     string
	slow     string // "best Brian2" stands for the faster of those there are
	fast     string
	limit    float64
	atLeast  bool // slow/fast is at least the limit; else at most
	expected string
}

const bestBrian = "best Brian2"

// check prints OK or MISSED; "not measured" where a program is not there.
func (f *floor) check(w io.Writer, t *task) {
	slow, fast := t.program(f.slow), t.program(f.fast)
	if f.slow == bestBrian {
		slow = t.bestBrian()
	}
	sign := "at most"
	if f.atLeast {
		sign = "at least"
	}
	if slow == nil || fast == nil {
		fmt.Fprintf(w, "- %s (%s %g): not measured\n", f.what, sign, f.limit)
		return
	}
	r := ratios(slow.seconds, fast.seconds)
	verdict := "MISSED"
	if m := median(r); (f.atLeast && m >= f.limit) || (!f.atLeast && m <= f.limit) {
		verdict = "OK"
	}
	fmt.Fprintf(w, "- %s (%s %g): **%s**, %.2f (%.2f to %.2f)", f.what, sign, f.limit, verdict, median(r), slices.Min(r), slices.Max(r))
	if f.slow == bestBrian {
		fmt.Fprintf(w, "; the best is %s", slow.name)
	}
	if f.expected != "" && verdict == "MISSED" {
		fmt.Fprintf(w, "; %s", f.expected)
	}
	fmt.Fprintln(w)
}

// bestBrian is the Brian2 program with the least median.
func (t *task) bestBrian() (best *program) {
	for _, p := range t.programs {
		if strings.HasPrefix(p.name, "Brian2") && (best == nil || median(p.seconds) < median(best.seconds)) {
			best = p
		}
	}
	return best
}

// print prints what the programs took, as Markdown.
func (t *task) print(w io.Writer) error {
	reference := t.programs[0]
	spikes := 0
	for _, point := range reference.spikes {
		spikes += sum(point)
	}
	fmt.Fprintf(w, "\n## %s\n\n", upperFirst(t.String()))
	neurons := t.points * t.size
	fmt.Fprintf(w, "%d spikes, %.1f Hz a neuron. %d rounds in turns, after one that is not counted.\n\n", spikes,
		float64(spikes)/float64(neurons)/(t.duration/1e3), t.rounds)
	base := t.program(cOne)
	if base == nil {
		base = t.program(cPerSynapse)
	}
	fmt.Fprintln(w, "| program | precision | threads | form | median ms | least to most | ns per neuron-step | times C | spike counts |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|")
	for _, p := range t.programs {
		same := "as gpu's"
		switch {
		case p == reference:
			same = ""
		case p.spikes == nil:
			same = "not looked at"
		default:
			n, most := differing(reference.spikes, p.spikes)
			if n < 0 || most > 1 || float64(n) > tolerated*float64(neurons) {
				return fmt.Errorf("%s: %s and %s did not compute the same: %s", t, reference.name, p.name, difference(reference.spikes, p.spikes))
			}
			if n > 0 {
				same = fmt.Sprintf("%d of %d differ, by 1", n, neurons)
			}
		}
		times := ""
		if base != nil {
			r := ratios(p.seconds, base.seconds)
			times = fmt.Sprintf("%.2f (%.2f to %.2f)", median(r), slices.Min(r), slices.Max(r))
		}
		k := kinds[p.name]
		m := median(p.seconds)
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s to %s | %.2f | %s | %s |\n", p.name, k[0], k[1], k[2], ms(m),
			ms(slices.Min(p.seconds)), ms(slices.Max(p.seconds)), m*1e9/t.work, times, same)
	}
	if t.gpu != nil {
		fmt.Fprintf(w, "\ngpu: %s; built and planned in %.0f ms.\n", t.gpu.Plan()[0], t.built.Seconds()*1e3)
	}
	return nil
}

// tolerated is the share of the neurons whose counts may differ by one spike:
// float32 and float64, or sums in another order, shift a spike by a step now
// and then, and some are the last before the end.
const tolerated = 0.02

// differing is the number of neurons whose counts differ, and by how much at
// most; less than 0 where the shapes differ.
func differing(a, b [][]int) (n, most int) {
	if len(a) != len(b) {
		return -1, 0
	}
	for k := range a {
		if len(a[k]) != len(b[k]) {
			return -1, 0
		}
		for i := range a[k] {
			if d := max(a[k][i]-b[k][i], b[k][i]-a[k][i]); d > 0 {
				n, most = n+1, max(most, d)
			}
		}
	}
	return n, most
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
