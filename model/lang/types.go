package lang

import "gpusim/model/diag"

// Type is what an expression gives.
type Type uint8

// The types. Unknown is that of an expression in which an error was reported.
const (
	Unknown Type = iota
	Num
	Bool
)

// String names the type for messages.
func (t Type) String() string {
	switch t {
	case Num:
		return "a number"
	case Bool:
		return "a condition"
	}
	return "unknown"
}

// TypeOf gives n's type and reports operands of the wrong type to list.
// typeOf gives the types of variables.
func TypeOf(n Node, typeOf func(*Name) Type, list *diag.List) Type {
	c := typeChecker{typeOf, list}
	return c.check(n)
}

type typeChecker struct {
	typeOf func(*Name) Type
	list   *diag.List
}

func (c *typeChecker) check(n Node) Type {
	switch n := n.(type) {
	case *Number:
		return Num
	case *Name:
		return c.typeOf(n)
	case *Unary:
		if n.Op == "not" {
			return c.want(Bool, Bool, `"not"`, n.X)
		}
		return c.want(Num, Num, `"-"`, n.X)
	case *Binary:
		switch op := binary[n.Op]; {
		case n.Op == "and" || n.Op == "or":
			return c.want(Bool, Bool, `"`+n.Op+`"`, n.X, n.Y)
		case op.power == comparePower:
			return c.want(Bool, Num, `"`+n.Op+`"`, n.X, n.Y)
		}
		return c.want(Num, Num, `"`+n.Op+`"`, n.X, n.Y)
	case *Call:
		return c.want(Num, Num, n.Func, n.Args...)
	case *Cond:
		c.want(Bool, Bool, `"if"`, n.If)
		a, b := c.check(n.Then), c.check(n.Else)
		if a != Unknown && b != Unknown && a != b {
			c.list.Addf(n.At, "both sides of a condition are numbers or both are conditions; here one is %s, the other %s", a, b)
			return Unknown
		}
		if a == Unknown {
			return b
		}
		return a
	}
	return Unknown
}

// want reports each operand that is not of type operand, and gives result.
func (c *typeChecker) want(result, operand Type, user string, nodes ...Node) Type {
	for _, n := range nodes {
		if t := c.check(n); t != Unknown && t != operand {
			p := c.list.Addf(n.Pos(), "%s takes %s, but this is %s", user, article[operand], t)
			if t == Bool {
				p.Hint = "write (1 if condition else 0) for its value as a number"
			} else {
				p.Hint = "compare it: x != 0"
			}
		}
	}
	return result
}

var article = map[Type]string{Num: "numbers", Bool: "conditions"}
