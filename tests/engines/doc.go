// Package engines tests the two engines against each other and the GPU engine
// against itself: the same network on the device and in float64, whole and in
// pieces, alone and in a batch, for every number of invocations.
package engines
