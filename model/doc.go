// Package model reads network files: YAML and equations in, a checked File out,
// and lowers it to the step program of package ir.
package model
