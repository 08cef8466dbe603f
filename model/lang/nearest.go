package lang

// Nearest gives the candidate that s is most likely a misspelling of, or ""
// where none is near: the one of least Levenshtein distance, at most a third
// of its length (one letter at least). Of equals the first.
func Nearest(s string, candidates []string) string {
	best, least := "", 1<<30
	for _, c := range candidates {
		limit := max(1, max(len(s), len(c))/3)
		if d := distance(s, c); d <= limit && d < least && d > 0 && d < max(len(s), len(c)) {
			best, least = c, d
		}
	}
	return best
}

// distance is the Levenshtein distance of a and b in bytes, where letters
// that differ in case only count nothing less than one another.
func distance(a, b string) int {
	if len(a) > 100 || len(b) > 100 {
		return 1 << 20
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(row[j]+1, row[j-1]+1, diagonal+cost)
			diagonal, row[j] = row[j], d
		}
	}
	return row[len(b)]
}
