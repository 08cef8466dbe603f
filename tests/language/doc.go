// Package language tests what docs/language.md says a network file means: small
// networks whose numbers can be worked out by hand, on the float64 engine and on
// the device, there in both forms of kernel.
package language
