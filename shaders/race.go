package shaders

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Checked is a kernel that watches itself for races: before each statement that
// reads or writes shared memory or a buffer that kernels write, it notes in
// shadow words, of each location, which invocation wrote it last and which read
// it, and since which barrier. A read or write of what another invocation wrote,
// or a write of what another read, with no barrier in between that makes memory
// visible, is a race, whatever the order in which the device happened to run
// the invocations: a software renderer hides what a GPU does not.
//
// The check knows nothing of how kernels are made. It reads the finished text,
// a statement a line.
type Checked struct {
	Source string
	Lines  []string // of the kernel that is checked; statements are known by their number, from 1
	Arrays []string // of shadow words, in their order: buffers, then shared arrays
	shared int      // elements of shared arrays
}

// The log at the beginning of the shadow buffer, in words, for BindShadow.
const (
	BindShadow = 8 // uint H[]: the log, then the shadow words

	RaceCount  = 0 // races found
	RaceKind   = 1 // of the first: what was done, to what another had done
	RaceArray  = 2 // its number in Arrays
	RaceAt     = 3 // the element
	RaceLine   = 4 // the statement
	RaceOther  = 5 // the other invocation's statement
	RaceWho    = 6 // the invocation, numbered over all workgroups
	RaceEpochs = 7 // the most barriers that an invocation passed
	RaceLog    = 8
)

// RaceKinds says what the numbers of RaceKind mean.
var RaceKinds = []string{"read what another invocation has written", "written what another invocation has written", "written what another invocation has read"}

// ShadowWords is the number of words of the shadow buffer, for buffers of so many
// words, in the order of Arrays, and instances of the shared arrays.
func (c *Checked) ShadowWords(buffers []int, instances int) int {
	n := c.shared * instances
	for _, w := range buffers {
		n += w
	}
	return RaceLog + 4*n
}

var (
	sharedArray   = regexp.MustCompile(`^shared \w+ (\w+)\[(\d+)\];`)
	writtenBuffer = regexp.MustCompile(`^layout\(std430, binding = \d+\) ((?:\w+ )*)buffer \w+ \{ \w+ ([SXRW])\[\]; \};`)
)

// Check makes the kernel that watches itself of a kernel.
func Check(source string) *Checked {
	c := &Checked{Lines: strings.Split(source, "\n")}
	var buffers, arrays []string
	base := map[string]int{}
	for _, line := range c.Lines {
		if m := writtenBuffer.FindStringSubmatch(line); m != nil && !strings.Contains(m[1], "readonly") {
			buffers = append(buffers, m[2])
		}
		if m := sharedArray.FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[2])
			arrays, base[m[1]] = append(arrays, m[1]), c.shared
			c.shared += n
		}
	}
	c.Arrays = append(buffers, arrays...)
	k := &checker{Checked: c, buffers: buffers, base: base}
	main := false
	for n, line := range c.Lines {
		if line == "void main() {" {
			main = true
			k.declare()
		}
		if main {
			k.statement(n+1, line)
		} else {
			k.line("%s", line)
		}
	}
	c.Source = k.b.String()
	return c
}

type checker struct {
	*Checked
	b       strings.Builder
	buffers []string
	base    map[string]int // of shared arrays, among shared elements
	fences  map[string]bool
}

func (k *checker) line(format string, args ...any) { fmt.Fprintf(&k.b, format+"\n", args...) }

// declare prints the shadow buffer and the functions that note accesses. A
// location has four words: the last writer and its statement, and the readers
// and a statement. Who is a number that grows with each barrier, so that what
// was noted before it is less than r_low; the greatest of an epoch stands for
// several readers.
func (k *checker) declare() {
	k.line(`layout(std430, binding = %d) coherent buffer Shadow { uint H[]; };
uniform uint u_race; // the epochs that earlier dispatches took
uint r_who, r_size, r_shared = 0u, r_buffer = 0u;
void r_report(uint kind, uint array, uint at, uint line, uint other) {
  if (atomicAdd(H[%d], 1u) != 0u) return;
  H[%d] = kind; H[%d] = array; H[%d] = at; H[%d] = line; H[%d] = other; H[%d] = r_who;
}
void r_read(uint array, uint base, uint at, uint epoch, uint line) {
  uint h = %du + 4u*(base + at), low = (u_race + epoch)*r_size, me = low + r_who + 1u;
  if (h + 3u >= uint(H.length())) return;
  uint writer = atomicOr(H[h], 0u);
  if (writer > low && writer != me) r_report(0u, array, at, line, H[h + 1u]);
  uint reader = atomicExchange(H[h + 2u], me);
  if (reader > low && reader != me) atomicMax(H[h + 2u], low + r_size - 1u);
  H[h + 3u] = line;
}
void r_write(uint array, uint base, uint at, uint epoch, uint line) {
  uint h = %du + 4u*(base + at), low = (u_race + epoch)*r_size, me = low + r_who + 1u;
  if (h + 3u >= uint(H.length())) return;
  uint writer = atomicExchange(H[h], me);
  if (writer > low && writer != me) r_report(1u, array, at, line, H[h + 1u]);
  uint reader = atomicOr(H[h + 2u], 0u);
  if (reader > low && reader != me) r_report(2u, array, at, line, H[h + 3u]);
  H[h + 1u] = line;
}`, BindShadow, RaceCount, RaceKind, RaceArray, RaceAt, RaceLine, RaceOther, RaceWho, RaceLog, RaceLog)
}

// statement prints a line of main with what it touches noted before it.
func (k *checker) statement(n int, line string) {
	code, _, _ := strings.Cut(strings.TrimSpace(line), " //")
	condition, rest := "", code
	if strings.HasPrefix(code, "if (") && !strings.HasSuffix(code, "{") {
		end := closing(code, 3)
		condition, rest = code[3:end+1], strings.TrimSpace(code[end+1:])
	}
	for _, a := range k.accesses(condition) {
		k.note(n, a, "")
	}
	for _, a := range k.accesses(rest) {
		k.note(n, a, condition)
	}
	if k.fences == nil {
		k.fences = map[string]bool{}
	}
	if code == "}" && strings.HasPrefix(line, "}") { // the end of main
		k.line("  atomicMax(H[%d], max(r_shared, r_buffer) + 1u);", RaceEpochs)
	}
	k.line("%s", line)
	switch {
	case strings.HasPrefix(code, "memoryBarrier"):
		k.fences[code] = true
		return
	case code == "barrier();": // of memory only what a fence was for
		if k.fences["memoryBarrierShared();"] {
			k.line("++r_shared;")
		}
		if k.fences["memoryBarrierBuffer();"] {
			k.line("++r_buffer;")
		}
	case strings.HasPrefix(code, "uint w = "):
		k.line("  r_who = (gl_WorkGroupID.x + gl_WorkGroupID.y*gl_NumWorkGroups.x)*(gl_WorkGroupSize.x) + w;")
		k.line("  r_size = gl_NumWorkGroups.x*gl_NumWorkGroups.y*gl_WorkGroupSize.x + 2u;")
		// The bases of the buffers' shadow words, and of the shared arrays'.
		sum := "0u"
		for i, b := range k.buffers {
			k.line("  uint r_base_%d = %s;", i, sum)
			sum = fmt.Sprintf("r_base_%d + uint(%s.length())", i, b)
		}
		k.line("  uint r_base_shared = %s;", sum)
	}
	k.fences = nil
}

// site is a place in a statement that reads or writes an array.
type site struct {
	array, index string
	read, write  bool
}

var name = regexp.MustCompile(`\w+\[`)

// accesses finds the places of a statement that touch what is watched.
func (k *checker) accesses(code string) (out []site) {
	for _, at := range name.FindAllStringIndex(code, -1) {
		array := code[at[0] : at[1]-1]
		_, shared := k.base[array]
		if !shared && !contains(k.buffers, array) {
			continue
		}
		end := closing(code, at[1]-1)
		s := site{array: array, index: code[at[1]:end], read: true}
		if op, _, _ := strings.Cut(strings.TrimPrefix(code[end+1:], " "), " "); at[0] == 0 && strings.HasSuffix(op, "=") && op != "==" {
			s.write, s.read = true, op != "="
		}
		out = append(out, s)
	}
	return out
}

// note prints what notes an access. What a statement reads is noted also where
// a ?: does not choose it: kernels read such places too, or could.
func (k *checker) note(n int, a site, condition string) {
	index, base, epoch := 0, "", "r_buffer"
	for i, x := range k.Arrays {
		if x == a.array {
			index, base = i, fmt.Sprintf("r_base_%d", i)
		}
	}
	if at, shared := k.base[a.array]; shared {
		base, epoch = fmt.Sprintf("r_base_shared + inst*%du + %du", k.shared, at), "r_shared"
	}
	if condition != "" {
		k.line("if %s {", condition)
	}
	if a.read {
		k.line("r_read(%du, %s, %s, %s, %du);", index, base, a.index, epoch, n)
	}
	if a.write {
		k.line("r_write(%du, %s, %s, %s, %du);", index, base, a.index, epoch, n)
	}
	if condition != "" {
		k.line("}")
	}
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

func contains(list []string, x string) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}
