package shaders

import (
	"strings"
	"testing"
)

// TestBarrierRefused: the printer refuses a barrier that not all invocations of
// a workgroup come to.
func TestBarrierRefused(t *testing.T) {
	for name, c := range map[string]struct {
		print  func(k *kernel)
		refuse string // "": it is printed
	}{
		"in main":           {func(k *kernel) { k.barrier("Shared") }, ""},
		"in the steps":      {func(k *kernel) { k.enter(wordBlock); k.enter(stepBlock); k.barrier("Shared") }, ""},
		"in a part of them": {func(k *kernel) { k.part(func() { k.barrier("Shared") }, mainBlock, wordBlock, stepBlock) }, ""},
		"behind a loop":     {func(k *kernel) { k.loop(5); k.close(); k.barrier("Shared") }, ""},
		"behind a return of the workgroup": {func(k *kernel) {
			k.leave("inst >= u_instances", true)
			k.barrier("Shared")
		}, ""},
		"in the loop over neurons": {func(k *kernel) { k.loop(5); k.barrier("Shared") }, `"for (uint k = 0u; k < 5u; ++k)"`},
		"under a condition":        {func(k *kernel) { k.open("if (w < 8u)"); k.barrier("Shared") }, `"if (w < 8u)"`},
		"in braces under one":      {func(k *kernel) { k.open("if (own)"); k.openUniform(""); k.barrier("Shared") }, `"if (own)"`},
		"in a section": {func(k *kernel) {
			k.part(func() { k.barrier("Buffer") }, sectionBlocks...)
		}, `"if (c < n)"`},
		"behind a return of some": {func(k *kernel) {
			k.leave("i >= 20u", false)
			k.barrier("Shared")
		}, "if (i >= 20u)"},
		// Parts are printed in any order.
		"before a return of some": {func(k *kernel) {
			k.barrier("Shared")
			k.leave("i >= 20u", false)
		}, "if (i >= 20u)"},
	} {
		k := &kernel{blocks: []block{mainBlock}}
		refused := func() (s string) {
			defer func() {
				if r := recover(); r != nil {
					s = r.(string)
				}
			}()
			c.print(k)
			return ""
		}()
		switch {
		case c.refuse == "" && refused != "":
			t.Errorf("%s: %s", name, refused)
		case c.refuse != "" && (!strings.HasPrefix(refused, "shaders: a barrier") || !strings.Contains(refused, c.refuse)):
			t.Errorf("%s: %q, expected that it is refused because of %s", name, refused, c.refuse)
		}
	}
}

// TestBarrierText: what is printed.
func TestBarrierText(t *testing.T) {
	k := &kernel{}
	k.enter(mainBlock)
	k.barrier("Buffer", "Shared")
	k.close()
	const want = "void main() {\n  memoryBarrierBuffer();\n  memoryBarrierShared();\n  barrier();\n}\n"
	if got := k.take(); got != want {
		t.Errorf("%s\nexpected\n%s", got, want)
	}
}
