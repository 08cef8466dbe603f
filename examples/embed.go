// Package examples holds network files that run as they are.
package examples

import _ "embed" // for Gamma

// Gamma is gamma.yaml, the gamma oscillation of Wang and Buzsaki (1996), which
// gpusim init writes.
//
//go:embed gamma.yaml
var Gamma string
