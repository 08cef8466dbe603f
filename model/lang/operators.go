package lang

import "strconv"

// operator is a row of the operator table. A larger power binds tighter.
type operator struct {
	power int
	right bool // right-associative
	chain bool // a op b op c has no meaning: an error
}

// Powers of what is not in the table of binary operators.
const (
	condPower    = 1 // a if c else b
	notPower     = 4
	comparePower = 5
	minusPower   = 8 // unary; below **, so that -2**2 is -4
	atomPower    = 10
)

// binary is the operators between two operands.
var binary = map[string]operator{
	"or":  {power: 2},
	"and": {power: 3},
	"<":   {power: comparePower, chain: true},
	"<=":  {power: comparePower, chain: true},
	">":   {power: comparePower, chain: true},
	">=":  {power: comparePower, chain: true},
	"==":  {power: comparePower, chain: true},
	"!=":  {power: comparePower, chain: true},
	"+":   {power: 6},
	"-":   {power: 6},
	"*":   {power: 7},
	"/":   {power: 7},
	"**":  {power: 9, right: true},
}

// words are the operators and keywords that look like names.
var words = map[string]bool{"and": true, "or": true, "not": true, "if": true, "else": true}

// IsKeyword reports whether s is a word of the language's syntax.
func IsKeyword(s string) bool { return words[s] }

// IsName reports whether s has the form of a name and is no keyword.
func IsName(s string) bool {
	return s != "" && nameShape.FindString(s) == s && !words[s]
}

// quoteASCII quotes s, writing what is not ASCII as escapes.
func quoteASCII(s string) string { return strconv.QuoteToASCII(s) }
