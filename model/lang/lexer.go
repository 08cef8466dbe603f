package lang

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"gpusim/model/diag"
)

var (
	numberShape = regexp.MustCompile(`^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?`)
	nameShape   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*`)
	notFinite   = regexp.MustCompile(`^\.(inf|Inf|INF|nan|NaN|NAN)\b`)
	wordTail    = regexp.MustCompile(`^[A-Za-z0-9_.]*`)
	flagShape   = regexp.MustCompile(`^\(\s*(unless\s+refractory|event-driven)\s*\)`)
)

// symbols are the punctuation of the language, longer ones first.
var symbols = []string{
	"**", "<=", ">=", "==", "!=", "+=", "-=", "*=", "/=",
	"+", "-", "*", "/", "^", "<", ">", "=", "(", ")", ",", ".",
}

// strangers are spellings of other languages, with what to write here.
// Longer ones come first.
var strangers = []struct{ text, hint string }{
	{"&&", "write and"},
	{"||", "write or"},
	{"//", "write floor(a/b)"},
	{"!", "write not"},
	{"%", "write a - b*floor(a/b)"},
	{"?", "write a if condition else b"},
	{":=", "write ="},
	{":", "units are implied (ms, mV): leave out what follows the equation"},
	{"'", "write dx/dt = ... for the derivative of x"},
	{"[", "names have no indices: a variable stands for the neuron's own value"},
	{"]", ""},
	{"{", ""},
	{"}", ""},
	{"\u00b7", "write *"},
	{"\u00d7", "write *"},
	{"\u2212", "this is a typographic minus: write -"},
}

// lex cuts a text into tokens, the last of them an end. It reports characters
// that no token begins with and numbers that are none, once each.
func lex(text Text, list *diag.List) []token {
	var out []token
	s := text.Str
	add := func(k kind, i, n int) {
		out = append(out, token{kind: k, text: s[i : i+n], at: text.At(i), off: i})
	}
	bad := func(i, n int, hint, format string, args ...any) {
		add(badToken, i, n)
		list.Addf(text.At(i), format, args...).Hint = hint
	}
	for i := 0; i < len(s); {
		rest := s[i:]
		c := rest[0]
		switch {
		case c == '\n':
			add(newline, i, 1)
			i++
			continue
		case c == ' ' || c == '\t' || c == '\r':
			i++
			continue
		case c == '#':
			if n := strings.IndexByte(rest, '\n'); n >= 0 {
				i += n
			} else {
				i = len(s)
			}
			continue
		case c == ';':
			add(semi, i, 1)
			i++
			continue
		}
		if n := len(numberShape.FindString(rest)); n > 0 && !(c == '.' && afterName(out, i)) {
			if tail := wordTail.FindString(rest[n:]); tail != "" {
				whole := rest[:n+len(tail)]
				bad(i, len(whole), numberHint(whole), "%q is not a number", whole)
			} else if len(rest) > 1 && c == '0' && isDigit(rest[1]) {
				bad(i, n, "leave out the leading zeros", "%q is not a number", rest[:n])
			} else {
				add(number, i, n)
			}
			i += len(out[len(out)-1].text)
			continue
		}
		if word := notFinite.FindString(rest); word != "" {
			bad(i, len(word), "", "%q is not a number", word)
			i += len(word)
			continue
		}
		if word := nameShape.FindString(rest); word != "" {
			if words[word] {
				add(symbol, i, len(word))
			} else {
				add(name, i, len(word))
			}
			i += len(word)
			continue
		}
		if m := flagShape.FindStringSubmatch(rest); m != nil {
			out = append(out, token{kind: flag, text: strings.Join(strings.Fields(m[1]), " "), at: text.At(i), off: i})
			i += len(m[0])
			continue
		}
		if n := prefixOf(rest, symbols); n > 0 && !strings.HasPrefix(rest, "//") {
			add(symbol, i, n)
			i += n
			continue
		}
		n, hint := stranger(rest)
		bad(i, n, hint, "unexpected character %s", quoteASCII(rest[:n]))
		i += n
	}
	return append(out, token{kind: end, at: text.At(len(s)), off: len(s)})
}

// afterName reports whether the last token is a name that ends at offset i,
// as in pre.5.
func afterName(out []token, i int) bool {
	if len(out) == 0 {
		return false
	}
	last := out[len(out)-1]
	return last.kind == name && last.off+len(last.text) == i
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func prefixOf(s string, list []string) int {
	for _, x := range list {
		if strings.HasPrefix(s, x) {
			return len(x)
		}
	}
	return 0
}

// numberHint says how to write what looks like a number of another language.
func numberHint(s string) string {
	switch {
	case strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0X") || strings.HasPrefix(s, "0b") || strings.HasPrefix(s, "0o"):
		return "numbers are decimal, such as 12, 0.5 or 1e-3"
	case strings.ContainsRune(s, '_'):
		return "numbers have no underscores"
	case strings.Count(s, ".") > 1:
		return "a number has one decimal point"
	}
	if unit := strings.TrimLeft(s, "0123456789."); units[unit] {
		return "units are implied: times are in ms, voltages in mV"
	}
	return "an operator is missing, or this is a name: names begin with a letter"
}

// stranger finds what s begins with among the spellings of other languages.
func stranger(s string) (n int, hint string) {
	for _, x := range strangers {
		if strings.HasPrefix(s, x.text) {
			return len(x.text), x.hint
		}
	}
	_, n = utf8.DecodeRuneInString(s)
	if s[0] >= utf8.RuneSelf {
		return n, "names are of ASCII letters, digits and _"
	}
	return n, ""
}

// units are the unit names that users of other simulators write.
var units = map[string]bool{
	"ms": true, "s": true, "us": true, "mV": true, "V": true, "volt": true, "second": true, "Hz": true, "kHz": true,
	"nS": true, "mS": true, "uS": true, "pA": true, "nA": true, "uA": true, "pF": true, "nF": true, "uF": true,
	"Mohm": true, "ohm": true, "siemens": true, "amp": true, "farad": true,
}
