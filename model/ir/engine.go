package ir

import "context"

// Engine holds a built program and the state of its instances. It is used by
// one goroutine at a time.
type Engine interface {
	// Write sets a variable: data has the variable's Len elements, which all
	// instances then share, or Len for each instance one after another.
	// Params and Samples that all instances share are stored once.
	Write(v VarID, data []float64) error
	// Read gets the variable's Len elements of one instance.
	Read(v VarID, instance int) ([]float64, error)
	// Save copies all state (Role.IsState) aside on the device; Restore
	// copies it back. Neither moves a byte between host and device.
	Save() error
	Restore() error
	// Resize takes another number of instances and keeps what was compiled:
	// variables are as in an engine that was just built. After an error there is
	// nothing left to do but Close.
	Resize(instances int) error
	// Run does the steps first to first+steps-1 and calls sink after each
	// slice with what it left, in order. The context is looked at between
	// slices: done is the number of steps that were finished, also when err
	// is not nil.
	Run(ctx context.Context, first int64, steps int, sink func(*Slice) error) (done int, err error)
	// SetOrigin sets the step that the samples of inputs count from; at first
	// it is 0.
	SetOrigin(step int64)
	// Counters are what this engine has done since it was built.
	Counters() Counters
	// Plan says how the program runs on the device, a line a fact.
	Plan() []string
	Close() error
}
