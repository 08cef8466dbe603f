// Package serve keeps a compiled network warm for another program, which asks
// for runs and sweeps of it in lines of JSON and reads the answers the same way.
// docs/serve.md describes the protocol; python/gpusim.py speaks it.
//
// [Serve] reads requests in a goroutine of its own, so that one to cancel is
// seen while a run is going, and works on the others one after another, in the
// order in which they came. Each is answered by one line, a result or an error;
// remarks and progress are lines in between.
//
//	serve.go    the two loops, and the queue between them
//	request.go  a line of JSON to a request, and its members one by one
//	answer.go   results to a line of JSON
//	fault.go    errors, with a code to branch on and the place
//	array.go    arrays, in base64 or as .npy files
//	load.go     load, close; describe.go: describe, counters; values.go: set, get, reset, record
//	run.go      run; sweep.go: sweep, on networks of as many instances as points; table.go: its answer
package serve
