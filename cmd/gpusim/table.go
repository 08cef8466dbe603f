package main

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// number writes v so that reading it gives v back, as short as can be.
func number(v float64) string {
	if a := math.Abs(v); a != 0 && (a < 1e-5 || a >= 1e21) {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// round rounds v to a number of digits, for times that were computed by count
// times dt and print as 0.48, not 0.48000000000000004.
func round(v float64, digits int) float64 {
	r, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	return r
}

// short writes v for people.
func short(v float64) string { return number(round(v, 6)) }

// table is a head and rows of as many cells.
type table struct {
	head []string
	rows [][]string
	text int // the first columns that hold text, not numbers
}

// writeCSV writes the table as sweep.csv has it.
func (t *table) writeCSV(w io.Writer) error {
	c := csv.NewWriter(w)
	if t.head != nil {
		if err := c.Write(t.head); err != nil {
			return err
		}
	}
	return c.WriteAll(t.rows) // which flushes
}

// String aligns the columns, text to the left and numbers to the right.
func (t *table) String() string {
	widths := make([]int, len(t.head))
	all := append([][]string{t.head}, t.rows...)
	for _, row := range all {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range all {
		for i, cell := range row {
			if i > 0 {
				b.WriteString("  ")
			}
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i < t.text {
				b.WriteString(cell + pad)
			} else {
				b.WriteString(pad + cell)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// brief writes a difference for people: three digits.
func brief(v float64) string { return number(round(v, 3)) }

// optional is short for a number that there may not be.
func optional(v *float64) string {
	if v == nil {
		return "undefined"
	}
	return short(*v)
}

// count writes a number of things.
func count(n int) string { return strconv.Itoa(n) }
