// Package rules holds the rules of this repository as tests: which package may import
// which, that each package says what it is, how long a file may be, and what is used
// nowhere. A rule that no longer fits is changed here, in the same commit as the code.
package rules
