package lang

import "strings"

// Nearest gives the candidate that s is most likely a misspelling of, or ""
// where none is near: the one of least Levenshtein distance, at most a third
// of its length (one letter at least), or the first that begins with s. Of
// equals the first.
func Nearest(s string, candidates []string) string {
	best, least := "", 1<<30
	for _, c := range candidates {
		if len(s) >= 3 && len(s) < len(c) && strings.HasPrefix(c, s) {
			return c
		}
		limit := max(1, max(len(s), len(c))/3)
		if d := distance(s, c); d <= limit && d < least && d > 0 && d < max(len(s), len(c)) {
			best, least = c, d
		}
	}
	return best
}

// distance is the Levenshtein distance of a and b in bytes, with two letters
// that have changed places counted as one.
func distance(a, b string) int {
	if len(a) > 100 || len(b) > 100 {
		return 1 << 20
	}
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(a)][len(b)]
}
