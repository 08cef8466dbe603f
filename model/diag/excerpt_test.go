package diag

import (
	"strings"
	"testing"
)

func TestExcerpt(t *testing.T) {
	long := strings.Repeat("a", 200) + "X" + strings.Repeat("b", 200)
	for _, test := range []struct {
		line    string
		col     int
		want    string
		wantCol int
	}{
		{"", 1, "", 1},
		{"two\tthree", 5, "two three", 5},
		{"na\u00efve \u03bb", 4, "na\u00efve \u03bb", 4},
		{"a\x1b[31m\x00b\xf9", 8, "a?[31m?b?", 8},
		{long, 201, "..." + long[125:275] + "...", 79},
		{long, 1, long[:150] + "...", 1},
		{long, 401, "..." + long[251:], 153},
	} {
		got, col := excerpt(test.line, test.col)
		if got != test.want || col != test.wantCol {
			t.Errorf("%q, column %d: got %q, column %d; want %q, column %d", test.line, test.col, got, col, test.want, test.wantCol)
		}
	}
}
