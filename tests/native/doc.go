// Package native tests bench/native, the gamma network in C that the benchmarks measure
// against: a baseline that computes something else would prove nothing.
package native
