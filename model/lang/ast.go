// Package lang is the equation language of network files: tokens, a Pratt
// parser driven by one operator table, the syntax tree, and its printer.
package lang

import "gpusim/model/diag"

// Node is an expression. Trees are immutable after parsing.
type Node interface {
	Pos() diag.Pos
}

// Number is a literal.
type Number struct {
	At    diag.Pos
	Value float64
	Text  string // as written
}

// Name is a variable, with Owner "pre" or "post" in pre.V and post.inp.
type Name struct {
	At    diag.Pos
	Owner string
	Ident string
}

// String gives the name as it is written.
func (n *Name) String() string {
	if n.Owner != "" {
		return n.Owner + "." + n.Ident
	}
	return n.Ident
}

// Unary is -X ("-") or not X ("not"). A unary plus leaves no node.
type Unary struct {
	At diag.Pos
	Op string
	X  Node
}

// Binary is X Op Y: + - * / ** < <= > >= == != and or.
type Binary struct {
	At   diag.Pos // of the operator
	Op   string
	X, Y Node
}

// Call is Func(Args...). Draws (uniform, normal, lognormal, exponential) are
// calls too; the checker says where they may stand.
type Call struct {
	At   diag.Pos
	Func string
	Args []Node
}

// Cond is Then if If else Else.
type Cond struct {
	At             diag.Pos // of "if"
	If, Then, Else Node
}

// Pos returns the node's place.
func (n *Number) Pos() diag.Pos { return n.At }

// Pos returns the node's place.
func (n *Name) Pos() diag.Pos { return n.At }

// Pos returns the node's place.
func (n *Unary) Pos() diag.Pos { return n.At }

// Pos returns the operator's place.
func (n *Binary) Pos() diag.Pos { return n.At }

// Pos returns the node's place.
func (n *Call) Pos() diag.Pos { return n.At }

// Pos returns the place of "if".
func (n *Cond) Pos() diag.Pos { return n.At }

// Assign is Target Op Value, with Op one of = += -= *= /=.
type Assign struct {
	At     diag.Pos
	Target *Name
	Op     string
	Value  Node
}

// Equation is a line of an equations block: a quantity (name = expr) or a
// differential equation (dX/dt = expr).
type Equation struct {
	At               diag.Pos
	Name             string
	Derivative       bool // dName/dt = Value
	Value            Node
	UnlessRefractory bool
	EventDriven      bool
}
