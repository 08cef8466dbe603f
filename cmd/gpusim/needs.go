package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"

	"gpusim/measure"
	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/network"
)

// spikeBytes is what a spike takes on the disk: an int64 and an int32.
const spikeBytes = 12

// needs is what a run will take, as far as it is known before it starts.
type needs struct {
	device, memory float64 // bytes, about
	most           int64   // bytes that this machine has
	whose          string  // limit that is
	rows           []rowNeed
	disk           int64  // bytes of all rows; as many again while traces.npz is made
	dir            string // of the results
	free           int64  // bytes in the file system of dir; -1: not known
}

// rowNeed is what the rows of a recorded variable take on the disk.
type rowNeed struct {
	network.Recording
	lines, bytes int64
}

// needsOf tells what a run of a file into dir takes. A number has numberBytes on
// the device.
func needsOf(f *model.File, p *ir.Program, recordings []network.Recording, numberBytes int, dir string) *needs {
	n := &needs{dir: dir, free: freeBytes(existing(dir))}
	n.most, n.whose = f.MemoryLimit()
	size := float64(numberBytes)
	for i := range p.Vars {
		v := &p.Vars[i]
		if each := float64(v.Len); v.Role.IsState() {
			n.device += 2 * size * each // it is saved too
			n.memory += model.StateBytes * each
		} else {
			n.device += size * each
			n.memory += model.NumberBytes * each
		}
	}
	for i := range p.Projections {
		c := &p.Projections[i].Conn
		if c.Kind == ir.List {
			n.device += 8 * float64(c.Len()) // both ends
			n.memory += model.SynapseBytes * float64(c.Len())
		}
	}
	first, steps := model.StepOf(f.Run.Start, f.Dt), int64(f.Steps())
	for _, r := range recordings {
		if r.Hidden {
			continue
		}
		lines := r.Rows(first, steps)
		bytes := float64(lines) * (8*float64(r.Len) + 8)
		n.rows = append(n.rows, rowNeed{r, lines, int64(math.Min(bytes, math.MaxInt64/4))})
		n.disk = int64(math.Min(float64(n.disk)+bytes, math.MaxInt64/4))
	}
	for _, m := range f.Measures {
		n.memory += measureBytes(m, float64(steps), f.Dt)
	}
	return n
}

// measureBytes is about the memory that a measure takes while a run goes on.
func measureBytes(m *model.Measure, steps, dt float64) float64 {
	start, stop := m.Of.Span(m.Group)
	size := float64(stop - start)
	if m.Kind != crossCorrelation {
		return 16 * size
	}
	bins := steps / float64(measure.BinSteps(m.Bin, dt))
	return size * math.Min(bins/8, 4*size) // of measure.Correlator
}

// existing is the nearest folder above dir that there is.
func existing(dir string) string {
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			return dir
		}
		dir = up
	}
}

// refuse reports rows that the disk has no room for, and what would fit.
func (n *needs) refuse(steps int) error {
	if n.free < 0 || n.disk <= n.free/2 {
		return nil
	}
	most := n.rows[0]
	for _, r := range n.rows {
		if r.bytes > most.bytes {
			most = r
		}
	}
	what := fmt.Sprintf("%d rows of %s take %d bytes on the disk", most.lines, most.Name, n.disk)
	if len(n.rows) > 1 {
		what = fmt.Sprintf("the rows of %s take %d bytes on the disk, most of it %s", plural(len(n.rows), "variable"), n.disk, most.Name)
	}
	// Halved, as there has to be room for traces.npz beside.
	fit := "nothing fits there"
	if n.free > 0 {
		every := math.Ceil(float64(most.Every) * float64(n.disk) / (float64(n.free) / 2))
		fit = fmt.Sprintf("{every: %.0f} in place of {every: %d} would fit; so would fewer elements, with of, their mean, or fewer steps than %d",
			every, most.Every, steps)
	}
	return fmt.Errorf("%s, and as much again while traces.npz is made of them, and %s has %d free: %s", what, existing(n.dir), n.free, fit)
}

// line says it in a line, for the begin of a run.
func (n *needs) line() string {
	b := &strings.Builder{}
	fmt.Fprintf(b, "state and synapses take about %s on the device and %s of memory", bytesText(n.device), bytesText(n.memory))
	if n.disk > 0 {
		fmt.Fprintf(b, "; recorded rows take %s on the disk, twice that at the end", bytesText(float64(n.disk)))
	}
	fmt.Fprintf(b, "; %d bytes a spike", spikeBytes)
	if n.free >= 0 {
		fmt.Fprintf(b, "; %s free", bytesText(float64(n.free)))
	}
	return b.String()
}

// text lists what a run leaves on the disk, and what it takes here, for gpusim
// check.
func (n *needs) text() string {
	t := &table{head: []string{"a run leaves", "every", "rows", "numbers a row", "bytes"}, text: 1}
	for _, r := range n.rows {
		t.rows = append(t.rows, []string{r.Name, fmt.Sprint(r.Every), fmt.Sprint(r.lines), fmt.Sprint(r.Len), fmt.Sprint(r.bytes)})
	}
	if len(n.rows) > 1 {
		t.rows = append(t.rows, []string{"in all", "", "", "", fmt.Sprint(n.disk)})
	}
	t.rows = append(t.rows, []string{"spikes", "", "", "", fmt.Sprintf("%d each", spikeBytes)})
	b := &strings.Builder{}
	fmt.Fprintf(b, "\n%s\n", t)
	if n.disk > 0 {
		fmt.Fprintf(b, "while traces.npz is made of them, rows take %d bytes\n", 2*n.disk)
	}
	if n.free >= 0 {
		fmt.Fprintf(b, "free where %s goes: %d bytes\n", n.dir, n.free)
	}
	fmt.Fprintf(b, "memory for state, synapses and measures: about %.0f bytes, whatever the duration; %s %d\n", n.memory, n.whose, n.most)
	return b.String()
}

// bytesText writes a number of bytes for people: three digits and a unit.
func bytesText(n float64) string {
	unit := 0
	for ; n >= 999.5 && unit < len(byteUnits)-1; unit++ {
		n /= 1000
	}
	return number(round(n, 3)) + " " + byteUnits[unit]
}

var byteUnits = [...]string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}
