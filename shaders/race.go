package shaders

import (
	"fmt"
	"math/bits"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Checked is a kernel that watches itself for races. Before each statement that
// touches shared memory or a buffer that kernels write, it notes in shadow
// words, of each location, which invocation wrote it last and which read it,
// and in which epoch: the barriers that came before. A read or write of what
// another invocation wrote, or a write of what another read, is a race unless
// something orders the two, whatever the order in which the device happened to
// run them: a software renderer hides what a graphics card does not.
//
// Two things order the accesses of invocations:
//
//   - a dispatch that ends before another begins, for all of them;
//   - within a dispatch barrier(), for those of one workgroup, and for the
//     memory that a memoryBarrier just before it names, as OpenGL 4.3 has it.
//     What lies in a buffer must be coherent too.
//
// Of different workgroups in one dispatch nothing orders anything. Atomic
// operations do not race with each other, and what kernels touch by atomics
// alone, the status words, is left out.
//
// What an expression reads counts as read whichever side a ?: chooses: a
// compiler may read both.
//
// The check reads the finished text, a statement a line, so it shares nothing
// with what printed it.
type Checked struct {
	Source string
	Lines  []string // of the kernel that is checked
	Arrays []WatchedArray
	Sites  []RaceSite // by number, from 1

	invocations int // of a workgroup
	shared      int // elements of the shared arrays
	barriers    int // statements
}

// WatchedArray is an array whose elements have shadow words.
type WatchedArray struct {
	Name     string
	Binding  int // of a buffer; -1: it is shared memory
	len      int // of a shared array
	base     int // of a shared array, among shared elements
	coherent bool
}

// RaceSite is a place in a kernel that touches a watched array.
type RaceSite struct {
	Line  int // from 1
	Array int
}

// BindShadow is the binding of the shadow buffer: a log, then the shadow words.
// OpenGL 4.3 promises eight bindings; a device to be checked has nine.
const BindShadow = 8

// The words of the log.
const (
	RaceCount  = 0 // races found
	RaceKind   = 1 // of the first that was logged: a number of RaceKinds
	RaceAt     = 2 // the element
	RaceHere   = 3 // the site
	RaceThere  = 4 // the other invocation's site
	RaceWho    = 5 // the invocation, counted over all workgroups
	RaceEpochs = 6 // the most epochs that a dispatch took
	RaceLog    = 8
)

// RaceKinds says what the numbers of RaceKind mean.
var RaceKinds = []string{
	"reads what another has written",
	"writes what another has written",
	"writes what another has read",
	"reaches beyond the end",
}

// shadowWords is the number of words of a location: the stamps of its last
// write and of its last read.
const shadowWords = 2

// ShadowWords is the number of words of the shadow buffer for so many
// workgroups, with buffers of so many words by binding.
func (c *Checked) ShadowWords(buffers map[int]int, groups int) int {
	n := c.shared * groups
	for _, a := range c.Arrays {
		if a.Binding >= 0 {
			n += buffers[a.Binding]
		}
	}
	return RaceLog + shadowWords*n
}

// Stamps is how many stamps a dispatch may take, of an epoch each: what it
// notes is numbered from u_race on. It has so many workgroups and runs so many
// steps; a barrier stands in the loops over the steps or outside of them.
func (c *Checked) Stamps(groups, steps int) (each, all int64) {
	each = 1 << (GroupBits(groups) + c.groupBit())
	return each, each * int64(1+c.barriers*max(1, steps))
}

// GroupBits is the bits of a stamp that number so many workgroups, for
// u_race_bits.
func GroupBits(groups int) int { return bits.Len(uint(groups)) + 1 }

// siteBits and groupBit are the bits of a stamp below the invocation, and below
// the workgroup.
func (c *Checked) siteBits() int { return bits.Len(uint(len(c.Sites))) }
func (c *Checked) groupBit() int { return c.siteBits() + bits.Len(uint(c.invocations)) + 1 }

var (
	groupSize   = regexp.MustCompile(`^layout\(local_size_x = (\d+)\) in;`)
	sharedArray = regexp.MustCompile(`^shared \w+ (\w+)\[(\d+)\];`)
	bufferArray = regexp.MustCompile(`^layout\(std430, binding = (\d+)\) ((?:\w+ )*)buffer \w+ \{ \w+ (\w+)\[\]; \};`)
)

// counted is the beginning of a loop whose length the driver knows. Unrolled,
// with all its notes, it takes drivers very long to compile.
var counted = regexp.MustCompile(`^( *for \(uint \w+ = 0u; \w+ < \d+u)`)

// Check makes of a kernel the kernel that watches itself.
func Check(source string) *Checked {
	c := &Checked{Lines: strings.Split(source, "\n")}
	c.declarations()
	k := &checker{Checked: c}
	before, inMain := "", false
	for n, line := range c.Lines {
		switch {
		case line == "void main() {":
			before, inMain = k.b.String(), true
			k.b.Reset()
			k.line("%s", line)
			k.begin()
		case !inMain:
			k.outside(line)
		case line == "}":
			inMain = false
			k.end()
			k.line("%s", line)
		default:
			k.statement(n+1, line)
		}
	}
	c.Source = before + fmt.Sprintf(raceFunctions, c.siteBits(), c.groupBit()-c.siteBits()) + k.b.String()
	return c
}

// declarations finds the arrays to watch, and the invocations of a workgroup.
func (c *Checked) declarations() {
	var shared []WatchedArray
	for _, line := range c.Lines {
		if m := groupSize.FindStringSubmatch(line); m != nil {
			c.invocations, _ = strconv.Atoi(m[1])
		} else if m := bufferArray.FindStringSubmatch(line); m != nil {
			binding, _ := strconv.Atoi(m[1])
			if words := strings.Fields(m[2]); !slices.Contains(words, "readonly") && !atomicOnly(c.Lines, m[3]) {
				c.Arrays = append(c.Arrays, WatchedArray{Name: m[3], Binding: binding, coherent: slices.Contains(words, "coherent")})
			}
		} else if m := sharedArray.FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[2])
			shared = append(shared, WatchedArray{Name: m[1], Binding: -1, len: n, base: c.shared})
			c.shared += n
		} else if strings.HasPrefix(line, "layout(") || strings.HasPrefix(line, "shared ") {
			panic("shaders: a declaration that the check for races does not understand: " + line)
		}
	}
	c.Arrays = append(c.Arrays, shared...)
}

// raceFunctions is what stands before main. A stamp says who touched a location,
// when and where in the text. From the highest bit down it has the epoch, the
// workgroup, the invocation and the site; it counts from u_race on, which is
// beyond all stamps of earlier dispatches. Each access is first noted and then
// looks for others, so that of two at once one sees the other.
//
// Of the reads of a location one is kept. Where several invocations have read
// it in an epoch its stamp has a bit more in the invocation's number, which is
// then no invocation's; where several workgroups have in a dispatch, in the
// workgroup's.
const raceFunctions = `layout(std430, binding = 8) coherent buffer Shadow { uint H[]; };
uniform uint u_race, u_race_bits; // where stamps begin, and the bits of a workgroup's number
uniform uint u_race_zero; // never set: so that loops are not unrolled
const uint r_site = %du, r_group = r_site + %du; // bits below the invocation, and below the workgroup
uint r_who = 0u, r_high = 0u; // the invocation, and the bits below the epoch
uint r_shared = 0u, r_buffer = 0u; // epochs
uint r_count = 0u, r_kind = 0u, r_at = 0u, r_here = 0u, r_there = 0u; // races, and the first
// What two stamps differ in, from the invocation up.
uint r_other(uint stamp, uint now) { return ((stamp - u_race) ^ (now - u_race)) >> r_site << r_site; }
bool r_other_group(uint other) { return (other & ((1u << r_high) - 1u)) >> r_group != 0u; }
// Whether it is of this dispatch, by another invocation, and nothing orders it before.
bool r_apart(uint stamp, uint now) {
  uint other = r_other(stamp, now);
  return stamp >= u_race && (r_other_group(other) || other != 0u && other < 1u << r_group);
}
void r_race(uint kind, uint at, uint now, uint stamp) {
  if (r_count == 0u) {
    r_kind = kind;
    r_at = at;
    r_here = (now - u_race) & ((1u << r_site) - 1u);
    r_there = (stamp - u_race) & ((1u << r_site) - 1u);
  }
  ++r_count;
}
void r_read(uint site, uint base, uint at, uint length, uint epoch) {
  uint h = 8u + 2u*(base + at), now = u_race + ((epoch << r_high) | r_who | site), writer = 0u;
  bool within = at < length && h + 1u < uint(H.length());
  if (within) {
    uint reader = atomicExchange(H[h + 1u], now);
    if (r_apart(reader, now)) {
      uint several = 1u << (r_other_group(r_other(reader, now)) ? r_high : r_group) >> 1u;
      H[h + 1u] = u_race + ((reader - u_race) | several);
    }
    memoryBarrierBuffer();
    writer = H[h];
  }
  bool apart = r_apart(writer, now);
  if (apart || !within) r_race(apart ? 0u : 3u, at, now, apart ? writer : u_race);
}
void r_write(uint site, uint base, uint at, uint length, uint epoch) {
  uint h = 8u + 2u*(base + at), now = u_race + ((epoch << r_high) | r_who | site), writer = 0u, reader = 0u;
  bool within = at < length && h + 1u < uint(H.length());
  if (within) {
    writer = atomicExchange(H[h], now);
    memoryBarrierBuffer();
    reader = H[h + 1u];
  }
  bool written = r_apart(writer, now), read = r_apart(reader, now);
  if (written || read || !within) r_race(written ? 1u : read ? 2u : 3u, at, now, written ? writer : read ? reader : u_race);
}
`

// checker prints a kernel that watches itself.
type checker struct {
	*Checked
	b      strings.Builder
	fences []string // that the statements just before name
}

func (k *checker) line(format string, args ...any) { fmt.Fprintf(&k.b, format+"\n", args...) }

// begin prints the beginning of main: who it is, and where the shadow words of
// each array begin.
func (k *checker) begin() {
	k.line("  uint r_groups = gl_WorkGroupID.x + gl_WorkGroupID.y*gl_NumWorkGroups.x;")
	k.line("  r_who = r_groups << r_group | gl_LocalInvocationIndex << r_site;")
	k.line("  r_high = u_race_bits + r_group;")
	sum := "0u"
	for i, a := range k.Arrays {
		if a.Binding >= 0 {
			k.line("  uint r_base_%d = %s;", i, sum)
			sum = fmt.Sprintf("r_base_%d + uint(%s.length())", i, a.Name)
		}
	}
	k.line("  uint r_base_shared = %s + r_groups*%du;", sum, k.shared)
}

// end prints the end of main: the log.
func (k *checker) end() {
	k.line("  atomicMax(H[%d], max(r_shared, r_buffer) + 1u);", RaceEpochs)
	k.line("  if (r_count != 0u && atomicAdd(H[%d], r_count) == 0u) {", RaceCount)
	k.line("    H[%d] = r_kind; H[%d] = r_at; H[%d] = r_here; H[%d] = r_there;", RaceKind, RaceAt, RaceHere, RaceThere)
	k.line("    H[%d] = r_groups*gl_WorkGroupSize.x + gl_LocalInvocationIndex;", RaceWho)
	k.line("  }")
}

// statement prints a line of main with what it touches noted before it.
func (k *checker) statement(n int, line string) {
	code := strings.TrimSpace(line)
	if strings.HasPrefix(code, "//") {
		k.line("%s", line)
		return
	}
	code, _, _ = strings.Cut(code, " //")
	condition, rest := split(code)
	for _, s := range k.sites(condition) {
		k.note(n, s, "")
	}
	for _, s := range k.sites(rest) {
		k.note(n, s, condition)
	}
	k.line("%s", counted.ReplaceAllString(line, "$1 + u_race_zero"))
	switch kind, fence := strings.CutPrefix(code, "memoryBarrier"); {
	case fence:
		k.fences = append(k.fences, kind)
		return // what follows may be its barrier
	case code == "barrier();":
		k.barriers++
		k.epochs()
	}
	k.fences = nil
}

// outside prints a line that stands outside of main, where only declarations
// name what is watched.
func (k *checker) outside(line string) {
	if !sharedArray.MatchString(line) && !bufferArray.MatchString(line) && len(k.sites(line)) > 0 {
		panic("shaders: a function that touches what is watched for races: " + line)
	}
	k.line("%s", line)
}

// epochs counts a barrier for the memory that its fences name.
func (k *checker) epochs() {
	all := slices.Contains(k.fences, "();")
	if all || slices.Contains(k.fences, "Shared();") {
		k.line("++r_shared;")
	}
	if all || slices.Contains(k.fences, "Buffer();") {
		k.line("++r_buffer;")
	}
}

// note prints what notes an access, under a condition that is not "".
func (k *checker) note(n int, s site, condition string) {
	a := k.Arrays[s.array]
	base, length, epoch := fmt.Sprintf("r_base_%d", s.array), fmt.Sprintf("uint(%s.length())", a.Name), "r_buffer"
	switch {
	case a.Binding < 0:
		base, length, epoch = fmt.Sprintf("r_base_shared + %du", a.base), fmt.Sprintf("%du", a.len), "r_shared"
	case !a.coherent: // no barrier shows others what was written
		epoch = "0u"
	}
	if condition != "" {
		condition = "if " + condition + " "
	}
	print := func(what string) {
		k.Sites = append(k.Sites, RaceSite{Line: n, Array: s.array})
		k.line("%s%s(%du, %s, %s, %s, %s);", condition, what, len(k.Sites), base, s.index, length, epoch)
	}
	if s.read {
		print("r_read")
	}
	if s.write {
		print("r_write")
	}
}
