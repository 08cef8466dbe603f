package main

import (
	"context"
	"errors"

	"gpusim/model"
	"gpusim/model/ir"
	"gpusim/network"
)

// lowered gives the step program of a file as the network would build it.
func lowered(f *model.File) (*ir.Program, error) {
	p, _, err := planned(f)
	return p, err
}

// planned gives the step program of a file, and what a run records.
func planned(f *model.File) (*ir.Program, []network.Recording, error) {
	d := &planDevice{}
	net, err := network.Compile(f, d, nil)
	if err != nil {
		return nil, nil, err
	}
	recordings, err := net.Recordings()
	return d.program, recordings, errors.Join(err, net.Close())
}

// planDevice is a network.Device that keeps the program it is to build, and
// builds nothing: it needs no memory and computes nothing.
type planDevice struct{ program *ir.Program }

func (d *planDevice) Info() network.DeviceInfo { return network.DeviceInfo{} }
func (d *planDevice) Close() error             { return nil }

func (d *planDevice) Build(p *ir.Program, _ int) (network.Engine, error) {
	d.program = p
	return planEngine{}, nil
}

// planEngine takes what it is given and does nothing.
type planEngine struct{}

var errPlanned = errors.New("nothing runs on a plan")

func (planEngine) SetOrigin(int64)                       {}
func (planEngine) Write(ir.VarID, []float64) error       { return nil }
func (planEngine) Read(ir.VarID, int) ([]float64, error) { return nil, errPlanned }
func (planEngine) Save() error                           { return nil }
func (planEngine) Restore() error                        { return nil }
func (planEngine) Resize(int) error                      { return nil }
func (planEngine) Counters() network.Counters            { return network.Counters{} }
func (planEngine) Plan() []string                        { return nil }
func (planEngine) Close() error                          { return nil }
func (planEngine) Run(context.Context, int64, int, func(*network.Slice) error) (int, error) {
	return 0, errPlanned
}
