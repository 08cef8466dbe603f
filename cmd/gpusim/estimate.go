package main

import (
	"errors"
	"fmt"
	"strings"

	"gpusim/gpu"
	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/network"
)

// estimator is a device that can say what a program would take.
type estimator interface {
	Estimate(p *ir.Program, instances int) (*ir.Estimate, error)
}

// printPlan says how the device would run the program, once and for the file's
// sweep. What it cannot run is an error, with the numbers.
func (a *app) printPlan(p *ir.Program, file *networkFile, name string, plan gpu.Options) error {
	device, err := a.openDevice(name, plan)
	if err != nil {
		return err
	}
	defer device.Close()
	e, ok := device.(estimator)
	if !ok {
		return nil
	}
	info := device.Info()
	fmt.Fprintf(a.out, "\ndevice: %s, %s\n", info.Device, info.Precision)
	one, err := estimate(e, p, 1)
	if err != nil {
		return err
	}
	fmt.Fprintf(a.out, "form: %s\n", one.Form)
	for _, why := range one.Why {
		fmt.Fprintf(a.out, "  %s\n", why)
	}
	if one.Slice > 0 {
		fmt.Fprintf(a.out, "  %s a slice at most\n", plural(one.Slice, "step"))
	}
	fmt.Fprintf(a.out, "\n%s", bufferTable(one))
	if file.Sweep == nil {
		return nil
	}
	if len(file.Sweep.StructureAxes()) > 0 {
		return a.printGroupsPlan(e, file.File)
	}
	return a.printSweepPlan(e, p, file.Sweep)
}

// estimate is the device's, or an error where a buffer is larger than the device
// takes.
func estimate(e estimator, p *ir.Program, instances int) (*ir.Estimate, error) {
	x, err := e.Estimate(p, instances)
	if err != nil {
		return nil, err
	}
	for _, b := range x.Buffers {
		if b.Limit > 0 && b.Bytes > b.Limit {
			return nil, fmt.Errorf("%s: the buffer %s of %s takes %d bytes, and the device holds %d in one: %w", p.Name, b.Name,
				plural(instances, "instance"), b.Bytes, b.Limit, ir.ErrTooLarge)
		}
	}
	return x, nil
}

// bufferTable lists the buffers, and their sum.
func bufferTable(x *ir.Estimate) *table {
	t := &table{head: []string{"buffer", "bytes", "of an instance", "limit"}, text: 1}
	var bytes, each int64
	for _, b := range x.Buffers {
		limit := "-"
		if b.Limit > 0 {
			limit = fmt.Sprint(b.Limit)
		}
		t.rows = append(t.rows, []string{b.Name, fmt.Sprint(b.Bytes), fmt.Sprint(b.PerInstance), limit})
		bytes, each = bytes+b.Bytes, each+b.PerInstance
	}
	t.rows = append(t.rows, []string{"in all", fmt.Sprint(bytes), fmt.Sprint(each), ""})
	return t
}

// printSweepPlan says how many points of a sweep run side by side at first: a batch
// that does not fit is halved until it does, as the sweep itself does it.
func (a *app) printSweepPlan(e estimator, p *ir.Program, sweep *model.Sweep) error {
	names, points := network.SweepPoints(sweep)
	size, x, err := firstBatch(e, p, len(points))
	if err != nil {
		return err
	}
	how := "all at once"
	if size < len(points) {
		how = fmt.Sprintf("in batches, the first of %d", size)
	}
	fmt.Fprintf(a.out, "\nsweep over %s: %s, %s\n\n%s", strings.Join(names, ", "), plural(len(points), "point"), how, bufferTable(x))
	return nil
}

// firstBatch is how many of so many points run side by side at first, and what
// they take.
func firstBatch(e estimator, p *ir.Program, points int) (size int, x *ir.Estimate, err error) {
	size = min(points, network.FirstBatch)
	x, err = estimate(e, p, size)
	for errors.Is(err, ir.ErrTooLarge) && size > 1 {
		size = (size + 1) / 2
		x, err = estimate(e, p, size)
	}
	return size, x, err
}

// shownGroups is how many structures of a sweep are planned for.
const shownGroups = 20

// printGroupsPlan says what the networks of a sweep take whose structure is swept.
func (a *app) printGroupsPlan(e estimator, f *model.File) error {
	groups := network.Groups(f)
	t := &table{head: []string{"structure", "points", "first batch", "bytes"}, text: 1}
	points := 0
	for i, g := range groups {
		points += len(g.Points)
		if i >= shownGroups {
			continue
		}
		gf, err := g.File()
		if err != nil {
			return err
		}
		p, err := lowered(gf)
		if err != nil {
			return err
		}
		size, x, err := firstBatch(e, p, len(g.Points))
		if err != nil {
			return fmt.Errorf("%s: %w", g.Text, err)
		}
		var bytes int64
		for _, b := range x.Buffers {
			bytes += b.Bytes
		}
		t.rows = append(t.rows, []string{g.Text, fmt.Sprint(len(g.Points)), fmt.Sprint(size), fmt.Sprint(bytes)})
	}
	fmt.Fprintf(a.out, "\nsweep over %s: %s, in %s, built one after another\n\n%s",
		strings.Join(f.Sweep.Names(), ", "), plural(points, "point"), plural(len(groups), "network"), t)
	if n := len(groups) - shownGroups; n > 0 {
		fmt.Fprintf(a.out, "and %d more\n", n)
	}
	return nil
}
