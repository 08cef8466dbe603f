//go:build race

package handgamma

// raceEnabled leaves out long tests under the race detector.
const raceEnabled = true
