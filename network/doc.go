// Package network holds populations, projections, inputs and recordings, and
// runs them: compile once, then Set, Run, Get and Reset as often as wanted.
package network
