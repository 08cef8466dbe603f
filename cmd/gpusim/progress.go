package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progress tells the user how far a run is: a bar where standard error is a
// terminal, lines where --report asks for them, nothing with --quiet.
type progress struct {
	w        io.Writer // for lines
	terminal *os.File  // for the bar
	total    int       // steps, or whatever is counted
	done     int       // at the last call of at
	report   float64   // percent between lines; 0: no lines
	next     float64   // percent of the next line
	start    time.Time
	bars     *mpb.Progress // nil: no bar
	bar      *mpb.Bar
	stepMs   float64      // simulated time of one of total; 0: it is not shown
	points   int          // of a sweep; 0: it is not one
	reached  atomic.Int64 // points done
	from     int64        // done before the start, by another process
}

func (a *app) newProgress() *progress { return &progress{w: a.err, terminal: a.terminal} }

// begin begins to show the progress of what is called name.
func (p *progress) begin(name string, total int, f *flags) {
	p.total, p.start = total, time.Now()
	switch {
	case f.quiet:
	case f.report > 0:
		p.report, p.next = f.report, f.report
		fmt.Fprintln(p.w, "Start running ...")
	case isTerminal(p.terminal):
		name = string(clean([]byte(name)))
		p.bars = mpb.New(mpb.WithOutput(p.terminal), mpb.WithWidth(60))
		p.bar = p.bars.AddBar(int64(total)+1, // the whole of it would end the bar
			mpb.PrependDecorators(decor.Name(name+" ")),
			mpb.AppendDecorators(decor.Percentage(), decor.Name(" "), decor.Elapsed(decor.ET_STYLE_GO),
				decor.Any(func(s decor.Statistics) string { return p.beside(s.Current, time.Since(p.start)) })))
	}
}

// skip begins after steps that are done already.
func (p *progress) skip(done int) {
	p.done, p.from = done, int64(done)
	if p.bar != nil {
		p.bar.SetCurrent(int64(done))
	}
	if p.report > 0 {
		p.next = p.report * (math.Floor(100*float64(done)/float64(p.total)/p.report+1e-9) + 1)
	}
}

// beside is what stands beside the bar: the time left, as long as the rest goes as
// what is done, the simulated time per time, and a sweep's points.
func (p *progress) beside(done int64, took time.Duration) string {
	var text string
	left := int64(p.total) - done
	if done -= p.from; done > 0 && took > 0 {
		rest := time.Duration(float64(took) / float64(done) * float64(left))
		text += fmt.Sprintf(", %s left", rest.Round(time.Second))
		if p.stepMs > 0 {
			text += fmt.Sprintf(", %s ms/s", number(round(float64(done)*p.stepMs/took.Seconds(), 2)))
		}
	}
	if p.points > 0 {
		text += fmt.Sprintf(", %d of %s", p.reached.Load(), plural(p.points, "point"))
	}
	return text
}

// point reports that one point more of a sweep is done.
func (p *progress) point() { p.reached.Add(1) }

// at reports that so many steps are done.
func (p *progress) at(done int) {
	p.done = done
	if p.bar != nil {
		p.bar.SetCurrent(int64(done))
	}
	percent := 100 * float64(done) / float64(p.total)
	if p.report > 0 && percent >= p.next-1e-9 {
		reached := p.report * math.Floor(percent/p.report+1e-9)
		fmt.Fprintf(p.w, "Run %.1f%% used %.3f s.\n", reached, time.Since(p.start).Seconds())
		p.next = reached + p.report
	}
}

// within reports that so many steps of a piece are done. It moves the bar;
// lines are for the ends of pieces, which are on time.
func (p *progress) within(done, _ int) {
	if p.bar != nil {
		p.bar.SetCurrent(int64(p.done + done))
	}
}

// compiled reports the time that building took.
func (a *app) compiled(d time.Duration, f *flags) {
	if f.report > 0 && !f.quiet {
		fmt.Fprintf(a.err, "Compilation used %.4f s.\n", d.Seconds())
	}
}

// end takes the bar away, and reports the time that the run took.
func (p *progress) end(finished bool) {
	if p.bar != nil {
		p.bar.Abort(true)
		p.bars.Wait()
	}
	if p.report > 0 && finished {
		fmt.Fprintf(p.w, "Simulation is done in %.3f s.\n", time.Since(p.start).Seconds())
	}
}

// stops are the steps at which a run of total steps is interrupted: the ends
// of its pieces, and the steps at which a line of progress is due.
func stops(total, pieces int, report float64) []int {
	var out []int
	last := 0
	add := func(step int) {
		if step > last {
			out, last = append(out, step), step
		}
	}
	line := 1 // of progress, the next one
	for k := 1; k <= pieces; k++ {
		end := k*(total/pieces) + k*(total%pieces)/pieces // k total/pieces, without overflow
		for ; report > 0; line++ {
			step := int(math.Ceil(float64(line)*report/100*float64(total) - 1e-9))
			if step >= end {
				break
			}
			add(step)
		}
		add(end)
	}
	return out
}

func isTerminal(file *os.File) bool {
	if file == nil {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}
