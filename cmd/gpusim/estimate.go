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
	size := min(len(points), network.FirstBatch)
	x, err := estimate(e, p, size)
	for errors.Is(err, ir.ErrTooLarge) && size > 1 {
		size = (size + 1) / 2
		x, err = estimate(e, p, size)
	}
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
