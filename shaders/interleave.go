package shaders

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// How many neurons of an invocation go through a step side by side, statement by
// statement, where each has its own code. A step is a long chain of operations
// that wait for each other; a processor has something to do meanwhile where the
// next neuron's stand beside it. It divides the rows of a tile: what is done at
// the beginning of one, such as adding its sum up, is then done before the others'
// statements.
const together = 4

// interleave prints a body that is about element k of population pi for elements
// first to last-1 side by side: the statements in turns, each element with names
// of its own, which have its number.
func (k *kernel) interleave(pi int, body string, first, last int) {
	names := regexp.MustCompile(`\b(` + strings.Join(append(declared(body), "i", "own", "k"), "|") + `)\b`)
	k.open("")
	before := k.take()
	var rename []func(string) string
	for n := first; n < last; n++ {
		var arrays []string
		for _, a := range k.elements(pi) {
			arrays = append(arrays, a+"[k]", fmt.Sprintf("%s_%d", a, n))
		}
		in := strings.NewReplacer(arrays...)
		own := func(code string) string {
			return names.ReplaceAllString(in.Replace(code), fmt.Sprintf("${1}_%d", n-first))
		}
		rename = append(rename, own)
		k.line("const uint k = %du;", n)
		k.index(k.p.Populations[pi].Size)
		before += own(k.take())
	}
	k.b.WriteString(before)
	for _, s := range statements(body) {
		for _, own := range rename {
			k.b.WriteString(own(s))
		}
	}
	k.close()
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
