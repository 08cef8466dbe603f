package ledger

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// Ledger is the rows of the points that are done, as a folder that grows.
type Ledger struct {
	dir      string
	manifest *Manifest
	table    *Table
	file     *os.File
	at       []int64 // where the row of each point is in the file; -1: it is not done
	count    int     // of points that are done
	size     int64   // of the file, without what is pending
	pending  bytes.Buffer
}

// ErrBusy is a ledger that another process is writing to.
var ErrBusy = errors.New("another gpusim is at work on it")

// Create makes a ledger in a folder, which is there.
func Create(dir string, m *Manifest, t *Table) (*Ledger, error) {
	file, err := os.OpenFile(filepath.Join(dir, RowsName), os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return nil, err
	}
	l := newLedger(dir, m, t, file)
	if err = lock(file); err == nil {
		l.write(t.head())
		if err = l.Flush(); err == nil {
			err = m.Save(dir)
		}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return l, nil
}

// Open opens a ledger to go on with it. It has to be of the same sweep.
func Open(dir string, m *Manifest, t *Table) (*Ledger, error) {
	there, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	if err := there.Same(dir, m); err != nil {
		return nil, err
	}
	return open(dir, m, t, os.O_RDWR)
}

// Busy reports whether another process is at work on a ledger.
func Busy(dir string) bool {
	file, err := os.OpenFile(filepath.Join(dir, RowsName), os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer file.Close()
	return errors.Is(lock(file), ErrBusy)
}

// open reads the rows of a ledger.
func open(dir string, m *Manifest, t *Table, mode int) (*Ledger, error) {
	file, err := os.OpenFile(filepath.Join(dir, RowsName), mode, 0)
	if err != nil {
		return nil, err
	}
	l := newLedger(dir, m, t, file)
	if mode == os.O_RDWR {
		err = lock(file)
	}
	if err == nil {
		err = l.read()
	}
	if err == nil && mode == os.O_RDWR {
		err = l.cut()
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return l, nil
}

// Same refuses a manifest of another sweep.
func (m *Manifest) Same(dir string, now *Manifest) error {
	list := m.Differences(now)
	if m.Shard.String() != now.Shard.String() {
		list = append(list, fmt.Sprintf("shard is %s in it, and %s here", m.Shard, now.Shard))
	}
	if len(list) == 0 {
		return nil
	}
	return &OtherSweepError{dir, list}
}

// OtherSweepError is a ledger of another sweep than the one at hand.
type OtherSweepError struct {
	Dir         string
	Differences []string
}

// Error names what differs.
func (e *OtherSweepError) Error() string {
	text := e.Dir + " is of another sweep: "
	for i, d := range e.Differences {
		if i > 0 {
			text += "; "
		}
		text += d
	}
	return text
}

func newLedger(dir string, m *Manifest, t *Table, file *os.File) *Ledger {
	l := &Ledger{dir: dir, manifest: m, table: t, file: file, at: make([]int64, m.Points)}
	for k := range l.at {
		l.at[k] = -1
	}
	return l
}

// read reads all rows and finds out which points are done. What is wrong with a
// line is an error with its number; a last line without its newline was torn by
// a crash, and does not count.
func (l *Ledger) read() error {
	r := bufio.NewReaderSize(l.file, 1<<16)
	for line := 1; ; line++ {
		text, err := r.ReadSlice('\n')
		long := []byte(nil)
		for errors.Is(err, bufio.ErrBufferFull) { // a long detail
			long = append(long, text...)
			text, err = r.ReadSlice('\n')
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if long != nil {
			text = append(long, text...)
		}
		if err := l.readLine(line, text); err != nil {
			return fmt.Errorf("%s:%d: %w", l.file.Name(), line, err)
		}
		l.size += int64(len(text))
	}
}

// readLine takes a whole line.
func (l *Ledger) readLine(line int, text []byte) error {
	cells, err := split(text)
	if err != nil {
		return err
	}
	if line == 1 {
		return l.table.checkHead(cells)
	}
	point, err := l.table.check(cells, l.manifest.Points)
	if err != nil {
		return err
	}
	if !l.manifest.Shard.Has(point) {
		return fmt.Errorf("point %d is not in shard %s", point, l.manifest.Shard)
	}
	if l.at[point] >= 0 {
		return fmt.Errorf("point %d has a row already", point)
	}
	l.at[point] = l.size
	l.count++
	return nil
}

// cut cuts off a torn line, and writes the head where even that was torn.
func (l *Ledger) cut() error {
	if err := l.file.Truncate(l.size); err != nil {
		return err
	}
	if l.size == 0 {
		l.write(l.table.head())
		return l.Flush()
	}
	return nil
}

// split parses a line.
func split(text []byte) ([]string, error) {
	r := csv.NewReader(bytes.NewReader(text))
	cells, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("no row of a CSV file: %q", text)
	}
	if _, err := r.Read(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("no row of a CSV file: %q", text)
	}
	return cells, nil
}

// write adds a line to what Flush writes.
func (l *Ledger) write(cells []string) {
	w := csv.NewWriter(&l.pending)
	_ = w.Write(cells) // to memory
	w.Flush()
}

// Add enters a point: the cells of its row in sweep.csv, and why it is not ok, which is
// a line of text. The point is done when it is flushed.
func (l *Ledger) Add(point int, cells []string, detail string) error {
	row := append(append([]string{strconv.Itoa(point)}, cells...), oneLine(detail))
	_, err := l.table.check(row, l.manifest.Points)
	if err == nil && l.at[point] >= 0 {
		err = errors.New("it is there already")
	}
	if err != nil {
		return fmt.Errorf("entering point %d in %s: %w", point, l.dir, err)
	}
	l.at[point] = l.size + int64(l.pending.Len())
	l.write(row)
	l.count++
	return nil
}

// Flush has the disk take what was added.
func (l *Ledger) Flush() error {
	if l.pending.Len() == 0 {
		return nil
	}
	if _, err := l.file.WriteAt(l.pending.Bytes(), l.size); err != nil {
		return err
	}
	if err := l.file.Sync(); err != nil {
		return err
	}
	l.size += int64(l.pending.Len())
	l.pending.Reset()
	return nil
}

// Done is the number of points that are done.
func (l *Ledger) Done() int { return l.count }

// Points is the number of points that there are, in the shard.
func (l *Ledger) Points() int { return l.manifest.Shard.Count(l.manifest.Points) }

// Todo lists the points that are not done, ascending.
func (l *Ledger) Todo() []int {
	list := []int{}
	for k, at := range l.at {
		if at < 0 && l.manifest.Shard.Has(k) {
			list = append(list, k)
		}
	}
	return list
}

// Row is a point that is done, as sweep.csv has it.
type Row struct {
	Point  int
	Cells  []string
	Detail string
}

// Rows calls f with all points that are done, ascending.
func (l *Ledger) Rows(f func(*Row) error) error {
	s := l.scan()
	for k, at := range l.at {
		if at < 0 {
			continue
		}
		row, err := s.row(at)
		if err == nil {
			err = f(row)
		}
		if err != nil {
			return fmt.Errorf("point %d: %w", k, err)
		}
	}
	return nil
}

// scanner reads rows, fast where they follow each other in the file.
type scanner struct {
	file *os.File
	r    *bufio.Reader
	at   int64
}

func (l *Ledger) scan() *scanner {
	return &scanner{file: l.file, r: bufio.NewReaderSize(nil, 1<<16), at: -1}
}

func (s *scanner) row(at int64) (*Row, error) {
	if at != s.at {
		s.r.Reset(io.NewSectionReader(s.file, at, 1<<62))
	}
	text, err := s.r.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	s.at = at + int64(len(text))
	cells, err := split(text)
	if err != nil {
		return nil, err
	}
	point, err := strconv.Atoi(cells[0])
	return &Row{point, cells[1 : len(cells)-1], cells[len(cells)-1]}, err
}

// Close closes the file. What was not flushed is lost.
func (l *Ledger) Close() error {
	if err := l.file.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
		return err
	}
	return nil
}
