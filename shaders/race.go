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
// write and of two reads.
const shadowWords = 3

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
	each = 1 << (bits.Len(uint(groups)) + bits.Len(uint(c.invocations)) + bits.Len(uint(len(c.Sites))))
	return each, each * int64(1+c.barriers*max(1, steps))
}

var (
	groupSize   = regexp.MustCompile(`^layout\(local_size_x = (\d+)\) in;`)
	sharedArray = regexp.MustCompile(`^shared \w+ (\w+)\[(\d+)\];`)
	bufferArray = regexp.MustCompile(`^layout\(std430, binding = (\d+)\) ((?:\w+ )*)buffer \w+ \{ \w+ (\w+)\[\]; \};`)
)

// Check makes of a kernel the kernel that watches itself.
func Check(source string) *Checked {
	c := &Checked{Lines: strings.Split(source, "\n")}
	c.declarations()
	k := &checker{Checked: c}
	before := ""
	for n, line := range c.Lines {
		switch {
		case line == "void main() {":
			before = k.b.String()
			k.b.Reset()
			k.line("%s", line)
			k.begin()
		case before == "":
			k.beforeMain(line)
		case line == "}":
			k.end()
			k.line("%s", line)
		default:
			k.statement(n+1, line)
		}
	}
	c.Source = before + fmt.Sprintf(raceFunctions, bits.Len(uint(len(c.Sites))), bits.Len(uint(c.invocations))) + k.b.String()
	return c
}

// declarations finds the arrays to watch, and the invocations of a workgroup.
func (c *Checked) declarations() {
	var shared []WatchedArray
	for _, line := range c.Lines {
		if m := groupSize.FindStringSubmatch(line); m != nil {
			c.invocations, _ = strconv.Atoi(m[1])
		}
		if m := bufferArray.FindStringSubmatch(line); m != nil {
			binding, _ := strconv.Atoi(m[1])
			if words := strings.Fields(m[2]); !slices.Contains(words, "readonly") && !atomicOnly(c.Lines, m[3]) {
				c.Arrays = append(c.Arrays, WatchedArray{Name: m[3], Binding: binding, coherent: slices.Contains(words, "coherent")})
			}
		}
		if m := sharedArray.FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[2])
			shared = append(shared, WatchedArray{Name: m[1], Binding: -1, len: n, base: c.shared})
			c.shared += n
		}
	}
	c.Arrays = append(c.Arrays, shared...)
}

// raceFunctions is what stands before main. A stamp says who touched a location,
// when and where in the text: from the highest bit down the epoch, the
// workgroup, the invocation and the site, counted from u_race on, which is
// beyond all stamps of earlier dispatches. Each access is first noted and then
// looks for others, so that of two at once one sees the other.
//
// Of the reads of a location two are kept, by different invocations: whoever
// writes is not both of them. Where several workgroups have read it in a
// dispatch the two are of different ones.
const raceFunctions = `layout(std430, binding = 8) coherent buffer Shadow { uint H[]; };
uniform uint u_race, u_race_bits; // where stamps begin, and the bits of a workgroup's number
const uint r_site_bits = %du, r_bits = r_site_bits + %du; // of a site, and of an invocation with it
uint r_who = 0u, r_high = 0u; // the invocation, and the place of the epoch in a stamp
uint r_shared = 0u, r_buffer = 0u; // epochs
uint r_count = 0u, r_kind = 0u, r_at = 0u, r_here = 0u, r_there = 0u; // races, and the first
void r_race(uint kind, uint at, uint here, uint there) {
  if (r_count == 0u) {
    r_kind = kind;
    r_at = at;
    r_here = here;
    r_there = there;
  }
  ++r_count;
}
// Whether they differ in more than epoch, invocation and site.
bool r_groups(uint x, uint y) { return ((x ^ y) & ((1u << r_high) - 1u)) >> r_bits != 0u; }
// Whether it is of this dispatch, by another invocation, and nothing orders it before.
bool r_apart(uint stamp, uint now) {
  uint x = (stamp - u_race) ^ (now - u_race);
  return stamp >= u_race && (r_groups(x, 0u) || x >> r_site_bits != 0u && x < 1u << r_bits);
}
uint r_site(uint stamp) { return (stamp - u_race) & ((1u << r_site_bits) - 1u); }
void r_read(uint site, uint base, uint at, uint length, uint epoch) {
  uint h = 8u + 3u*(base + at), now = u_race + ((epoch << r_high) | r_who | site);
  if (at >= length || h + 2u >= uint(H.length())) {
    r_race(3u, at, site, 0u);
    return;
  }
  uint other = atomicExchange(H[h + 1u], now);
  if (r_apart(other, now)) {
    uint kept = H[h + 2u];
    if (kept < u_race || !r_groups(kept - u_race, now - u_race)) H[h + 2u] = other;
  }
  memoryBarrierBuffer();
  uint writer = H[h];
  if (r_apart(writer, now)) r_race(0u, at, site, r_site(writer));
}
void r_write(uint site, uint base, uint at, uint length, uint epoch) {
  uint h = 8u + 3u*(base + at), now = u_race + ((epoch << r_high) | r_who | site);
  if (at >= length || h + 2u >= uint(H.length())) {
    r_race(3u, at, site, 0u);
    return;
  }
  uint other = atomicExchange(H[h], now);
  if (r_apart(other, now)) r_race(1u, at, site, r_site(other));
  memoryBarrierBuffer();
  uint reader = H[h + 1u];
  reader = r_apart(reader, now) ? reader : H[h + 2u];
  if (r_apart(reader, now)) r_race(2u, at, site, r_site(reader));
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
	k.line("  uint r_group = gl_WorkGroupID.x + gl_WorkGroupID.y*gl_NumWorkGroups.x;")
	k.line("  r_who = r_group << r_bits | gl_LocalInvocationIndex << r_site_bits;")
	k.line("  r_high = u_race_bits + r_bits;")
	sum := "0u"
	for i, a := range k.Arrays {
		if a.Binding >= 0 {
			k.line("  uint r_base_%d = %s;", i, sum)
			sum = fmt.Sprintf("r_base_%d + uint(%s.length())", i, a.Name)
		}
	}
	k.line("  uint r_base_shared = %s + r_group*%du;", sum, k.shared)
}

// end prints the end of main: the log.
func (k *checker) end() {
	k.line("  atomicMax(H[%d], max(r_shared, r_buffer) + 1u);", RaceEpochs)
	k.line("  if (r_count != 0u && atomicAdd(H[%d], r_count) == 0u) {", RaceCount)
	k.line("    H[%d] = r_kind; H[%d] = r_at; H[%d] = r_here; H[%d] = r_there;", RaceKind, RaceAt, RaceHere, RaceThere)
	k.line("    H[%d] = r_group*gl_WorkGroupSize.x + gl_LocalInvocationIndex;", RaceWho)
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
	k.line("%s", line)
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

// beforeMain prints a line that stands before main, where only declarations name
// what is watched.
func (k *checker) beforeMain(line string) {
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
