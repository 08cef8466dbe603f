// Package model reads network files: YAML and equations in, a checked File out,
// and lowers it to the step program of package ir.
//
// A program that uses gpusim calls Load, with what it wants changed of the file in
// LoadOptions, and gives the File to package network. The error of a file that is
// wrong is a *diag.Errors: every problem of the file with its place, printed as the
// command line prints it. Notes are remarks, such as a delay that is no multiple of
// the time step.
//
// A File is what the text says, with names resolved and expressions parsed: sizes
// and rules of connection, not synapses; expressions, not values. Its fields are
// for reading. Times are in ms, indices count from 0, ranges are [start, stop).
package model
