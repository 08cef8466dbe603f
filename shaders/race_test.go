package shaders_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gpusim/model"
	"gpusim/shaders"
)

// small is a kernel around some statements.
func small(body string) string {
	return `#version 430
layout(local_size_x = 16) in;
layout(std430, binding = 0) coherent buffer A_ { uint A[]; };
layout(std430, binding = 1) readonly buffer B_ { uint B[]; };
layout(std430, binding = 2) writeonly buffer C_ { uint C[]; };
layout(std430, binding = 3) buffer Q_ { uint Q[]; };
shared float M[16];
shared float N[4];

void main() {
` + body + `
  atomicAdd(Q[0u], 1u);
}
`
}

// notes are the lines that the check puts before and behind a statement.
func notes(t *testing.T, body string) (list []string) {
	t.Helper()
	c := shaders.Check(small(body))
	_, text, ok := strings.Cut(c.Source, "uint r_base_shared = r_base_1 + uint(C.length()) + r_groups*20u;\n")
	if !ok {
		t.Fatalf("the shadow words are not those of A, C, M and N:\n%s", c.Source)
	}
	text, _, _ = strings.Cut(text, "  atomicAdd(Q[0u], 1u);")
	return strings.Split(strings.TrimSuffix(text, "\n"), "\n")
}

// TestCheck: what the check makes of statements.
func TestCheck(t *testing.T) {
	const (
		a = "r_base_0, %s, uint(A.length()), r_buffer);"
		c = "r_base_1, %s, uint(C.length()), 0u);" // not coherent
		m = "r_base_shared + 0u, %s, 16u, r_shared);"
		n = "r_base_shared + 16u, %s, 4u, r_shared);"
	)
	at := func(call, where, index string) string { return call + ", " + fmt.Sprintf(where, index) }
	for _, k := range []struct {
		body string
		want []string
	}{
		{"  float x = 1.0;", []string{"  float x = 1.0;"}},
		{"  M[w] = x;", []string{at("r_write(1u", m, "w"), "  M[w] = x;"}},
		{"  float x = M[w] + N[2u*w + 1u]*M[B[w]];", []string{at("r_read(1u", m, "w"), at("r_read(2u", n, "2u*w + 1u"), at("r_read(3u", m, "B[w]"), "  float x = M[w] + N[2u*w + 1u]*M[B[w]];"}},
		{"  M[w] += N[w];", []string{at("r_read(1u", m, "w"), at("r_write(2u", m, "w"), at("r_read(3u", n, "w"), "  M[w] += N[w];"}},
		{"  A[M[w] == 1.0 ? 2u : 3u] = 1u;", []string{at("r_write(1u", a, "M[w] == 1.0 ? 2u : 3u"), at("r_read(2u", m, "w"), "  A[M[w] == 1.0 ? 2u : 3u] = 1u;"}},
		{"  C[w] = A[w]; // model.yaml:3", []string{at("r_write(1u", c, "w"), at("r_read(2u", a, "w"), "  C[w] = A[w]; // model.yaml:3"}},
		{"  if (own && i < 3u) A[i] = 2u;", []string{at("if (own && i < 3u) r_write(1u", a, "i"), "  if (own && i < 3u) A[i] = 2u;"}},
		{"  if (A[i] > M[0u]) x = N[1u];", []string{at("r_read(1u", a, "i"), at("r_read(2u", m, "0u"), at("if (A[i] > M[0u]) r_read(3u", n, "1u"), "  if (A[i] > M[0u]) x = N[1u];"}},
		{"  if (A[i] == 3u) {\n  }", []string{at("r_read(1u", a, "i"), "  if (A[i] == 3u) {", "  }"}},
		{"  // synapses of M[2]", []string{"  // synapses of M[2]"}},
		{"  memoryBarrierShared();\n  barrier();", []string{"  memoryBarrierShared();", "  barrier();", "++r_shared;"}},
		{"  memoryBarrierBuffer();\n  // and\n  memoryBarrierShared();\n  barrier();", []string{"  memoryBarrierBuffer();", "  // and", "  memoryBarrierShared();", "  barrier();", "++r_shared;", "++r_buffer;"}},
		{"  memoryBarrier();\n  barrier();", []string{"  memoryBarrier();", "  barrier();", "++r_shared;", "++r_buffer;"}},
		{"  memoryBarrierShared();\n  x = 1.0;\n  barrier();", []string{"  memoryBarrierShared();", "  x = 1.0;", "  barrier();"}},
		{"  barrier();", []string{"  barrier();"}},
		// Loops whose length is known are not unrolled.
		{"  for (uint k = 0u; k < 13u; ++k) {\n  }", []string{"  for (uint k = 0u; k < 13u + u_race_zero; ++k) {", "  }"}},
		{"  for (uint e = 0u; e < 16u && s + e*8u < length; ++e) {\n  }", []string{"  for (uint e = 0u; e < 16u + u_race_zero && s + e*8u < length; ++e) {", "  }"}},
	} {
		if got := notes(t, k.body); strings.Join(got, "\n") != strings.Join(k.want, "\n") {
			t.Errorf("%s\nbecomes\n%s\nexpected\n%s", k.body, strings.Join(got, "\n"), strings.Join(k.want, "\n"))
		}
	}
}

// TestCheckRefuses: no access is overlooked because it stands where the check
// does not look.
func TestCheckRefuses(t *testing.T) {
	for _, body := range []string{
		"  ++M[w];",
		"  M[w]++;",
		"  x = M[w] = 1.0;",
		"  x = 1.0; M[w] = x;",
		"  for (uint k = 0u; k < A[0u]; ++k) {",
		"  } else if (A[0u] == 1u) {",
		"  uint old = atomicAdd(A[0u], A[1u]);",
		"  Q[1u] = 2u;", // others touch it by atomics
		"  x = M[w;",
		"}\nfloat f() {\n  return M[0u];",
	} {
		refused(t, small(body))
	}
	for _, text := range []string{
		strings.Replace(small(""), "void main()", "float f() {\n  return M[0u];\n}\n\nvoid main()", 1),
		"shared float one;\n" + small(""),
		"layout(std430, binding = 4) buffer Two { uint n; uint D[]; };\n" + small(""),
	} {
		refused(t, text)
	}
}

func refused(t *testing.T, text string) {
	t.Helper()
	defer func() {
		if s, ok := recover().(string); !ok || !strings.HasPrefix(s, "shaders: ") {
			t.Errorf("%s\nis taken (%v)", text, s)
		}
	}()
	shaders.Check(text)
}

// TestCheckSites: sites are numbered as the notes have them, and know their
// line and array.
func TestCheckSites(t *testing.T) {
	c := shaders.Check(small("  M[1u] = 1.0;\n  A[2u] |= C[3u];"))
	var got []string
	for _, s := range c.Sites {
		got = append(got, strings.TrimSpace(c.Lines[s.Line-1])+" "+c.Arrays[s.Array].Name)
	}
	want := []string{"M[1u] = 1.0; M", "A[2u] |= C[3u]; A", "A[2u] |= C[3u]; A", "A[2u] |= C[3u]; C"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("sites:\n%s\nexpected\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// A log of 8 words, then two a location: 32 of A, 64 of C, 20 shared in each workgroup.
	if n := c.ShadowWords(map[int]int{0: 32, 1: 1000, 2: 64, 3: 1000}, 3); n != 8+2*(32+64+3*20) {
		t.Errorf("%d shadow words", n)
	}
	// Four sites take 3 bits, 16 invocations 5 and one more, 3 workgroups 2 and one more.
	if each, all := c.Stamps(3, 10); each != 1<<12 || all != each {
		t.Errorf("%d stamps an epoch, %d in all, expected 4096 of one epoch", each, all)
	}
	c = shaders.Check(small("  memoryBarrierShared();\n  barrier();\n  M[1u] = 1.0;"))
	if each, all := c.Stamps(1, 10); all != 11*each {
		t.Errorf("%d stamps an epoch, %d in all; 10 steps with a barrier have 11 epochs", each, all)
	}
}

// everyKernel visits the kernels of the examples in both forms.
func everyKernel(t *testing.T, visit func(name, source string)) {
	t.Helper()
	for _, file := range examples(t) {
		for name, s := range map[string]model.Shapes{"": {}, " per synapse": {PerSynapse: true}} {
			p := lower(t, file, s)
			for _, w := range []int{8, 128} {
				visit(fmt.Sprintf("%s%s, fused, %d", filepath.Base(file), name, w), shaders.Fused(p, w).Source)
			}
			stepped, err := shaders.NewLayout(p).Stepped(64, 60000)
			if err != nil {
				t.Fatal(err)
			}
			for _, pass := range append(stepped.Passes, stepped.Check) {
				visit(fmt.Sprintf("%s%s, stepped, %s", filepath.Base(file), name, pass.Name), pass.Source)
			}
		}
	}
}

// TestCheckValidator has glslangValidator accept every kernel with its notes:
// the golden ones, and those of the examples in both forms.
func TestCheckValidator(t *testing.T) {
	check := func(name, source string) {
		cmd := exec.Command("glslangValidator", "--stdin", "-S", "comp")
		cmd.Stdin = strings.NewReader(shaders.Check(source).Source)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	golden, err := filepath.Glob("testdata/*.comp")
	if err != nil || len(golden) == 0 {
		t.Fatalf("no golden kernels: %v", err)
	}
	for _, file := range golden {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// The stepped form has several kernels in a file.
		for _, kernel := range strings.Split(string(source), "#version 430\n")[1:] {
			check(file, "#version 430\n"+kernel)
		}
	}
	everyKernel(t, check)
	check("exchange of the self-test", shaders.Exchange(32))
}

// returns are the conditions under which an invocation may leave a kernel: they
// are those of its whole workgroup.
var returns = regexp.MustCompile(`^if \(inst >= u_instances\) return;$`)

// kept are the conditions that the step is one which a record keeps: of
// uniforms, and of u, which counts the steps of the loops over them.
var kept = regexp.MustCompile(`^(\{|if \(u > 0u\) \{|if \(\(u_phase_\d+ \+ (u|\(u - 1u\))\) % \d+u == 0u\) \{)$`)

// TestUniformBarriers reads the finished kernels: barriers stand in main and in
// its loops over words and steps only, whose counts are uniform, or where a
// record keeps the step, and no invocation leaves a kernel that its workgroup
// goes on with.
func TestUniformBarriers(t *testing.T) {
	loops := map[string]bool{
		"void main() {": true,
		"for (uint word = 0u; word < u_words; ++word) {": true,
		"for (uint bit = 0u; bit < count; ++bit) {":      true,
		"uint count = min(32u, u_steps - word*32u);":     true, // which count that is
	}
	barriers := 0
	everyKernel(t, func(name, source string) {
		var open []string
		_, main, _ := strings.Cut(source, "\nvoid main()")
		for n, line := range strings.Split("void main()"+main, "\n") {
			switch line = strings.TrimSpace(line); {
			case strings.HasSuffix(line, "{"):
				open = append(open, line)
			case line == "}":
				open = open[:len(open)-1]
			case strings.Contains(line, "return") && !returns.MatchString(line),
				strings.HasPrefix(line, "uint count =") && !loops[line],
				strings.HasPrefix(line, "u = ") || strings.HasPrefix(line, "u +=") || line == "++u;" && len(open) != 3,
				strings.Contains(line, "break") || strings.Contains(line, "continue") || strings.Contains(line, "discard"):
				t.Errorf("%s: line %d of main: %s", name, n+1, line)
			case line == "barrier();":
				barriers++
				for _, header := range open {
					if !loops[header] && !kept.MatchString(header) {
						t.Errorf("%s: line %d of main: a barrier inside %s", name, n+1, header)
					}
				}
			}
		}
	})
	if barriers == 0 {
		t.Error("no kernel has a barrier")
	}
}
