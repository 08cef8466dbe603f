package shaders

import (
	"regexp"
	"strings"
)

// site is a place in a statement that touches a watched array.
type site struct {
	array       int // its number
	index       string
	read, write bool
}

var (
	indexed    = regexp.MustCompile(`\w+\[`)
	assignment = regexp.MustCompile(`^ ([-+*/%&|^]|<<|>>)?= `)
	atomicCall = regexp.MustCompile(`\batomic\w+\($`)
)

// split takes the condition off a statement that stands behind one on its line.
func split(code string) (condition, rest string) {
	if !strings.HasPrefix(code, "if (") || strings.HasSuffix(code, "{") {
		return "", code
	}
	end := closing(code, len("if "))
	return code[len("if ") : end+1], strings.TrimSpace(code[end+1:])
}

// sites finds what a statement touches. What it does not understand it refuses,
// so that no access is overlooked.
func (k *checker) sites(code string) (list []site) {
	for _, at := range indexed.FindAllStringIndex(code, -1) {
		array := k.number(code[at[0] : at[1]-1])
		if array < 0 {
			continue
		}
		end := closing(code, at[1]-1)
		s := site{array: array, index: code[at[1]:end], read: true}
		op := assignment.FindStringSubmatch(code[end+1:])
		switch {
		case op != nil && at[0] == 0:
			s.write, s.read = true, op[1] != ""
		case op != nil, atomicCall.MatchString(code[:at[0]]),
			strings.HasPrefix(code[end+1:], "++"), strings.HasPrefix(code[end+1:], "--"),
			strings.HasSuffix(code[:at[0]], "++"), strings.HasSuffix(code[:at[0]], "--"),
			strings.HasPrefix(code, "for ("), strings.HasPrefix(code, "while ("), strings.HasPrefix(code, "}"),
			strings.Count(code, ";") > 1:
			panic("shaders: a statement that the check for races does not understand: " + code)
		}
		list = append(list, s)
	}
	return list
}

// number is that of a watched array, -1 of another name.
func (k *checker) number(name string) int {
	for i, a := range k.Arrays {
		if a.Name == name {
			return i
		}
	}
	return -1
}

// atomicOnly reports whether a buffer is touched, and by atomic operations only.
func atomicOnly(lines []string, name string) bool {
	touch := regexp.MustCompile(`\b` + name + `\[[^\]]`) // not its declaration
	all, atomics := 0, 0
	for _, line := range lines {
		for _, at := range touch.FindAllStringIndex(line, -1) {
			all++
			if atomicCall.MatchString(line[:at[0]]) {
				atomics++
			}
		}
	}
	return all > 0 && all == atomics
}

// closing is the place of the bracket that closes the one at place open.
func closing(code string, open int) int {
	depth := 0
	for i := open; i < len(code); i++ {
		switch code[i] {
		case '(', '[':
			depth++
		case ')', ']':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	panic("shaders: a statement without its closing bracket: " + code)
}
