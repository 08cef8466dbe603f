package ir

// Op is an operator or function of an expression.
type Op uint8

// The operators and functions. Comparisons and logic give booleans, all
// others numbers.
const (
	Neg Op = iota // -x
	Not           // not x
	Add
	Sub
	Mul
	Div
	Pow // x**y
	Lt
	Le
	Gt
	Ge
	Eq
	Ne
	And
	Or
	Exp
	Log
	Log10
	Sqrt
	Sin
	Cos
	Tan
	Tanh
	Sinh
	Cosh
	Abs
	Sign
	Floor
	Ceil
	Min
	Max
	Clip   // clip(x, lo, hi)
	Exprel // (exp(x) - 1)/x, 1 at x = 0, without cancellation
)

var opNames = [...]string{
	Neg: "-", Not: "not", Add: "+", Sub: "-", Mul: "*", Div: "/", Pow: "**",
	Lt: "<", Le: "<=", Gt: ">", Ge: ">=", Eq: "==", Ne: "!=", And: "and", Or: "or",
	Exp: "exp", Log: "log", Log10: "log10", Sqrt: "sqrt", Sin: "sin", Cos: "cos", Tan: "tan",
	Tanh: "tanh", Sinh: "sinh", Cosh: "cosh", Abs: "abs", Sign: "sign", Floor: "floor", Ceil: "ceil",
	Min: "min", Max: "max", Clip: "clip", Exprel: "exprel",
}

// String gives the operator or function as the equation language writes it.
func (o Op) String() string { return opNames[o] }

// IsBool reports whether o's result is a boolean.
func (o Op) IsBool() bool { return o == Not || o >= Lt && o <= Or }

// IsFunc reports whether o is written as a function call.
func (o Op) IsFunc() bool { return o >= Exp }

// Expr is an expression: one of *Const, *Load, *Temp, *Apply, *Select, *Time,
// *Index, *Within, *During.
// Expressions are immutable and may be shared.
type Expr interface{ isExpr() }

// Const is a number.
type Const struct{ V float64 }

// Side says which element of a Var a Load reads.
type Side uint8

// The sides of a Load.
const (
	// Own is the element itself: the neuron in a population's statements;
	// in a projection's, the projection's own variables (by synapse or by
	// presynaptic neuron, as their Dim says). A Dim of One has one element.
	Own  Side = iota
	Pre       // of the presynaptic neuron, in a projection's statements
	Post      // of the postsynaptic neuron, in a projection's statements
)

// Load reads a Var.
type Load struct {
	Var  VarID
	Side Side
	// Ago is how many steps back the value is, of a Pre load in a projection
	// with a delay; 0 is the value of this step. Where it is not 0, the
	// variable has a delay line (Population.LineOf).
	Ago int
}

// Temp reads a value that a Let of the same list, or of a list that the same
// element ran before in this step, has named.
type Temp struct {
	ID   int
	Bool bool
}

// Apply is an operator or function applied to its arguments.
type Apply struct {
	Op   Op
	Args []Expr
}

// Select is Then where If holds, else Else. Both are evaluated by some back
// ends: neither has effects.
type Select struct{ If, Then, Else Expr }

// Time is t in ms at the beginning of the step, the step number times dt.
type Time struct{}

// Index is the number of the neuron, counted from Start, in a population's
// statements.
type Index struct{ Start int }

// Within is whether the number of the neuron is in [Start, Stop), in a
// population's statements.
type Within struct{ Start, Stop int }

// During is whether the step is in [From, Until), in a population's
// statements; a bound that is not set is beyond every step.
type During struct{ From, Until int64 }

func (*Const) isExpr()  {}
func (*Load) isExpr()   {}
func (*Temp) isExpr()   {}
func (*Apply) isExpr()  {}
func (*Select) isExpr() {}
func (*Time) isExpr()   {}
func (*Index) isExpr()  {}
func (*Within) isExpr() {}
func (*During) isExpr() {}

// IsBool reports whether e is a boolean.
func IsBool(e Expr) bool {
	switch e := e.(type) {
	case *Temp:
		return e.Bool
	case *Apply:
		return e.Op.IsBool()
	case *Select:
		return IsBool(e.Then)
	case *Within, *During:
		return true
	}
	return false
}

// Walk calls f for e and every expression in it, parents first.
func Walk(e Expr, f func(Expr)) {
	f(e)
	switch e := e.(type) {
	case *Apply:
		for _, a := range e.Args {
			Walk(a, f)
		}
	case *Select:
		Walk(e.If, f)
		Walk(e.Then, f)
		Walk(e.Else, f)
	}
}

// Equal reports whether a and b are the same tree.
func Equal(a, b Expr) bool {
	switch a := a.(type) {
	case *Const:
		b, ok := b.(*Const)
		return ok && a.V == b.V
	case *Load:
		b, ok := b.(*Load)
		return ok && *a == *b
	case *Temp:
		b, ok := b.(*Temp)
		return ok && a.ID == b.ID
	case *Time:
		_, ok := b.(*Time)
		return ok
	case *Index:
		b, ok := b.(*Index)
		return ok && *a == *b
	case *Within:
		b, ok := b.(*Within)
		return ok && *a == *b
	case *During:
		b, ok := b.(*During)
		return ok && *a == *b
	case *Apply:
		b, ok := b.(*Apply)
		if !ok || a.Op != b.Op || len(a.Args) != len(b.Args) {
			return false
		}
		for i := range a.Args {
			if !Equal(a.Args[i], b.Args[i]) {
				return false
			}
		}
		return true
	case *Select:
		b, ok := b.(*Select)
		return ok && Equal(a.If, b.If) && Equal(a.Then, b.Then) && Equal(a.Else, b.Else)
	}
	return false
}
