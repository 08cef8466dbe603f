// Package network runs network files on a device: compile once, then Set, Run,
// Get and Reset as often as wanted.
//
// # A program
//
// It opens a device, loads a file, and compiles the network of the file on the
// device:
//
//	device, err := gpu.Open(gpu.Options{})                       // or cpuref.New()
//	file, notes, err := model.Load("gamma.yaml", model.LoadOptions{})
//	net, err := network.Compile(file, device, nil)
//
// and then works with the network:
//
//	err = net.Set("gaba.g_max", 0.002)         // a parameter, state, input value, constant or run.seed
//	result, err := net.Run(ctx, 500)           // 500 ms more: spikes and recorded rows
//	values, err := network.Measure(file, result, 0)
//	V, err := net.Get("interneurons.V")        // a state as it is now
//	err = net.Reset()                          // back to the start
//	err = net.Close()
//
// [Sweep] does all of it for the points of a file's sweep, side by side. The
// examples below run as they are.
//
// # What compiles
//
// Compile lowers the file to a step program for the shapes that its parameters
// and inputs have, builds that on the [Device] and writes the starting values.
// What is set later goes to the device before the next run, and only what differs
// from what the device has. Nothing is compiled unless the structure changes:
//
//	values of parameters, states, inputs; duration, clock, seed   nothing is compiled
//	shape or operation of an input, an input added or dropped,    the network says so to Options.Note
//	other recorded variables or elements, values a synapse        and is rebuilt with its state kept
//	where one a presynaptic neuron, or one for all, was enough
//	dt, methods, equations, sizes, connections ([Network.Change]) the same; what is in flight is lost
//
// # Units and shapes
//
// Times are in ms and rates in Hz. A step is a whole number, counted from time 0
// through all pieces of a run: step s is the time from s dt to (s+1) dt. All other
// values are in the units of the file, whatever they are there, and float64,
// whatever the device computes in.
//
// A value is a number that all elements share, or a list: one for each neuron of
// a population, in order; one for each synapse of a projection, presynaptic
// neurons ascending and of each the postsynaptic ones (pairs in the order in
// which they are listed); one for each sample of an input. A synapse's state of
// which it is proven that all synapses of a presynaptic neuron have the same is
// one for each presynaptic neuron.
//
// # Values
//
// Parameters, starting values and the values of inputs are evaluated on the
// host in float64. An expression may read others, and a starting value also the
// quantities of its model as they are at the start; what reads a name that is Set
// follows it. Draws come from Philox 4x32-10: the key is the run's seed, the
// counter is the element, the step (0 for starting values) and a hash of
// "object.variable#ordinal", so that they depend neither on the engine nor on the
// instance. uniform is in [a, b) with 53 random bits, normal is Box and Muller's.
//
// # Long runs
//
// Run keeps spikes and rows in memory. RunTo hands them to a [Recorder] instead,
// slice after slice, so that memory does not grow with the duration: to files
// that grow (package stream), to the [Measures] of the file, which accumulate,
// or to both:
//
//	m := net.NewMeasures()
//	ran, err := net.RunTo(ctx, 3_600_000, network.Recorders{files, m})
//	values, err := m.Values(0, ran.Bad[0])
//
// # Instances
//
// A network may be compiled as many instances (Options.Instances), independent
// copies with their own parameters (SetInstances, SetEach), state and spikes,
// that run side by side. Sweep runs the points of a file's sweep as instances of
// one network, batch after batch, or one after another on a network of one
// instance; the results are equal bit for bit. SweepOptions.Each gets the points as
// batches are done, so that there may be any number of them.
//
// # Checkpoints
//
// Checkpoint gives all that is needed to go on from where a network stands, and
// [Resume] makes a network of it in another process: the same file, values, inputs and
// records as they were set, clock and state. What it then does has the bits of the
// network that was not broken off; Reset takes it to the start that that had.
//
// # Errors
//
// A name that there is not is [ErrUnknownName]; a number of values that does not
// fit [ErrShape]; a value that is NaN or infinite [ErrNotFinite]; more than the
// device holds [ErrTooLarge], before anything is built. All are found with
// errors.Is. A run that its context ended is one of which [IsCancelled] is true:
// its result is what was done. A state that became NaN in a run is no error of the
// run: it is InstanceResult.Bad, and the other instances are sound. A mistake in a
// file is a *diag.Errors of model.Load, with every place.
//
// # Goroutines
//
// A Network is used by one goroutine at a time. Networks do not know of each
// other: several may run at once, on devices of their own or on one device, and
// of one file.
package network
