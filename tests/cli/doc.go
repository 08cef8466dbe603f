// Package cli is the tests of the command line: the scripts in testdata, each
// of which runs gpusim in an empty folder of its own. The test TestScripts of
// cmd/gpusim drives them and defines their commands; it runs them on the
// float64 engine, or on the device that the environment variable DEVICE names:
//
//	DEVICE=gpu go test ./cmd/gpusim -run TestScripts
//	go test ./cmd/gpusim -run TestScripts/sweep -v
package cli
