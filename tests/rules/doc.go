// Package rules holds the rules of this repository as tests: which package may import
// which, that each package and what it exports says what it is, that no package keeps
// state, how long a file may be, and what is used nowhere; and that CITATION.cff is what
// its readers expect. A rule that no longer fits is changed here, in the same commit as the code.
package rules
