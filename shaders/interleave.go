package shaders

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// How many neurons of an invocation go through a step side by side, statement by
// statement, where each has its own code, and in a loop. A step is a long chain
// of operations that wait for each other; a processor has something to do
// meanwhile where the next neuron's stand beside it. Both divide the rows of a
// tile: what is done at the beginning of one, such as adding its sum up, is then
// done before the others' statements.
const (
	together = 4
	pair     = 2
)

// interleave prints a body that is about element k of population pi for elements
// first to last-1 side by side, which stand in variables of their own.
func (k *kernel) interleave(pi int, body string, first, last int) {
	k.open("")
	var rename []func(string) string
	for n := first; n < last; n++ {
		var arrays []string
		for _, a := range k.elements(pi) {
			arrays = append(arrays, a+"[k]", fmt.Sprintf("%s_%d", a, n))
		}
		in := strings.NewReplacer(arrays...)
		rename = append(rename, func(code string) string { return in.Replace(code) })
	}
	k.sideBySide(pi, body, first, "const uint k = %du;", rename)
	k.close()
}

// interleaveLoop prints it in a loop over all elements.
func (k *kernel) interleaveLoop(pi int, body string, per int) {
	k.usesZero = true
	k.open("for (uint trip = 0u; trip < %du + u_zero; ++trip)", per/pair)
	k.line("++trips;")
	same := func(code string) string { return code }
	k.sideBySide(pi, body, 0, fmt.Sprintf("uint k = trip*%du + u_zero + %%du;", pair), slices.Repeat([]func(string) string{same}, pair))
	k.close()
}

// sideBySide prints the statements of a body in turns, each element with names
// of its own, which have its number.
func (k *kernel) sideBySide(pi int, body string, first int, element string, rename []func(string) string) {
	names := regexp.MustCompile(`\b(` + strings.Join(append(declared(body), "i", "own", "k"), "|") + `)\b`)
	before := k.take()
	for n, r := range rename {
		suffix := fmt.Sprintf("_%d", n)
		rename[n] = func(code string) string { return names.ReplaceAllString(r(code), "${1}"+suffix) }
		k.line(element, first+n)
		k.index(k.p.Populations[pi].Size)
		before += rename[n](k.take())
	}
	k.b.WriteString(before)
	for _, s := range statements(body) {
		for _, r := range rename {
			k.b.WriteString(r(s))
		}
	}
}

// statements cuts printed code at its lines, a block with all that is in it
// being one.
func statements(code string) (list []string) {
	depth, start := 0, 0
	for at := 0; at < len(code); {
		end := at + strings.IndexByte(code[at:], '\n') + 1
		line, _, _ := strings.Cut(code[at:end], "//")
		depth += strings.Count(line, "{") - strings.Count(line, "}")
		if at = end; depth == 0 {
			list = append(list, code[start:end])
			start = end
		}
	}
	return list
}

var declaration = regexp.MustCompile(`(?m)^\s*(?:const |precise )*(?:float|bool|uint|int) (\w+)`)

// declared lists the names that code declares.
func declared(code string) (names []string) {
	for _, m := range declaration.FindAllStringSubmatch(code, -1) {
		if !slices.Contains(names, m[1]) {
			names = append(names, m[1])
		}
	}
	return names
}
