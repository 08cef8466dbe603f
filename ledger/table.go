package ledger

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Table says what the rows of a sweep look like.
type Table struct {
	Names   []string                 // of the parameters: the first columns
	Values  func(point int) []string // of a point, as its row has them
	Numbers []Number                 // the columns that follow
	States  []string                 // what the last column, status, may be
}

// Number is a column of numbers.
type Number struct {
	Name     string
	Whole    bool // whole numbers from 0
	Optional bool // a cell may be empty
}

const (
	pointColumn  = "point"
	statusColumn = "status"
	detailColumn = "detail"
)

// Columns are those of sweep.csv.
func (t *Table) Columns() []string {
	columns := slices.Clone(t.Names)
	for _, n := range t.Numbers {
		columns = append(columns, n.Name)
	}
	return append(columns, statusColumn)
}

// head is that of rows.csv.
func (t *Table) head() []string {
	return append(append([]string{pointColumn}, t.Columns()...), detailColumn)
}

func (t *Table) checkHead(cells []string) error {
	if want := t.head(); !slices.Equal(cells, want) {
		return fmt.Errorf("the columns are %s; those of this sweep are %s", strings.Join(cells, ","), strings.Join(want, ","))
	}
	return nil
}

// check looks at a row of rows.csv and gives its point.
func (t *Table) check(cells []string, points int) (point int, err error) {
	if want := len(t.Names) + len(t.Numbers) + 3; len(cells) != want {
		return 0, fmt.Errorf("the row has %d columns, not %d", len(cells), want)
	}
	point, err = strconv.Atoi(cells[0])
	if err != nil || point < 0 || point >= points || strconv.Itoa(point) != cells[0] {
		return 0, fmt.Errorf("there is no point %q: the points are 0 to %d", cells[0], points-1)
	}
	cells = cells[1:]
	for i, want := range t.Values(point) {
		if cells[i] != want {
			return 0, fmt.Errorf("%s of point %d is %q, and %s in this sweep", t.Names[i], point, cells[i], want)
		}
	}
	cells = cells[len(t.Names):]
	for i := range t.Numbers {
		if err := t.Numbers[i].check(cells[i]); err != nil {
			return 0, err
		}
	}
	if status := cells[len(t.Numbers)]; !slices.Contains(t.States, status) {
		return 0, fmt.Errorf("the status is %q, and can be %s", status, strings.Join(t.States, " or "))
	}
	return point, nil
}

func (n *Number) check(cell string) error {
	switch _, err := strconv.ParseFloat(cell, 64); {
	case cell == "" && n.Optional:
		return nil
	case n.Whole && strings.Trim(cell, "0123456789") != "", err != nil:
		kind := "a number"
		if n.Whole {
			kind = "a whole number"
		}
		return fmt.Errorf("%s is %q, and has to be %s", n.Name, cell, kind)
	}
	return nil
}

// oneLine is a text without line breaks, so that a row is a line.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' || r == '\r' }), " ")
}
