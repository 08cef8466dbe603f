// Package validation computes docs/validation.md: what each model is checked
// against, what came out in float64 and float32, and the limits, on which
// device. Its test computes every figure anew and holds it, and the figure on
// the page, to the limit; with -update it writes the page.
package validation
