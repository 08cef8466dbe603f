package serve

import (
	"io"
	"math"
	"strconv"
	"sync"
	"unicode/utf8"
)

// object is a JSON object that keeps the order of its members.
type object []member

type member struct {
	key   string
	value any
}

// numbers are small numbers written as a list.
type numbers []int

// writer writes lines. It keeps the first error of the writer below.
type writer struct {
	mu  sync.Mutex
	w   io.Writer
	err error
}

func (w *writer) line(text []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		_, w.err = w.w.Write(append(text, '\n'))
	}
	return w.err
}

func (w *writer) failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// encoder writes values as JSON, in ASCII. What JSON has no number for is null.
type encoder struct {
	b     []byte
	files *files
	err   error
}

func (e *encoder) value(v any) {
	switch v := v.(type) {
	case nil:
		e.b = append(e.b, "null"...)
	case bool:
		e.b = strconv.AppendBool(e.b, v)
	case int:
		e.b = strconv.AppendInt(e.b, int64(v), 10)
	case int64:
		e.b = strconv.AppendInt(e.b, v, 10)
	case uint64:
		e.b = strconv.AppendUint(e.b, v, 10)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			e.b = append(e.b, "null"...)
			return
		}
		e.b = strconv.AppendFloat(e.b, v, 'g', -1, 64)
	case string:
		e.text(v)
	case id:
		e.b = append(e.b, v...)
	case object:
		e.object(v)
	case []any:
		list(e, v, e.value)
	case []string:
		list(e, v, e.text)
	case numbers:
		list(e, v, func(n int) { e.value(n) })
	case array:
		e.array(v)
	default:
		e.value(nil)
	}
}

func (e *encoder) object(o object) {
	e.b = append(e.b, '{')
	for i, m := range o {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		e.text(m.key)
		e.b = append(e.b, ':')
		e.value(m.value)
	}
	e.b = append(e.b, '}')
}

func list[T any](e *encoder, v []T, each func(T)) {
	e.b = append(e.b, '[')
	for i, x := range v {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		each(x)
	}
	e.b = append(e.b, ']')
}

func (e *encoder) text(s string) {
	const hex = "0123456789abcdef"
	unit := func(r uint16) {
		e.b = append(e.b, '\\', 'u', hex[r>>12], hex[r>>8&15], hex[r>>4&15], hex[r&15])
	}
	e.b = append(e.b, '"')
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case r == '"' || r == '\\':
			e.b = append(e.b, '\\', byte(r))
		case r == '\n':
			e.b = append(e.b, '\\', 'n')
		case r >= ' ' && r <= '~':
			e.b = append(e.b, byte(r))
		case r >= 0x10000:
			r -= 0x10000
			unit(0xd800 + uint16(r>>10))
			unit(0xdc00 + uint16(r&0x3ff))
		default:
			unit(uint16(r))
		}
	}
	e.b = append(e.b, '"')
}
