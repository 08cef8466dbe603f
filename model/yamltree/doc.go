// Package yamltree reads YAML into a tree that keeps order and places, edits
// it, and writes it back.
//
// Parsing is goccy/go-yaml's, of which only the parser and the ast are used.
// The tree has three kinds of node (map, sequence, scalar) and a scalar is its
// text: whether that is a number is for the reader of the tree to say. What
// network files have no use for is refused with its place: anchors, aliases,
// tags, keys that are no plain words, a second document. Duplicate keys are
// errors. An expression whose comma ended a YAML value too early, as in
// {V: uniform(-70, -50)}, is recognised by its open parenthesis.
package yamltree
