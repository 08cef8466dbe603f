package network

import "gpusim/model/ir"

// Device builds step programs: what gpu.Open or cpuref.New gives.
type Device interface {
	// Info says what the device is.
	Info() DeviceInfo
	// Build compiles p and allocates the arrays of the given number of
	// instances. Arrays start at zero (ir.NeverSpiked for ir.Last).
	Build(p *ir.Program, instances int) (Engine, error)
	Close() error
}

// DeviceInfo describes a device as summary.json prints it.
type DeviceInfo = ir.DeviceInfo

// Engine holds a built program and the state of its instances. A program that
// uses networks has no need of it. Package ir declares it, so that the engines
// need not import this package.
type Engine = ir.Engine

// Slice is what a slice of steps left: spikes and records.
type Slice = ir.Slice

// Counters count what runs the user's work; Plan counts the planner's own.
type Counters = ir.Counters
