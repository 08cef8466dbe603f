package model

import "strings"

// significant drops comments, empty lines and aligned spaces.
func significant(s string) string {
	var out []string
	for _, line := range strings.Split(s, "\n") {
		if x := strings.TrimSpace(line); x != "" && x[0] != '#' {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}
