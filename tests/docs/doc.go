// Package docs tests the documents of this repository against the program:
// every YAML fragment in them is parsed and run, every command that they show
// is run and its output compared with the one shown, every command and flag
// that they name exists, and what results hold is described.
//
// A fragment is tied to the test by the comment above it:
//
//	<!-- file: NAME.yaml -->                a whole file; commands find it under this name
//	<!-- fragment of: cells -->             sections, in testdata/cells.yaml in place of its own
//	<!-- fragment of: cells at PATH -->     keys of what stands there at PATH, such as models.cell
//	<!-- fragment of: ..., not built -->    is parsed and checked, but this version does not run it
//
// Blocks marked console hold commands, after "$ ", and lines of their output.
package docs
