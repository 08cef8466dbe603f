// Package process tests what a program that uses gpusim relies on: networks in
// one process do not know of each other, a run is cancelled between slices and
// goes on as if it had not been, and a thousand networks and ten thousand runs
// leave nothing behind.
package process
