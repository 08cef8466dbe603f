package library_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"gpusim/model"
	"gpusim/model/library"
)

var year = regexp.MustCompile(`\(?(19|20)\d\d\)`)

// Every built-in model loads by its name, without a note, and its text names
// where it comes from.
func TestModels(t *testing.T) {
	if got := strings.Join(library.Names(), " "); got != "fitzhugh_nagumo gaba_a izhikevich lif wang_buzsaki" {
		t.Errorf("got %s", got)
	}
	for _, name := range library.Names() {
		text, ok := library.Text(name)
		if !ok || !year.MatchString(text) || text[0] != '#' {
			t.Errorf("%s: %v\n%s", name, ok, text)
		}
		file := "gpusim: 1\ndt: 0.1\nrun: {duration: 1}\npopulations:\n"
		if strings.Contains(text, "kind: neuron") {
			file += fmt.Sprintf("  p: {model: %s, size: 2}\n", name)
		} else {
			file += "  p: {model: wang_buzsaki, size: 2}\nprojections:\n"
			file += fmt.Sprintf("  s: {model: %s, from: p, to: p, connect: {all_to_all: {}}}\n", name)
		}
		f, notes, err := model.Parse(name, []byte(file), ".", model.LoadOptions{})
		if err != nil || len(notes) > 0 {
			t.Errorf("%s: %v %v", name, notes, err)
		} else if err := model.NotBuilt(f); err != nil {
			t.Error(err)
		}
	}
	if _, ok := library.Text("../library"); ok {
		t.Error("a path is no name")
	}
}
