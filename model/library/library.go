// Package library holds the built-in models as text, each the body of a model
// of a network file. A file uses one by its name: model: lif.
package library

import (
	"embed"
	"sort"
	"strings"
)

//go:embed *.yaml
var texts embed.FS

// Text gives the text of the built-in model of a name.
func Text(name string) (text string, ok bool) {
	b, err := texts.ReadFile(name + ".yaml")
	return string(b), err == nil
}

// Names lists the built-in models in alphabetical order.
func Names() []string {
	list, err := texts.ReadDir(".")
	if err != nil {
		return nil
	}
	var names []string
	for _, f := range list {
		names = append(names, strings.TrimSuffix(f.Name(), ".yaml"))
	}
	sort.Strings(names)
	return names
}
